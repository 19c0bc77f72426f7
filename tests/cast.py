"""The people of the tests. Siti reports; the others are staff.

Budi verifies, Rina and Tono (head) work for public works (SDABMBK), Dewi for transport (Dishub),
Ayu runs the accounts.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import transaction
from app.core.models import Outbox
from app.extensions import db
from app.staff import passwords, queries
from app.staff.actions import Profile, add, sign_in
from app.staff.devices import device_of
from app.staff.log import event_sink
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
    for person in STAFF:
        hire_one(session, person, now)
    session.execute(delete(Outbox))


def hire_one(session: Session, person: Person, now: datetime) -> None:
    """Make one more account with the password of all."""
    hashed = passwords.hashed(PASSWORD)
    profile = Profile(person.name, person.email, person.role, person.unit_code, "id")
    add(session, unlogged, None, person.username, profile, hashed, now, temporary=False)


def signed_in(app: Flask, username: str) -> Client:
    """A browser in which this member of staff has signed in a moment ago.

    The session is opened as the sign-in page does it, without its two requests; the page has tests
    of its own (tests/web/test_staff_sign_in.py).
    """
    client = Client(app, language="id")
    with app.app_context(), transaction("write"):
        checked = queries.credentials(db.session(), username, now())
        assert checked, username
        token = sign_in(db.session(), event_sink(), checked, device_of(""), now())
        db.session.commit()
    assert token, username
    with client.http.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client
