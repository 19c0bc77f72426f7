"""Opening a report: what a code may look like, what nobody learns, and how long it stays open."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.cases.links import the_links
from app.cases.models import Case
from app.config import Settings
from app.core import vault
from app.extensions import db
from tests.conftest import START, Block
from tests.holders import code, enter, holder_of, mine, told
from tests.pages import Client, Page

pytestmark = pytest.mark.once

WRONG = "Kode ini tidak kami temukan. Periksa huruf yang mirip: 8 dan B, 5 dan S, 2 dan Z."
CLOSED = "Demi keamanan, halaman Anda sudah ditutup. Masukkan kode lagi."


@pytest.fixture
def case(write: Block) -> Case:
    return told(write, "in_progress")


def erase(write: Block, case: Case) -> None:
    with write() as session:
        session.execute(
            text("UPDATE cases SET erased_at = :at WHERE id = :id"), {"at": START, "id": case.id}
        )


# ---------------------------------------------------------------- what is typed


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' ')} ",
        lambda code: code.replace("-", "–"),
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code.replace("-", "")),
    ],
)
def test_a_code_is_understood_however_it_is_typed(app: Flask, case: Case, typed: Any) -> None:
    page = enter(Client(app), typed(code(app, case)))
    assert page.path == f"/lacak/{case.number}"


@pytest.mark.parametrize("typed", ["", "   ", "\t\n", "- -"])
def test_nothing_typed(client: Client, typed: str) -> None:
    page = enter(client, typed)
    assert page.status == 422
    assert page.errors() == {"code": "Tulis kode lacak dari tanda terima."}


@pytest.mark.parametrize(("typed", "n"), [("7K3M", 4), ("7K3M-9QXD-4TRWX", 13), ("A" * 9000, 200)])
def test_too_short_or_too_long_says_how_many(client: Client, typed: str, n: int) -> None:
    page = enter(client, typed)
    assert page.status == 422
    assert page.errors() == {
        "code": f"Kode lacak terdiri atas 12 huruf dan angka. Yang Anda tulis {n}. Periksa lagi."
    }


def test_a_wrong_code_says_what_to_check_and_keeps_what_was_typed(client: Client) -> None:
    page = enter(client, "7k3m 9qxd 4trw")
    assert page.status == 422
    assert page.errors() == {"code": WRONG}
    assert page.form(field="code").values["code"] == ["7k3m 9qxd 4trw"]


@pytest.mark.parametrize(
    "typed", ["‮" * 12, "😀" * 12, "%00%00%00%00", "../../../etc", "' OR 1=1 --x", "<b>xxxxx</b>"]
)
def test_hostile_codes_get_a_clear_answer(client: Client, typed: str) -> None:
    page = enter(client, typed)
    assert page.status == 422
    assert page.errors()["code"]


def test_nul_in_a_code(client: Client) -> None:
    form = client.get("/lacak").form(field="code")
    page = form.force("code", "ABCD\0EFGH1234").submit()
    assert page.status == 422


def test_the_home_page_opens_a_report(app: Flask, case: Case) -> None:
    form = Client(app, language="id").get("/").form(field="code")
    page = form.fill(code=code(app, case)).submit()
    assert page.path == f"/lacak/{case.number}"


def test_english(client: Client) -> None:
    client.get("/lacak?lang=en")
    form = client.get("/lacak").form("Open the report")
    page = form.force("code", "7K3M9QXD4TRW").submit()
    assert page.errors()["code"].startswith("We found no report for this code.")


def test_an_old_page_is_sent_once_more_with_what_was_typed(app: Flask, case: Case) -> None:
    form = Client(app).get("/lacak").form(field="code").force("csrf_token", "old")
    page = form.force("code", code(app, case)).submit()
    assert page.status == 422
    assert "terlalu lama" in page.main
    again = page.form(field="code")
    assert again.values["code"] == [code(app, case)]
    assert again.submit().path == f"/lacak/{case.number}"


# ---------------------------------------------------------------- what nobody learns


@contextmanager
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every keyed hash and every statement of the database, in order."""
    done: list[str] = []
    plain = vault._mac

    def mac(key: bytes, message: str) -> bytes:
        done.append(f"hash of {message.split(':')[0]}")
        return plain(key, message)

    def statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        done.append(sql)

    with app.app_context():
        engine = db.engine
    monkeypatch.setattr(vault, "_mac", mac)
    event.listen(engine, "before_cursor_execute", statement)
    yield done
    event.remove(engine, "before_cursor_execute", statement)
    monkeypatch.undo()


