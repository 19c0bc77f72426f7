"""A request from the form to the letter: handed in, checked, mended, paid, issued, revoked."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.config import Settings
from app.core.models import Outbox
from app.letters.models import Letter
from app.requests.models import Application, Paper, Request
from app.requests.services import Service
from tests import filing
from tests.conftest import START, Block
from tests.filing import handed_in, hire, holder, jpeg, person
from tests.letters import code_on, text_of
from tests.pages import Client, Form, Page

CASE = "/petugas/kasus/{number}"


@pytest.fixture
def office(app: Flask, write: Block) -> None:
    hire(write)


def begin_check(staff: Client, number: str) -> Form:
    """Open the file of a request for the first time."""
    page = staff.get(CASE.format(number=number)).form("Buka dan periksa berkas").submit()
    return page.form("Selesai memeriksa")


def mark(form: Form, **wrong: str) -> Form:
    """Mark everything right, but these items wrong, each with its reason."""
    for name in form.names() - {"csrf_token", "version"}:
        if not name.endswith("-why"):
            form.fill(**{name: "right"})
    for key, why in wrong.items():
        name = key.replace("__", "-")
        form.fill(**{name: "wrong", f"{name}-why": why})
    return form


def checked(staff: Client, number: str) -> Page:
    """The file found complete."""
    return mark(begin_check(staff, number)).submit("Selesai memeriksa")


def open_again(staff: Client, number: str) -> Page:
    return staff.get(CASE.format(number=number)).form("Buka berkas").submit()


def issue(staff: Client, number: str) -> Page:
    open_again(staff, number)
    page = staff.get(f"/petugas/kasus/{number}/issue")
    return page.form("Terbitkan sekarang").submit()


def kites(app: Flask) -> Service:
    """A service that asks on by the answer to its first question."""

    def section(key: str, question: str, label: str, **more: object) -> dict[str, object]:
        named = {"key": question, "kind": "text", "label": {"id": label, "en": label}}
        size = {"show_if": {"field": "kite.size", "is": [key]}} if key != "kite" else {}
        return {"key": key, "title": {"id": key, "en": key}, "field": [named | more], **size}

    sizes = [{"key": size, "id": size, "en": size} for size in ("big", "small")]
    sections = [
        section("kite", "size", "Ukuran", kind="choice", choice=sizes),
        section("big", "weight", "Berat"),
        section("small", "colour", "Warna"),
    ]
    return filing.changed(app, section=sections, document=[], letter=None)


KITE = {"kite": [{"size": "big"}], "big": [{"weight": "9 kg"}]}


def mails(read: Block) -> list[str]:
    """The mails to the applicant, in order."""
    with read() as session:
        rows = session.scalars(select(Outbox).order_by(Outbox.id))
        return [row.mail for row in rows if row.reader.startswith("reporter:")]


# -------------------------------------------------------------------- handing in


def test_a_whole_form_becomes_a_request_with_the_same_code_once(
    app: Flask, write: Block, read: Block, client: Client
) -> None:
    with write() as session:
        code = filing.filled(app, session)
    client.get("/permohonan").form("Buka formulir").fill(code=code).submit()
    page = client.get("/permohonan").follow("Lanjut ke pengiriman")
    page = page.form("Kirim permohonan").submit()
    assert page.status == 422
    assert page.errors()["true"] == "Centang pernyataan ini kalau semuanya benar."
    form = page.form("Kirim permohonan").fill(true=True)
    page = form.submit()
    assert page.h1 == "Permohonan Anda sudah kami terima"
    assert page.value("data-tracking-code") == code
    number = page.value("data-report-number")
    assert "27 November 2026" in page.main
    again = form.submit()  # a double click
    assert again.value("data-report-number") == number
    with read() as session:
        (case,) = session.scalars(select(Case)).all()
        assert (case.kind, case.service_code, case.unit_code) == ("permits", "SIP-DOK", "dpmptsp")
        assert session.scalars(select(Application)).all() == []
        assert {paper.case_id for paper in session.scalars(select(Paper))} == {case.id}
    assert mails(read) == ["request_receipt"]
    for door in ("/permohonan", "/lacak"):
        other = Client(app, language="id")
        button = "Buka formulir" if door == "/permohonan" else "Buka laporan"
        page = other.get(door).form(button, field="code").force("code", code).submit()
        assert page.path == f"/lacak/{number}"


def test_the_tracking_page_opens_a_form_that_was_not_handed_in(
    app: Flask, write: Block, client: Client
) -> None:
    with write() as session:
        code = filing.filled(app, session)
    page = client.get("/lacak").form("Buka laporan", field="code").force("code", code).submit()
    assert page.path == "/permohonan"
    assert "Klinik Melati" in page.main


def test_a_form_with_a_gap_cannot_be_handed_in(
    app: Flask, write: Block, read: Block, client: Client
) -> None:
    answers = {key: value for key, value in filing.ANSWERS.items() if key != "str"}
    with write() as session:
        code = filing.filled(app, session, answers=answers)
    client.get("/permohonan").form("Buka formulir").fill(code=code).submit()
    page = client.get("/permohonan/kirim")
    assert page.path == "/permohonan"
    assert "Masih ada yang kurang." in page.main
    with read() as session:
        assert session.scalars(select(Case)).all() == []


# -------------------------------------------------------------------- the whole course


def test_one_wrong_answer_and_paper_are_sent_back_mended_and_the_letter_is_issued(
    app: Flask, write: Block, read: Block, client: Client, office: None
) -> None:
    number, code = handed_in(app, write)
    yanti = holder(app, code)
    lina, joko = person(app, write, "lina"), person(app, write, "joko")

    form = mark(begin_check(lina, number), str__1__number="x", paper__str="Fotonya buram.")
    page = form.submit("Selesai memeriksa")
    assert page.status == 422
    assert page.errors()["str-1-number-why"].startswith("Tulis apa yang salah")
    form = page.form("Selesai memeriksa")
    assert form.values["paper-str-why"] == ["Fotonya buram."]
    form.fill(**{"str-1-number-why": "Nomornya lain dari suratnya."}).submit("Selesai memeriksa")

    page = yanti.get(f"/lacak/{number}")
    for words in ("Nomornya lain dari suratnya.", "Fotonya buram.", "Kami perlu perbaikan"):
        assert words in page.main
    page = page.follow("Perbaiki sekarang")
    assert page.form("Kirim perbaikan").names() - {"csrf_token", "version"} == {
        "str-1-number", "paper-str",
    }  # fmt: skip
    form = page.form("Kirim perbaikan").fill(**{"str-1-number": ""})
    page = form.attach("paper-str", ("str.jpg", jpeg("red"))).submit()
    assert page.status == 422
    assert page.errors() == {"str-1-number": "Isi “Nomor STR”."}
    form = page.form("Kirim perbaikan")  # the paper was right and is kept
    assert "paper-str" not in form.names()
    page = form.fill(**{"str-1-number": "STR-2"}).submit()
    assert "Perbaikan terkirim." in page.main
    assert yanti.get(f"/lacak/{number}/perbaiki").path == f"/lacak/{number}"

    page = lina.get(f"/petugas/kasus/{number}/check")
    assert "Belum dilihat: 2. Salah: 0." in page.main
    page = page.form("Selesai memeriksa").submit("Selesai memeriksa")
    assert "Belum dilihat: 2." in page.main  # not both looked at: nothing follows
    page = page.form("Selesai memeriksa").submit("Sisanya di bagian ini benar")
    form = page.form("Selesai memeriksa").fill(**{"str-1-number": "right", "paper-str": "right"})
    page = form.submit("Selesai memeriksa")
    assert "Berkas lengkap" in page.main
    assert "7 Desember 2026" in page.main  # nine working days

    assert "Terbitkan" not in lina.get(CASE.format(number=number)).links()
    page = issue(joko, number)
    assert "0001/DPMPTSP/2026" in page.main
    letter = yanti.http.get(f"/lacak/{number}/surat")
    assert letter.mimetype == "application/pdf"
    printed = text_of(letter.data)
    for words in ("Surat Izin Praktik", filing.NAME, "STR-2", "Klinik Melati", "Joko Prasetyo"):
        assert words in printed
    assert filing.NIK not in printed
    verified = client.get(f"/verifikasi/{code_on(letter.data)}")
    assert "masih berlaku" in verified.main
    assert filing.NAME not in verified.html

    page = joko.get(CASE.format(number=number)).follow("Cabut surat")
    page.form("Cabut surat").fill(words="Diterbitkan dengan data yang keliru.").submit(
        "Cabut surat"
    )
    assert "dicabut" in client.get(f"/verifikasi/{code_on(letter.data)}").main
    page = yanti.get(f"/lacak/{number}")
    assert "Surat ini sudah dicabut" in page.main
    assert "Surat itu jangan dipakai lagi." in page.main
    assert "Simpan hasilnya." not in page.main
    assert mails(read) == [
        "request_receipt", "request_needs_fix", "request_complete", "request_issued",
        "request_revoked",
    ]  # fmt: skip


def test_a_letter_with_a_mistake_is_replaced_after_everything_was_looked_at_again(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    number, code = handed_in(app, write)
    lina, joko = person(app, write, "lina"), person(app, write, "joko")
    checked(lina, number)
    issue(joko, number)
    yanti = holder(app, code)
    old = code_on(yanti.http.get(f"/lacak/{number}/surat").data)
    page = joko.get(CASE.format(number=number)).follow("Perbaiki dan ganti surat")
    form = page.form("Perbaiki dan ganti surat").fill(words="Nama klinik salah tulis.")
    form.submit("Perbaiki dan ganti surat")
    assert "masih berlaku" in client.get(f"/verifikasi/{old}").main
    page = open_again(lina, number)
    form = page.form("Selesai memeriksa")
    form.fill(**{"practice-1-name": "wrong", "practice-1-name-why": "Tulis seperti di izinnya."})
    form.submit("Selesai memeriksa")
    form = yanti.get(f"/lacak/{number}/perbaiki").form("Kirim perbaikan")
    form.fill(**{"practice-1-name": "Klinik Melati Putih"}).submit()
    form = lina.get(f"/petugas/kasus/{number}/check").form("Selesai memeriksa")
    form.fill(**{"practice-1-name": "right"}).submit("Selesai memeriksa")
    assert "0002/DPMPTSP/2026" in issue(joko, number).main
    letter = yanti.http.get(f"/lacak/{number}/surat").data
    assert "Klinik Melati Putih" in text_of(letter)
    page = client.get(f"/verifikasi/{old}")
    assert "0002/DPMPTSP/2026" in page.main
    assert "Nama klinik salah tulis." in page.main


def test_whoever_checked_does_not_issue_and_a_fee_is_paid_first(
    app: Flask, write: Block, read: Block, office: None
) -> None:
    number, code = handed_in(app, write, service=filing.charged(app))
    lina, joko = person(app, write, "lina"), person(app, write, "joko")
    checked(lina, number)
    assert joko.get(f"/petugas/kasus/{number}/issue").path == CASE.format(number=number)
    page = lina.get(CASE.format(number=number)).follow("Tetapkan biaya")
    form = page.form("Tetapkan biaya").fill(
        amount="seratus ribu", words="Perda 1/2024, loket Bank."
    )
    page = form.submit("Tetapkan biaya")
    assert page.errors()["amount"].startswith("Tulis jumlah dalam rupiah")
    page.form("Tetapkan biaya").fill(amount="Rp 150.000").submit("Tetapkan biaya")

    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}")
    assert "Rp150.000" in page.main.replace("\xa0", "")
    page = page.follow("Kirim bukti bayar")
    page = page.form("Kirim bukti").submit()
    assert page.errors()["payment"] == "Pilih foto atau PDF bukti bayar."
    form = page.form("Kirim bukti").attach("payment", ("bukti.html", b"<html>"))
    page = form.submit()
    assert "bukan foto atau PDF" in page.errors()["payment"]
    page = page.form("Kirim bukti").attach("payment", ("bukti.jpg", jpeg())).submit()
    assert "Bukti bayar terkirim" in page.main

    assert yanti.get(f"/lacak/{number}/bayar").path == f"/lacak/{number}"  # sent already
    page = lina.get(CASE.format(number=number)).follow("Bukti bayar tidak cocok")
    form = page.form("Bukti bayar tidak cocok").fill(words="Bukti ini untuk permohonan lain.")
    form.submit("Bukti bayar tidak cocok")
    page = yanti.get(f"/lacak/{number}").follow("Kirim bukti bayar")
    page.form("Kirim bukti").attach("payment", ("bukti.jpg", jpeg("blue"))).submit()
    page = lina.get(CASE.format(number=number)).follow("Catat pembayaran")
    page.form("Catat pembayaran").fill(words="Bukti nomor 77, 24 November 2026.").submit()
    page = lina.get(CASE.format(number=number))
    assert "Sudah dibayar, diproses" in page.main
    issue(joko, number)
    with read() as session:
        request = session.scalars(select(Request)).one()
        assert (request.fee, request.letter and request.letter.number) == (
            150_000, "0001/DPMPTSP/2026",
        )  # fmt: skip


def test_a_result_that_is_no_letter_is_taken_and_not_verified(
    app: Flask, write: Block, office: None
) -> None:
    number, code = handed_in(app, write, service=filing.changed(app, letter=None))
    checked(person(app, write, "lina"), number)
    joko = person(app, write, "joko")
    issue(joko, number)
    page = holder(app, code).get(f"/lacak/{number}")
    assert "Terima hasilnya dengan cara yang Anda pilih di formulir." in page.main
    assert "keaslian surat" not in page.main
    joko.get(CASE.format(number=number)).form("Catat penyerahan").submit()
    assert "hasilnya sudah diserahkan" in holder(app, code).get(f"/lacak/{number}").main


def test_what_is_free_is_never_charged(app: Flask, write: Block, office: None) -> None:
    number, _code = handed_in(app, write)
    lina = person(app, write, "lina")
    page = checked(lina, number)
    assert "Tetapkan biaya" not in page.links()
    lina.get(f"/petugas/kasus/{number}/set_fee", status=409)


def test_a_refusal_has_a_reason_and_one_objection_that_somebody_else_reads(
    app: Flask, write: Block, read: Block, office: None
) -> None:
    number, code = handed_in(app, write)
    lina, maya = person(app, write, "lina"), person(app, write, "maya")
    checked(lina, number)
    page = lina.get(CASE.format(number=number)).follow("Tolak dengan alasan")
    reason = "STR Anda tidak terdaftar di konsil."
    page.form("Tolak dengan alasan").fill(words=reason).submit("Tolak dengan alasan")
    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}")
    assert reason in page.main
    page = page.follow("Ajukan keberatan")
    page.form("Kirim keberatan").fill(words="STR saya terdaftar sejak 2019.").submit()
    assert "Terima keberatan" not in lina.get(CASE.format(number=number)).links()
    assert number in maya.get("/petugas").main
    page = maya.get(CASE.format(number=number)).follow("Terima keberatan")
    page.form("Terima keberatan").submit("Terima keberatan")
    assert "Berkas diperiksa" in yanti.get(f"/lacak/{number}").main
    assert "request_reopened" in mails(read)


def test_after_an_upheld_objection_two_people_stand_behind_the_letter_again(
    app: Flask, write: Block, office: None
) -> None:
    number, code = handed_in(app, write)
    lina, joko = person(app, write, "lina"), person(app, write, "joko")
    page = checked(lina, number).follow("Tolak dengan alasan")
    page.form("Tolak dengan alasan").fill(words="STR tidak terdaftar.").submit()
    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}").follow("Ajukan keberatan")
    page.form("Kirim keberatan").fill(words="STR saya terdaftar sejak 2019.").submit()
    assert "Hapus isian" not in yanti.get(f"/lacak/{number}").main  # while it is weighed
    page = joko.get(CASE.format(number=number)).follow("Terima keberatan")
    page = page.form("Terima keberatan").submit("Terima keberatan")
    assert "Nyatakan berkas lengkap" not in page.links()  # looked at anew, item by item
    page = open_again(joko, number)
    page.form("Selesai memeriksa").submit("Selesai memeriksa")
    assert joko.get(f"/petugas/kasus/{number}/issue").path == CASE.format(number=number)
    assert "0001/DPMPTSP/2026" in issue(lina, number).main


def test_a_request_can_be_withdrawn_and_its_data_forgotten(
    app: Flask, write: Block, office: None
) -> None:
    number, code = handed_in(app, write)
    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}").follow("Batalkan permohonan")
    page = page.form("Ya, batalkan").submit()
    assert "Permohonan 2611-0001 dibatalkan." in page.main
    page = page.follow("Hapus isian dan berkas saya")
    page = page.form("Hapus data saya").fill(number=number).submit()
    assert "Data Anda dihapus paling lambat" in page.main


def test_a_late_request_says_so_and_can_be_complained_about_with_one_click(
    app: Flask, write: Block, office: None, clock: time_machine.Traveller
) -> None:
    number, code = handed_in(app, write)
    clock.move_to(START + timedelta(days=9))
    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}")
    assert "melewati batas waktu 4 hari kerja" in page.main
    form = page.follow("Laporkan keterlambatan ini").form(field="text")
    (text,) = form.values["text"]
    assert text.startswith(f"Permohonan {number} di Dinas Penanaman Modal")
    assert text.endswith("Batas waktunya Jumat, 27 November 2026 sudah lewat.")
    assert form.values["category"] == ["permits"]
    stranger = Client(app, language="id")
    page = stranger.get(f"/keluhan/baru?tentang={number}")
    assert page.form(field="text").values["text"] == [""]


# -------------------------------------------------------------------- who may see


@pytest.mark.parametrize("who", ["rina", "dewi", "tono", "budi", "ayu"])
def test_nobody_of_another_office_finds_a_request(
    app: Flask, write: Block, office: None, who: str, request: pytest.FixtureRequest
) -> None:
    number, _code = handed_in(app, write)
    lina = person(app, write, "lina")
    begin_check(lina, number)
    stranger: Client = request.getfixturevalue(who)
    denied = 403 if who in {"budi", "ayu"} else 404
    for path in ("/check", "/berkas/1", "/berkas/1/kecil", "/issue"):
        stranger.get(CASE.format(number=number) + path, status=denied)
    stranger.get(CASE.format(number=number), status=403 if who == "ayu" else 404)
    assert number not in stranger.get("/petugas").main
    stranger.get(f"/keluhan/{number}", status=404)


def test_the_public_and_other_holders_find_nothing(
    app: Flask, write: Block, client: Client
) -> None:
    number, _code = handed_in(app, write)
    _other, other_code = handed_in(app, write)
    stranger = holder(app, other_code)
    for browser in (client, stranger):
        assert number not in browser.get("/keluhan").main
        browser.get(f"/keluhan/{number}", status=404)
        assert browser.get(f"/lacak/{number}").path == "/lacak"
        for path in ("/perbaiki", "/bayar", "/surat", "/permohonan.json"):
            assert browser.get(f"/lacak/{number}{path}").path == "/lacak"
        assert browser.http.get(f"/lacak/{number}/berkas/1").status_code == 404
    assert stranger.http.get(f"/lacak/{_other}/berkas/1").status_code == 404  # of the first one


def test_answers_stay_closed_until_they_are_opened_and_each_look_shows(
    app: Flask, write: Block, office: None, clock: time_machine.Traveller
) -> None:
    number, code = handed_in(app, write)
    lina, joko = person(app, write, "lina"), person(app, write, "joko")
    page = lina.get(CASE.format(number=number))
    assert filing.NIK not in page.html
    assert filing.NAME not in page.html
    assert "Buka berkas" in lina.get(f"/petugas/kasus/{number}/check").main
    lina.get(f"/petugas/kasus/{number}/berkas/1", status=404)
    begin_check(lina, number)
    assert lina.http.get(f"/petugas/kasus/{number}/berkas/1").mimetype == "image/jpeg"
    joko.get(f"/petugas/kasus/{number}/berkas/1", status=404)
    assert "DPMPTSP, 24 November 2026" in holder(app, code).get(f"/lacak/{number}").main
    clock.move_to(START + timedelta(days=1))
    lina = person(app, write, "lina")
    lina.get(f"/petugas/kasus/{number}/berkas/1", status=404)  # a look lasts until the evening


def test_closing_on_a_device_closes_request_and_form(
    app: Flask, write: Block, client: Client
) -> None:
    with write() as session:
        code = filing.filled(app, session)
    client.get("/permohonan").form("Buka formulir").fill(code=code).submit()
    page = client.get("/permohonan/kirim").form("Kirim permohonan").fill(true=True).submit()
    number = page.value("data-report-number")
    page.form("Tutup di perangkat ini").submit()
    assert client.get(f"/lacak/{number}").path == "/lacak"
    for address in ("/permohonan", "/permohonan/tanda-terima", "/permohonan/kirim"):
        page = client.get(address)
        assert page.h1 == "Lanjutkan formulir"
        assert code not in page.html


def test_pages_of_reports_do_not_speak_of_a_request(
    app: Flask, write: Block, client: Client
) -> None:
    number, code = handed_in(app, write)
    yanti = holder(app, code)
    for name in ("kronologi", "cetak", "data.json"):
        assert yanti.get(f"/lacak/{number}/{name}").path == f"/lacak/{number}"
    for typed in (number, "2611-9999"):
        assert client.get(f"/keluhan?q={typed}").path == "/keluhan"
    page = yanti.get(f"/keluhan/baru?tentang={number}")  # not late: nothing to complain about yet
    assert page.form(field="text").values["text"] == [""]


def test_a_new_answer_opens_and_hides_sections_while_it_is_mended(
    app: Flask, write: Block, office: None
) -> None:
    number, code = handed_in(app, write, service=kites(app), answers=KITE)
    lina = person(app, write, "lina")
    form = mark(
        begin_check(lina, number), kite__1__size="Ini kecil.", big__1__weight="Terlalu berat."
    )
    form.submit("Selesai memeriksa")
    yanti = holder(app, code)
    form = yanti.get(f"/lacak/{number}/perbaiki").form("Kirim perbaikan")
    page = form.fill(**{"kite-1-size": "small"}).submit()
    assert page.errors() == {"small-1-colour": "Isi “Warna”."}  # asked for now; the weight is moot
    form = page.form("Kirim perbaikan")
    assert "big-1-weight" not in form.names()
    page = form.fill(**{"small-1-colour": "Merah"}).submit()
    assert "Perbaikan terkirim." in page.main
    assert "Merah" in page.main
    assert "Berat" not in page.main


def test_files_nobody_asked_for_are_not_looked_at(
    app: Flask, write: Block, office: None, instance: Path
) -> None:
    number, code = handed_in(app, write)
    lina = person(app, write, "lina")
    mark(begin_check(lina, number), paper__str="Fotonya buram.").submit("Selesai memeriksa")
    yanti = holder(app, code)
    page = yanti.get(f"/lacak/{number}/perbaiki")
    token = page.form("Kirim perbaikan").values["csrf_token"][0]
    before = sum(1 for path in instance.rglob("*") if path.is_file())
    data = {f"made-up-{n}": (BytesIO(jpeg()), "a.jpg") for n in range(30)}
    address = f"/lacak/{number}/perbaiki"
    assert yanti.http.post(address, data={**data, "csrf_token": token}).status_code == 422
    data = {"paper-str": (BytesIO(jpeg()), "a.jpg")}
    assert yanti.http.post(address, data=data).status_code == 422  # no token
    assert sum(1 for path in instance.rglob("*") if path.is_file()) == before


# -------------------------------------------------------------------- by the file of then


def test_what_the_file_says_later_changes_nothing_of_a_request(
    app: Flask, write: Block, office: None
) -> None:
    source = filing.service_of(app).source
    sections = [
        {**one, "field": [{**f, "label": {"id": "Nomor lama", "en": "Old number"}}
                          if (one["key"], f["key"]) == ("str", "number") else f
                          for f in one["field"]]}
        for one in source["section"]
    ]  # fmt: skip
    old = filing.changed(app, section=sections)
    number, code = handed_in(app, write, service=old)
    assert "Nomor lama STR-0099-XYZ" in holder(app, code).get(f"/lacak/{number}").main
    page = begin_check(person(app, write, "lina"), number).page
    assert "Nomor lama" in page.main


class TestMadeUp:
    """A service that is nothing but a file in the city's folder."""

    FILE = """
code = "LYG-01"
name = { id = "Izin main layang-layang", en = "Kite permit" }
unit = "dpmptsp"
[fee]
kind = "gratis"
[letter]
name = { id = "Izin Layang-layang", en = "Kite Permit" }
shows = ["kite.colour"]
[[document]]
key = "drawing"
name = { id = "Gambar layang-layang", en = "Drawing of the kite" }
[[step]]
text = { id = "Isi dan kirim.", en = "Fill in and send." }
[[rule]]
name = { id = "Perda Layang-layang", en = "Kite bylaw" }
[[section]]
key = "kite"
title = { id = "Layang-layang", en = "Kite" }
[[section.field]]
key = "colour"
kind = "text"
label = { id = "Warna", en = "Colour" }
"""

    @pytest.fixture
    def settings(self, settings: Settings, instance: Path) -> Settings:
        folder = instance / "city" / "services" / "permits"
        folder.mkdir(parents=True)
        (folder / "layang.toml").write_text(self.FILE, encoding="utf-8")
        return replace(settings, city_dir=instance / "city")

    def test_it_appears_and_is_filed_checked_issued_and_verified(
        self, app: Flask, write: Block, client: Client, office: None
    ) -> None:
        page = client.get("/layanan?q=layang-layang").follow("Izin main layang-layang")
        page = page.follow("Isi formulir").form("Mulai mengisi").submit()
        page = page.follow("Isi: ")
        form = page.form("Simpan dan lanjut").fill(name=filing.NAME, nik=filing.NIK)
        form.fill(phone="0812-3456-7890", address="Jalan Melati 1")
        page = form.submit("Simpan dan lanjut")
        page = page.form("Simpan dan lanjut").fill(colour="Merah").submit("Simpan dan lanjut")
        page = page.form("Simpan dan lanjut").fill(how="office").submit("Simpan dan lanjut")
        form = page.form("Simpan berkas").attach("file_drawing", ("kite.jpg", jpeg()))
        form.submit("Simpan berkas")
        page = client.get("/permohonan").follow("Lanjut ke pengiriman")
        page = page.form("Kirim permohonan").fill(true=True).submit()
        number = page.value("data-report-number")
        checked(person(app, write, "lina"), number)
        issue(person(app, write, "maya"), number)
        letter = client.http.get(f"/lacak/{number}/surat").data
        assert "Merah" in text_of(letter)
        assert "masih berlaku" in client.get(f"/verifikasi/{code_on(letter)}").main


def test_letters_are_counted_only_when_they_are_issued(
    app: Flask, write: Block, read: Block, office: None
) -> None:
    number, _code = handed_in(app, write)
    checked(person(app, write, "lina"), number)
    joko = person(app, write, "joko")
    open_again(joko, number)
    page = joko.get(f"/petugas/kasus/{number}/issue")
    form = page.form("Terbitkan sekarang")
    page = form.submit()
    page = form.submit()  # a double click issues nothing more
    assert page.path == CASE.format(number=number)
    with read() as session:
        assert len(session.scalars(select(Letter)).all()) == 1
