"""Every write on a case: opening one, its moves, its actions. Callers commit; these only flush."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.cases import deadlines
from app.cases.events import Actor, Words, bound, changes, record
from app.cases.guards import GUARDS, Situation
from app.cases.kinds import Kind, kind_of
from app.cases.lifecycle import (
    CLOCK,
    HOLDER,
    OPERATOR,
    PUBLIC,
    Action,
    Clock,
    Move,
    Need,
    NotAllowed,
)
from app.cases.mail_actions import forget_followers
from app.cases.models import Attachment, Case, Event, Message, Series, Tally
from app.cases.telling import FOLLOWED, NEWS, tell
from app.civic import codes
from app.civic.promises import is_late, local_date
from app.civic.redaction import redact
from app.core.access import Permission, may
from app.core.database import count_up
from app.core.photos import StoredPhoto
from app.places.facts import VISIBILITIES, City
from app.staff.models import Staff


class SomebodyWasFaster(Exception):
    """The case changed since the page was made: another version stands now."""


class NotAssignable(ValueError):
    """The unit may not hold this case, because it is the one complained about or does not exist."""


class NotTighter(ValueError):
    """The visibility asked for is not tighter than the one that stands."""


class NotTarget(ValueError):
    """A case cannot be merged into itself, into another kind, or into one that is not open.

    Nor an open one into a rahasia one: it would tell subject, place and unit of the other.
    """


@dataclass(frozen=True)
class Given:
    """What came with a move or an action; which of these are needed stands in its row."""

    words: str = ""
    code: str = ""  # of a rejection or a dispute
    unit_code: str = ""
    agency_code: str = ""
    target: Case | None = None
    officer: Staff | None = None
    day: date | None = None
    rating: int | None = None
    amount: int | None = None  # rupiah
    visibility: str = ""
    category_slug: str = ""
    attachment_id: int | None = None
    private: bool = False  # a public answer for the reporter's eyes alone
    facts: Mapping[str, Any] = field(default_factory=dict)  # more for the event; nothing personal
    photos: tuple[StoredPhoto, ...] = ()


@dataclass(frozen=True)
class Step:
    """One move or action about to happen."""

    session: Session
    city: City
    kind: Kind
    row: Move | Action
    case: Case
    actor: Actor
    given: Given
    now: datetime

    @property
    def today(self) -> date:
        """The city's local date."""
        return local_date(self.now, self.city.zone)


# ---------------------------------------------------------------- who may


def allowed(row: Move | Action, case: Case, actor: Actor, city: City, today: date) -> bool:
    """Whether a row is open to an actor on a case now: right, scope and guard."""
    if not _has_right(row.who, actor, case):
        return False
    if not row.guard:
        return True
    guard = kind_of(case).guards.get(row.guard) or GUARDS[row.guard]
    return guard(Situation(case, actor, city, today))


def _has_right(who: str, actor: Actor, case: Case) -> bool:
    if who in {HOLDER, CLOCK, PUBLIC, OPERATOR}:
        return actor.kind == who
    return actor.staff is not None and may(actor.staff, Permission(who), case)


def open_steps(case: Case, actor: Actor, city: City, today: date) -> list[Move | Action]:
    """The moves and actions open to an actor, in the order of the table."""
    lifecycle = kind_of(case).lifecycle
    rows = lifecycle.steps_in(case.state)
    return [row for row in rows if allowed(row, case, actor, city, today)]


# ---------------------------------------------------------------- opening


def next_number(session: Session, day: date) -> str:
    """The next number of this month: ``2611-0902``. They grow; gaps are allowed."""
    prefix = codes.period(day)
    return codes.number(prefix, count_up(session, Series.__table__, {"name": prefix}))


def open_case(
    session: Session,
    case: Case,
    city: City,
    now: datetime,
    *,
    photos: tuple[StoredPhoto, ...] = (),
    facts: dict[str, Any] | None = None,
) -> Event:
    """Start the life of a new case: number, first state and promise, first event, receipt."""
    kind = kind_of(case)
    lifecycle, today = kind.lifecycle, local_date(now, city.zone)
    case.number = next_number(session, today)
    case.state, case.state_since = lifecycle.first, now
    case.created_at = case.updated_at = now
    deadlines.start(lifecycle.states[case.state].clock, case, city, today)
    session.add(case)
    session.flush()
    facts = (facts or {}) | changes({}, case)
    event = record(
        session,
        case,
        lifecycle.filed.name,
        Actor(PUBLIC),
        now,
        facts=facts,
        public=lifecycle.filed.public,
    )
    attach(session, case, photos, Actor(HOLDER), "report", now)
    return event


