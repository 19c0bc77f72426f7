"""Photos: what is refused, what is kept, and that nothing but pixels is."""

import io
import struct
import threading
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from PIL.Image import Transpose
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from app.core import photos
from app.core.files import LocalStore, new_key
from app.core.photos import (
    EncodedPhoto,
    PhotoError,
    encode,
    jpeg_response,
    photo_response,
    read_photos,
    shown_name,
    store,
)

# What Pillow says of damaged files is a note to the operator, never a fault of the page.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

RED, GREEN, BLUE, GREY = (200, 20, 20), (20, 160, 20), (20, 20, 200), (120, 120, 120)
WHITE = (255, 255, 255)
MARK = b"RAHASIA-7F3A"
TEXT_MARK = MARK.decode()
#: Start, JFIF, quantisation, baseline frame, Huffman, scan, end: all a JPEG of ours is made of.
OUR_SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


@dataclass(frozen=True)
class Limits:
    photos_max: int = 5
    photo_max_mb: int = 1
    photos_total_mb: int = 3


# ---------------------------------------------------------------- making files


def quarters(size: tuple[int, int] = (80, 40), mode: str = "RGB") -> Image.Image:
    """Red above left, green above right, blue below left, grey below right."""
    picture = Image.new("RGB", size, GREY)
    draw = ImageDraw.Draw(picture)
    x, y = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, x - 1, y - 1), fill=RED)
    draw.rectangle((x, 0, size[0], y - 1), fill=GREEN)
    draw.rectangle((0, y, x - 1, size[1]), fill=BLUE)
    return picture if mode == "RGB" else picture.convert(mode)


def saved(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 0, extra: bytes = b""
) -> bytes:
    """A PNG written by hand; `rows` is what the compressed stream opens to."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    """The JPEG with one more segment after its start."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + jpeg[2:]


def exif(orientation: int = 1) -> bytes:
    """Exif with place, camera, a note and an inner thumbnail."""
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x010E] = f"{TEXT_MARK}-note"
    notes[0x010F] = f"{TEXT_MARK}-camera"
    place = notes.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (3.0, 35.0, 22.0), "E", (98.0, 40.0, 26.0)
    place[27] = MARK + b"-place"
    return notes.tobytes() + saved(Image.new("RGB", (16, 12), RED), comment=MARK + b"-thumbnail")


