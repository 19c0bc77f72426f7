"""What was typed, read into answers: every kind of question has one normal form and one mend.

An answer is stored as text: digits of an identity number, a phone number in E.164, a date as
``2026-11-24``, a time as ``07:30``, the code of a kelurahan, the key of a choice. Reading a stored
answer again gives the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.civic.identity import Checked as CheckedNumber
from app.civic.identity import Fault, check_kk, check_nik, normalise_phone
from app.civic.text import clean_text, length, unreadable
from app.core.emails import is_email
from app.core.i18n import LazyString, _, _l, tr
from app.places.facts import City
from app.requests.questions import CHOOSING, Answers, Question, Section, Value

MOST: Final[Mapping[str, int]] = {"text": 200, "long": 2000}
"""Characters of a text whose file does not say."""
NIK_DISTRICT: Final = _l(
    "Kode wilayah NIK ini tidak ada di daftar kami. Kalau sudah sesuai kartu, lanjutkan saja."
)
NUMBER_FAULTS: Final[Mapping[str, tuple[LazyString, LazyString]]] = {
    "nik": (
        _l("Tulis NIK 16 angka seperti di KTP-el atau KK."),
        _l("NIK ini tidak sesuai susunannya. Periksa lagi angka demi angka."),
    ),
    "kk": (
        _l("Tulis nomor KK 16 angka, di bagian atas Kartu Keluarga."),
        _l("Nomor KK ini tidak sesuai susunannya. Periksa lagi angka demi angka."),
    ),
}
"""By kind: the wrong number of digits, and an impossible structure."""

_DIGITS = re.compile(r"\d{1,12}|\d{1,3}(\.\d{3}){1,3}", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)", re.ASCII)
_DATE_PART = re.compile(r"\d{1,4}", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class Wrong(ValueError):
    """An answer that cannot be taken; the message says what to do."""


@dataclass(frozen=True)
class Ground:
    """What an answer is measured against."""

    city: City
    today: date


@dataclass(frozen=True)
class Read:
    """A normal answer, and what looks odd about it without refusing it."""

    value: Value
    warning: str = ""


@dataclass
class Reading:
    """A section as it was sent: its entries, and by the names of inputs what is wrong or odd."""

    entries: list[dict[str, Value]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def input_name(section: Section, question: Question, number: int) -> str:
    """Name of the input of a question; in a repeated section with the number of its entry."""
    return f"{question.key}-{number}" if section.repeat else question.key


Typed = Callable[[str], Sequence[str]]
"""What was sent under a name, such as ``request.form.getlist``."""


def read_section(section: Section, typed: Typed, answers: Answers, ground: Ground) -> Reading:
    """Read what was sent for a section; ``answers`` are those of the sections before it.

    A question that is hidden by what was chosen above it is not read. Entries of a repeated section
    that were left empty are passed over, but for those that must be there.
    """
    reading = Reading()
    least, most = (section.repeat.least, section.repeat.most) if section.repeat else (1, 1)
    for number in range(1, most + 1):
        names = [input_name(section, question, number) for question in section.questions]
        if number <= least or any(text.strip() for name in names for text in typed(name)):
            _read_entry(section, number, typed, answers, ground, reading)
    return reading


def reread(section: Section, answers: Answers, ground: Ground) -> Reading:
    """Read the stored answers of a section again: whether all is there, by the questions of now."""
    stored = {
        input_name(section, question, number): typed_again(entry[question.key])
        for number, entry in enumerate(answers.get(section.key, ()), start=1)
        for question in section.questions
        if question.key in entry
    }
    return read_section(section, lambda name: stored.get(name, ()), answers, ground)


def typed_again(value: Value) -> Sequence[str]:
    """A stored answer as if it had been typed."""
    return (value,) if isinstance(value, str) else value


def _read_entry(
    section: Section,
    number: int,
    typed: Typed,
    answers: Answers,
    ground: Ground,
    reading: Reading,
) -> None:
    entry: dict[str, Value] = {}
    for question in section.asked(entry, answers):
        name = input_name(section, question, number)
        try:
            read = read_answer(question, typed(name), ground)
        except Wrong as wrong:
            reading.errors[name] = str(wrong)
            continue
        if read is None:
            continue
        entry[question.key] = read.value
        if read.warning:
            reading.warnings[name] = read.warning
    reading.entries.append(entry)


def read_answer(question: Question, typed: Sequence[str], ground: Ground) -> Read | None:
    """The answer to one question, None where an optional one was left empty. Raises Wrong."""
    if any(map(unreadable, typed)):
        raise Wrong(_("Hapus tanda atau huruf yang tidak terbaca, lalu kirim lagi."))
    given = [clean_text(text) for text in typed]
    if not any(given):
        if question.optional:
            return None
        raise Wrong(_missing(question))
    return READERS[question.kind](question, given, ground)


def _missing(question: Question) -> str:
    """What to do about an empty answer, by its name: the summary above a form lists several."""
    if said := EMPTY.get(question.kind):
        return str(said)
    if question.kind in CHOOSING:
        return _("Pilih jawaban untuk “%(label)s”.", label=tr(question.label))
    return _("Isi “%(label)s”.", label=tr(question.label))


# ---------------------------------------------------------------- kinds


def _text(question: Question, given: Sequence[str], _ground: Ground) -> Read:
    text, most = given[0], question.most or MOST[question.kind]
    if question.kind == "text":
        text = " ".join(text.split())
    if length(text) > most:
        raise Wrong(_("Pendekkan sampai %(max)s huruf. Sekarang %(n)s.", max=most, n=length(text)))
    return Read(text)


def _number(question: Question, given: Sequence[str], _ground: Ground) -> Read:
    if not _DIGITS.fullmatch(given[0]):
        raise Wrong(_("Tulis dengan angka saja, misalnya 3."))
    number = int(given[0].replace(".", ""))
    if question.least is not None and number < question.least:
        raise Wrong(_("Paling sedikit %(least)s. Periksa lagi.", least=question.least))
    if question.most is not None and number > question.most:
        raise Wrong(_("Paling banyak %(most)s. Periksa lagi.", most=question.most))
    return Read(str(number))


def _date(question: Question, given: Sequence[str], ground: Ground) -> Read:
    day = _day(given)
    if question.when == "past" and day > ground.today:
        raise Wrong(_("Tanggal ini belum tiba. Periksa tahunnya."))
    if question.when == "future" and day < ground.today:
        raise Wrong(_("Tanggal ini sudah lewat. Pilih hari ini atau sesudahnya."))
    return Read(day.isoformat())


def _day(given: Sequence[str]) -> date:
    """Day, month and year as typed, or one stored date."""
    iso = _ISO.fullmatch(given[0]) if len(given) == 1 else None
    parts = [iso[3], iso[2], iso[1]] if iso else list(given)
    if len(parts) != 3 or not all(map(_DATE_PART.fullmatch, parts)) or len(parts[2]) != 4:
        raise Wrong(str(EMPTY["date"]))
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        raise Wrong(_("Tanggal ini tidak ada di kalender. Periksa hari dan bulannya.")) from None


def _time(_question: Question, given: Sequence[str], _ground: Ground) -> Read:
    found = _TIME.fullmatch(given[0])
    if found is None:
        raise Wrong(str(EMPTY["time"]))
    return Read(f"{int(found[1]):02}:{found[2]}")


def _choice(question: Question, given: Sequence[str], _ground: Ground) -> Read:
    if given[0] not in question.answers:
        raise Wrong(_("Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."))
    return Read(given[0])


def _many(question: Question, given: Sequence[str], _ground: Ground) -> Read:
    chosen = set(filter(None, given))
    if not chosen <= set(question.answers):
        raise Wrong(_("Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."))
    return Read(tuple(key for key in question.answers if key in chosen))


def _identity(question: Question, given: Sequence[str], ground: Ground) -> Read:
    check = check_nik if question.kind == "nik" else check_kk
    found: CheckedNumber = check(given[0], ground.today, _districts(ground.city, given[0]))
    length_wrong, structure_wrong = NUMBER_FAULTS[question.kind]
    if Fault.LENGTH in found.errors:
        raise Wrong(str(length_wrong))
    if found.errors:
        raise Wrong(str(structure_wrong))
    odd = question.kind == "nik" and Fault.UNKNOWN_DISTRICT in found.warnings
    return Read(found.digits, str(NIK_DISTRICT) if odd else "")


def _districts(city: City, typed: str) -> frozenset[str] | None:
    """The districts to know a number by, if it is one of this city: no other's are at hand."""
    codes = frozenset(district.code.replace(".", "") for district in city.districts)
    own = {code[:4] for code in codes}
    return codes if typed[:4] in own else None


