"""Siti follows her report on a phone of 360 px: with script and without, in both languages.

Every page on the way has no barrier that axe finds and does not scroll sideways.
"""

import re
from collections.abc import Callable
from io import BytesIO
from itertools import cycle

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from app.cases.models import Case
from app.complaints.lifecycle import ALL
from app.core.clock import now
from tests.conftest import Block
from tests.histories import step
from tests.holders import code, told
from tests.journeys.conftest import Visitor, check_accessible

WORDS = "Yang dekat parit masih berlubang, ban motor masuk separuh."


def photo(name: str = "sekarang.jpg") -> FilePayload:
    data = BytesIO()
    Image.effect_noise((2400, 1800), 40).convert("RGB").save(data, "JPEG", quality=92)
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


Open = Callable[..., Page]


def enter(page: Page, typed: str, language: str) -> None:
    page.goto(f"/lacak?lang={language}")
    page.locator("main [name=code]").fill(typed.lower().replace("-", " "))
    page.locator("main form button").first.click()
    expect(page).to_have_url(re.compile(r"/lacak/\d{4}-\d+$"))


@pytest.fixture
def opened(app: Flask, visitor: Visitor) -> Open:
    """`opened(case, language=…, javascript=…)` opens the report with its code on a phone."""

    def open_report(case: Case, language: str = "id", javascript: bool = True) -> Page:
        page = visitor(language=language, javascript=javascript)
        enter(page, code(app, case), language)
        return page

    return open_report


def test_every_state_can_be_read_by_everybody(app: Flask, visitor: Visitor, write: Block) -> None:
    """By day and by night; the languages take turns."""
    page = visitor()
    for state, language in zip(ALL, cycle(("id", "en")), strict=False):
        enter(page, code(app, told(write, state, at=now())), language)
        check_accessible(page)
        page.emulate_media(color_scheme="dark")
        check_accessible(page)
        page.emulate_media(color_scheme="light")


def test_siti_disputes_with_a_photo_and_confirms_in_the_end(
    opened: Open, write: Block, app: Flask
) -> None:
    case = told(write, "answered", at=now())
    page = opened(case)
    page.get_by_role("link", name="Belum selesai").click()
    check_accessible(page)
    page.get_by_label("Foto (boleh kosong)").set_input_files(photo())
    expect(page.get_by_role("status")).to_contain_text("Foto dikecilkan dari")
    page.get_by_label("Ceritakan singkat").fill(WORDS)
    page.get_by_role("button", name="Kirim: belum selesai").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Pilih apa yang belum selesai.")
    expect(page.get_by_label("Ceritakan singkat")).to_have_value(WORDS)
    expect(page.get_by_label("Foto 1 sudah kami terima")).to_be_checked()
    check_accessible(page)

    page.get_by_label("Baru sebagian").check()
    page.get_by_role("button", name="Kirim: belum selesai").click()
    expect(page.locator(".say[role=status]")).to_contain_text("Laporan dibuka kembali.")
    expect(page.locator(".hist img")).to_have_count(1)
    check_accessible(page)

    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "answer_dispute", now())
    page.reload()
    page.get_by_role("button", name="Ya, sudah selesai").click()
    expect(page.locator("main")).to_contain_text("Laporan ini ditutup sebagai selesai.")
    page.get_by_label("4 – Baik").check()
    page.get_by_role("button", name="Kirim nilai").click()
    expect(page.locator(".say[role=status]")).to_contain_text("Nilai Anda tercatat.")
    page.get_by_role("button", name="Tutup halaman ini di perangkat ini").click()
    expect(page.locator("main")).to_contain_text("Sudah ditutup di perangkat ini")
    page.goto(f"/lacak/{case.number}")
    expect(page).to_have_url(re.compile(r"/lacak\?pesan=habis$"))


def test_the_same_in_english_without_script(opened: Open, write: Block) -> None:
    case = told(write, "needs_info", at=now())
    page = opened(case, "en", javascript=False)
    expect(page.locator("#h-tanya")).to_have_text(re.compile("A question for you"))
    page.get_by_label("Your answer").fill("On the left, near the bus stop.")
    page.get_by_label("Photos (optional)").set_input_files(photo())
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".say[role=status]")).to_contain_text(
        "Answer sent. The verifier goes on by"
    )
    expect(page.locator(".hist img")).to_have_count(1)
    page.get_by_role("link", name="Withdraw the report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Withdraw report {case.number}?")
    page.get_by_role("button", name="Yes, withdraw").click()
    expect(page.locator(".say[role=status]")).to_contain_text(f"Report {case.number} is withdrawn.")
    page.get_by_role("link", name="Print a chronology for the Ombudsman").click()
    expect(page.locator("[data-print]")).to_be_hidden()


def test_two_clicks_are_one(opened: Open, write: Block, read: Block) -> None:
    case = told(write, "answered", at=now())
    page = opened(case)
    page.get_by_role("button", name="Ya, sudah selesai").dblclick()
    expect(page.locator("main")).to_contain_text("Laporan ini ditutup sebagai selesai.")
    with read() as session:
        assert session.get_one(Case, case.id).state == "closed"


def test_the_chronology_prints(opened: Open, write: Block) -> None:
    case = told(write, "disputed", at=now())
    page = opened(case)
    page.goto(f"/lacak/{case.number}/kronologi")
    check_accessible(page)
    button = page.get_by_role("button", name="Cetak halaman ini")
    page.evaluate("window.print = () => { document.title = 'printed' }")
    button.click()
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(button).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_text("Pelapor menyatakan belum selesai")).to_be_visible()


def test_wrong_codes_are_named_at_the_field(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/lacak")
    check_accessible(page)
    for typed, says in (
        ("7K3M", "Yang Anda tulis 4."),
        ("7K3M-9QXD-4TRW", "Kode ini tidak kami temukan."),
    ):
        page.locator("main [name=code]").fill(typed)
        page.get_by_role("button", name="Buka laporan").click()
        expect(page.get_by_role("alert")).to_be_focused()
        field = page.locator("main [name=code]")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#code-e")).to_contain_text(says)
        check_accessible(page)
