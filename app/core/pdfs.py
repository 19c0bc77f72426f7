"""PDFs people send: checked, written anew and drawn, in a process of its own.

What opens a PDF is large, old and written in C++, and a small file may ask for any amount of memory
and time. So it is opened by a child that has no secrets, little memory and some seconds; the site
sees what it hands back. This file is that child too: it imports nothing of the site.

What is kept are the pages as one sees them. Filled-in fields and notes are drawn into their page;
links, scripts, attachments, outlines, and what says who wrote it when and where, stay behind.
"""

import json
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:  # loaded by the child
    from pikepdf import Pdf

Reason = Literal["locked", "active", "broken", "empty", "long", "sheet", "heavy"]

HEAD: Final = b"%PDF-"
#: Readers take a head that others' programs have pushed down a little.
HEAD_WITHIN: Final = 1024
TAIL: Final = b"%%EOF"
TAIL_WITHIN: Final = 2048
MOST_OBJECTS: Final = 100_000
#: 200 inches: the largest sheet of PDF 1.7, Annex C.
LONGEST_SIDE: Final = 14_400
QUALITY: Final = 82

MEMORY: Final = 1024**3
STREAM_MEMORY: Final = 128 * 1024**2
CPU_SECONDS: Final = 20
SECONDS: Final = 40

PAGE_KEYS: Final = frozenset(
    ("/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit",
     "/Resources", "/Contents", "/Group")
)  # fmt: skip
"""Of a page, what draws it."""
NOTES: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/Alternates")
"""What other things of a page may carry and nobody sees."""
ACTIVE: Final = frozenset(
    ("/AA", "/JavaScript", "/JS", "/EmbeddedFiles", "/EF", "/XFA", "/RichMedia",
     "/RichMediaContent")
)  # fmt: skip
"""Keys of what acts or is attached."""
ACTIONS: Final = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound",
     "/RichMediaExecute", "/GoToE")
)  # fmt: skip
ATTACHED: Final = frozenset(
    ("/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D")
)
GOING: Final = "/GoTo"
START_OF_SCAN: Final = 0xDA
END_OF_IMAGE: Final = 0xD9
COMMENT: Final = 0xFE
DRAWN_NOTES: Final = frozenset({0xE0, 0xEE})
"""JFIF, and Adobe's note on colours: of the notes of a JPEG those that say how it looks."""
# In the data of a scan FF is followed by 00, or by a restart (ISO/IEC 10918-1, B.1.1.5).
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_children = threading.BoundedSemaphore(2)


class PdfRefused(ValueError):
    """A PDF that is not taken, and why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class CleanPdf:
    """A PDF written anew, the number of its pages, and the first one as a JPEG."""

    data: bytes
    pages: int
    thumb: bytes


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is one."""
    return HEAD in data[:HEAD_WITHIN]


def read_pdf(data: bytes, pages_max: int, thumb_side: int) -> CleanPdf:
    """Have a PDF written anew by a child process; two at once, others wait. Raises PdfRefused."""
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(pages_max), str(thumb_side)]
    with _children:
        try:
            done = subprocess.run(
                command,
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
                env={},
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            raise PdfRefused("heavy") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:  # it ran out of memory or time, or fell over
        raise PdfRefused("heavy")
    said = json.loads(head)
    if said.get("refused") in get_args(Reason):
        raise PdfRefused(said["refused"])
    return CleanPdf(body[: said["size"]], said["pages"], body[said["size"] :])


# ---------------------------------------------------------------- in the child


def written_anew(data: bytes, pages_max: int, thumb_side: int) -> CleanPdf:
    """Check, write anew and draw. Raises PdfRefused."""
    import pikepdf

    if TAIL not in data[-TAIL_WITHIN:]:
        raise PdfRefused("broken")  # what is cut off could be opened, without its last pages
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise PdfRefused("locked")
            _check(pdf, pages_max)
            clean, pages = _pages_of(pdf), len(pdf.pages)
        return CleanPdf(clean, pages, _drawn(clean, thumb_side))
    except PdfRefused:
        raise
    except pikepdf.PasswordError:
        raise PdfRefused("locked") from None
    except (MemoryError, RecursionError):
        raise PdfRefused("heavy") from None
    except Exception:  # a damaged file may lead to anything
        raise PdfRefused("broken") from None


def _check(pdf: "Pdf", pages_max: int) -> None:
    if len(pdf.objects) > MOST_OBJECTS:
        raise PdfRefused("heavy")
    if not len(pdf.pages):
        raise PdfRefused("empty")
    if len(pdf.pages) > pages_max:
        raise PdfRefused("long")
    opening: Any = pdf.Root.get("/OpenAction")
    if _is_table(opening) and opening.get("/S") != GOING:
        raise PdfRefused("active")
    if any(_acts(one) for whole in pdf.objects for one in _tables(whole)):
        raise PdfRefused("active")
    for page in pdf.pages:
        unit = float(page.obj.get("/UserUnit", 1))
        left, bottom, right, top = (float(side) * unit for side in page.mediabox)
        if not all(1 <= abs(side) <= LONGEST_SIDE for side in (right - left, top - bottom)):
            raise PdfRefused("sheet")


def _is_table(thing: Any) -> bool:
    import pikepdf

    return isinstance(thing, pikepdf.Dictionary | pikepdf.Stream)


def _tables(whole: Any) -> Iterator[Any]:
    """An object and all inside it that stands in no other place."""
    import pikepdf

    waiting = [whole]
    while waiting:
        thing = waiting.pop()
        if _is_table(thing):
            yield thing
            inner = list(thing.values()) if isinstance(thing, pikepdf.Dictionary) else []
            if isinstance(thing, pikepdf.Stream):
                inner = [thing.stream_dict]
        elif isinstance(thing, pikepdf.Array):
            inner = list(thing)
        else:
            continue
        waiting += [one for one in inner if not getattr(one, "is_indirect", False)]


def _acts(table: Any) -> bool:
    keys = set(table.keys())
    return bool(
        keys & ACTIVE
        or str(table.get("/S")) in ACTIONS
        or str(table.get("/Type")) in ATTACHED
        or str(table.get("/Subtype")) in ATTACHED
        or ("/Length" in keys and "/F" in keys)  # content that lies elsewhere
    )


def _pages_of(pdf: "Pdf") -> bytes:
    """The pages, as one sees them, in a new PDF."""
    import pikepdf

    pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        for key in set(page.obj.keys()) - PAGE_KEYS:
            del page.obj[key]
    with pikepdf.new() as fresh:
        fresh.pages.extend(pdf.pages)
        for whole in fresh.objects:
            for table in _tables(whole):
                _forget(table, fresh)
        out = BytesIO()
        fresh.remove_unreferenced_resources()
        fresh.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )
    return out.getvalue()


