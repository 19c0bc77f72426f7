"""Every step by everybody in every state: what the table allows happens, and nothing else."""

from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.actions import (
    Given,
    NotAssignable,
    NotTarget,
    NotTighter,
    SomebodyWasFaster,
    allowed,
    open_steps,
    take,
)
from app.cases.events import THE_HOLDER, Actor, hash_of
from app.cases.lifecycle import Move, NotAllowed
from app.cases.models import Case, Event, Tally
from app.cases.telling import facts_of
from app.complaints.lifecycle import ALL, LIFECYCLE
from app.places.city import current_city
from tests.conftest import START
from tests.histories import actor, brought_to, filed, given_for, person, step

LATER = START + timedelta(hours=8)
TODAY = LATER.date()
PEOPLE = ("holder", "clock", "budi", "rina", "dewi", "tono", "ayu")
#: Every state, and what a state can wait for beside itself.
STANDS = (*ALL, "contested", "threatened")
NAMES = sorted({row.name for row in LIFECYCLE.rows() if row.name != "file"})


@pytest.mark.parametrize(("state", "who"), list(product(STANDS, PEOPLE)))
def test_what_is_not_open_is_refused(session: Session, state: str, who: str) -> None:
    case, doer = brought_to(session, state, START), actor(session, who)
    state = case.state
    for name in sorted(set(NAMES) - set(open_names(case, doer))):
        given = given_for(session, name, LATER)
        with pytest.raises(NotAllowed):
            take(session, case, name, doer, given, current_city(), LATER)
        assert case.state == state, name


@pytest.mark.parametrize(("state", "who"), list(product(STANDS, PEOPLE)))
def test_what_is_open_happens(session: Session, state: str, who: str) -> None:
    case, doer = brought_to(session, state, START), actor(session, who)
    state = case.state
    # hiding a photo needs one: see the pages' tests
    for name in set(open_names(case, doer)) - {"hide_photo", "show_photo"}:
        with session.begin_nested() as attempt:
            given = given_for(session, name, LATER)
            take(session, case, name, doer, given, current_city(), LATER)
            row = LIFECYCLE.step(name, state)
            reached = (row.to or "submitted") if isinstance(row, Move) else state
            assert case.state == reached, name
            attempt.rollback()
        session.refresh(case)


def open_names(case: Case, doer: Actor) -> list[str]:
    rows = open_steps(case, doer, current_city(), TODAY)
    return [row.name for row in rows if not getattr(row, "link", False)]


@pytest.mark.parametrize(("state", "who"), list(product(STANDS, ("dewi", "ayu"))))
def test_another_unit_and_the_administrator_may_do_nothing(
    session: Session, state: str, who: str
) -> None:
    case = brought_to(session, state, START)
    assert open_steps(case, actor(session, who), current_city(), TODAY) == []


def test_promises_follow_the_states(session: Session) -> None:
    case = filed(session, START)  # Tuesday 24 November 2026
    assert case.due_on == date(2026, 11, 27)
    step(session, case, "budi", "assign", START + timedelta(days=1))
    assert (case.due_on, case.solve_by) == (date(2026, 12, 2), date(2026, 12, 15))
    step(session, case, "rina", "start", START + timedelta(days=2))
    assert case.due_on == date(2026, 12, 15)
    step(session, case, "rina", "answer", START + timedelta(days=3))
    assert case.due_on == date(2026, 12, 11)
    step(session, case, "holder", "dispute", START + timedelta(days=6))
    assert case.due_on == date(2026, 12, 7)


def test_waiting_for_the_reporter_stops_the_clock(session: Session) -> None:
    case = filed(session, START)
    step(session, case, "budi", "ask", START + timedelta(days=1))
    assert (case.due_on, case.clock_left) == (date(2026, 12, 25), 2)
    step(session, case, "holder", "complete", START + timedelta(days=9))
    assert (case.due_on, case.clock_left) == (date(2026, 12, 7), None)


def test_returns_do_not_reset_class_time(session: Session) -> None:
    case = brought_to(session, "assigned", START)
    promised = case.solve_by
    step(session, case, "rina", "return", START + timedelta(days=3))
    step(session, case, "budi", "assign", START + timedelta(days=4))
    assert case.solve_by == promised


