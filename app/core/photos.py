"""Photos people send: told apart by content, drawn anew, kept, shown.

Whatever comes in, what is kept is a JPEG made here from the pixels alone: no place, camera,
comment, colour profile, inner thumbnail or foreign bytes can survive, since none is ever copied.
"""

import hashlib
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING, Final, Literal, Protocol

from flask import Response, abort, request
from werkzeug.datastructures import FileStorage

from app.core.files import FileStore, file_store, new_key
from app.core.i18n import _l
from app.core.refused_files import RefusedFile

if TYPE_CHECKING:  # Pillow is loaded by the first photo, not by every process
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose

FULL_SIDE: Final = 1600
THUMB_SIDE: Final = 320
QUALITY: Final = 82
MAX_PIXELS: Final = 50_000_000
#: Cameras write about ten; thousands would keep the decoder busy for minutes.
MAX_JPEG_SCANS: Final = 100
MEGABYTE: Final = 1024 * 1024
SHOWN_NAME: Final = 40
PUBLIC_SECONDS: Final = 24 * 3600

Reason = Literal["many", "total", "big", "empty", "type", "heic", "broken", "pixels", "gone"]

_MESSAGES: Final = {
    "many": _l("Pilih paling banyak %(max)s foto. Hapus %(n)s foto dulu."),
    "total": _l(
        "Jumlah semua foto melebihi %(max_mb)s MB. Kirim laporan tanpa foto dulu; foto ditambah"
        " satu per satu dengan kode lacak."
    ),
    "big": _l(
        "Foto %(file)s lebih dari %(max_mb)s MB. Kecilkan, atau kirim laporan tanpa foto ini."
    ),
    "empty": _l("Foto %(file)s kosong. Pilih lagi."),
    "type": _l("%(file)s bukan foto yang bisa kami buka. Pilih foto JPG, PNG, atau WebP."),
    "heic": _l(
        "Foto %(file)s berformat HEIC. Ubah ke JPG di ponsel (Pengaturan > Kamera > Format > Paling"
        " Kompatibel), atau ambil tangkapan layarnya."
    ),
    "broken": _l("Foto %(file)s rusak dan tidak bisa dibuka. Ambil ulang atau hapus."),
    "pixels": _l("Ukuran gambar %(file)s terlalu besar. Ambil ulang dengan mutu lebih rendah."),
    "gone": _l("Foto yang Anda kirim tadi sudah tidak tersimpan. Pilih lagi."),
}
# Brands of the ISO base media file format that mean HEIF (ISO/IEC 23008-12), as phones write it.
_HEIC = re.compile(rb".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL)
_PHOTO = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
_START_OF_SCAN = b"\xff\xda"

# A decoded photo takes up to some hundred megabytes; the web process has many threads.
_encoders = threading.BoundedSemaphore(2)


class PhotoLimits(Protocol):
    """What a city allows; the numbers of ``city.limits``."""

    @property
    def photos_max(self) -> int:
        """Photos in one form."""

    @property
    def photo_max_mb(self) -> int:
        """Size of one photo as sent, in MB."""

    @property
    def photos_total_mb(self) -> int:
        """Size of all photos of one form as sent, in MB."""


@dataclass(frozen=True)
class EncodedPhoto:
    """A photo drawn anew: two JPEGs, the right way up, and the size of the larger in pixels."""

    full: bytes
    thumb: bytes
    width: int
    height: int


@dataclass(frozen=True)
class StoredPhoto:
    """A photo in the file store: its keys, pixels, bytes and the SHA-256 of the full file."""

    key: str
    thumb_key: str
    width: int
    height: int
    size: int
    digest: str


class PhotoError(RefusedFile[Reason]):
    """A photo that is refused, and why."""

    messages = _MESSAGES


# ---------------------------------------------------------------- reading a form


def read_photos(
    uploads: Iterable[FileStorage | str], limits: PhotoLimits, kept: int = 0
) -> tuple[list[EncodedPhoto], list[PhotoError]]:
    """Encode the photos of a form; return them with what was wrong with the others.

    `kept` counts photos of the same form that are stored already. Empty inputs, and text where a
    file belongs, are passed over. Photos beyond the allowed number or total size are not looked at.

    Call it before the first database query of a request: it takes a fifth of a second a photo, in
    which nobody should wait for a lock.
    """
    sent = [upload for upload in uploads if isinstance(upload, FileStorage) and upload.filename]
    allowed = max(0, limits.photos_max - kept)
    encoded: list[EncodedPhoto] = []
    errors: list[PhotoError] = []
    if (surplus := len(sent) - allowed) > 0:
        errors.append(PhotoError("many", max=limits.photos_max, n=surplus))
    room = limits.photos_total_mb * MEGABYTE
    for number, upload in enumerate(sent[:allowed], start=1):
        room -= _size(upload)
        if room < 0:
            errors.append(PhotoError("total", max_mb=limits.photos_total_mb))
            break
        try:
            encoded.append(_read(upload, number, limits.photo_max_mb))
        except PhotoError as error:
            errors.append(error)
    return encoded, errors


def _read(upload: FileStorage, number: int, max_mb: int) -> EncodedPhoto:
    name = shown_name(upload.filename or "") or str(number)
    if _size(upload) > max_mb * MEGABYTE:
        raise PhotoError("big", name, max_mb=max_mb)
    return encode(upload.stream.read(), name)


def _size(upload: FileStorage) -> int:
    size = upload.stream.seek(0, SEEK_END)
    upload.stream.seek(0)
    return size


def shown_name(name: str) -> str:
    """Return a sent file name as it may stand in a message: no folders, no invisible characters."""
    name = "".join(filter(str.isprintable, re.split(r"[/\\]", name)[-1])).strip()
    return name if len(name) <= SHOWN_NAME else f"{name[:28]}…{name[-11:]}"


# ---------------------------------------------------------------- drawing anew


def encode(data: bytes, name: str = "", side: int = FULL_SIDE) -> EncodedPhoto:
    """Draw a JPEG, PNG or WebP anew, its long side at most `side` pixels, with a thumbnail of 320.

    It is turned the right way up, laid on white, and of an animation the first frame is taken. Two
    photos at once are encoded in each process; others wait. Raises PhotoError with `name`.
    """
    if reason := _refusal(data):
        raise PhotoError(reason, name)
    with _encoders:
        full = _on_white(_decoded(data, name, side))
        thumb = full.copy()
        thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
        return EncodedPhoto(_jpeg(full), _jpeg(thumb), full.width, full.height)


def _refusal(data: bytes) -> Reason | None:
    if not data:
        return "empty"
    if _HEIC.match(data):
        return "heic"
    if not _PHOTO.match(data):
        return "type"
    # Between scans every FF byte of the data is followed by 00, so this counts real markers.
    is_jpeg = data[0] == 0xFF
    return "broken" if is_jpeg and data.count(_START_OF_SCAN) > MAX_JPEG_SCANS else None


def _decoded(data: bytes, name: str, side: int) -> "Picture":
    """The picture the right way up, in RGB or RGBA, no larger than needed."""
    from PIL import Image

    try:
        picture: Picture = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        if picture.width * picture.height > MAX_PIXELS:
            raise PhotoError("pixels", name)
        picture.draft("RGB", _fitted(picture.size, side))
        picture.load()
        turn = _turn(picture)
        picture = _in_colour(picture)
        picture.thumbnail((side, side))
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError("pixels", name) from None
    except Exception:  # decoders raise whatever a damaged file leads them to
        raise PhotoError("broken", name) from None
    return picture if turn is None else picture.transpose(turn)


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size after shrinking. A JPEG is decoded at the next larger of 1, 1/2, 1/4, 1/8 at a
    fraction of the cost, if the target has exactly the picture's shape."""
    scale = min(1, side / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _turn(picture: "Picture") -> "Transpose | None":
    """What puts the picture upright: the Orientation of Exif 2.32, 4.6.4."""
    from PIL import ExifTags
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        return turns.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a damaged note on a sound picture
        return None


def _in_colour(picture: "Picture") -> "Picture":
    if picture.mode == "I;16":  # converting alone would clip 16 bits to white
        return picture.point(lambda value: value / 256).convert("L").convert("RGB")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _on_white(picture: "Picture") -> "Picture":
    """A new picture with the pixels and nothing else of the old one."""
    from PIL import Image

    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return sheet


def _jpeg(picture: "Picture") -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


# ---------------------------------------------------------------- keeping and showing


def store(files: FileStore, photo: EncodedPhoto) -> StoredPhoto:
    """Put a photo into the store, for good. Files no row names in the end are swept later."""
    kept = described(photo, new_key("photos"), new_key("photos"))
    files.put(kept.key, photo.full)
    files.put(kept.thumb_key, photo.thumb)
    return kept


def described(photo: EncodedPhoto, key: str, thumb_key: str) -> StoredPhoto:
    """Say what is known of a photo under its keys."""
    digest = hashlib.sha256(photo.full).hexdigest()
    return StoredPhoto(key, thumb_key, photo.width, photo.height, len(photo.full), digest)


def photo_response(key: str, *, public: bool) -> Response:
    """Answer with a stored photo; 404 when there is none. Who may see it is the caller's to ask."""
    try:
        data = file_store().get(key)
    except (ValueError, FileNotFoundError):
        abort(404)
    return jpeg_response(data, public=public)


def jpeg_response(data: bytes, *, public: bool) -> Response:
    """Answer with a JPEG that a browser takes for nothing else.

    A public one may be kept a day: so long may a photo that is withheld later still be seen.
    """
    response = Response(data, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = 'inline; filename="foto.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not public:
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}, immutable"
    response.add_etag()
    response.make_conditional(request)
    return response
