"""Requests for tests: a doctor's practice permit, filled in, handed in, and people of its unit.

Lina and Joko are officers of DPMPTSP, Maya is its head; Rina and Dewi of the cast must see nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.core.files import file_store
from app.places.city import current_city
from app.requests.actions import begin, find, save
from app.requests.papers import ReadyPaper, asked_slots, keep, store
from app.requests.questions import Value
from app.requests.request_actions import hand_in
from app.requests.service_files import service_of as service_of_source
from app.requests.services import Service, Services
from tests import cast
from tests.cast import Person
from tests.conftest import START, Block
from tests.pages import Client

NAME, NIK, PHONE = "Yanti Br. Siregar", "1271015708920003", "+6281234567890"
EMAIL = "yanti@contoh.id"
STAFF = (
    Person("lina", "Lina Simbolon", "officer", "dpmptsp"),
    Person("joko", "Joko Prasetyo", "officer", "dpmptsp"),
    Person("maya", "Maya Tarigan", "head", "dpmptsp"),
)
SECRET_ADDRESS = "Jalan Sei Rahasia 77"
ANSWERS: Mapping[str, list[dict[str, Value]]] = {
    "applicant": [
        {
            "name": NAME,
            "nik": NIK,
            "phone": PHONE,
            "email": EMAIL,
            "address": SECRET_ADDRESS,
            "area": "12.71.01.1001",
        }
    ],
    "permit": [
        {"profession": "doctor", "order": "first", "place_kind": "facility", "superior": "no"}
    ],
    "str": [{"number": "STR-0099-XYZ", "validity": "life"}],
    "practice": [
        {
            "name": "Klinik Melati",
            "address": "Jalan Gatot Subroto 12",
            "area": "12.71.01.1001",
            "hours": "Senin–Jumat 16.00–20.00",
        }
    ],
    "delivery": [{"how": "site"}],
}
"""The normal answers of a whole form for SIP-DOK."""


def jpeg(color: str = "white") -> bytes:
    """A photo of a paper."""
    out = BytesIO()
    Image.new("RGB", (60, 80), color).save(out, "JPEG")
    return out.getvalue()


def service_of(app: Flask, room: str = "permits", code: str = "SIP-DOK") -> Service:
    """A service of the running site."""
    services: Services = app.extensions["services"]
    found = services.find(room, code)
    assert found
    return found


def changed(app: Flask, **more: Any) -> Service:
    """The doctor's permit with other words in its file."""
    with app.app_context():
        return service_of_source({**service_of(app).source, **more}, "permits", current_city())


def charged(app: Flask) -> Service:
    """The same with a fee by a city bylaw."""
    return changed(app, fee={"kind": "perda"})


def filled(
    app: Flask,
    session: Session,
    at: datetime = START,
    answers: Mapping[str, list[dict[str, Value]]] = ANSWERS,
    service: Service | None = None,
) -> str:
    """A whole form with all its papers; its code."""
    service, vault = service or service_of(app), app.extensions["vault"]
    code = begin(session, vault, service, at)
    application = find(session, vault, code, at, lock=True)
    assert application
    for section, entries in answers.items():
        save(vault, application, service, section, entries, at)
    ready = ReadyPaper("jpeg", jpeg(), jpeg("gray"), 1)
    for slot in asked_slots(service, answers):
        if not slot.optional:
            stored = store(file_store(), vault, ready)
            keep(session, stored, slot.key, at, application=application)
    return code


def request(
    app: Flask, session: Session, at: datetime = START, service: Service | None = None,
    answers: Mapping[str, list[dict[str, Value]]] = ANSWERS, language: str = "id",
) -> tuple[Case, str]:  # fmt: skip
    """A request that has just come in, and its code."""
    code, vault = filled(app, session, at, answers, service), app.extensions["vault"]
    application = find(session, vault, code, at, lock=True)
    assert application
    case = hand_in(
        session, vault, current_city(), service or service_of(app), application, code, language, at
    )
    return case, code


def handed_in(app: Flask, write: Block, **more: Any) -> tuple[str, str]:
    """The same in a transaction of its own: its number and its code."""
    with write() as session:
        case, code = request(app, session, **more)
        return case.number, code


def hire(write: Block) -> None:
    """Make the accounts of the unit that issues permits."""
    with write() as session:
        for person in STAFF:
            cast.hire_one(session, person, START)


def person(app: Flask, write: Block, username: str) -> Client:
    """Somebody of that unit, signed in."""
    return cast.signed_in(app, username)


def holder(app: Flask, code: str) -> Client:
    """A browser in which the code of a request was typed on the tracking page."""
    client = Client(app, language="id")
    client.get("/lacak").form("Buka laporan", field="code").force("code", code).submit()
    return client
