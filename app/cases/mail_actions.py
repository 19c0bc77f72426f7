"""Starting and stopping mails to one reader, by the link every mail carries."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.cases.models import Case, Support
from app.cases.telling import CONFIRM_WITHIN
from app.core.vault import Vault

_MARK: Final = "mails"
_MARK_LENGTH: Final = 16


@dataclass(frozen=True)
class Following:
    """A reader of mails about a case: a supporter, or the reporter when `support` is None.

    `has_address` tells whether the address a link was sent to is still the one mails go to.
    """

    case: Case
    support: Support | None
    has_address: bool

    @property
    def is_on(self) -> bool:
        """Whether mails are sent: a supporter has to say yes first."""
        return self.has_address and (self.support is None or self.support.confirmed_at is not None)


def mark_of(vault: Vault, address: str) -> str:
    """What binds a link to the address it is sent to, so that nobody says yes for another one."""
    return vault.keyed_hash(_MARK, address)[:_MARK_LENGTH]


def following(session: Session, vault: Vault, reader: str, mark: str) -> Following | None:
    """What the outbox's name of a reader stands for."""
    kind, _, key = reader.partition(":")
    support = session.get(Support, int(key)) if kind == "supporter" else None
    case_id = support.case_id if support else int(key) if kind == "reporter" else None
    case = session.get(Case, case_id) if case_id is not None else None
    if case is None:
        return None
    email = support.email if support else case.contact and case.contact.email
    return Following(case, support, bool(email) and _is_meant(vault, email or "", mark))


def _is_meant(vault: Vault, email: str, mark: str) -> bool:
    hashes = vault.keyed_hashes(_MARK, vault.decrypt(email))
    return any(compare_digest(known[:_MARK_LENGTH], mark) for known in hashes)


def start(session: Session, following: Following, now: datetime) -> None:
    """Send news from now on to a supporter's address."""
    if following.support is not None and following.has_address:
        following.support.confirmed_at = now
        session.flush()


def stop(session: Session, following: Following) -> None:
    """Send nothing more, and forget the address."""
    if not following.has_address:
        return
    if following.support is not None:
        following.support.email = following.support.confirmed_at = None
    elif following.case.contact is not None:
        following.case.contact.email = None
    session.flush()


def forget_followers(session: Session, case: Case) -> None:
    """Forget the addresses of all supporters of a case: there will be no more news of it."""
    session.execute(
        update(Support)
        .where(Support.case_id == case.id, Support.email.is_not(None))
        .values(email=None, confirmed_at=None)
    )


def forget_unconfirmed(session: Session, now: datetime) -> None:
    """Forget addresses of supporters who did not say yes in time."""
    session.execute(
        update(Support)
        .where(
            Support.email.is_not(None),
            Support.confirmed_at.is_(None),
            Support.at < now - CONFIRM_WITHIN,
        )
        .values(email=None)
    )
