"""The desk in a browser: Budi passes a report on, Rina answers it from the roadside, and whoever
was slower loses nothing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.core.clock import now
from tests.cast import PASSWORD
from tests.conftest import Block
from tests.histories import brought_to
from tests.journeys.conftest import Visitor, check_accessible, check_width
from tests.reports import photo

WORDS = "Lubang sudah kami tambal pagi ini dengan aspal panas, seluas dua meter persegi."


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """An after-photo on the phone."""
    path = tmp_path / "sesudah.jpg"
    path.write_bytes(photo((2000, 1500)))
    return path


def sign_in(page: Page, username: str, language: str = "id") -> None:
    page.goto(f"/petugas/masuk?lang={language}")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    expect(page.locator("h1")).to_contain_text(
        "Queue" if language == "en" else "Antrean", ignore_case=True
    )
    page.wait_for_load_state()  # a key pressed before the script has run moves nothing


def some(write: Block, state: str, n: int = 1) -> list[str]:
    """The numbers of new cases in a state."""
    with write() as session:
        return [brought_to(session, state, now()).number for _n in range(n)]


def test_a_report_goes_round(visitor: Visitor, write: Block, picture: Path) -> None:
    """Verified at a desk, accepted and answered with a photo on a phone."""
    _number, other = some(write, "submitted", 2)
    budi, rina = visitor(width=1280), visitor(width=360)
    sign_in(budi, "budi")
    check_accessible(budi)
    budi.locator("table.queue a").first.click()
    check_accessible(budi)
    budi.get_by_role("link", name="Teruskan ke dinas").click()
    check_accessible(budi)
    budi.get_by_role("button", name="Teruskan ke dinas").click()
    expect(budi.get_by_role("status")).to_contain_text("Tercatat: Diteruskan ke Dinas")
    check_accessible(budi)
    budi.get_by_role("link", name=f"Berikutnya: {other}").click()
    expect(budi).to_have_url(f"{budi.url.split('/petugas')[0]}/petugas/kasus/{other}")

    sign_in(rina, "rina")
    check_accessible(rina)
    rina.locator("table.queue a").first.click()
    check_accessible(rina)
    rina.get_by_role("button", name="Terima tugas").click()
    rina.get_by_role("link", name="Jawab pelapor, mulai dikerjakan").click()
    rina.get_by_label("Jawaban", exact=True).fill(WORDS)
    rina.get_by_role("button", name="Jawab pelapor, mulai dikerjakan").last.click()
    rina.get_by_role("link", name="Jawab pelapor, selesai dikerjakan").click()
    rina.set_input_files("[name=photos]", picture)
    expect(rina.locator(".photos img")).to_be_visible()
    rina.get_by_text("Jalan sudah ditambal", exact=True).click()
    rina.get_by_role("button", name="Pakai “Jalan sudah ditambal”").click()
    check_accessible(rina)
    words = rina.get_by_label("Jawaban", exact=True)
    expect(words).to_be_focused()
    assert selection(words) == "[[tanggal]]"
    expect(rina.get_by_text("Bagian bertanda yang belum diisi: 4")).to_be_visible()
    rina.keyboard.type("24 November")
    expect(rina.get_by_text("Bagian bertanda yang belum diisi: 3")).to_be_visible()
    rina.get_by_role("button", name="Ke bagian berikutnya").click()
    assert selection(words) == "[[panjang/luas]]"
    words.fill(WORDS)
    expect(rina.get_by_role("button", name="Ke bagian berikutnya")).to_be_hidden()
    rina.get_by_role("button", name="Jawab pelapor, selesai dikerjakan").last.click()
    expect(rina.get_by_role("status")).to_contain_text("Tercatat: Dinas menyatakan selesai.")
    expect(rina.locator("[aria-labelledby=h-riwayat] img")).to_have_count(1)
    check_accessible(rina)


def selection(area: Locator) -> str:
    """The selected part of a text field."""
    found: str = area.evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)")
    return found


def test_without_scripts_in_english(visitor: Visitor, write: Block, picture: Path) -> None:
    """The same by plain pages: a template, a mistake, a preview, and photos that stay."""
    some(write, "in_progress")
    rina = visitor(width=360, javascript=False)
    sign_in(rina, "rina", "en")
    rina.locator("table.queue a").first.click()
    rina.get_by_role("link", name="Answer the reporter, work is done").click()
    rina.set_input_files("[name=photos]", picture)
    rina.locator("details.template summary").first.click()
    rina.get_by_role("button", name="Use “Road patched”").click()
    expect(rina.get_by_label("Answer", exact=True)).to_have_value(re.compile("tambal"))
    rina.get_by_role("button", name="Answer the reporter, work is done").last.click()
    expect(rina.locator("#galat")).to_contain_text("Fill or remove the 4 parts still marked")
    rina.get_by_label("Answer", exact=True).fill(WORDS)
    rina.get_by_role("button", name="Preview").click()
    expect(rina.locator("#pratinjau")).to_contain_text(WORDS)
    expect(rina.locator("#pratinjau")).to_contain_text("1 photo goes with it.")
    rina.locator("#pratinjau button").click()
    expect(rina.get_by_role("status")).to_contain_text("Recorded:")
    expect(rina.locator("[aria-labelledby=h-riwayat] img")).to_have_count(1)


def test_whoever_was_slower_loses_nothing(visitor: Visitor, write: Block) -> None:
    (number,) = some(write, "in_progress")
    rina, tono = visitor(width=360), visitor(width=1280)
    for page, name in ((rina, "rina"), (tono, "tono")):
        sign_in(page, name)
        page.goto(f"/petugas/kasus/{number}/answer")
    rina.get_by_label("Jawaban", exact=True).fill(WORDS)
    tono.goto(f"/petugas/kasus/{number}")
    tono.get_by_label("Catatan dalam").fill("Alat dipakai di Helvetia sampai Selasa.")
    tono.get_by_role("button", name="Simpan catatan dalam").click()
    rina.get_by_role("button", name="Jawab pelapor, selesai dikerjakan").last.click()
    expect(rina.locator("#berubah")).to_contain_text("Alat dipakai di Helvetia")
    expect(rina.get_by_label("Jawaban", exact=True)).to_have_value(WORDS)
    check_accessible(rina)
    rina.get_by_role("button", name="Jawab pelapor, selesai dikerjakan").last.click()
    expect(rina.get_by_role("status")).to_contain_text("Tercatat:")


def test_the_queue_by_keyboard(visitor: Visitor, write: Block) -> None:
    numbers = some(write, "submitted", 3)
    budi = visitor(width=1280)
    sign_in(budi, "budi")
    links = budi.locator("table.queue td a")
    links.first.focus()
    for key, at in (("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        budi.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    budi.keyboard.press("Enter")
    expect(budi.locator("h1")).to_contain_text("Jalan rusak")
    assert budi.url.endswith(numbers[1])


def test_every_page_of_the_desk_is_accessible(visitor: Visitor, write: Block) -> None:
    (number,) = some(write, "submitted")
    some(write, "disputed")
    budi = visitor()
    sign_in(budi, "budi")
    steps = ("", "/ask", "/assign", "/refer", "/reject", "/merge", "/note", "/mask", "/refile")
    pages = ("?antrean=terbuka", "?antrean=keberatan", "/surat", "/templat")
    for address in (*(f"/kasus/{number}{step}" for step in steps), *pages):
        budi.goto(f"/petugas{address}")
        check_at_every_width(budi)
    budi.emulate_media(color_scheme="dark")
    for address in ("?antrean=terbuka", f"/kasus/{number}", f"/kasus/{number}/reject"):
        budi.goto(f"/petugas{address}")
        check_accessible(budi)


def check_at_every_width(page: Page) -> None:
    """From a small phone to a desk; axe looks at the two layouts there are."""
    for width, check in (
        (320, check_width),
        (768, check_width),
        (1280, check_accessible),
        (360, check_accessible),
    ):
        page.set_viewport_size({"width": width, "height": 740})
        check(page)
