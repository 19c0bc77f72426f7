"""A birth certificate's form: begun on one phone, resumed on another without script, in English."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor, check_accessible, check_width
from tests.reports import photo

NIK = "1271015708920003"


def go_on(page: Page, button: str = "Simpan dan lanjut") -> None:
    page.get_by_role("button", name=button, exact=True).click()


def test_a_birth_certificate_is_filled_in_on_two_phones(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/adminduk/LHR-01")
    page.get_by_role("link", name="Isi formulir", exact=True).click()
    check_accessible(page)
    page.get_by_role("button", name="Mulai mengisi").click()
    code = page.locator("[data-application-code]").inner_text()
    check_accessible(page)

    page.get_by_role("link", name="Isi: Data Anda").click()
    page.get_by_label("Nama lengkap").fill("Yanti Siregar")
    page.get_by_label("NIK", exact=True).fill("12")
    go_on(page)
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    page.get_by_label("NIK", exact=True).fill(NIK)
    page.get_by_label("Nomor ponsel").fill("0812 3456 7890")
    page.get_by_label("Alamat tempat tinggal").fill("Jalan Brigjen Katamso 12")
    page.get_by_label("Kecamatan dan kelurahan").select_option("12.71.01.1001")
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kelahiran")
    check_accessible(page)

    other = visitor(language="en", javascript=False)
    other.goto("/permohonan?lang=en")
    other.get_by_label("Form code").fill(code.lower().replace("-", " "))
    go_on(other, "Open the form")
    expect(other.get_by_text("Yanti Siregar")).to_be_visible()
    other.get_by_role("link", name="Fill in Witnesses").click()
    for number in (1, 2):
        group = other.get_by_role("group", name=f"Witness {number}")
        group.get_by_label("Full name").fill(f"Witness Number {number}")
        group.get_by_label("NIK").fill(NIK)
    check_width(other)
    go_on(other, "Save and go on")
    other.goto("/permohonan")
    expect(other.get_by_text("Witness Number 2")).to_be_visible()
    check_width(other)

    page.goto("/permohonan/berkas")
    page.get_by_label("Kartu Keluarga (KK)").set_input_files(
        {"name": "kk.jpg", "mimeType": "image/jpeg", "buffer": photo((300, 400))}
    )
    go_on(page, "Simpan berkas")
    expect(page.get_by_role("status")).to_contain_text("Berkas tersimpan.")
    check_accessible(page)
    check_width(page)

    page.goto("/permohonan")
    expect(page.get_by_text("Witness Number 2")).to_be_visible()
    expect(page.get_by_role("img", name="Buka Kartu Keluarga (KK), berkas 1")).to_be_visible()
    check_accessible(page)
    go_on(page, "Tutup di perangkat ini")
    expect(page.get_by_role("status")).to_contain_text("Isinya tetap tersimpan")
    check_accessible(page)
