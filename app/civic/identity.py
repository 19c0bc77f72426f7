"""Identity numbers and contact data of Indonesians: structure, normal form and masks.

NIK and KK number share one structure, `PPKKCC DDMMYY SSSS`: province, city and district
(Kemendagri codes at the time of issue), a date, a serial. In a NIK the date is the birth date, with
40 added to the day for women; in a KK number it is said to be the day of issue. Neither has a check
digit, so a sound structure never proves that the number exists.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

BULLET = "•"
LENGTH = 16
FEMALE_DAYS = 40

# Kemendagri codes of the 38 provinces.
PROVINCES = frozenset(
    str(code)
    for island in (
        range(11, 20),
        range(21, 22),
        range(31, 37),
        range(51, 54),
        range(61, 66),
        range(71, 77),
        range(81, 83),
        range(91, 97),
    )
    for code in island
)

_SEPARATORS = re.compile(r"[\s.\-‐‑‒–—−()/]+")
_PHONE = re.compile(r"(?:\+?620?|00620?|0|(?=8))(8[0-9]{8,11}|[2-79][0-9]{6,10})", re.ASCII)
_SHOWN = 4
_LONGEST_TYPED = 100


class Fault(StrEnum):
    """What is wrong with an identity number."""

    LENGTH = "length"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    DATE = "date"
    SERIAL = "serial"
    UNKNOWN_DISTRICT = "unknown_district"


@dataclass(frozen=True, slots=True)
class Checked:
    """An identity number as read: its digits, what is wrong, what is odd, and the date in it.

    Errors refuse the number. Warnings do not: numbers keep the district they were issued with, so a
    code missing from the newest list may still stand on the card.
    """

    digits: str
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    dated: date | None = None
    female: bool | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the structure is sound."""
        return not self.errors


def check_nik(typed: str, today: date, districts: Container[str] | None = None) -> Checked:
    """Check the structure of a NIK; `districts` are the known six-digit district codes.

    The century is the latest one that does not put the birth after `today`: somebody aged over a
    hundred reads as a child.
    """
    digits = _digits(typed)
    if not _is_sixteen(digits):
        return Checked(digits, errors=(Fault.LENGTH,))
    day = int(digits[6:8])
    female = day > FEMALE_DAYS
    born = _date(day - FEMALE_DAYS if female else day, digits, today)
    errors = (*_area_faults(digits), *_date_faults(born), *_serial_faults(digits))
    return Checked(digits, errors, _district_warning(digits, districts), born, female)


def check_kk(typed: str, today: date, districts: Container[str] | None = None) -> Checked:
    """Check the structure of a KK number; `districts` are the known six-digit district codes.

    No rule we could confirm fixes the date in it, so an impossible one is only a warning.
    """
    digits = _digits(typed)
    if not _is_sixteen(digits):
        return Checked(digits, errors=(Fault.LENGTH,))
    issued = _date(int(digits[6:8]), digits, today)
    errors = (*_area_faults(digits), *_serial_faults(digits))
    warnings = (*_date_faults(issued), *_district_warning(digits, districts))
    return Checked(digits, errors, warnings, issued)


def normalise_phone(typed: str) -> str | None:
    """Return an Indonesian phone number in E.164 (`+6281234567890`), or None when it is none.

    Takes `08…`, `8…`, `62…`, `+62…`, `0062…` and landlines with area code, with blanks, dots,
    dashes, slashes and brackets. A mobile number has 9 to 12 digits after +62. Short numbers such
    as 112 have no such form and give None.
    """
    found = _PHONE.fullmatch(_digits(typed))
    return "+62" + found[1] if found else None


def mask_nik(digits: str) -> str:
    """Mask a NIK or KK number for staff pages: `1271••••••••0003`."""
    hidden = len(digits) - 2 * _SHOWN
    if hidden < 2 * _SHOWN:
        return BULLET * len(digits)
    return digits[:_SHOWN] + BULLET * hidden + digits[-_SHOWN:]


def mask_phone(number: str) -> str:
    """Mask a phone number, written as at home: `0812••••7890`. At least four digits stay hidden."""
    digits = _digits(number)
    home = "0" + digits[3:] if digits.startswith("+62") else digits
    tail = max(0, min(_SHOWN, len(home) - 2 * _SHOWN))
    return home[:_SHOWN] + BULLET * _SHOWN + home[len(home) - tail :]


def mask_email(address: str) -> str:
    """Mask an e-mail address down to its first letter and its domain: `s•••@gmail.com`."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local[:1]}{BULLET * 3}{at}{domain}" if at else BULLET * 3


def mask_name(name: str) -> str:
    """Mask a name down to its first letters: `S••• N•••••••`."""
    words = unicodedata.normalize("NFC", name).split()
    return " ".join(word[0] + BULLET * (len(word) - 1) for word in words)


def _digits(typed: str) -> str:
    """Return what was typed without separators, full-width digits folded, cut after 100."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED])
    return _SEPARATORS.sub("", folded)


def _is_sixteen(digits: str) -> bool:
    return len(digits) == LENGTH and digits.isascii() and digits.isdigit()


def _area_faults(digits: str) -> Iterator[Fault]:
    if digits[:2] not in PROVINCES:
        yield Fault.PROVINCE
    if digits[2:4] == "00":
        yield Fault.CITY
    if digits[4:6] == "00":
        yield Fault.DISTRICT


def _date_faults(found: date | None) -> tuple[Fault, ...]:
    return () if found else (Fault.DATE,)


def _serial_faults(digits: str) -> tuple[Fault, ...]:
    return (Fault.SERIAL,) if digits[12:] == "0000" else ()


def _district_warning(digits: str, districts: Container[str] | None) -> tuple[Fault, ...]:
    known = districts is None or digits[:6] in districts
    return () if known else (Fault.UNKNOWN_DISTRICT,)


def _date(day: int, digits: str, today: date) -> date | None:
    """Return the latest date up to `today` with this day and the month and year of `digits`."""
    month, year = int(digits[8:10]), int(digits[10:12])
    for century in (2000, 1900):
        try:
            found = date(century + year, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    return None