def _forget(table: Any, pdf: "Pdf") -> None:
    import pikepdf

    for key in NOTES:
        if key in table:
            del table[key]
    if isinstance(table, pikepdf.Stream):
        filters, parms = _listed(table.get("/Filter")), _listed(table.get("/DecodeParms"))
        if filters and filters[-1] == "/DCTDecode":
            data = table.read_raw_bytes()
            if len(filters) > 1:  # a JPEG inside something else
                outer = pikepdf.Stream(pdf, b"")
                outer.write(data, filter=filters[:-1], decode_parms=parms[:-1] or None)
                data = outer.read_bytes()
            own = parms[-1] if len(parms) == len(filters) else None
            table.write(bare_jpeg(data), filter=filters[-1], decode_parms=own)


def _listed(value: Any) -> Any:
    import pikepdf

    if value is None:
        return pikepdf.Array()
    return value if isinstance(value, pikepdf.Array) else pikepdf.Array([value])


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without the notes of camera and programs: place, time, device, inner thumbnail.

    Its colours are the PDF's to say, so a profile of its own goes too.
    """
    if data[:2] != b"\xff\xd8":
        return data
    kept, at = [data[:2]], 2
    while at + 1 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == END_OF_IMAGE:
            return b"".join([*kept, data[at : at + 2]])  # what stands behind it is no picture
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if marker == START_OF_SCAN:
            after = _MARKER.search(data, end)
            end = after.start() if after else len(data)
        if marker in DRAWN_NOTES or not (0xE0 <= marker <= 0xEF or marker == COMMENT):
            kept.append(data[at:end])
        at = end
    return b"".join(kept) + data[at:]


def _drawn(data: bytes, side: int) -> bytes:
    """The first page as a JPEG."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0]
        picture = page.render(scale=side / max(page.get_size())).to_pil().convert("RGB")
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
        return buffer.getvalue()
    finally:
        document.close()


def _bind() -> None:
    """No more memory, time or files than an honest paper needs."""
    import pikepdf

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    pikepdf.settings.set_qpdf_limits(
        dct_max_memory=STREAM_MEMORY,
        flate_max_memory=STREAM_MEMORY,
        png_max_memory=STREAM_MEMORY,
        run_length_max_memory=STREAM_MEMORY,
        tiff_max_memory=STREAM_MEMORY,
        dct_max_progressive_scans=100,
        doc_max_warnings=1000,
    )


def main() -> None:
    """Read a PDF from standard input; answer with a line of JSON, the new PDF and the picture."""
    _bind()
    try:
        clean = written_anew(sys.stdin.buffer.read(), *map(int, sys.argv[1:3]))
    except PdfRefused as error:
        sys.stdout.buffer.write(json.dumps({"refused": error.reason}).encode() + b"\n")
        return
    said = {"pages": clean.pages, "size": len(clean.data)}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + clean.data + clean.thumb)


if __name__ == "__main__":
    main()
