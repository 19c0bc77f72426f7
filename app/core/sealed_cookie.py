"""A cookie only the city can read: encrypted, dated, and told apart from whatever else it closes.

It goes to this host alone, never to a script, and not with what another site makes a browser send.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from app.core.running import the_settings, the_vault
from app.core.vault import Unreadable

_ROOT: Final = "/"


@dataclass(frozen=True)
class SealedCookie:
    """``parts`` values under a name; ``purpose`` tells them from other things the vault closes."""

    name: str
    purpose: str
    lifetime: timedelta
    parts: int

    @property
    def seconds(self) -> int:
        """How long it is read, from when it was put."""
        return int(self.lifetime.total_seconds())

    def put(self, response: Response, *values: object, path: str = _ROOT) -> Response:
        """Give these values to the browser that gets this answer."""
        response.set_cookie(
            self.name,
            the_vault().encrypt(json.dumps([self.purpose, *values])),
            max_age=self.seconds,
            path=path,
            secure=the_settings().secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    def drop(self, response: Response, path: str = _ROOT) -> Response:
        """Take it from this browser."""
        response.delete_cookie(self.name, path=path)
        return response

    def read(self) -> list[Any] | None:
        """What this request's cookie says; None without one, or with a forged or old one."""
        try:
            text = the_vault().decrypt(request.cookies.get(self.name, ""), ttl=self.seconds)
            found = json.loads(text)
        except (Unreadable, ValueError):
            return None
        ours = isinstance(found, list) and found[:1] == [self.purpose]
        return found[1:] if ours and len(found) == self.parts + 1 else None
