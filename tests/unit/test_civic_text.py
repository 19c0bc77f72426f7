"""Incoming text: what is refused, what is tidied, how it is counted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.text import clean_text, length, search_terms, unreadable

anything = st.text(st.characters(exclude_categories=[]))
FAMILY = "👩‍👩‍👧‍👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "lubang\x00besar",
        "\x1b[31mmerah",
        "bunyi\x07",
        "hapus\x7f",
        "\x9b31m",
        "lubang \ud83d besar",
        "foto\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
        "l" + "\N{COMBINING ACUTE ACCENT}" * 20 + "ubang",
        "👩" + "\N{ZERO WIDTH JOINER}👩" * 30,
    ],
)
def test_unreadable(text: str) -> None:
    assert unreadable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Parit tumpat.\r\nSudah\tdua minggu.\n",
        "dari Word\vdan\fPDF\x85",
        "“Tolong” — é ü ñ 🌧️ 👍🏽 " + FAMILY + ENGLAND,
        "שלום السلام",
        "\N{LEFT-TO-RIGHT OVERRIDE}0812 3456\N{POP DIRECTIONAL FORMATTING}",
        "नमस्ते ஸ்ரீ ไทย ᬓᬃ ꦗꦮ",
    ],
)
def test_readable(text: str) -> None:
    assert not unreadable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("a\r\nb\rc\n\u2028d\x85e\vf", "a\nb\nc\n\nd\ne\nf"),
        ("a  b\t\tc\N{NO-BREAK SPACE}d", "a b c d"),
        ("a  \n  b", "a\nb"),
        ("a\n\n\n\nb\n \n \nc", "a\n\nb\n\nc"),
        ("E\N{COMBINING ACUTE ACCENT}", "É"),
        ("08\N{ZERO WIDTH SPACE}12\N{SOFT HYPHEN}34\ufeff", "081234"),
        ("\N{LEFT-TO-RIGHT OVERRIDE}0812\N{POP DIRECTIONAL FORMATTING}", "0812"),
        (FAMILY, FAMILY),
        ("👍🏽 ½ ﬁ", "👍🏽 ½ ﬁ"),
    ],
)
def test_clean_text(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@given(anything)
def test_cleaning_once_is_enough(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert "\r" not in once
    assert "\n\n\n" not in once
    assert unicodedata.is_normalized("NFC", once)


@given(anything)
def test_readable_text_stays_readable(text: str) -> None:
    assert unreadable(text) or not unreadable(clean_text(text))


@given(anything)
def test_what_is_readable_can_be_stored(text: str) -> None:
    if not unreadable(text):
        assert b"\x00" not in text.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("lubang", 6),
        ("“é”", 3),
        ("e\N{COMBINING ACUTE ACCENT}", 1),
        ("👍🏽", 1),
        ("🌧️", 1),
        (FAMILY, 1),
        (ENGLAND, 1),
        ("🇮🇩🇮🇩", 2),
        ("🇮🇩🇮", 2),
        ("\N{COMBINING ACUTE ACCENT}a", 2),
    ],
)
def test_length(text: str, expected: int) -> None:
    assert length(text) == expected


@given(anything)
def test_length_is_never_longer_than_the_code_points(text: str) -> None:
    assert length(text) <= len(text)
    assert bool(length(text)) is bool(text)
    assert unreadable(text) or len(text) <= 20 * length(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("Lampu Jalan MATI!", ("lampu", "jalan", "mati")),
        ("anak-anak di Gg. Melati_3", ("anak", "anak", "di", "gg", "melati", "3")),
        ("Café ÉLO", ("cafe", "elo")),
        ("ＬＡＭＰＵ ① straße", ("lampu", "1", "strasse")),
        ("'; DROP TABLE cases; --", ("drop", "table", "cases")),
        ('"NEAR(a b)" OR *', ("near", "a", "b", "or")),
        ("a" * 500, ("a" * 40,)),
    ],
)
def test_search_terms(text: str, expected: tuple[str, ...]) -> None:
    assert search_terms(text) == expected


def test_search_terms_are_bounded() -> None:
    assert search_terms("satu dua tiga", limit=2) == ("satu", "dua")


@given(anything)
def test_search_terms_are_plain_words(text: str) -> None:
    for word in search_terms(text):
        assert 0 < len(word) <= 40
        assert word.isalnum()
        assert word == word.casefold()
