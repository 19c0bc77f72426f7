"""The paper of a letter: its text can be copied, its QR code read, and no name breaks it."""

import io
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Literal

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from app.letters.paper import Unprintable, address_of, draw
from tests.letters import SHEET, text_of

pytestmark = pytest.mark.once


def test_everything_on_it_can_be_selected() -> None:
    text = text_of(draw(SHEET))
    for words in (
        "KOTA MEDAN",
        SHEET.unit,
        SHEET.title,
        "Nomor: 0001/DISDUKCAPIL/2026",
        "Diberikan kepada",
        SHEET.holder,
        "Nama anak",
        "Putri Nasution",
        "24 November 2027",
        "Medan, 24 November 2026",
        SHEET.officer,
        SHEET.position,
        "Kode: 7K3M-9QXD-4TRW",
        SHEET.address,
        "Surat ini ditandatangani secara elektronik di berkas PDF-nya.",
        "halaman 1",
    ):
        assert words in text.replace("\r\n", "\n"), words


def test_in_english() -> None:
    text = text_of(draw(replace(SHEET, language="en", day=date(2026, 5, 4))))
    for words in ("Number: ", "Issued to", "Valid until", "Medan, 4 May 2026", "Code: ", "page 1"):
        assert words in text
    assert "This letter is signed electronically, in its PDF file." in text


def test_the_qr_code_leads_to_the_verification() -> None:
    (page,) = pypdfium2.PdfDocument(io.BytesIO(draw(SHEET)))
    assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    assert found.text == address_of(SHEET) == f"{SHEET.address}/7K3M-9QXD-4TRW"


@pytest.mark.parametrize("language", ["id", "en"])
def test_readers_know_title_and_language(language: Literal["id", "en"]) -> None:
    pdf = draw(replace(SHEET, language=language))
    info = pypdfium2.PdfDocument(io.BytesIO(pdf)).get_metadata_dict()
    assert info["Title"] == f"{SHEET.title} {SHEET.number}"
    assert info["Author"] == SHEET.unit
    assert f"/Lang ({language})".encode() in pdf
    assert b"/DisplayDocTitle true" in pdf


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Ma’ruf “Ucok” D’Souza", "Ma’ruf “Ucok” D’Souza"),
        ("Maʼruf", "Ma’ruf"),
        ("Jose\u0301 Łukasz Şükrü Øyvind", "José Łukasz Şükrü Øyvind"),
        ("A & B <b>Tebal</b>", "A & B <b>Tebal</b>"),
    ],
)
def test_names_that_are_no_latin_1_and_no_markup(name: str, printed: str) -> None:
    assert printed in text_of(draw(replace(SHEET, holder=name)))


@pytest.mark.parametrize("name", ["王小明", "محمد", "Siti\0", "Siti\x1b[0m", "Ḥasan", "😀"])
def test_what_the_font_lacks_is_said_before_anything_is_printed(name: str) -> None:
    with pytest.raises(Unprintable, match=r"lacks U\+") as error:
        draw(replace(SHEET, holder=name))
    assert set(error.value.characters) <= set(name)


def test_a_long_letter_goes_on_on_the_next_page() -> None:
    body = tuple((f"Syarat {n}", "kata " * 60) for n in range(40))
    pdf = draw(replace(SHEET, body=(*body, ("Uraian", "panjang " * 2000), ("Kata", "x" * 500))))
    text = text_of(pdf)
    assert len(pypdfium2.PdfDocument(io.BytesIO(pdf))) > 3
    assert "Syarat 39" in text
    assert "halaman 4" in text
    assert "Kode: 7K3M-9QXD-4TRW" in text


def test_lines_stay_lines() -> None:
    text = text_of(draw(replace(SHEET, body=(("Alamat", "Jalan Satu\nMedan Barat"),))))
    assert "Jalan SatuMedan" not in text


@settings(max_examples=30)
@given(st.text(max_size=80))
def test_any_text_is_printed_or_refused(text: str) -> None:
    sheet = replace(SHEET, body=((text, text),))
    with suppress(Unprintable):
        assert draw(sheet).startswith(b"%PDF-")
