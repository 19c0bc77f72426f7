"""A citizen looks whether the city knows already: list, search, map, a report, "Saya juga"."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.complaints import listing
from app.config import Settings
from tests.conftest import Block
from tests.histories import brought_to, filed
from tests.journeys.conftest import Visitor, check_accessible

NOW = datetime.now(UTC)
JOHOR, GEDUNG_JOHOR = "12.71.11", "12.71.11.1005"

Make = Callable[..., str]


@pytest.fixture
def tiles() -> str:
    """A test that uses it has a site with a tile server."""
    return "https://tiles.example"


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if "tiles" not in request.fixturenames:
        return settings
    return replace(settings, tile_url=request.getfixturevalue("tiles") + "/{z}/{x}/{y}.png")


@pytest.fixture
def make(write: Block) -> Make:
    """`make("assigned", days=3)` makes a report of three days ago and gives its number."""

    def made(state: str, days: int = 1, **changes: Any) -> str:
        with write() as session:
            return brought_to(session, state, NOW - timedelta(days=days), **changes).number

    return made


def test_siti_finds_the_report_that_is_there_and_joins_it(page: Page, make: Make) -> None:
    number = make("assigned", days=40)
    make("closed", days=50, category_slug="drainage", text="Parit tersumbat sampah.")
    page.goto("/")
    page.get_by_role("link", name="Semua laporan").first.click()
    page.get_by_label("Cari kata, nomor, atau patokan").fill("lubang becak")
    page.get_by_role("button", name="Cari", exact=True).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "Hasil untuk “lubang becak”: 1 laporan"
    )
    check_accessible(page)
    page.get_by_role("link", name="Jalan rusak atau berlubang di Gedung Johor").click()
    expect(page).to_have_url(re.compile(f"/keluhan/{number}$"))
    expect(page.get_by_role("region", name="Jam janji")).to_contain_text("Lewat")
    check_accessible(page)
    page.get_by_role("button", name="Saya juga").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tercatat")
    page.goto(f"/keluhan/{number}")
    expect(page.get_by_text("1 warga ikut melaporkan.")).to_be_visible()


def test_filters_follow_the_kecamatan_and_the_address_stays_short(page: Page, make: Make) -> None:
    there = make("assigned")
    make("assigned", village_code="12.71.11.1001")
    page.goto("/keluhan")
    page.get_by_text("Saring menurut urusan").click()
    expect(page.get_by_label("Kelurahan")).to_be_hidden()
    page.get_by_label("Kecamatan").select_option(JOHOR)
    expect(page.get_by_label("Kelurahan")).to_be_visible()
    page.get_by_label("Kelurahan").select_option(GEDUNG_JOHOR)
    check_accessible(page)
    page.get_by_role("button", name="Terapkan").click()
    assert page.url.endswith(f"/keluhan?kecamatan={JOHOR}&kelurahan={GEDUNG_JOHOR}")
    expect(page.locator(".reps .no")).to_have_text([there])
    page.get_by_role("link", name="Hapus saringan: Gedung Johor").click()
    expect(page.locator(".reps .no")).to_have_count(2)


def test_the_map_is_walked_by_keyboard(page: Page, make: Make) -> None:
    number = make("assigned", latitude=3.5301, longitude=98.6701)
    page.goto(f"/keluhan?tampilan=peta&kecamatan={JOHOR}")
    marker = page.get_by_role("button", name="Jalan rusak atau berlubang di Gedung Johor")
    expect(marker).to_be_visible()
    expect(page.locator("#peta-laporan-kata")).to_have_text("1 laporan di bagian peta ini. ")
    check_accessible(page)
    marker.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a")
    expect(link).to_be_focused()
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(link).to_have_count(0)
    expect(marker).to_be_focused()
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/keluhan/{number}$"))


def test_many_reports_on_the_map_lead_closer(
    page: Page, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_SPOTS", 2)
    for n in range(4):
        make("assigned", latitude=3.5301 + n / 2000, longitude=98.6701)
    page.goto(f"/keluhan?tampilan=peta&kecamatan={JOHOR}")
    crowd = page.locator(".map-many").first
    expect(crowd).to_be_visible()
    many = int(crowd.inner_text())
    crowd.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map-one").first).to_be_visible(timeout=15_000)
    assert many > 1
    check_accessible(page)


def test_without_script_the_list_does_all(visitor: Visitor, make: Make) -> None:
    number = make("assigned")
    page = visitor(javascript=False, language="en")
    page.goto("/keluhan?lang=en")
    page.get_by_text("Filter by subject").click()
    page.get_by_label("District").select_option(JOHOR)
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("Filter by subject").click()
    page.get_by_label("Ward").select_option(GEDUNG_JOHOR)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".reps .no")).to_have_text([number])
    page.get_by_role("link", name="Map").click()
    expect(page.get_by_text("The map needs JavaScript.")).to_be_visible()
    expect(page.locator("#peta-laporan")).to_be_hidden()
    expect(page.locator(".reps .no")).to_have_text([number])


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_in_every_state_are_accessible(visitor: Visitor, make: Make, width: int) -> None:
    page = visitor(width=width)
    for state in ("submitted", "disputed", "closed", "merged", "rejected"):
        page.goto(f"/keluhan/{make(state, days=60)}")
        check_accessible(page)


def test_the_pages_of_nothing_are_accessible(page: Page, write: Block) -> None:
    page.goto("/keluhan")
    check_accessible(page)
    page.goto("/keluhan?tampilan=peta&q=x")
    check_accessible(page)
    page.goto("/keluhan/2611-9999")
    check_accessible(page)
    with write() as session:
        number = filed(session, NOW, visibility="rahasia").number
    page.goto(f"/keluhan/{number}")
    check_accessible(page)


@pytest.mark.parametrize("language", ["id", "en"])
def test_services_are_found_and_accessible(visitor: Visitor, language: str) -> None:
    """From one's own words to the whole standard; every page at two widths."""
    page = visitor(language=language)
    page.goto(f"/layanan?lang={language}")
    page.get_by_role("searchbox").fill("ktp hilang")
    page.get_by_role("search").get_by_role("button").click()
    check_accessible(page)
    page.locator("[aria-labelledby=h-hasil] a").first.click()
    expect(page).to_have_url(re.compile("/adminduk/KTP-02$"))
    page.locator("summary").first.click()
    check_accessible(page)
    for address in ("/layanan?q=helikopter", "/adminduk", "/izin/PBG"):
        page.goto(address)
        check_accessible(page)
        page.set_viewport_size({"width": 1280, "height": 740})
        check_accessible(page)
        page.set_viewport_size({"width": 360, "height": 740})


# ---------------------------------------------------------------- tiles


def test_tiles_are_fetched_when_the_map_is_opened_and_may_fail(
    tiles: str, page: Page, make: Make
) -> None:
    """claims: no_tracking"""
    make("assigned", latitude=3.5301, longitude=98.6701)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404)

    page.route(f"{tiles}/**", refuse)
    page.goto("/keluhan")
    expect(page.locator(".reps")).to_be_visible()
    assert not asked
    page.get_by_role("link", name="Peta").click()
    expect(page.locator(".map-one")).to_be_visible()
    expect(page.locator(".map-name", has_text="Medan Johor")).to_have_count(1)
    assert asked
    check_accessible(page)
