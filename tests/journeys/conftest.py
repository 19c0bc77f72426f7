"""The site at an address, and Debian's Chromium to visit it.

A visitor is a browser of its own: size, language, with or without JavaScript. Whatever a page
writes to the console or the policy blocks fails the test.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app.config import Settings
from tests.conftest import settings_for
from tests.mailbox import Mailbox, free_port

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: axe's rules for WCAG 2.2 A and AA and its own good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

Visitor = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the journeys are skipped, and the summary says what to install."""
    here = Path(__file__).parent
    if not Path(CHROMIUM).exists():
        missing = pytest.mark.skip(reason=f"no {CHROMIUM}: run `apt-get install chromium` as root")
        for item in items:
            if here in item.path.parents:
                item.add_marker(missing)


class QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: a journey makes hundreds of requests."""


@pytest.fixture
def clock() -> None:
    """The real one: a browser and its cookies do not travel in time."""


@pytest.fixture
def settings(database_url: str, instance: Path, mailbox: Mailbox) -> Settings:
    return settings_for(database_url, instance, PORT=str(free_port()), SMTP_URL=mailbox.url)


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """Where the site answers while the test runs."""
    server = make_server(
        "127.0.0.1", settings.port, app, threaded=True, request_handler=QuietHandler
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield settings.public_url
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """`visitor(width=360, javascript=True, language="id")` opens a new browser of a new person."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_browser(width: int = 360, javascript: bool = True, language: str = "id") -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 740},
            locale=language,
            java_script_enabled=javascript,
            reduced_motion="reduce",  # a colour on its way to another has no contrast to measure
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda note: complaints.append(said(note.type, note.text)))
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert not list(filter(None, complaints)), "\n".join(filter(None, complaints))


def said(kind: str, text: str) -> str:
    """An error the page wrote to the console; an answer of 4xx is none, a form may give it."""
    answered = "Failed to load resource" in text and "status of 4" in text
    return f"console: {text}" if kind == "error" and not answered else ""


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """Siti's phone: 360 px wide, Indonesian."""
    return visitor()


def check_accessible(page: Page) -> None:
    """Fail with axe's report when it finds anything on the page, or when it scrolls sideways."""
    result = Axe().run(page, options={"runOnly": list(RULES)})
    assert not result.response["violations"], f"{page.url}\n{result.generate_report()}"
    check_width(page)


def check_width(page: Page) -> None:
    """Fail when the page scrolls sideways; works without script too."""
    width, seen = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= seen, f"{page.url} is {width} px wide on a screen of {seen}"
