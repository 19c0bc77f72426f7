"""Filing as people do it: on an old phone, with and without script, afraid, in a hurry."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, Route, expect
from sqlalchemy import func, select

from app.cases.models import Case
from app.config import Settings
from tests.conftest import Block
from tests.journeys.conftest import check_accessible
from tests.reports import TEXT, photo

Visitor = Callable[..., Page]
NEW = "/keluhan/baru"
DRAFT = "localStorage.getItem('tanggap-draft')"


def picture(name: str = "jalan.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo((400, 300))}


def count(read: Block) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def choose_place(page: Page, kecamatan: str = "Medan Maimun") -> None:
    page.get_by_label(re.compile(r"^(Kecamatan|District)")).select_option(label=kecamatan)
    expect(page.locator("#village option")).not_to_have_count(2)
    page.locator("#village").select_option(index=1)
    page.locator("#landmark").fill("Gang Rukun, seberang musala")


def send(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Kirim laporan|Send report)$")).last.click()


def visible(page: Page, value: str) -> None:
    page.locator(f"[name=category][value={value}]").check()


# ---------------------------------------------------------------- a pothole, a minute


def test_siti_files_with_a_photo_on_a_small_phone(page: Page, read: Block) -> None:
    page.goto(NEW)
    check_accessible(page)
    page.locator("#text").fill(TEXT)
    expect(page.locator("[data-cards] input").first).to_have_value("drainage")
    choose_place(page)
    page.locator("#photos").set_input_files([picture()])
    visible(page, "drainage")
    page.get_by_role("button", name="Periksa dulu").last.click()
    expect(page.locator("h1")).to_have_text("Periksa sebelum dikirim")
    check_accessible(page)
    expect(page.get_by_text("Foto 1 sudah kami terima")).to_be_visible()
    page.get_by_role("button", name="Kirim laporan").first.click()
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    check_accessible(page)
    code = page.locator("[data-tracking-code]")
    expect(code).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    expect(page.locator("main")).to_contain_text("paling lambat")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Salin kode").click()
    expect(page.get_by_text("Tersalin")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code.inner_text()
    assert page.evaluate(DRAFT) is None
    with read() as session:
        (case,) = session.scalars(select(Case)).all()
        assert len(case.attachments) == 1
        assert case.village_code


def test_the_same_in_english_without_script(visitor: Visitor, read: Block) -> None:
    page = visitor(javascript=False, language="en")
    page.goto(f"{NEW}?lang=en")
    page.locator("#text").fill(TEXT)
    page.locator("#district").select_option(label="Medan Maimun")
    page.get_by_role("button", name="Show wards").click()
    expect(page.locator("#village option")).not_to_have_count(2)
    expect(page.locator("#text")).to_have_value(TEXT)
    page.locator("#village").select_option(index=1)
    page.locator("#landmark").fill("Gang Rukun, opposite the prayer house")
    page.get_by_role("button", name="Suggest a subject from my text").click()
    visible(page, "drainage")
    page.locator("#photos").set_input_files([picture()])
    send(page)
    expect(page.locator("h1")).to_have_text("We have received your report")
    assert count(read) == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_mistakes_are_read_out_and_lead_to_their_fields(page: Page, scripts: bool) -> None:
    if not scripts:  # axe itself needs script, the page must not
        page.route("**/*.js*", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(NEW)
    check_accessible(page)
    page.locator("#text").fill("pendek")
    send(page)
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    page.get_by_role("link", name="Pilih kecamatan tempat masalahnya.").click()
    expect(page.locator("#district")).to_be_focused()
    expect(page.locator("#text")).to_have_value("pendek")


def test_on_a_wide_screen_nothing_overlaps(visitor: Visitor) -> None:
    page = visitor(width=1280)
    page.goto(f"{NEW}?urusan=pungli&lang=en")
    check_accessible(page)


def test_a_double_tap_is_one_report(page: Page, read: Block) -> None:
    page.goto(f"{NEW}?category=drainage")
    page.locator("#text").fill(TEXT)
    choose_place(page)
    page.get_by_role("button", name="Kirim laporan").last.dblclick()
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    assert count(read) == 1


def test_after_going_back_a_second_tap_shows_the_same_receipt(page: Page, read: Block) -> None:
    page.goto(f"{NEW}?category=drainage")
    page.locator("#text").fill(TEXT)
    choose_place(page)
    send(page)
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    code = page.locator("[data-tracking-code]").inner_text()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Buat laporan")
    expect(page.locator("#text")).to_have_value(TEXT)
    send(page)
    expect(page.locator("[data-tracking-code]")).to_have_text(code)
    assert count(read) == 1


def test_the_enter_key_checks_and_sends_nothing(page: Page, read: Block) -> None:
    page.goto(f"{NEW}?category=drainage")
    page.locator("#text").fill(TEXT)
    choose_place(page)
    page.locator("#landmark").press("Enter")
    expect(page.locator("h1")).to_have_text("Periksa sebelum dikirim")
    assert count(read) == 0


# ---------------------------------------------------------------- who may see it


def test_a_subject_about_an_office_closes_the_report(page: Page) -> None:
    page.goto(NEW)
    expect(page.locator("[name=visibility][value=publik]")).to_be_checked()
    page.get_by_text("Lihat semua urusan").click()
    visible(page, "extortion")
    expect(page.locator("[name=visibility][value=rahasia]")).to_be_checked()
    expect(page.locator("[name=visibility][value=publik]")).to_be_hidden()
    expect(page.get_by_text("pilihan Publik tidak tersedia")).to_be_visible()
    expect(page.get_by_text("kantor yang Anda laporkan tidak menerimanya")).to_be_visible()
    expect(page.locator("#about_unit")).to_be_visible()
    check_accessible(page)
    visible(page, "other")
    expect(page.locator("[name=visibility][value=publik]")).to_be_visible()
    expect(page.locator("#about_unit")).to_have_count(0)


def test_danger_is_answered_while_writing(page: Page) -> None:
    page.goto(NEW)
    page.locator("#text").fill("Tiang listrik miring, ada percikan api, anak-anak lewat di sini.")
    expect(page.get_by_text("Ada bahaya sekarang?")).to_be_visible()
    expect(page.get_by_role("link", name="Telepon 112").first).to_have_attribute("href", "tel:112")
    check_accessible(page)


# ---------------------------------------------------------------- afraid


def test_ida_leaves_no_draft_and_can_leave_quickly(page: Page, read: Block) -> None:
    page.context.route("https://www.bmkg.go.id/**", lambda route: route.fulfill(body="cuaca"))
    page.goto(f"{NEW}?urusan=pungli")
    expect(page.get_by_role("link", name="Keluar cepat")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.locator("#text").press_sequentially("Saya diminta uang di loket untuk surat domisili.")
    expect(page.get_by_text("tidak disimpan di ponsel")).to_be_visible()
    page.wait_for_timeout(700)
    assert page.evaluate(DRAFT) is None
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.bmkg.go.id/**")
    page.go_back()
    expect(page.locator("#text")).to_have_count(0)


def test_ida_files_and_her_receipt_tells_nothing(page: Page, read: Block) -> None:
    page.goto(f"{NEW}?urusan=pungli")
    page.locator("#text").fill("Saya diminta uang di loket untuk surat domisili.")
    choose_place(page)
    page.locator("#about_unit").select_option(index=3)
    send(page)
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    expect(page.locator("main")).not_to_contain_text("Pungli")
    check_accessible(page)
    page.go_back()
    expect(page.locator("#text")).to_have_value("")
    page.go_forward()
    assert (
        page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    )


# ---------------------------------------------------------------- drafts


def test_an_unsent_text_waits_on_this_phone_for_a_day(page: Page) -> None:
    page.goto(NEW)
    page.locator("#text").fill(TEXT)
    page.locator("#landmark").fill("Gang Rukun")
    expect(page.get_by_text("tersimpan di ponsel ini sampai 24 jam")).to_be_visible()
    page.goto(NEW)
    expect(page.get_by_text("Ada tulisan Anda yang belum terkirim")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Lanjutkan tulisan itu").click()
    expect(page.locator("#text")).to_have_value(TEXT)
    expect(page.locator("#landmark")).to_have_value("Gang Rukun")
    page.goto("/tentang")
    old = "const d = JSON.parse(localStorage['tanggap-draft']); d.at -= 864e5 + 1;"
    page.evaluate(f"{old} localStorage['tanggap-draft'] = JSON.stringify(d)")
    page.goto(NEW)
    expect(page.locator("[data-draft]")).to_be_hidden()
    assert page.evaluate(DRAFT) is None


def test_a_draft_holds_words_only(page: Page) -> None:
    page.goto(NEW)
    page.locator("#text").fill(TEXT)
    choose_place(page)
    page.get_by_text("Kabari saya").click()
    page.locator("#phone").fill("081234567890")
    page.locator("#email").fill("siti@contoh.id")
    expect(page.get_by_text("tersimpan di ponsel ini")).to_be_visible()
    page.wait_for_timeout(700)
    kept = page.evaluate(DRAFT)
    assert TEXT in kept
    assert "0812" not in kept
    assert "contoh.id" not in kept


def test_choosing_confidential_forgets_the_draft(page: Page) -> None:
    page.goto(NEW)
    page.locator("#text").fill(TEXT)
    expect(page.get_by_text("tersimpan di ponsel ini")).to_be_visible()
    page.locator("[name=visibility][value=rahasia]").check()
    expect(page.get_by_text("tidak disimpan di ponsel")).to_be_visible()
    assert page.evaluate(DRAFT) is None


def test_nothing_stays_on_a_borrowed_phone(page: Page) -> None:
    page.goto(NEW)
    page.locator("#text").fill(TEXT)
    page.get_by_role("button", name="Ponsel pinjaman? Jangan simpan").click()
    page.locator("#text").press_sequentially(" Tolong segera dikorek.")
    page.wait_for_timeout(700)
    assert page.evaluate(DRAFT) is None


# ---------------------------------------------------------------- the map


def test_the_pin_is_placed_by_keyboard_alone(page: Page, read: Block) -> None:
    page.goto(f"{NEW}?category=drainage")
    page.locator("#text").fill(TEXT)
    page.get_by_role("button", name="Tandai di peta").press("Enter")
    expect(page.locator("#peta")).to_be_focused()
    check_accessible(page)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(page.locator("#peta-kata")).to_contain_text("Tanda ini berada di Medan")
    chosen = page.locator("#district option:checked").inner_text()
    assert chosen in page.locator("#peta-kata").inner_text()
    assert page.url.endswith("category=drainage")
    page.locator("#village").select_option(index=1)
    page.locator("#landmark").fill("Gang Rukun, seberang musala")
    send(page)
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    with read() as session:
        assert session.scalars(select(Case)).one().latitude is not None


def test_a_map_that_comes_late_takes_no_tap_before_it_answers(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/leaflet.js", lambda route: waiting.append(route))
    page.goto(NEW)
    button = page.get_by_role("button", name="Tandai di peta")
    button.click()
    expect(page.locator("#peta-kata")).to_have_text("Peta sedang dimuat…")
    expect(page.locator("#peta")).to_be_hidden()
    button.click()
    [late] = waiting
    late.continue_()
    page.locator("#peta").click(position={"x": 120, "y": 120})
    expect(page.locator("[name=latitude]")).not_to_have_value("")


def test_the_pin_can_be_taken_off(page: Page) -> None:
    page.goto(NEW)
    page.get_by_role("button", name="Tandai di peta").click()
    page.locator("#peta").click(position={"x": 120, "y": 120})
    expect(page.locator("[name=latitude]")).not_to_have_value("")
    page.get_by_role("button", name="Hapus tanda").click()
    expect(page.locator("[name=latitude]")).to_have_value("")
    expect(page.get_by_role("button", name="Hapus tanda")).to_be_hidden()


def position(context: BrowserContext, latitude: float, longitude: float, accuracy: float) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": accuracy})


def test_the_phones_position_says_how_exact_it_is(page: Page) -> None:
    position(page.context, 3.5752, 98.6861, 240)
    page.goto(NEW)
    page.get_by_role("button", name="Pakai posisi saya").click()
    expect(page.locator("#peta-kata")).to_contain_text("meleset sampai 240 meter")
    expect(page.locator("#district")).not_to_have_value("")
    expect(page.locator(".leaflet-container")).to_have_count(0)


def test_a_position_elsewhere_is_no_pin(page: Page) -> None:
    position(page.context, -6.2, 106.8, 20)
    page.goto(NEW)
    page.get_by_role("button", name="Pakai posisi saya").click()
    expect(page.locator("#peta-kata")).to_contain_text("di luar Kota Medan")
    expect(page.locator("[name=latitude]")).to_have_value("")


def test_without_permission_the_landmark_is_enough(page: Page) -> None:
    page.goto(NEW)
    page.get_by_role("button", name="Pakai posisi saya").click()
    expect(page.locator("#peta-kata")).to_contain_text("Pilih kecamatan dan tulis patokan saja")


def test_nothing_of_the_map_is_fetched_before_it_is_opened(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(NEW)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "leaflet" in url or "map." in url]
    assert all(url.startswith(page.url.removesuffix(NEW)) for url in asked)


# ---------------------------------------------------------------- a weak line


def test_without_a_signal_the_form_still_works(page: Page, read: Block) -> None:
    """Neither the list of areas nor advice arrives; the server's own steps remain."""

    def dead(route: Route) -> None:
        route.fulfill(status=404)

    page.goto(NEW)
    page.route("**/wilayah.json", dead)
    page.route("**/saran", dead)
    page.locator("#text").fill(TEXT)
    page.locator("#district").select_option(label="Medan Maimun")
    expect(page.get_by_role("button", name="Tampilkan kelurahan")).to_be_visible()
    page.locator("#village").select_option("unsure")
    page.locator("#landmark").fill("Gang Rukun, seberang musala")
    page.get_by_text("Lihat semua urusan").click()
    visible(page, "drainage")
    send(page)
    expect(page.locator("h1")).to_have_text("Laporan Anda sudah kami terima")
    assert count(read) == 1


class TestTiles:
    """With a tile server set. Its answers are made here; nothing leaves this machine."""

    HOST = "https://tiles.example"

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, tile_url=self.HOST + "/{z}/{x}/{y}.png", tile_attribution="© Kami")

    def test_the_map_shows_them_and_whose_they_are(self, page: Page) -> None:
        asked: list[str] = []

        def answer(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(content_type="image/png", body=photo((256, 256), "PNG"))

        page.route(f"{self.HOST}/**", answer)
        page.goto(NEW)
        assert not asked
        page.get_by_role("button", name="Tandai di peta").click()
        expect(page.get_by_text("© Kami")).to_be_visible()
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        assert asked

    def test_without_their_pictures_the_landmark_is_enough(self, page: Page) -> None:
        page.route(f"{self.HOST}/**", lambda route: route.fulfill(status=404))
        page.goto(NEW)
        page.get_by_role("button", name="Tandai di peta").click()
        expect(page.locator("#peta-kata")).to_contain_text("Gambar peta tidak termuat")
        page.locator("#peta").press("Enter")
        expect(page.locator("[name=latitude]")).not_to_have_value("")
