"""Numbers and codes people read out, type in and lose the dashes of.

A *report number* (`2611-0902`) is public and grows; a *tracking code* (`7K3M-9QXD-4TRW`) is a
secret of 60 bits in Crockford's base32 (crockford.com/base32.html), which leaves out I, L, O and U;
a *form key* is a secret of 128 bits that makes two copies of one form one report.
"""

import re
import secrets
import unicodedata
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
NO_CODE = "UUUU-UUUU-UUUU"  # no code holds a U
CODE_BYTES = 8
SERIAL_DIGITS = 4

_GROUP = 4
_LONGEST_TYPED = 200
_LOOKALIKES = str.maketrans("OIL", "011")
_DASHES_AND_BLANKS = {"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"}
_OTHER_SEPARATORS = "\N{MINUS SIGN}\N{HYPHEN BULLET}_.·"
# 22 characters of base64 hold 132 bits, so the last one carries only two of the 128.
_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
_NUMBER = re.compile(r"(?:NO|NOMOR)?#?([0-9]{2})(0[1-9]|1[0-2])([0-9]{4,9})", re.ASCII)


def compact(typed: str) -> str:
    """Return what was typed in capitals, without any blanks and dashes, full-width letters folded.

    Cut after 200 characters: nothing we hand out is that long.
    """
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper()
    return "".join(
        char
        for char in folded
        if unicodedata.category(char) not in _DASHES_AND_BLANKS and char not in _OTHER_SEPARATORS
    )


def encode(data: bytes) -> str:
    """Return the tracking code made of the first 60 bits of `data`.

    Raises ValueError when there are fewer than eight bytes.
    """
    if len(data) < CODE_BYTES:
        raise ValueError("a tracking code needs eight bytes")
    bits = int.from_bytes(data[:CODE_BYTES], "big") >> 4
    return _grouped("".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5)))


def normalise(typed: str) -> str | None:
    """Return the tracking code somebody meant, as `XXXX-XXXX-XXXX`, or None when it cannot be one.

    Forgives blanks, dashes, small and full-width letters, O for 0, and I or L for 1.
    """
    code = compact(typed).translate(_LOOKALIKES)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return _grouped(code)


def to_look_up(typed: str) -> str:
    """Return the tracking code somebody meant; for what cannot be one, a code that opens nothing.

    Looking that up costs the same time, so that a wrong code and no code cannot be told apart.
    """
    return normalise(typed) or NO_CODE


def new_form_key() -> str:
    """Return 128 random bits as 22 characters that are safe in a URL and a form."""
    return secrets.token_urlsafe(16)


def is_form_key(text: str) -> bool:
    """Tell whether `text` has the form of a key that `new_form_key` could have made."""
    return _FORM_KEY.fullmatch(text) is not None


def period(day: date) -> str:
    """Return the year and month a report number begins with: `2611` for November 2026."""
    return f"{day:%y%m}"


def number(prefix: str, n: int) -> str:
    """Return the nth report number of a month: number("2611", 902) is `2611-0902`.

    Raises ValueError when the result could not be read back.
    """
    made = f"{prefix}-{n:0{SERIAL_DIGITS}}"
    if parse_number(made) != made:
        raise ValueError(f"not a report number: {made}")
    return made


def parse_number(typed: str) -> str | None:
    """Return the report number somebody meant, or None when it cannot be one.

    Forgives blanks, a missing or odd dash, full-width digits and a leading `#` or `no.`
    """
    found = _NUMBER.fullmatch(compact(typed))
    if found is None:
        return None
    year, month, serial = found.groups()
    return f"{year}{month}-{int(serial):0{SERIAL_DIGITS}}"


def _grouped(code: str) -> str:
    return "-".join(code[i : i + _GROUP] for i in range(0, CODE_LENGTH, _GROUP))
