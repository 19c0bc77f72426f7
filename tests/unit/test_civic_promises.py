"""Promises: receipt dates, the edge of the day in the city's zone, pausing without lying."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.promises import (
    ReceiptDates,
    days_late,
    days_left,
    end_instant,
    is_late,
    local_date,
    pause,
    receipt_dates,
    resume,
)
from app.civic.working_days import Calendar

MEDAN = ZoneInfo("Asia/Jakarta")
CALENDAR = Calendar(
    frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 5)})
)
TUESDAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
MONDAY = date(2026, 11, 30)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 11, 24, 16, 59, 59, tzinfo=UTC), TUESDAY),
        (datetime(2026, 11, 24, 17, 0, 0, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=timezone(timedelta(hours=9))), TUESDAY),
    ],
)
def test_local_date(instant: datetime, expected: date) -> None:
    assert local_date(instant, MEDAN) == expected


def test_local_date_refuses_an_instant_without_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 11, 24), MEDAN)  # noqa: DTZ001


def test_a_promise_ends_with_the_last_second_of_its_day() -> None:
    end = end_instant(FRIDAY, MEDAN)
    assert end == datetime(2026, 11, 27, 16, 59, 59, tzinfo=UTC)
    assert end.tzinfo is UTC
    assert not is_late(FRIDAY, local_date(end, MEDAN))
    assert is_late(FRIDAY, local_date(end + timedelta(seconds=1), MEDAN))


@pytest.mark.parametrize(
    ("today", "left", "late"),
    [
        (TUESDAY, 3, 0),
        (FRIDAY, 0, 0),
        (SATURDAY, 0, 1),
        (MONDAY, 0, 1),
        (date(2026, 12, 1), 0, 2),
        (date(2026, 12, 28), 0, 19),
    ],
)
def test_days_left_and_late(today: date, left: int, late: int) -> None:
    assert days_left(CALENDAR, FRIDAY, today) == left
    assert days_late(CALENDAR, FRIDAY, today) == late


@pytest.mark.parametrize(
    ("filed_on", "solve", "expected"),
    [
        (TUESDAY, 14, ReceiptDates(FRIDAY, date(2026, 12, 4), date(2026, 12, 28))),
        (SATURDAY, 5, ReceiptDates(date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16))),
        (
            date(2026, 12, 23),
            60,
            ReceiptDates(date(2026, 12, 30), date(2027, 1, 8), date(2027, 4, 2)),
        ),
    ],
)
def test_receipt_dates(filed_on: date, solve: int, expected: ReceiptDates) -> None:
    assert receipt_dates(CALENDAR, filed_on, verify=3, answer=5, solve=solve) == expected


@pytest.mark.parametrize(
    ("due_on", "paused_on", "left", "resumed_on", "expected"),
    [
        # Three days left, seen through a weekend.
        (FRIDAY, TUESDAY, 3, SATURDAY, date(2026, 12, 2)),
        # Paused and resumed on the same day changes nothing.
        (FRIDAY, TUESDAY, 3, TUESDAY, FRIDAY),
        # Paused on its last day: the day it resumes, or the first working day after it.
        (FRIDAY, FRIDAY, 0, MONDAY, MONDAY),
        (FRIDAY, FRIDAY, 0, SATURDAY, MONDAY),
        # Late stays as late as it was.
        (FRIDAY, SATURDAY, -1, date(2026, 12, 9), date(2026, 12, 8)),
        (FRIDAY, date(2026, 12, 1), -2, date(2026, 12, 9), date(2026, 12, 7)),
    ],
)
def test_pause_and_resume(
    due_on: date, paused_on: date, left: int, resumed_on: date, expected: date
) -> None:
    assert pause(CALENDAR, due_on, paused_on) == left
    assert resume(CALENDAR, left, resumed_on) == expected


@given(days, days, st.integers(0, 90))
def test_a_pause_changes_neither_what_is_left_nor_lateness(
    due_on: date, paused_on: date, rest: int
) -> None:
    resumed_on = paused_on + timedelta(days=rest)
    due_again = resume(CALENDAR, pause(CALENDAR, due_on, paused_on), resumed_on)
    assert is_late(due_again, resumed_on) == is_late(due_on, paused_on)
    if CALENDAR.is_working_day(resumed_on):
        assert days_left(CALENDAR, due_again, resumed_on) == days_left(CALENDAR, due_on, paused_on)
        assert days_late(CALENDAR, due_again, resumed_on) == days_late(CALENDAR, due_on, paused_on)
