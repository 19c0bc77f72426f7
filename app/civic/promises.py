"""The arithmetic of promises: until when, how long still, how late.

Day 0 is the city's local date of the event and day n the nth working day after it. A promise ends
at 23:59:59 local time of its date and is late from 00:00 of the next day. The day counts belong to
the city; the usual ones (3, 5, then 5, 14 or 60) follow SP4N-LAPOR! practice.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from app.civic.working_days import Calendar

LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class ReceiptDates:
    """The dates a receipt promises when every step takes its full time."""

    verify_by: date
    answer_by: date
    solve_by: date


def local_date(instant: datetime, zone: tzinfo) -> date:
    """Return the date an instant falls on in `zone`. Raises ValueError without a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(zone).date()


def end_instant(due_on: date, zone: tzinfo) -> datetime:
    """Return the last second of a promise, in UTC."""
    return datetime.combine(due_on, LAST_SECOND, zone).astimezone(UTC)


def is_late(due_on: date, today: date) -> bool:
    """Tell whether a promise is broken on the local date `today`."""
    return today > due_on


def days_late(calendar: Calendar, due_on: date, today: date) -> int:
    """Count the working days a promise is late; 0 when it is not.

    A late promise is at least one day late, also on the weekend after its last day.
    """
    return max(1, calendar.between(due_on, today)) if is_late(due_on, today) else 0


def days_left(calendar: Calendar, due_on: date, today: date) -> int:
    """Count the working days still left after `today`; 0 on the last day and when late."""
    return max(0, calendar.between(today, due_on))


def receipt_dates(
    calendar: Calendar, filed_on: date, verify: int, answer: int, solve: int
) -> ReceiptDates:
    """Return the promised dates of a report filed on `filed_on`.

    Each count, in working days, starts where the step before it ends.
    """
    return ReceiptDates(
        verify_by=calendar.add(filed_on, verify),
        answer_by=calendar.add(filed_on, verify + answer),
        solve_by=calendar.add(filed_on, verify + answer + solve),
    )


def pause(calendar: Calendar, due_on: date, paused_on: date) -> int:
    """Return what is left of a promise when its clock stops, in working days.

    Negative when it is already late: a pause must not make a broken promise look kept.
    """
    if is_late(due_on, paused_on):
        return -days_late(calendar, due_on, paused_on)
    return days_left(calendar, due_on, paused_on)


def resume(calendar: Calendar, left: int, resumed_on: date) -> date:
    """Return the date a promise with `left` working days falls due once its clock runs again.

    A promise paused on its last day gets a whole working day.
    """
    if left == 0 and not calendar.is_working_day(resumed_on):
        left = 1
    return calendar.add(resumed_on, left)
