"""How a case is shown, the same for every kind: its promise, its title, its history, its photos."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import url_for
from markupsafe import Markup, escape

from app.cases import publicity
from app.cases.kinds import kind_of
from app.cases.lifecycle import CLOCK, HOLDER, OPERATOR, PUBLIC, Action, Move, Need
from app.cases.models import Attachment, Case, Event, Message
from app.cases.publicity import Publicity
from app.cases.reasons import DISPUTES
from app.civic.promises import local_date
from app.civic.redaction import BULLET
from app.core.access import Permission
from app.core.i18n import _, date_plain, language
from app.core.photos import THUMB_SIDE
from app.core.promise_view import KEPT, ClockView, EventView, Fact, Picture, Promise, clock_of
from app.places.facts import City

UNIT_RIGHTS: Final = frozenset(
    {
        Permission.CASE_WORK,
        Permission.CASE_HAND_OVER,
        Permission.CASE_EXTEND,
        Permission.CASE_ISSUE,
    }
)
"""What only the unit that holds a case may do."""

COUNTED_FROM_START: Final = frozenset(
    {"in_progress", "closed", "in_review", "fee_sent", "fee_paid", "issued"}
)
"""States in which class time runs or has run."""

HIDDEN_NUMBER: Final = f"{BULLET * 4}-{BULLET * 4}"
"""Stands where the public would read a report's number that is not theirs to know."""


def title_of(case: Case, city: City) -> str:
    """The short title the public may read; of a rahasia case it tells nothing."""
    if case.visibility == "rahasia":
        return _("Laporan rahasia")
    return kind_of(case).title(case, city).in_(language())


def promise_of(case: Case, city: City, today: date, *, mine: bool = False) -> Promise:
    """The running (or kept, or missed) promise of a case, in local dates."""
    kind = kind_of(case)
    final, names = kind.lifecycle.states[case.state].final, kind.names
    return Promise(
        state=case.state,
        today=today,
        # What runs in a final state is the answer to an objection, not the promise it ended.
        due=case.solve_by if final else case.due_on or case.solve_by,
        start=_start(case, city),
        ended=_ended(case, city),
        mine=mine,
        unit=city.unit(case.unit_code).name.in_(language()) if case.unit_code else "",
        agency=city.agency(case.agency_code).name.in_(language()) if case.agency_code else "",
        target=target_of(case, mine=mine),
        holder=str(names.holder),
        you=str(names.you),
    )


def target_of(case: Case, *, mine: bool = False) -> str:
    """Number of the report a case was merged into, "" without one.

    Hidden once that one is rahasia: subject and place of this one would be those of the other.
    Whoever holds this one (``mine``) has read the number before.
    """
    target = case.merged_into
    if target is None:
        return ""
    return target.number if mine or target.visibility != "rahasia" else HIDDEN_NUMBER


def _start(case: Case, city: City) -> date:
    """Day 0 of the promise that runs: class time counts from the first assignment."""
    if case.state == "assigned":
        instant = case.unit_since
    elif case.state in COUNTED_FROM_START:
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
    waits_for = kind_of(case).lifecycle.states[case.state].waits_for
    return clock_of(
        promise,
        city.calendar,
        holder=_held_by(promise, waits_for, str(kind_of(case).names.city)),
        since=case.unit_since if waits_for == "city" and case.unit_since else case.state_since,
        age_days=(today - local_date(case.created_at, city.zone)).days,
        more=more,
    )


def _held_by(promise: Promise, waits_for: str, city: str) -> str:
    """Who has the case now, or had it last; nobody has one that was refused or withdrawn."""
    if waits_for:
        return promise.unit or city
    return promise.agency or (promise.unit if promise.state in KEPT else "")


# ---------------------------------------------------------------- history


@dataclass(frozen=True)
class _Reader:
    """Whoever reads a history: what they may see of it, and what they are called in it."""

    case: Case
    city: City
    audience: str  # public, holder or staff
    publicity: Publicity
    people: Mapping[int, str]
    you: bool  # whether the reporter is spoken to

    def may_know(self, event: Event, row: Move | Action) -> bool:
        """Whether the history names this event at all."""
        if self.audience == "public":
            return event.public
        return self.audience == "staff" or Need.NOTE not in row.needs

    def may_read(self, message: Message | None) -> bool:
        """Whether the words of an event stand in it."""
        if message is None or self.audience == "staff":
            return message is not None
        if self.audience == "public":
            return self.publicity.shows(message)
        return message.audience in {"public", "holder"} or message.author == "holder"

    def masks(self, message: Message) -> bool:
        """Whether personal data in the words stay masked."""
        return self.audience == "public" or (self.audience == "staff" and staff_reads_copy(message))


def staff_reads_copy(message: Message) -> bool:
    """Whether even the staff reads the public copy: what an anonim reporter's words give away."""
    return message.case.visibility == "anonim" and message.author == "holder"