# ---------------------------------------------------------------- moves and actions


def take(
    session: Session,
    case: Case,
    name: str,
    actor: Actor,
    given: Given,
    city: City,
    now: datetime,
    *,
    version: int | None = None,
) -> Event:
    """Make the move or do the action of this name.

    Raises NotAllowed when the row does not exist in this state or is not open to the actor,
    SomebodyWasFaster when ``version`` no longer stands, NotAssignable, NotTighter or NotTarget
    for what was given.
    """
    if version is not None and version != case.version:
        raise SomebodyWasFaster
    kind = kind_of(case)
    row = kind.lifecycle.step(name, case.state)
    step = Step(session, city, kind, row, case, actor, given, now)
    if not allowed(row, case, actor, city, step.today) or getattr(row, "link", False):
        raise NotAllowed(name)
    return _carry_out(step)


def _carry_out(step: Step) -> Event:
    case, facts, old_due, before = step.case, _facts(step), step.case.due_on, bound(step.case)
    for need in step.row.needs:
        if effect := _EFFECTS.get(need):
            effect(step)
    if isinstance(step.row, Move):
        _move(step, step.row)
    for effects in (_OWN_EFFECTS, step.kind.effects):
        if own := effects.get(step.row.name):
            own(step)
    if case.threatened_at is not None and case.due_on is None:
        case.due_on = step.today  # whoever feels threatened is waited for in every state
    case.updated_at = step.now
    facts |= changes(before, case)
    try:
        event = record(
            step.session, case, step.row.name, step.actor, step.now,
            facts=facts, public=step.row.public, words=_words(step),
        )  # fmt: skip
    except StaleDataError as error:
        raise SomebodyWasFaster from error
    attach(
        step.session, case, step.given.photos, step.actor, _photo_role(step.row), step.now, event,
        hidden=step.given.private,
    )  # fmt: skip
    mails, extra = _mails(step.row), _told(step, event, old_due)
    tell(step.session, mails, case, step.city, step.now, extra=extra)
    return event


def _facts(step: Step) -> dict[str, Any]:
    """The hashed facts of an event: where from, where to, what was chosen. No personal data."""
    row, given = step.row, step.given
    facts: dict[str, Any] = {}
    if isinstance(row, Move):
        facts |= {"from": step.case.state, "to": row.to or step.case.state_before_merge}
    chosen = {
        "code": given.code,
        "unit": given.unit_code,
        "agency": given.agency_code,
        "target": given.target.number if given.target else "",
        "officer": given.officer.id if given.officer else None,
        "new_date": given.day.isoformat() if given.day else "",
        "rating": given.rating,
        "amount": given.amount,
        "visibility": given.visibility,
        "category": given.category_slug,
        "attachment": given.attachment_id,
        "photos": [photo.digest for photo in given.photos],
    }
    return facts | {key: value for key, value in chosen.items() if value} | dict(given.facts)


def _move(step: Step, move: Move) -> None:
    case, before = step.case, step.case.state
    was_readable = step.kind.readable(case)
    case.state = move.to or case.state_before_merge or before
    deadlines.start(move.clock, case, step.city, step.today)
    case.state_since = step.now
    if move.clock is not Clock.KEEP:
        case.escalation, case.reminded_on = 0, None
    if move.publishes and case.published_at is None:
        case.published_at = step.now
    if step.kind.lifecycle.states[case.state].final:
        case.closed_at = step.now
        case.closed_by = {HOLDER: "reporter", CLOCK: "clock"}.get(step.actor.kind, "staff")
    else:
        case.closed_at = case.closed_by = case.close_reason = None
    if step.kind.readable(case) != was_readable:
        step.kind.publish(step.session, case, step.city, step.now)


def count(session: Session, day: date, metric: str) -> None:
    """Count something that happened on a local day."""
    count_up(session, Tally.__table__, {"day": day, "metric": metric})


# ---------------------------------------------------------------- effects of what was given


def _hold(step: Step) -> None:
    case, unit = step.case, step.given.unit_code
    if not _may_hold(step, unit):
        raise NotAssignable(unit)
    case.unit_code, case.unit_since = unit, step.now
    case.officer_id = case.accepted_at = None
    case.assigned_at = case.assigned_at or step.now


def _may_hold(step: Step, unit_code: str) -> bool:
    units = step.kind.assignable_units(step.session, step.case, step.city, step.today)
    return any(unit.code == unit_code for unit in units)


def _refer(step: Step) -> None:
    if not step.city.agency(step.given.agency_code).known:
        raise NotAssignable(step.given.agency_code)
    step.case.agency_code = step.given.agency_code
    step.case.unit_code = step.case.unit_since = step.case.officer_id = None
    step.case.decided_by_id = step.actor.staff_id


