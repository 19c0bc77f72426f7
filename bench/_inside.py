"""The site in this process, to count what it asks its database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from app.extensions import db
from bench._forms import Form, forms_of
from scripts.site import Site

BOOKKEEPING = ("PRAGMA", "BEGIN", "SET TRANSACTION")
"""How statements begin that open a transaction and ask nothing."""


@dataclass(order=True)
class Counted:
    """What was asked of the database."""

    queries: int = 0
    commits: int = 0


class Inside:
    """The application of a site, with the same settings and the same database."""

    def __init__(self, site: Site) -> None:
        app = create_app(Settings.from_environ(site.environ))
        logging.getLogger("tanggap").setLevel(logging.WARNING)
        self._client = app.test_client()
        self._client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "id"
        with app.app_context():
            self._engine = db.engine

    def get(self, path: str) -> Counted:
        """Open a page. Raises RuntimeError when there is none."""
        with self._counting() as counted:
            _answered(self._client.get(path), 200)
        return counted

    def form(self, path: str, field: str) -> Form:
        """The form with this field on a page."""
        page = self._client.get(path).get_data(as_text=True)
        return next(form for form in forms_of(page) if field in form.fields)

    def post(self, form: Form, press: str = "", status: int = 303) -> Counted:
        """Press a button of a form. Raises RuntimeError when another answer comes."""
        with self._counting() as counted:
            answer = self._send(form, press)
        _answered(answer, status)
        return counted

    def _send(self, form: Form, press: str) -> TestResponse:
        data = MultiDict(form.pairs(form.button(press)))
        kind = "multipart/form-data" if form.multipart else "application/x-www-form-urlencoded"
        return self._client.post(form.action, data=data, content_type=kind)

    @contextmanager
    def _counting(self) -> Iterator[Counted]:
        counted = Counted()

        def asked(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            counted.queries += not statement.startswith(BOOKKEEPING)

        def committed(_connection: Any) -> None:
            counted.commits += 1

        event.listen(self._engine, "before_cursor_execute", asked)
        event.listen(self._engine, "commit", committed)
        try:
            yield counted
        finally:
            event.remove(self._engine, "before_cursor_execute", asked)
            event.remove(self._engine, "commit", committed)


def _answered(answer: TestResponse, status: int) -> None:
    if answer.status_code != status:
        raise RuntimeError(f"{answer.status_code} instead of {status} at {answer.request.path}")