def shape(page: Page, typed: str) -> str:
    """A page without what differs on every page."""
    html = re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page.html)
    return re.sub(r'value="[^"]*csrf[^"]*"', "", html).replace(typed, "")


def test_wrong_unknown_and_erased_codes_cost_and_say_the_same(
    app: Flask, write: Block, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased = told(write, "closed")
    erase(write, erased)
    wrong = {
        "no code at all": "UUUU-UUUU-UUUU",
        "unknown": "7K3M-9QXD-4TRW",
        "erased": code(app, erased),
    }
    seen = {}
    for name, typed in wrong.items():
        form = Client(app, language="id").get("/lacak").form(field="code").force("code", typed)
        with work(app, monkeypatch) as done:
            page = form.submit()
        assert page.errors() == {"code": WRONG}, name
        seen[name] = (page.status, shape(page, typed), tuple(done))
    assert len(set(seen.values())) == 1
    _status, _page, steps = seen["unknown"]
    hashes = [step for step in steps if step.startswith("hash")]
    assert hashes == ["hash of code", "hash of application"]  # a form's code is taken here too
    assert len([step for step in steps if step.startswith("SELECT")]) == 2


def test_with_two_keys_every_code_is_hashed_twice(
    settings: Settings, app: Flask, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["vault"] = vault.Vault(("n" * 40, *settings.data_keys))
    for typed in (code(app, case), "UUUUUUUUUUUU"):
        form = Client(app).get("/lacak").form(field="code").force("code", typed)
        with work(app, monkeypatch) as done:
            form.submit(follow=False)
        hashes = [step for step in done if step.startswith("hash")]
        assert hashes == ["hash of code"] * 2 + ["hash of application"] * 2


def test_the_code_stands_nowhere(app: Flask, read: Block, case: Case) -> None:
    typed = code(app, case)
    holder_of(app, case)
    with read() as session:
        found = dump(session)
    assert case.number in found
    for marker in (typed, typed.replace("-", ""), typed.lower()):
        assert marker not in found


def dump(session: Session) -> str:
    """Everything the database holds."""
    rows = []
    for table in db.metadata.sorted_tables:
        rows += [str(row) for row in session.execute(table.select())]
    return "\n".join(rows)


def test_logs_hold_no_number_code_or_token(
    app: Flask, case: Case, write: Block, capsys: pytest.CaptureFixture[str]
) -> None:
    with write():
        token = the_links().manage(case).rsplit("/", 1)[1]
    Client(app).get(f"/lacak/tautan/{token}")
    typed = code(app, case)
    holder_of(app, case)
    logged = capsys.readouterr().err
    for marker in (typed, case.number, token, "127.0.0.1", "werkzeug"):
        assert marker not in logged.lower() + logged


def test_looking_writes_nothing(app: Flask, read: Block, case: Case) -> None:
    with read() as session:
        before = dump(session)
    client = holder_of(app, case)
    for address in ("", "/kronologi", "/data.json", "/balas", "/cabut", "/cetak"):
        client.get(f"/lacak/{case.number}{address}")
    with read() as session:
        assert dump(session) == before


# ---------------------------------------------------------------- guessing


class TestGuessing:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True, wrong_codes_per_hour=3)

    def test_after_some_wrong_codes_everybody_of_the_network_waits(
        self, app: Flask, case: Case, clock: time_machine.Traveller
    ) -> None:
        for _ in range(3):
            assert enter(Client(app), "7K3M9QXD4TRW").status == 422
        page = enter(Client(app, language="id"), code(app, case))
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert re.fullmatch(
            r"Terlalu banyak kode salah dari jaringan ini. Coba lagi setelah \d+ menit.",
            page.errors()["code"],
        )
        clock.shift(timedelta(hours=1, seconds=1))
        assert enter(Client(app), code(app, case)).path == f"/lacak/{case.number}"

    def test_right_codes_and_slips_are_not_counted(self, app: Flask, case: Case) -> None:
        for _ in range(4):
            assert enter(Client(app), code(app, case)).path == f"/lacak/{case.number}"
            assert enter(Client(app), "7K3M").status == 422
        assert enter(Client(app), "7K3M9QXD4TRW").errors() == {"code": WRONG}

    def test_another_network_need_not_wait(self, app: Flask, case: Case) -> None:
        for _ in range(4):
            enter(Client(app), "7K3M9QXD4TRW")
        other = Client(app)
        other.http.environ_base["REMOTE_ADDR"] = "198.51.100.7"
        assert enter(other, code(app, case)).path == f"/lacak/{case.number}"

    def test_the_network_is_kept_as_a_hash_only(
        self, app: Flask, case: Case, instance: Path
    ) -> None:
        client = Client(app)
        client.http.environ_base["REMOTE_ADDR"] = "203.0.113.77"
        enter(client, "7K3M9QXD4TRW")
        files = [path for path in instance.rglob("*") if path.is_file()]
        assert any("limits" in path.name for path in files)
        for path in files:
            assert b"203.0.113.77" not in path.read_bytes(), path


# ---------------------------------------------------------------- the cookie


def test_the_cookie_is_for_this_site_s_pages_alone_and_tells_nothing(
    app: Flask, case: Case
) -> None:
    client = Client(app)
    page = enter(client, code(app, case), follow=False)
    assert page.status == 303
    assert page.headers["Location"] == f"/lacak/{case.number}"
    assert page.headers["Cache-Control"] == "no-store"
    (cookie,) = [c for c in page.headers.getlist("Set-Cookie") if c.startswith("laporan=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=7200" in cookie
    assert "Domain" not in cookie
    assert case.number not in cookie


class TestOverTls:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="https://tanggap.test")

    def test_the_cookie_travels_over_tls_only(self, app: Flask, case: Case) -> None:
        client = Client(app)
        client.http.environ_base["HTTP_HOST"] = "tanggap.test"
        client.http.environ_base["wsgi.url_scheme"] = "https"
        form = client.get("/lacak", base_url="https://tanggap.test").form(field="code")
        page = client.post(
            "/lacak",
            base_url="https://tanggap.test",
            headers={"Referer": "https://tanggap.test/lacak"},
            data={"code": code(app, case), "csrf_token": form.values["csrf_token"][0]},
            follow=False,
        )
        (cookie,) = [c for c in page.headers.getlist("Set-Cookie") if c.startswith("laporan=")]
        assert "Secure" in cookie


def test_two_hours_after_the_last_page_it_is_closed(
    app: Flask, case: Case, clock: time_machine.Traveller
) -> None:
    client = holder_of(app, case)
    clock.shift(timedelta(hours=1, minutes=50))
    assert mine(client, case).path == f"/lacak/{case.number}"
    clock.shift(timedelta(hours=1, minutes=50))
    assert mine(client, case).path == f"/lacak/{case.number}"
    kept = client.http.get_cookie("laporan")
    assert kept is not None
    clock.shift(timedelta(hours=2, seconds=5))
    client.http.set_cookie("laporan", kept.value)  # a browser that keeps it longer gains nothing
    page = mine(client, case)
    assert page.path == "/lacak"
    assert CLOSED in page.main


@pytest.mark.parametrize(
    "address", ["", "/balas", "/cabut", "/kronologi", "/cetak", "/data.json", "/tidak-ada"]
)
def test_without_a_code_nothing_opens(client: Client, case: Case, address: str) -> None:
    status = 404 if address == "/tidak-ada" else 200
    page = client.get(f"/lacak/{case.number}{address}", status=status)
    assert status == 404 or page.path == "/lacak"


def test_one_code_opens_one_report(app: Flask, write: Block, case: Case) -> None:
    other = told(write, "in_progress")
    client = holder_of(app, case)
    page = client.get(f"/lacak/{other.number}")
    assert page.path == "/lacak"
    assert client.get(f"/lacak/{other.number}/data.json").path == "/lacak"


def test_a_number_that_does_not_exist_looks_like_any_other(app: Flask, case: Case) -> None:
    client = holder_of(app, case)
    for number in ("2611-9999", "x", "2611-0001-2", "0" * 300):
        assert client.get(f"/lacak/{number}").path == "/lacak"


def test_other_secrets_of_the_site_open_nothing(app: Flask, case: Case) -> None:
    client = Client(app)
    with app.app_context():
        closed = current_app.extensions["vault"].encrypt
        secrets = ["", "x" * 500, closed("x"), closed('["receipt", 1, 1, "2611-0001"]')]
        secrets += [closed(f'["draft", {case.id}, 1, "{case.number}"]'), closed("[]"), closed("1")]
    for secret in secrets:
        client.http.set_cookie("laporan", secret)
        assert mine(client, case).path == "/lacak"


def test_erasing_closes_what_was_open(app: Flask, write: Block, case: Case) -> None:
    client = holder_of(app, case)
    erase(write, case)
    assert mine(client, case).path == "/lacak"


def test_revoking_the_links_closes_what_was_open(app: Flask, write: Block, case: Case) -> None:
    client = holder_of(app, case)
    with write() as session:
        session.get_one(Case, case.id).link_version += 1
    assert mine(client, case).path == "/lacak"


def test_leaving(app: Flask, case: Case) -> None:
    client = holder_of(app, case)
    page = mine(client, case).form("Tutup halaman ini").submit()
    assert page.path == "/lacak"
    assert "Sudah ditutup di perangkat ini" in page.main
    assert client.http.get_cookie("laporan") is None
    assert mine(client, case).path == "/lacak"


# ---------------------------------------------------------------- the link in a mail


@pytest.fixture
def link(write: Block, case: Case) -> str:
    with write():
        return the_links().manage(case).removeprefix(the_links().public_url)


def test_a_mailed_link_opens_the_report(client: Client, case: Case, link: str) -> None:
    page = client.get(link)
    assert page.path == f"/lacak/{case.number}"
    assert mine(client, case).status == 200


def test_its_first_answer_is_kept_by_nobody(client: Client, link: str) -> None:
    page = client.get(link, follow=False)
    assert page.status == 303
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_an_old_link(client: Client, link: str, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=29))
    assert client.get(link).status == 200
    clock.shift(timedelta(days=2))
    page = client.get(link, status=410)
    assert "Tautan dari email berlaku 30 hari." in page.main
    assert page.follow("Lacak dengan kode").path == "/lacak"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "." * 400])
