"""The public copy of a text: personal data hidden by its shape.

Shape alone decides, never validity: a mistyped NIK exposes its owner as well as a right one. What
is hidden leaves no digit or letter behind, for a number that shows its ends leaves little to guess.
Names of people are NOT attempted, with or without *Pak*, *Bu* or *Bang*: in Indonesian they are
also words, places and streets, and a verifier reads every text before the public does.

A text is read in passes, each over what the one before left. No pattern matches across a mask, or
only because of one, so reading a public copy again finds nothing more. Every repetition that may
fail is bounded, so the time taken grows with the text and no faster.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

BULLET = "•"
MASK = BULLET * 8
"""Stands in the public copy for whatever was hidden, however long."""


class Kind(StrEnum):
    """What a hidden piece looked like."""

    EMAIL = "email"
    ADDRESS = "address"
    PHONE = "phone"
    NIK = "nik"
    ACCOUNT = "account"
    NUMBER = "number"
    PLATE = "plate"
    WORD = "word"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A hidden piece: `text[start:end]` of the text as it was given."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Redacted:
    """A public copy and what was hidden in making it, in order."""

    text: str
    spans: tuple[Span, ...]

    def count(self) -> dict[Kind, int]:
        """Return how many pieces of each kind were hidden."""
        return dict(Counter(span.kind for span in self.spans))


def redact(text: str, words: Iterable[str] = ()) -> Redacted:
    """Return the public copy of `text`.

    Hides e-mail addresses, also spelled out; phone numbers; 16-digit numbers (NIK, KK); account
    numbers; other numbers of nine digits and more; vehicle plates; the number of the writer's own
    house; and each of `words`, which somebody asked to have hidden, in any letter case. Keeps
    dates, times, amounts, coordinates, report numbers and emergency numbers.
    """
    seen, places = _view(text)
    spans = list(_words(seen, words))
    for find in (_emails, _addresses, _numbers, _plates):
        found = list(find(seen))
        seen = _replace(seen, found, lambda span: BULLET * (span.end - span.start))
        spans += found
    hidden = tuple(
        Span(places[span.start], places[span.end - 1] + 1, span.kind) for span in _merged(spans)
    )
    return Redacted(_replace(text, hidden, lambda _: MASK), hidden)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one with the kind of the first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            merged.append(Span(last.start, max(last.end, span.end), last.kind))
        else:
            merged.append(span)
    return merged


def _replace(text: str, spans: Iterable[Span], by: Callable[[Span], str]) -> str:
    kept, at = [], 0
    for span in spans:
        kept += [text[at : span.start], by(span)]
        at = span.end
    return "".join(kept) + text[at:]


def _view(text: str) -> tuple[str, Sequence[int]]:
    """Return `text` as the patterns read it, and where each of its characters stands in `text`.

    Full-width and other decimal digits become ASCII, every dash `-` and every blank a space;
    invisible characters and marks are left out.
    """
    if text.isascii():
        return text.replace("\t", " "), range(len(text))
    plain = [_plain(char) for char in text]
    return "".join(plain), [place for place, char in enumerate(plain) if char]


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if char in "\t\N{NO-BREAK SPACE}" or category == "Zs":
        return " "
    if category == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    if char in "\N{MIDDLE DOT}\N{BULLET OPERATOR}":
        return "."
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


# ---- e-mail addresses

_AT = re.compile(r" ?@ ?| ?[(\[{<] ?(?:at|a|@) ?[)\]}>] ?|(?<=[a-z0-9]) at (?=[a-z0-9])", re.I)
_DOT = r"(?:\.| (?:dot|titik) | ?[(\[{<] ?(?:dot|titik) ?[)\]}>] ?)"
_LABEL = r"[a-z0-9][a-z0-9-]{0,62}"
_DOMAIN = re.compile(rf"{_LABEL}(?:{_DOT}{_LABEL}){{0,8}}", re.I)
_SURE_DOMAIN = re.compile(
    rf"{_LABEL}(?:{_DOT}{_LABEL}){{0,8}}{_DOT}"
    r"(?:com|net|org|id|co|my|sg|me|info|biz|edu|gov|mil|test|example)(?![a-z])",
    re.I,
)
_LONGEST_LOCAL = 64


def _emails(seen: str) -> Iterator[Span]:
    """Find `name@domain`; a spelled-out or parted at sign needs a domain that is surely one."""
    end = 0
    for at in _AT.finditer(seen):
        start = _local_start(seen, at.start(), end)
        domain = (_DOMAIN if at[0] == "@" else _SURE_DOMAIN).match(seen, at.end())
        if start < at.start() and domain and ("." in domain[0] or not domain[0][0].isdigit()):
            end = domain.end()
            yield Span(start, end, Kind.EMAIL)


def _local_start(seen: str, at: int, floor: int) -> int:
    start = at
    while start > max(floor, at - _LONGEST_LOCAL) and (
        seen[start - 1].isalnum() or seen[start - 1] in "._%+-"
    ):
        start -= 1
    return start


# ---- the number of the writer's own house; others say where the trouble is

_I = r"(?:saya|sy|kami|kmi|aku|awak|ane)"
_ADDRESS = re.compile(
    rf"(?<![a-z])(?:(?:rumah|kost?|kontrakan|alamat)(?:ku| (?:rumah )?{_I})"
    rf"|{_I} (?:tinggal|menetap|ngekos|kost?|ngontrak))[ :,]"
    rf"(?:(?!tiang|meter|telp|telepon|hub|lapor)(?:[^\n.!?;{BULLET}]|(?<=gg|jl|lr|no)\.)){{0,60}}?"
    r"(?<![a-z])(?:no|nomor|nmr)[.,\s]{0,3}"
    r"(?P<address>\d{1,4}(?:[-/]\d{1,4})?(?: ?[a-z](?![a-z]))?)(?!\d)",
    re.I | re.A,
)


def _addresses(seen: str) -> Iterator[Span]:
    for found in _ADDRESS.finditer(seen):
        yield Span(*found.span("address"), Kind.ADDRESS)


# ---- numbers: read from left to right, what is kept as well as what is hidden

_GAP = r"[ .\-/()_]{0,3}"
_YEAR = r"(?:19|20)\d\d"
_THOUSANDS = r"[1-9]\d{0,2}(?:\.\d{3}){1,4}"
_REPORT = r"[2-9]\d(?:0[1-9]|1[0-2])-\d{4,6}"
_MOBILE = rf"(?:\+ ?62|(?<!\d)(?:62|0062|0)){_GAP}(?:\(?0\)? ?)?8{_GAP}[1-9](?:{_GAP}\d)"
_AREA_CODE = rf"(?:(?:\+ ?62|(?<!\d)0062){_GAP}[2-79]\d|(?<!\d)0[2-79]\d)"
_LANDLINE = rf"{_AREA_CODE}(?:{_GAP}\d){{6,9}}(?<=\d{{3}})(?!\d)"
# A last group of one or two digits belongs to a number only when no longer one can end it.
_PHONE = rf"(?:{_MOBILE}{{6,10}}(?<=\d{{3}})(?!\d)|{_MOBILE}{{7,10}}(?!\d)|{_LANDLINE})"
_SIXTEEN = r"\d(?:[ .\-_]{0,3}\d){15}(?!\d)"

_DATES_TIMES_AMOUNTS = (
    rf"{_THOUSANDS}(?:-{_THOUSANDS})?(?![.\-]?\d)",
    r"\d{4,12} ?(?:rupiah|ribu|rb|juta|jt|perak)(?![a-z])",
    rf"[0-3]?\d(?P<d>[-/.])[01]?\d(?P=d)(?:{_YEAR}|\d\d)(?!\d)(?!(?P=d)\d)(?! \d{{3}})",
    rf"[0-3]?\d [01]?\d {_YEAR}(?!\d)(?! \d{{3}})",
    rf"{_YEAR}(?P<y>[-/.])[01]?\d(?P=y)[0-3]?\d(?!\d)(?!(?P=y)\d)",
    rf"(?:{_YEAR}[ \-/]{{1,3}}){{1,20}}{_YEAR}(?!\d)",
    rf"(?:[01]?\d|2[0-4])\.[0-5]\d(?!\d)(?!\.\d)(?!{_GAP}\d{{3}})",
    rf"(?:{_REPORT}[ /]{{1,3}}){{1,20}}{_REPORT}(?![.\-]?\d)",
)
_REPORTS_DEGREES_RANGES = (
    rf"{_REPORT}(?![.\-]?\d)",
    r"(?:0|[1-9]\d?|1[0-7]\d)\.\d{4,8}(?!\d)(?!\.\d)",
    r"[1-9]\d{0,5} ?- ?[1-9]\d{0,5}(?![.\-]?\d)",
)
_BANK = r"(?:rek(?:ening(?:nya)?)?|norek|bank|bca|bri|bni|bsi|btn|mandiri|transfer|trf|tf|va)"
_CALL = r"(?:telp|telpon|telepon|tlp|tel|hp|wa|whatsapp|fax|hub)(?:nya)?"

# The first that fits at a place wins; a name before `_` is the kind, `kept` is none.
_NUMBER = re.compile(
    "|".join(
        (
            r"(?<![a-z])(?P<kept_money>(?:rp|idr)[. ]{0,2}\d[\d.,]{0,20})",
            rf"(?<!\d)(?P<kept_first>{'|'.join(_DATES_TIMES_AMOUNTS)})",
            rf"(?P<phone>(?:\((?=[+\d]{{2,5}}\)))?{_PHONE})",
            rf"(?<![a-z]){_CALL}(?![a-z])[ .:]{{0,3}}(?!{_REPORT})(?=(?:[ .\-]?\d){{7}})"
            r"(?P<phone_local>[1-9]\d{2,3}(?:[ .\-]?\d{3,4}){1,3})(?!\d)",
            rf"(?<![a-z]){_BANK}(?![a-z])(?:(?!rp)[^\d\n@{BULLET}]){{0,30}}?(?!{_PHONE}|{_SIXTEEN})"
            rf"(?P<account>\d(?:{_GAP}\d){{9,15}})(?!\d)",
            rf"(?<!\d)(?P<nik>{_SIXTEEN})",
            rf"(?<!\d)(?P<kept_last>{'|'.join(_REPORTS_DEGREES_RANGES)})",
            r"(?<!\d)(?P<number>\d(?:[.\-]?\d){8,}|\d{8} \d{6} \d \d{3}(?!\d))",
            r"(?<!\d)(?=(?: ?\d){10})(?P<number_spaced>\d{3,8}(?: \d{3,})+)",
        )
    ),
    re.I | re.A,
)


def _numbers(seen: str) -> Iterator[Span]:
    for found in _NUMBER.finditer(seen):
        name = found.lastgroup or ""
        kind = name.partition("_")[0]
        if kind != "kept":
            yield Span(*found.span(name), Kind(kind))


# ---- vehicle plates: area letters, one to four digits, up to three letters

_AREAS = (
    "AA|AB|AD|AE|AG|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|DN|DP|DR|DS|DT|"
    "EA|EB|ED|KB|KH|KT|KU|PA|PB|PG|PS|PT|A|B|D|E|F|G|H|K|L|M|N|P|R|S|T|W|Z"
)
# Area letters and last letters that are also words, or short for words, in what people write.
_AREA_WORDS = """
    aa ab ad ba da de dg dh dk dl dm dn dp dr ds dt ed kb kh kt pa pb pg ps pt
