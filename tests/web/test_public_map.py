"""/keluhan/peta.json and the page around the map."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.complaints import listing
from app.config import Settings
from tests.conftest import START, Block
from tests.histories import brought_to, filed
from tests.pages import Client, Page

BOX = "98.6,3.5,98.7,3.6"


@pytest.fixture
def settings(settings: Settings, instance: Path) -> Settings:
    """The shipped settings, but with a tile server and a city folder to write into."""
    return replace(
        settings,
        city_dir=instance / "city",
        tile_url="https://tiles.example/{z}/{x}/{y}.png",
        tile_attribution="© OpenStreetMap",
    )


def read(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.response.get_data(as_text=True))
    assert found["type"] == "FeatureCollection"
    return found


def points(client: Client, query: str = "") -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = read(client.get(f"/keluhan/peta.json?{query}"))["features"]
    return features


def place(write: Block, lat: float, lon: float, state: str = "assigned", **more: Any) -> str:
    with write() as session:
        return brought_to(session, state, START, latitude=lat, longitude=lon, **more).number


def test_a_point_says_what_the_list_says(client: Client, write: Block) -> None:
    number = place(write, 3.53, 98.67)
    (feature,) = points(client, f"bbox={BOX}&zoom=13")
    assert feature["geometry"] == {"type": "Point", "coordinates": [98.67, 3.53]}
    (report,) = feature["properties"]["reports"]
    assert report == {
        "number": number,
        "title": "Jalan rusak atau berlubang di Gedung Johor",
        "url": f"/keluhan/{number}",
        "icon": "sent",
        "tone": "move",
        "word": "Terdisposisi",
    }


def test_it_speaks_the_readers_language(client: Client, write: Block) -> None:
    place(write, 3.53, 98.67)
    (feature,) = points(client, "lang=en")
    assert feature["properties"]["reports"][0]["word"] == "Assigned"


def test_no_point_lies_outside_the_box(client: Client, write: Block) -> None:
    for n in range(8):
        place(write, 3.46 + n / 50, 98.56 + n / 50, visibility="anonim" if n % 2 else "publik")
    west, south, east, north = map(float, BOX.split(","))
    for zoom in (1, 10, 13, 19):
        for feature in points(client, f"bbox={BOX}&zoom={zoom}"):
            lon, lat = feature["geometry"]["coordinates"]
            assert west <= lon <= east
            assert south <= lat <= north
    assert len(points(client, "bbox=98,3,99,4")) == 8


def test_filters_hold_on_the_map(client: Client, write: Block) -> None:
    place(write, 3.53, 98.67)
    place(write, 3.54, 98.67, category_slug="drainage")
    assert len(points(client, "urusan=drainage")) == 1
    assert len(points(client, "urusan=x")) == 2
    assert len(points(client, "status=open&q=becak&terlambat=1")) == 0


@pytest.mark.parametrize("state", ["assigned", "in_progress", "answered", "closed", "merged"])
def test_a_confidential_report_is_never_on_the_map(
    client: Client, write: Block, state: str
) -> None:
    """claims: rahasia_readers"""
    place(write, 3.53, 98.67, state, visibility="rahasia")
    with write() as session:
        filed(session, START, latitude=3.53, longitude=98.67)
    assert points(client) == []


def test_many_become_numbers_with_the_late_ones_counted(
    client: Client, write: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_SPOTS", 2)
    for n in range(4):
        place(write, 3.53 + n / 5000, 98.67)
    (feature,) = points(client, "zoom=12")
    assert feature["properties"] == {
        "size": 4,
        "late": 0,
        "words": "4 laporan di sini. Perbesar peta.",
    }
    assert read(client.get("/keluhan/peta.json?zoom=19"))["more"] is True


@pytest.mark.parametrize(
    "query",
    [
        *("bbox=a,b,c,d", "bbox=", "bbox=1,2,3", "zoom=x", "zoom=nan"),
        *("bbox=98.7,3.6,98.6,3.5", "bbox=-999,0,1,1", "bbox=%00"),
    ],
)
def test_a_box_that_is_none_shows_the_city(client: Client, write: Block, query: str) -> None:
    place(write, 3.53, 98.67)
    assert len(points(client, query)) == 1


def test_answers_may_be_kept_for_a_minute(client: Client) -> None:
    page = client.get("/keluhan/peta.json")
    assert page.headers["Cache-Control"] == "public, max-age=60"
    assert page.response.mimetype == "application/json"


# ---------------------------------------------------------------- the page


def test_the_map_stands_above_the_same_list(client: Client, write: Block) -> None:
    number = place(write, 3.53, 98.67)
    page = client.get("/keluhan?urusan=road_damage").follow("Peta")
    (box,) = page.select("#peta-laporan")
    assert box["data-points"] == "/keluhan/peta.json?urusan=road_damage"
    assert box["data-tiles"] == "https://tiles.example/{z}/{x}/{y}.png"
    assert box["data-attribution"] == "© OpenStreetMap"
    assert number in page.words(".reps")
    assert "Semua isi peta juga ada di tampilan daftar." in page.main
    assert "https://tiles.example" in page.headers["Content-Security-Policy"]
    assert page.follow("Daftar").url.endswith("/keluhan?urusan=road_damage")


def test_a_kecamatan_is_shown_from_closer(client: Client) -> None:
    (city,) = client.get("/keluhan?tampilan=peta").select("#peta-laporan")
    (district,) = client.get("/keluhan?tampilan=peta&kecamatan=12.71.11").select("#peta-laporan")
    assert float(str(district["data-start"]).split()[2]) > float(str(city["data-start"]).split()[2])


def test_the_list_alone_loads_no_map(client: Client) -> None:
    """claims: no_tracking"""
    assert "leaflet" not in client.get("/keluhan").html
    assert "tiles.example" not in client.get("/keluhan").html


def test_outlines_of_the_city_are_served_when_it_has_some(
    client: Client, settings: Settings
) -> None:
    (box,) = client.get("/keluhan?tampilan=peta").select("#peta-laporan")
    assert box["data-outlines"] == ""
    client.get("/keluhan/batas.json", status=404)
    folder: Path = settings.city_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "districts.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (box,) = client.get("/keluhan?tampilan=peta").select("#peta-laporan")
    page = client.get(str(box["data-outlines"]))
    assert page.response.mimetype == "application/geo+json"
    assert "max-age=86400" in page.headers["Cache-Control"]
