"""The cookie that lists all of an address on one device, for two hours from when it was opened.

Like the holder's (``app.cases.holding``) it is encrypted and dated, and no other site or script
reads it. It holds the address, so that nothing about its visit stands in the database.
"""

import json
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from app.cases.holding import LIFETIME
from app.core.running import the_settings, the_vault
from app.core.vault import Unreadable

COOKIE: Final = "milik"
PURPOSE: Final = "own list"
"""Tells it from other things the vault closes."""


def keep(response: Response, email: str) -> Response:
    """Let the browser that gets this answer list what is of this address."""
    settings = the_settings()
    response.set_cookie(
        COOKIE,
        the_vault().encrypt(json.dumps([PURPOSE, email])),
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: Response) -> Response:
    """Close the list on this device."""
    response.delete_cookie(COOKIE)
    return response


def listed_email() -> str | None:
    """The address whose list this browser may see; None without a cookie, or with a forged or old
    one.
    """
    try:
        text = the_vault().decrypt(
            request.cookies.get(COOKIE, ""), ttl=int(LIFETIME.total_seconds())
        )
        found = json.loads(text)
    except (Unreadable, ValueError):
        return None
    return str(found[1]) if _is_ours(found) else None


def _is_ours(found: object) -> bool:
    return isinstance(found, list) and len(found) == 2 and found[0] == PURPOSE
