"""Papers people hand in: good ones, and PDFs that are not what they seem."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

AUTHOR = "Pengarang-RAHASIA"


def pdf(*pages: str, picture: bytes = b"") -> bytes:
    """A PDF with a line of text a page, an author, a link, and perhaps a JPEG on each."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer)
    sheet.setAuthor(AUTHOR)
    for text in pages or ("Kartu Keluarga",):
        sheet.drawString(72, 700, text)
        sheet.linkURL("https://jebakan.example", (0, 0, 200, 200))
        if picture:
            sheet.drawImage(ImageReader(io.BytesIO(picture)), 72, 300, 100, 100)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def filled_in(value: str) -> bytes:
    """A PDF with a field somebody has filled in."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer)
    sheet.acroForm.textfield(name="nama", x=72, y=600, width=300, value=value)
    sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def changed(
    change: Callable[[pikepdf.Pdf], object],
    source: bytes = b"",
    *,
    compress: bool = True,
    key: pikepdf.Encryption | None = None,
) -> bytes:
    """A PDF after a change by somebody who knows the format."""
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(source or pdf())) as opened:
        change(opened)
        opened.save(buffer, compress_streams=compress, encryption=key or False)
    return buffer.getvalue()


def _root(key: str, value: pikepdf.Object) -> bytes:
    return changed(lambda opened: opened.Root.__setitem__(key, value))


def _page(key: str, make: Callable[[pikepdf.Pdf], pikepdf.Object]) -> bytes:
    return changed(lambda one: one.pages[0].obj.__setitem__(key, make(one)))


def _note(**parts: Any) -> Callable[[pikepdf.Pdf], pikepdf.Object]:
    def make(opened: pikepdf.Pdf) -> pikepdf.Object:
        note = Dictionary({"/Type": Name.Annot, "/Rect": Array([0, 0, 9, 9])})
        for name, part in parts.items():
            note[f"/{name}"] = part
        return Array([opened.make_indirect(note)])

    return make


def _locked(user: str) -> bytes:
    key = pikepdf.Encryption(user=user, owner="pemilik")
    return changed(lambda _opened: None, key=key)


_SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
ACTIVE = {
    "opening script": _root("/OpenAction", _SCRIPT),
    "opening address": _root(
        "/OpenAction", Dictionary(S=Name.URI, URI=String("https://x.example"))
    ),
    "named script": _root("/Names", Dictionary(JavaScript=Dictionary(Names=Array(["a", _SCRIPT])))),
    "page action": _page("/AA", lambda _one: Dictionary(O=_SCRIPT)),
    "name in disguise": pdf().replace(b"/Trapped /False", b"/#4a#53 (alert)"),
    "launch": _page("/Annots", _note(Subtype=Name.Link, A=Dictionary(S=Name.Launch))),
    "chained": _page(
        "/Annots",
        _note(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("x"), Next=Array([_SCRIPT]))),
    ),
    "submit": _page("/Annots", _note(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm))),
    "rich media": _page("/Annots", _note(Subtype=Name.RichMedia)),
    "forms of XFA": _root("/AcroForm", Dictionary(Fields=Array([]), XFA=String("<xdp/>"))),
    "attachment": changed(lambda one: one.attachments.__setitem__("virus.exe", b"MZ")),
}
LOCKED = {"user": _locked("rahasia"), "owner": _locked("")}


def bomb() -> bytes:
    """Some hundred kilobytes that become three hundred megabytes."""
    return _page("/Contents", lambda one: one.make_stream(b"q " * 150_000_000))


def sheet_of(width: float, height: float) -> bytes:
    return _page("/MediaBox", lambda _one: Array([0, 0, width, height]))


def with_notes(source: bytes) -> bytes:
    """A PDF that says in three more places who made it, with a thumbnail of its own."""

    def change(opened: pikepdf.Pdf) -> None:
        page = opened.pages[0].obj
        notes = opened.make_stream(f"<x:xmpmeta>{AUTHOR}</x:xmpmeta>".encode())
        opened.Root["/Metadata"] = page["/Metadata"] = notes
        page["/PieceInfo"] = Dictionary(App=Dictionary(Private=String(AUTHOR)))
        page["/Thumb"] = opened.make_stream(AUTHOR.encode())
        hidden = opened.make_stream(b"", Dictionary(Subtype=Name.Form, Metadata=notes))
        page["/Resources"]["/XObject"]["/Hidden"] = hidden

    return changed(change, source, compress=False)
