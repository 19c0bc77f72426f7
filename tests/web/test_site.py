"""The front page, the standing pages, the errors, and what machines ask."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.config import Settings
from app.core.access import public
from app.core.clock import now
from app.core.heartbeat import beat
from app.core.pages import error_page
from app.extensions import db
from tests.conftest import Block
from tests.histories import brought_to
from tests.pages import Client

pytestmark = pytest.mark.once

PAGES = ("/privasi", "/bantuan", "/tentang", "/aksesibilitas")
BASE = "http://127.0.0.1:8000"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("address", ["/", *PAGES])
def test_standing_pages_in_both_languages(app: Flask, address: str, language: str) -> None:
    assert Client(app, language=language).get(address).status == 200


def test_an_empty_city_says_so(client: Client) -> None:
    page = client.get("/").text
    assert "Hari ini tidak ada laporan yang lewat batas waktu." in page
    assert "Angka tampil setelah laporan pertama masuk." in page
    assert "Belum ada laporan yang selesai minggu ini." in page


def test_the_front_page_shows_what_is_late_and_what_is_done(client: Client, write: Block) -> None:
    with write() as session:
        late = brought_to(session, "assigned", now() - timedelta(days=60))
        hidden = brought_to(session, "assigned", now() - timedelta(days=60), visibility="rahasia")
        done = brought_to(session, "closed", now() - timedelta(days=2))
    page = client.get("/").html
    assert late.number in page
    assert f"/keluhan/{done.number}" in page
    assert hidden.number not in page


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("language", ["id", "en"])
def test_error_pages_need_no_database(
    app: Flask, code: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_database(*_args: object, **_more: object) -> None:
        raise AssertionError("an error page asked the database")

    with app.test_request_context(f"/?lang={language}", base_url=BASE):
        app.preprocess_request()
        monkeypatch.setattr(Session, "connection", no_database)
        monkeypatch.setattr(Session, "execute", no_database)
        body, status = error_page(code)
    assert status == code
    assert "<h1" in body


def test_a_fault_is_a_page_and_tells_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    app.testing = False
    monkeypatch.setitem(app.view_functions, "site.about", public(broken))
    answer = app.test_client().get("/tentang", base_url=BASE)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "<h1" in answer.text


def test_a_wrong_method_says_which_are_right(app: Flask) -> None:
    answer = app.test_client().put("/privasi", base_url=BASE)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_other_hosts_are_refused_but_health_answers_any(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/", base_url="http://evil.example").status_code == 400
    assert client.get("/healthz", base_url="http://10.0.0.7").status_code == 200


def test_ready_says_when_the_worker_went_round(app: Flask) -> None:
    assert "worker not seen" in app.test_client().get("/readyz", base_url=BASE).text
    beat(app.extensions["settings"].instance_path, now())
    assert "2026-11-24" in app.test_client().get("/readyz", base_url=BASE).text


def test_not_ready_without_tables(app: Flask, write: Block) -> None:
    with write() as session:
        session.execute(text("ALTER TABLE cases RENAME TO elsewhere"))
    answer = app.test_client().get("/readyz", base_url=BASE)
    assert (answer.status_code, answer.text) == (503, "not ready: database\n")


def test_a_get_request_cannot_write(app: Flask) -> None:
    with app.test_request_context("/", base_url=BASE), pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE series SET n = 1"))


def test_every_answer_carries_the_headers(app: Flask) -> None:
    for address in ("/", "/nowhere", "/healthz", "/static/css/site.css"):
        answer = app.test_client().get(address, base_url=BASE)
        if not address.startswith("/static"):
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.get("Cache-Control"), address


def test_no_tracking(app: Flask) -> None:
    """Claim: cookies only for the form, the language and the staff sign-in; no other host."""
    client = app.test_client()
    client.get("/?lang=en", base_url=BASE)
    client.get("/keluhan/baru", base_url=BASE)
    client.get("/lacak", base_url=BASE)
    kept = client._cookies or {}
    names = {cookie.key for cookie in kept.values()}
    assert names
    assert names <= {"sesi", "bahasa"}
    page = client.get("/keluhan/baru", base_url=BASE)
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert "//" not in page.text.replace("http://www.w3.org", "").replace("https://wa.me", "")


class TestOverTLS:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="https://tanggap.example.go.id")

    def test_a_browser_that_sends_no_referrer_is_served(self, app: Flask, write: Block) -> None:
        with write() as session:
            number = brought_to(session, "assigned", now()).number
        client, base = app.test_client(), "https://tanggap.example.go.id"
        page = client.get(f"/keluhan/{number}", base_url=base).get_data(as_text=True)
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        data = {"csrf_token": token}
        answer = client.post(f"/keluhan/{number}/saya-juga", data=data, base_url=base)
        assert answer.status_code == 303

    def test_every_cookie_stays_on_this_host_and_on_tls(self, app: Flask) -> None:
        answer = app.test_client().get("/lacak?lang=en", base_url="https://tanggap.example.go.id")
        cookies = answer.headers.getlist("Set-Cookie")
        assert len(cookies) == 2
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
            assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"]
