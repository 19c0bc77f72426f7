"""Draw `static/img/icon-180.png`, the site's icon for phones that take no SVG, from `icon.svg`.

    python scripts/draw_icon.py

Run it after a change of the SVG. It knows what that file uses: filled paths of straight lines.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
SIZE, OVERSAMPLING = 180, 4
GROUND = "#06402c"  # iOS shows no transparency
COMMAND = re.compile(r"([mMlLhHvVz])([^a-zA-Z]*)")
NUMBER = re.compile(r"-?\d*\.?\d+")

Point = tuple[float, float]


def corners(d: str) -> list[Point]:
    """The corners of a path made of straight lines."""
    x = y = 0.0
    found: list[Point] = []
    for command, rest in COMMAND.findall(d):
        step = 1 if command.lower() in "hv" else 2
        numbers = [float(number) for number in NUMBER.findall(rest)]
        for i in range(0, len(numbers), step):
            relative = command.islower()
            dx, dy = _move(command.lower(), numbers[i : i + step])
            x = _from(x, dx, relative)
            y = _from(y, dy, relative)
            found.append((x, y))
    return found


def _move(command: str, numbers: list[float]) -> tuple[float | None, float | None]:
    if command == "h":
        return numbers[0], None
    if command == "v":
        return None, numbers[0]
    return numbers[0], numbers[1]


def _from(here: float, there: float | None, relative: bool) -> float:
    if there is None:
        return here
    return here + there if relative else there


def draw() -> Image.Image:
    """The icon on its green ground."""
    svg = ElementTree.fromstring((IMAGES / "icon.svg").read_text(encoding="utf-8"))  # noqa: S314
    side = SIZE * OVERSAMPLING
    margin = side // 8
    scale = (side - 2 * margin) / float(svg.attrib["viewBox"].split()[2])
    image = Image.new("RGB", (side, side), GROUND)
    pen = ImageDraw.Draw(image)
    for path in svg:
        shape = [(x * scale + margin, y * scale + margin) for x, y in corners(path.attrib["d"])]
        pen.polygon(shape, fill=path.attrib["fill"])
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).quantize(32)


if __name__ == "__main__":
    draw().save(IMAGES / "icon-180.png", optimize=True)
