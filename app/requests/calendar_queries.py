"""What of issued requests is public: the days in the calendars of a room, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.cases.events import digest_of
from app.cases.models import Case
from app.civic.redaction import redact
from app.core.vault import Unreadable, Vault
from app.letters.models import Letter
from app.places.facts import City
from app.requests.lifecycle import ISSUED
from app.requests.models import Request
from app.requests.questions import Question, Value
from app.requests.request_queries import Filed
from app.requests.service_files import service_of
from app.requests.services import CalendarSpec, Service

MOST: Final = 100
"""Requests read for one calendar, those issued last: each is opened with the key."""
PAST: Final = timedelta(days=365)


@dataclass(frozen=True)
class Day:
    """One accepted request in a calendar. ``uid`` stays the same and says nothing."""

    day: date
    shown: tuple[tuple[Question, Value], ...]
    issued_at: datetime
    uid: str


@dataclass(frozen=True)
class Calendar:
    """The calendar of a service: what is to come, the nearest first, and what was, newest first."""

    spec: CalendarSpec
    coming: tuple[Day, ...]
    past: tuple[Day, ...]


def calendar(
    session: Session, vault: Vault, city: City, service: Service, spec: CalendarSpec, today: date
) -> Calendar:
    """Read the calendar of a service from the requests that were issued and still hold."""
    rows = session.execute(_issued(service).limit(MOST)).all()
    asked: dict[str, Service] = {}
    found: list[Day] = []
    for request, case in rows:
        digest = request.version_digest
        if digest not in asked:
            asked[digest] = service_of(request.version.source, service.room, city)
        found += _days(Filed(request, asked[digest], vault, ()), case, spec)
    found.sort(key=lambda one: (one.day, one.uid))
    return Calendar(
        spec,
        tuple(one for one in found if one.day >= today),
        tuple(one for one in reversed(found) if today - PAST <= one.day < today),
    )


def _issued(service: Service) -> Select[Request, Case]:
    """Issued, the letter not revoked, and nobody asked to have it erased."""
    return (
        select(Request, Case)
        .join(Case, Case.id == Request.case_id)
        .outerjoin(Letter, Letter.id == Request.letter_id)
        .where(
            Case.kind == service.room,
            Case.service_code == service.code,
            Case.state == ISSUED,
            Case.erase_asked_at.is_(None),
            Case.erased_at.is_(None),
            Letter.revoked_at.is_(None),
        )
        .options(joinedload(Request.version))
        .order_by(Case.state_since.desc(), Case.id.desc())
    )


def _days(filed: Filed, case: Case, now_shown: CalendarSpec) -> Iterator[Day]:
    """Only what the form said would be public, and of that only what the city still shows."""
    then = filed.service.calendar
    if then is None:
        return
    try:
        day = filed.answer(then.day)
    except Unreadable:  # a key that was lost: the page stands all the same
        return
    if not isinstance(day, str) or not day:
        return
    questions = filed.service.questions.by_name
    shows = [one for one in then.shows if one in now_shown.shows and one in questions]
    yield Day(
        date.fromisoformat(day),
        tuple(
            (questions[one], _public(questions[one], value))
            for one in shows
            if (value := filed.answer(one))
        ),
        case.state_since,
        digest_of(filed.request.salt, "calendar")[:32],
    )


def _public(question: Question, value: Value) -> Value:
    """The answer; what was written freely without anything shaped like a person's number."""
    return redact(value).text if question.kind == "text" and isinstance(value, str) else value
