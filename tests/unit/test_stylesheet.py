"""The stylesheet: light, legible in both themes, and naming only symbols and classes that exist."""

import gzip
import re
from pathlib import Path

import pytest

from app.complaints.lifecycle import LIFECYCLE
from app.core.status_look import STATUS
from app.places.city import load_city
from tests.html import SYMBOLS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
SITE = (STATIC / "css" / "site.css").read_text(encoding="utf-8")
#: The rooms whose templates this test reads: the frame and what every page is made of.
OWN = ("base.html", "desk.html", "components/*.html", "errors/*.html", "site/*.html")

TEXT, CONTROL = 4.5, 3.0  # WCAG 2.2: 1.4.3 text, 1.4.11 controls and focus
PAIRS = (
    ("ink", "paper", TEXT),
    ("ink", "ground", TEXT),
    ("ink", "sunk", TEXT),
    ("ink", "line", TEXT),  # a leaf whose clock stands still
    ("ink-2", "paper", TEXT),
    ("ink-2", "ground", TEXT),
    ("ink-2", "sunk", TEXT),
    ("act", "paper", TEXT),
    ("act", "ground", TEXT),
    ("act", "act-wash", TEXT),
    ("on-act", "act", TEXT),
    ("on-act", "act-hot", TEXT),
    ("on-deep", "deep", TEXT),
    ("on-deep", "deep-2", TEXT),
    ("on-deep-2", "deep", TEXT),
    ("on-deep-2", "deep-2", TEXT),
    ("on-gold", "gold", TEXT),
    ("gold-ink", "paper", TEXT),
    ("gold-ink", "ground", TEXT),
    ("gold-ink", "gold-wash", TEXT),
    ("ink", "gold-wash", TEXT),
    ("late", "paper", TEXT),
    ("late", "ground", TEXT),
    ("late", "late-wash", TEXT),
    ("on-late", "late", TEXT),
    ("move", "paper", TEXT),
    ("move", "ground", TEXT),
    ("move", "move-wash", TEXT),
    ("edge", "paper", CONTROL),
    ("edge", "ground", CONTROL),
    ("edge", "sunk", CONTROL),
    ("focus", "ground", CONTROL),
    ("focus", "paper", CONTROL),
    ("gold", "deep", CONTROL),
    ("gold", "deep-2", CONTROL),
)


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", block))


LIGHT = colours(TOKENS[: TOKENS.index("@media")])
DARK = LIGHT | colours(TOKENS[TOKENS.index("dark)") : TOKENS.index("prefers-reduced-motion")])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_contrast(theme: dict[str, str], front: str, back: str, least: float) -> None:
    assert contrast(theme[front], theme[back]) >= least


def test_the_stylesheet_is_light() -> None:
    assert len(gzip.compress((TOKENS + SITE).encode(), 9)) <= 8_000


def test_nothing_is_fetched_but_the_stylesheet_itself() -> None:
    addresses = re.findall(r"url\((.*?)\)", TOKENS + SITE)
    assert all(address.startswith('"data:image/svg+xml') for address in addresses)
    assert "@import" not in TOKENS + SITE


def test_every_custom_property_is_set() -> None:
    set_ = set(re.findall(r"(--[\w-]+):", TOKENS + SITE))
    assert set(re.findall(r"var\((--[\w-]+)", TOKENS + SITE)) <= set_


def test_every_symbol_asked_for_exists() -> None:
    asked = {row.icon for row in LIFECYCLE.rows()} | {look.icon for look in STATUS.values()}
    asked |= {category.icon for category in load_city(Path("no-such-folder")).categories}
    for pattern in ("*.html", "*/*.html"):
        for path in (ROOT / "templates").glob(pattern):
            asked |= set(re.findall(r"\bicon\(\"([\w-]+)\"", path.read_text(encoding="utf-8")))
    assert asked <= SYMBOLS


def test_every_class_of_the_frame_is_styled() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", SITE))
    for pattern in OWN:
        for path in (ROOT / "templates").glob(pattern):
            source = re.sub(
                r"{#.*?#}|{{.*?}}|{%.*?%}", " ", path.read_text(encoding="utf-8"), flags=re.S
            )
            for value in re.findall(r'class="([\w -]*)"', source):
                assert set(value.split()) <= styled | {"site"}, f"{path.name}: {value}"