@pytest.mark.parametrize("back", [("holder", "complete"), ("budi", "assign")])
def test_waiting_for_the_reporter_pauses_class_time_however_it_ends(
    session: Session, back: tuple[str, str]
) -> None:
    case = brought_to(session, "assigned", START)
    promised = case.solve_by
    assert promised is not None
    step(session, case, "rina", "return", START)
    step(session, case, "budi", "ask", START)
    step(session, case, *back, START + timedelta(days=7))
    assert case.solve_by == current_city().calendar.add(promised, 5)


def test_the_unit_complained_about_cannot_hold_the_case(session: Session) -> None:
    office = current_city().office_of("12.71.11")
    assert office is not None
    case = filed(session, START, category_slug="local_office", visibility="rahasia")
    with pytest.raises(NotAssignable):
        take(
            session,
            case,
            "assign",
            actor(session, "budi"),
            Given(unit_code=office.code),
            current_city(),
            LATER,
        )


def test_the_office_named_in_the_report_cannot_hold_it(session: Session) -> None:
    case = filed(session, START, about_unit="sdabmbk")
    with pytest.raises(NotAssignable):
        step(session, case, "budi", "assign", LATER)


def test_another_subject_may_close_a_report(session: Session) -> None:
    case = filed(session, START, name="Siti Rahmawati", show_name=True, phone="081298765432")
    given = Given(category_slug="local_office")
    take(session, case, "refile", actor(session, "budi"), given, current_city(), LATER)
    assert case.visibility == "rahasia"
    assert case.contact is not None
    assert (case.contact.name, case.contact.show_name) == (None, False)


def test_another_subject_is_refused_while_the_wrong_unit_holds_it(session: Session) -> None:
    case = brought_to(session, "assigned", START)
    given = Given(category_slug="extortion")
    with pytest.raises(NotAssignable):
        take(session, case, "refile", actor(session, "budi"), given, current_city(), LATER)


def test_an_old_version_is_refused(session: Session) -> None:
    case = filed(session, START)
    seen = case.version
    step(session, case, "holder", "add", LATER)
    with pytest.raises(SomebodyWasFaster):
        take(
            session,
            case,
            "assign",
            actor(session, "budi"),
            Given(unit_code="sdabmbk"),
            current_city(),
            LATER,
            version=seen,
        )


def test_a_report_is_not_merged_into_itself_or_a_closed_one(session: Session) -> None:
    case, closed = filed(session, START), brought_to(session, "closed", START)
    for target in (case, closed):
        with pytest.raises(NotTarget):
            take(
                session,
                case,
                "merge",
                actor(session, "budi"),
                Given(target=target),
                current_city(),
                LATER,
            )


def test_an_open_report_is_not_merged_into_a_rahasia_one(session: Session) -> None:
    city, budi = current_city(), actor(session, "budi")
    hidden = filed(session, START, visibility="rahasia")
    given = Given(target=hidden)
    for visibility in ("publik", "anonim"):
        case = filed(session, START, visibility=visibility)
        with pytest.raises(NotTarget):
            take(session, case, "merge", budi, given, city, LATER)
    take(session, filed(session, START, visibility="rahasia"), "merge", budi, given, city, LATER)


def test_visibility_is_only_tightened(session: Session) -> None:
    case = filed(session, START, visibility="anonim")
    with pytest.raises(NotTighter):
        take(
            session,
            case,
            "tighten",
            THE_HOLDER,
            Given(visibility="publik"),
            current_city(),
            LATER,
        )


def test_an_objection_is_decided_by_another_verifier_and_only_once(session: Session) -> None:
    case = brought_to(session, "rejected", START)
    step(session, case, "holder", "object", LATER)
    with pytest.raises(NotAllowed):
        step(session, case, "budi", "uphold", LATER)
    case.decided_by_id = person(session, "ayu").id  # somebody else had said no
    step(session, case, "budi", "refuse_objection", LATER)
    with pytest.raises(NotAllowed):
        step(session, case, "holder", "object", LATER)


def test_reopening_ends_after_ten_working_days(session: Session) -> None:
    case = brought_to(session, "closed", START)
    row = LIFECYCLE.step("reopen", "closed")
    assert allowed(row, case, THE_HOLDER, current_city(), date(2026, 12, 8))
    assert not allowed(row, case, THE_HOLDER, current_city(), date(2026, 12, 9))


