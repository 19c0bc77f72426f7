"""Which promise runs on a case, and until when: the lifecycle's clocks in the city's numbers of
days.
"""

from datetime import date, timedelta

from app.cases.lifecycle import Clock
from app.cases.models import Case
from app.civic import promises
from app.places.facts import City


def start(clock: Clock, case: Case, city: City, today: date) -> None:
    """Stop the promise that runs on a case and start the one a move asks for.

    Class time runs from the first assignment, or where nothing is assigned from the day the work
    can begin; returns and re-assignments never reset it. Waiting for the reporter pauses it,
    however that ends, and so does a refusal that is taken back.
    """
    calendar, days = city.calendar, city.promises
    if clock is Clock.KEEP:
        return
    if clock is Clock.WAIT or clock is Clock.STOP:
        _stop(case, city, today)
        if clock is Clock.WAIT:
            case.due_on = today + timedelta(days=days.needs_info_days)
        return
    if clock is Clock.RESUME or clock is Clock.BEFORE:
        _resume(case, city, today)
        return
    if clock in {Clock.VERIFY, Clock.ANSWER} and case.clock_left is not None:
        _leave_out_wait(case, city, today)
    if clock in {Clock.ANSWER, Clock.SOLVE} and case.solve_by is None:
        case.solve_by = calendar.add(today, case.class_days)
    case.clock_left = None
    case.due_on = {
        Clock.VERIFY: calendar.add(today, days.verify_days),
        Clock.ANSWER: calendar.add(today, days.answer_days),
        Clock.SOLVE: case.solve_by,
        Clock.CONFIRM: calendar.add(today, days.confirm_days),
        Clock.DISPUTE: calendar.add(today, days.dispute_days),
    }[clock]


def _stop(case: Case, city: City, today: date) -> None:
    if case.due_on is not None:
        case.clock_left = promises.pause(city.calendar, case.due_on, today)
    case.due_on = None


def _resume(case: Case, city: City, today: date) -> None:
    if case.clock_left is not None:
        case.due_on = promises.resume(city.calendar, case.clock_left, today)
        case.clock_left = None
    _leave_out_wait(case, city, today)


def _leave_out_wait(case: Case, city: City, today: date) -> None:
    """Put class time off by the working days in which the clock stood still."""
    stopped_on = promises.local_date(case.state_since, city.zone)
    waited = city.calendar.between(stopped_on, today)
    if case.solve_by is not None and waited > 0:
        case.solve_by = city.calendar.add(case.solve_by, waited)
        case.paused_days += waited


def days_late(case: Case, city_clock: tuple[str, ...], city: City, today: date) -> int:
    """Working days a promise of the city is broken by; 0 when kept or when others owe the next
    step.
    """
    if case.due_on is None or case.state not in city_clock:
        return 0
    return promises.days_late(city.calendar, case.due_on, today)


def reopen_until(case: Case, city: City) -> date | None:
    """Last local date on which the reporter may reopen; None when not closed."""
    if case.closed_at is None:
        return None
    closed_on = promises.local_date(case.closed_at, city.zone)
    return city.calendar.add(closed_on, city.promises.reopen_days)


def object_until(case: Case, city: City) -> date:
    """Last local date on which the reporter may object to a decision made when the state began."""
    decided_on = promises.local_date(case.state_since, city.zone)
    return city.calendar.add(decided_on, city.promises.object_days)
