"""The reporter's copy of their data by a mailed link: asking for it, and taking it once.

The link is signed and stands nowhere. That it was used stands in the case's history, where the
audit sees it; no page shows it, because it would tell that somebody left an address.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.events import THE_HOLDER, record
from app.cases.links import Links
from app.cases.models import Case
from app.cases.telling import EXPORT_READY, has_address
from app.core.outbox import enqueue

TAKEN: Final = "copy_taken"


def may_ask(case: Case) -> bool:
    """Whether there is an address to send the link to; a made-up report tells nobody."""
    return has_address(case) and not case.demo


def ask(session: Session, case: Case, now: datetime) -> None:
    """Send the reporter a link to the copy."""
    enqueue(session, EXPORT_READY, f"reporter:{case.id}", now, case_id=case.id)


def opened(session: Session, links: Links, token: str) -> Case | None:
    """The case a link gives the copy of; None for a forged, old, revoked or used one."""
    case, _letter = _read(session, links, token, lock=False)
    return case


def take_copy(session: Session, links: Links, token: str, now: datetime) -> Case | None:
    """The case, and from now on its link is used; None where ``opened`` says so."""
    case, letter = _read(session, links, token, lock=True)
    if case is not None:
        record(session, case, TAKEN, THE_HOLDER, now, facts={"letter": letter})
    return case


def _read(session: Session, links: Links, token: str, *, lock: bool) -> tuple[Case | None, str]:
    """The case of a link that still works, and the mail it came with."""
    read = links.read_copy(token)
    if read is None:
        return None, ""
    case_id, version, letter = read
    case = queries.by_id(session, case_id, lock=lock)
    if case is None or case.link_version != version or case.erased_at is not None:
        return None, letter
    used = queries.happened(session, case, TAKEN, "letter", letter)
    return None if used else case, letter
