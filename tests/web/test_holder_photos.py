"""/foto: who gets a photo, that nobody else learns it exists, and that pixels are all it holds."""

import io
from dataclasses import dataclass

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.cases.actions import Given, attach, take
from app.cases.events import THE_HOLDER, by
from app.cases.models import Attachment, Case
from app.core.photos import StoredPhoto, encode, store
from app.places.city import current_city
from tests.conftest import START, Block
from tests.desks import viewer
from tests.histories import person, step
from tests.holders import form_of, holder_of, told
from tests.pages import Client
from tests.reports import photo
from tests.unit.test_photos import MARK, exif, full_of_notes


def stored(app: Flask, colour: str = "teal") -> StoredPhoto:
    with app.app_context():
        return store(app.extensions["files"], encode(photo(colour=colour)))


@dataclass
class Kept:
    """A case with one photo."""

    case: Case
    key: str
    thumb_key: str


def kept(app: Flask, write: Block, case: Case) -> Kept:
    """A photo sent with the report itself."""
    file = stored(app)
    with write() as session:
        attach(session, session.get_one(Case, case.id), (file,), THE_HOLDER, "report", START)
    return Kept(case, file.key, file.thumb_key)


def later(app: Flask, write: Block, case: Case, name: str, who: str, private: bool = False) -> Kept:
    """A photo that came with a later step."""
    file = stored(app)
    with write() as session:
        actor = THE_HOLDER if who == "holder" else by(person(session, who))
        given = Given(words="Lihat fotonya, terima kasih.", photos=(file,), private=private)
        take(session, session.get_one(Case, case.id), name, actor, given, current_city(), START)
    return Kept(case, file.key, file.thumb_key)


def status(client: Client, key: str) -> int:
    return client.http.get(f"/foto/{key}").status_code


def seen_by(visitors: dict[str, Client], found: Kept) -> set[str]:
    """Who gets the photo; large and small are the same, and all others get one same answer."""
    answers = {}
    for name, visitor in visitors.items():
        full, thumb = status(visitor, found.key), status(visitor, found.thumb_key)
        assert full == thumb
        answers[name] = full
    assert set(answers.values()) <= {200, 404}
    return {name for name, code in answers.items() if code == 200}


@pytest.fixture
def visitors(
    app: Flask, write: Block, client: Client, budi: Client, rina: Client, dewi: Client,
    tono: Client, ayu: Client,
) -> dict[str, Client]:  # fmt: skip
    other = holder_of(app, told(write, "in_progress"))
    return {
        "nobody": client, "other": other, "budi": budi, "rina": rina, "dewi": dewi, "tono": tono,
        "ayu": ayu, "viewer": viewer(app, write),
    }  # fmt: skip


EVERYBODY = {"nobody", "other", "holder", "budi", "rina", "dewi", "tono", "ayu", "viewer"}
UNIT = {"budi", "rina", "tono", "holder"}


def with_holder(app: Flask, visitors: dict[str, Client], case: Case) -> dict[str, Client]:
    return {**visitors, "holder": holder_of(app, case)}


@pytest.mark.parametrize(
    ("state", "visibility", "readers"),
    [
        ("submitted", "publik", {"budi", "holder"}),
        ("needs_info", "publik", {"budi", "holder"}),
        ("assigned", "publik", EVERYBODY),
        ("assigned", "anonim", EVERYBODY),
        ("closed", "publik", EVERYBODY),
        ("assigned", "rahasia", UNIT),
        ("rejected", "publik", {"budi", "holder"}),
        ("withdrawn", "publik", {"budi", "holder"}),
    ],
)
def test_who_sees_a_photo_of_the_report(
    app: Flask, write: Block, visitors: dict[str, Client], state: str, visibility: str,
    readers: set[str],
) -> None:  # fmt: skip
    case = told(write, state, visibility=visibility)
    found = kept(app, write, case)
    assert seen_by(with_holder(app, visitors, case), found) == readers


