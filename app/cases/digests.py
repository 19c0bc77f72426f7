"""Mails that go out once a day about many cases: the queue of a unit, waiting reports, dead mail,
what is new in a followed search.

A row of ``tally``, the day on the account, or until when a follower was told remembers that a
day's mail was queued, in the same transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.cases.kinds import kind_named, kinds
from app.cases.lifecycle import Clock, Lifecycle
from app.cases.models import Case, Subscription, Tally
from app.cases.telling import SEARCH_NEWS, secretariat, staff_where
from app.civic.promises import local_date
from app.core.access import Role
from app.core.database import count_up, few_at_a_time, transaction
from app.core.models import Outbox
from app.core.outbox import enqueue
from app.places.facts import City
from app.staff.models import Staff

MORNING = time(6, 0)
"""Local time from which the day's mails go out."""
MOST_LINES = 10
SETTLED = timedelta(minutes=5)
"""What was published later may still be on its way into the table; the next day tells it."""

VERIFY_OVERDUE, STAFF_DIGEST, MAIL_FAILURES = "verify_overdue", "staff_digest", "mail_failures"
THREATS_WAIT = "threats_wait"
SHELTERED_WITHIN = timedelta(hours=1)
"""How soon a verifier writes to whoever feels threatened, as the desk and the mail say."""


@dataclass(frozen=True)
class Day:
    """One look at the city's calendar."""

    session: Session
    city: City
    now: datetime

    @property
    def today(self) -> date:
        """The city's local date."""
        return local_date(self.now, self.city.zone)

    def start_of(self, day: date) -> datetime:
        """The first instant of a local day."""
        return datetime.combine(day, time(), self.city.zone)


def run(session: Session, city: City, now: datetime) -> dict[str, int]:
    """Queue the mails of this day that are not queued yet; how many of each."""
    day = Day(session, city, now)
    if now.astimezone(city.zone).time() < MORNING:
        return {}
    done = {MAIL_FAILURES: _mail_failures(day), SEARCH_NEWS: _search_news(day)}
    if city.calendar.is_working_day(day.today):
        done |= {
            THREATS_WAIT: _threats_wait(day),
            VERIFY_OVERDUE: _verify_overdue(day),
            STAFF_DIGEST: _staff_digests(day),
        }
    return done


def first_today(session: Session, today: date, name: str) -> bool:
    """Whether this is the first call of a day; it is remembered at once."""
    with transaction("read"):
        known = session.get(Tally, (today, _marker(name)))
        session.rollback()
    if known is not None:
        return False
    with transaction("write"):
        first = _remember(session, today, name)
        session.commit()
    return first


def _marker(name: str) -> str:
    return f"day:{name}"


def _remember(session: Session, today: date, name: str) -> bool:
    """Remember a day's mail in the caller's transaction; False when somebody else did."""
    return count_up(session, Tally.__table__, {"day": today, "metric": _marker(name)}) == 1


# ---------------------------------------------------------------- reports nobody has looked at


def _verify_overdue(day: Day) -> int:
    unheld = and_(_in_states(lambda kind: [kind.first]), Case.unit_code.is_(None))
    late = and_(unheld, Case.due_on < day.today)
    return _tell_once(
        day,
        VERIFY_OVERDUE,
        lambda: _count(day.session, late),
        lambda: _verifiers_and_secretariat(day),
    )


def _threats_wait(day: Day) -> int:
    """Of a night or a free day in the morning of the next working day."""
    live = and_(_in_states(lambda kind: list(kind.states)), Case.due_on.is_not(None))
    waits = and_(live, Case.threatened_at <= day.now - SHELTERED_WITHIN)
    return _tell_once(
        day,
        THREATS_WAIT,
        lambda: _count(day.session, waits),
        lambda: _verifiers_and_secretariat(day),
    )


def _verifiers_and_secretariat(day: Day) -> list[str]:
    verifiers = staff_where(day.session, Staff.role == Role.VERIFIER)
    return [*verifiers, *secretariat(day.session, day.city)]


def _tell_once(
    day: Day,
    mail: str,
    figure: Callable[[], int],
    readers: Callable[[], Sequence[str]],
    **values: str,
) -> int:
    """Send a mail with one number to some readers, once a day and only when there is something."""
    session = day.session
    with transaction("read"):
        wanted = session.get(Tally, (day.today, _marker(mail))) is None and figure() > 0
        session.rollback()
    if not wanted:
        return 0
    with transaction("write"):
        told = list(readers()) if _remember(session, day.today, mail) else []
        n = figure()
        for reader in told:
            enqueue(session, mail, reader, day.now, values={"n": n, **values})
        session.commit()
    return len(told)


# ---------------------------------------------------------------- mails that were given up


def _mail_failures(day: Day) -> int:
    """Tell administrators of the mails that died since the day they were last told."""
    return _tell_once(
        day,
        MAIL_FAILURES,
        lambda: _count(day.session, _died_since_last_told(day)),
        lambda: staff_where(day.session, Staff.role == Role.ADMIN),
        incident=f"{day.today:%y%m%d}",
    )