def history(
    events: Sequence[Event],
    case: Case,
    city: City,
    *,
    audience: str,
    people: Mapping[int, str] | None = None,
    you: bool = False,
) -> list[EventView]:
    """The events (oldest first) as one reader sees them, newest first.

    ``audience``: public, holder or staff. ``people`` are names of members of staff by row id, for
    readers who may know them. ``you``: the reporter is spoken to, not about.
    """
    seen = publicity.by_events(case, events)
    reader = _Reader(case, city, audience, seen, people or {}, you)
    shown, unit = [], ""
    for event in events:
        unit = event.facts.get("unit", unit)
        if view := _event_view(event, reader, unit):
            shown.append(view)
    return shown[::-1]


def _event_view(event: Event, reader: _Reader, unit: str) -> EventView | None:
    row = kind_of(reader.case).lifecycle.row(event.name)
    if row is None or not row.done or not reader.may_know(event, row):
        return None
    message = event.message if reader.may_read(event.message) else None
    return EventView(
        icon=row.icon,
        title=_(row.done) % _names(event.facts, reader),
        at=event.at,
        by=reader.people.get(event.staff_id or 0) or _by(event, row, reader, unit),
        text=_text(event, message, reader),
        pictures=_pictures(message, reader),
        late=row.icon == "up",
    )


def _pictures(message: Message | None, reader: _Reader) -> list[Picture]:
    if message is None:
        return []
    return [
        picture(photo, "holder" if reader.you else "public")
        for photo in reader.case.attachments
        if photo.message_id == message.id and (not photo.hidden or reader.audience != "public")
    ]


def _names(facts: dict[str, Any], reader: _Reader) -> dict[str, str]:
    """What the words of a history name, in the reader's language."""
    spoken, city = language(), reader.city
    new_date = facts.get("new_date")
    return {
        "unit": city.unit(facts["unit"]).name.in_(spoken) if facts.get("unit") else "",
        "agency": city.agency(facts["agency"]).name.in_(spoken) if facts.get("agency") else "",
        "category": city.category(facts["category"]).name.in_(spoken)
        if facts.get("category")
        else "",
        "target": _target(facts.get("target", ""), reader),
        "new_date": date_plain(date.fromisoformat(new_date)) if new_date else "",
    }


def _target(number: str, reader: _Reader) -> str:
    """The number of a report this one was merged into, to the public only while both may show."""
    open_to_all = not number or number == target_of(reader.case)
    return number if reader.audience != "public" or open_to_all else HIDDEN_NUMBER


def _by(event: Event, row: Move | Action, reader: _Reader, unit: str) -> str:
    """Who did it; of the staff the unit that held the case then, never the person."""
    filed = kind_of(reader.case).lifecycle.filed.name
    if reader.you and (event.actor == HOLDER or event.name == filed):
        return _("Anda")
    if event.actor == "staff" and row.who == Permission.CASE_VERIFY:
        return _("verifikator")
    if event.actor == "staff" and unit and row.who in UNIT_RIGHTS:
        held_on = local_date(event.at, reader.city.zone)
        return reader.city.unit(unit).short_on(held_on).in_(language())
    return {
        CLOCK: _("otomatis"),
        HOLDER: str(kind_of(reader.case).names.holder).lower(),
        PUBLIC: _("warga"),
        OPERATOR: _("pengelola situs"),
        "staff": _("petugas"),
    }.get(event.actor, "")


def _text(event: Event, message: Message | None, reader: _Reader) -> str:
    """The words of an event, after the reason chosen from a list if there is one."""
    if message is None:
        return ""
    words = message.public_body if reader.masks(message) else message.body
    return "\n\n".join(filter(None, (_listed(event.facts.get("code", ""), reader.city), words)))


def _listed(code: str, city: City) -> str:
    if not code:
        return ""
    return _(DISPUTES[code]) if code in DISPUTES else city.reject_reason(code).label.in_(language())


_MASKED: Final = re.compile(f"{BULLET}+")
_MASK: Final = Markup('<mark><span aria-hidden="true">{}</span><span class="sr">{}</span></mark>')


def marked(text: str) -> Markup:
    """A public copy with its masks marked; a screen reader hears what they stand for."""
    pieces, at = [], 0
    for mask in _MASKED.finditer(text):
        pieces += [
            escape(text[at : mask.start()]),
            _MASK.format(mask[0], _("data pribadi ditutup")),
        ]
        at = mask.end()
    return Markup("").join([*pieces, escape(text[at:])])


# ---------------------------------------------------------------- photos


def photo_url(key: str) -> str:
    """Address of a stored photo. Who may open it is decided when it is asked for."""
    return url_for("cases.photo", key=key)


def picture(attachment: Attachment, audience: str) -> Picture:
    """A photo as the page shows it: small, and leading to the large one."""
    own = _("Foto Anda") if audience == "holder" else _("Foto pelapor")
    caption = {
        "report": own,
        "reply": own,
        "after": _("Foto sesudah"),
    }.get(attachment.role, _("Foto petugas"))
    scale = min(1.0, THUMB_SIDE / max(attachment.width, attachment.height))
    return Picture(
        url=photo_url(attachment.thumb_key),
        alt=caption,
        caption=caption,
        width=max(1, round(attachment.width * scale)),
        height=max(1, round(attachment.height * scale)),
        full=photo_url(attachment.key),
    )
