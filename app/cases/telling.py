"""Who is told what: the mails a lifecycle row names become outbox rows, in the same transaction.

A row keeps the facts as they stood: dates, codes, the id of a message. Words, names and addresses
are looked up when it is delivered (``app.cases.delivery``).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.cases import deadlines
from app.cases.kinds import kind_of
from app.cases.models import Case, Subscription, Support
from app.civic import promises
from app.core.access import PRIVATE, Role
from app.core.outbox import enqueue
from app.places.facts import City
from app.staff.models import Staff

NEWS = "supporter_update"
"""Mail to the supporters of a case, sent with every public move."""
FOLLOWED = "subscription_update"
"""Mail to those who follow a case without supporting it, sent with every public move."""
SEARCH_NEWS = "subscription_digest"
"""Mail of a day to those who follow a search."""
CONFIRM = "subscribe_confirm"
"""Mail that asks an address whether it wants news; until then nothing else is sent."""
UNSUBSCRIBED = "unsubscribed"
"""The last mail to an address that wants no more."""
CONFIRM_WITHIN = timedelta(days=3)
TOGETHER = frozenset({"verify_overdue"})
"""Mails about many cases: the clocks send one a day for all of them."""
ERASURE_DONE = "erasure_done"
EXPORT_READY = "export_ready"
"""Mail with the link to the copy of one's data, sent when the reporter asks for it."""
OWN_LIST = "own_list"
"""Mail with the link to all reports and requests of its address, sent when somebody asks for it."""
BREACH = "breach"
"""Mail to a reporter whose data leaked."""
ONLY_THE_NUMBER = frozenset({ERASURE_DONE, EXPORT_READY, OWN_LIST})
"""Mails that tell no more than the discreet ones, and do what those cannot."""
ERASED_WITHIN = timedelta(hours=72)
"""Personal data go within 3 × 24 hours of being asked (UU 27/2022)."""

Readers = Callable[[Session, Case, City], Iterable[str]]


