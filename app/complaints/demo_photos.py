"""Drawn pictures for made-up reports: before and after, so that pages with photos can be seen.

Drawings, not photographs: nobody should take them for real.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from random import Random

from app.core.photos import EncodedPhoto, encode

SIZE = (640, 480)
Shape = tuple[str, str, Sequence[float]]  # kind, colour, corners in percent of the picture

STREET: tuple[Shape, ...] = (
    ("rectangle", "#bcd3dd", (0, 0, 100, 45)),
    ("rectangle", "#7f9a6c", (0, 38, 100, 52)),
    ("polygon", "#5b5f61", (30, 45, 70, 45, 120, 100, -20, 100)),
    ("polygon", "#e6e2d3", (49, 48, 51, 48, 53, 100, 47, 100)),
)
NIGHT: tuple[Shape, ...] = (
    ("rectangle", "#141c2b", (0, 0, 100, 100)),
    ("rectangle", "#0c1119", (0, 70, 100, 100)),
    ("rectangle", "#39424e", (48, 15, 51, 90)),
    ("rectangle", "#39424e", (48, 14, 66, 17)),
)
DITCH: tuple[Shape, ...] = (
    ("rectangle", "#c9c3ae", (0, 0, 100, 40)),
    ("rectangle", "#8d8a80", (0, 40, 100, 100)),
    ("polygon", "#4c5a56", (35, 40, 65, 40, 85, 100, 15, 100)),
)
CORNER: tuple[Shape, ...] = (
    ("rectangle", "#d9cbb2", (0, 0, 100, 60)),
    ("rectangle", "#9a9588", (0, 60, 100, 100)),
    ("rectangle", "#b8a88a", (0, 20, 12, 62)),
)
SCENES: Mapping[str, tuple[tuple[Shape, ...], tuple[Shape, ...], tuple[Shape, ...]]] = {
    "road_damage": (
        STREET,
        (("ellipse", "#2c2a27", (38, 66, 66, 84)), ("ellipse", "#6d7f86", (42, 69, 62, 81))),
        (("polygon", "#3f4244", (36, 64, 68, 64, 72, 86, 32, 86)),),
    ),
    "street_light": (
        NIGHT,
        (("ellipse", "#262d38", (60, 16, 68, 22)),),
        (
            ("polygon", "#4a4a33", (64, 20, 95, 100, 33, 100)),
            ("ellipse", "#ffe9a8", (60, 15, 68, 23)),
        ),
    ),
    "drainage": (
        DITCH,
        (
            ("polygon", "#6b5a3c", (28, 62, 72, 60, 80, 90, 20, 92)),
            ("ellipse", "#3f6b3a", (34, 66, 48, 76)),
            ("rectangle", "#d9d2c2", (55, 70, 62, 75)),
        ),
        (("polygon", "#5f7f8a", (42, 50, 58, 50, 70, 100, 30, 100)),),
    ),
    "garbage": (
        CORNER,
        (
            ("ellipse", "#2d2f33", (30, 48, 52, 80)),
            ("ellipse", "#4a3f3a", (46, 52, 70, 82)),
            ("rectangle", "#b9772e", (38, 66, 55, 84)),
            ("ellipse", "#e8e6df", (60, 70, 72, 84)),
        ),
        (("rectangle", "#aaa596", (25, 62, 78, 66)),),
    ),
}


def picture(category: str, after: bool, dice: Random) -> EncodedPhoto | None:
    """A drawing for a report of this category, in one of four lights; None without a scene."""
    return _drawn(category, after, dice.randrange(4)) if category in SCENES else None


@cache
def _drawn(category: str, after: bool, variant: int) -> EncodedPhoto:
    from PIL import Image, ImageDraw, ImageEnhance

    ground, broken, mended = SCENES[category]
    image = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(image)
    for kind, colour, corners in (*ground, *(mended if after else broken)):
        scaled = [value * SIZE[i % 2] / 100 for i, value in enumerate(corners)]
        getattr(pen, kind)(scaled, fill=colour)
    image = ImageEnhance.Brightness(image).enhance(0.9 + variant * 0.07)
    data = BytesIO()
    image.save(data, "PNG")
    return encode(data.getvalue())
