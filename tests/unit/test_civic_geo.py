"""Distance, nearest centre, bounds and cells."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.geo import Bounds, Point, cell, cell_size, haversine, is_place, nearest

MEDAN = Bounds(south=3.48, west=98.58, north=3.81, east=98.75)
# Centres of three kecamatan.
CENTRES = {
    "12.71.01": Point(3.56943, 98.69479),
    "12.71.02": Point(3.58333, 98.65),
    "12.71.03": Point(3.61, 98.63),
}

lats = st.floats(-89, 89)
lons = st.floats(-179, 179)
points = st.tuples(lats, lons)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((3.59, 98.67), (3.59, 98.67), 0),
        ((0, 0), (0, 1), 111_195),
        ((0, 0), (1, 0), 111_195),
        ((0, -179.5), (0, 179.5), 111_195),
        ((0, 0), (0, 180), 20_015_115),
        # Medan to Jakarta, about 1,420 km.
        ((3.5952, 98.6722), (-6.2088, 106.8456), 1_418_000),
    ],
)
def test_haversine(a: tuple[float, float], b: tuple[float, float], metres: float) -> None:
    assert haversine(a, b) == pytest.approx(metres, rel=0.005)


@given(points, points)
def test_distance_is_the_same_both_ways(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert haversine(a, b) == pytest.approx(haversine(b, a))
    assert 0 <= haversine(a, b) <= 20_015_116


def test_nearest() -> None:
    assert nearest(CENTRES, 3.57, 98.70) == "12.71.01"
    assert nearest(CENTRES, 3.70, 98.60) == "12.71.03"
    assert nearest({}, 3.57, 98.70) is None


def test_the_first_of_equals_is_nearest() -> None:
    assert nearest({"b": (0, 1), "a": (0, -1)}, 0, 0) == "b"


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (3.59, 98.67, True),
        (3.48, 98.58, True),
        (3.47, 98.67, False),
        (3.59, 98.76, False),
        (98.67, 3.59, False),
        (nan, 98.67, False),
        (3.59, inf, False),
    ],
)
def test_bounds(lat: float, lon: float, inside: bool) -> None:
    assert MEDAN.contains(lat, lon) is inside


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (3.59, 98.67, True),
        (-90, 180, True),
        (90.1, 0, False),
        (0, -180.1, False),
        (nan, 0, False),
        (0, inf, False),
    ],
)
def test_is_place(lat: float, lon: float, expected: bool) -> None:
    assert is_place(lat, lon) is expected


@given(st.floats(-80, 80), lons, st.floats(1, 5000), st.floats(-0.05, 0.05), st.floats(-0.3, 0.3))
def test_a_box_around_holds_what_is_near(
    lat: float, lon: float, metres: float, up: float, across: float
) -> None:
    if haversine((lat, lon), (lat + up, lon + across)) <= metres * 0.999999:
        assert Bounds.around(lat, lon, metres).contains(lat + up, lon + across)


@given(points, st.integers(0, 19))
def test_a_cell_holds_its_place_and_four_its_parent(place: tuple[float, float], zoom: int) -> None:
    lat, lon = place
    column, row = cell(lat, lon, zoom)
    assert 0 <= column < 4 << zoom
    assert 0 <= row < 2 << zoom
    assert column * cell_size(zoom) - 180 == pytest.approx(lon, abs=cell_size(zoom) * 1.01)
    assert cell(lat, lon, zoom + 1) in {
        (2 * column + dx, 2 * row + dy) for dx in (0, 1) for dy in (0, 1)
    }
