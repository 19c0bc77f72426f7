"""Text people send: refuse what nobody can read, tidy the rest, count it and find its words.

A form first asks `unreadable`, then keeps `clean_text`, then measures `length`.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 40
LONGEST_CLUSTER = 20

_ZERO_WIDTH_JOINER = "\N{ZERO WIDTH JOINER}"
# NUL, which PostgreSQL refuses, other control characters, lone surrogates, which are no text, and
# RIGHT-TO-LEFT OVERRIDE, which shows letters in another order than they are read by machines.
# Tab, and the line ends \n \v \f \r \x85, are what people paste.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202e]")
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Invisible marks phones and word processors put in when something is copied; they hide digits from
# a reader of the text. The joiners stay: emoji and other scripts are written with them.
_INVISIBLE = re.compile(
    "[\xad\u061c\u200b\u200e\u200f\u202a-\u202d\u2060-\u2064\u2066-\u2069\ufeff]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_AROUND_LINE_END = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")
_WORD = re.compile(r"[^\W_]+")


def unreadable(text: str) -> bool:
    """Tell whether `text` holds control characters, broken or reordered letters, or piles of marks.

    Ask before `clean_text`; `text` that is readable stays so.
    """
    if _UNREADABLE.search(text):
        return True
    return not text.isascii() and any(size > LONGEST_CLUSTER for size in _clusters(text))


def clean_text(text: str) -> str:
    """Return `text` in NFC with `\\n` line ends, without invisible marks and runs of blanks.

    At most one empty line in a row is kept. Doing it twice changes nothing more.
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _LINE_END.sub("\n", text)))
    text = _BLANK_AROUND_LINE_END.sub("\n", _BLANKS.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def length(text: str) -> int:
    """Count characters as people do: an emoji of several parts or a letter with its marks is one.

    A short form of the grapheme clusters of Unicode Standard Annex 29. In readable text one counts
    for at most 20 code points.
    """
    return len(text) if text.isascii() else sum(1 for _ in _clusters(text))


def search_terms(text: str, limit: int | None = None) -> tuple[str, ...]:
    """Return the words of `text` in order, in small letters without accents, at most `limit`.

    Words are cut after 40 letters. They are not stemmed.
    """
    plain = text.lower() if text.isascii() else _without_accents(text)
    return tuple(word[:LONGEST_WORD] for word in _WORD.findall(plain)[:limit])


def _without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in folded if not unicodedata.combining(char))


def _clusters(text: str) -> Iterator[int]:
    """Yield the number of code points of each character people see."""
    size, joined, half_flag = 0, False, False
    for char in text:
        regional = "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= char <= "\U0001f1ff"
        if size and (joined or _extends(char) or (half_flag and regional)):
            size += 1
            half_flag = False
        else:
            if size:
                yield size
            size, half_flag = 1, regional
        joined = char == _ZERO_WIDTH_JOINER
    if size:
        yield size


def _extends(char: str) -> bool:
    """Tell whether `char` belongs to the one before: marks, joiners, skin tones, flag tags."""
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or char in {_ZERO_WIDTH_JOINER, "\N{ZERO WIDTH NON-JOINER}"}
        or "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )
