"""Calendar files that a strict reader takes apart again (RFC 5545)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.requests.ics import Entry, write
from tests.calendars import events, read

WIB = timezone(timedelta(hours=7))
ENTRY = Entry(
    "1f@tanggap.example.go.id",
    datetime(2026, 11, 24, 10, 30, 5, tzinfo=WIB),
    date(2026, 12, 8),
    "Bappeda Kota Padang",
    "Nama lembaga: Bappeda Kota Padang",
    "https://tanggap.example.go.id/kunjungan",
)


def with_words(words: str) -> Entry:
    return Entry(ENTRY.uid, ENTRY.stamp, ENTRY.day, words, words, ENTRY.url)


def test_a_day_is_a_whole_day() -> None:
    (found,) = events(write([ENTRY]))
    assert found == {
        "UID": "1f@tanggap.example.go.id",
        "DTSTAMP": "20261124T033005Z",
        "DTSTART;VALUE=DATE": "20261208",
        "SUMMARY": "Bappeda Kota Padang",
        "DESCRIPTION": "Nama lembaga: Bappeda Kota Padang",
        "URL": "https://tanggap.example.go.id/kunjungan",
        "TRANSP": "TRANSPARENT",
    }


def test_without_days_it_is_a_calendar_all_the_same() -> None:
    assert events(write([])) == []
    assert re.search("BEGIN:VTIMEZONE\r\n", write([]))


@pytest.mark.parametrize(
    "words",
    [
        "Dinas A; Dinas B, dan C\\D\nbaris kedua",
        "x" * 300,
        "é" * 200,
        "日本語の研修 " * 20,
        "👩‍👩‍👧 " * 40,
        "BEGIN:VEVENT\nEND:VCALENDAR",
        "\\n",
        "",
    ],
)
def test_any_words_come_back_as_they_were(words: str) -> None:
    (found,) = events(write([with_words(words)]))
    plain = words.replace("\u200d", "")  # a joiner is no letter
    assert found["SUMMARY"] == found["DESCRIPTION"] == plain


def test_control_characters_are_left_out() -> None:
    (found,) = events(write([with_words("a\x00b\r\nc\x1b\x7fd\u2028e")]))
    assert found["SUMMARY"] == "ab\ncde"


def test_every_line_is_short_and_ended() -> None:
    said = write([with_words("ü" * 500), ENTRY]).encode()
    assert said.endswith(b"END:VCALENDAR\r\n")
    lines = said.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) == 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two


def test_the_reader_of_these_tests_is_strict() -> None:
    for spoilt in (
        write([ENTRY]).replace("\r\n", "\n"),
        write([ENTRY]).replace("END:VEVENT\r\n", ""),
        write([ENTRY]).replace("VERSION:2.0\r\n", ""),
        write([ENTRY]).replace("UID:", "UID"),
        write([ENTRY]).replace("SUMMARY:", "SUMMARY:" + "x" * 80),
        write([ENTRY]).replace("Kota Padang", "Kota, Padang"),
        write([ENTRY]).replace("20261208", "20261308"),
    ):
        with pytest.raises((AssertionError, ValueError)):
            read(spoilt)


def test_stamps_are_universal_time() -> None:
    assert "DTSTAMP:20261124T033005Z" in write([ENTRY])
    assert ENTRY.stamp.astimezone(UTC).hour == 3
