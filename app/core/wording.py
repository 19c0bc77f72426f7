"""Texts of the city folder with {placeholders}: finding and filling them, complaints about them."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PLACEHOLDER = re.compile(r"\{(\w+)\}")


class WordingError(ValueError):
    """A file of texts is not usable; the message names every problem at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(file: Path) -> dict[str, Any]:
    """The content of a TOML file; WordingError where it is not well formed."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WordingError([f"{file.name}: {error}"]) from error


def names(text: str) -> set[str]:
    """The names of the placeholders in `text`."""
    return set(PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders filled once: braces inside a value stay. KeyError for a gap."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)
