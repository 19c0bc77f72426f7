"""The paper of a letter: one A4 PDF whose text can be selected, with a QR code to verify it.

Drawn with ReportLab in its own Vera fonts, which are embedded, so that a name is no matter of
Latin-1. A character they lack is an error before anything is issued, never a blank on the paper.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from typing import Any, Final, Literal

import segno
from babel.dates import format_date
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from app.places.facts import Text

REGULAR, BOLD = "Vera", "VeraBd"
QR_SIDE: Final = 32 * mm
ALIKE: Final = str.maketrans({"\u02bc": "\u2019", "\u02bb": "\u2018", "\u2011": "-"})
"""Signs the font lacks, and those it has that look the same."""

NUMBER = Text("Nomor", "Number")
HOLDER = Text("Diberikan kepada", "Issued to")
VALID_UNTIL = Text("Berlaku sampai", "Valid until")
SIGNED = Text(
    "Surat ini ditandatangani secara elektronik di berkas PDF-nya.",
    "This letter is signed electronically, in its PDF file.",
)
VERIFY = Text("Periksa keaslian surat ini di", "Check that this letter is genuine at")
CODE = Text("Kode", "Code")
PAGE = Text("halaman", "page")


class Unprintable(ValueError):
    """The font has no shape for these characters; they stand in ``characters``."""

    def __init__(self, characters: str) -> None:
        names = ", ".join(f"U+{ord(char):04X}" for char in characters)
        super().__init__(f"the letter's font lacks {names}")
        self.characters = characters


@dataclass(frozen=True)
class Sheet:
    """All that stands on a paper, in one language."""

    language: Literal["id", "en"]
    city: str
    unit: str
    title: str
    number: str
    holder: str
    body: tuple[tuple[str, str], ...]
    place: str
    day: date
    valid_until: date | None
    officer: str
    position: str
    code: str
    address: str  # where the code is verified, without the code


def draw(sheet: Sheet) -> bytes:
    """The PDF. Raises Unprintable for a character the font lacks."""
    _fonts()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=_plain(f"{sheet.title} {sheet.number}"),
        author=_plain(sheet.unit),
        subject=_plain(sheet.title),
        lang=sheet.language,
        displayDocTitle=True,
        initialFontName=REGULAR,
    )

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont(REGULAR, 8)
        words = f"{sheet.number} · {_in(sheet, PAGE)} {canvas.getPageNumber()}"
        canvas.drawString(25 * mm, 12 * mm, _plain(words))

    document.build(list(_flow(sheet)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def address_of(sheet: Sheet) -> str:
    """Where the QR code leads."""
    return f"{sheet.address}/{sheet.code}"


# ---------------------------------------------------------------- what stands on it


def _flow(sheet: Sheet) -> Iterator[Flowable]:
    yield _paragraph(sheet.city.upper(), 12, center=True)
    yield _paragraph(sheet.unit, 14, bold=True, center=True)
    yield HRFlowable(width="100%", thickness=1.5, color="black", spaceBefore=8, spaceAfter=18)
    yield _paragraph(sheet.title, 14, bold=True, center=True)
    yield _paragraph(f"{_in(sheet, NUMBER)}: {sheet.number}", 10, center=True)
    yield Spacer(1, 8 * mm)
    yield _pairs(_lines(sheet))
    yield Spacer(1, 10 * mm)
    yield KeepTogether([_closing(sheet), Spacer(1, 10 * mm), _proof(sheet)])


def _lines(sheet: Sheet) -> Iterator[tuple[str, str]]:
    yield _in(sheet, HOLDER), sheet.holder
    yield from sheet.body
    if sheet.valid_until:
        yield _in(sheet, VALID_UNTIL), _dated(sheet, sheet.valid_until)


def _pairs(lines: Iterable[tuple[str, str]]) -> Table:
    """Label and value side by side; a long table goes on on the next page."""
    rows = [[_paragraph(label, 10), _paragraph(value, 10, bold=True)] for label, value in lines]
    table = Table(rows, colWidths=[50 * mm, 115 * mm], splitInRow=1)
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _closing(sheet: Sheet) -> Table:
    signed = [
        _paragraph(f"{sheet.place}, {_dated(sheet, sheet.day)}", 10),
        _paragraph(sheet.position, 10),
        Spacer(1, 12 * mm),
        _paragraph(sheet.officer, 10, bold=True),
    ]
    return Table([["", signed]], colWidths=[85 * mm, 80 * mm])


def _proof(sheet: Sheet) -> Table:
    words = [
        _paragraph(_in(sheet, SIGNED), 9),
        _paragraph(f"{_in(sheet, VERIFY)} {sheet.address}", 9),
        Spacer(1, 2 * mm),
        _paragraph(f"{_in(sheet, CODE)}: {sheet.code}", 12, bold=True),
    ]
    table = Table([[_Square(address_of(sheet)), words]], colWidths=[QR_SIDE + 4 * mm, None])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


class _Square(Flowable):  # type: ignore[misc]  # its library is untyped
    """A QR code, in squares of ink: sharp at every size."""

    def __init__(self, address: str) -> None:
        super().__init__()
        code = segno.make(address, error="m", micro=False)
        self.rows = [bytes(row) for row in code.matrix_iter(border=4)]
        self.width = self.height = QR_SIDE

    def draw(self) -> None:
        side = QR_SIDE / len(self.rows)
        for y, row in enumerate(reversed(self.rows)):
            for x, dark in enumerate(row):
                if dark:
                    self.canv.rect(x * side, y * side, side, side, stroke=0, fill=1)


# ---------------------------------------------------------------- words


def _in(sheet: Sheet, text: Text) -> str:
    return text.in_(sheet.language)


def _dated(sheet: Sheet, day: date) -> str:
    return format_date(day, "d MMMM y", locale=sheet.language)


def _paragraph(text: str, size: int, *, bold: bool = False, center: bool = False) -> Paragraph:
    style = ParagraphStyle(
        "letter",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.4,
        splitLongWords=1,
    )
    if center:
        style.alignment = TA_CENTER
    lines = [escape(_plain(line), quote=False) for line in text.splitlines()]
    return Paragraph("<br/>".join(lines), style)


def _plain(text: str) -> str:
    """The text as the font can show it. Raises Unprintable."""
    text = unicodedata.normalize("NFC", text).translate(ALIKE)
    if lacking := "".join(dict.fromkeys(char for char in text if ord(char) not in _known())):
        raise Unprintable(lacking)
    return text


@cache
def _fonts() -> None:
    for name in (REGULAR, BOLD):
        registerFont(TTFont(name, f"{name}.ttf"))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def _known() -> frozenset[int]:
    """The characters both fonts can show; control characters are none."""
    faces = [TTFont(name, f"{name}.ttf").face.charToGlyph for name in (REGULAR, BOLD)]
    return frozenset(code for code in faces[0].keys() & faces[1].keys() if code >= ord(" "))
