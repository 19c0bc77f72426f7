"""Working days: the vectors of the promise arithmetic and the laws that hold for any calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.working_days import Calendar

# National holidays and joint leave around the end of 2026 and 2027 (SKB 3 Menteri).
YEAR_END = Calendar(frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)}))

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
calendars = st.builds(Calendar, st.frozensets(days, max_size=60))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 11, 24), 3, date(2026, 11, 27)),
        (date(2026, 11, 28), 3, date(2026, 12, 2)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 11, 29), 0, date(2026, 11, 29)),
        (date(2026, 12, 28), -1, date(2026, 12, 23)),
        (date(2026, 11, 29), -1, date(2026, 11, 27)),
    ],
)
def test_add(day: date, n: int, expected: date) -> None:
    assert YEAR_END.add(day, n) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), 0),
        (date(2026, 11, 24), date(2026, 11, 27), 3),
        (date(2026, 11, 27), date(2026, 11, 29), 0),
        (date(2026, 12, 23), date(2026, 12, 28), 1),
        (date(2026, 12, 28), date(2026, 12, 23), -1),
    ],
)
def test_between(start: date, end: date, expected: int) -> None:
    assert YEAR_END.between(start, end) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 23), True),
        (date(2026, 12, 24), False),
        (date(2026, 12, 26), False),
        (date(2026, 12, 27), False),
    ],
)
def test_is_working_day(day: date, expected: bool) -> None:
    assert YEAR_END.is_working_day(day) is expected


@given(calendars, days, st.integers(-90, 90).filter(bool))
def test_add_lands_on_a_working_day_that_many_away(calendar: Calendar, day: date, n: int) -> None:
    there = calendar.add(day, n)
    assert calendar.is_working_day(there)
    expected = n if n > 0 or calendar.is_working_day(day) else n + 1
    assert calendar.between(day, there) == expected


@given(calendars, days, st.integers(0, 60), st.integers(0, 60))
def test_steps_add_up(calendar: Calendar, day: date, a: int, b: int) -> None:
    assert calendar.add(calendar.add(day, a), b) == calendar.add(day, a + b)


@given(calendars, days, st.integers(0, 400))
def test_between_is_a_plain_count(calendar: Calendar, start: date, length: int) -> None:
    span = [start + timedelta(days=i) for i in range(1, length + 1)]
    counted = sum(map(calendar.is_working_day, span))
    end = start + timedelta(days=length)
    assert calendar.between(start, end) == counted
    assert calendar.between(end, start) == -counted
