"""The parts of the reporter's own page that are made from a case and its history."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from app.cases import holder_queries, publicity
from app.cases.holder_words import Here, by_slug
from app.cases.kinds import Written, kind_of
from app.cases.lifecycle import Action, Move, Need
from app.cases.links import PATHS
from app.cases.models import Attachment
from app.cases.showing import history, picture
from app.civic.identity import mask_email, mask_name, mask_phone
from app.core.i18n import _, language
from app.core.looks import page_url
from app.core.promise_view import EventView, Picture
from app.core.vault import Vault

Row = Move | Action

INLINE: Final = ("complete", "add", "reply", "show_dispute", "rate")
"""Steps whose form stands on the page itself, the first open one of them."""
VERDICT: Final = ("confirm", "dispute")
"""Steps that stand together as one question, where both are open."""
ABOUT_DATA: Final = ("tighten", "erase")
"""Steps that stand with the personal data."""


# ---------------------------------------------------------------- what can be done


@dataclass(frozen=True)
class Arranged:
    """The open steps, each where it stands on the page; ``others`` are buttons."""

    confirm: Row | None
    inline: Row | None
    others: list[Row]
    about_data: list[Row]


def arranged(rows: Sequence[Row]) -> Arranged:
    """Put every open step in its one place."""
    named = {row.name: row for row in rows}
    asks = all(name in named for name in VERDICT)
    inline = next((named[name] for name in INLINE if name in named), None)
    placed = {*ABOUT_DATA, *(VERDICT if asks else ()), inline.name if inline else ""}
    return Arranged(
        named["confirm"] if asks else None,
        inline,
        [row for row in rows if row.name not in placed],
        [row for row in rows if row.name in ABOUT_DATA],
    )


@dataclass(frozen=True)
class StepLink:
    """A step as a button that leads to its page. The name of a macro's tone is ``tone``."""

    label: str
    icon: str
    url: str
    tone: str


def step_links(rows: Iterable[Row], here: Here) -> list[StepLink]:
    """Buttons for these steps, those to think twice about last."""
    found = [
        StepLink(label_of(row, here), row.icon, step_url(row, here), _tone(row)) for row in rows
    ]
    return sorted((link for link in found if link.url), key=lambda link: link.tone == "stop")


def label_of(row: Row, here: Here) -> str:
    """The words on the button of a step."""
    return here.fill(_(row.label))


def _tone(row: Row) -> str:
    return "stop" if getattr(row, "stop", False) or Need.NUMBER in row.needs else "line"


def step_url(row: Row, here: Here) -> str:
    """Where a step is taken; empty for a page that is not there."""
    number, steps = here.case.number, kind_of(here.case).steps
    if row.name in steps:
        return url_for("cases.step", number=number, slug=steps[row.name].slug)
    if row.name == "see_target":
        return PATHS["report"].format(number=here.value("target"))
    if row.name == "new_report":
        return page_url("/keluhan/baru") or ""
    return url_for(f"cases.{row.name}", number=number)


def done_words(here: Here, slug: str) -> str:
    """What to say after a step, while nothing else has happened since."""
    name = by_slug(here.case).get(slug)
    if name is None or here.events[-1].name != name:
        return ""
    return here.fill(kind_of(here.case).steps[name].done)


# ---------------------------------------------------------------- history


def my_history(here: Here, *, you: bool = True) -> list[EventView]:
    """The whole history as the reporter reads it, newest first; ``you`` False where others will."""
    return history(here.events, here.case, here.city, audience="holder", you=you)


def changes_since(here: Here, seen: int) -> list[EventView]:
    """What happened after the newest event somebody has seen, newest first."""
    unseen = [event for event in here.events if event.id > seen]
    count = len(history(unseen, here.case, here.city, audience="holder"))
    return my_history(here)[:count]


def question_of(here: Here) -> str:
    """What the verifier asked last."""
    event = here.newest("ask")
    return event.message.body if event and event.message else ""


@dataclass(frozen=True)
class Outcome:
    """What a unit says is done: its words, the photo before and the newest one after."""

    words: str
    before: Picture | None
    after: Picture | None


def outcome_of(here: Here) -> Outcome:
    """The unit's last answer that ended its work."""
    event = here.newest("answer", "answer_dispute")
    photos = here.case.attachments
    before = next((photo for photo in photos if photo.role == "report"), None)
    after = next((photo for photo in reversed(photos) if photo.role == "after"), None)
    words = event.message.body if event and event.message else ""
    return Outcome(words, _picture(before), _picture(after))


def _picture(photo: Attachment | None) -> Picture | None:
    return picture(photo, "holder") if photo else None


