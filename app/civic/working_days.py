"""Working days as Indonesian public service counts them.

Monday to Friday, less national holidays and joint leave (*cuti bersama*, set each year by a joint
decree of three ministers) and less the local days off a city adds.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """A working week of five days with the dates on which nobody works."""

    days_off: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Tell whether the service works on `day`."""
        return day.weekday() < SATURDAY and day not in self.days_off

    def add(self, day: date, n: int) -> date:
        """Return the nth working day after `day`, or before it when n is negative.

        Day 0 is `day` itself, which may be a day off. Raises OverflowError beyond the years 1–9999.
        """
        step = timedelta(days=1 if n > 0 else -1)
        left = abs(n)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`.

        Negative when `end` lies before `start`, so that between(a, b) == -between(b, a).
        """
        return self._through(end) - self._through(start)

    def _through(self, day: date) -> int:
        """Count the working days from 1 January 0001, a Monday, through `day`."""
        weeks, rest = divmod(day.toordinal(), 7)
        return 5 * weeks + min(rest, 5) - bisect_right(self._weekdays_off, day)

    @cached_property
    def _weekdays_off(self) -> list[date]:
        return sorted(day for day in self.days_off if day.weekday() < SATURDAY)