def test_a_withheld_photo_is_for_those_who_work_on_it(
    app: Flask, write: Block, visitors: dict[str, Client]
) -> None:
    case = told(write, "in_progress")
    found = kept(app, write, case)
    with write() as session:
        session.scalars(select(Attachment)).one().hidden = True
    assert seen_by(with_holder(app, visitors, case), found) == UNIT | {"viewer"}


def test_a_later_photo_of_the_reporter_waits_for_the_staff(
    app: Flask, write: Block, visitors: dict[str, Client]
) -> None:
    case = told(write, "in_progress")
    found = later(app, write, case, "reply", "holder")
    people = with_holder(app, visitors, case)
    assert seen_by(people, found) == UNIT | {"viewer"}
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "note", START)
    assert seen_by(people, found) == UNIT | {"viewer"}
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "answer", START)
    assert seen_by(people, found) == EVERYBODY
    with write() as session:
        step(session, session.get_one(Case, case.id), "holder", "tighten", START)
    assert seen_by(people, found) == UNIT


def test_a_photo_of_the_staff_is_public_with_its_words(
    app: Flask, write: Block, visitors: dict[str, Client]
) -> None:
    case = told(write, "in_progress")
    assert seen_by(visitors, later(app, write, case, "update", "rina")) == EVERYBODY - {"holder"}


def test_a_photo_for_the_reporter_alone(
    app: Flask, write: Block, visitors: dict[str, Client]
) -> None:
    case = told(write, "in_progress")
    found = later(app, write, case, "update", "rina", private=True)
    assert seen_by(with_holder(app, visitors, case), found) == UNIT | {"viewer"}


def test_a_temporary_password_opens_no_photo(app: Flask, write: Block, budi: Client) -> None:
    found = kept(app, write, told(write))
    assert status(budi, found.key) == 200
    with write() as session:
        person(session, "budi").must_change_password = True
    assert status(budi, found.key) == 404


# ---------------------------------------------------------------- how it is answered


def test_only_what_is_public_may_be_kept(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    shown, waiting = kept(app, write, case), later(app, write, case, "reply", "holder")
    client = holder_of(app, case)
    answer = client.http.get(f"/foto/{shown.key}")
    assert answer.headers["Cache-Control"].startswith("public, max-age=86400")
    again = client.http.get(f"/foto/{shown.key}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    answer = client.http.get(f"/foto/{waiting.key}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "key", ["x", "0" * 32, "draft-" + "0" * 32, "..%2f..%2fsecret_key.txt", "a" * 5000, "%00"]
)
def test_what_is_no_photo(client: Client, key: str) -> None:
    client.get(f"/foto/{key}", status=404)


def test_a_photo_nobody_may_see_looks_like_none(app: Flask, write: Block, client: Client) -> None:
    found = kept(app, write, told(write))
    secret, none = client.get(f"/foto/{found.key}", status=404), client.get("/foto/x", status=404)
    strip = [page.html.replace(page.path, "") for page in (secret, none)]
    assert strip[0] == strip[1]
    assert dict(secret.headers) | {"Date": ""} == dict(none.headers) | {"Date": ""}


def test_a_row_whose_file_is_gone(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    found = kept(app, write, case)
    app.extensions["files"].delete(found.key)
    client = holder_of(app, case)
    client.get(f"/foto/{found.key}", status=404)
    assert client.get(f"/lacak/{case.number}").status == 200
    assert client.get(f"/lacak/{case.number}/data.json").status == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_place_no_camera_in_any_size(app: Flask, write: Block, kind: str) -> None:
    """claim photo_no_location"""
    case = told(write, "in_progress")
    client = holder_of(app, case)
    form = form_of(client, case, "balas")
    with_notes = full_of_notes(kind)
    assert MARK in with_notes
    assert MARK in exif()
    page = form.attach("photos", (f"foto.{kind.lower()}", with_notes)).submit()
    (link,) = page.select(".hist figure a")
    (small,) = page.select(".hist figure img")
    for address in (link["href"], small["src"]):
        data = client.http.get(str(address)).data
        assert MARK not in data
        picture = Image.open(io.BytesIO(data))
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
