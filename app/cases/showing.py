"""How a case is shown, the same for every kind: its promise, its title, its history, its photos."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for

from app.cases.kinds import kind_of
from app.cases.models import Attachment, Case, Event, Message
from app.civic.promises import local_date
from app.core.i18n import _, language
from app.core.promise_view import ClockView, EventView, Fact, Picture, Promise, clock_of
from app.places.facts import City


def title_of(case: Case, city: City) -> str:
    """The short title the public may read; of a rahasia case it tells nothing."""
    if case.visibility == "rahasia":
        return _("Laporan rahasia")
    return kind_of(case).title(case, city).in_(language())


def promise_of(case: Case, city: City, today: date, *, mine: bool = False) -> Promise:
    """The running (or kept, or missed) promise of a case, in local dates."""
    return Promise(
        state=case.state,
        today=today,
        due=case.due_on or case.solve_by,
        start=_start(case, city),
        ended=_ended(case, city),
        mine=mine,
        unit=city.unit(case.unit_code).name.in_(language()) if case.unit_code else "",
        agency=city.agency(case.agency_code).name.in_(language()) if case.agency_code else "",
        target=case.merged_into.number if case.merged_into else "",
    )


def _start(case: Case, city: City) -> date:
    """Day 0 of the promise that runs: class time counts from the first assignment."""
    if case.state == "assigned":
        instant = case.unit_since
    elif case.state in {"in_progress", "closed"}:
        instant = case.assigned_at
    else:
        instant = case.state_since
    return local_date(instant or case.created_at, city.zone)


def _ended(case: Case, city: City) -> date | None:
    if case.closed_at is None:
        return None
    instant = case.done_at if case.state == "closed" and case.done_at else case.closed_at
    return local_date(instant, city.zone)


def clock_view(
    case: Case, city: City, now: datetime, *, mine: bool = False, more: Sequence[Fact] = ()
) -> ClockView:
    """The promise clock of a case."""
    today = local_date(now, city.zone)
    promise = promise_of(case, city, today, mine=mine)
    return clock_of(
        promise,
        city.calendar,
        holder=promise.unit or _("Verifikator kota"),
        since=case.unit_since or case.created_at,
        age_days=(today - local_date(case.created_at, city.zone)).days,
        more=more,
    )


# ---------------------------------------------------------------- history


def history(
    events: Iterable[Event],
    case: Case,
    city: City,
    *,
    audience: str,
    people: Mapping[int, str] | None = None,
) -> list[EventView]:
    """The events as one reader sees them, newest first. ``audience``: public, holder or staff.

    ``people`` are names of members of staff by row id, for readers who may know them.
    """
    shown = [_event_view(event, case, city, audience, people or {}) for event in events]
    return [view for view in reversed(shown) if view is not None]


def _event_view(
    event: Event, case: Case, city: City, audience: str, people: Mapping[int, str]
) -> EventView | None:
    row = kind_of(case).lifecycle.row(event.name)
    if row is None or not row.done:
        return None
    message = event.message if _may_read(event.message, audience) else None
    return EventView(
        icon=row.icon,
        title=_(row.done) % _names(event.facts, city),
        at=event.at,
        by=people.get(event.staff_id or 0) or _by(event),
        text=_text(message, audience),
        pictures=[
            picture(a, audience)
            for a in case.attachments
            if message and a.message_id == message.id and (not a.hidden or audience != "public")
        ],
        late=row.icon == "up",
    )


def _names(facts: dict[str, Any], city: City) -> dict[str, str]:
    """What the words of a history name, in the reader's language."""
    from app.core.i18n import date_plain

    spoken = language()
    new_date = facts.get("new_date")
    return {
        "unit": city.unit(facts["unit"]).name.in_(spoken) if facts.get("unit") else "",
        "agency": city.agency(facts["agency"]).name.in_(spoken) if facts.get("agency") else "",
        "category": city.category(facts["category"]).name.in_(spoken)
        if facts.get("category")
        else "",
        "target": facts.get("target", ""),
        "new_date": date_plain(date.fromisoformat(new_date)) if new_date else "",
    }


def _by(event: Event) -> str:
    if event.actor == "clock":
        return _("otomatis")
    return {"holder": _("pelapor"), "public": _("warga"), "staff": _("petugas")}.get(
        event.actor, ""
    )


def _may_read(message: Message | None, audience: str) -> bool:
    if message is None or audience == "staff":
        return message is not None
    return message.audience == "public" or (audience, message.audience) == ("holder", "holder")


def _text(message: Message | None, audience: str) -> str:
    if message is None:
        return ""
    return message.public_body if audience == "public" else message.body


# ---------------------------------------------------------------- photos


def photo_url(key: str) -> str:
    """Address of a stored photo. Who may open it is decided when it is asked for."""
    return url_for("cases.photo", key=key)


def picture(attachment: Attachment, audience: str) -> Picture:
    """A photo as the page shows it."""
    caption = {
        "report": _("Foto pelapor"),
        "reply": _("Foto pelapor"),
        "after": _("Foto sesudah"),
    }.get(attachment.role, _("Foto petugas"))
    return Picture(
        url=photo_url(attachment.key),
        alt=caption,
        caption=caption,
        width=attachment.width,
        height=attachment.height,
    )
