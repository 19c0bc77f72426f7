"""What everybody may read of a case: nothing unchecked, and nothing once it is closed to them."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.cases.actions import Given, attach, take
from app.cases.erasure import erase
from app.cases.events import THE_HOLDER
from app.cases.models import Case
from app.cases.publicity import of
from app.cases.queries import events_of
from app.cases.showing import history
from app.core.photos import StoredPhoto
from app.places.city import current_city
from tests.conftest import START
from tests.histories import brought_to, filed, person, step

MARKER = "Kata-kata-tambahan-Siti"
PHOTO = StoredPhoto("a" * 32, "b" * 32, 800, 600, 1000, "d" * 64)


def later(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def adds(session: Session, case: Case, name: str, hours: int = 8, photos: bool = False) -> None:
    given = Given(words=MARKER, photos=(PHOTO,) if photos else ())
    take(session, case, name, THE_HOLDER, given, current_city(), later(hours))


def seen(app: Flask, session: Session, case: Case, audience: str = "public") -> str:
    """Words and photos of the history as one reader gets it."""
    events = events_of(session, case, public_only=audience == "public")
    with app.test_request_context():
        views = history(events, case, current_city(), audience=audience)
    return " ".join(f"{view.title} {view.text} {view.pictures}" for view in views)


def test_later_words_wait_for_a_public_step_of_the_staff(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    adds(session, case, "reply")
    assert MARKER not in seen(app, session, case)
    assert MARKER in seen(app, session, case, "holder")
    assert MARKER in seen(app, session, case, "staff")
    step(session, case, "rina", "note", later(9))
    assert MARKER not in seen(app, session, case)
    step(session, case, "rina", "update", later(10))
    assert MARKER in seen(app, session, case)


def test_later_photos_wait_as_their_words_do(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    take(
        session, case, "reply", THE_HOLDER, Given(photos=(PHOTO,)), current_city(), later(8)
    )  # fmt: skip
    assert PHOTO.key not in seen(app, session, case)
    assert PHOTO.key in seen(app, session, case, "holder")
    step(session, case, "rina", "answer", later(9))
    assert PHOTO.key in seen(app, session, case)
    case.attachments[-1].hidden = True
    assert PHOTO.key not in seen(app, session, case)


def test_time_alone_publishes_nothing(app: Flask, session: Session) -> None:
    case = brought_to(session, "answered", START)
    adds(session, case, "show_now")
    step(session, case, "clock", "auto_close", later(500))
    assert MARKER not in seen(app, session, case)


@pytest.mark.parametrize("visibility", ["publik", "anonim", "rahasia"])
def test_words_on_an_unchecked_report_stay_closed(
    app: Flask, session: Session, visibility: str
) -> None:
    case = filed(session, START, visibility=visibility)
    adds(session, case, "add", photos=True)
    step(session, case, "budi", "ask", later(9))  # public, but nothing is passed on by it
    shown = seen(app, session, case)
    assert MARKER not in shown
    assert PHOTO.key not in shown


def test_a_rahasia_report_never_shows_words(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START, visibility="rahasia")
    adds(session, case, "reply")
    step(session, case, "rina", "answer", later(9))
    assert MARKER not in seen(app, session, case)
    assert "Sudah kami periksa" not in seen(app, session, case)
    assert "Sudah kami periksa" in seen(app, session, case, "holder")


def test_a_withdrawn_report_shows_no_words_any_more(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    adds(session, case, "reply")
    step(session, case, "rina", "update", later(9))
    assert MARKER in seen(app, session, case)
    step(session, case, "holder", "withdraw", later(10))
    assert MARKER not in seen(app, session, case)


def test_a_private_answer_is_the_reporter_s_alone(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    rina = person(session, "rina")
    from app.cases.events import by

    given = Given(words=MARKER, photos=(PHOTO,), private=True)
    take(session, case, "update", by(rina), given, current_city(), later(8))
    assert MARKER not in seen(app, session, case)
    assert PHOTO.key not in seen(app, session, case)
    assert MARKER in seen(app, session, case, "holder")


def test_the_reporter_reads_no_inner_notes(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    step(session, case, "rina", "note", later(8))
    assert "Catatan dalam" not in seen(app, session, case, "holder")
    assert "Catatan dalam" in seen(app, session, case, "staff")


def test_a_history_names_the_unit_that_held_the_case_then(app: Flask, session: Session) -> None:
    case = brought_to(session, "assigned", START)
    step(session, case, "budi", "reassign", later(5))
    step(session, case, "dewi", "start", later(6))
    with app.test_request_context():
        events = events_of(session, case, public_only=False)
        views = history(events, case, current_city(), audience="holder", you=True)
    unit = current_city().unit("dishub").short.id
    assert [view.by for view in views] == [unit, "verifikator", "verifikator", "Anda"]


def test_erasing_leaves_only_what_the_public_could_read(app: Flask, session: Session) -> None:
    case = brought_to(session, "in_progress", START)
    adds(session, case, "reply")
    step(session, case, "rina", "answer", later(9))
    take(
        session, case, "show_now", THE_HOLDER, Given(words="Foto-terakhir"), current_city(),
        later(10),
    )  # fmt: skip
    step(session, case, "holder", "confirm", later(11))
    erase(session, case, current_city(), app.extensions["files"], later(12))
    bodies = [message.body for message in case.messages]
    assert MARKER in bodies
    assert "Foto-terakhir" not in bodies


def test_photos_of_the_report_follow_the_report(session: Session) -> None:
    case = filed(session, START)
    (photo,) = attach(session, case, (PHOTO,), THE_HOLDER, "report", START)
    assert not of(session, case).shows_photo(photo, None)
    step(session, case, "budi", "assign", later(1))
    assert of(session, case).shows_photo(photo, None)
    photo.hidden = True
    assert not of(session, case).shows_photo(photo, None)
