"""Erasing personal data: a day after it was asked for, everywhere, without breaking the history."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.cases import seals
from app.cases.actions import Given, take
from app.cases.erasure import erase
from app.cases.events import THE_HOLDER, by
from app.cases.mail_actions import Matter, subscribe
from app.cases.models import Attachment, Case, Contact, Event, Message, Subscription, Support
from app.cases.queries import by_code
from app.complaints.models import Complaint
from app.core.clock import now
from app.core.files import new_key
from app.core.models import Outbox
from app.core.photos import StoredPhoto
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import brought_to, code_of, filed, person, step
from tests.mailbox import Mailbox

EMAIL = "siti.marker@contoh.test"
MARKS = ("MarkahNama", "081298765432", "MarkahTeks", "MarkahBalasan", "MarkahCatatan")
DAY = timedelta(hours=24, minutes=1)


def picture(app: Flask) -> StoredPhoto:
    """A stored photo of the reporter."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG")
    full, thumb = new_key("photos"), new_key("photos")
    for key in (full, thumb):
        app.extensions["files"].put(key, data.getvalue())
    return StoredPhoto(full, thumb, 8, 8, len(data.getvalue()), full[-28:].ljust(64, "0"))


@pytest.fixture
def case(app: Flask, write: Block) -> Case:
    """A closed report full of personal data, whose reporter has asked for erasure."""
    with write() as session:
        name, phone, text, reply, note = MARKS
        made = filed(
            session,
            START,
            text=f"Lubang besar di depan rumah {text}, mohon segera ditutup.",
            name=name,
            phone=phone,
            email=EMAIL,
        )
        code = code_of(made)
        step(session, made, "budi", "assign", START)
        city = app.extensions["city"]
        given = Given(words=f"Rumah saya nomor tiga, tanya {reply}.", photos=(picture(app),))
        take(session, made, "add", THE_HOLDER, given, city, START)
        rina = by(person(session, "rina"))
        take(session, made, "note", rina, Given(words=f"Orangnya {note}."), city, START)
        step(session, made, "rina", "start", START)
        step(session, made, "rina", "answer", START)
        step(session, made, "holder", "confirm", START)
        step(session, made, "holder", "erase", now())
        made.code = code  # type: ignore[attr-defined]
        return made


def rounds(app: Flask) -> None:
    with app.app_context():
        assert Worker(app).round()


def test_a_day_passes_before_anything_is_erased(
    app: Flask, case: Case, read: Block, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=23))
    rounds(app)
    with read() as session:
        assert session.get_one(Case, case.id).erased_at is None
        assert session.get(Contact, case.id) is not None


