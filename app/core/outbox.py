"""Mail on its way: queued in the transaction of what it tells about, sent at least once.

A row names the mail, its reader and raw facts; words and address are looked up on delivery. A
consumer takes rows by a lease, so that those of a dead one come back by themselves.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.core.models import Outbox

LEASE = timedelta(minutes=10)
"""How long a consumer may keep rows; longer than a batch takes when every connection times out."""
BATCH = 20
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""Waiting times after each failure; the last one repeats."""
MOST_ATTEMPTS = 8
LOST = "lost"
"""Error of a row whose consumers died each time."""
USED = "used"
"""Among the values of a row: the link in its mail, which works once, was used."""


@dataclass(frozen=True)
class Letter:
    """A claimed row, free of any transaction."""

    id: int
    mail: str
    reader: str
    case_id: int | None
    values: Mapping[str, Any]
    message_id: str
    attempts: int
    locked_until: datetime


def enqueue(
    session: Session,
    mail: str,
    reader: str,
    now: datetime,
    *,
    case_id: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> Outbox:
    """Queue a mail in the caller's transaction.

    `reader` says whom to look up: ``reporter:<case>``, ``staff:<id>``, ``supporter:<id>``,
    ``subscriber:<id>``, ``unit:<code>`` or ``agency:<code>``. `values` are raw facts (ISO dates,
    codes, numbers), never an address, a tracking code or a link that opens something.
    """
    row = Outbox(
        mail=mail,
        reader=reader,
        case_id=case_id,
        values=dict(values or {}),
        message_id=secrets.token_hex(16),
        created_at=now,
        run_at=now,
    )
    session.add(row)
    session.flush()
    return row


def claim(session: Session, now: datetime, limit: int = BATCH) -> list[Letter]:
    """Take the rows that are due for this consumer alone; the caller commits before sending."""
    _bury_lost(session, now)
    rows = session.scalars(
        select(Outbox)
        .where(*_due(now), Outbox.attempts < MOST_ATTEMPTS)
        .order_by(Outbox.run_at, Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has no such words: its writers queue
    ).all()
    for row in rows:
        row.attempts += 1
        row.locked_until = now + LEASE
    session.flush()
    return [_letter(row, now + LEASE) for row in rows]


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(Outbox.locked_until.is_(None), Outbox.locked_until < now)
    return Outbox.sent_at.is_(None), Outbox.dead_at.is_(None), Outbox.run_at <= now, free


def _bury_lost(session: Session, now: datetime) -> None:
    """End rows that never come back from a consumer: one of them may be what kills it."""
    session.execute(
        update(Outbox)
        .where(*_due(now), Outbox.attempts >= MOST_ATTEMPTS)
        .values(dead_at=now, last_error=LOST, locked_until=None)
    )


def _letter(row: Outbox, locked_until: datetime) -> Letter:
    return Letter(
        row.id,
        row.mail,
        row.reader,
        row.case_id,
        dict(row.values),
        row.message_id,
        row.attempts,
        locked_until,
    )


def sent(session: Session, letter: Letter, now: datetime) -> None:
    """Say that a letter went out, or that nobody is left to read it."""
    session.execute(
        update(Outbox)
        .where(Outbox.id == letter.id, Outbox.sent_at.is_(None))
        .values(sent_at=now, locked_until=None, last_error=None)
    )


def failed(
    session: Session, letter: Letter, now: datetime, error: str, *, for_good: bool = False
) -> bool:
    """Put a letter back for a later attempt, or among the dead ones; whether it is dead now.

    `error` must hold no personal data. Nothing changes when the lease has run out and somebody
    else took the letter.
    """
    dead = for_good or letter.attempts >= MOST_ATTEMPTS
    wait = BACK_OFF[min(letter.attempts, len(BACK_OFF)) - 1]
    outcome: dict[str, Any] = {"dead_at": now} if dead else {"run_at": now + wait}
    session.execute(
        update(Outbox)
        .where(Outbox.id == letter.id, Outbox.locked_until == letter.locked_until)
        .values(locked_until=None, last_error=error, **outcome)
    )
    return dead


def release(session: Session, letters: Sequence[Letter]) -> None:
    """Give claimed letters back untried: the consumer is asked to stop."""
    for letter in letters:
        session.execute(
            update(Outbox)
            .where(Outbox.id == letter.id, Outbox.locked_until == letter.locked_until)
            .values(locked_until=None, attempts=Outbox.attempts - 1)
        )


def dead(session: Session, limit: int = 200) -> Sequence[Outbox]:
    """The mails that were given up, the latest first."""
    statement = select(Outbox).where(Outbox.sent_at.is_(None), Outbox.dead_at.is_not(None))
    return session.scalars(statement.order_by(Outbox.dead_at.desc()).limit(limit)).all()


def revive(session: Session, row_id: int) -> bool:
    """Try a dead mail again from the beginning; False when it is not dead."""
    revived = session.execute(
        update(Outbox)
        .where(Outbox.id == row_id, Outbox.sent_at.is_(None), Outbox.dead_at.is_not(None))
        .values(dead_at=None, attempts=0, locked_until=None)
        .returning(Outbox.id)
    )
    return revived.first() is not None


def unused(session: Session, message_id: str) -> int | None:
    """The case of a mail whose link works once and was not used; None for any other."""
    return _case_of(session.scalar(select(Outbox).where(Outbox.message_id == message_id)))


def use(session: Session, message_id: str) -> int | None:
    """The same, and from now on the link is used. Two at once come one after the other."""
    row = session.scalar(select(Outbox).where(Outbox.message_id == message_id).with_for_update())
    case_id = _case_of(row)
    if row is not None:
        row.values = {**row.values, USED: True}
        session.flush()
    return case_id


def _case_of(row: Outbox | None) -> int | None:
    return None if row is None or row.values.get(USED) else row.case_id


def purge(session: Session, before: datetime) -> None:
    """Delete mails sent before an instant."""
    session.execute(delete(Outbox).where(Outbox.sent_at < before))
