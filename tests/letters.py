"""Letters for tests: issued by Rina, verified by the code printed on the paper."""

import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pypdfium2
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.letters.actions import Content, issue
from app.letters.models import Letter
from app.letters.queries import paper_of
from app.places.city import current_city
from app.places.facts import Text
from app.staff.models import Staff
from tests.conftest import START

SITE = "http://127.0.0.1:8000"
HOLDER = "Siti Aminah Nasution"
CONTENT = Content(
    unit_code="disdukcapil",
    service_code="LHR-01",
    name=Text("Kutipan akta kelahiran", "Extract of birth certificate"),
    holder=HOLDER,
    body=(("Nama anak", "Putri Nasution"), ("Tanggal lahir", "1 November 2026")),
    position="Petugas pencatatan sipil",
    site=SITE,
)


def officer(session: Session, username: str = "rina") -> Staff:
    return session.scalars(select(Staff).where(Staff.username == username)).one()


def issued(
    app: Flask, session: Session, now: datetime = START, *, who: str = "rina", **changes: Any
) -> Letter:
    """A letter, issued inside the session's transaction."""
    content = replace(CONTENT, **changes)
    vault, files = app.extensions["vault"], app.extensions["files"]
    return issue(session, vault, files, current_city(), content, officer(session, who), now)


def text_of(pdf: bytes) -> str:
    """What somebody who selects everything copies."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def code_of(app: Flask, letter: Letter) -> str:
    """The code as it is printed."""
    pdf = paper_of(app.extensions["files"], app.extensions["vault"], letter)
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(pdf))
    assert found
    return found[0]
