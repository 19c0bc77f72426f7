"""Answers and papers of a request are seen only after they were opened on purpose, which is kept.

A look lasts twelve hours: whoever checks a file goes back and forth in it, and each day of looking
stands once in the history that the applicant reads.
"""

from datetime import timedelta
from typing import Final

from flask import abort

from app.cases import queries
from app.cases.desk_here import Here
from app.cases.models import Case
from app.core.access import Permission, may
from app.core.running import the_vault
from app.requests.request_queries import Filed, filed
from app.requests.services import ROOMS

LOOKS: Final = frozenset({"open", "open_again"})
LASTS: Final = timedelta(hours=12)


def asked_request(here: Here, number: str, *, lock: bool = False) -> Case:
    """The request of this number, if this person works on it; for everybody else there is none."""
    case = here.case(number, lock=lock)
    if case is None or case.kind not in ROOMS or not may(here.staff, Permission.CASE_WORK, case):
        abort(404)
    return case


def is_open(here: Here, case: Case) -> bool:
    """Whether this person has opened answers and papers in the last hours."""
    if case.erased_at is not None:
        return False
    events = queries.events_of(here.session, case, public_only=False)
    mine = (event for event in events if event.staff_id == here.staff.id)
    return any(event.name in LOOKS and event.at > here.now - LASTS for event in mine)


def read(here: Here, case: Case) -> Filed:
    """The request as it stands."""
    return filed(here.session, the_vault(), case, here.city)
