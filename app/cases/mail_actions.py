"""Asking for mails, starting and stopping them, by the link every mail carries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.cases.contacts import forget_email
from app.cases.kinds import kind_of
from app.cases.models import Case, Subscription, Support
from app.cases.telling import CONFIRM, CONFIRM_WITHIN, UNSUBSCRIBED
from app.core.database import overwrite, serialise
from app.core.outbox import enqueue
from app.core.vault import Vault

_MARK: Final = "mails"
_ADDRESS: Final = "subscription"
_MARK_LENGTH: Final = 16


@dataclass(frozen=True)
class Following:
    """A reader of mails: a supporter, a follower, or the reporter of a case without a `row`.

    `has_address` tells whether the address a link was sent to is still the one mails go to. A
    follower who was forgotten has neither case nor row.
    """

    case: Case | None
    row: Support | Subscription | None
    has_address: bool

    @property
    def is_on(self) -> bool:
        """Whether mails are sent: all but the reporter have to say yes first."""
        return self.has_address and (self.row is None or self.row.confirmed_at is not None)

    @property
    def is_leaving(self) -> bool:
        """Whether a last mail is on its way to a follower who stopped."""
        return isinstance(self.row, Subscription) and self.row.stopped_at is not None

    @property
    def is_silent(self) -> bool:
        """Whether the public may not read the report: there will be no news of it for others."""
        case = self.case
        return self.row is not None and case is not None and not kind_of(case).readable(case)

    @property
    def search(self) -> Subscription | None:
        """The row of somebody who follows a search."""
        row = self.row
        return row if isinstance(row, Subscription) and row.case_id is None else None


def mark_of(vault: Vault, address: str) -> str:
    """What binds a link to the address it is sent to, so that nobody says yes for another one."""
    return vault.keyed_hash(_MARK, address)[:_MARK_LENGTH]


def following(session: Session, vault: Vault, reader: str, mark: str) -> Following | None:
    """What the outbox's name of a reader stands for."""
    kind, _, key = reader.partition(":")
    if kind == "subscriber":
        return _follower(session, vault, int(key), mark)
    support = session.get(Support, int(key)) if kind == "supporter" else None
    case_id = support.case_id if support else int(key) if kind == "reporter" else None
    case = session.get(Case, case_id) if case_id is not None else None
    if case is None:
        return None
    email = support.email if support else case.contact and case.contact.email
    return Following(case, support, bool(email) and is_meant(vault, email or "", mark))


def _follower(session: Session, vault: Vault, key: int, mark: str) -> Following:
    row = session.get(Subscription, key)
    if row is None:
        return Following(None, None, has_address=False)
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    return Following(case, row, is_meant(vault, row.email, mark))


def is_meant(vault: Vault, email: str, mark: str) -> bool:
    """Whether an encrypted address is the one a link was sent to."""
    hashes = vault.keyed_hashes(_MARK, vault.decrypt(email))
    return any(compare_digest(known[:_MARK_LENGTH], mark) for known in hashes)


def start(session: Session, following: Following, now: datetime) -> None:
    """Send news from now on to the address of a supporter or follower."""
    row = following.row
    if row is None or not following.has_address or following.is_on or following.is_leaving:
        return
    if following.is_silent:
        return
    row.confirmed_at = now
    if isinstance(row, Subscription):
        row.told_until = now
    session.flush()


def stop(session: Session, following: Following, now: datetime) -> None:
    """Send nothing more, and forget the address; that of a follower once a last mail is sent."""
    if not following.has_address:
        return
    if isinstance(following.row, Subscription):
        _stop_following(session, following.row, now)
    elif following.row is not None:
        following.row.email = following.row.confirmed_at = None
    elif following.case is not None and following.case.contact is not None:
        forget_email(following.case.contact)
    session.flush()


def _stop_following(session: Session, row: Subscription, now: datetime) -> None:
    if row.confirmed_at is None:  # nobody at this address ever said yes to a mail
        overwrite(session)
        session.delete(row)
    elif row.stopped_at is None:
        row.stopped_at = now
        enqueue(session, UNSUBSCRIBED, f"subscriber:{row.id}", now)


@dataclass(frozen=True)
class Matter:
    """What can be followed: a case, or without one a search among those of a kind."""

    kind: str
    case_id: int | None = None
    search: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The same for the same matter."""
        return json.dumps([self.kind, self.case_id, self.search], sort_keys=True)


def subscribe(
    session: Session, vault: Vault, matter: Matter, email: str, language: str, now: datetime
) -> None:
    """Ask an address whether it wants news of a matter; it gets none before it says yes.

    Asked once more, an address that has said yes is asked again and goes on getting news, so that
    nobody learns who follows what, or ends it for another.
    """
    keys = keys_of(vault, matter, email)
    serialise(session, f"{_ADDRESS}:{keys[0]}")
    row = session.scalar(select(Subscription).where(Subscription.key.in_(keys)))
    if row is None:
        row = Subscription(
            kind=matter.kind,
            case_id=matter.case_id,
            search=dict(matter.search),
            key=keys[0],
            email=vault.encrypt(email),
            language=language,
            at=now,
        )
        session.add(row)
    elif row.confirmed_at is None or row.stopped_at is not None:
        row.at, row.language = now, language
        row.confirmed_at = row.told_until = row.stopped_at = None
    session.flush()
    enqueue(session, CONFIRM, f"subscriber:{row.id}", now, case_id=row.case_id)


def keys_of(vault: Vault, matter: Matter, email: str) -> list[str]:
    """What tells an address that follows a matter, under each key, newest first."""
    return vault.keyed_hashes(_ADDRESS, f"{email.casefold()} {matter.name}")


def forget_stopped(session: Session, subscription_id: int) -> None:
    """Forget a follower who stopped: the last mail was sent, or never can be."""
    overwrite(session)
    session.execute(
        delete(Subscription).where(
            Subscription.id == subscription_id, Subscription.stopped_at.is_not(None)
        )
    )


def forget_followers(session: Session, case: Case) -> None:
    """Forget all who support or follow a case: there will be no more news of it."""
    overwrite(session)
    session.execute(delete(Subscription).where(Subscription.case_id == case.id))
    session.execute(
        update(Support)
        .where(Support.case_id == case.id, Support.email.is_not(None))
        .values(email=None, confirmed_at=None)
    )


def forget_unconfirmed(session: Session, now: datetime) -> None:
    """Forget addresses that did not say yes in time, and those whose last mail was lost."""
    overwrite(session)
    late = now - CONFIRM_WITHIN
    session.execute(
        delete(Subscription).where(Subscription.confirmed_at.is_(None), Subscription.at < late)
    )
    session.execute(delete(Subscription).where(Subscription.stopped_at < late))
    session.execute(
        update(Support)
        .where(
            Support.email.is_not(None),
            Support.confirmed_at.is_(None),
            Support.at < late,
        )
        .values(email=None)
    )
