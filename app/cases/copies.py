"""The reporter's copy of their data by a mailed link: asking for it, and taking it once.

The link is signed and stands nowhere. That it was used stands in the case's history, where the
audit sees it; no page shows it, because it would tell that somebody left an address.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.events import THE_HOLDER, record
from app.cases.links import Links
from app.cases.models import Case, Event
from app.cases.telling import EXPORT_READY
from app.core.outbox import enqueue

TAKEN: Final = "copy_taken"


def may_ask(case: Case) -> bool:
    """Whether there is an address to send the link to; a made-up report tells nobody."""
    return bool(case.contact and case.contact.email) and not case.demo


def ask(session: Session, case: Case, now: datetime) -> None:
    """Send the reporter a link to the copy."""
    enqueue(session, EXPORT_READY, f"reporter:{case.id}", now, case_id=case.id)


def opened(session: Session, links: Links, token: str, *, lock: bool = False) -> Case | None:
    """The case a link gives the copy of; None for a forged, old, revoked or used one."""
    read = links.read_copy(token)
    if read is None:
        return None
    case_id, version, letter = read
    case = queries.by_id(session, case_id, lock=lock)
    if case is None or case.link_version != version or case.erased_at is not None:
        return None
    return None if _is_taken(session, case, letter) else case


def _is_taken(session: Session, case: Case, letter: str) -> bool:
    taken = select(Event).where(Event.case_id == case.id, Event.name == TAKEN)
    return any(event.facts.get("letter") == letter for event in session.scalars(taken))


def take_copy(session: Session, links: Links, token: str, now: datetime) -> Case | None:
    """The case, and from now on its link is used; None where ``opened`` says so."""
    case, read = opened(session, links, token, lock=True), links.read_copy(token)
    if case is None or read is None:
        return None
    record(session, case, TAKEN, THE_HOLDER, now, facts={"letter": read[2]})
    return case
