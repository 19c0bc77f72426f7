"""The holder's cookie: it opens one case on one device, until two hours after the last page.

Whoever has typed the right tracking code, or followed a mailed link, holds a case. The cookie is
encrypted and dated, tells no other site or script anything, and dies with the case's links.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.cases import queries
from app.cases.models import Case
from app.civic.codes import parse_number
from app.core.sealed_cookie import SealedCookie

COOKIE: Final = "laporan"
LIFETIME: Final = timedelta(hours=2)
PURPOSE: Final = "holder"

_cookie = SealedCookie(COOKIE, PURPOSE, LIFETIME, parts=3)


@dataclass(frozen=True)
class Held:
    """What the cookie of a request says; whether it still stands, the case's row decides."""

    case_id: int
    link_version: int
    number: str


def hold(response: Response, case: Case) -> Response:
    """Let the browser that gets this answer open the case, for two hours from now."""
    return _cookie.put(response, case.id, case.link_version, case.number)


def let_go(response: Response) -> Response:
    """Close the case on this device."""
    return _cookie.drop(response)


def held() -> Held | None:
    """What this request holds; None without a cookie, or with a forged or old one."""
    found = _cookie.read()
    return Held(*found) if found else None


def holds(number: str) -> Held | None:
    """What this request holds, if it is the case of this number; asks no database."""
    found = held()
    return found if found and found.number == parse_number(number) else None


def held_case(session: Session, number: str, *, lock: bool = False) -> Case | None:
    """The case of this number, if this request holds it. ``lock`` for one that will change it."""
    found = holds(number)
    case = queries.by_id(session, found.case_id, lock=lock) if found else None
    return case if case and found and stands(found, case) else None


def stands(found: Held, case: Case) -> bool:
    """Whether what a cookie says still opens this case: not after its data were erased."""
    return (
        case.id == found.case_id
        and case.link_version == found.link_version
        and case.erased_at is None
    )
