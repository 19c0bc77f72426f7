"""Opening a report as its reporter does."""

from datetime import datetime
from typing import Any

from flask import Flask

from app.cases.models import Case
from tests.conftest import START, Block
from tests.histories import brought_to, code_of, step
from tests.pages import Client, Form, Page


def told(
    write: Block, state: str = "submitted", *more: tuple[str, str], at: datetime = START,
    **changes: Any,
) -> Case:  # fmt: skip
    """A complaint in this state, with further steps (who, what) taken; it keeps its form key."""
    with write() as session:
        case = brought_to(session, state, at, **changes)
        for who, name in more:
            step(session, case, who, name, at)
        return case


def code(app: Flask, case: Case) -> str:
    """The tracking code of a complaint."""
    with app.app_context():
        return code_of(case)


def enter(client: Client, typed: str, *, follow: bool = True) -> Page:
    """Type a tracking code on the tracking page."""
    form = client.get("/lacak").form("Buka laporan", field="code")
    return form.force("code", typed).submit(follow=follow)


def holder_of(app: Flask, case: Case, *, language: str = "id") -> Client:
    """A browser in which somebody has typed the tracking code of a case."""
    client = Client(app, language="id")
    page = enter(client, code(app, case))
    assert page.path == f"/lacak/{case.number}", page
    if language != "id":
        client.get(f"/lacak?lang={language}")
    return client


def mine(client: Client, case: Case) -> Page:
    """The reporter's own page."""
    return client.get(f"/lacak/{case.number}")


def form_of(client: Client, case: Case, slug: str) -> Form:
    """The form of a step on its own page."""
    page = client.get(f"/lacak/{case.number}/{slug}")
    assert page.path.endswith(slug), page
    return page.form(action=f"/{slug}")


def changed(page: Page) -> bool:
    """Whether a page says that somebody was faster."""
    return page.status == 409 and "Yang berubah" in page.main
