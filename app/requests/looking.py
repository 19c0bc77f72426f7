"""Answers and papers of a request are seen only after they were opened on purpose, which is kept.

A look lasts until the evening of the day it was opened on: whoever checks a file goes back and
forth in it, and each day of looking stands in the history that the applicant reads.
"""

from flask import abort

from app.cases import queries
from app.cases.desk_here import Here
from app.cases.models import Case
from app.civic.promises import local_date
from app.core.access import Permission, may
from app.core.running import the_vault
from app.requests.request_queries import Filed, filed
from app.requests.services import ROOMS

LOOKS = frozenset({"open", "open_again"})


def asked_request(here: Here, number: str, *, lock: bool = False) -> Case:
    """The request of this number, if this person works on it; for everybody else there is none."""
    case = here.case(number, lock=lock)
    if case is None or case.kind not in ROOMS or not may(here.staff, Permission.CASE_WORK, case):
        abort(404)
    return case


def is_open(here: Here, case: Case) -> bool:
    """Whether this person has opened answers and papers today."""
    events = queries.events_of(here.session, case, public_only=False)
    return (
        any(
            event.name in LOOKS
            and event.staff_id == here.staff.id
            and local_date(event.at, here.city.zone) == here.today
            for event in events
        )
        and case.erased_at is None
    )


def read(here: Here, case: Case) -> Filed:
    """The request as it stands."""
    return filed(here.session, the_vault(), case, here.city)