def _reject(step: Step) -> None:
    step.case.close_reason = step.given.code
    step.case.decided_by_id = step.actor.staff_id


def _merge(step: Step) -> None:
    target, case = step.given.target, step.case
    lifecycle = step.kind.lifecycle
    if (
        target is None
        or target.id == case.id
        or target.kind != case.kind
        or lifecycle.states[target.state].final
        or (target.visibility == "rahasia" and case.visibility != "rahasia")
    ):
        raise NotTarget(target.number if target else "")
    case.merged_into = target
    case.state_before_merge = case.state


def _unmerge(step: Step) -> None:
    """It stands for itself again; which one it was merged into, its last mail still says."""
    step.case.state_before_merge = None


def _hand_over(step: Step) -> None:
    officer = step.given.officer
    if officer is None or officer.unit_code != step.case.unit_code or officer.disabled_at:
        raise NotAssignable(str(officer.id if officer else ""))
    step.case.officer_id = officer.id


def _extend(step: Step) -> None:
    if step.given.day is None or step.case.due_on is None or step.given.day <= step.case.due_on:
        raise ValueError("an extension needs a later day")
    step.case.due_on = step.case.solve_by = step.given.day
    step.case.extended = True
    step.case.reminded_on = None


def _tighten(step: Step) -> None:
    case, wanted = step.case, step.given.visibility
    if VISIBILITIES.index(wanted) <= VISIBILITIES.index(case.visibility):
        raise NotTighter(wanted)
    _make(step, wanted)
    step.kind.publish(step.session, case, step.city, step.now)


def _make(step: Step, visibility: str) -> None:
    """Tighten a case. Of anonim and rahasia ones no name is kept; rahasia is news to nobody."""
    case = step.case
    case.visibility = visibility
    if visibility == "rahasia":
        forget_followers(step.session, case)
    if case.contact is not None:
        case.contact.name, case.contact.show_name = None, False


def _refile(step: Step) -> None:
    category, unit = step.city.category(step.given.category_slug), step.case.unit_code
    if not category.known:
        raise ValueError(step.given.category_slug)
    step.case.category_slug = category.slug
    if unit and not _may_hold(step, unit):
        raise NotAssignable(unit)
    step.case.class_days = step.kind.class_days(step.session, step.case, step.city)
    # The default of the new subject may be tighter; an officer alone never loosens.
    if category.visibility == "rahasia":
        _make(step, "rahasia")
    step.kind.publish(step.session, step.case, step.city, step.now)


def _rate(step: Step) -> None:
    step.case.rating = step.given.rating


def _mask(step: Step) -> None:
    words = step.given.words.splitlines()
    hidden = step.kind.mask(step.session, step.case, words)
    for message in step.case.messages:
        copy = redact(message.public_body, words)
        message.public_body = copy.text
        hidden += len(copy.spans)
    if not hidden:
        raise ValueError("these words stand in no public copy")
    step.kind.publish(step.session, step.case, step.city, step.now)


def _ask_erasure(step: Step) -> None:
    step.case.erase_asked_at = step.now


def _show_photo(step: Step) -> None:
    photo = next((a for a in step.case.attachments if a.id == step.given.attachment_id), None)
    if photo is None:
        raise NotAllowed(step.row.name)
    photo.hidden = step.row.name == "hide_photo"


def _return(step: Step) -> None:
    step.case.unit_code = step.case.unit_since = step.case.officer_id = None


def put_objection(step: Step) -> None:
    """An objection waits for an answer, as long as a verification takes."""
    step.case.objection = "open"
    step.case.due_on = step.city.calendar.add(step.today, step.city.promises.verify_days)


def _uphold(step: Step) -> None:
    step.case.objection = "upheld"
    step.case.agency_code = None


def _refuse_objection(step: Step) -> None:
    step.case.objection = "refused"
    step.case.due_on = None


def _contest_merge(step: Step) -> None:
    step.case.due_on = step.city.calendar.add(step.today, step.city.promises.verify_days)


def _keep_merged(step: Step) -> None:
    step.case.due_on = None


def _shelter(step: Step) -> None:
    """Close a case to the public and to the unit that has it. What the public has read cannot be
    taken back.
    """
    case = step.case
    case.threatened_at = step.now
    if case.visibility != "rahasia":
        _make(step, "rahasia")
    case.unit_code = case.unit_since = case.officer_id = case.accepted_at = None
    case.state_before_merge = None
    step.kind.publish(step.session, case, step.city, step.now)


def _answer_threat(step: Step) -> None:
    case = step.case
    case.threatened_at = None
    if step.kind.lifecycle.states[case.state].final and case.objection != "open":
        case.due_on = None