def _phone(_question: Question, given: Sequence[str], _ground: Ground) -> Read:
    if (number := normalise_phone(given[0])) is None:
        raise Wrong(str(EMPTY["phone"]))
    return Read(number)


def _email(_question: Question, given: Sequence[str], _ground: Ground) -> Read:
    if not is_email(given[0]):
        raise Wrong(str(EMPTY["email"]))
    return Read(given[0])


def _area(_question: Question, given: Sequence[str], ground: Ground) -> Read:
    """Kecamatan and kelurahan as chosen, or one stored kelurahan."""
    village = ground.city.village(given[-1])
    if not village.known:
        raise Wrong(str(EMPTY["area"]))
    if len(given) > 1 and given[0] and given[0] != village.district_code:
        raise Wrong(_("Kelurahan ini bukan bagian kecamatan itu. Pilih lagi kelurahannya."))
    return Read(village.code)


Reader = Callable[[Question, Sequence[str], Ground], Read]
READERS: Final[Mapping[str, Reader]] = {
    "text": _text,
    "long": _text,
    "number": _number,
    "date": _date,
    "time": _time,
    "choice": _choice,
    "many": _many,
    "yes_no": _choice,
    "nik": _identity,
    "kk": _identity,
    "phone": _phone,
    "email": _email,
    "area": _area,
}
EMPTY: Final[Mapping[str, LazyString]] = {
    "date": _l("Tulis hari, bulan, dan tahun dengan angka, misalnya 5 11 2026."),
    "time": _l("Tulis jam dan menit, misalnya 07.30."),
    "nik": NUMBER_FAULTS["nik"][0],
    "kk": NUMBER_FAULTS["kk"][0],
    "phone": _l("Tulis nomor telepon Indonesia, misalnya 0812 3456 7890."),
    "email": _l("Tulis alamat email lengkap, misalnya nama@contoh.id."),
    "area": _l("Pilih kecamatan, lalu kelurahan."),
}
"""What to do about an answer that is missing or has no form at all."""
