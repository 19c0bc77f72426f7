"""Every read of accounts and their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.staff.catalogue import INVITED_HASH, TEMPORARY_PASSWORD_LIFETIME
from app.staff.links import PasswordLink
from app.staff.models import Staff, StaffSession

PAGE = 50
MOST_OF_ONE_ADDRESS = 3
"""So many accounts of one mailbox are written to at once."""


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against, outside any transaction."""

    staff_id: int
    password_hash: str
    usable: bool


def credentials(session: Session, username: str, now: datetime) -> Credentials | None:
    """What to check a sign-in against; None for an unknown name."""
    row = session.execute(
        select(
            Staff.id,
            Staff.password_hash,
            Staff.disabled_at,
            Staff.must_change_password,
            Staff.password_changed_at,
        ).where(Staff.username == username)
    ).first()
    if row is None:
        return None
    stale = row.must_change_password and now > row.password_changed_at + TEMPORARY_PASSWORD_LIFETIME
    return Credentials(row.id, row.password_hash, row.disabled_at is None and not stale)


def signed_in(session: Session, token: str, now: datetime) -> StaffSession | None:
    """The running session of a token, with its account; None when ended, expired or disabled."""
    return session.scalar(
        select(StaffSession)
        .join(StaffSession.staff)
        .options(contains_eager(StaffSession.staff))
        .where(
            StaffSession.token_hash == StaffSession.hash_of(token),
            StaffSession.expires_at > now,
            Staff.disabled_at.is_(None),
        )
    )


def sessions_of(session: Session, staff_id: int, now: datetime) -> Sequence[StaffSession]:
    """The running sessions of an account, newest first."""
    return session.scalars(
        select(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.expires_at > now)
        .order_by(StaffSession.id.desc())
    ).all()


def account(session: Session, staff_id: int) -> Staff | None:
    """One account."""
    return session.get(Staff, staff_id)


def account_named(session: Session, username: str) -> Staff | None:
    """The account with this name."""
    return session.scalar(select(Staff).where(Staff.username == username))


def opened_by(session: Session, link: PasswordLink, now: datetime) -> Staff | None:
    """The account whose password a link still sets."""
    found = session.get(Staff, link.staff_id)
    return found if link.opens(found, now) else None


def forgetful(session: Session, typed: str) -> Sequence[Staff]:
    """The accounts of this name or address that may get a link to a new password by mail.

    Whoever never had one waits for the administrator's invitation.
    """
    return session.scalars(
        select(Staff)
        .where(
            or_(Staff.username == typed, func.lower(Staff.email) == typed),
            Staff.email != "",
            Staff.disabled_at.is_(None),
            Staff.password_hash.not_like(f"{INVITED_HASH}%"),
        )
        .order_by(Staff.id)
        .limit(MOST_OF_ONE_ADDRESS)
    ).all()


def accounts(session: Session, words: str = "", after: str = "") -> Sequence[Staff]:
    """A page of accounts by account name, and one more when there is a next page.

    `words` narrows to names that hold them; `after` is the last account name of the page before.
    """
    statement = select(Staff).where(Staff.username > after).order_by(Staff.username)
    if words:
        pattern = f"%{_literal(words.casefold())}%"
        statement = statement.where(
            or_(
                Staff.username.like(pattern, escape="\\"),
                func.lower(Staff.name).like(pattern, escape="\\"),
            )
        )
    return session.scalars(statement.limit(PAGE + 1)).all()


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
