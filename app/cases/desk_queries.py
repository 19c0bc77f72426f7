"""Reads of the desk: what waits for a person, in the order of its promises.

Whatever somebody waits for carries a running promise (``due_on``); what is over carries none. Which
part of the desk a state belongs to follows from the promise that runs in it, so that every kind of
case finds its place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, sql, tuple_
from sqlalchemy.orm import Session

from app.cases.kinds import kinds
from app.cases.lifecycle import Clock
from app.cases.models import Case, Event
from app.cases.queries import in_reach
from app.core.access import Permission, Role, may
from app.staff.models import Staff

PAGE = 30
WORKERS = (Role.OFFICER, Role.HEAD)

Condition = ColumnElement[bool]
Columns = TypeVarTuple("Columns")
LIVE: Condition = Case.due_on.is_not(None)
OBJECTED: Condition = and_(LIVE, Case.objection == "open")
CONTESTED: Condition = and_(LIVE, Case.state_before_merge.is_not(None))
"""Merged, and the reporter says that it is not the same problem; see ``guards.is_contested``."""
THREATENED: Condition = and_(LIVE, Case.threatened_at.is_not(None))
CALM = sql.case((Case.threatened_at.is_not(None), 0), else_=1)
"""Whoever feels threatened comes before every date."""


# ---------------------------------------------------------------- parts of the queue


def _in(*clocks: Clock) -> Condition:
    """Cases in a state in which one of these promises runs."""
    names = {
        state.name
        for kind in kinds()
        for state in kind.lifecycle.states.values()
        if state.clock in clocks
    }
    return and_(LIVE, Case.state.in_(sorted(names)))


@dataclass(frozen=True)
class Queue:
    """One list of the desk: whose, on which local day, which part of it, narrowed to what."""

    staff: Staff
    today: date
    part: str = "kerjakan"
    category: str = ""
    district: str = ""

    @property
    def verifies(self) -> bool:
        """Whether it is a verifier's: city-wide, and others' work to be seen besides one's own."""
        return may(self.staff, Permission.CASE_VERIFY)


def _owed(queue: Queue) -> Condition:
    """The city owes the next step; only these can be late."""
    owed = or_(_in(Clock.VERIFY, Clock.ANSWER, Clock.SOLVE, Clock.DISPUTE), OBJECTED)
    return or_(owed, CONTESTED, THREATENED) if queue.verifies else owed


def _open(queue: Queue) -> Condition:
    """Somebody waits. A contested merge is the verifier's alone, whichever unit had the case."""
    return LIVE if queue.verifies else and_(LIVE, ~CONTESTED)


def _mine(queue: Queue) -> Condition:
    if queue.verifies:
        theirs = or_(Case.decided_by_id.is_(None), Case.decided_by_id != queue.staff.id)
        return or_(_in(Clock.VERIFY), and_(OBJECTED, theirs), CONTESTED, THREATENED)
    theirs = or_(Case.decided_by_id.is_(None), Case.decided_by_id != queue.staff.id)
    owed = _in(Clock.VERIFY, Clock.ANSWER, Clock.SOLVE, Clock.DISPUTE)
    return or_(owed, and_(OBJECTED, theirs))


def _new(queue: Queue) -> Condition:
    if queue.verifies:
        return and_(_in(Clock.VERIFY), Case.assigned_at.is_(None))
    return or_(_in(Clock.ANSWER), and_(_in(Clock.VERIFY), Case.accepted_at.is_(None)))


PARTS: Mapping[str, Callable[[Queue], Condition]] = {
    "kerjakan": _mine,
    "terancam": lambda _queue: THREATENED,
    "lewat": lambda queue: and_(_owed(queue), Case.due_on < queue.today),
    "hari-ini": lambda queue: and_(_owed(queue), Case.due_on == queue.today),
    "baru": _new,
    "dikembalikan": lambda _queue: and_(_in(Clock.VERIFY), Case.assigned_at.is_not(None)),
    "keberatan": lambda _queue: OBJECTED,
    "bukan-sama": lambda _queue: CONTESTED,
    "dibantah": lambda _queue: _in(Clock.DISPUTE),
    "saya": lambda queue: and_(_owed(queue), Case.officer_id == queue.staff.id),
    "tanpa-petugas": lambda queue: and_(_owed(queue), Case.officer_id.is_(None)),
    "menunggu-pelapor": lambda _queue: _in(Clock.WAIT, Clock.CONFIRM),
    "terbuka": _open,
}
"""Every part a queue can be asked for, in the order it is offered."""