def _first_answer(step: Step) -> None:
    case = step.case
    if case.answered_at is None and case.unit_since is not None:
        case.answered_at = step.now
        since = local_date(case.unit_since, step.city.zone)
        due = step.city.calendar.add(since, step.city.promises.answer_days)
        count(step.session, step.today, "first_answers")
        if not is_late(due, step.today):
            count(step.session, step.today, "first_answers_on_time")


def _done(step: Step) -> None:
    step.case.done_at = step.now
    count(step.session, step.today, "answers")


def counted(metric: str) -> Callable[[Step], None]:
    """An effect that counts something on the local day."""
    return lambda step: count(step.session, step.today, metric)


def _expire(step: Step) -> None:
    step.case.close_reason = "incomplete"


def _accept(step: Step) -> None:
    step.case.accepted_at = step.now


_EFFECTS: Mapping[Need, Callable[[Step], None]] = {
    Need.UNIT: _hold,
    Need.AGENCY: _refer,
    Need.REASON_CODE: _reject,
    Need.TARGET: _merge,
    Need.OFFICER: _hand_over,
    Need.DATE: _extend,
    Need.VISIBILITY: _tighten,
    Need.CATEGORY: _refile,
    Need.RATING: _rate,
    Need.PUBLIC_TEXT: _mask,
    Need.PHOTO: _show_photo,
    Need.NUMBER: _ask_erasure,
}
_OWN_EFFECTS: Mapping[str, Callable[[Step], None]] = {
    "return": _return,
    "unmerge": _unmerge,
    "start": _first_answer,
    "answer": _done,
    "answer_dispute": _done,
    "expire": _expire,
    "object": put_objection,
    "object_referral": put_objection,
    "uphold": _uphold,
    "refuse_objection": _refuse_objection,
    "contest_merge": _contest_merge,
    "keep_merged": _keep_merged,
    "threatened": _shelter,
    "threatened_here": _shelter,
    "answer_threat": _answer_threat,
    "accept": _accept,
}

# ---------------------------------------------------------------- words, photos, news

_AUDIENCE: Mapping[Need, str] = {
    Need.REPLY: "public",
    Need.REASON: "public",
    Need.QUESTION: "holder",
    Need.TO_HOLDER: "holder",
    Need.AMOUNT: "holder",
    Need.NOTE: "internal",
    Need.PROOF: "internal",
    Need.NEWS: "holder",
    Need.PUBLIC_REASON: "holder",
    Need.INTERNAL_REASON: "internal",
    Need.WORDS: "public",
    Need.WORDS_OR_PHOTOS: "public",
    Need.DISPUTE: "public",
    Need.RATING: "internal",
}


def _words(step: Step) -> Words | None:
    audience = next((_AUDIENCE[need] for need in step.row.needs if need in _AUDIENCE), None)
    if audience is None or not (step.given.words or step.given.photos):
        return None  # photos alone make a message too: who may read it may see them
    if step.given.private and audience == "public":
        audience = "holder"
    return Words(step.given.words, redact(step.given.words).text, audience)


def _photo_role(row: Move | Action) -> str:
    if row.who == HOLDER:
        return "reply"
    return "after" if Need.AFTER_PHOTOS in row.needs else "progress"


def attach(
    session: Session,
    case: Case,
    photos: tuple[StoredPhoto, ...],
    actor: Actor,
    role: str,
    now: datetime,
    event: Event | None = None,
    *,
    hidden: bool = False,
) -> list[Attachment]:
    """Put stored photos on a case, with the words of an event if it has any.

    ``hidden`` withholds them from the public from the start.
    """
    message: Message | None = event.message if event else None
    made = [
        Attachment(
            case_id=case.id,
            message_id=message.id if message else None,
            at=now,
            role=role,
            author=actor.kind,
            key=photo.key,
            thumb_key=photo.thumb_key,
            width=photo.width,
            height=photo.height,
            size=photo.size,
            digest=photo.digest,
            hidden=hidden,
        )
        for photo in photos
    ]
    session.add_all(made)
    session.flush()
    return made


def _mails(row: Move | Action) -> tuple[str, ...]:
    """The mails of a row; supporters and followers hear of every move they can see."""
    return (*row.tells, NEWS, FOLLOWED) if isinstance(row, Move) and row.public else row.tells


def _told(step: Step, event: Event, old_due: date | None) -> dict[str, Any]:
    """What mails may need beyond the case itself."""
    return {
        "message": event.message.id if event.message else None,
        "code": step.given.code,
        "old_due": old_due if Need.DATE in step.row.needs else None,
    }