def tell(
    session: Session,
    mails: Iterable[str],
    case: Case,
    city: City,
    now: datetime,
    *,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Queue these mails about a case for everybody they are meant for who has an address.

    `extra` may give ``message`` (id of the words of this step), ``code`` (of a rejection or a
    dispute) and ``old_due`` (the promise before it was extended). Of a made-up report nobody is
    told: it may be referred to a body that really exists.
    """
    if case.demo:
        return
    wanted = [mail for mail in mails if mail not in TOGETHER]
    readers = [
        (mail, reader) for mail in wanted for reader in readers_of(session, mail, case, city)
    ]
    if not readers:
        return
    facts = facts_of(case, city, promises.local_date(now, city.zone), extra or {})
    facts["datetime"] = now.isoformat()
    for mail, reader in readers:
        name = discreet(mail, case) if reader.startswith("reporter:") else mail
        enqueue(session, name, reader, now, case_id=case.id, values=facts)


def has_address(case: Case) -> bool:
    """Whether the reporter can be mailed."""
    return bool(case.contact and case.contact.email)


def discreet(mail: str, case: Case) -> str:
    """The mail to a reporter's address: of an anonim or rahasia report it gives nothing away.

    Those that hold only the number stay as they are; so do those of a request, which name neither
    the service nor an answer.
    """
    if case.visibility in {"publik", PRIVATE} or mail in ONLY_THE_NUMBER:
        return mail
    return "receipt_discreet" if mail.startswith("receipt") else "update_discreet"


# ---------------------------------------------------------------- whom


def readers_of(session: Session, mail: str, case: Case, city: City) -> Iterable[str]:
    """Everybody a mail is meant for, as the outbox names readers."""
    return READERS.get(mail, _reporter)(session, case, city)


def _reporter(_session: Session, case: Case, _city: City) -> Iterable[str]:
    return [f"reporter:{case.id}"] if has_address(case) else []


def _supporters(session: Session, case: Case, _city: City) -> Iterable[str]:
    if not case.supporters or case.visibility == "rahasia":
        return []
    followed = select(Support.id).where(
        Support.case_id == case.id, Support.email.is_not(None), Support.confirmed_at.is_not(None)
    )
    return [f"supporter:{support_id}" for support_id in session.scalars(followed)]


def _subscribers(session: Session, case: Case, _city: City) -> Iterable[str]:
    """Those who follow a case, while everybody may read it."""
    if not kind_of(case).readable(case):
        return []
    followed = select(Subscription.id).where(
        Subscription.case_id == case.id,
        Subscription.confirmed_at.is_not(None),
        Subscription.stopped_at.is_(None),
    )
    return [f"subscriber:{subscription_id}" for subscription_id in session.scalars(followed)]


def _agency(_session: Session, case: Case, city: City) -> Iterable[str]:
    """The outside body; a rahasia text is handed over by hand, never by mail."""
    code = case.agency_code
    reachable = code and city.agency(code).email and case.visibility != "rahasia"
    return [f"agency:{code}"] if reachable else []


def _officers(session: Session, case: Case, city: City) -> Iterable[str]:
    """The officer who holds the case, else all of the unit and its mailbox."""
    if case.officer_id:
        return staff_where(session, Staff.id == case.officer_id)
    return _unit_staff(session, case, Role.OFFICER) + _mailbox(city, case.unit_code)


def _heads(session: Session, case: Case, _city: City) -> Iterable[str]:
    return _unit_staff(session, case, Role.HEAD)


def _officers_and_heads(session: Session, case: Case, city: City) -> Iterable[str]:
    return [*_officers(session, case, city), *_heads(session, case, city)]


def _verifiers(session: Session, _case: Case, _city: City) -> Iterable[str]:
    """Whoever may open every case: no administrator reads one."""
    return staff_where(session, Staff.role == Role.VERIFIER)


def _secretariat(session: Session, _case: Case, city: City) -> Iterable[str]:
    return secretariat(session, city)


def secretariat(session: Session, city: City) -> list[str]:
    """The city secretariat: its staff and its mailbox."""
    code = city.secretariat_code
    return staff_where(session, Staff.unit_code == code) + _mailbox(city, code)


def _unit_staff(session: Session, case: Case, role: Role) -> list[str]:
    return staff_where(session, Staff.unit_code == case.unit_code, Staff.role == role)


def staff_where(session: Session, *conditions: ColumnElement[bool]) -> list[str]:
    """Active members of staff who have an address."""
    reachable = (Staff.disabled_at.is_(None), Staff.email != "")
    found = session.scalars(select(Staff.id).where(*reachable, *conditions).order_by(Staff.id))
    return [f"staff:{staff_id}" for staff_id in found]


def _mailbox(city: City, unit_code: str | None) -> list[str]:
    return [f"unit:{unit_code}"] if unit_code and city.unit(unit_code).mailbox else []


READERS: Mapping[str, Readers] = {
    NEWS: _supporters,
    FOLLOWED: _subscribers,
    "referred_outside": _agency,
    "staff_assigned": _officers,
    "staff_reply": _officers,
    "staff_disputed": _officers_and_heads,
    "reminder_officer": _officers,
    "overdue_officer": _officers,
    "overdue_head": _heads,
    "overdue_secretary": _secretariat,
    "reporter_threatened": _verifiers,
    "request_fixed": _officers,
    "request_written": _officers,
    "request_assigned": _officers,
    "request_reminder_officer": _officers,
    "request_overdue_officer": _officers,
    "request_overdue_head": _heads,
    "request_overdue_secretary": _secretariat,
}
"""Mails about one case that are not for its reporter."""


# ---------------------------------------------------------------- facts


def facts_of(case: Case, city: City, today: date, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What mails may need of a case, as it stands now: ISO dates, codes, numbers."""
    merged = case.state_before_merge is not None
    held = case.merged_into if case.merged_into and merged else case  # who works on it now
    since = held.unit_since or held.state_since
    facts = {
        **_promised(case, held, city),
        "due_date": extra.get("old_due") or _due(held, city),
        "new_date": held.due_on,
        "date": today,
        "since": promises.local_date(since, city.zone),
        "reopen_until": deadlines.reopen_until(case, city),
        "object_until": deadlines.object_until(case, city),
        "days": _days(held, city, today),
        "state": case.state,
        "unit": held.unit_code,
        "agency": case.agency_code,
        "target": case.merged_into.number if case.merged_into else None,
        "message": extra.get("message"),
        "code": extra.get("code"),
    }
    return {
        name: fact.isoformat() if isinstance(fact, date) else fact
        for name, fact in facts.items()
        if fact not in (None, "")
    }


def _promised(case: Case, held: Case, city: City) -> dict[str, date | None]:
    """The promised dates: of a case nobody has looked at as if each step took its full time."""
    names = ("verify_by", "answer_by", "solve_by", "close_on")
    if case.state != kind_of(case).lifecycle.first:
        return dict.fromkeys(names, held.due_on)
    filed_on = promises.local_date(case.created_at, city.zone)
    days = city.promises
    dates = promises.receipt_dates(
        city.calendar, filed_on, days.verify_days, days.answer_days, case.class_days
    )
    return {"verify_by": dates.verify_by, "answer_by": dates.answer_by, "solve_by": dates.solve_by}


def _due(case: Case, city: City) -> date | None:
    if case.due_on is None and case.erase_asked_at is not None:
        return promises.local_date(case.erase_asked_at + ERASED_WITHIN, city.zone)
    return case.due_on


def _days(case: Case, city: City, today: date) -> int:
    """Working days a promise is late, or still has."""
    if case.due_on is None:
        return 0
    late = promises.days_late(city.calendar, case.due_on, today)
    return late or promises.days_left(city.calendar, case.due_on, today)
