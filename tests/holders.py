"""Opening a report as its reporter does."""

from flask import Flask

from app.cases.models import Case
from tests.histories import code_of
from tests.pages import Client, Page


def holder_of(app: Flask, case: Case, *, language: str = "id") -> Client:
    """A browser in which somebody has typed the tracking code of a case."""
    client = Client(app, language=language)
    with app.app_context():
        code = code_of(case)
    page = enter(client, code)
    assert page.path == f"/lacak/{case.number}", page
    return client


def enter(client: Client, code: str, *, follow: bool = True) -> Page:
    """Type a tracking code on the tracking page."""
    form = client.get("/lacak").form("Buka laporan", field="code")
    return form.force("code", code).submit(follow=follow)