def _died_since_last_told(day: Day) -> ColumnElement[bool]:
    told = day.session.scalar(
        select(func.max(Tally.day)).where(
            Tally.metric == _marker(MAIL_FAILURES), Tally.day < day.today
        )
    )
    since = day.start_of(told or date(2000, 1, 1))
    return and_(
        Outbox.sent_at.is_(None),
        Outbox.dead_at >= since,
        Outbox.dead_at < day.start_of(day.today),
        Outbox.mail != MAIL_FAILURES,
    )


# ---------------------------------------------------------------- followed searches


def _search_news(day: Day) -> int:
    """One mail a day to each follower of a search in which something is new."""
    due = select(Subscription.id).where(*_search_readers(day))
    batches = few_at_a_time(day.session, due)
    return sum(_tell_of_searches(day, batch) for batch in batches)


def _search_readers(day: Day) -> Iterable[ColumnElement[bool]]:
    return (
        Subscription.case_id.is_(None),
        Subscription.stopped_at.is_(None),
        Subscription.told_until < day.start_of(day.today),
    )


def _tell_of_searches(day: Day, ids: Sequence[int]) -> int:
    session, until, told = day.session, day.now - SETTLED, 0
    with transaction("write"):
        followers = session.scalars(
            select(Subscription)
            .where(*_search_readers(day), Subscription.id.in_(ids))
            .with_for_update(skip_locked=True)
        ).all()
        for follower in followers:
            kind, since = kind_named(follower.kind), follower.told_until or until
            fresh = kind.fresh(session, day.city, follower.search, since, until)
            follower.told_until = until
            if fresh:
                reader = f"subscriber:{follower.id}"
                enqueue(session, SEARCH_NEWS, reader, day.now, values={"cases": list(fresh)})
                told += 1
        session.commit()
    return told


# ---------------------------------------------------------------- the queue of a unit


def _staff_digests(day: Day) -> int:
    """One mail a working day to each officer and head whose unit has anything to do."""
    with transaction("read"):
        units = day.session.scalars(
            select(Staff.unit_code).where(*_digest_readers(day)).distinct()
        ).all()
        day.session.rollback()
    return sum(_digest_of(day, unit) for unit in units if unit is not None)


def _digest_readers(day: Day) -> Iterable[ColumnElement[bool]]:
    return (
        Staff.role.in_((Role.OFFICER, Role.HEAD)),
        Staff.unit_code.is_not(None),
        Staff.disabled_at.is_(None),
        Staff.email != "",
        or_(Staff.digest_sent_on.is_(None), Staff.digest_sent_on < day.today.isoformat()),
    )


def _digest_of(day: Day, unit_code: str) -> int:
    session = day.session
    with transaction("write"):
        people = session.scalars(
            select(Staff)
            .where(*_digest_readers(day), Staff.unit_code == unit_code)
            .with_for_update(skip_locked=True)
        ).all()
        figures = _figures(day, unit_code)
        values = {**figures, "lines": _first_lines(session, unit_code)}
        for person in people:
            person.digest_sent_on = day.today.isoformat()
            if any(figures.values()):
                enqueue(session, STAFF_DIGEST, f"staff:{person.id}", day.now, values=values)
        session.commit()
    return len(people) if any(figures.values()) else 0


def _figures(day: Day, unit_code: str) -> dict[str, int]:
    """What stands in a unit's queue, in one look."""
    city_owes = _in_states(lambda kind: kind.city_clock)
    yesterday = day.start_of(day.city.calendar.add(day.today, -1))
    conditions = {
        "due_today": and_(city_owes, Case.due_on == day.today),
        "late": and_(city_owes, Case.due_on < day.today),
        "disputed": _in_states(_disputed),
        "waiting": _in_states(_waiting),
        "new": Case.unit_since >= yesterday,
    }
    row = day.session.execute(
        select(*(func.count().filter(c).label(name) for name, c in conditions.items())).where(
            Case.unit_code == unit_code, _in_states(lambda kind: kind.open_states)
        )
    ).one()
    return dict(row._mapping)


def _first_lines(session: Session, unit_code: str) -> list[dict[str, str]]:
    """What to do first: the earliest promises of the unit."""
    rows = session.execute(
        select(Case.number, Case.state, Case.due_on)
        .where(
            Case.unit_code == unit_code,
            _in_states(lambda kind: kind.city_clock),
            Case.due_on.is_not(None),
        )
        .order_by(Case.due_on, Case.id)
        .limit(MOST_LINES)
    )
    return [
        {"number": number, "state": state, "due_on": due_on.isoformat()}
        for number, state, due_on in rows
        if due_on is not None
    ]


def _disputed(kind: Lifecycle) -> list[str]:
    return [state.name for state in kind.states.values() if state.clock is Clock.DISPUTE]


def _waiting(kind: Lifecycle) -> list[str]:
    return [state.name for state in kind.states.values() if state.waits_for == "holder"]


def _in_states(choose: Callable[[Lifecycle], Sequence[str]]) -> ColumnElement[bool]:
    """Cases of any kind in the states chosen of its lifecycle."""
    rows = ((kind.lifecycle.kind, choose(kind.lifecycle)) for kind in kinds())
    return or_(*(and_(Case.kind == name, Case.state.in_(states)) for name, states in rows))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0
