"""Siti lost her codes: on a phone of 360 px she opens all that is hers by a mailed link."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.clock import now
from tests.conftest import Block
from tests.holders import told
from tests.journeys.conftest import Visitor, check_accessible
from tests.mailbox import Mailbox
from tests.web.test_own_list import EMAIL, address_in, deliver

FILED = {"closed": "anonim", "in_progress": "publik", "assigned": "rahasia"}


def has_heading(page: Page) -> None:
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize(("language", "javascript"), [("id", True), ("en", False)])
def test_she_finds_all_that_is_hers(
    app: Flask, visitor: Visitor, write: Block, mailbox: Mailbox, language: str, javascript: bool
) -> None:
    for state, visibility in (
        ("closed", "anonim"),
        ("in_progress", "publik"),
        ("assigned", "rahasia"),
    ):
        told(write, state, at=now(), email=EMAIL, visibility=visibility, language=language)
    look = check_accessible if javascript else has_heading  # axe is a script
    page = visitor(language=language, javascript=javascript)
    page.goto(f"/lacak?lang={language}")
    page.locator("main a[href='/lacak/punya-saya']").click()
    look(page)
    page.locator("main [name=email]").fill(EMAIL)
    page.locator("main form button").click()
    expect(page.locator("[role=status]")).to_be_visible()
    look(page)
    deliver(app)
    page.goto(address_in(mailbox.to(EMAIL)[-1]))
    look(page)
    page.locator("main form button").click()
    expect(page.locator("main button[name=number]")).to_have_count(3)
    look(page)
    page.locator("main button[name=number]").first.click()
    expect(page).to_have_url(re.compile(r"/lacak/\d{4}-\d+$"))
    look(page)
    page.locator("main a[href='/lacak/punya-saya']").click()
    expect(page.locator("main button[name=number]")).to_have_count(3)