def test_then_everything_personal_is_gone(
    app: Flask, case: Case, read: Block, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    rounds(app)
    mailbox.clear()
    clock.shift(DAY)
    rounds(app)
    with read() as session:
        erased = session.get_one(Case, case.id)
        assert erased.erased_at is not None
        assert session.get(Contact, case.id) is None
        assert session.scalars(select(Attachment)).all() == []
        complaint = session.get_one(Complaint, case.id)
        messages = session.scalars(select(Message).where(Message.case_id == case.id)).all()
        assert {m.salt for m in messages} | {complaint.salt} == {""}
        assert not [m.body for m in messages if "MarkahCatatan" in m.body]
        assert all(m.body == m.public_body for m in messages)
        names = session.scalars(select(Event.name).where(Event.case_id == case.id)).all()
        assert names[-1] == "erased"
        assert by_code(session, app.extensions["vault"], case.code) is None  # type: ignore[attr-defined]
        assert seals.verify(session) is None
    (notice,) = mailbox.to(EMAIL)
    assert notice["Subject"] == f"Data Anda di {case.number} sudah dihapus"


@pytest.mark.parametrize(
    ("state", "visibility", "kept"),
    [
        ("closed", "publik", (3.58123, 98.67456)),  # everybody has seen it there
        ("closed", "anonim", (3.581, 98.675)),
        ("closed", "rahasia", (None, None)),
        ("rejected", "publik", (None, None)),
    ],
)
def test_of_the_place_only_what_the_public_could_see_stays(
    app: Flask, write: Block, state: str, visibility: str, kept: tuple[float | None, ...]
) -> None:
    with write() as session:
        pin = {"latitude": 3.58123, "longitude": 98.67456}
        case = brought_to(session, state, START, visibility=visibility, **pin)
        erase(session, case, app.extensions["city"], app.extensions["files"], now())
        assert (case.latitude, case.longitude) == pytest.approx(kept)


def test_those_who_followed_are_forgotten_too(app: Flask, write: Block) -> None:
    with write() as session:
        case = brought_to(session, "closed", START)
        vault = app.extensions["vault"]
        email = vault.encrypt("tetangga@contoh.id")
        session.add(Support(case_id=case.id, key="k", at=START, email=email, confirmed_at=START))
        subscribe(session, vault, Matter(case.kind, case.id), EMAIL, "id", START)
        erase(session, case, app.extensions["city"], app.extensions["files"], now())
        session.expire_all()
        assert session.scalars(select(Support.email)).all() == [None]
        assert session.scalars(select(Subscription.id)).all() == []


def test_files_are_gone_with_their_rows(
    app: Flask, case: Case, instance: Path, clock: time_machine.Traveller
) -> None:
    uploads = instance / "uploads"
    assert len([path for path in uploads.rglob("*") if path.is_file()]) == 2
    clock.shift(DAY)
    rounds(app)
    assert [path for path in uploads.rglob("*") if path.is_file()] == []


def test_the_address_stays_until_the_notice_is_sent_and_not_longer(
    app: Flask, case: Case, read: Block, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    mailbox.refusal = "451 4.3.0 later"
    clock.shift(DAY)
    rounds(app)
    with read() as session:
        contact = session.get_one(Contact, case.id)
        assert contact.email is not None
        assert (contact.name, contact.phone, contact.show_name) == (None, None, False)
    mailbox.refusal = "550 5.1.1 unknown"
    clock.shift(timedelta(minutes=2))
    rounds(app)
    with read() as session:
        assert session.get(Contact, case.id) is None


def test_a_report_without_an_address_is_erased_without_a_mail(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        made = brought_to(session, "closed", START, phone="081298765432")
        step(session, made, "holder", "erase", now())
    clock.shift(DAY)
    rounds(app)
    with read() as session:
        assert session.get(Contact, made.id) is None
        assert "erasure_done" not in session.scalars(select(Outbox.mail)).all()


def test_old_reports_lose_their_personal_data(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        made = brought_to(session, "closed", START, phone="081298765432")
    clock.shift(timedelta(days=729))
    rounds(app)
    with read() as session:
        assert session.get_one(Case, made.id).erased_at is None
    clock.shift(timedelta(days=2))
    rounds(app)
    with read() as session:
        assert session.get_one(Case, made.id).erased_at is not None


def test_nothing_is_left_in_the_database_files(
    app: Flask,
    case: Case,
    write: Block,
    database_url: str,
    mailbox: Mailbox,
    clock: time_machine.Traveller,
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL clears dead rows by itself")
    file = Path(database_url.removeprefix("sqlite:///"))

    def held() -> set[str]:
        files = [path for path in file.parent.glob(f"{file.name}*") if path.is_file()]
        content = b"".join(path.read_bytes() for path in files)
        return {mark for mark in marks if mark.encode() in content}

    marks = {"MarkahCatatan", encrypted(write, case)}
    assert held() == marks
    clock.shift(DAY)
    rounds(app)
    assert held() == set()


def encrypted(write: Block, case: Case) -> str:
    with write() as session:
        email = session.get_one(Contact, case.id).email
        assert email is not None
        return email