def test_a_forged_link(client: Client, token: str) -> None:
    client.get(f"/lacak/tautan/{token}", status=410)


def test_a_revoked_link_and_one_to_erased_data(
    client: Client, write: Block, case: Case, link: str
) -> None:
    with write() as session:
        session.get_one(Case, case.id).link_version += 1
    client.get(link, status=410)
    with write() as session:
        fresh = the_links().manage(session.get_one(Case, case.id))
    erase(write, case)
    client.get(fresh.removeprefix("http://127.0.0.1:8000"), status=410)


# ---------------------------------------------------------------- only the number


def test_a_number_leads_to_the_public_page(client: Client, case: Case) -> None:
    form = (
        client.get("/lacak").form("Lihat halaman publik").fill(nomor=case.number.replace("-", ""))
    )
    page = form.submit(follow=False)
    assert page.status == 302
    assert page.headers["Location"] == f"/keluhan/{case.number}"


@pytest.mark.parametrize("typed", ["", "abc", "26-11", "٢٦١١٠٠٠١", "2613-0001"])
def test_what_is_no_number(client: Client, typed: str) -> None:
    page = client.get("/lacak", query_string={"nomor": typed}, status=422)
    assert page.errors() == {"nomor": "Tulis nomor seperti di tanda terima, misalnya 2611-0902."}
