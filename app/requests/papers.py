"""The papers of a form: read and drawn anew, kept encrypted, shown to whoever holds the form.

Whatever comes in, what is kept was made here: a JPEG from the pixels alone, or a PDF from the pages
alone. The database says which paper stands where; without a key of ``DATA_KEYS`` neither it nor the
file store shows one.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from typing import Final, Literal, Protocol

from flask import Response
from sqlalchemy import event, inspect, or_, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from app.core.files import FileStore, new_key
from app.core.i18n import _l
from app.core.pdfs import HEAD_WITHIN, PdfRefused, is_pdf, read_pdf
from app.core.photos import MEGABYTE, THUMB_SIDE, PhotoError, encode, shown_name
from app.core.refused_files import RefusedFile
from app.core.vault import Unreadable, Vault
from app.requests.models import Application, Paper
from app.requests.questions import Answers
from app.requests.services import Document, Service

log = logging.getLogger("tanggap")

ACCEPT: Final = "image/jpeg,image/png,image/webp,application/pdf"
LONG_SIDE: Final = 2400
"""Pixels of a photographed sheet of A4 at which small print can still be read: 200 an inch."""
MOST_PAGES: Final = 30
MOST_PAPERS: Final = 25
"""Papers of one form."""

PAPERS_PER_HOUR: Final = 120
"""Files one network may send: several people at one counter's WiFi, no more."""

Kind = Literal["jpeg", "pdf"]
TYPES: Final[Mapping[str, str]] = {"jpeg": "image/jpeg", "pdf": "application/pdf"}
ENDINGS: Final[Mapping[str, str]] = {"jpeg": "jpg", "pdf": "pdf"}

_MESSAGES: Final = {
    "big": _l(
        "Berkas %(file)s lebih dari %(max_mb)s MB. Potret ulang, atau kirim lembarnya satu per"
        " satu."
    ),
    "empty": _l("Berkas %(file)s kosong. Pilih lagi."),
    "type": _l("%(file)s bukan foto atau PDF. Pilih foto JPG, PNG, atau WebP, atau PDF."),
    "heic": _l(
        "Foto %(file)s berformat HEIC. Ubah ke JPG di ponsel (Pengaturan > Kamera > Format > Paling"
        " Kompatibel), atau ambil tangkapan layarnya."
    ),
    "broken": _l("Berkas %(file)s rusak dan tidak bisa dibuka. Potret ulang, atau simpan lagi."),
    "pixels": _l("Ukuran gambar %(file)s terlalu besar. Ambil ulang dengan mutu lebih rendah."),
    "locked": _l("PDF %(file)s dikunci kata sandi. Simpan tanpa kata sandi, lalu kirim lagi."),
    "active": _l(
        "PDF %(file)s berisi lampiran atau program. Cetak ke PDF baru, atau potret lembarnya, lalu"
        " kirim lagi."
    ),
    "no_page": _l("PDF %(file)s tidak punya halaman. Pilih berkas lain."),
    "long": _l(
        "PDF %(file)s lebih dari %(max_pages)s halaman. Kirim halaman yang diperlukan saja."
    ),
    "sheet": _l(
        "Ukuran halaman PDF %(file)s tidak wajar. Cetak ke PDF berukuran A4, lalu kirim lagi."
    ),
    "heavy": _l("PDF %(file)s terlalu berat untuk dibuka. Potret lembarnya, lalu kirim fotonya."),
    "many": _l("Paling banyak %(max)s berkas di sini. Hapus satu dulu, lalu pilih lagi."),
    "full": _l(
        "Formulir ini sudah memuat %(max)s berkas. Hapus yang tidak perlu, lalu kirim lagi."
    ),
}


class PaperLimits(Protocol):
    """What a city allows; numbers of ``city.limits``."""

    @property
    def photo_max_mb(self) -> int:
        """Size of one photo as sent, in MB: what is kept of it is smaller."""

    @property
    def paper_max_mb(self) -> int:
        """Size of one PDF, in MB."""


class PaperError(RefusedFile[str]):
    """A paper that is refused, and why."""

    messages = _MESSAGES


@dataclass(frozen=True)
class ReadyPaper:
    """A paper made anew: as it will be kept, and its first page as a small JPEG."""

    kind: Kind
    data: bytes
    thumb: bytes
    pages: int


@dataclass(frozen=True)
class StoredPaper:
    """A paper in the file store, encrypted, that no row names yet."""

    kind: Kind
    pages: int
    size: int
    digest: str
    file_key: str
    thumb_key: str


# ---------------------------------------------------------------- reading


def read_paper(upload: FileStorage, limits: PaperLimits) -> ReadyPaper:
    """Make a paper anew from a file somebody sent, told apart by its content.

    Call it outside of a transaction: it may take a second, in which nobody should wait for a lock.
    Raises PaperError.
    """
    name = shown_name(upload.filename or "")
    size = upload.stream.seek(0, SEEK_END)
    upload.stream.seek(0)
    written = is_pdf(upload.stream.read(HEAD_WITHIN))
    max_mb = limits.paper_max_mb if written else limits.photo_max_mb
    if size > max_mb * MEGABYTE:
        raise PaperError("big", name, max_mb=max_mb)
    upload.stream.seek(0)
    data = upload.stream.read()
    return _read_pdf(data, name) if written else _read_photo(data, name)