"""
_LAST_WORDS = """
    ad ada aja aku am an apa atm bh bks bln box bro bs btg btr buah bu cc cm cuma dan dg dgn di dkt
    dll dn dr dri dua dus ekr gak gg gp ha hr hri ibu ini itu jam jl jln jt jta jtg ka kak kb kec
    kel kg kk kl kls km kmi ko kos kpd ku kwh la lah lg lgi lt ltr lu m mas mdn mnt mtr mw no nya
    org pak pas pcs pd pk pm pun rb rbu rmh rp rt rts rw sbg sd sdh si sih sm smp sy tdk tgl th thn
    tp tsb ttg tv unt utk va vol w wib x ya yah yg
"""
_VEHICLE = re.compile(
    r"(?<![a-z])(?:plat|pelat|nopol|polisi|mobil|motor|kereta|truk|truck|angkot|bus|pick ?up|"
    rf"becak|betor|kendaraan)[^{BULLET}\n]{{0,20}}$",
    re.I,
)
_PLATE = re.compile(
    rf"(?<![a-z])(?P<area>{_AREAS})[ .\-]{{0,2}}(?P<digits>\d{{1,4}})(?!\d)(?! ?[.\-/] ?\d)"
    r"(?:[ .\-]{0,2}(?P<last>[a-z]{1,3})(?![a-z0-9]))?",
    re.I | re.A,
)
_CONTEXT = 40
_ALSO_AREA, _ALSO_LAST = frozenset(_AREA_WORDS.split()), frozenset(_LAST_WORDS.split())


def _plates(seen: str) -> Iterator[Span]:
    floor = 0
    for found in _PLATE.finditer(seen):
        before = seen[max(floor, found.start() - _CONTEXT) : found.start()]
        end = _plate_end(found, vehicle=_VEHICLE.search(before) is not None)
        if end:
            floor = end
            yield Span(found.start(), end, Kind.PLATE)


def _plate_end(found: re.Match[str], *, vehicle: bool) -> int:
    """Return where the plate ends, 0 if there is none: what could be words must show more."""
    area, digits, last = found["area"].lower(), found["digits"], found["last"] or ""
    named = last != "" and last.lower() not in _ALSO_LAST
    long = len(digits) > 2
    sure = vehicle or (len(area) == 2 and area not in _ALSO_AREA)
    if named and (sure or long):
        return found.end()
    year = digits[:2] in {"19", "20"} and len(digits) == 4
    return found.end("digits") if sure and long and not year else 0


# ---- words somebody asked to have hidden, wherever the rest hides something or not


def _words(seen: str, words: Iterable[str]) -> Iterator[Span]:
    wanted = sorted({_view(word)[0].strip() for word in words} - {""}, key=len, reverse=True)
    if not wanted:
        return
    for found in re.finditer("|".join(map(_whole, wanted)), seen, re.I):
        if BULLET not in found[0]:
            yield Span(*found.span(), Kind.WORD)


def _whole(word: str) -> str:
    """Return the pattern of a word that is no part of a longer word or number."""
    before = r"(?<!\w)" if word[0].isdigit() else r"(?<![^\W\d_])"
    after = r"(?!\w)" if word[-1].isdigit() else r"(?![^\W\d_])"
    return before + re.escape(word) + after
