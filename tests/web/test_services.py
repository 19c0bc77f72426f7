"""Citizens find a service, see its standard, and where to turn when it goes wrong."""

from dataclasses import replace

import pytest
from flask import Flask

from app.config import Settings
from app.requests.services import ROOMS, Services
from tests.pages import Client
from tests.unit.test_city_loader import MUARA

pytestmark = pytest.mark.once


def catalogue(app: Flask) -> Services:
    found: Services = app.extensions["services"]
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_service_has_its_page(app: Flask, language: str) -> None:
    client = Client(app, language=language)
    for room, address in ((name, room.address) for name, room in ROOMS.items()):
        listed = client.get(f"{address}?lang={language}")
        for service in catalogue(app).of_room(room):
            page = listed.follow(service.name.in_(language))
            assert page.path == f"{address}/{service.code}"
            assert page.h1 == service.name.in_(language)
            assert len(page.select("[aria-labelledby=h-standar] details")) == 14
            asked = [tag.get_text() for tag in page.select("[aria-labelledby=h-isian] summary")]
            assert len(asked) == len(service.questions.sections)
        names = [tag.get_text() for tag in listed.select("main li a")]
        assert names == sorted(names, key=str.casefold)


def test_it_is_found_in_ones_own_words(client: Client) -> None:
    page = client.get("/").follow("Layanan")
    found = page.form("Cari").fill(q="ktp hilang").submit()
    first = found.select("[aria-labelledby=h-hasil] li a")[0]
    assert first["href"] == "/adminduk/KTP-02"
    assert found.select("input[name=q]")[0]["value"] == "ktp hilang"


def test_what_nobody_offers_leads_on(client: Client) -> None:
    page = client.get("/layanan?q=helikopter")
    assert "Belum ada layanan dengan kata itu." in page.main
    assert "Buat laporan" in page.links()
    assert page.select("meta[name=robots]")[0]["content"] == "noindex"


def test_what_happens_in_a_life_leads_to_services(client: Client) -> None:
    page = client.get("/layanan").follow("Kelahiran")
    assert page.select("nav.tabs a[aria-current=page]")[0].get_text() == "Kelahiran"
    assert page.select("[aria-labelledby=h-hasil] li a")[0]["href"] == "/adminduk/LHR-01"


@pytest.mark.parametrize(
    "query",
    ["q=%00%1b", "q=" + "x" * 3000, "q=<script>alert(1)</script>", "peristiwa=pesta", "q="],
)  # fmt: skip
def test_odd_addresses_are_pages_all_the_same(client: Client, query: str) -> None:
    client.check = False
    page = client.get(f"/layanan?{query}")
    assert page.h1 == "Layanan kota"
    assert "<script>alert" not in page.html


def test_a_code_is_found_however_it_is_written(client: Client) -> None:
    assert client.get("/adminduk/lhr-01").path == "/adminduk/LHR-01"
    client.get("/adminduk/LHR-99", status=404)
    client.get("/izin/LHR-01", status=404)


def test_the_promise_counts_from_a_complete_file(client: Client) -> None:
    """Three working days from Tuesday, 24 November 2026."""
    page = client.get("/adminduk/LHR-01")
    assert "Jumat, 27 November 2026" in page.words(".clock .facts")
    assert "60 hari" in page.main
    assert "Usulan, belum ditetapkan Disdukcapil." in page.words(".clock")


def test_what_is_not_published_or_only_proposed_says_so(client: Client) -> None:
    page = client.get("/adminduk/LHR-01").main
    assert "Belum diumumkan oleh Disdukcapil" in page
    assert "Yang tertulis di sini usulan." in page


def test_a_free_service_says_where_to_report_who_asks_for_money(client: Client) -> None:
    form = client.get("/adminduk/KTP-02").follow("Laporkan pungli").form("Kirim laporan")
    assert form.values["category"] == ["extortion"]
    assert form.values["visibility"] == ["rahasia"]


def test_what_is_free_only_by_proposal_accuses_nobody(client: Client) -> None:
    page = client.get("/izin/SIP-DOK")
    assert "Laporkan pungli" not in page.links()
    assert "biaya (usulan)" in page.main


def test_what_another_system_does_leads_there(client: Client) -> None:
    page = client.get("/izin/PBG")
    assert page.links()["Buka SIMBG"].startswith("https://simbg.pu.go.id")


def test_the_menu_knows_where_one_is(client: Client) -> None:
    rooms = [(room.address, "true") for room in ROOMS.values()]
    for address, current in (("/layanan", "page"), ("/izin/RKL", "true"), *rooms):
        (link,) = client.get(address).select(".nav a[aria-current]")
        assert (link.get_text(), link["aria-current"]) == ("Layanan", current)


def test_the_whole_catalogue_can_be_checked(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["catalogue", "check"]).output
    assert "LHR-01: " in said
    assert said.endswith("46 services, no problem found\n")


class TestAnotherCity:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, city_dir=MUARA)

    def test_it_shows_its_own(self, client: Client) -> None:
        page = client.get("/layanan")
        assert "Administrasi kependudukan" not in page.main
        page = page.follow("Lihat 1 layanan").follow("Izin tambat perahu")
        assert "Pas kecil perahu" in page.main
        client.get("/adminduk", status=404)
