"""Signing in: who gets in, where to, and what those who do not get to know."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.config import Settings
from app.core.models import Outbox
from app.staff import passwords
from app.staff.catalogue import FAILURES_PER_ACCOUNT, FAILURES_PER_NETWORK, SESSION_LIFETIME
from app.staff.models import KnownDevice, Staff, StaffSession
from tests.cast import PASSWORD, SHIPPED_METHOD
from tests.conftest import START, Block
from tests.pages import Client, Page

WRONG = "Nama akun atau kata sandi tidak cocok. Periksa keduanya, lalu coba lagi."
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"
PC = "Mozilla/5.0 (Windows NT 10.0; rv:132.0) Firefox/132.0"


def sign_in(client: Client, username: str, password: str = PASSWORD, address: str = "") -> Page:
    form = client.get(f"/petugas/masuk{address}").form(field="password")
    return form.force("username", username).force("password", password).submit(follow=False)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The password hashes that were computed, without the time they take."""
    checked: list[str] = []

    def check(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return password == PASSWORD and "$nobody$" not in password_hash

    monkeypatch.setattr(passwords, "check_password_hash", check)
    return checked


# ---------------------------------------------------------------- getting in


def test_a_right_password_opens_the_desk_and_the_session_is_a_row(
    client: Client, read: Block
) -> None:
    page = sign_in(client, "rina")
    assert page.status == 303
    assert page.headers["Location"].startswith("/petugas")
    with read() as session:
        row = session.scalars(select(StaffSession)).one()
        assert (row.staff.username, row.expires_at) == ("rina", row.created_at + SESSION_LIFETIME)
    cookie = client.http.get_cookie("sesi")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert client.get("/petugas/sesi").words(".util").startswith("Rina Siregar")


def test_small_and_capital_letters_are_the_same_in_a_name(app: Flask) -> None:
    for username in ("RINA", " rina ", "Rina"):
        assert sign_in(Client(app), username).status == 303


def test_whoever_is_signed_in_is_not_asked_again(rina: Client) -> None:
    page = rina.get("/petugas/masuk", follow=False)
    assert page.status == 302
    assert page.headers["Location"].startswith("/petugas")


def test_a_sign_in_makes_a_new_token_and_forgets_what_the_browser_brought(
    client: Client, read: Block
) -> None:
    client.get("/petugas/masuk")
    before = client.http.get_cookie("sesi")
    sign_in(client, "rina")
    first = client.http.get_cookie("sesi")
    with client.http.session_transaction() as cookie:
        token = cookie["_user_id"]
        cookie["planted"] = "x"
    client.http.post("/petugas/keluar", data={"csrf_token": csrf(client)})
    sign_in(client, "rina")
    with client.http.session_transaction() as cookie:
        assert cookie["_user_id"] != token
        assert "planted" not in cookie
    assert before is not None
    assert first is not None
    assert before.value != first.value
    with read() as session:
        assert token not in session.scalars(select(StaffSession.token_hash)).one()


def csrf(client: Client) -> str:
    return client.get("/petugas/sesi").form("Keluar", action="/keluar").values["csrf_token"][0]


def test_an_outdated_hash_is_made_anew(
    client: Client, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "METHOD", SHIPPED_METHOD)
    assert sign_in(client, "rina").status == 303
    with read() as session:
        kept = session.scalars(select(Staff.password_hash).where(Staff.username == "rina")).one()
    assert kept.startswith("scrypt:32768:8:3$")
    assert passwords.matches(kept, PASSWORD)


def test_the_password_is_checked_outside_any_transaction(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.extensions import db

    seen: list[bool] = []

    def check(password_hash: str, password: str) -> bool:
        seen.append(db.session().in_transaction())
        return True

    monkeypatch.setattr(passwords, "check_password_hash", check)
    assert sign_in(client, "rina").status == 303
    change = client.get("/petugas/kata-sandi").form(field="current")
    change.fill(current=PASSWORD, password="becak kuda lampu", again="becak kuda lampu").submit()
    assert seen == [False, False]


# ---------------------------------------------------------------- staying out


WRONG_PASSWORDS = (
    "salah-sama-sekali",
    PASSWORD.upper(),
    f" {PASSWORD}",
    "x" * 10_000,
    f"{PASSWORD}\x00",
    "\u202e\U0001f41f" * 50,
)
WRONG_NAMES = ("tidak.ada", "x" * 10_000, "' OR 1=1 --", "rina'/*", "%", "rin_", "r\u0131na")


def test_a_wrong_password_opens_nothing(client: Client, read: Block) -> None:
    for password in WRONG_PASSWORDS:
        page = sign_in(client, "rina", password)
        assert page.status == 422, password
        assert page.errors() == {"password": WRONG}, password
        assert password not in page.html
    with read() as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_a_wrong_name_says_the_same(client: Client, hashes: list[str]) -> None:
    for username in WRONG_NAMES:
        page = sign_in(client, username)
        assert page.status == 422, username
        assert page.errors() == {"password": WRONG}, username
    assert len(hashes) == len(WRONG_NAMES)


INCOMPLETE = (
    ("", PASSWORD, "username"),
    ("   ", PASSWORD, "username"),
    ("rina", "", "password"),
    ("ri\x00na", PASSWORD, "username"),
    ("ri\u202ena", PASSWORD, "username"),
)


def test_what_is_missing_or_unreadable_is_said_at_its_field(client: Client) -> None:
    for username, password, field in INCOMPLETE:
        page = sign_in(client, username, password)
        assert page.status == 422
        assert list(page.errors()) == [field], username


def test_a_form_without_its_fields_is_answered(client: Client) -> None:
    form = client.get("/petugas/masuk").form(field="password")
    del form.values["username"], form.values["password"]
    assert form.submit().status == 422


def test_unknown_disabled_and_wrong_look_alike_and_cost_alike(
    client: Client, write: Block, hashes: list[str]
) -> None:
    with write() as session:
        session.execute(update(Staff).where(Staff.username == "dewi").values(disabled_at=START))
    answers = {
        name: sign_in(client, name, password)
        for name, password in (("rina", "salah"), ("dewi", PASSWORD), ("nobody", PASSWORD))
    }
    assert len(hashes) == 3  # one each
    assert len({same_but_for(page, name) for name, page in answers.items()}) == 1
    assert {page.status for page in answers.values()} == {422}


def same_but_for(page: Page, name: str) -> str:
    html = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", page.html)
    return html.replace(f'value="{name}"', 'value=""')


def test_a_page_that_was_open_too_long_asks_to_send_again(client: Client) -> None:
    form = client.get("/petugas/masuk").form(field="password")
    form.fill(username="rina", password=PASSWORD).force("csrf_token", "alt")
    page = form.submit()
    assert page.status == 422
    assert "Halaman ini sudah terbuka terlalu lama" in page.words(".sum")
    assert page.form(field="password").fill(password=PASSWORD).submit(follow=False).status == 303


def test_no_page_of_the_desk_opens_without_signing_in(client: Client) -> None:
    page = client.get("/petugas/akun?cari=rina")
    assert page.path == "/petugas/masuk"
    page = page.form(field="password").fill(username="ayu", password=PASSWORD).submit()
    assert (page.path, page.response.request.query_string) == ("/petugas/akun", b"cari=rina")


# ---------------------------------------------------------------- where it leads


DESK_PAGES = {
    "/petugas/akun": "/petugas/akun",
    "/petugas/akun?cari=a%20b": "/petugas/akun?cari=a%20b",
    "/petugas/kasus/2611-0001?": "/petugas/kasus/2611-0001",
}
ELSEWHERE = (
    "https://evil.example/petugas",
    "//evil.example/petugas",
    "/\\evil.example",
    "\\\\evil.example",
    "/petugas.evil.example",
    "/petugas@evil.example",
    "/petugas//evil.example",
    "/petugas/../keluhan",
    "/petugas/.%2e/keluhan",
    "/petugas/%2e%2e//evil.example",
    "/petugas\r\nX: y",
    "/petugas/akun\\..\\..",
    "/petugas/masuk?next=/petugas/masuk",
    "/keluhan",
    "javascript:alert(1)",
    "petugas",
    "",
    "/petugas/" + "a" * 5000 + "\u00e9",
)


def led_to(app: Flask, wanted: str) -> Page:
    form = Client(app).get("/petugas/masuk").form(field="password")
    return form.fill(username="ayu", password=PASSWORD).force("next", wanted).submit(follow=False)


def test_a_sign_in_leads_to_the_page_that_was_asked_for(app: Flask, hashes: list[str]) -> None:
    for wanted, address in DESK_PAGES.items():
        assert led_to(app, wanted).headers["Location"] == address


def test_a_sign_in_leads_nowhere_but_to_the_desk(app: Flask, hashes: list[str]) -> None:
    for wanted in ELSEWHERE:
        page = led_to(app, wanted)
        assert page.status == 303, wanted
        assert page.headers["Location"] in {"/petugas", "/petugas/", "/petugas/sesi"}, wanted
    assert led_to(app, "\x00").status == 422


# ---------------------------------------------------------------- throttling


class TestThrottling:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    @staticmethod
    def fail(client: Client, username: str, times: int) -> None:
        for _ in range(times):
            assert sign_in(client, username, "salah").status == 422

    @pytest.mark.parametrize("username", ["rina", "tidak.ada"])
    def test_an_account_pauses_whether_it_exists_or_not(
        self, app: Flask, client: Client, hashes: list[str], username: str
    ) -> None:
        self.fail(client, username, FAILURES_PER_ACCOUNT)
        page = sign_in(Client(app), username, PASSWORD)
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert re.search(r"Coba lagi setelah \d+ menit", page.words(".sum"))
        assert len(hashes) == FAILURES_PER_ACCOUNT  # the last one cost nothing

    def test_another_account_goes_on(self, client: Client, hashes: list[str]) -> None:
        self.fail(client, "rina", FAILURES_PER_ACCOUNT)
        assert sign_in(client, "tono").status == 303

    def test_after_an_hour_it_goes_on(
        self, client: Client, hashes: list[str], clock: time_machine.Traveller
    ) -> None:
        self.fail(client, "rina", FAILURES_PER_ACCOUNT)
        clock.shift(timedelta(hours=1, seconds=1))
        assert sign_in(client, "rina").status == 303

    def test_a_right_password_starts_the_count_anew(
        self, app: Flask, client: Client, hashes: list[str]
    ) -> None:
        for _ in range(2):
            self.fail(client, "rina", FAILURES_PER_ACCOUNT - 1)
            assert sign_in(Client(app), "rina").status == 303

    def test_right_passwords_are_never_too_many(self, app: Flask, hashes: list[str]) -> None:
        for _ in range(FAILURES_PER_ACCOUNT + 2):
            assert sign_in(Client(app), "rina").status == 303

    def test_a_network_pauses_over_many_names(self, client: Client, hashes: list[str]) -> None:
        for number in range(FAILURES_PER_NETWORK):
            assert sign_in(client, f"nama{number}", "salah").status == 422
        assert sign_in(client, "rina").status == 429
        client.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        assert sign_in(client, "rina").status == 303

    def test_the_own_password_page_is_no_way_round(self, client: Client, hashes: list[str]) -> None:
        sign_in(client, "rina")
        new = "becak kuda lampu"
        statuses = [
            client.get("/petugas/kata-sandi")
            .form(field="current")
            .fill(current="salah", password=new, again=new)
            .submit()
            .status
            for _ in range(FAILURES_PER_ACCOUNT + 1)
        ]
        assert statuses == [422] * FAILURES_PER_ACCOUNT + [429]

    def test_counters_hold_neither_names_nor_addresses(
        self, client: Client, hashes: list[str], instance: Path
    ) -> None:
        client.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        self.fail(client, "nama.penanda", 2)
        kept = b"".join(path.read_bytes() for path in instance.glob("limits*"))
        assert kept
        assert b"nama.penanda" not in kept
        assert b"203.0.113" not in kept


# ---------------------------------------------------------------- devices


def test_the_owner_is_told_of_a_new_device_but_not_of_the_first(
    app: Flask, read: Block, hashes: list[str]
) -> None:
    for user_agent in (PHONE, PHONE, PC, PHONE):
        client = Client(app)
        client.http.environ_base["HTTP_USER_AGENT"] = user_agent
        assert sign_in(client, "rina").status == 303
    with read() as session:
        mails = session.scalars(select(Outbox)).all()
        rina = session.scalars(select(Staff).where(Staff.username == "rina")).one()
        known = session.scalars(select(KnownDevice.device)).all()
    assert [(mail.mail, mail.reader) for mail in mails] == [("new_device", f"staff:{rina.id}")]
    assert mails[0].values["device"] == "Firefox, Windows"
    assert sorted(known) == ["Chrome, Android", "Firefox, Windows"]


def test_without_an_address_nobody_is_written_to(
    app: Flask, read: Block, write: Block, hashes: list[str]
) -> None:
    with write() as session:
        session.execute(update(Staff).values(email=""))
    for user_agent in (PHONE, PC):
        client = Client(app)
        client.http.environ_base["HTTP_USER_AGENT"] = user_agent
        sign_in(client, "rina")
    with read() as session:
        assert session.scalars(select(Outbox)).all() == []