def test_what_is_about_to_be_erased_is_not_reopened(session: Session) -> None:
    case = brought_to(session, "closed", START)
    step(session, case, "holder", "erase", LATER)
    with pytest.raises(NotAllowed):
        step(session, case, "holder", "reopen", LATER)


def test_a_merge_can_be_undone(session: Session) -> None:
    case = brought_to(session, "merged", START)
    step(session, case, "budi", "unmerge", LATER)
    assert (case.state, case.due_on) == ("submitted", date(2026, 11, 27))


@pytest.mark.parametrize(
    ("name", "reached", "due"),
    [("unmerge", "submitted", date(2026, 11, 27)), ("keep_merged", "merged", None)],
)
def test_a_contested_merge_is_undone_or_kept(
    session: Session, name: str, reached: str, due: date | None
) -> None:
    case = brought_to(session, "contested", START)
    assert case.due_on == date(2026, 11, 27)
    with pytest.raises(NotAllowed):
        step(session, case, "holder", "contest_merge", LATER)
    step(session, case, "budi", name, LATER)
    assert (case.state, case.due_on) == (reached, due)
    with pytest.raises(NotAllowed):
        step(session, case, "budi", "keep_merged", LATER)


def test_a_kept_merge_can_be_contested_again_and_is_never_public(session: Session) -> None:
    case = brought_to(session, "contested", START)
    step(session, case, "budi", "keep_merged", LATER)
    step(session, case, "holder", "contest_merge", LATER)
    events = session.scalars(
        select(Event).where(Event.case_id == case.id).order_by(Event.id.desc()).limit(3)
    ).all()
    assert [event.name for event in events] == ["contest_merge", "keep_merged", "contest_merge"]
    assert not any(event.public for event in events)
    message = events[1].message
    assert message is not None
    assert message.audience == "holder"
    assert all(event.hash == hash_of(event) for event in events)
    assert events[1].facts["now"] == {"due_on": ""}


def test_a_merge_about_to_be_erased_is_not_given_up(session: Session) -> None:
    case = brought_to(session, "merged", START)
    step(session, case, "holder", "erase", LATER)
    with pytest.raises(NotAllowed):
        step(session, case, "holder", "threatened", LATER)


def test_an_undone_merge_leaves_nothing_of_the_other_in_later_mails(session: Session) -> None:
    case = brought_to(session, "merged", START)
    assert case.merged_into is not None
    case.merged_into.unit_code = "dishub"
    step(session, case, "budi", "unmerge", LATER)
    step(session, case, "holder", "withdraw", LATER)
    facts = facts_of(case, current_city(), LATER.date(), {})
    assert "unit" not in facts


def test_each_event_is_chained_to_the_one_before(session: Session) -> None:
    case = brought_to(session, "closed", START)
    events = session.scalars(
        select(Event).where(Event.case_id == case.id).order_by(Event.sequence)
    ).all()
    assert [event.name for event in events] == ["file", "assign", "start", "answer", "confirm"]
    for before, after in pairwise(events):
        assert after.previous == before.hash
    session.expire_all()
    assert all(event.hash == hash_of(event) for event in events)


def test_what_happened_is_counted(session: Session) -> None:
    brought_to(session, "closed", START)
    counted = {row.metric: row.n for row in session.scalars(select(Tally))}
    assert counted == {
        "received": 1,
        "first_answers": 1,
        "first_answers_on_time": 1,
        "answers": 1,
        "closed": 1,
    }


def test_numbers_grow(session: Session) -> None:
    numbers = [filed(session, START).number for _ in range(3)]
    assert numbers == ["2611-0001", "2611-0002", "2611-0003"]


def test_the_same_form_is_the_same_report(session: Session) -> None:
    from flask import current_app

    from app.complaints.actions import file
    from tests.histories import DRAFT

    vault, city = current_app.extensions["vault"], current_city()
    key = "A" * 21 + "Q"
    first = file(session, vault, city, DRAFT, key, (), START)
    again = file(session, vault, city, DRAFT, key, (), START)
    assert first is again
    assert session.scalars(select(Case)).all() == [first]
