"""A strict reader of the calendar files the site writes: what RFC 5545 does not allow fails."""

import re
from datetime import datetime

CONTENT_LINE = re.compile(
    r"([A-Z-]+(?:;[A-Z-]+=[^\";:,\x00-\x1f\x7f]+)*):([^\x00-\x08\x0a-\x1f\x7f]*)"
)
TEXTS = {"SUMMARY", "DESCRIPTION", "UID"}
ONCE = {"UID", "DTSTAMP", "DTSTART;VALUE=DATE", "SUMMARY", "DESCRIPTION", "URL", "TRANSP"}


def events(text: str) -> list[dict[str, str]]:
    """The events, their texts unescaped."""
    return [properties for name, properties in read(text) if name == "VEVENT"]


def read(text: str) -> list[tuple[str, dict[str, str]]]:
    """The components below the calendar, each with its properties."""
    lines = unfolded(text)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[2].startswith("PRODID:")
    assert lines[-1] == "END:VCALENDAR"
    found: list[tuple[str, dict[str, str]]] = []
    open_now: list[str] = []
    for line in lines[3:-1]:
        matched = CONTENT_LINE.fullmatch(line)
        assert matched, line
        name, value = matched.groups()
        if name == "BEGIN":
            open_now.append(value)
            found.append((value, {}))
        elif name == "END":
            assert open_now.pop() == value
        else:
            properties = found[-1][1]
            assert open_now, line
            assert name not in properties, line
            properties[name] = unescaped(value) if name in TEXTS else value
    assert open_now == []
    assert found, "a calendar holds at least one component"
    for name, properties in found:
        if name == "VEVENT":
            assert properties.keys() == ONCE
            datetime.strptime(properties["DTSTAMP"], "%Y%m%dT%H%M%S%z")
            datetime.strptime(properties["DTSTART;VALUE=DATE"], "%Y%m%d")  # noqa: DTZ007
    return found


def unfolded(text: str) -> list[str]:
    """The lines as they were before they were folded."""
    assert text.endswith("\r\n")
    pieces = text.removesuffix("\r\n").split("\r\n")
    lines: list[str] = []
    for piece in pieces:
        assert "\n" not in piece
        assert "\r" not in piece
        assert 0 < len(piece.encode()) <= 75
        if piece.startswith(" "):
            lines[-1] += piece[1:]
        else:
            lines.append(piece)
    return lines


def unescaped(value: str) -> str:
    """A text value again; a bare comma or semicolon, or an unknown escape, is a fault."""
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
