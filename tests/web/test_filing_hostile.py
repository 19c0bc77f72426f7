"""Whatever is sent to the report form: a clear 4xx at the field, never a fault, nothing stored."""

import struct
import zlib
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.cases.models import Attachment, Case
from app.civic.codes import new_form_key
from app.civic.text import length, unreadable
from app.complaints import queries
from app.complaints.forms import STORED_LANDMARK, ReportForm
from app.complaints.models import Complaint
from app.config import Settings
from app.places.city import City
from tests.conftest import Block
from tests.pages import Client, Page
from tests.reports import PLAIN, TEXT, filled, photo

pytestmark = pytest.mark.once

NEW = "/keluhan/baru"
LONG = 5000

#: What nobody can read: refused in every field that takes text.
UNREADABLE = {
    "NUL": "Parit di depan gang tersumbat\x00 sampah",
    "bell": "Parit di depan gang tersumbat\x07 sampah",
    "delete": "Parit di depan gang\x7f tersumbat sampah",
    "right-to-left override": "Parit di depan gang \u202egnp.exe tersumbat",
    "pile of marks": "Parit tersumbat sampah Z" + "\u0300" * 60,
    "C1 control": "Parit di depan gang tersumbat\x9b sampah",
}
#: What is no choice of any list.
NO_CHOICE = {
    **UNREADABLE,
    "path": "../../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "SQL": "' OR 1=1; DROP TABLE cases; --",
    "emoji": "👨‍👩‍👧‍👦🇮🇩",
    "Arabic digits": "١٢٫٧١",
    "None": "None",
    "template": "{{ 7 * 7 }}%(x)s{0}",
    "long": "x" * LONG,
    "number": "1e400",
}
TEXTS = ("text", "landmark", "name", "phone", "email", "hide", "website")
LISTS = ("since", "district", "village", "category", "klass", "about_unit", "visibility")
DEGREES = ("latitude", "longitude")
IGNORED = ("seen", "kept", "do", "show_name", "unknown")


@pytest.fixture
def city(app: Flask) -> City:
    found: City = app.extensions["city"]
    return found


