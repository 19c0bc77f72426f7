"""The receipt: for the browser that filed, for a day, with a code that nothing else holds."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.cases import queries as case_queries
from app.cases.models import Case
from app.civic.codes import normalise
from app.config import Settings
from app.core.vault import Vault
from tests.conftest import Block
from tests.pages import Client, Page
from tests.reports import LEVY, file_report

pytestmark = pytest.mark.once


@pytest.fixture
def receipt(client: Client) -> Page:
    return file_report(client)


def test_the_code_opens_the_case_and_is_stored_as_a_hash_only(app, receipt, read: Block):
    code = receipt.value("data-tracking-code")
    assert normalise(code) == code
    with read() as session:
        vault: Vault = app.extensions["vault"]
        case = case_queries.by_code(session, vault, code)
        assert case is not None
        assert case.number == receipt.value("data-report-number")
        assert code not in {case.code_hash, case.form_key_hash}


def test_the_dates_are_promises_in_words(receipt):
    for day in ("Jumat, 27 November 2026", "Jumat, 4 Desember 2026", "Senin, 28 Desember 2026"):
        assert day in receipt.main


def test_it_says_what_the_public_sees_for_now(receipt):
    assert "halaman publik hanya menampilkan urusan, kelurahan, tanggal, dan status" in receipt.main


def test_it_is_kept_nowhere_and_indexed_by_nobody(receipt):
    assert receipt.headers["Cache-Control"] == "no-store"


def test_the_qr_leads_to_tracking_without_the_code(receipt, settings: Settings):
    (picture,) = receipt.select("svg.qr")
    assert picture["role"] == "img"
    assert picture["aria-label"] == (
        "Kode QR ke halaman lacak. Kode lacak tidak ada di dalam gambar."
    )
    assert f"{settings.public_url}/lacak" in receipt.main


def test_whatsapp_gets_the_public_address_only(receipt, settings: Settings):
    link = unquote(receipt.links()["Bagikan lewat WhatsApp"])
    number = receipt.value("data-report-number")
    assert link.startswith("https://wa.me/?text=")
    assert f"{settings.public_url}/keluhan/{number}" in link
    assert receipt.value("data-tracking-code") not in link


def test_a_mail_is_promised_to_a_masked_address(client):
    page = file_report(client, email="siti.aminah@contoh.id")
    assert "s•••@contoh.id" in page.main
    assert "siti.aminah@contoh.id" not in page.html


def test_one_tap_opens_the_report(receipt):
    page = receipt.form("Buka laporan saya").submit("Buka laporan saya")
    assert page.path == f"/lacak/{receipt.value('data-report-number')}"


def test_reloading_shows_it_again(client, receipt):
    again = client.get(receipt.path)
    assert again.value("data-tracking-code") == receipt.value("data-tracking-code")


def test_another_browser_is_shown_the_way(app, receipt):
    page = Client(app, language="id").get(receipt.path, status=403)
    assert page.h1 == "Tanda terima ini sudah ditutup"
    assert receipt.value("data-tracking-code") not in page.html


def test_after_a_day_it_is_closed(client, receipt, clock):
    clock.shift(timedelta(hours=23))
    client.get(receipt.path)
    clock.shift(timedelta(hours=2))
    client.get(receipt.path, status=403)


def test_one_receipt_does_not_open_another(app, client, receipt):
    other = file_report(Client(app, language="id"), category="garbage")
    client.get(other.path, status=403)


@pytest.mark.parametrize("value", ["", "x", "gAAAAA", "9" * 4000])
def test_a_forged_cookie_opens_nothing(client, receipt, value):
    client.http.set_cookie("tanda_terima", value, path=receipt.path)
    client.get(receipt.path, status=403)


def test_what_the_vault_closed_for_something_else_opens_nothing(app, client, receipt):
    vault: Vault = app.extensions["vault"]
    for text in ("siti@contoh.id", '["other", "x", false]', "[]", "{}", "3"):
        client.http.set_cookie("tanda_terima", vault.encrypt(text), path=receipt.path)
        client.get(receipt.path, status=403)


@pytest.mark.parametrize("number", ["2611-9999", "nonsense", "2611-0001'", "%00", "٢٦١١-٠٠٠١"])
def test_unknown_numbers_look_the_same(client, number):
    assert client.get(f"/keluhan/{number}/tanda-terima", status=403).h1


def test_two_receipts_of_one_browser_stay_open(client, receipt):
    second = file_report(client, category="garbage")
    assert client.get(receipt.path).value("data-report-number") == "2611-0001"
    assert client.get(second.path).value("data-report-number") == "2611-0002"


def test_the_cookie_is_for_this_host_this_page_and_no_script(client):
    from tests.reports import filled

    answer = filled(client).submit("Kirim laporan", follow=False)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("tanda_terima="))
    parts = {part.strip() for part in cookie.split(";")}
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=86400"} <= parts
    assert f"Path={answer.headers['Location']}" in parts
    assert "Domain" not in cookie
    assert "2611" not in cookie.split(";")[0]


class TestRotation:
    def test_a_receipt_survives_a_new_key(self, app, client, receipt):
        vault = app.extensions["vault"]
        old = vault.tracking_code("x" * 22)
        keys = ("new-data-key-".ljust(40, "n"), "test-data-key-".ljust(40, "d"))
        app.extensions["vault"] = Vault(keys)
        assert app.extensions["vault"].tracking_code("x" * 22) != old
        again = client.get(receipt.path)
        assert again.value("data-tracking-code") == receipt.value("data-tracking-code")


# ---------------------------------------------------------------- discreet


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_the_receipt_about_an_office_is_harmless_in_a_gallery(client, read, visibility):
    page = file_report(client, **LEVY | {"visibility": visibility})
    with read() as session:
        assert session.scalars(select(Case)).one().visibility == visibility
    for word in (
        "pungli",
        "suap",
        "loket",
        "Medan Maimun",
        "domisili",
        "kantor itu",
        "Inspektorat",
    ):
        assert word.lower() not in page.main.lower()
    assert "WhatsApp" not in page.main
    assert "Simpan kode ini di tempat yang hanya Anda buka." in page.main
    assert "telepon polisi 110" in page.main


def test_a_confidential_receipt_names_no_subject(client):
    page = file_report(client, visibility="rahasia")
    assert "Parit" not in page.main
    assert "hanya menampilkan nomor, kecamatan, bulan, dan status" in page.main
