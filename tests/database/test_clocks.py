"""What time does by itself: once, in order, also after days of standing still."""

import threading
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import clocks
from app.cases.actions import take
from app.cases.models import Case, Event
from app.core.clock import now
from app.core.models import Outbox
from app.core.outbox import enqueue
from app.extensions import db
from app.staff.models import Staff, StaffSession
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import brought_to, person, step

EMAIL = "siti.marker@contoh.test"
NINE = time(9, 0)


@pytest.fixture
def tell_me(app: Flask, clock: time_machine.Traveller) -> "Days":
    return Days(app, clock)


class Days:
    """Lets days pass in the city and says what was queued on each."""

    def __init__(self, app: Flask, clock: time_machine.Traveller) -> None:
        self.app = app
        self.clock = clock
        self.seen = 0

    def at(self, day: date, hour: time = NINE) -> list[str]:
        """The mails of one round on this local day."""
        zone = self.app.extensions["city"].zone
        self.clock.move_to(datetime.combine(day, hour, zone))
        with self.app.app_context():
            self.round()
            return self.news()

    def round(self) -> dict[str, int]:
        city, store = self.app.extensions["city"], self.app.extensions["files"]
        return clocks.run(db.session(), city, store, now())

    def news(self) -> list[str]:
        rows = db.session.scalars(select(Outbox).where(Outbox.id > self.seen).order_by(Outbox.id))
        fresh = list(rows)
        db.session.rollback()
        self.seen = max((row.id for row in fresh), default=self.seen)
        return [row.mail for row in fresh]

    def each(self, first: date, last: date) -> dict[date, list[str]]:
        """The mails of a round on each day from the first to the last, where there are any."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        told = {day: self.at(day) for day in days}
        return {day: mails for day, mails in told.items() if mails}

    def begin(self) -> None:
        """Forget the mails there are."""
        with self.app.app_context():
            self.news()


def no_digests(write: Block) -> None:
    with write() as session:
        for member in session.scalars(select(Staff)):
            member.digest_sent_on = "9999-12-31"


def made(write: Block, state: str, **changes: object) -> Case:
    no_digests(write)
    with write() as session:
        return brought_to(session, state, START, email=EMAIL, **changes)


def state_of(read: Block, case: Case) -> Case:
    with read() as session:
        return session.get_one(Case, case.id)


# ---------------------------------------------------------------- the reporter's clocks


def test_a_question_without_answer_is_reminded_once_and_then_closed(
    write: Block, read: Block, tell_me: Days
) -> None:
    case = made(write, "needs_info")  # asked on Tuesday 24 November, 30 days
    tell_me.begin()
    assert tell_me.each(date(2026, 11, 25), date(2026, 12, 31)) == {
        date(2026, 12, 17): ["needs_info_reminder"],
        date(2026, 12, 25): ["needs_info_expired"],
    }
    closed = state_of(read, case)
    assert (closed.state, closed.closed_by, closed.close_reason) == (
        "closed",
        "clock",
        "incomplete",
    )


def test_an_answer_without_reply_is_reminded_once_and_then_closed(
    write: Block, read: Block, tell_me: Days
) -> None:
    case = made(write, "answered")  # Tuesday 24 November + 10 working days: Tuesday 8 December
    tell_me.begin()
    assert tell_me.each(date(2026, 11, 25), date(2026, 12, 20)) == {
        date(2026, 12, 3): ["answered_reminder"],
        date(2026, 12, 9): ["closed_auto"],
    }
    assert state_of(read, case).closed_by == "clock"


# ---------------------------------------------------------------- the city's clocks


def test_silence_goes_up_by_itself(write: Block, read: Block, tell_me: Days, app: Flask) -> None:
    case = made(write, "assigned")  # Tuesday 24 November + 5 working days: Tuesday 1 December
    with write() as session:
        add_secretary(session)
    tell_me.begin()
    assert tell_me.each(date(2026, 11, 25), date(2026, 12, 31)) == {
        date(2026, 11, 30): ["reminder_officer"],  # four of five days are used up
        date(2026, 12, 1): ["reminder_officer"],  # the last day
        date(2026, 12, 2): ["late_notice", "overdue_officer", "overdue_head"],
        date(2026, 12, 8): ["overdue_secretary"],  # three working days later
    }
    assert state_of(read, case).escalation == 2


def add_secretary(session: Session) -> None:
    head = person(session, "tono")
    session.add(
        Staff(
            username="sekretaris",
            name="Sekretaris",
            email="sekretaris@medan.test",
            role="head",
            unit_code="setda",
            password_hash="-",
            password_changed_at=head.password_changed_at,
            created_at=head.created_at,
            digest_sent_on="9999-12-31",
        )
    )


def test_a_word_to_the_reporter_gives_the_days_of_grace_again(
    write: Block, read: Block, tell_me: Days
) -> None:
    case = made(write, "in_progress")  # 14 working days from 24 November: Monday 14 December
    with write() as session:
        add_secretary(session)
    tell_me.begin()
    assert tell_me.at(date(2026, 12, 15)) == ["late_notice", "overdue_officer", "overdue_head"]
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "update", START + timedelta(days=22))
    tell_me.begin()  # Wednesday 16 December; Friday 18 is the second and Monday 21 the third day
    assert tell_me.each(date(2026, 12, 17), date(2026, 12, 23)) == {
        date(2026, 12, 22): ["overdue_secretary"]
    }


def test_an_officer_of_a_case_is_told_instead_of_the_unit(
    write: Block, tell_me: Days, read: Block
) -> None:
    case = made(write, "assigned")
    with write() as session:
        step(session, session.get_one(Case, case.id), "tono", "hand_over", START)
        rina = person(session, "rina").id
    tell_me.begin()
    tell_me.at(date(2026, 12, 1))
    with read() as session:
        last = session.scalars(select(Outbox).order_by(Outbox.id.desc())).first()
        assert (last.mail, last.reader) == ("reminder_officer", f"staff:{rina}")  # type: ignore[union-attr]
        assert last.values["days"] == 0  # type: ignore[union-attr]


def test_an_extended_promise_is_reminded_anew(write: Block, read: Block, tell_me: Days) -> None:
    case = made(write, "in_progress")
    tell_me.begin()
    tell_me.at(date(2026, 12, 14))
    with write() as session:
        step(session, session.get_one(Case, case.id), "tono", "extend", START + timedelta(days=20))
    assert state_of(read, case).due_on == date(2027, 2, 12)
    tell_me.begin()
    told = tell_me.each(date(2026, 12, 15), date(2027, 2, 12))
    assert list(told.values()) == [["reminder_officer"], ["reminder_officer"]]
    assert list(told)[-1] == date(2027, 2, 12)


def test_days_of_standing_still_are_made_up_for_once(
    write: Block, read: Block, tell_me: Days
) -> None:
    case = made(write, "assigned")
    tell_me.begin()
    assert tell_me.at(date(2026, 12, 4)) == ["late_notice", "overdue_officer", "overdue_head"]
    assert tell_me.at(date(2026, 12, 4), time(9, 1)) == []
    # the head was told on Friday: the grace runs from there
    assert tell_me.each(date(2026, 12, 5), date(2026, 12, 9)) == {}
    tell_me.at(date(2026, 12, 10))
    assert state_of(read, case).escalation == 2


def test_nothing_happens_twice_in_one_minute(write: Block, tell_me: Days, app: Flask) -> None:
    for state in ("needs_info", "assigned", "answered", "disputed", "submitted"):
        made(write, state)
    with app.app_context():
        tell_me.clock.move_to(START + timedelta(days=60))
        assert tell_me.round()
        assert tell_me.round() == {}


def test_two_workers_take_each_step_once(
    write: Block, read: Block, app: Flask, clock: time_machine.Traveller
) -> None:
    cases = [made(write, "answered").id for _ in range(30)]
    clock.move_to(START + timedelta(days=30))
    together, faults = threading.Barrier(2), []

    def work() -> None:
        try:
            together.wait(10)
            with app.app_context():
                city, store = app.extensions["city"], app.extensions["files"]
                clocks.run(db.session(), city, store, now())
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with read() as session:
        names = session.scalars(select(Event.case_id).where(Event.name == "auto_close"))
        assert Counter(names) == dict.fromkeys(cases, 1)


def test_a_case_that_cannot_be_dealt_with_holds_up_no_other(
    write: Block,
    read: Block,
    app: Flask,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [made(write, "answered").id for _ in range(3)]

    def fails(session: Session, case: Case, *rest: object) -> object:
        if case.id == ids[1]:
            raise ValueError("broken")
        return take(session, case, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(clocks, "take", fails)
    clock.move_to(START + timedelta(days=30))
    with app.app_context():
        city, store = app.extensions["city"], app.extensions["files"]
        done = clocks.run(db.session(), city, store, now())
    assert done["auto_close"] == 2
    with read() as session:
        states = session.scalars(select(Case.state).order_by(Case.id)).all()
    assert states == ["closed", "answered", "closed"]


# ---------------------------------------------------------------- the mails of a day


def test_reports_nobody_looks_at_are_told_once_a_day(
    write: Block, read: Block, tell_me: Days, app: Flask
) -> None:
    for _ in range(2):
        made(write, "submitted")  # due on Friday 27 November
    tell_me.begin()
    assert tell_me.at(date(2026, 11, 27)) == []
    assert tell_me.at(date(2026, 11, 28)) == ["late_check", "late_check"]  # Saturday
    assert tell_me.at(date(2026, 11, 30), time(5, 0)) == []  # too early in the day
    assert tell_me.at(date(2026, 11, 30)) == ["verify_overdue"]
    assert tell_me.at(date(2026, 11, 30), time(10, 0)) == []
    with read() as session:
        (mail,) = session.scalars(select(Outbox).where(Outbox.mail == "verify_overdue"))
        assert mail.values == {"n": 2}
        assert mail.reader == f"staff:{person(session, 'budi').id}"


def test_a_threat_nobody_answered_within_the_hour_is_told_once_a_day(
    write: Block, read: Block, tell_me: Days
) -> None:
    case = made(write, "submitted")
    tell_me.begin()
    said = datetime.combine(
        date(2026, 11, 25), NINE, tell_me.app.extensions["city"].zone
    )  # a Wednesday
    with write() as session:
        step(session, session.get_one(Case, case.id), "holder", "threatened_here", said)
    assert "threats_wait" not in tell_me.at(date(2026, 11, 25), time(9, 59))
    assert "threats_wait" in tell_me.at(date(2026, 11, 25), time(10, 0))
    assert "threats_wait" not in tell_me.at(date(2026, 11, 25), time(15, 0))
    assert "threats_wait" in tell_me.at(date(2026, 11, 26), time(6, 0))
    with write() as session:
        step(session, session.get_one(Case, case.id), "budi", "answer_threat", said)
    assert "threats_wait" not in tell_me.at(date(2026, 11, 27))
    with read() as session:
        first = session.scalars(select(Outbox).where(Outbox.mail == "threats_wait")).first()
        assert first is not None
        assert (first.values, first.case_id) == ({"n": 1}, None)


def test_a_unit_reads_its_queue_each_working_morning(
    write: Block, read: Block, tell_me: Days
) -> None:
    with write() as session:
        brought_to(session, "assigned", START)
        brought_to(session, "answered", START)
    tell_me.begin()
    assert tell_me.at(date(2026, 11, 25), time(5, 59)) == []
    assert tell_me.at(date(2026, 11, 25)) == ["staff_digest", "staff_digest"]  # Rina and Tono
    assert tell_me.at(date(2026, 11, 25), time(11, 0)) == []
    with read() as session:
        mail = session.scalars(select(Outbox).where(Outbox.mail == "staff_digest")).first()
        assert mail is not None
        lines = mail.values.pop("lines")
        assert mail.values == {"due_today": 0, "late": 0, "disputed": 0, "waiting": 1, "new": 2}
        assert [line["state"] for line in lines] == ["assigned"]
    assert "staff_digest" not in tell_me.at(date(2026, 11, 28))  # Saturday


def test_a_unit_with_nothing_to_do_gets_no_mail(write: Block, tell_me: Days) -> None:
    tell_me.begin()
    assert tell_me.at(date(2026, 11, 25)) == []


def test_mails_that_were_given_up_are_told_once(write: Block, read: Block, tell_me: Days) -> None:
    with write() as session:
        dead = enqueue(session, "password_changed", "staff:1", START)
        dead.dead_at = START
    tell_me.begin()
    assert tell_me.at(date(2026, 11, 25)) == ["mail_failures"]  # Ayu
    assert tell_me.at(date(2026, 11, 25), time(15, 0)) == []
    assert tell_me.at(date(2026, 11, 26)) == []


# ---------------------------------------------------------------- cleaning


def test_sessions_that_ran_out_are_deleted(write: Block, read: Block, app: Flask) -> None:
    with write() as session:
        rina = person(session, "rina")
        for hours in (-1, 1):
            session.add(
                StaffSession(
                    token_hash=str(hours),
                    staff_id=rina.id,
                    created_at=START,
                    expires_at=now() + timedelta(hours=hours),
                )
            )
    with app.app_context():
        assert Worker(app).round()
    with read() as session:
        assert session.scalars(select(StaffSession.token_hash)).all() == ["1"]
