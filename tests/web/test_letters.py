"""Anybody checks a letter by its code: what they read, and what guessing brings."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from app.config import Settings
from app.letters.actions import replace as replace_letter
from app.letters.actions import revoke
from app.letters.models import Letter
from app.places.city import current_city
from tests.conftest import START, Block
from tests.databases import statements
from tests.letters import CONTENT, HOLDER, code_of, issued, officer, signer
from tests.pages import Client, Page

pytestmark = pytest.mark.once

UNKNOWN = "7K3M-9QXD-4TRW"
WRONG = "Tidak ada surat kota dengan kode ini."


@pytest.fixture
def letter(app: Flask, write: Block) -> Letter:
    with write() as session:
        return issued(app, session, valid_until=date(2026, 12, 1))


def enter(client: Client, code: str) -> Page:
    return client.get("/verifikasi").form("Periksa").force("code", code).submit()


def test_a_code_shows_what_was_issued_to_whom(app: Flask, client: Client, letter: Letter) -> None:
    code = code_of(app, letter)
    page = client.get("/verifikasi").form("Periksa").fill(code=code.lower()).submit()
    assert page.path == f"/verifikasi/{code}"
    assert page.h1 == "Surat 0001/DISDUKCAPIL/2026"
    for words in (
        "Surat ini dari kota dan masih berlaku.",
        "Kutipan akta kelahiran",
        "S••• A••••• N•••••••",
        "24 November 2026",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "1 Desember 2026",
    ):
        assert words in page.main
    assert not any(name in page.html for name in (*HOLDER.split(), "Putri", "Rina"))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.select("meta[name=robots]")[0]["content"] == "noindex"


def test_a_narrow_page_breaks_its_number_after_a_slash(
    app: Flask, client: Client, letter: Letter
) -> None:
    page = client.get(f"/verifikasi/{code_of(app, letter)}")
    assert "<h1>Surat 0001/<wbr>DISDUKCAPIL/<wbr>2026</h1>" in page.html
    assert "<dd>0001/<wbr>DISDUKCAPIL/<wbr>2026</dd>" in page.html
    assert "<wbr>" not in page.html.partition("</title>")[0]


def test_in_english(app: Flask, letter: Letter) -> None:
    client = Client(app)
    page = client.get(f"/verifikasi/{code_of(app, letter)}?lang=en")
    assert "This letter is from the city and still valid." in page.main
    assert "Extract of birth certificate" in page.main
    client.get(f"/verifikasi/{UNKNOWN}", status=404)
    assert (
        "No letter of the city has this code."
        in client.get("/verifikasi/" + UNKNOWN, status=404).main
    )


def test_it_ends_after_its_last_day(
    app: Flask, client: Client, letter: Letter, clock: time_machine.Traveller
) -> None:
    address = f"/verifikasi/{code_of(app, letter)}"
    clock.shift(timedelta(days=7))  # the first of December
    assert "masih berlaku" in client.get(address).main
    clock.shift(timedelta(days=1))
    page = client.get(address)
    assert "masa berlakunya habis pada 1 Desember 2026" in page.main
    assert "masih berlaku" not in page.main


def test_a_revoked_letter_says_why(
    app: Flask, client: Client, write: Block, letter: Letter
) -> None:
    with write() as session:
        kept = session.get_one(Letter, letter.id)
        revoke(session, kept, officer(session), "Tanggal <salah> tulis.", START)
    page = client.get(f"/verifikasi/{code_of(app, letter)}")
    assert "sudah dicabut pada 24 November 2026" in page.main
    assert "Alasannya: Tanggal <salah> tulis." in page.main
    assert "masih berlaku" not in page.main
    assert "Gantinya" not in page.main


def test_a_replaced_letter_names_the_new_one_and_not_its_code(
    app: Flask, client: Client, write: Block, letter: Letter
) -> None:
    vault, files = app.extensions["vault"], app.extensions["files"]
    with write() as session:
        kept, rina = session.get_one(Letter, letter.id), officer(session)
        city, why = current_city(), "Salah tulis."
        new = replace_letter(session, vault, files, signer(), city, kept, CONTENT, rina, why, START)
    page = client.get(f"/verifikasi/{code_of(app, letter)}")
    assert "Gantinya surat nomor 0002/DISDUKCAPIL/2026." in page.main
    assert code_of(app, new) not in page.html
    assert "tanpa batas waktu" in client.get(f"/verifikasi/{code_of(app, new)}").main


def test_the_paper_cannot_be_downloaded(client: Client, letter: Letter) -> None:
    for address in (f"/foto/{letter.file_key}", f"/foto/{letter.file_key.removeprefix('letter-')}"):
        client.get(address, status=404)


# ---------------------------------------------------------------- wrong codes


@pytest.mark.parametrize("code", [UNKNOWN, "UUUU-UUUU-UUUU", "!!!!!!!!!!!!", "' OR 'A'='A';)"])
def test_unknown_and_impossible_codes_get_the_same_answer(
    client: Client, letter: Letter, code: str
) -> None:
    typed = enter(client, code)
    assert (typed.status, typed.errors()["code"].startswith(WRONG)) == (422, True)
    assert typed.form("Periksa").values["code"] == [code]
    opened = client.get(f"/verifikasi/{code}", status=404)
    assert opened.errors() == typed.errors()
    assert opened.headers["Cache-Control"] == "no-store"


def test_slips_are_named(client: Client) -> None:
    assert enter(client, " ").errors() == {"code": "Tulis kode yang tercetak di surat."}
    for page in (enter(client, "7K3M"), client.get("/verifikasi/7K3M", status=404)):
        assert "Yang Anda tulis 4." in page.errors()["code"]


@pytest.mark.parametrize("code", ["%00%1b", "x" * 3000, "<script>alert(1)", "%F0%9F%98%80"])
def test_odd_addresses_are_no_fault(client: Client, code: str) -> None:
    client.get(f"/verifikasi/{code}", status=404)


def test_after_a_wrong_address_the_form_can_be_sent(
    app: Flask, client: Client, letter: Letter
) -> None:
    form = client.get(f"/verifikasi/{UNKNOWN}", status=404).form("Periksa")
    assert form.fill(code=code_of(app, letter)).submit().status == 200


def test_looking_begins_no_writing(app: Flask, client: Client, letter: Letter) -> None:
    code = code_of(app, letter)
    with statements(app) as asked:
        client.get(f"/verifikasi/{code}")
        client.get(f"/verifikasi/{UNKNOWN}", status=404)
    assert asked
    assert not any(sql.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN I")) for sql in asked)


class TestGuessing:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True, wrong_codes_per_hour=3)

    def test_whoever_guesses_waits_however_they_ask(
        self, app: Flask, letter: Letter, clock: time_machine.Traveller
    ) -> None:
        code = code_of(app, letter)
        for _ in range(5):
            Client(app).get(f"/verifikasi/{code}")  # right codes are not counted
            enter(Client(app, language="id"), "7K3M")  # nor are slips
        Client(app).get(f"/verifikasi/{UNKNOWN}", status=404)
        enter(Client(app, language="id"), UNKNOWN)
        Client(app).get(f"/verifikasi/{UNKNOWN}", status=404)
        page = Client(app).get(f"/verifikasi/{code}", status=429)
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert enter(Client(app, language="id"), code).status == 429
        clock.shift(timedelta(hours=1, seconds=1))
        Client(app).get(f"/verifikasi/{code}")
