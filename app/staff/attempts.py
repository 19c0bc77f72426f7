"""Wrong passwords and links asked for, counted per name and network in the limits' own file.

An attempt counts for its account before the password is checked, so that many at once are no way
round; a right password forgets them. Names that do not exist count just the same.
"""

import hashlib
from datetime import datetime

from app.core.limits import limits, network_key
from app.staff.catalogue import (
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_NETWORK,
    LINKS_PER_NAME,
    LINKS_PER_NETWORK,
)

ACCOUNT, NETWORK = "password_account", "password_network"
LINK_NAME, LINK_NETWORK = "link_name", "link_network"


def seconds_to_wait(username: str, now: datetime) -> int:
    """0 when one more password may be tried for this name, which is then counted; else seconds."""
    network = network_key(now)
    if seconds := limits().wait(NETWORK, FAILURES_PER_NETWORK, network):
        return seconds
    if not limits().count(ACCOUNT, FAILURES_PER_ACCOUNT, _key(username)):
        return limits().wait(ACCOUNT, FAILURES_PER_ACCOUNT, _key(username)) or 1
    return 0


def wrong(now: datetime) -> None:
    """The password was wrong."""
    limits().count(NETWORK, FAILURES_PER_NETWORK, network_key(now))


def right(username: str) -> None:
    """The password was right: the account starts anew."""
    limits().forget(ACCOUNT, FAILURES_PER_ACCOUNT, _key(username))


def seconds_to_wait_for_link(typed: str, now: datetime) -> int:
    """0 when one more link may be asked for by this name or address, which is counted; else
    seconds.
    """
    for name, most, key in (
        (LINK_NETWORK, LINKS_PER_NETWORK, network_key(now)),
        (LINK_NAME, LINKS_PER_NAME, _key(typed)),
    ):
        if not limits().count(name, most, key):
            return limits().wait(name, most, key) or 1
    return 0


def _key(username: str) -> str:
    return hashlib.sha256(username.encode()).hexdigest()[:32]
