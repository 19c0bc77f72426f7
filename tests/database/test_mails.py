"""Every mail of mails.toml: one trigger each, made for every reader, nothing private outside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases import digests
from app.cases.delivery import compose
from app.cases.lifecycle import CLOCK, HOLDER, PUBLIC, Action, Move
from app.cases.links import PATHS
from app.cases.models import Case, Subscription, Support
from app.cases.telling import (
    BREACH,
    CONFIRM,
    EXPORT_READY,
    FOLLOWED,
    NEWS,
    OWN_LIST,
    READERS,
    SEARCH_NEWS,
    TOGETHER,
    UNSUBSCRIBED,
)
from app.complaints.actions import support
from app.complaints.lifecycle import LIFECYCLE
from app.core.clock import now
from app.core.mail import Mails
from app.core.models import Outbox
from app.core.outbox import claim, enqueue
from app.core.vault import Vault
from app.places.city import current_city
from app.requests.lifecycle import lifecycle_of
from app.staff.catalogue import ACCOUNT_EVENTS
from app.staff.models import Staff
from app.worker import Worker
from tests.conftest import START
from tests.histories import DRAFT, brought_to, person, step

EMAIL = "siti.marker@contoh.test"
PHONE = "081298765432"
NAME = "MarkahNama"
WORD = "MarkahTeks"
TOMORROW = START + timedelta(days=1)

DISCREET = {"receipt_discreet", "update_discreet"}
DAILY = {
    digests.THREATS_WAIT,
    digests.VERIFY_OVERDUE,
    digests.STAFF_DIGEST,
    digests.MAIL_FAILURES,
    SEARCH_NEWS,
}


def of_lifecycle() -> set[str]:
    tables = (LIFECYCLE, lifecycle_of("permits"))
    return {mail for table in tables for row in table.rows() for mail in row.tells}


def of_complaints() -> set[str]:
    return {mail for row in LIFECYCLE.rows() for mail in row.tells}


def of_accounts() -> set[str]:
    return {mail for event in ACCOUNT_EVENTS.values() for mail in event.tells}


@pytest.fixture
def mails(app: Flask) -> Mails:
    return Worker(app).office.mails


# ---------------------------------------------------------------- who is told


def test_every_mail_has_one_trigger(mails: Mails) -> None:
    groups = [
        of_lifecycle() - TOGETHER - DISCREET,
        DAILY,
        of_accounts(),
        {NEWS, FOLLOWED, CONFIRM, UNSUBSCRIBED, EXPORT_READY, OWN_LIST, BREACH},
        DISCREET,
    ]
    triggers = [mail for group in groups for mail in group]
    assert sorted(triggers) == sorted(mails.mails)


def test_each_mail_goes_to_whom_its_text_is_for(mails: Mails) -> None:
    to_others = {
        NEWS: "supporter",
        FOLLOWED: "subscriber",
        "referred_outside": "outside body",
        "staff_assigned": "officer or unit desk",
        "staff_reply": "officer who holds the case",
        "staff_disputed": "officer and head of unit",
        "reminder_officer": "officer",
        "overdue_officer": "officer",
        "overdue_head": "head of unit",
        "overdue_secretary": "city secretariat",
        "reporter_threatened": "person responsible for protecting reporters",
        "request_fixed": "officer or unit desk",
        "request_written": "officer or unit desk",
        "request_assigned": "officer",
        "request_reminder_officer": "officer",
        "request_overdue_officer": "officer",
        "request_overdue_head": "head of unit",
        "request_overdue_secretary": "city secretariat",
    }
    assert set(READERS) == set(to_others)
    for name in of_lifecycle() - TOGETHER:
        assert mails.mails[name].to == to_others.get(name, "reporter"), name


def test_links_lead_to_pages_there_are(app: Flask) -> None:
    adapter = app.url_map.bind("127.0.0.1")
    for name, path in PATHS.items():
        address = path.format(token="t", number="2611-0001")
        assert adapter.test(address, method="GET"), name


# ---------------------------------------------------------------- each row of the lifecycle


DOER = {HOLDER: "holder", CLOCK: "clock", "case.verify": "budi", "case.work": "rina"}


def told_of(row: Move | Action, session: Session, **changes: str) -> Case:
    """A case on which this row was just taken."""
    state = (row.frm if isinstance(row, Move) else row.states)[0]
    draft = {"text": f"{DRAFT.text} {WORD}.", "name": NAME, "phone": PHONE, "email": EMAIL}
    case = brought_to(session, state, START, **{**draft, **changes})
    follow(session, case)
    if row.guard == "threat_waits":
        step(session, case, "holder", "threatened_here", now())
    if row.guard == "merge_contested":
        step(session, case, "holder", "contest_merge", now())
    if row.guard == "may_decide_objection":
        step(session, case, "holder", "object", now())
        case.decided_by_id = None
    step(session, case, DOER.get(row.who, "tono"), row.name, now())
    return case


def sheltered(row: Move | Action) -> bool:
    """Whether the report is rahasia once this row was taken, whatever it was before."""
    return "reporter_threatened" in row.tells or row.guard == "threat_waits"


def follow(session: Session, case: Case) -> None:
    if case.visibility == "rahasia" or case.closed_at:
        return
    support(session, current_city(), case, f"key-{case.id}", now())
    followed = session.scalars(select(Support).where(Support.case_id == case.id)).one()
    followed.email, followed.confirmed_at = vault().encrypt("warga@contoh.test"), now()
    email = vault().encrypt("umum@contoh.test")
    row = {"kind": case.kind, "case_id": case.id, "key": f"key-{case.id}", "email": email}
    session.add(Subscription(**row, language="id", at=now(), confirmed_at=now()))
    session.flush()


def vault() -> Vault:
    kept: Vault = current_app.extensions["vault"]
    return kept


def rows_that_tell() -> Iterator[Move | Action]:
    for row in LIFECYCLE.rows():
        if row.name != "file" and row.who != PUBLIC and row.tells:
            yield row


@pytest.fixture
def full_city(app: Flask) -> Flask:
    """A city in which everybody has a mailbox."""
    city = app.extensions["city"]
    app.extensions["city"] = replace(
        city,
        units=tuple(replace(unit, mailbox=f"{unit.code}@medan.test") for unit in city.units),
        agencies=tuple(replace(body, email=f"{body.code}@luar.test") for body in city.agencies),
    )
    return app


@pytest.mark.parametrize(
    ("visibility", "language"), list(product(("publik", "anonim", "rahasia"), ("id", "en")))
)
def test_every_mail_can_be_made_and_its_outside_tells_nothing(
    full_city: Flask, session: Session, visibility: str, language: str
) -> None:
    office, city = Worker(full_city).office, current_city()
    for member in session.scalars(select(Staff)):
        member.language = language
    category = city.category(DRAFT.category_slug).name
    private = [
        *(EMAIL, PHONE, NAME, WORD, "becak", "Gang Melati", "Lubang besar"),
        *("Sudah kami periksa", "Tempatnya belum bisa", "Menunggu aspal"),
        *(category.id, category.en, city.village(DRAFT.village_code or "").name),
    ]
    if visibility != "publik":
        private += [name for u in city.units for name in (u.short.id, u.short.en)]
    made: set[str] = set()
    for row in rows_that_tell():
        case = told_of(row, session, visibility=visibility, language=language)
        for letter in claim(session, TOMORROW, limit=200):
            message = compose(session, office, letter, now())
            assert message is not None, letter
            made.add(letter.mail)
            headers = " ".join(f"{value}" for key, value in message.items() if key != "To")
            assert [word for word in private if word in headers] == [], (row.name, letter.mail)
            assert case.visibility == ("rahasia" if sheltered(row) else visibility)
            del message["To"]
            if visibility != "publik" and letter.reader.startswith("reporter:"):
                inside = message.as_string()
                assert [word for word in private if word in inside] == [], letter.mail
    expected = of_complaints() | {NEWS, FOLLOWED}
    assert made - DISCREET <= expected
    if visibility == "publik":
        assert made == expected - TOGETHER


def test_mails_of_a_day_can_be_made(app: Flask, session: Session) -> None:
    office, rina = Worker(app).office, person(session, "rina")
    figures = {"due_today": 1, "late": 2, "disputed": 0, "waiting": 3, "new": 1}
    lines = [{"number": "2611-0001", "state": "assigned", "due_on": "2026-12-01"}]
    to = f"staff:{rina.id}"
    enqueue(session, "staff_digest", to, now(), values={**figures, "lines": lines})
    enqueue(session, "staff_digest", to, now(), values={**figures, "lines": []})
    enqueue(session, "verify_overdue", to, now(), values={"n": 2})
    enqueue(session, "mail_failures", to, now(), values={"n": 2, "incident": "261125"})
    enqueue(session, "password_changed", to, now(), values={"datetime": now().isoformat()})
    device = {"datetime": now().isoformat(), "device": "Firefox, Android"}
    enqueue(session, "new_device", to, now(), values=device)
    made = [compose(session, office, letter, now()) for letter in claim(session, TOMORROW)]
    texts = [m.get_body(("plain",)).get_content() for m in made if m]  # type: ignore[union-attr]
    assert "- 2611-0001, Terdisposisi, 1 Des 2026: http" in texts[0]
    assert "Tidak ada yang mendesak hari ini." in texts[1]
    assert len(texts) == 6


# ---------------------------------------------------------------- special words


def queued(session: Session, mail: str) -> list[Outbox]:
    return list(session.scalars(select(Outbox).where(Outbox.mail == mail)))


def test_a_reason_is_the_listed_one_and_then_the_verifiers_own(
    app: Flask, session: Session
) -> None:
    case = brought_to(session, "rejected", START, email=EMAIL)
    body = text_of(app, session, "rejected", case)
    assert "> Kami membaca laporan ini dua kali" in body
    assert "> Tempatnya belum bisa kami temukan." in body


def test_a_secret_reports_words_go_to_no_mailbox(app: Flask, session: Session) -> None:
    case = brought_to(session, "disputed", START, email=EMAIL, visibility="rahasia")
    body = text_of(app, session, "staff_disputed", case)
    assert "Belum dikerjakan" not in body
    assert "Alasannya hanya ada di halaman laporan." in body


def test_an_extension_names_the_old_date_and_the_new_one(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START, email=EMAIL)
    old = case.due_on
    step(session, case, "tono", "extend", now())
    (mail,) = queued(session, "extended")
    assert old is not None
    assert case.due_on is not None
    assert (mail.values["due_date"], mail.values["new_date"]) == (
        old.isoformat(),
        case.due_on.isoformat(),
    )


def test_an_outside_body_reads_the_public_copy(full_city: Flask, session: Session) -> None:
    text = f"{DRAFT.text} Hubungi saya di {PHONE} atau {EMAIL}."
    case = brought_to(session, "referred", START, text=text)
    body = text_of(full_city, session, "referred_outside", case)
    assert "Lubang besar di depan pangkalan becak" in body
    assert PHONE not in body
    assert EMAIL not in body


def test_of_a_made_up_report_nobody_is_told(full_city: Flask, session: Session) -> None:
    case = brought_to(session, "assigned", START)
    case.demo = True
    before = session.scalar(select(func.count()).select_from(Outbox))
    step(session, case, "budi", "refer", now())
    assert session.scalar(select(func.count()).select_from(Outbox)) == before


def test_supporters_do_not_read_what_nobody_has_looked_at(app: Flask, session: Session) -> None:
    case = brought_to(session, "answered", START)
    follow(session, case)
    step(session, case, "holder", "dispute", now())
    body = text_of(app, session, NEWS, case)
    assert "Belum dikerjakan sama sekali" not in body
    assert "Ditanggapi pelapor, belum selesai" in body


def text_of(app: Flask, session: Session, mail: str, case: Case) -> str:
    """The text of the first mail of this name about a case."""
    letters = claim(session, TOMORROW, limit=200)
    letter = next(found for found in letters if (found.mail, found.case_id) == (mail, case.id))
    message = compose(session, Worker(app).office, letter, now())
    assert message is not None
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
