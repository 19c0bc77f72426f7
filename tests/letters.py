"""Letters for tests: issued by Rina, verified by the code printed on the paper."""

import io
import re
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.letters.actions import Content, issue
from app.letters.models import Letter
from app.letters.pades import LocalSigner, make_key
from app.letters.paper import Sheet
from app.letters.queries import paper_of
from app.places.city import current_city
from app.places.facts import Text
from app.staff.models import Staff
from tests.conftest import START
from tests.databases import quick_folder

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
SHEET = Sheet(
    language="id",
    city="Kota Medan",
    unit="Dinas Kependudukan dan Pencatatan Sipil",
    title="Kutipan akta kelahiran",
    number="0001/DISDUKCAPIL/2026",
    holder="Siti Aminah Nasution",
    body=(("Nama anak", "Putri Nasution"),),
    place="Medan",
    day=date(2026, 11, 24),
    valid_until=date(2027, 11, 24),
    officer="Rina Siregar",
    position="Petugas pencatatan sipil",
    code="7K3M-9QXD-4TRW",
    address="https://tanggap.medan.example/verifikasi",
)
PASSPHRASE = "kunci surat untuk uji"


@cache
def key_file() -> bytes:
    """A PKCS#12 file, made once a run."""
    with quick_folder() as folder:
        path = Path(folder) / "key.p12"
        make_key(path, PASSPHRASE, "Kota Medan", START)
        return path.read_bytes()


@cache
def signer() -> LocalSigner:
    """The city's own key, as opened."""
    with quick_folder() as folder:
        path = Path(folder) / "key.p12"
        path.write_bytes(key_file())
        return LocalSigner.load(path, PASSPHRASE)


def officer(session: Session, username: str = "rina") -> Staff:
    return session.scalars(select(Staff).where(Staff.username == username)).one()


def issued(
    app: Flask, session: Session, now: datetime = START, *, who: str = "rina", **changes: Any
) -> Letter:
    """A letter, issued inside the session's transaction."""
    content = replace(CONTENT, **changes)
    vault, files = app.extensions["vault"], app.extensions["files"]
    city, by = current_city(), officer(session, who)
    return issue(session, vault, files, signer(), city, content, by, now)


def text_of(pdf: bytes) -> str:
    """What somebody who selects everything copies."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def code_on(pdf: bytes) -> str:
    """The code as it is printed."""
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(pdf))
    assert found
    return found[0]


def code_of(app: Flask, letter: Letter) -> str:
    """The code of a letter, read from its paper."""
    return code_on(paper_of(app.extensions["files"], app.extensions["vault"], letter))


class Provider:
    """Signs somewhere else."""

    name = "TTE for tests"

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        return b"%PDF-of-the-provider"


def signer_of_a_provider(_settings: Settings) -> Provider:
    """What ``SIGNER`` may name."""
    return Provider()
