"""The people of the tests. Siti reports; the others are staff.

Budi verifies, Rina and Tono (head) work for public works (SDABMBK), Dewi for transport (Dishub),
Ayu runs the accounts.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core.models import Outbox
from app.staff import passwords
from app.staff.actions import Profile, add
from tests.pages import Client

PASSWORD = "hujan-deras-di-medan-2026"

#: As shipped, a sign-in takes a third of a second of work; the tests sign in hundreds of times.
SHIPPED_METHOD = passwords.METHOD
passwords.METHOD = "scrypt:256:8:1"


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    role: str
    unit_code: str | None = None

    @property
    def email(self) -> str:
        return f"{self.username}@medan.test"


STAFF = (
    Person("budi", "Budi Nasution", "verifier"),
    Person("rina", "Rina Siregar", "officer", "sdabmbk"),
    Person("dewi", "Dewi Lubis", "officer", "dishub"),
    Person("tono", "Tono Harahap", "head", "sdabmbk"),
    Person("ayu", "Ayu Simanjuntak", "admin"),
)


def unlogged(*_event: object) -> None:
    """Stands where the event log would be."""


def hire(session: Session, now: datetime) -> None:
    """Make the accounts as `flask staff add` does; a test starts without events and mails."""
    hashed = passwords.hashed(PASSWORD)
    for person in STAFF:
        profile = Profile(person.name, person.email, person.role, person.unit_code, "id")
        add(session, unlogged, None, person.username, profile, hashed, now, temporary=False)
    session.execute(delete(Outbox))


def signed_in(app: Flask, username: str) -> Client:
    """A browser in which this member of staff has signed in, through the page."""
    client = Client(app, language="id")
    form = client.get("/petugas/masuk").form(field="password")
    form.fill(username=username, password=PASSWORD)
    with pytest.MonkeyPatch.context() as patch:  # hashing is slow by design, and tested elsewhere
        patch.setattr(passwords, "matches", lambda _hash, typed: typed == PASSWORD)
        page = form.submit(follow=False)
    assert page.status == 303, page.errors()
    return client
