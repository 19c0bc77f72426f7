"""What tells a browser's "Saya juga" from those of others, without telling who anybody is."""

import secrets
from typing import Final, cast

from flask import session as browser

from app.cases.models import Case
from app.core.running import the_vault

DEVICE: Final = "device"


def support_key(case: Case) -> str:
    """The key this browser supports a case under; it is marked while it is open."""
    return _key(case, cast(str, browser.setdefault(DEVICE, secrets.token_urlsafe(16))))


def known_key(case: Case) -> str:
    """The same of a browser that was marked before, else ""; marks none."""
    return _key(case, browser[DEVICE]) if DEVICE in browser else ""


def _key(case: Case, device: str) -> str:
    return the_vault().keyed_hash("support", f"{case.number}:{device}")