def full_of_notes(kind: str) -> bytes:
    """A sound photo with every kind of metadata its format knows."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + MARK + b"</x:xmpmeta>"
    profile = MARK * 20
    if kind == "PNG":
        extra = (
            chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))
            + chunk(b"tEXt", b"Comment\0" + MARK)
            + chunk(b"zTXt", b"Author\0\0" + zlib.compress(MARK))
            + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
            + chunk(b"eXIf", exif().removeprefix(b"Exif\0\0"))
        )
        return png(2, 2, b"\0\x50\x50\0\x50\x50", extra=extra) + MARK
    if kind == "WEBP":
        return saved(quarters(), kind, exif=exif(), xmp=xmp, icc_profile=profile, lossless=True)
    jpeg = saved(quarters(), exif=exif(), icc_profile=profile, comment=MARK, quality=90)
    jpeg = with_segment(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(MARK) + 5)
    jpeg = with_segment(jpeg, 0xED, iptc + b"\x1c\x02\x78\0" + bytes([len(MARK)]) + MARK)
    return with_segment(jpeg, 0xEF, MARK) + MARK


# ---------------------------------------------------------------- reading results


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg), formats=("JPEG",))


def segments(jpeg: bytes) -> set[int]:
    """The markers of a JPEG up to its scan; the scan must end the file."""
    found, at = set(), 2
    while True:
        assert jpeg[at] == 0xFF
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.add(marker)
        at += 2 + size
        if marker == 0xDA:
            break
    scan = jpeg[at:-2].replace(b"\xff\x00", b"")
    assert b"\xff" not in scan
    assert jpeg.endswith(b"\xff\xd9")
    return found


def close(one: object, other: tuple[int, ...], by: int = 24) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def is_ours(photo: EncodedPhoto) -> bool:
    """Two clean JPEGs in RGB, the sizes as said, the thumbnail small."""
    full, thumb = opened(photo.full), opened(photo.thumb)
    for picture, data in ((full, photo.full), (thumb, photo.thumb)):
        picture.load()
        assert data.startswith(b"\xff\xd8")
        assert segments(data) <= OUR_SEGMENTS
        assert not picture.getexif()
        assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert picture.mode == "RGB"
    assert full.size == (photo.width, photo.height)
    return max(full.size) <= 1600 and max(thumb.size) <= 320


def shows_quarters(data: bytes) -> bool:
    picture = opened(data)
    w, h = picture.size
    at = [(w // 4, h // 4), (w * 3 // 4, h // 4), (w // 4, h * 3 // 4), (w * 3 // 4, h * 3 // 4)]
    return all(
        close(picture.getpixel(point), colour)
        for point, colour in zip(at, (RED, GREEN, BLUE, GREY), strict=True)
    )


def reason_of(data: bytes) -> str:
    with pytest.raises(PhotoError) as refused:
        encode(data, "x.jpg")
    assert refused.value.file in ("x.jpg", "")
    assert refused.value.message
    return refused.value.reason


# ---------------------------------------------------------------- sound photos


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_clean_jpeg(kind: str) -> None:
    photo = encode(saved(quarters(), kind))
    assert is_ours(photo)
    assert shows_quarters(photo.full)
    assert shows_quarters(photo.thumb)


@pytest.mark.parametrize(
    ("size", "full", "thumb"),
    [
        ((4000, 3000), (1600, 1200), (320, 240)),
        ((3000, 4000), (1200, 1600), (240, 320)),
        ((3200, 2133), (1600, 1066), (320, 213)),
        ((1600, 1600), (1600, 1600), (320, 320)),
        ((300, 200), (300, 200), (300, 200)),
        ((1, 1), (1, 1), (1, 1)),
        ((60000, 3), (1600, 1), (320, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_sizes(
    kind: str, size: tuple[int, int], full: tuple[int, int], thumb: tuple[int, int]
) -> None:
    photo = encode(saved(Image.new("RGB", size, RED), kind))
    assert is_ours(photo)
    assert close((photo.width, photo.height), full, by=1)
    assert close(opened(photo.thumb).size, thumb, by=1)


def test_a_large_jpeg_is_decoded_small(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[tuple[int, int]] = []
    in_colour = photos._in_colour

    def watched(picture: Image.Image) -> Image.Image:
        decoded.append(picture.size)
        return in_colour(picture)

    monkeypatch.setattr("app.core.photos._in_colour", watched)
    encode(saved(quarters((4000, 2999))))
    assert decoded == [(2000, 1500)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_come_out_the_right_way_up(kind: str, orientation: int) -> None:
    undo = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_90,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_270,
    }
    held = quarters((2000, 1000))
    held = held.transpose(undo[orientation]) if orientation in undo else held
    photo = encode(saved(held, kind, exif=exif(orientation)))
    assert (photo.width, photo.height) == (1600, 800)
    assert shows_quarters(photo.full)
    assert shows_quarters(photo.thumb)
    assert is_ours(photo)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_unknown_orientation_changes_nothing(value: int) -> None:
    assert shows_quarters(encode(saved(quarters(), exif=exif(value))).full)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colours_in_jpeg(mode: str) -> None:
    photo = encode(saved(quarters(mode=mode), quality=95))
    assert is_ours(photo)
    assert mode == "L" or shows_quarters(photo.full)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_other_colours_in_png(mode: str) -> None:
    picture = quarters().quantize(4) if mode == "P" else quarters(mode=mode)
    photo = encode(saved(picture, "PNG"))
    assert is_ours(photo)
    assert mode in ("1", "L") or shows_quarters(photo.full)


def test_sixteen_bits_are_not_clipped() -> None:
    grey = png(2, 1, b"\0" + b"\x40\x00" * 2, depth=16)
    colour = png(2, 1, b"\0" + b"\x40\x00\x80\x00\xc0\x00" * 2, depth=16, colour=2)
    assert close(opened(encode(grey).full).getpixel((0, 0)), (64, 64, 64), by=4)
    assert close(opened(encode(colour).full).getpixel((0, 0)), (64, 128, 192), by=8)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(kind: str, mode: str) -> None:
    picture = quarters().convert("RGBA")
    picture.putalpha(Image.new("L", picture.size, 0))
    photo = encode(saved(picture if mode == "PA" else picture.convert(mode), kind))
    assert close(opened(photo.full).getpixel((40, 20)), WHITE, by=2)


def test_a_palette_with_transparency() -> None:
    picture = Image.new("P", (40, 20), 1)
    picture.putpalette([*RED, *BLUE])
    picture.paste(0, (0, 0, 20, 20))
    for transparency in (0, b"\x00\xff"):
        photo = encode(saved(picture, "PNG", transparency=transparency))
        assert close(opened(photo.full).getpixel((5, 10)), WHITE, by=4)
        assert close(opened(photo.full).getpixel((35, 10)), BLUE)


def test_a_colour_that_stands_for_transparent() -> None:
    photo = encode(saved(Image.new("RGB", (20, 20), RED), "PNG", transparency=RED))
    assert close(opened(photo.full).getpixel((5, 5)), WHITE, by=2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    frames = [quarters(), Image.new("RGB", (80, 40), WHITE), Image.new("RGB", (80, 40), BLUE)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert shows_quarters(encode(data).full)


def test_two_pictures_in_one_jpeg() -> None:
    data = saved(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 40))])
    photo = encode(data)
    assert is_ours(photo)
    assert shows_quarters(photo.full)


def test_progressive() -> None:
    assert shows_quarters(encode(saved(quarters(), progressive=True)).full)


# ---------------------------------------------------------------- nothing but pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives(kind: str) -> None:
    data = full_of_notes(kind)
    assert MARK in data
    photo = encode(data)
    assert is_ours(photo)
    for output in (photo.full, photo.thumb):
        for trace in (MARK, b"Exif", b"xmp", b"http", b"Photoshop", b"8BIM", b"ICC_PROFILE"):
            assert trace not in output


TAILS = {
    "zip": b"PK\x03\x04" + MARK + b"PK\x05\x06" + b"\0" * 18,
    "html": b"<script>alert('" + MARK + b"')</script>",
    "script": b"*/=alert('" + MARK + b"');",
    "php": b"<?php system('" + MARK + b"'); ?>",
    "pdf": b"%PDF-1.7\n" + MARK,
    "jpeg": saved(Image.new("RGB", (8, 8)), comment=MARK),
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hides_behind_or_inside_a_photo_is_gone(kind: str, tail: bytes) -> None:
    photo = encode(saved(quarters(), kind) + tail)
    assert is_ours(photo)
    assert MARK not in photo.full + photo.thumb


def test_a_photo_that_is_also_a_script_is_gone() -> None:
    # The segment length 0x2F2A reads "/*" to a script engine.
    script = b"\0" * (0x2F2A - 2 - len(TAILS["script"])) + TAILS["script"]
    photo = encode(with_segment(saved(quarters()), 0xFE, script))
    assert is_ours(photo)
    assert MARK not in photo.full


# ---------------------------------------------------------------- refused

NOT_PHOTOS = {
    "text": b"hello",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "svg declared": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "html": b"<!doctype html><title>x</title>",
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x05\x06" + b"\0" * 18,
    "gif": saved(quarters(mode="P"), "GIF"),
    "gif and archive": saved(quarters(mode="P"), "GIF") + TAILS["zip"],
    "animated gif": saved(
        quarters(mode="P"), "GIF", save_all=True, append_images=[Image.new("P", (80, 40))]
    ),
    "tiff": saved(quarters(), "TIFF"),
    "bmp": saved(quarters(), "BMP"),
    "ico": saved(quarters(), "ICO"),
    "avif": b"\0\0\0\x20ftypavif" + b"\0" * 64,
    "mp4": b"\0\0\0\x20ftypisom" + b"\0" * 64,
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "wave": b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32,
    "nul": b"\0" * 4096,
}


@pytest.mark.parametrize("data", NOT_PHOTOS.values(), ids=NOT_PHOTOS)
def test_not_a_photo(data: bytes) -> None:
    assert reason_of(data) == "type"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1"])
def test_heic_has_its_own_advice(brand: bytes) -> None:
    assert reason_of(b"\0\0\0\x18ftyp" + brand + b"\0" * 64) == "heic"


def test_nothing_at_all() -> None:
    assert reason_of(b"") == "empty"


BEGINNINGS = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WEBP": b"RIFF\x24\0\0\0WEBPVP8 ",
}


@pytest.mark.parametrize("start", BEGINNINGS.values(), ids=BEGINNINGS)
def test_only_the_beginning_of_a_photo(start: bytes) -> None:
    assert reason_of(start) == "broken"
    assert reason_of(start + b"\0" * 500) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_a_truncated_photo_is_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((300, 200), 80).convert("RGB")
    data = saved(noise, kind)
    assert reason_of(data[: int(len(data) * share)]) == "broken"


def test_a_note_too_long_for_its_segment() -> None:
    assert reason_of(b"\xff\xd8\xff\xe1\xff\xffExif\0\0" + MARK) == "broken"


BOMBS = {
    "png header": png(20_000, 20_000, b""),
    "png 50.4 MP": png(7_100, 7_100, b"\0" * (7_101 * 7_100)),
    "png 100 MP": png(10_000, 10_000, b""),
    "webp canvas": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff" * 2 + b"\0" * 4,
    "webp frame": b"RIFF\x1e\0\0\0WEBPVP8 \x12\0\0\0\x30\x01\0\x9d\x01\x2a\xff\x3f\xff\x3f"
    + b"\0" * 8,
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_too_many_pixels(data: bytes) -> None:
    assert len(data) < 100_000
    started = time.process_time()
    assert reason_of(data) == "pixels"
    assert time.process_time() - started < 1


def test_a_jpeg_that_says_it_is_huge() -> None:
    data = bytearray(saved(quarters()))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    assert reason_of(bytes(data)) == "pixels"


def test_a_text_that_grows_when_opened() -> None:
    note = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 100_000_000))
    assert reason_of(png(1, 1, b"\0\0", extra=note)) == "broken"


def test_a_profile_that_grows_when_opened() -> None:
    profile = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 100_000_000))
    assert reason_of(png(1, 1, b"\0\0", extra=profile)) == "broken"


def test_a_jpeg_of_thousands_of_scans() -> None:
    data = saved(quarters(), progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert reason_of(data[:-2] + scan * 1000 + b"\xff\xd9") == "broken"


# ---------------------------------------------------------------- whatever comes

WILD = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)
SOUND = {kind: full_of_notes(kind) for kind in ("JPEG", "PNG", "WEBP")}


def never_a_fault(data: bytes) -> None:
    """The photo is refused with a reason, or what is kept is clean."""
    try:
        photo = encode(data)
    except PhotoError:
        return
    assert is_ours(photo)
    assert MARK not in photo.full + photo.thumb


@WILD
@given(st.binary(max_size=300), st.sampled_from([b"", *BEGINNINGS.values()]))
def test_random_bytes(data: bytes, start: bytes) -> None:
    never_a_fault(start + data)


@pytest.mark.parametrize("kind", SOUND)
@WILD
@given(data=st.data())
def test_cut_anywhere(kind: str, data: st.DataObject) -> None:
    never_a_fault(SOUND[kind][: data.draw(st.integers(0, len(SOUND[kind])))])


@pytest.mark.parametrize("kind", SOUND)
@WILD
@given(data=st.data())
def test_damaged_anywhere(kind: str, data: st.DataObject) -> None:
    sound = SOUND[kind]
    broken = bytearray(sound)
    places = st.lists(st.integers(0, len(sound) - 1), min_size=1, max_size=8)
    for place in data.draw(places):
        broken[place] = data.draw(st.integers(0, 255))
    never_a_fault(bytes(broken))


@WILD
@given(st.binary(max_size=200))
def test_any_exif(notes: bytes) -> None:
    data = with_segment(saved(quarters()), 0xE1, b"Exif\0\0" + notes)
    assert encode(data).width


@WILD
@given(
    depth=st.sampled_from([1, 2, 4, 8, 16]),
    colour=st.sampled_from([0, 2, 3, 4, 6]),
    palette=st.binary(max_size=24),
    transparency=st.binary(max_size=8),
    rows=st.binary(min_size=1, max_size=64),
)
def test_any_png(depth: int, colour: int, palette: bytes, transparency: bytes, rows: bytes) -> None:
    extra = chunk(b"PLTE", palette) + chunk(b"tRNS", transparency)
    never_a_fault(png(3, 2, rows, depth=depth, colour=colour, extra=extra))


# ---------------------------------------------------------------- a form's photos


def upload(data: bytes, name: str = "foto.jpg") -> FileStorage:
    return FileStorage(io.BytesIO(data), filename=name)


def reasons(errors: Iterable[PhotoError]) -> list[str]:
    return [error.reason for error in errors]


def test_empty_inputs_are_no_photos() -> None:
    assert read_photos([FileStorage(filename=""), FileStorage(), "text"], Limits()) == ([], [])


def test_good_photos_are_kept_beside_bad_ones() -> None:
    good = saved(quarters())
    encoded, errors = read_photos(
        [upload(good), upload(b"", "kosong.jpg"), upload(b"GIF89a", "a.gif"), upload(good)],
        Limits(),
    )
    assert len(encoded) == 2
    assert reasons(errors) == ["empty", "type"]
    assert errors[0].message == "Foto kosong.jpg kosong. Pilih lagi."
    assert errors[1].message.startswith("a.gif bukan foto")


def test_at_most_so_many() -> None:
    encoded, errors = read_photos([upload(saved(quarters()))] * 7, Limits(), kept=1)
    assert len(encoded) == 4
    assert reasons(errors) == ["many"]
    assert errors[0].message == "Pilih paling banyak 5 foto. Hapus 3 foto dulu."


def test_more_than_allowed_are_kept_already() -> None:
    encoded, errors = read_photos([upload(saved(quarters()))], Limits(), kept=9)
    assert (encoded, reasons(errors)) == ([], ["many"])


def test_a_photo_may_be_as_large_as_the_limit() -> None:
    photo = saved(quarters())
    fits = photo + b"\0" * (1024 * 1024 - len(photo))
    encoded, errors = read_photos([upload(fits), upload(fits + b"\0", "besar.jpg")], Limits())
    assert len(encoded) == 1
    assert errors[0].message.startswith("Foto besar.jpg lebih dari 1 MB.")


def test_all_photos_together() -> None:
    fits = saved(quarters()) + b"\0" * 900_000
    encoded, errors = read_photos([upload(fits)] * 4, Limits())
    assert len(encoded) == 3
    assert reasons(errors) == ["total"]
    assert "3 MB" in errors[0].message


NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "C:\\Foto\\parit.jpg": "parit.jpg",
    "parit\u202egpj.exe": "paritgpj.exe",
    "a\0b\r\nc.jpg": "abc.jpg",
    "Parit di Medan.jpg": "Parit di Medan.jpg",
    "x" * 300 + ".jpg": "x" * 28 + "…" + "x" * 7 + ".jpg",
    "\0\u200b/": "",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_names_are_only_shown_and_tidily(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_photo_without_a_readable_name_is_called_by_its_number() -> None:
    _, errors = read_photos([upload(saved(quarters())), upload(b"", "\0")], Limits())
    assert errors[0].file == "2"


def test_at_most_two_are_encoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()
    on_white = photos._on_white

    def slow(picture: Image.Image) -> Image.Image:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return on_white(picture)

    monkeypatch.setattr("app.core.photos._on_white", slow)
    data = saved(quarters())
    threads = [threading.Thread(target=encode, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 2


# ---------------------------------------------------------------- kept and shown


def test_a_photo_in_the_store(tmp_path: Path) -> None:
    files = LocalStore(tmp_path)
    photo = encode(saved(quarters()))
    kept = store(files, photo)
    assert files.get(kept.key) == photo.full
    assert files.get(kept.thumb_key) == photo.thumb
    assert (kept.width, kept.height, kept.size) == (80, 40, len(photo.full))
    assert len(kept.digest) == 64


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("photos")
    app.extensions["files"] = LocalStore(tmp_path)
    return app


@pytest.mark.parametrize("public", [True, False])
def test_a_browser_takes_it_for_a_photo_and_nothing_else(app: Flask, public: bool) -> None:
    key = new_key("photos")
    app.extensions["files"].put(key, b"jpeg")
    with app.test_request_context():
        response = photo_response(key, public=public)
    assert response.get_data() == b"jpeg"
    assert response.content_type == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    cached = "public, max-age=86400, immutable" if public else "private, no-store"
    assert response.headers["Cache-Control"] == cached


def test_a_browser_that_has_it_gets_no_second_copy(app: Flask) -> None:
    with app.test_request_context():
        tag = jpeg_response(b"jpeg", public=True).headers["ETag"]
    with app.test_request_context(headers={"If-None-Match": tag}):
        again = jpeg_response(b"jpeg", public=True)
    assert again.status_code == 304


def test_a_private_one_has_no_tag(app: Flask) -> None:
    with app.test_request_context():
        assert "ETag" not in jpeg_response(b"jpeg", public=False).headers


@pytest.mark.parametrize("key", ["", "../secret", new_key("photos")])
def test_no_such_photo(app: Flask, key: str) -> None:
    with app.test_request_context(), pytest.raises(NotFound):
        photo_response(key, public=True)
