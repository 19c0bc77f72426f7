"""Places on the globe: distance, nearest centre, bounds and the cells a map is clustered by.

Degrees are WGS 84, as browsers and OpenStreetMap give them; distances are metres.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, degrees, floor, isfinite, radians, sin, sqrt
from typing import NamedTuple, TypeVar

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""

CELLS_PER_TILE = 4
COARSE = 500
"""Cells to a degree where a place must tell no house: each about 220 metres wide."""

Key = TypeVar("Key")


class Point(NamedTuple):
    """A latitude and a longitude in degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box between two parallels and two meridians; it does not cross the date line."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, lat: float, lon: float) -> bool:
        """Tell whether the place lies in the box or on its edge; never true for NaN."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    @classmethod
    def around(cls, lat: float, lon: float, metres: float) -> "Bounds":
        """Return the smallest box that holds every place within `metres`, away from the poles."""
        height = degrees(metres / EARTH_RADIUS)
        width = degrees(asin(min(1.0, sin(metres / EARTH_RADIUS) / cos(radians(lat)))))
        return cls(lat - height, lon - width, lat + height, lon + width)


def is_place(lat: float, lon: float) -> bool:
    """Tell whether the two numbers are degrees of a place on the globe."""
    return isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180


def haversine(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the metres between two places on a sphere, right within 0.5 % on the ground."""
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    up = sin(radians(lat_b - lat_a) / 2) ** 2
    across = sin(radians(lon_b - lon_a) / 2) ** 2
    square = up + cos(radians(lat_a)) * cos(radians(lat_b)) * across
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, square)))


def nearest(points: Mapping[Key, tuple[float, float]], lat: float, lon: float) -> Key | None:
    """Return the key of the place nearest to the given one: the first of equals, None of none."""
    return min(points, key=lambda key: haversine(points[key], (lat, lon)), default=None)


def cell(lat: float, lon: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the cell a place falls into at a map's zoom.

    Cells are squares in degrees, four to the width of a map tile, so about 64 pixels wide.
    """
    size = cell_size(zoom)
    return floor((lon + 180) / size), floor((lat + 90) / size)


def cell_size(zoom: int) -> float:
    """Return the width and height of a cell in degrees."""
    return 360 / (CELLS_PER_TILE << zoom)


def coarse(lat: float, lon: float) -> Point:
    """Return the middle of the coarse cell a place falls into, at most 160 metres away."""
    return Point((floor(lat * COARSE) + 0.5) / COARSE, (floor(lon * COARSE) + 0.5) / COARSE)
