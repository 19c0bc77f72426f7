"""Promises the pages make to reporters, kept while they follow their report.

Keys are those of the claims the texts were written with.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.cases.models import Case
from app.config import Settings
from tests.conftest import Block, settings_for
from tests.histories import step
from tests.holders import form_of, holder_of, mine, told
from tests.pages import Client

WORDS = "Kemarin ada lagi yang jatuh, MARKER-KATA."
NAME, PHONE, EMAIL = "Zulmarker Nasution", "+6281299887766", "zulmarker@contoh.test"
AGENT, ADDRESS = "MarkerBrowser/7.3", "203.0.113.99"
WHO = (NAME, "Zulmarker", PHONE, "081299887766", "99887766", EMAIL)


@pytest.fixture
def settings(database_url: str, instance: Path) -> Settings:
    return settings_for(database_url, instance, RATE_LIMITS="on")


def followed(app: Flask, write: Block, visibility: str) -> tuple[Case, Client]:
    """A report somebody with a telling browser has filed, opened and replied to."""
    case = told(write, "in_progress", visibility=visibility, name=NAME, phone=PHONE, email=EMAIL)
    client = holder_of(app, case)
    client.http.environ_base |= {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": ADDRESS}
    form_of(client, case, "balas").fill(words=WORDS).submit()
    mine(client, case)
    client.get(f"/lacak/{case.number}/kronologi")
    return case, client


def desk_pages(case: Case, *people: Client) -> Iterator[str]:
    """The desk's pages about a case, as far as each of these may open them."""
    for person in people:
        for address in ("/petugas", f"/petugas/kasus/{case.number}"):
            answer = person.http.get(address, follow_redirects=True)
            yield answer.get_data(as_text=True)


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_no_officer_sees_who_reported(
    app: Flask, write: Block, budi: Client, rina: Client, tono: Client, ayu: Client,
    visibility: str,
) -> None:  # fmt: skip
    """anonim_nobody_sees"""
    case, _client = followed(app, write, visibility)
    pages = list(desk_pages(case, budi, rina, tono, ayu))
    assert any("MARKER-KATA" in page for page in pages)
    for page in pages:
        for marker in WHO:
            assert marker not in page


def test_text_and_photos_wait_for_a_check(app: Flask, write: Block, client: Client) -> None:
    """text_after_check"""
    case, holder = followed(app, write, "publik")
    public = f"/keluhan/{case.number}"
    assert "pangkalan becak" in client.get(public).main
    assert "MARKER-KATA" not in client.get(public).html
    assert "MARKER-KATA" not in holder.get(public).html
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "update", case.created_at)
    assert "MARKER-KATA" in client.get(public).main


def test_what_a_rahasia_reporter_writes_is_never_public(
    app: Flask, write: Block, client: Client
) -> None:
    """rahasia_readers"""
    case, _holder = followed(app, write, "rahasia")
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "answer", case.created_at)
    for address in (f"/keluhan/{case.number}", "/keluhan", "/"):
        page = client.get(address)
        assert "MARKER-KATA" not in page.html
        assert "Jalan rusak atau berlubang di" not in page.html


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_following_leaves_no_trace_of_browser_or_network(
    app: Flask, write: Block, instance: Path, database_url: str,
    capsys: pytest.CaptureFixture[str], visibility: str,
) -> None:  # fmt: skip
    """no_ip_for_hidden; contact data lie encrypted"""
    followed(app, write, visibility)
    kept = [path for path in instance.rglob("*") if path.is_file()]
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///"))
        kept += list(file.parent.glob(f"{file.name}*"))
    assert kept
    held = b"".join(path.read_bytes() for path in kept) + capsys.readouterr().err.encode()
    for marker in (AGENT, ADDRESS, *WHO):
        assert marker.encode() not in held


def test_cookies_are_for_the_form_the_language_and_the_report(app: Flask, write: Block) -> None:
    """no_tracking"""
    case, client = followed(app, write, "publik")
    client.get(f"/lacak/{case.number}?lang=en")
    jar = {cookie.key for cookie in client.http._cookies.values()}  # type: ignore[union-attr]
    assert jar <= {"sesi", "bahasa", "laporan"}
    page = mine(client, case)
    for tag in page.select("[src], link[href], form[action]"):
        address = tag.get("src") or tag.get("href") or tag.get("action")
        assert str(address).startswith(("/", "?")), tag
