"""The people of the tests. Siti reports; the others are staff.

Budi verifies, Rina and Tono (head) work for public works (SDABMBK), Dewi for transport (Dishub),
Ayu runs the accounts.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from tests.pages import Client

PASSWORD = "hujan-deras-di-medan-2026"


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


def hire(session: Session, now: datetime) -> None:
    """Make the staff accounts, by the same action as `flask staff add`."""


def signed_in(app: Flask, username: str) -> Client:
    """A browser in which this member of staff has signed in, through the page."""
    client = Client(app, language="id")
    page = client.get("/petugas/masuk")
    form = page.form(field="password").fill(username=username, password=PASSWORD)
    page = form.submit()
    assert page.status == 200, page.errors()
    return client
