"""Papers: what is refused and with which words, and that only what one sees is kept."""

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.core import pdfs
from app.core.files import LocalStore
from app.core.pdfs import PdfRefused, bare_jpeg, read_pdf, written_anew
from app.core.vault import Unreadable, Vault
from app.requests.models import Paper
from app.requests.papers import (
    LONG_SIDE,
    MOST_PAGES,
    PaperError,
    ReadyPaper,
    opened,
    paper_response,
    read_paper,
    store,
)
from tests.letters import text_of
from tests.papers import ACTIVE, AUTHOR, LOCKED, bomb, filled_in, pdf, sheet_of, with_notes
from tests.unit.test_photos import BLUE, MARK, RED, close, exif, full_of_notes, quarters, saved

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

KEY = "test-data-key-".ljust(40, "d")


@dataclass(frozen=True)
class Limits:
    photo_max_mb: int = 2
    paper_max_mb: int = 1


def read(data: bytes, name: str = "kk.jpg") -> ReadyPaper:
    return read_paper(FileStorage(io.BytesIO(data), name), Limits())


def refusal(data: bytes, name: str = "kk.jpg") -> PaperError:
    with pytest.raises(PaperError) as caught:
        read(data, name)
    return caught.value


# ---------------------------------------------------------------- photos


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_a_jpeg_large_enough_to_read(kind: str) -> None:
    ready = read(saved(quarters((3000, 1500)), kind), "kk.pdf")  # the name decides nothing
    assert (ready.kind, ready.pages) == ("jpeg", 1)
    assert Image.open(io.BytesIO(ready.data)).size == (LONG_SIDE, LONG_SIDE // 2)
    assert max(Image.open(io.BytesIO(ready.thumb)).size) == 320


def test_a_photo_is_upright_and_says_nothing_of_place_and_camera() -> None:
    assert MARK in full_of_notes("JPEG")
    ready = read(full_of_notes("JPEG"))
    assert MARK not in ready.data + ready.thumb
    assert not Image.open(io.BytesIO(ready.data)).getexif()
    turned = read(saved(quarters(), exif=exif(6)))
    picture = Image.open(io.BytesIO(turned.data))
    assert picture.size == (40, 80)
    assert close(picture.getpixel((5, 5)), BLUE)


# ---------------------------------------------------------------- PDFs


def test_a_pdf_keeps_its_pages_and_nothing_else() -> None:
    source = with_notes(pdf("Halaman satu", "Halaman dua", picture=full_of_notes("JPEG")))
    assert AUTHOR.encode() in source
    ready = read(source, "foto.jpg")
    assert (ready.kind, ready.pages) == ("pdf", 2)
    assert "Halaman dua" in text_of(ready.data)
    assert max(Image.open(io.BytesIO(ready.thumb)).size) == 320
    with pikepdf.open(io.BytesIO(ready.data)) as kept:
        flat = io.BytesIO()
        kept.save(flat, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        assert set(kept.Root.keys()) == {"/Type", "/Pages"}
        assert "/Info" not in kept.trailer
        assert all("/Annots" not in page for page in kept.pages)
        (image,) = kept.pages[0].get_images().values()
        assert MARK not in image.read_raw_bytes()
        assert "/DCTDecode" in str(image.get("/Filter"))
        picture = Image.open(io.BytesIO(image.read_raw_bytes()))
        assert close(picture.getpixel((2, 2)), RED)
    for kept_bytes in (ready.data, flat.getvalue()):
        for trace in (AUTHOR.encode(), MARK, b"jebakan", b"ReportLab", b"xmpmeta"):
            assert trace not in kept_bytes, trace


def test_what_was_filled_in_stays_on_the_page() -> None:
    source = filled_in("Yanti Siregar")
    clean = written_anew(source, MOST_PAGES, 320)
    assert "Yanti Siregar" in text_of(clean.data)
    assert b"/AcroForm" not in clean.data


@pytest.mark.parametrize("name", ACTIVE)
def test_a_pdf_that_acts_or_carries_files_is_refused(name: str) -> None:
    with pytest.raises(PdfRefused, match="active"):
        written_anew(ACTIVE[name], MOST_PAGES, 320)


def test_every_refusal_says_what_to_do(app: Flask) -> None:
    expected = {
        "active": (ACTIVE["attachment"], "Cetak ke PDF baru"),
        "locked": (LOCKED["user"], "PDF kk.jpg dikunci kata sandi. Simpan tanpa kata sandi"),
        "broken": (pdf()[:-300], "rusak"),
        "long": (pdf(*["x"] * (MOST_PAGES + 1)), f"lebih dari {MOST_PAGES} halaman"),
        "sheet": (sheet_of(1e6, 1e6), "A4"),
        "heavy": (bomb(), "Potret lembarnya"),
        "empty": (b"", "kosong"),
        "type": (b"<html><script>alert(1)</script>", "bukan foto atau PDF"),
        "big": (pdf() + b" " * 1024 * 1024, "lebih dari 1 MB"),
        "heic": (b"\0\0\0\x18ftypheic" + bytes(20), "HEIC"),
    }
    with app.test_request_context("/?lang=id", base_url="http://127.0.0.1:8000"):
        for reason, (data, words) in expected.items():
            error = refusal(data)
            assert error.reason == reason
            assert words in error.message, reason
            assert "%" not in error.message


def test_a_photo_may_be_larger_than_a_pdf() -> None:
    heavy = saved(quarters()) + bytes(1024 * 1024)
    assert read(heavy).kind == "jpeg"
    assert refusal(heavy + bytes(1024 * 1024)).reason == "big"


def test_a_password_of_the_owner_alone_is_one_too() -> None:
    assert refusal(LOCKED["owner"]).reason == "locked"


@pytest.mark.parametrize("size", [(0, 0), (14_401, 100), (0.5, 800)])
def test_a_sheet_of_no_size_or_of_a_giant_one(size: tuple[float, float]) -> None:
    with pytest.raises(PdfRefused, match="sheet"):
        written_anew(sheet_of(*size), MOST_PAGES, 320)


def test_the_longest_allowed_strip_is_drawn_small() -> None:
    thumb = written_anew(sheet_of(14_400, 1), MOST_PAGES, 320).thumb
    assert Image.open(io.BytesIO(thumb)).size[0] <= 320


STARTS = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"]


@given(st.binary(max_size=300), st.sampled_from(STARTS))
def test_bytes_of_any_kind_are_refused(data: bytes, start: bytes) -> None:
    assert refusal(start + data).reason in {"type", "empty", "broken", "heic", "pixels"}


@settings(max_examples=150)
@given(st.data())
def test_a_pdf_with_wrong_bytes_is_refused_or_clean(data: st.DataObject) -> None:
    source = bytearray(pdf("Satu"))
    for place in data.draw(st.lists(st.integers(0, len(source) - 1), max_size=12)):
        source[place] = data.draw(st.integers(0, 255))
    try:
        clean = written_anew(bytes(source), MOST_PAGES, 320)
    except PdfRefused:
        return
    assert clean.pages == 1


def test_a_child_that_falls_over_or_hangs_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    source = pdf()
    monkeypatch.setattr(pdfs, "SECONDS", 0.01)
    with pytest.raises(PdfRefused, match="heavy"):
        read_pdf(source, MOST_PAGES, 320)

    def killed(*_args: object, **_more: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], -9, b"")

    monkeypatch.setattr("app.core.pdfs.subprocess.run", killed)
    with pytest.raises(PdfRefused, match="heavy"):
        read_pdf(source, MOST_PAGES, 320)


@given(st.binary(max_size=200))
def test_bare_jpeg_takes_any_bytes(data: bytes) -> None:
    bare = bare_jpeg(b"\xff\xd8" + data)
    assert bare.startswith(b"\xff\xd8")
    assert bare_jpeg(data) == data or data[:2] == b"\xff\xd8"


# ---------------------------------------------------------------- keeping and showing


def row(ready: ReadyPaper, files: LocalStore, vault: Vault) -> Paper:
    kept = store(files, vault, ready)
    return Paper(
        id=7, slot="family_card", kind=kept.kind, file_key=kept.file_key, thumb_key=kept.thumb_key
    )


def test_files_alone_show_nothing_and_another_key_opens_none(tmp_path: Path) -> None:
    files, vault = LocalStore(tmp_path), Vault([KEY])
    ready = read(pdf("Yanti Siregar"))
    paper = row(ready, files, vault)
    assert opened(files, vault, paper) == ready.data
    assert opened(files, vault, paper, thumb=True) == ready.thumb
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2
    for mark in (b"%PDF", b"\xff\xd8\xff", b"JFIF", b"/Pages", b"Yanti"):
        assert not any(mark in one for one in written), mark
    assert len(written[0]) + len(written[1]) < len(ready.data) + len(ready.thumb) + 200
    with pytest.raises(Unreadable):
        opened(files, Vault(["another-key-".ljust(40, "x")]), paper)
    assert opened(files, Vault(["another-key-".ljust(40, "x"), KEY]), paper) == ready.data
    files.delete(paper.file_key)
    with pytest.raises(FileNotFoundError):
        opened(files, vault, paper)


def test_a_paper_is_shown_under_a_name_of_ours(app: Flask) -> None:
    paper = Paper(id=7, slot="family_card", kind="pdf")
    with app.test_request_context(base_url="http://127.0.0.1:8000"):
        answer, small = paper_response(paper, b"x"), paper_response(paper, b"x", thumb=True)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="family-card-7.pdf"'
    assert small.mimetype == "image/jpeg"
    assert small.headers["Content-Disposition"] == 'inline; filename="family-card-7.jpg"'
    for one in (answer, small):
        assert one.headers["Cache-Control"] == "private, no-store"
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in one.headers["Content-Security-Policy"]
