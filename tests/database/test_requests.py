"""Requests in the database and as time passes: what a thief reads, what lapses, what is erased."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app.cases import clocks, seals
from app.cases.actions import Given, open_steps, take
from app.cases.contacts import forget_email
from app.cases.erasure import erase
from app.cases.events import THE_HOLDER, by
from app.cases.models import Case, Contact
from app.cases.queries import by_number
from app.core.clock import now
from app.core.files import file_store
from app.core.models import Outbox
from app.extensions import db
from app.places.city import current_city
from app.requests import request_actions
from app.requests.models import Paper, Request
from app.requests.request_queries import filed
from app.staff.models import Staff
from app.worker import Worker
from tests import cast, filing
from tests.cast import Person
from tests.conftest import START, Block
from tests.letters import CONTENT, signer

WHY = "Nomor ini milik orang bernama Rahasia."
DAY = timedelta(days=1)


def checked(app: Flask, write: Block, number: str, wrong: str = "") -> None:
    """The file opened and looked through by Lina; one item may be wrong."""
    with write() as session:
        case, vault, city = by_number(session, number), app.extensions["vault"], current_city()
        lina = session.scalars(select(Staff).where(Staff.username == "lina")).one()
        assert case
        request_actions.open_file(session, case, lina, city, now())
        found = filed(session, vault, case, city)
        checks = {item.key: WHY if item.key == wrong else "" for item in found.items}
        request_actions.save_checks(session, vault, case, found, checks, lina, city, now())
        take(session, case, "ask_fix" if wrong else "complete", by(lina), Given(), city, now())


def mails(app: Flask) -> list[str]:
    """What one round of the clock queues."""
    with app.app_context():
        before = set(db.session.scalars(select(Outbox.id)))
        db.session.rollback()
        clocks.run(db.session(), app.extensions["city"], app.extensions["files"], now())
        rows = db.session.scalars(select(Outbox).order_by(Outbox.id)).all()
        found = [row.mail for row in rows if row.id not in before]
        db.session.rollback()
        return found


def state(read: Block, number: str) -> str:
    with read() as session:
        return session.scalars(select(Case.state).where(Case.number == number)).one()


def test_a_thief_of_database_and_files_reads_nothing(
    app: Flask, write: Block, instance: Path, database_url: str
) -> None:
    filing.hire(write)
    number, code = filing.handed_in(app, write)
    checked(app, write, number, wrong="str.1.number")
    files = [path for path in instance.rglob("*") if path.is_file()]
    if database_url.startswith("sqlite"):
        path = Path(make_url(database_url).database or "")
        files += [one for one in (path, Path(f"{path}-wal")) if one.exists()]
    stolen = b"".join(path.read_bytes() for path in files)
    with write() as session:
        for table in (Request.__table__, Contact.__table__):
            stolen += repr(session.execute(select(table)).all()).encode()
    assert len(stolen) > 10_000
    for secret in (filing.NAME, filing.NIK, filing.PHONE, filing.EMAIL, filing.SECRET_ADDRESS,
                   "STR-0099-XYZ", WHY, code):  # fmt: skip
        assert secret.encode() not in stolen, secret
    assert b"\xff\xd8\xff" not in stolen  # no JPEG


def test_whoever_does_not_mend_in_time_is_reminded_and_the_request_is_closed(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    checked(app, write, number, wrong="str.1.number")
    days = app.extensions["city"].promises.needs_info_days
    clock.move_to(START + DAY * (days - 3))
    assert mails(app).count("request_reminder") == 1
    assert "request_reminder" not in mails(app)
    clock.move_to(START + DAY * (days + 1))
    assert "request_lapsed" in mails(app)
    assert state(read, number) == "cancelled"


def test_a_broken_promise_climbs_without_telling_what_it_is_about(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    secretary = Person("sekda", "Sekretaris Daerah", "viewer", "setda")
    with write() as session:
        cast.hire_one(session, secretary, START)
    number, _code = filing.handed_in(app, write)
    clock.move_to(START + DAY * 3)  # Friday, the promised day
    assert "request_reminder_officer" in mails(app)
    clock.move_to(START + DAY * 6)
    told = mails(app)
    assert {"request_late", "request_overdue_head"} <= set(told)
    assert "overdue_head" not in told
    clock.move_to(START + DAY * 20)
    assert "request_overdue_secretary" in mails(app)
    assert state(read, number) == "received"


def test_opening_a_late_file_does_not_start_its_lateness_anew(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    clock.move_to(START + DAY * 6)
    assert "request_late" in mails(app)
    with write() as session:
        case, city = by_number(session, number), current_city()
        lina = session.scalars(select(Staff).where(Staff.username == "lina")).one()
        assert case
        request_actions.open_file(session, case, lina, city, now())
        assert case.escalation == 1
    assert "request_late" not in mails(app)


def test_a_proof_of_payment_keeps_a_request_from_lapsing(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write, service=filing.charged(app))
    checked(app, write, number)
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        lina = by(session.scalars(select(Staff).where(Staff.username == "lina")).one())
        given = Given(amount=150_000, words="Perda 1/2024, loket Bank Sumut.")
        take(session, case, "set_fee", lina, given, city, now())
        take(session, case, "pay", THE_HOLDER, Given(), city, now())
    clock.move_to(START + DAY * 60)
    assert "request_lapsed" not in mails(app)
    assert state(read, number) == "fee_sent"


def test_an_objection_nobody_answers_climbs(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    checked(app, write, number)
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        lina = by(session.scalars(select(Staff).where(Staff.username == "lina")).one())
        take(session, case, "refuse", lina, Given(words="Tidak terdaftar."), city, now())
        take(session, case, "object_refusal", THE_HOLDER, Given(words="Terdaftar."), city, now())
    clock.move_to(START + DAY * 7)
    assert {"request_late", "request_overdue_head"} <= set(mails(app))
    assert "request_late" not in mails(app)


def test_verifiers_are_not_told_of_requests_nobody_has_opened(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    filing.handed_in(app, write)
    clock.move_to(START + DAY * 7)
    assert "verify_overdue" not in mails(app)


def test_the_days_of_the_service_run_from_the_complete_file_and_stand_still_while_it_is_paid(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write, service=filing.charged(app))
    clock.move_to(START + DAY * 2)
    checked(app, write, number)
    calendar = app.extensions["city"].calendar
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        complete_on = (START + DAY * 2).date()
        assert case.due_on == case.solve_by == calendar.add(complete_on, 9)
        lina = by(session.scalars(select(Staff).where(Staff.username == "lina")).one())
        given = Given(amount=150_000, words="Perda 1/2024, loket Bank Sumut.")
        take(session, case, "set_fee", lina, given, city, now())
        assert case.clock_left == 9
    clock.move_to(START + DAY * 9)
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        lina = by(session.scalars(select(Staff).where(Staff.username == "lina")).one())
        take(session, case, "payment", lina, Given(words="Bukti nomor 77."), city, now())
        assert case.due_on == calendar.add((START + DAY * 9).date(), 9)


def test_erased_nothing_is_left_but_the_history(app: Flask, write: Block, read: Block) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        take(session, case, "cancel", THE_HOLDER, Given(), city, now())
        take(session, case, "forget", THE_HOLDER, Given(), city, now())
        erase(session, case, city, file_store(), now())
    with read() as session:
        request = session.scalars(select(Request)).one()
        assert (request.answers, request.checks, request.salt) == (None, None, "")
        assert session.scalars(select(Paper)).all() == []
        assert seals.verify(session) is None


def test_what_was_closed_long_ago_is_erased_by_itself_and_its_files_are_swept_away(
    app: Flask, write: Block, read: Block, clock: time_machine.Traveller, instance: Path
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    with write() as session:
        case, city = by_number(session, number), current_city()
        assert case
        take(session, case, "cancel", THE_HOLDER, Given(), city, now())
    kept = [path for path in instance.rglob("papers/**/*") if path.is_file()]
    assert len(kept) == 12
    months = app.extensions["city"].retention.closed_months
    clock.move_to(START + DAY * (months * 31 + 1))
    for path in kept:  # a file's own time is the machine's, not that of the test
        os.utime(path, (START.timestamp(), START.timestamp()))
    with app.app_context():
        Worker(app).round()
    with read() as session:
        assert session.scalars(select(Request.answers)).one() is None
        assert session.scalars(select(Paper)).all() == []
    assert [path for path in kept if path.exists()] == []


def issued(app: Flask, write: Block, number: str) -> None:
    """Checked by Lina and issued by Joko."""
    checked(app, write, number)
    with write() as session:
        case, city, vault = by_number(session, number), current_city(), app.extensions["vault"]
        joko = session.scalars(select(Staff).where(Staff.username == "joko")).one()
        assert case
        found = filed(session, vault, case, city)
        content = replace(CONTENT, unit_code="dpmptsp", service_code="SIP-DOK")
        request_actions.issue(
            session, vault, file_store(), signer(), city, case, found.request, content, joko, now()
        )


def steps(app: Flask, write: Block, number: str, username: str) -> set[str]:
    """What somebody can do with a request now."""
    with write() as session:
        case = by_number(session, number)
        staff = session.scalars(select(Staff).where(Staff.username == username)).one()
        assert case
        rows = open_steps(case, by(staff), current_city(), START.date())
        return {row.name for row in rows}


def do(write: Block, number: str, username: str, name: str, given: Given | None = None) -> None:
    """One step of a member of staff, or of the holder."""
    with write() as session:
        case = by_number(session, number)
        assert case
        who = THE_HOLDER
        if username:
            who = by(session.scalars(select(Staff).where(Staff.username == username)).one())
        take(session, case, name, who, given or Given(), current_city(), now())


def test_a_letter_that_is_being_corrected_can_still_be_revoked(app: Flask, write: Block) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    issued(app, write, number)
    do(write, number, "joko", "correct", Given(words="Nama klinik salah tulis."))
    assert "revoke" in steps(app, write, number, "joko")
    do(write, number, "", "cancel")
    assert "revoke" in steps(app, write, number, "joko")
    do(write, number, "joko", "revoke", Given(words="Terbit dengan data keliru."))
    assert "revoke" not in steps(app, write, number, "joko")


def test_what_is_to_be_erased_is_not_corrected(app: Flask, write: Block) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    issued(app, write, number)
    assert "correct" in steps(app, write, number, "joko")
    do(write, number, "", "forget")
    assert "correct" not in steps(app, write, number, "joko")


def test_a_corrected_letter_is_not_paid_for_twice(app: Flask, write: Block) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write, service=filing.charged(app))
    checked(app, write, number)
    assert "issue" not in steps(app, write, number, "joko")
    do(write, number, "lina", "set_fee", Given(amount=150_000, words="Perda 1/2024."))
    do(write, number, "lina", "payment", Given(words="Bukti nomor 77."))
    with write() as session:
        request = session.scalars(select(Request)).one()
        case = by_number(session, number)
        joko = session.scalars(select(Staff).where(Staff.username == "joko")).one()
        content = replace(CONTENT, unit_code="dpmptsp", service_code="SIP-DOK")
        assert case
        request_actions.issue(
            session, app.extensions["vault"], file_store(), signer(), current_city(), case, request,
            content, joko, now(),
        )  # fmt: skip
    do(write, number, "joko", "correct", Given(words="Nama klinik salah tulis."))
    with write() as session:
        case, vault, city = by_number(session, number), app.extensions["vault"], current_city()
        lina = session.scalars(select(Staff).where(Staff.username == "lina")).one()
        assert case
        found = filed(session, vault, case, city)
        right = {item.key: "" for item in found.items}
        request_actions.save_checks(session, vault, case, found, right, lina, city, now())
    do(write, number, "lina", "complete")
    assert "issue" in steps(app, write, number, "joko")


def test_mending_brings_back_no_mails_that_were_stopped_and_closes_links_to_a_wrong_address(
    app: Flask, write: Block, read: Block
) -> None:
    filing.hire(write)
    number, _code = filing.handed_in(app, write)
    checked(app, write, number, wrong="str.1.number")
    vault = app.extensions["vault"]

    def mended(items: list[str], email: str) -> None:
        with write() as session:
            case = by_number(session, number)
            assert case
            found = filed(session, vault, case, current_city())
            answers = {key: [dict(one) for one in many] for key, many in found.answers.items()}
            answers["applicant"][0]["email"] = email
            request_actions.mend(session, vault, case, found, answers, items, current_city(), now())

    with write() as session:
        contact = session.scalars(select(Contact)).one()
        forget_email(contact)
    mended(["str.1.number"], filing.EMAIL)
    with read() as session:
        assert session.scalars(select(Contact.email_hash)).one() is None
    with write() as session:
        case, city = by_number(session, number), current_city()
        lina = session.scalars(select(Staff).where(Staff.username == "lina")).one()
        assert case
        found = filed(session, vault, case, city)
        checks = {i.key: WHY if i.key == "applicant.1.email" else "" for i in found.items}
        request_actions.save_checks(session, vault, case, found, checks, lina, city, now())
        take(session, case, "ask_fix", by(lina), Given(), city, now())
        version = case.link_version
    mended(["applicant.1.email"], "baru@contoh.id")
    with read() as session:
        case = by_number(session, number)
        assert case
        assert case.contact
        assert case.contact.email
        assert vault.decrypt(case.contact.email) == "baru@contoh.id"
        assert case.link_version == version  # nothing had gone anywhere since it was stopped
