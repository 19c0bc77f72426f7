"""What other rooms open by a code, and close: a code may be no case's yet.

The tracking page takes every code of the site, and its button closes whatever a device holds.
"""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from app.cases.holding import let_go
from app.cases.own_list_cookie import forget


@dataclass(frozen=True)
class Door:
    """``open`` answers a normalised code of the room, None for any other; ``close`` takes back what
    the room has given the device, such as a cookie.
    """

    open: Callable[[str], Response | None]
    close: Callable[[Response], Response]


_doors: list[Door] = []


def register(door: Door) -> None:
    """Let the tracking page ask a room."""
    if door not in _doors:
        _doors.append(door)


def opened(code: str) -> Response | None:
    """What a code opens in some room."""
    return next((response for door in _doors if (response := door.open(code))), None)


def closed(response: Response) -> Response:
    """The same answer, with all closed on this device: case, list, and what rooms hold."""
    response = forget(let_go(response))
    for door in _doors:
        response = door.close(response)
    return response
