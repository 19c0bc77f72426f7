"""What happens by itself as time passes: reminders, escalation, closing, erasure, daily mails.

Every rule finds its cases by one indexed query and takes its step through the lifecycle, a few
cases a transaction. What a step leaves behind (the state, ``escalation``, ``reminded_on``) takes
the case out of the query: a second round, or a second worker, finds nothing left to do, and after
days of standing still everything happens once.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from app.cases import digests
from app.cases.actions import Given, SomebodyWasFaster, take
from app.cases.digests import Day
from app.cases.erasure import GRACE, erase
from app.cases.events import THE_CLOCK
from app.cases.kinds import Kind, kinds
from app.cases.lifecycle import Move
from app.cases.models import Case, Message
from app.core.access import PRIVATE
from app.core.database import few_at_a_time, transaction
from app.core.files import FileStore
from app.places.facts import City

log = logging.getLogger("tanggap")


@dataclass(frozen=True)
class Round(Day):
    """One look at the clock. `session` must not be in a transaction."""

    store: FileStore


def run(session: Session, city: City, store: FileStore, now: datetime) -> dict[str, int]:
    """Do everything that is due now; how often each thing happened.

    Commits by itself, a few cases a time. A case that cannot be dealt with is logged and left.
    """
    here = Round(session, city, now, store)
    done = Counter[str]()
    for kind in kinds():
        for rule in RULES:
            done[rule.step] += _apply(here, kind, rule)
    done["erase"] = _erase_asked(here) + _erase_old(here)
    done.update(digests.run(session, city, now))
    return {name: count for name, count in done.items() if count}


# ---------------------------------------------------------------- rules


@dataclass(frozen=True)
class Rule:
    """A step of the lifecycle that time takes, and the cases it is due for.

    `raises` is the escalation the case then stands at; `reminds` says that the day is remembered.
    """

    step: str
    due: Callable[[Round], ColumnElement[bool]]
    reminds: bool = False
    raises: int | None = None


def _passed(here: Round) -> ColumnElement[bool]:
    """The last day is over."""
    return Case.due_on < here.today


def _broken(here: Round) -> ColumnElement[bool]:
    """A promise is broken and nobody has been told."""
    return and_(_passed(here), Case.escalation == 0)


def _silent(here: Round) -> ColumnElement[bool]:
    """The days of grace since the head was told, or the unit last said something, are over."""
    last = _last_day_before_grace(here)
    spoke = exists().where(
        Message.case_id == Case.id,
        Message.author == "staff",
        or_(
            Message.audience == "public",
            and_(Message.audience == "holder", Case.visibility == PRIVATE),
        ),
        Message.at >= here.start_of(last + timedelta(days=1)),
    )
    return and_(_passed(here), Case.escalation == 1, Case.reminded_on <= last, ~spoke)


def _last_day_before_grace(here: Round) -> date:
    calendar, grace = here.city.calendar, here.city.promises.escalation_grace_days
    day = here.today - timedelta(days=1)
    while calendar.add(day, grace) >= here.today:
        day -= timedelta(days=1)
    return day


def _waits_for_answer(here: Round) -> ColumnElement[bool]:
    """The reporter has a week left to answer."""
    until = here.today + timedelta(days=here.city.promises.needs_info_reminder_days)
    return and_(Case.due_on.between(here.today, until), Case.reminded_on.is_(None))


def _closes_soon(here: Round) -> ColumnElement[bool]:
    """The reporter has three working days left to confirm or dispute."""
    until = here.city.calendar.add(here.today, here.city.promises.closing_reminder_days)
    return and_(Case.due_on.between(here.today, until), Case.reminded_on.is_(None))


def _nearly_due(here: Round) -> ColumnElement[bool]:
    """It is the last working day, or most of the time of this state is used up."""
    calendar = here.city.calendar
    if not calendar.is_working_day(here.today):
        return false()
    next_day = calendar.add(here.today, 1)
    last_day = and_(
        Case.due_on >= here.today,
        Case.due_on < next_day,
        or_(Case.reminded_on.is_(None), Case.reminded_on < here.today),
    )
    mostly_used = and_(Case.reminded_on.is_(None), or_(*_mostly_used(here)))
    horizon = calendar.add(here.today, _most_days_left(here) + 1)
    return and_(Case.due_on.between(here.today, horizon), or_(last_day, mostly_used))


def _mostly_used(here: Round) -> list[ColumnElement[bool]]:
    """One condition for each number of working days left: those that began long enough before.

    With ``reminder_percent`` 80, a fifth of the time is left: n days left of at least 5 n.
    """
    calendar, rest = here.city.calendar, 100 - here.city.promises.reminder_percent
    conditions = []
    for left in range(1, _most_days_left(here) + 1):
        due = calendar.add(here.today, left)
        began = calendar.add(due, -ceil(left * 100 / rest))
        conditions.append(
            and_(
                Case.due_on >= due,
                Case.due_on < calendar.add(due, 1),
                Case.state_since < here.start_of(began + timedelta(days=1)),
            )
        )
    return conditions


def _most_days_left(here: Round) -> int:
    """How early the longest class is reminded, in working days before its end."""
    promises = here.city.promises
    return max(promises.class_days.values()) * (100 - promises.reminder_percent) // 100


def _objection_waits(here: Round) -> ColumnElement[bool]:
    """An answer to an objection is late, and nobody has been told."""
    return and_(_broken(here), Case.objection == "open")


RULES = (
    Rule("expire", _passed),
    Rule("auto_close", _passed),
    Rule("overdue", _broken, reminds=True, raises=1),
    Rule("objection_late", _objection_waits, reminds=True, raises=1),
    Rule("escalate", _silent, reminds=True, raises=2),
    Rule("overdue_verify", _broken, raises=1),
    Rule("remind_reporter", _waits_for_answer, reminds=True),
    Rule("remind_confirm", _closes_soon, reminds=True),
    Rule("remind_officer", _nearly_due, reminds=True),
)


def _apply(here: Round, kind: Kind, rule: Rule) -> int:
    row = kind.lifecycle.row(rule.step)
    if row is None:
        return 0
    states = row.frm if isinstance(row, Move) else row.states
    due = select(Case).where(
        Case.kind == kind.lifecycle.kind, Case.state.in_(states), rule.due(here)
    )

    def step(case: Case) -> None:
        if rule.reminds:
            case.reminded_on = here.today
        if rule.raises is not None:
            case.escalation = rule.raises
        take(here.session, case, rule.step, THE_CLOCK, Given(), here.city, here.now)

    return _for_each(here.session, rule.step, due, step)


# ---------------------------------------------------------------- erasure


def _erase_asked(here: Round) -> int:
    due = select(Case).where(Case.erase_asked_at <= here.now - GRACE, Case.erased_at.is_(None))
    return _for_each(here.session, "erase", due, lambda case: _erase(here, case))


def _erase_old(here: Round) -> int:
    """Personal data of cases closed long ago: looked for once a day."""
    if not digests.first_today(here.session, here.today, "retention"):
        return 0
    limit = here.now - timedelta(days=here.city.retention.closed_months * 365 // 12)
    due = select(Case).where(Case.closed_at < limit, Case.erased_at.is_(None))
    return _for_each(here.session, "erase", due, lambda case: _erase(here, case))


def _erase(here: Round, case: Case) -> None:
    erase(here.session, case, here.city, here.store, here.now)


# ---------------------------------------------------------------- a few at a time


def _for_each(session: Session, job: str, due: Select[Case], work: Callable[[Case], None]) -> int:
    batches = few_at_a_time(session, due.with_only_columns(Case.id))
    return sum(_batch(session, job, due, batch, work) for batch in batches)


def _batch(
    session: Session,
    job: str,
    due: Select[Case],
    ids: Sequence[int],
    work: Callable[[Case], None],
) -> int:
    """Deal with some cases in one transaction; when one fails, with each on its own."""
    try:
        with transaction("write"):
            cases = session.scalars(
                due.where(Case.id.in_(ids)).order_by(Case.id).with_for_update(skip_locked=True)
            ).all()
            for case in cases:
                work(case)
            session.commit()
        return len(cases)
    except SomebodyWasFaster:
        session.rollback()
    except Exception:
        session.rollback()
        if len(ids) == 1:
            log.exception("case left", extra={"job": job})
    return sum(_batch(session, job, due, [one], work) for one in ids) if len(ids) > 1 else 0
