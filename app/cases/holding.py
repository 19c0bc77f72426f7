"""The holder's cookie: it opens one case on one device, until two hours after the last page.

Whoever has typed the right tracking code, or followed a mailed link, holds a case. The cookie is
encrypted and dated, tells no other site or script anything, and dies with the case's links.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.cases import queries
from app.cases.models import Case
from app.civic.codes import parse_number
from app.core.running import the_settings, the_vault
from app.core.vault import Unreadable

COOKIE: Final = "laporan"
LIFETIME: Final = timedelta(hours=2)
PURPOSE: Final = "holder"
"""Tells it from other things the vault closes."""


@dataclass(frozen=True)
class Held:
    """What the cookie of a request says; whether it still stands, the case's row decides."""

    case_id: int
    link_version: int
    number: str


def hold(response: Response, case: Case) -> Response:
    """Let the browser that gets this answer open the case, for two hours from now."""
    text = json.dumps([PURPOSE, case.id, case.link_version, case.number])
    settings = the_settings()
    response.set_cookie(
        COOKIE,
        the_vault().encrypt(text),
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def let_go(response: Response) -> Response:
    """Close the case on this device."""
    response.delete_cookie(COOKIE)
    return response


def held() -> Held | None:
    """What this request holds; None without a cookie, or with a forged or old one."""
    try:
        text = the_vault().decrypt(
            request.cookies.get(COOKIE, ""), ttl=int(LIFETIME.total_seconds())
        )
        found = json.loads(text)
    except (Unreadable, ValueError):
        return None
    return Held(*found[1:]) if _is_ours(found) else None


def _is_ours(found: object) -> bool:
    return isinstance(found, list) and len(found) == 4 and found[0] == PURPOSE


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
