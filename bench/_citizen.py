"""A small browser without script: cookies, one kept connection, the page's own forms.

Enough for a citizen and for an officer, and light enough to share two cores with the site:

    siti = Citizen(site.port)
    form = siti.get("/keluhan/baru").form(id="laporan")
    receipt = siti.submit(form.fill(text="…"), "send")
"""

import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPMessage
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from bench._forms import Button, Form, Upload, forms_of

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 5
IDLE_SECONDS: Final = 1.0
"""How long an idle connection is trusted; gunicorn ends it after two seconds."""
PATIENCE: Final = 30
LOST: Final = (OSError, HTTPException)
"""What it looks like when no answer comes."""


class Unexpected(Exception):
    """An answer with another status than the visit needs."""


@dataclass(frozen=True)
class Page:
    """One answer, read."""

    path: str
    status: int
    headers: HTTPMessage
    body: bytes

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @cached_property
    def forms(self) -> list[Form]:
        """The forms as they stand on the page."""
        return forms_of(self.text)

    def form(self, *, id: str = "", action: str = "", field: str = "") -> Form:
        """The first form with this id, with an address ending so, with this field.

        Raises KeyError when there is none.
        """
        for form in self.forms:
            to = urlsplit(form.action or self.path).path
            if id in ("", form.id) and to.endswith(action) and (not field or field in form.fields):
                return form
        raise KeyError(f"no form {id}{action}{field} on {self.path} ({self.status})")

    def value(self, attribute: str) -> str:
        """What the page marks for machines, such as ``data-tracking-code``.

        Raises KeyError when it does not.
        """
        found = re.search(rf'\b{attribute}="([^"]*)"', self.text)
        if found is None:
            raise KeyError(f"no {attribute} on {self.path} ({self.status})")
        return found[1]

    def expect(self, *statuses: int) -> "Page":
        """This page. Raises Unexpected when its status is another."""
        if self.status not in (statuses or (200,)):
            raise Unexpected(f"{self.status} at {self.path}: {self.complaint}")
        return self

    @property
    def complaint(self) -> str:
        """What the page says went wrong, or how it begins."""
        errors = re.findall(r'class="err"[^>]*>(.*?)</p>', self.text, re.DOTALL)
        words = " / ".join(errors) or self.text.partition("<main")[2]
        return " ".join(re.sub(r"<[^>]*>", " ", words).split())[:400]


class Citizen:
    """Somebody with a browser."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.headers = {"Accept-Language": "id"} | dict(headers or {})
        self.cookies: dict[str, tuple[str, str]] = {}  # name: value, path
        self._connection: HTTPConnection | None = None
        self._used_at = 0.0

    # ---------------------------------------------------------------- visits

    def get(self, address: str) -> Page:
        """Open an address and follow where it leads."""
        return self._followed(self.send("GET", address))

    def submit(self, form: Form, press: str = "", *, follow: bool = True) -> Page:
        """Press a button of a form, by its value."""
        button = pressed(form, press)
        if form.method == "get":
            pairs = urlencode(form.pairs(button))
            return self.get(f"{form.action.partition('?')[0]}?{pairs}")
        page = self.send("POST", *posted(form, button))
        return self._followed(page) if follow else page

    def send_and_hang_up(self, form: Form, press: str = "") -> None:
        """Press a button and lose the line before the answer comes."""
        address, body, headers = posted(form, pressed(form, press))
        connection = self._connect()
        connection.request("POST", address, body, self._headers_for(address) | headers)
        self.close()

    def _followed(self, page: Page) -> Page:
        for _ in range(MOST_REDIRECTS):
            if page.status not in REDIRECTS:
                return page
            page = self.send("GET", urljoin(page.path, page.headers["Location"]))
        raise Unexpected(f"{page.path} leads nowhere")

    # ---------------------------------------------------------------- one request

    def send(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """One request and its answer. Raises one of LOST when no answer comes."""
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = self._connect()
        try:
            connection.request(method, path, body, self._headers_for(path) | dict(headers or {}))
            answer = connection.getresponse()
            page = Page(path, answer.status, answer.headers, answer.read())
        except LOST:
            self.close()
            raise
        self._used_at = time.monotonic()
        self._remember(page)
        return page

    def _connect(self) -> HTTPConnection:
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        return self._connection

    def close(self) -> None:
        """End the connection; the next request makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # ---------------------------------------------------------------- cookies

    def cookies_for(self, path: str) -> str:
        """The value of the header with the cookies that go to this address."""
        fitting = ((n, v) for n, (v, scope) in self.cookies.items() if path.startswith(scope))
        return "; ".join(f"{name}={value}" for name, value in fitting)

    def _headers_for(self, path: str) -> dict[str, str]:
        cookies = self.cookies_for(path)
        return self.headers | ({"Cookie": cookies} if cookies else {})

    def _remember(self, page: Page) -> None:
        for line in page.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = (morsel.value, morsel["path"] or "/")


def pressed(form: Form, value: str) -> Button:
    """The button of a form, or what pressing Enter is in one without buttons."""
    return form.button(value) if form.buttons else Button("", "", "")


def posted(form: Form, button: Button) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers of a form that is sent by POST."""
    address = (button.action or form.action).partition("#")[0]
    if form.multipart:
        body, kind = multipart(form.pairs(button), form.files)
    else:
        body, kind = urlencode(form.pairs(button)).encode(), "application/x-www-form-urlencoded"
    return address, body, {"Content-Type": kind}


def multipart(
    pairs: Sequence[tuple[str, str]], uploads: Sequence[tuple[str, Upload]]
) -> tuple[bytes, str]:
    """A body of ``multipart/form-data`` (RFC 7578) and its media type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in pairs
    ]
    parts += [
        f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        for name, (file, content, kind) in uploads
    ]
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
