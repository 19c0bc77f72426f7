"""Complaints with a past, made by the same actions the pages call."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.actions import Given, take
from app.cases.events import THE_CLOCK, THE_HOLDER, Actor, by
from app.cases.models import Case
from app.civic.codes import new_form_key
from app.complaints.actions import Draft, file
from app.places.city import current_city
from app.staff.models import Staff

DRAFT = Draft(
    text="Lubang besar di depan pangkalan becak, sudah dua minggu dan makin dalam.",
    klass="pengaduan",
    category_slug="road_damage",
    visibility="publik",
    district_code="12.71.11",
    village_code="12.71.11.1005",
    landmark="Gang Melati, depan pangkalan becak",
)

# how to get from filing to a state: (who, move, what is given); "contested" is a merged one about
# which its reporter waits for an answer, "threatened" one taken back from its unit
WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (),
    "needs_info": (("budi", "ask"),),
    "assigned": (("budi", "assign"),),
    "in_progress": (("budi", "assign"), ("rina", "start")),
    "answered": (("budi", "assign"), ("rina", "start"), ("rina", "answer")),
    "disputed": (
        ("budi", "assign"),
        ("rina", "start"),
        ("rina", "answer"),
        ("holder", "dispute"),
    ),
    "closed": (("budi", "assign"), ("rina", "start"), ("rina", "answer"), ("holder", "confirm")),
    "rejected": (("budi", "reject"),),
    "referred": (("budi", "refer"),),
    "merged": (("budi", "merge"),),
    "contested": (("budi", "merge"), ("holder", "contest_merge")),
    "withdrawn": (("holder", "withdraw"),),
    "threatened": (("budi", "assign"), ("holder", "threatened")),
}


def person(session: Session, username: str) -> Staff:
    """A member of the cast."""
    return session.scalars(select(Staff).where(Staff.username == username)).one()


def actor(session: Session, who: str) -> Actor:
    """An actor by name: a member of the cast, "holder" or "clock"."""
    fixed = {"holder": THE_HOLDER, "clock": THE_CLOCK}
    return fixed.get(who) or by(person(session, who))


def filed(session: Session, now: datetime, **changes: Any) -> Case:
    """A complaint just filed; its form key is kept on it as ``form_key`` for tests."""
    key = new_form_key()
    case = file(
        session,
        current_app.extensions["vault"],
        current_city(),
        replace(DRAFT, **changes),
        key,
        (),
        now,
    )
    case.form_key = key  # type: ignore[attr-defined]
    return case


def code_of(case: Case) -> str:
    """The tracking code of a complaint made by ``filed``."""
    code: str = current_app.extensions["vault"].tracking_code(case.form_key)  # type: ignore[attr-defined]
    return code


def given_for(session: Session, name: str, now: datetime) -> Given:
    """Something fitting to give with any move or action."""
    unit = "sdabmbk"
    return {
        "assign": Given(unit_code=unit),
        "reassign": Given(unit_code="dishub"),
        "refer": Given(agency_code=current_city().agencies[0].code),
        "reject": Given(code="tidak_jelas", words="Tempatnya belum bisa kami temukan."),
        "merge": Given(target=filed(session, now)) if name == "merge" else Given(),
        "dispute": Given(code="not_done", words="Belum dikerjakan sama sekali."),
        "tighten": Given(visibility="rahasia"),
        "close_in": Given(visibility="rahasia"),
        "rate": Given(rating=4),
        "hand_over": Given(officer=person(session, "rina")) if name == "hand_over" else Given(),
        "extend": Given(day=(now + timedelta(days=60)).date(), words="Menunggu aspal."),
        "refile": Given(category_slug="drainage"),
        "mask": Given(words="becak"),
    }.get(name, Given(words="Sudah kami periksa dan kami kerjakan hari ini."))


def step(session: Session, case: Case, who: str, name: str, now: datetime) -> None:
    """Make a move or do an action with something fitting."""
    given = given_for(session, name, now)
    take(session, case, name, actor(session, who), given, current_city(), now)


def brought_to(session: Session, state: str, now: datetime, **changes: Any) -> Case:
    """A complaint in this state, each step an hour after the one before."""
    case = filed(session, now, **changes)
    for hours, (who, name) in enumerate(WAYS[state], start=1):
        step(session, case, who, name, now + timedelta(hours=hours))
    return case
