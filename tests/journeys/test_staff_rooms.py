"""Sign-in and accounts in a browser: no barrier at any width, in both languages, without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.journeys.conftest import Visitor, check_accessible

PAGES = ("/petugas/sesi", "/petugas/kata-sandi", "/petugas/akun", "/petugas/akun/baru")


def sign_in(page: Page, username: str) -> None:
    page.goto("/petugas/masuk")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page).not_to_have_url("**/masuk")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_accounts_have_no_barrier(visitor: Visitor, width: int) -> None:
    page = visitor(width=width)
    for address in ("/petugas/lupa", "/petugas/lupa?terkirim=1", "/petugas/tautan/x"):
        page.goto(address)
        check_accessible(page)
    page.goto("/petugas/masuk")
    check_accessible(page)
    page.locator("main form button").click()
    expect(page.locator("#galat")).to_be_focused()
    check_accessible(page)
    sign_in(page, "ayu")
    for address in PAGES:
        page.goto(address)
        check_accessible(page)


def test_an_account_is_made_and_used_without_script(visitor: Visitor) -> None:
    ayu = visitor(width=1280, javascript=False)
    sign_in(ayu, "ayu")
    ayu.goto("/petugas/akun?lang=en")
    check = visitor(width=360)  # axe needs script, so a second browser looks at the same pages
    sign_in(check, "ayu")
    ayu.get_by_role("link", name="Add an account").click()
    ayu.get_by_label("Account name").fill("putra.ginting")
    ayu.get_by_label("Full name").fill("Putra Ginting")
    ayu.get_by_label("Officer of a unit").check()
    ayu.get_by_label("Unit", exact=True).select_option("dlh")
    ayu.get_by_role("button", name="Save account").click()
    password = ayu.locator("[data-temporary-password]").inner_text()
    ayu.get_by_role("link", name="I have passed it on").click()
    ayu.get_by_role("link", name="Putra Ginting").click()
    check.goto(ayu.url)
    check_accessible(check)
    check.goto(f"{ayu.url}/nonaktif")
    check_accessible(check)

    putra = visitor(width=360)
    putra.goto("/petugas/masuk")
    putra.locator("[name=username]").fill("putra.ginting")
    putra.locator("[name=password]").fill(password)
    putra.locator("main form button").click()
    expect(putra.get_by_role("heading", level=1)).to_have_text("Ganti kata sandi")
    check_accessible(putra)
    putra.locator("[name=current]").fill(password)
    for field in ("password", "again"):
        putra.locator(f"[name={field}]").fill("becak kuda lampu parit")
    putra.get_by_role("button", name="Simpan kata sandi").click()
    putra.goto("/petugas/sesi")
    expect(putra.get_by_role("heading", level=1)).to_have_text("Sesi Anda")
    putra.get_by_role("button", name="Keluar", exact=True).click()
    expect(putra.locator(".say")).to_have_text("Anda sudah keluar.")
