"""docs/city.md explains every key of the city's files, and none that does not exist."""

import re
from pathlib import Path

import pytest

from app.places.city import SHARED, SHIPPED, read_city
from app.places.city_files import Folder
from app.requests.service_files import read_services
from tests.html import SYMBOLS

ROOT = Path(__file__).resolve().parent.parent.parent
MUARA = ROOT / "tests" / "cities" / "muara"
DOCS = (ROOT / "docs" / "city.md").read_text(encoding="utf-8")


def asked_keys() -> set[str]:
    """Keys the loader asks for, tables that hold others left out."""
    files = Folder(SHIPPED, SHIPPED, SHARED)
    read_services(files, read_city(files))
    other = Folder(MUARA, SHIPPED, SHARED)  # its service has every table there can be
    read_services(other, read_city(other))
    keys = files.keys | other.keys
    keys = {re.sub(r"^services/\w+/\S+", "services/*/*.toml", key) for key in keys}
    # what a room asks in all its services has the keys of a service's own section
    keys = {re.sub(r"^services/\w+\.toml \w+\.", "services/*/*.toml section.", k) for k in keys}
    keys = {re.sub(r"^services/\w+\.toml", "services/*.toml", key) for key in keys}
    keys = {re.sub(r"^texts/\w+", "texts/*", key) for key in keys}
    keys = {re.sub(r" values\.\w+$", " values.*", key) for key in keys}
    return {key for key in keys if not any(other.startswith(f"{key}.") for other in keys)}


def explained_keys() -> set[str]:
    keys = set()
    for section in DOCS.split("\n## ")[1:]:
        file, _, body = section.partition("\n")
        for cell in re.findall(r"^\| (`.+?) \|", body, re.MULTILINE):
            keys |= {f"{file} {key}" for key in re.findall(r"`([^`]+)`", cell)}
    return keys


def test_every_key_is_explained() -> None:
    assert explained_keys() == asked_keys()


def test_every_placeholder_is_listed() -> None:
    listed = set(re.findall(r"`\{(\w+)\}`", DOCS.partition("## Placeholders")[2]))
    assert listed == set(read_city(Folder(SHIPPED, SHIPPED, SHARED)).words)


def test_every_icon_is_drawn() -> None:
    used = {category.icon for category in read_city(Folder(SHIPPED, SHIPPED, SHARED)).categories}
    assert used <= SYMBOLS


@pytest.mark.parametrize("file", sorted({key.split()[0] for key in asked_keys()}))
def test_every_file_has_its_part(file: str) -> None:
    assert f"\n## {file}\n" in DOCS
