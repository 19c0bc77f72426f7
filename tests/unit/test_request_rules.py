"""The table of requests and the check-list, without any page."""

import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.guards import GUARDS as COMMON
from app.cases.lifecycle import CLOCK, HOLDER, OPERATOR, PUBLIC, Clock
from app.core.access import Permission
from app.places.facts import Text
from app.requests.checklist import OPEN, RIGHT, WRONG, Item, verdict_of, wrong_items
from app.requests.holder_page import OWN_PAGES
from app.requests.holder_words import MEANING, NEXT, STEPS
from app.requests.kind import EFFECTS, GUARDS, RequestKind
from app.requests.lifecycle import ACTIONS, MOVES, STATES, lifecycle_of
from app.requests.services import ROOMS, Services
from tests.shipped import ROOT

LIFECYCLE = lifecycle_of("permits")
ROWS = tuple(LIFECYCLE.rows())

#: The way of a paid permit, state by state.
WAY = (
    "received", "checking", "needs_fix", "checking", "in_review", "fee_set", "fee_sent", "fee_set",
    "fee_sent", "fee_paid", "issued",
)  # fmt: skip


def test_the_way_from_the_receipt_to_the_letter_is_open() -> None:
    moves = {(state, move.to) for move in MOVES for state in move.frm}
    assert set(pairwise(WAY)) <= moves
    assert ("in_review", "issued") in moves  # what is free needs no fee


def test_every_state_can_be_reached_and_none_is_a_trap() -> None:
    assert {move.to for move in MOVES} | {LIFECYCLE.first} == set(LIFECYCLE.states)
    for state in STATES:
        ways_out = [move for move in MOVES if state.name in move.frm and move.who != HOLDER]
        assert state.final or ways_out, state.name
        if state.waits_for == "holder":
            assert any(move.who == CLOCK for move in ways_out), state.name


def test_a_final_state_runs_no_clock_and_no_other_stops_it() -> None:
    for move in MOVES:
        final = LIFECYCLE.states[move.to or ""].final
        assert (move.clock is Clock.STOP) is final, move.name


def test_nothing_of_a_request_is_in_a_public_history() -> None:
    assert not any(row.public for row in ROWS)
    assert not any(getattr(row, "publishes", False) for row in ROWS)


def test_every_row_is_somebody_s_and_names_what_there_is() -> None:
    known = {HOLDER, CLOCK, PUBLIC, OPERATOR, *Permission}
    mails = tomllib.loads((ROOT / "app/city/mails.toml").read_text(encoding="utf-8"))["mail"]
    for row in ROWS:
        assert row.who in known, row.name
        assert not row.guard or row.guard in {*GUARDS, *COMMON}, row.name
        assert set(row.tells) <= set(mails), row.name
    assert {row.guard for row in ROWS} >= set(GUARDS)
    assert {row.name for row in ROWS} >= set(EFFECTS)
    assert RequestKind.apart <= {row.name for row in ROWS}


def test_every_step_of_the_holder_has_words_or_a_page_of_its_own() -> None:
    holders = {row.name for row in (*MOVES, *ACTIONS) if row.who == HOLDER}
    assert holders == STEPS.keys() | OWN_PAGES.keys()
    assert not STEPS.keys() & OWN_PAGES.keys()


def test_every_state_says_what_it_means_and_what_comes_next() -> None:
    assert MEANING.keys() == NEXT.keys() == LIFECYCLE.states.keys()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_a_kind_with_these_rows(room: str) -> None:
    kind = RequestKind(room, Services(()))
    assert kind.lifecycle.kind == room
    assert kind.lifecycle.moves is MOVES


def items(count: int) -> list[Item]:
    return [Item(f"part.1.question{n}", Text.same("?")) for n in range(count)]


MARKS = st.lists(st.sampled_from((None, "", "salah")), min_size=1, max_size=8)


@given(MARKS)
def test_a_verdict_comes_only_when_everything_was_looked_at(marks: list[str | None]) -> None:
    asked = items(len(marks))
    checks = {item.key: mark for item, mark in zip(asked, marks, strict=True) if mark is not None}
    verdict = verdict_of(asked, {**checks, "gone.1.question": "an item that is no more"})
    if None in marks:
        assert verdict == OPEN
    else:
        assert verdict == (WRONG if "salah" in marks else RIGHT)
    assert len(wrong_items(asked, checks)) == marks.count("salah")


def test_without_anything_to_look_at_nothing_is_right() -> None:
    assert verdict_of([], {}) == OPEN
