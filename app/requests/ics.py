"""Days as an iCalendar file (RFC 5545) that a phone's calendar can follow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

LINE: Final = 75
"""Octets of a line, without its end."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Entry:
    """A whole day: ``uid`` names it for good, ``stamp`` is when it was last changed."""

    uid: str
    stamp: datetime
    day: date
    summary: str
    description: str
    url: str


def write(entries: Iterable[Entry]) -> str:
    """The file; without entries it holds a time zone, because it must hold something."""
    body = [line for entry in entries for line in _event(entry)] or _NOTHING
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tanggap//Kalender//ID")
    return "".join(f"{_folded(line)}\r\n" for line in (*head, *body, "END:VCALENDAR"))


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"DTSTAMP:{entry.stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"SUMMARY:{_text(entry.summary)}"
    yield f"DESCRIPTION:{_text(entry.description)}"
    yield f"URL:{entry.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


_NOTHING: Final = [
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
]


def _text(words: str) -> str:
    """Words as a value: escaped, without control characters."""
    kept = "".join(char for char in words if char == "\n" or char.isprintable())
    return kept.translate(_ESCAPES)


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, no character cut in two."""
    pieces, room = [""], LINE
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append("")
            room = LINE - 1  # the space that begins the piece
        pieces[-1] += char
        room -= size
    return "\r\n ".join(pieces)