class Sender:
    """Posts a plain report with one thing changed, as fast as it can."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.check = False
        form = filled(client)
        self.data: dict[str, Any] = dict(form.values) | {"do": "send", "visibility": ["publik"]}

    def post(self, **changes: Any) -> Page:
        data = self.data | {name: value for name, value in changes.items() if value is not None}
        missing = [name for name, value in changes.items() if value is None]
        for name in missing:
            data.pop(name, None)
        return self.client.post(NEW, data=data, content_type="multipart/form-data", follow=False)


@pytest.fixture
def sender(client: Client) -> Sender:
    return Sender(client)


def stored(read: Block) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def refused(page: Page, field: str) -> bool:
    return page.status in {403, 422} and (field in page.errors() or bool(page.select(".sum li")))


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("field", TEXTS)
def test_unreadable_text_is_refused_at_the_field(sender, read, field):
    for name, value in UNREADABLE.items():
        page = sender.post(**{field: value})
        assert refused(page, field), (name, page.status, page.errors())
    assert stored(read) == 0


@pytest.mark.parametrize("field", LISTS)
def test_what_no_list_offers_is_refused_at_the_field(sender, read, field):
    about = {"category": "extortion", "visibility": "rahasia"} if field == "about_unit" else {}
    for name, value in NO_CHOICE.items():
        page = sender.post(**about | {field: value})
        assert page.status == 422, name
        assert field in page.errors(), (name, page.errors())
    assert stored(read) == 0


BAD_DEGREES = ("", "nan", "inf", "-inf", "91", "3,58", "+3.58", "0x3", "３.58", "3.5.8", "--3")


@pytest.mark.parametrize("field", DEGREES)
def test_a_pin_that_cannot_be_read_is_refused(sender, read, field):
    for value in (*BAD_DEGREES, *NO_CHOICE.values()):
        page = sender.post(**{"latitude": "3.5852", "longitude": "98.6752", field: value})
        assert page.status == 422, value
        assert set(page.errors()) == {"pin"}, value
    assert stored(read) == 0


def test_a_form_key_nobody_made_is_replaced(sender, read):
    for name, value in NO_CHOICE.items():
        page = sender.post(form_key=value)
        assert page.status == 422, name
        assert page.form("Kirim laporan").values["form_key"] != [value]
    assert stored(read) == 0


@pytest.mark.parametrize("field", IGNORED)
def test_what_the_form_does_not_ask_changes_nothing(sender, read, field):
    for name, value in NO_CHOICE.items():
        page = sender.post(**{field: value}, form_key=None)
        assert page.status == 422, name
    assert stored(read) == 0


@pytest.mark.parametrize("field", ["text", *LISTS[1:5], "visibility", "landmark"])
def test_a_field_left_out_is_asked_for(sender, read, field):
    page = sender.post(**{field: None})
    assert page.status == 422
    assert field in page.errors()
    assert stored(read) == 0


@pytest.mark.parametrize(
    "field", [*TEXTS, *LISTS, *DEGREES, "form_key", "csrf_token", "seen", "do"]
)
def test_a_file_where_text_belongs_is_nothing(sender, read, field):
    page = sender.post(**{field: (BytesIO(photo()), "jalan.jpg", "image/jpeg")})
    assert page.status in {200, 303, 422}
    assert stored(read) == (page.status == 303)


@pytest.mark.parametrize("field", [*TEXTS, *LISTS, *DEGREES, "form_key", "csrf_token", "show_name"])
def test_a_field_sent_twice_counts_once(sender, read, field):
    page = sender.post(**{field: [*sender.data.get(field, [""]), "second", "third"]})
    assert page.status in {200, 303, 422}
    assert stored(read) == (page.status == 303)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * (LONG - 999)),
        ("landmark", "x" * 201),
        ("landmark", "e\u0301\u0323\u0330\u0331\u0332" * 70),  # few characters, many code points
        ("name", "x" * 81),
        ("hide", "\n".join(f"kata {n}" for n in range(21))),
        ("hide", "x" * 81),
        ("phone", "08" + "1" * 40),
        ("email", "a" * 250 + "@contoh.id"),
        ("email", "siti@contoh.id\nBcc: semua@contoh.id"),
        ("email", "siti @contoh.id"),
        ("email", "siti@localhost"),
    ],
)
def test_too_much_is_refused_at_the_field(sender, read, field, value):
    page = sender.post(**{field: value})
    assert page.status == 422
    assert field in page.errors() or field == "hide"
    assert stored(read) == 0


def test_a_landmark_that_grows_when_it_is_masked_still_fits(sender, read):
    assert sender.post(landmark="a@b.co " * 28, seen="similar").status == 303
    with read() as session:
        complaint = session.scalars(select(Complaint)).one()
        assert "@" not in complaint.public_landmark
        assert len(complaint.public_landmark) <= STORED_LANDMARK


def test_markup_is_shown_as_it_was_typed(client, read):
    text = f'{TEXT} <img src=x onerror="alert(1)"> {{{{ 7 * 7 }}}} %(name)s'
    client.check = False  # it looks for what templates leave behind, such as braces
    page = filled(client).force("text", text).submit("Periksa dulu")
    assert "<img src=x" in page.words("#pratinjau")
    assert not page.select("img")


# ---------------------------------------------------------------- the envelope


def test_without_our_csrf_token_nothing_is_stored(sender, read):
    for token in ("", "wrong", "\x00", "x" * LONG, None):
        page = sender.post(csrf_token=token)
        assert page.status == 422
        assert "Halaman ini sudah terbuka terlalu lama" in page.words(".sum")
    assert stored(read) == 0


def test_without_the_cookie_the_token_is_worth_nothing(app, sender, read):
    stranger = Client(app, language="id")
    stranger.check = False
    page = stranger.post(NEW, data=sender.data, follow=False)
    assert page.status == 422
    assert page.form("Kirim laporan").values["text"] == [TEXT]
    assert stored(read) == 0


@pytest.mark.parametrize("field", ["text", "landmark", "category", "hide", "csrf_token"])
def test_ten_megabytes_of_text_are_too_large(sender, read, field):
    page = sender.post(**{field: "x" * 10_000_000})
    assert page.status == 413
    assert page.h1
    assert stored(read) == 0


def test_no_more_is_looked_through_than_a_report_may_hold(sender, monkeypatch):
    looked = []

    def suggest(_session: object, _city: object, text: str, _on: object) -> tuple[str, ...]:
        looked.append(len(text))
        return ()

    monkeypatch.setattr(queries, "suggest", suggest)
    most = sender.client.app.extensions["city"].limits.text_max
    page = sender.post(text="lubang jalan " * 70_000)
    assert page.status == 422
    assert looked == [most]


def test_too_many_parts_are_too_large(sender, read):
    page = sender.post(seen=["similar"] * 1000)
    assert page.status == 413
    assert stored(read) == 0


BODIES = (
    (b'{"text": "x"}', "application/json"),
    (b"", "multipart/form-data"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"text=%ff%fe&district=%00", "application/x-www-form-urlencoded"),
    (b"text=" + b"\xed\xa0\x80" * 20, "application/x-www-form-urlencoded"),
    (b"%", "application/x-www-form-urlencoded"),
    (b"\x00" * 1000, "text/plain"),
    (b"", ""),
)


def test_a_body_that_is_no_form_is_answered(client, read):
    client.check = False
    for body, kind in BODIES:
        page = client.post(NEW, data=body, content_type=kind)
        assert 400 <= page.status < 500, (body, kind)
    assert stored(read) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client, method):
    assert client.http.open(NEW, method=method).status_code in {400, 405}


# ---------------------------------------------------------------- photos


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says it is this large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", data or zlib.compress(b"\x00" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


HOSTILE_FILES = {
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page": b"<!doctype html><script>alert(1)</script>",
    "GIF": b"GIF89a" + b"\x00" * 50,
    "PDF": b"%PDF-1.7\n1 0 obj",
    "program": b"MZ" + b"\x00" * 200,
    "archive": b"PK\x03\x04" + b"\x00" * 200,
    "HEIC": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100,
    "empty": b"",
    "bomb of 20000 × 20000": png_of(20000, 20000),
    "bomb of 2 GB": png_of(65535, 65535),
    "impossible size": png_of(0, 0),
    "cut off": photo()[:200],
    "header only": b"\xff\xd8\xff\xe0",
    "script after a JPEG's header": b"\xff\xd8\xff<?php system($_GET[0]); ?>",
    "noise": bytes(range(256)) * 20,
}


def test_what_is_no_photo_is_refused_and_nothing_is_kept(sender, read, settings: Settings):
    for name, content in HOSTILE_FILES.items():
        page = sender.post(photos=(BytesIO(content), "jalan.jpg", "image/jpeg"))
        assert page.status == 422, name
        assert set(page.errors()) == {"photos"}, name
        assert "jalan.jpg" in page.errors()["photos"], name
    assert stored(read) == 0
    assert not [path for path in settings.upload_dir.rglob("*") if path.is_file()]


FILE_NAMES = (
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\x.jpg",
    "/etc/cron.d/x",
    "x" * 3000 + ".jpg",
    "foto\u202egpj.exe",
    "<img src=x onerror=alert(1)>.jpg",
    "CON",
    ".htaccess",
    "'; DROP TABLE cases; --.jpg",
    "👨‍👩‍👧‍👦.jpg",
    "foto.php.jpg",
)


def test_a_file_name_reaches_no_disk_and_no_page(sender, read, settings: Settings):
    for name in FILE_NAMES:
        page = sender.post(photos=[(BytesIO(photo()), name), (BytesIO(b"no photo"), name)])
        assert page.status == 422
        assert not page.select("img")
        assert "\u202e" not in page.html
        sent = sender.post(photos=(BytesIO(photo()), name), form_key=new_form_key(), seen="similar")
        assert sent.status == 303
    assert stored(read) == len(FILE_NAMES)
    for path in settings.upload_dir.rglob("*"):
        assert set(path.name) <= set("0123456789abcdef") | set("photosdrafts")


def test_a_photo_that_is_also_a_page_is_kept_as_a_photo_only(sender, read, settings: Settings):
    both = photo() + b"<script>alert(document.domain)</script>" + b"PK\x03\x04"
    assert sender.post(photos=(BytesIO(both), "foto.html.jpg", "text/html")).status == 303
    files = [path for path in settings.upload_dir.rglob("*") if path.is_file()]
    assert len(files) == 2
    for file in files:
        content = file.read_bytes()
        assert content.startswith(b"\xff\xd8\xff")
        assert b"script" not in content
        assert b"PK\x03\x04" not in content


def test_a_photo_too_large_is_refused_by_name(sender, read, city):
    heavy = photo() + b"\x00" * (city.limits.photo_max_mb * 1024 * 1024)
    page = sender.post(photos=(BytesIO(heavy), "besar.jpg"))
    assert page.status == 422
    assert "besar.jpg lebih dari 10 MB" in page.errors()["photos"]
    assert stored(read) == 0


def test_photos_of_another_form_or_nobody_are_not_taken(app, sender, read):
    other = Sender(Client(app, language="id"))
    page = other.post(text="pendek", photos=(BytesIO(photo()), "a.jpg"))
    (token,) = page.form("Kirim laporan").values["kept"]
    for kept in (token, token[:-2], "x" * 400, "", "\x00", app.extensions["vault"].encrypt("x")):
        page = sender.post(kept=kept)
        assert page.status == 422
        assert "tidak tersimpan" in page.words(".sum")
    assert stored(read) == 0


def test_photos_kept_count_towards_the_most(sender, read):
    page = sender.post(text="pendek", photos=[(BytesIO(photo()), f"{n}.jpg") for n in range(4)])
    kept = page.form("Kirim laporan").values["kept"]
    page = sender.post(kept=kept, photos=[(BytesIO(photo()), f"{n}.jpg") for n in range(2)])
    assert page.status == 422
    assert "Hapus 1 foto dulu" in page.words(".sum")
    assert stored(read) == 0


def test_the_same_kept_photo_twice_is_one(sender, read):
    page = sender.post(text="pendek", photos=(BytesIO(photo()), "a.jpg"))
    kept = page.form("Kirim laporan").values["kept"]
    page = sender.post(kept=kept)
    assert page.status == 303
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1


# ---------------------------------------------------------------- anything at all

anything = st.one_of(st.text(), st.sampled_from([*NO_CHOICE.values(), *PLAIN.values(), ""]))


def test_whatever_is_typed_the_form_knows_what_to_say(app: Flask, city: City) -> None:
    fields = [*TEXTS, *LISTS, *DEGREES, "form_key", "visibility_for", "show_name"]

    @hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(fields), st.lists(anything, max_size=2)))
    def check(sent: dict[str, list[str]]) -> None:
        given_: dict[str, Any] = {**PLAIN, **sent}
        form = ReportForm(city, date(2026, 11, 24), MultiDict(given_))
        valid = form.validate()
        assert valid == (not form.errors)
        assert all(message for messages in form.errors.values() for message in messages)
        for field in (form.text, form.landmark, form.name):
            assert not field.data or field.errors or not unreadable(field.data)
        if not form.landmark.errors:
            assert city.limits.landmark_min <= length(form.landmark.data or "")
            assert len(form.landmark.data or "") <= STORED_LANDMARK
        if form.place is not None and not form.latitude.errors:
            assert city.bounds.contains(*form.place)
        if not form.category.errors and not form.visibility.errors:
            assert form.visibility.data in city.category(form.category.data or "").visibilities

    with app.test_request_context(NEW, method="POST"):
        check()
