"""The tally made anew from the event log, the slow way: after a removal, or to prove the fast way
right.
"""

from collections import Counter
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.cases.models import Case, Event, Support, Tally
from app.civic.promises import is_late, local_date
from app.core.access import PRIVATE
from app.places.facts import City

COUNTED = {
    "file": "received",
    "answer": "answers",
    "answer_dispute": "answers",
    "dispute": "disputes",
    "confirm": "closed",
    "auto_close": "closed",
    "close": "closed",
    "expire": "closed",
}
HANDED = frozenset({"assign", "reassign"})


def counts(session: Session, city: City) -> Counter[tuple[date, str]]:
    """How often each counted thing happened on each local day, read from every event."""
    found: Counter[tuple[date, str]] = Counter()
    case_id, handed, answered = None, None, False
    statement = (
        select(Event.case_id, Event.name, Event.at)
        .join(Case, Case.id == Event.case_id)
        .where(Case.visibility != PRIVATE)
        .order_by(Event.case_id, Event.id)
    )
    for row in session.execute(statement).yield_per(5000):
        if row.case_id != case_id:
            case_id, handed, answered = row.case_id, None, False
        day = local_date(row.at, city.zone)
        if metric := COUNTED.get(row.name):
            found[day, metric] += 1
        if row.name in HANDED:
            handed = day
        elif row.name == "start" and not answered and handed is not None:
            answered = True
            found[day, "first_answers"] += 1
            due = city.calendar.add(handed, city.promises.answer_days)
            found[day, "first_answers_on_time"] += not is_late(due, day)
    for at in session.scalars(select(Support.at)):
        found[local_date(at, city.zone), "supports"] += 1
    return +found


def recount(session: Session, city: City) -> None:
    """Write the tally anew."""
    session.execute(delete(Tally))
    session.add_all(Tally(day=day, metric=m, n=n) for (day, m), n in counts(session, city).items())
    session.flush()
