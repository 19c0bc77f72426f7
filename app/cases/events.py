"""The append-only event log. Every write goes through ``record``, which links it to the event
before.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.lifecycle import CLOCK, HOLDER, OPERATOR, PUBLIC
from app.cases.models import Case, Event, Message
from app.civic.chain import GENESIS, event_hash
from app.core.database import serialise
from app.staff.catalogue import ACCOUNT_EVENTS
from app.staff.models import Staff

CITY_CHAIN = "city"
BOUND = ("due_on", "unit_code", "visibility", "category_slug")
"""What of a case's row its events vouch for: whichever changes it says to what (``facts["now"]``).

A promise put off by hand in the database shows in the walk of the log.
"""


@dataclass(frozen=True)
class Actor:
    """Who did something: the holder of the code, a member of staff, time, or anybody."""

    kind: str
    staff: Staff | None = None

    @property
    def staff_id(self) -> int | None:
        return self.staff.id if self.staff else None


THE_HOLDER, THE_CLOCK, ANYBODY = Actor(HOLDER), Actor(CLOCK), Actor(PUBLIC)
THE_OPERATOR = Actor(OPERATOR)
"""Whoever runs commands on the server."""


def by(staff: Staff) -> Actor:
    """A member of staff as actor."""
    return Actor("staff", staff)


def chain_of(case: Case | None) -> str:
    """The chain a case's events stand in; accounts and settings share the city's."""
    return f"case:{case.id}" if case else CITY_CHAIN


def bound(row: Any) -> dict[str, str]:
    """The bound part of a case, or of a row of its columns."""
    values = {name: getattr(row, name) for name in BOUND}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def changes(before: dict[str, str], case: Case) -> dict[str, Any]:
    """The fact that says what of the bound part is no longer as it was."""
    changed = {name: value for name, value in bound(case).items() if before.get(name) != value}
    return {"now": changed} if changed else {}


def record(
    session: Session,
    case: Case | None,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    facts: dict[str, Any] | None = None,
    public: bool = False,
    words: "Words | None" = None,
) -> Event:
    """Append an event to the chain of a case (or of the city), with words if any.

    ``facts`` must hold no personal data: they are hashed and stay for ever. Words are bound by a
    salted digest, so that erasing them leaves the chain whole.
    """
    chain = chain_of(case)
    count, previous = _end_of_case(case) if case else _end_of_city(session)
    event = Event(
        chain=chain,
        sequence=count + 1,
        at=now,
        case_id=case.id if case else None,
        name=name,
        actor=actor.kind,
        staff_id=actor.staff_id,
        public=public,
        facts=dict(facts or {}),
        previous=previous,
    )
    if words is not None:
        event.message = words.message(case, actor, now)
        event.facts["words"] = digest_of(event.message.salt, event.message.body)
        event.facts["audience"] = words.audience
    event.hash = hash_of(event)
    if case is not None:
        case.event_count, case.last_hash = event.sequence, event.hash
    session.add(event)
    session.flush()
    return event


def _end_of_case(case: Case) -> tuple[int, str]:
    """Length and last hash of a case's chain, kept on its row: whoever moves it holds that row."""
    return case.event_count, case.last_hash or GENESIS.hex()


def _end_of_city(session: Session) -> tuple[int, str]:
    serialise(session, CITY_CHAIN)
    last = session.execute(
        select(Event.sequence, Event.hash)
        .where(Event.chain == CITY_CHAIN)
        .order_by(Event.sequence.desc())
        .limit(1)
    ).first()
    return (last.sequence, last.hash) if last else (0, GENESIS.hex())


def record_account_event(
    session: Session, name: str, actor: Staff | None, now: datetime, facts: Mapping[str, Any]
) -> Event:
    """Append an account event to the city's chain: the ``EventSink`` of the staff room."""
    unnamed = ANYBODY if ACCOUNT_EVENTS[name].by_anybody else THE_OPERATOR
    return record(session, None, name, by(actor) if actor else unnamed, now, facts=dict(facts))


@dataclass(frozen=True)
class Words:
    """A text that goes with an event, its public copy, and who may read it."""

    body: str
    public_body: str
    audience: str  # public, holder, internal

    def message(self, case: Case | None, actor: Actor, now: datetime) -> Message:
        if case is None:
            raise ValueError("words belong to a case")
        return Message(
            case_id=case.id,
            at=now,
            author=actor.kind,
            staff_id=actor.staff_id,
            audience=self.audience,
            body=self.body,
            public_body=self.public_body,
            salt=secrets.token_hex(16),
        )


def digest_of(salt: str, body: str) -> str:
    """The salted digest that binds words to their event; tells nothing without the salt."""
    return hashlib.sha256(f"{salt}:{body}".encode()).hexdigest()


def body_of(event: Event) -> dict[str, Any]:
    """The hashed part of an event."""
    return {
        "chain": event.chain,
        "sequence": event.sequence,
        "at": event.at.isoformat(timespec="microseconds"),
        "name": event.name,
        "actor": event.actor,
        "staff": event.staff_id,
        "public": event.public,
        "facts": event.facts,
    }


def hash_of(event: Event) -> str:
    """The hash this event must carry after the one it names as previous."""
    return event_hash(bytes.fromhex(event.previous), body_of(event)).hex()