_OF_VERIFIERS = {"terancam", "dikembalikan", "keberatan", "bukan-sama"}
_OF_UNITS = {"saya", "tanpa-petugas"}


def parts_for(staff: Staff) -> list[str]:
    """The parts that make sense for a person, in order."""
    hidden = _OF_UNITS if may(staff, Permission.CASE_VERIFY) else _OF_VERIFIERS
    return [part for part in PARTS if part not in hidden]


# ---------------------------------------------------------------- lists and counts


class Row(NamedTuple):
    """A case of a queue with the name of the officer it was handed to."""

    case: Case
    officer: str | None


class Place(NamedTuple):
    """Where a case stands in a queue: the sort key of keyset pages. ``calm`` is 0 or 1."""

    calm: int
    due_on: date
    id: int


def counts(session: Session, queue: Queue) -> dict[str, int]:
    """How many cases each part holds, whatever the queue is narrowed to."""
    parts = parts_for(queue.staff)
    statement = _live(
        select(*(func.count().filter(PARTS[part](queue)) for part in parts)), queue.staff
    )
    return dict(zip(parts, session.execute(statement).one(), strict=True))


def page(session: Session, queue: Queue, after: Place | None = None) -> Sequence[Row]:
    """One page of a queue and one row more when there is a next page."""
    rows = select(Case, Staff.name).outerjoin(Staff, Staff.id == Case.officer_id)
    statement = _ordered(_narrowed(rows, queue)).limit(PAGE + 1)
    if after is not None:
        statement = statement.where(_key() > after)
    return [Row(case, name) for case, name in session.execute(statement)]


def neighbours(session: Session, queue: Queue, place: Place | None) -> tuple[str, str]:
    """Numbers of the cases before and after a place in a queue; "" where there is none."""
    if place is None:
        return "", ""
    numbers = _narrowed(select(Case.number), queue)
    before = numbers.where(_key() < place).order_by(CALM.desc(), Case.due_on.desc(), Case.id.desc())
    return _first(session, before), _first(session, _ordered(numbers.where(_key() > place)))


def next_to_do(session: Session, queue: Queue, place: Place | None) -> str:
    """Number of the case to go on with after the one at this place: the next, else the first."""
    numbers = _narrowed(select(Case.number), queue)
    after = numbers.where(_key() > place) if place else numbers
    return _first(session, _ordered(after)) or _first(session, _ordered(numbers))


def place_of(case: Case) -> Place | None:
    """Where a case stands now; None when nobody waits for anything."""
    if case.due_on is None:
        return None
    return Place(0 if case.threatened_at else 1, case.due_on, case.id)


def _key() -> ColumnElement[tuple[int, date, int]]:
    return tuple_(CALM, Case.due_on, Case.id)


def _ordered(statement: Select[*Columns]) -> Select[*Columns]:
    return statement.order_by(CALM, Case.due_on, Case.id)


def _first(session: Session, statement: Select[str]) -> str:
    return session.scalars(statement.limit(1)).first() or ""


def _live(statement: Select[*Columns], staff: Staff) -> Select[*Columns]:
    # All states are named so that the index on state and promise serves.
    states = {state for kind in kinds() for state in kind.lifecycle.states}
    return statement.where(in_reach(staff), Case.state.in_(sorted(states)), LIVE)


def _narrowed(statement: Select[*Columns], queue: Queue) -> Select[*Columns]:
    statement = _live(statement, queue.staff).where(PARTS[queue.part](queue))
    if queue.category:
        statement = statement.where(Case.category_slug == queue.category)
        if not (queue.verifies or may(queue.staff, Permission.CASE_WORK)):
            # Who may only look is not told the subject of a rahasia case, nor by asking for it.
            statement = statement.where(Case.visibility != "rahasia")
    if queue.district:
        statement = statement.where(Case.district_code == queue.district)
    return statement


# ---------------------------------------------------------------- people and events of a case


def officers(session: Session, unit_code: str | None) -> Sequence[Staff]:
    """The people of a unit a case can be handed to, by name."""
    statement = select(Staff).where(
        Staff.unit_code == unit_code, Staff.role.in_(WORKERS), Staff.disabled_at.is_(None)
    )
    return session.scalars(statement.order_by(Staff.name, Staff.id)).all()


def names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """Names of members of staff by row id."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def last_event(session: Session, case: Case) -> int:
    """Row id of the newest event of a case: what a form made now has seen."""
    return session.scalar(select(func.max(Event.id)).where(Event.case_id == case.id)) or 0


def numbers(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """Numbers of cases by row id."""
    wanted = {one for one in ids if one is not None}
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted)))
    return {row.id: row.number for row in rows} if wanted else {}
