"""The cookie that lists all of an address on one device, for two hours from when it was opened.

It holds the address, so that nothing about its visit stands in the database.
"""

from typing import Final

from werkzeug.wrappers import Response

from app.cases.holding import LIFETIME
from app.core.sealed_cookie import SealedCookie

COOKIE: Final = "milik"

_cookie = SealedCookie(COOKIE, "own list", LIFETIME, parts=1)


def keep(response: Response, email: str) -> Response:
    """Let the browser that gets this answer list what is of this address."""
    return _cookie.put(response, email)


def forget(response: Response) -> Response:
    """Close the list on this device."""
    return _cookie.drop(response)


def listed_email() -> str | None:
    """The address whose list this browser may see; None without a cookie, or with a forged or old
    one.
    """
    found = _cookie.read()
    return str(found[0]) if found else None