def _read_photo(data: bytes, name: str) -> ReadyPaper:
    try:
        photo = encode(data, name, LONG_SIDE)
    except PhotoError as error:
        raise PaperError(error.reason, name) from None
    return ReadyPaper("jpeg", photo.full, photo.thumb, 1)


def _read_pdf(data: bytes, name: str) -> ReadyPaper:
    try:
        clean = read_pdf(data, MOST_PAGES, THUMB_SIDE)
    except PdfRefused as error:
        reason = "no_page" if error.reason == "empty" else error.reason
        raise PaperError(reason, name, max_pages=MOST_PAGES) from None
    return ReadyPaper("pdf", clean.data, clean.thumb, clean.pages)


# ---------------------------------------------------------------- keeping


def store(files: FileStore, vault: Vault, ready: ReadyPaper) -> StoredPaper:
    """Put a paper into the store, encrypted. Without a row in the end it is swept away later.

    Call it outside of a transaction: the files are on the disk when it returns.
    """
    kept = StoredPaper(
        kind=ready.kind,
        pages=ready.pages,
        size=len(ready.data),
        digest=hashlib.sha256(ready.data).hexdigest(),
        file_key=new_key("papers"),
        thumb_key=new_key("papers"),
    )
    files.put(kept.file_key, vault.encrypt_bytes(ready.data))
    files.put(kept.thumb_key, vault.encrypt_bytes(ready.thumb))
    return kept


def discard(files: FileStore, kept: StoredPaper) -> None:
    """Delete the files of a paper that got no row."""
    files.delete(kept.file_key)
    files.delete(kept.thumb_key)


def keep(
    session: Session,
    stored: StoredPaper,
    slot: str,
    now: datetime,
    *,
    application: Application | None = None,
    case_id: int | None = None,
) -> Paper:
    """Give a stored paper its row, in a form or a request. How many fit is the caller's to ask."""
    paper = Paper(
        application_id=application.id if application else None,
        case_id=case_id,
        slot=slot,
        at=now,
        kind=stored.kind,
        pages=stored.pages,
        size=stored.size,
        digest=stored.digest,
        file_key=stored.file_key,
        thumb_key=stored.thumb_key,
    )
    session.add(paper)
    session.flush()
    return paper


def remove(session: Session, files: FileStore, paper: Paper) -> None:
    """Delete a paper; its files go once that is committed."""
    keys = (paper.file_key, paper.thumb_key)
    session.delete(paper)
    session.flush()

    @event.listens_for(session, "after_commit", once=True)
    def committed(_session: Session) -> None:
        if not inspect(paper).deleted:
            return  # it was taken back
        try:
            for key in keys:
                files.delete(key)
        except OSError:
            log.exception("a file is left to the sweep", extra={"job": "papers"})


# ---------------------------------------------------------------- reading back


def opened(files: FileStore, vault: Vault, paper: Paper, *, thumb: bool = False) -> bytes:
    """A kept paper, or its first page small. Raises FileNotFoundError, and Unreadable."""
    return vault.decrypt_bytes(files.get(paper.thumb_key if thumb else paper.file_key))


def paper_response(paper: Paper, data: bytes, *, thumb: bool = False) -> Response:
    """Answer with a paper under a name of ours. Who may see it is the caller's to ask.

    A browser takes it for nothing else: photos are shown, a PDF is saved.
    """
    kind = "jpeg" if thumb else paper.kind
    response = Response(data, mimetype=TYPES[kind])
    place = "inline" if kind == "jpeg" else "attachment"
    name = f"{paper.slot.replace('_', '-')}-{paper.id}.{ENDINGS[kind]}"
    response.headers["Content-Disposition"] = f'{place}; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def shown(files: FileStore, vault: Vault, paper: Paper, *, thumb: bool) -> Response:
    """Answer with a kept paper. Raises NotFound when its file is gone or no key opens it."""
    try:
        return paper_response(paper, opened(files, vault, paper, thumb=thumb), thumb=thumb)
    except (FileNotFoundError, Unreadable):
        log.exception("a paper cannot be shown", extra={"job": "papers"})
        raise NotFound from None


# ---------------------------------------------------------------- which papers


def asked_slots(service: Service, answers: Answers) -> tuple[Document, ...]:
    """The papers to hand in as files, by these answers."""
    return tuple(one for one in asked_papers(service, answers) if one.key)


def asked_papers(service: Service, answers: Answers) -> tuple[Document, ...]:
    """All papers these answers ask for, those without a key to be brought along."""
    return tuple(
        one for one in service.documents if one.condition is None or one.condition.holds(answers)
    )


def papers_by_slot(session: Session, application: Application) -> dict[str, list[Paper]]:
    """The papers of a form, oldest first, those of slots no longer asked for too."""
    found: dict[str, list[Paper]] = defaultdict(list)
    statement = select(Paper).where(Paper.application_id == application.id).order_by(Paper.id)
    for paper in session.scalars(statement):
        found[paper.slot].append(paper)
    return dict(found)


def missing(
    service: Service, answers: Answers, papers: Mapping[str, Sequence[Paper]]
) -> list[Document]:
    """The papers that must be there and are not."""
    return [
        one for one in asked_slots(service, answers) if not one.optional and not papers.get(one.key)
    ]


def kept_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these file names of the store belong to a paper."""
    asked = list(keys)
    statement = select(Paper.file_key, Paper.thumb_key).where(
        or_(Paper.file_key.in_(asked), Paper.thumb_key.in_(asked))
    )
    return {key for row in session.execute(statement) for key in row}