def may_be_unhappy(here: Here) -> bool:
    """Whether it is time to name the Ombudsman: something is late, disputed, or was decided."""
    return here.is_late or here.case.state in {
        "disputed",
        "closed",
        "rejected",
        "referred",
    }


# ---------------------------------------------------------------- what was written, who reads it


@dataclass(frozen=True)
class PublicVersion:
    """What the public can read of the report now; ``note`` says what it sees instead."""

    text: str
    place: str
    pictures: list[Picture]
    note: str


def public_version(here: Here, written: Written) -> PublicVersion:
    """The copy everybody may read, or why there is none."""
    case = here.case
    shown = publicity.by_events(case, here.events)
    if shown.readable:
        pictures = [picture(photo, "public") for photo in own_photos(here) if not photo.hidden]
        return PublicVersion(written.public_text, written.public_place, pictures, "")
    return PublicVersion("", "", [], _public_note(here))


def _public_note(here: Here) -> str:
    if here.case.visibility == "rahasia":
        return _("Halaman publik hanya menampilkan nomor, kecamatan, bulan, dan status.")
    if here.case.state == "withdrawn":
        return _("Halaman publik menulis “Dicabut pelapor”, tanpa isi.")
    if here.case.state == "rejected":
        return _("Tidak dapat diproses. Isi tidak ditampilkan.")
    return _(
        "Sebelum diperiksa, halaman publik hanya menampilkan urusan, kelurahan, tanggal, dan"
        " status."
    )


def own_photos(here: Here) -> list[Attachment]:
    """The photos sent with the report itself."""
    return [photo for photo in here.case.attachments if photo.role == "report"]


@dataclass(frozen=True)
class Reachable:
    """How the reporter can be reached, masked: somebody else may hold the phone now."""

    name: str
    phone: str
    email: str


def reachable(here: Here, vault: Vault) -> Reachable | None:
    """What the reporter left, masked; None for nothing."""
    contact = here.case.contact
    if contact is None:
        return None
    return Reachable(
        mask_name(vault.decrypt(contact.name)) if contact.name else "",
        mask_phone(vault.decrypt(contact.phone)) if contact.phone else "",
        mask_email(vault.decrypt(contact.email)) if contact.email else "",
    )


@dataclass(frozen=True)
class Look:
    """Somebody opened the reporter's personal data."""

    at: datetime
    who: str


def looks(session: Session, here: Here) -> list[Look]:
    """Who opened the personal data and when, newest first: the unit, never the person."""
    opened = [event for event in here.events if event.name == "reveal"]
    if not opened:
        return []
    units = holder_queries.units_of(session, (event.staff_id or 0 for event in opened))
    return [Look(event.at, _who(here, units.get(event.staff_id or 0))) for event in opened[::-1]]


def _who(here: Here, unit_code: str | None) -> str:
    if unit_code is None:
        return _("Verifikator kota")
    return here.city.unit(unit_code).short.in_(language())


# ---------------------------------------------------------------- everything, to take along


def everything(
    session: Session, here: Here, vault: Vault, photo_of: Callable[[Attachment], Any]
) -> dict[str, Any]:
    """All data of a case that are the reporter's own, for a file of theirs.

    ``photo_of`` says what stands in it of a stored photo.
    """
    case, city = here.case, here.city
    written = kind_of(case).written(session, case)
    contact = case.contact
    decrypted = {
        name: vault.decrypt(value)
        for name in ("name", "phone", "email")
        if (value := getattr(contact, name, None))
    }
    return {
        "report": {
            "number": case.number,
            "state": case.state,
            "visibility": case.visibility,
            "language": case.language,
            "received": case.created_at.isoformat(),
            "closed": case.closed_at.isoformat() if case.closed_at else None,
            "category": city.category(case.category).name.in_(language()),
            "kecamatan": city.district(case.district).name,
            "kelurahan": city.village(case.village_code).name if case.village_code else None,
            "latitude": case.latitude,
            "longitude": case.longitude,
            "rating": case.rating,
            "erasure_asked": case.erase_asked_at.isoformat() if case.erase_asked_at else None,
        },
        "written": {
            "text": written.text,
            "place": written.place,
            **written.more,
            "public_text": written.public_text,
            "public_place": written.public_place,
        },
        "contact": {**decrypted, "show_name": bool(contact and contact.show_name)},
        "photos": [photo_of(photo) for photo in case.attachments],
        "history": [_line(view) for view in my_history(here)[::-1]],
        "opened_by": [
            {"at": look.at.isoformat(), "who": look.who} for look in looks(session, here)[::-1]
        ],
    }


def _line(view: EventView) -> dict[str, Any]:
    line = {"at": view.at.isoformat(), "what": view.title, "by": view.by, "words": view.text}
    return line | {"photos": len(view.pictures)}
