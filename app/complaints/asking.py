"""How often an address may be asked whether it wants mails; it may be somebody else's."""

from typing import Final

from app.core.clock import now
from app.core.i18n import _
from app.core.limits import limits, network_key, waiting
from app.core.running import the_vault

FOLLOWS_PER_HOUR: Final = 10
"""Questions from one network."""
LINKS_PER_HOUR: Final = 3
"""Questions to one address, whoever sends them."""


def network_wait() -> int:
    """Seconds until this network may have one more sent, 0 when it is now."""
    return limits().wait("follow", FOLLOWS_PER_HOUR, network_key(now()))


def address_wait(email: str) -> int:
    """Seconds until this address may be asked once more, 0 when it is now."""
    return limits().wait("links", LINKS_PER_HOUR, _key(email))


def asked(email: str) -> None:
    """Count one question."""
    limits().count("follow", FOLLOWS_PER_HOUR, network_key(now()))
    limits().count("links", LINKS_PER_HOUR, _key(email))


def asked_enough(seconds: int) -> str:
    """What to do when an address has been asked too often."""
    return _(
        "Sudah %(n)s tautan dikirim ke alamat ini. Periksa kotak masuk dan folder spam, atau"
        " coba lagi setelah %(wait)s.",
        n=LINKS_PER_HOUR,
        wait=waiting(seconds),
    )


def _key(email: str) -> str:
    return the_vault().keyed_hash("links", email.casefold())
