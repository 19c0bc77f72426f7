"""Codes: what we make reads back, and what a person makes of it reads back too."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.codes import (
    ALPHABET,
    compact,
    encode,
    is_form_key,
    new_form_key,
    normalise,
    number,
    parse_number,
    period,
)

CODE = "7K3M-9QXD-4TRW"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(8), "0000-0000-0000"),
        (b"\xff" * 8, "ZZZZ-ZZZZ-ZZZZ"),
        (b"\xff" * 7 + b"\xf0", "ZZZZ-ZZZZ-ZZZZ"),
        (bytes(7) + b"\x10", "0000-0000-0001"),
        (bytes.fromhex("0123456789abcdef"), "04HM-ASW9-NF6Y"),
        (bytes.fromhex("0123456789abcdef") + b"ignored", "04HM-ASW9-NF6Y"),
    ],
)
def test_encode(data: bytes, expected: str) -> None:
    assert encode(data) == expected


def test_encode_needs_enough_bits() -> None:
    with pytest.raises(ValueError, match="eight bytes"):
        encode(bytes(7))


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "7k3m9qxd4trw",
        " 7K3M 9QXD 4TRW\n",
        "7K3M–9QXD—4TRW",
        "7K3M\N{MINUS SIGN}9QXD\N{NON-BREAKING HYPHEN}4TRW",
        "7 K 3 M . 9 Q X D _ 4 T R W",
        "７Ｋ３Ｍ－９ｑｘｄ－４ＴＲＷ",
        "\N{ZERO WIDTH SPACE}7K3M-9QXD-4TRW\N{LEFT-TO-RIGHT MARK}",
        "7K3M\N{SOFT HYPHEN}9QXD\N{NO-BREAK SPACE}4TRW",
    ],
)
def test_normalise_forgives(typed: str) -> None:
    assert normalise(typed) == CODE


def test_normalise_reads_lookalikes() -> None:
    assert normalise("oO0-iIlL-1abcd") == "0001-1111-ABCD"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7K3M-9QXD-4TR",
        "7K3M-9QXD-4TRWX",
        "7K3M-9QXD-4TRU",
        "7K3M-9QXD-4TR٣",
        "A" * 100_000,
        "é",
    ],
)
def test_normalise_gives_up(typed: str) -> None:
    assert normalise(typed) is None


def test_compact_counts_what_was_typed() -> None:
    assert len(compact("7K3M - 9QX")) == 7


@given(st.binary(min_size=8, max_size=32))
def test_a_made_code_reads_back(data: bytes) -> None:
    code = encode(data)
    assert normalise(code) == code
    assert normalise(code.replace("-", "").lower()) == code
    assert int.from_bytes(data[:8], "big") >> 4 == _decode(code)


@given(st.text())
def test_normalise_takes_anything(typed: str) -> None:
    code = normalise(typed)
    assert code is None or normalise(code) == code


def test_form_keys() -> None:
    keys = {new_form_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(map(is_form_key, keys))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A" * 21,
        "A" * 23,
        "A" * 21 + "B",
        "A" * 22 + "\n",
        "é" * 21 + "A",
        "../../../../../etc/pAA",
        " " * 21 + "A",
    ],
)
def test_what_is_no_form_key(text: str) -> None:
    assert not is_form_key(text)


@pytest.mark.parametrize(
    ("prefix", "n", "expected"),
    [("2611", 902, "2611-0902"), ("2611", 1, "2611-0001"), ("2612", 12345, "2612-12345")],
)
def test_number(prefix: str, n: int, expected: str) -> None:
    assert number(prefix, n) == expected


@pytest.mark.parametrize(("prefix", "n"), [("2613", 1), ("26", 1), ("2611", -1), ("", 0)])
def test_number_refuses(prefix: str, n: int) -> None:
    with pytest.raises(ValueError, match="report number"):
        number(prefix, n)


def test_period() -> None:
    assert period(date(2026, 11, 24)) == "2611"


@pytest.mark.parametrize(
    "typed",
    [
        "2611-0902",
        "26110902",
        " 2611 0902 ",
        "#2611-0902",
        "# 2611 – 0902",
        "No. 2611-0902",
        "nomor 2611-0902",
        "２６１１－０９０２",
        "2611-00902",
    ],
)
def test_parse_number_forgives(typed: str) -> None:
    assert parse_number(typed) == "2611-0902"


@pytest.mark.parametrize(
    "typed",
    ["", "2611", "2611-902", "2600-0902", "2613-0902", "2611-09O2", "٢٦١١-٠٩٠٢", "9" * 5000],
)
def test_parse_number_gives_up(typed: str) -> None:
    assert parse_number(typed) is None


@given(st.dates(), st.integers(0, 999_999_999))
def test_a_made_number_reads_back(day: date, n: int) -> None:
    made = number(period(day), n)
    assert parse_number(made) == made
    assert parse_number(made.replace("-", "")) == made


@given(st.text())
def test_parse_number_takes_anything(typed: str) -> None:
    made = parse_number(typed)
    assert made is None or parse_number(made) == made


def _decode(code: str) -> int:
    value = 0
    for char in code.replace("-", ""):
        value = value * 32 + ALPHABET.index(char)
    return value
