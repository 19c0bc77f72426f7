"""Every write to accounts and their sessions.

Passwords come in hashed: hashing is slow, and a write transaction is no place to wait.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.database import serialise
from app.core.outbox import enqueue
from app.staff.catalogue import ACCOUNT_EVENTS, INVITED_HASH, N_, ROLES, SESSION_LIFETIME
from app.staff.links import PasswordLink, mark_of
from app.staff.models import KnownDevice, Staff, StaffSession
from app.staff.queries import Credentials, account_named

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,58}[a-z0-9])")
"""Account names; one spelling of each, because they are typed."""


class EventSink(Protocol):
    """The log that account events go to; the room that keeps the event log provides it.

    ``actor`` is None for the operator at the command line. ``facts`` hold no personal data: they
    are hashed and stay for ever.
    """

    def __call__(
        self,
        session: Session,
        name: str,
        actor: Staff | None,
        now: datetime,
        facts: Mapping[str, Any],
        /,
    ) -> object: ...


class Refused(Exception):
    """The rules for accounts forbid this. ``reason`` is a text of the catalogue."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


BAD_USERNAME = N_("Pakai 3–60 huruf kecil, angka, titik, atau garis, misalnya rina.siregar.")
USERNAME_TAKEN = N_("Nama akun ini sudah dipakai. Pilih yang lain.")
UNIT_MISSING = N_("Pilih dinas tempat orang ini bekerja.")
NOT_YOURSELF = N_("Anda tidak bisa menonaktifkan akun sendiri. Minta admin lain.")
LAST_ADMIN = N_("Ini admin terakhir. Jadikan orang lain admin dulu.")
NOT_TO_BE_INVITED = N_(
    "Undangan hanya untuk akun aktif yang punya email dan belum punya kata sandi."
)
PASSWORD_MOVED_ON = N_("Kata sandi akun ini baru saja diganti orang lain. Masuk lagi.")


@dataclass(frozen=True)
class Profile:
    """What an administrator decides about an account."""

    name: str
    email: str
    role: str
    unit_code: str | None
    language: str


# ---------------------------------------------------------------- accounts


def add(
    session: Session,
    log: EventSink,
    actor: Staff | None,
    username: str,
    profile: Profile,
    password_hash: str,
    now: datetime,
    *,
    temporary: bool,
) -> Staff:
    """Make an account. Raises Refused for a name that is taken or malformed, or a missing unit.

    ``temporary``: somebody else has seen the password, so it must be changed at the first sign-in.
    """
    if not USERNAME.fullmatch(username):
        raise Refused(BAD_USERNAME, "username")
    _check_unit(profile)
    serialise(session, "staff")
    if account_named(session, username):
        raise Refused(USERNAME_TAKEN, "username")
    account = Staff(
        username=username,
        password_hash=password_hash,
        password_changed_at=now,
        must_change_password=temporary,
        created_at=now,
    )
    _fill(account, profile)
    session.add(account)
    session.flush()
    facts = {"role": account.role, "unit": account.unit_code}
    _happened(session, log, "account_added", actor, account, now, facts)
    return account


def add_invited(
    session: Session,
    log: EventSink,
    actor: Staff,
    username: str,
    profile: Profile,
    now: datetime,
) -> Staff:
    """Make an account whose owner sets the password by a mailed link. Raises Refused as ``add``
    does, and without an address.
    """
    nothing = _no_password_yet()
    account = add(session, log, actor, username, profile, nothing, now, temporary=False)
    invite(session, log, actor, account, now)
    return account


def invite(
    session: Session, log: EventSink, actor: Staff | None, account: Staff, now: datetime
) -> None:
    """Mail a link to somebody who has no password yet; the links before it are dead.

    Raises Refused when there is a password, no address, or the account is disabled.
    """
    session.refresh(account, with_for_update=True)
    if not _may_be_invited(account):
        raise Refused(NOT_TO_BE_INVITED)
    account.password_hash, account.password_changed_at = _no_password_yet(), now
    session.flush()
    values = {
        "inviter": actor.role if actor else "admin",
        "role": account.role,
        "unit": account.unit_code,
    }
    _happened(
        session,
        log,
        "account_invited",
        actor,
        account,
        now,
        mail_values=values | _link(account, now),
    )


def change(
    session: Session,
    log: EventSink,
    actor: Staff | None,
    account: Staff,
    profile: Profile,
    now: datetime,
) -> None:
    """Change an account; another role or unit ends its sessions.

    An open invitation follows to another address.

    Raises Refused for the last admin, or a missing unit.
    """
    _check_unit(profile)
    if account.role == "admin" and profile.role != "admin":
        _need_another_admin(session, account)
    before = _profile(account)
    if before == profile:
        return
    _fill(account, profile)
    session.flush()
    facts: dict[str, Any] = {"changed": _differences(before, profile)}
    if (before.role, before.unit_code) != (account.role, account.unit_code):
        end_sessions(session, account)
        facts |= {"role": account.role, "unit": account.unit_code}
    _happened(session, log, "account_changed", actor, account, now, facts)
    if before.email != account.email and _may_be_invited(account):
        invite(session, log, actor, account, now)


def set_password(
    session: Session,
    log: EventSink,
    actor: Staff | None,
    account: Staff,
    password_hash: str,
    now: datetime,
    *,
    temporary: bool,
) -> None:
    """Give an account another password; all its sessions end."""
    _put_password(session, account, password_hash, now, temporary=temporary)
    _happened(session, log, "password_changed", actor, account, now, mail_values=_moment(now))


def ask_for_password_link(session: Session, log: EventSink, account: Staff, now: datetime) -> None:
    """Mail the owner of an account a link to a new password; somebody said it was forgotten."""
    name = "password_link_asked"
    _happened(session, log, name, None, account, now, mail_values=_link(account, now))


def set_password_by_link(
    session: Session, log: EventSink, link: PasswordLink, password_hash: str, now: datetime
) -> bool:
    """Set the password of whoever opened a mailed link; all sessions end, and so does the link.

    False when the link is over or has been used.
    """
    account = session.get(Staff, link.staff_id, with_for_update=True)
    if account is None or not link.opens(account, now):
        return False
    if account.invited_until is None:
        set_password(session, log, account, account, password_hash, now, temporary=False)
    else:
        _put_password(session, account, password_hash, now, temporary=False)
        _happened(session, log, "invitation_accepted", account, account, now)
    return True


def change_own_password(
    session: Session, log: EventSink, checked: Staff, password_hash: str, device: str, now: datetime
) -> str:
    """Take the new password of a person whose old one was just checked; the token of a new session.

    Raises Refused when the account was disabled or got another password meanwhile.
    """
    account = _unchanged(session, checked.id, checked.password_hash)
    if account is None:
        raise Refused(PASSWORD_MOVED_ON)
    set_password(session, log, account, account, password_hash, now, temporary=False)
    return _open_session(session, account, device, now)


def disable(
    session: Session, log: EventSink, actor: Staff | None, account: Staff, now: datetime
) -> None:
    """Shut an account; its sessions end. Raises Refused for oneself and for the last admin."""
    if actor is not None and actor.id == account.id:
        raise Refused(NOT_YOURSELF)
    if account.role == "admin":
        _need_another_admin(session, account)
    if account.disabled_at is not None:
        return
    account.disabled_at = now
    end_sessions(session, account)
    _happened(session, log, "account_disabled", actor, account, now)


def enable(
    session: Session, log: EventSink, actor: Staff | None, account: Staff, now: datetime
) -> None:
    """Open a disabled account again."""
    if account.disabled_at is None:
        return
    account.disabled_at = None
    _happened(session, log, "account_enabled", actor, account, now)


# ---------------------------------------------------------------- sessions


def sign_in(
    session: Session,
    log: EventSink,
    checked: Credentials,
    device: str,
    now: datetime,
    *,
    fresh_hash: str | None = None,
) -> str | None:
    """Open a session for an account whose password was just checked; its token.

    None when the account was disabled or got another password meanwhile. ``fresh_hash`` replaces a
    hash that was made in an outdated way.
    """
    account = _unchanged(session, checked.staff_id, checked.password_hash)
    if account is None:
        return None
    if fresh_hash:
        account.password_hash = fresh_hash
    name = "new_device" if _is_new(session, account, device) else "signed_in"
    _happened(
        session, log, name, account, account, now, mail_values={**_moment(now), "device": device}
    )
    return _open_session(session, account, device, now)


def end_session(session: Session, staff_id: int, session_id: int) -> bool:
    """End one session of an account; False when it has no such session."""
    statement = delete(StaffSession).where(
        StaffSession.id == session_id, StaffSession.staff_id == staff_id
    )
    return _deleted(session, statement) > 0


def end_sessions(session: Session, account: Staff) -> None:
    """End all sessions of an account at once."""
    _deleted(session, delete(StaffSession).where(StaffSession.staff_id == account.id))


def end_other_sessions(
    session: Session, log: EventSink, actor: Staff, session_id: int, now: datetime
) -> None:
    """End all sessions of a person but this one."""
    statement = delete(StaffSession).where(
        StaffSession.staff_id == actor.id, StaffSession.id != session_id
    )
    if ended := _deleted(session, statement):
        _happened(session, log, "sessions_ended", actor, actor, now, {"sessions": ended})


# ---------------------------------------------------------------- parts


def _happened(
    session: Session,
    log: EventSink,
    name: str,
    actor: Staff | None,
    account: Staff,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    *,
    mail_values: Mapping[str, Any] | None = None,
) -> None:
    """Write the event down and tell the account's owner what its row says."""
    event = ACCOUNT_EVENTS[name]
    log(session, event.name, actor, now, {"account": account.id, **(facts or {})})
    for mail in event.tells if account.email else ():
        enqueue(session, mail, f"staff:{account.id}", now, values=dict(mail_values or {}))


def _moment(now: datetime) -> dict[str, str]:
    return {"datetime": now.isoformat()}


def _link(account: Staff, now: datetime) -> dict[str, str]:
    """The facts a mailed link is made from; without the site's key they open nothing."""
    return {"mark": mark_of(account), **_moment(now)}


def _no_password_yet() -> str:
    """What stands in place of a hash; another one each time, so that older links are dead."""
    return f"{INVITED_HASH}{secrets.token_hex(16)}"


def _may_be_invited(account: Staff) -> bool:
    return bool(account.invited_until and account.email and account.disabled_at is None)


def _put_password(
    session: Session, account: Staff, password_hash: str, now: datetime, *, temporary: bool
) -> None:
    account.password_hash = password_hash
    account.password_changed_at = now
    account.must_change_password = temporary
    end_sessions(session, account)


def _check_unit(profile: Profile) -> None:
    if ROLES[profile.role].needs_unit and not profile.unit_code:
        raise Refused(UNIT_MISSING, "unit_code")


def _profile(account: Staff) -> Profile:
    return Profile(account.name, account.email, account.role, account.unit_code, account.language)


def _fill(account: Staff, profile: Profile) -> None:
    for name, value in vars(profile).items():
        setattr(account, name, value)


def _differences(before: Profile, after: Profile) -> list[str]:
    return [name for name, value in vars(after).items() if getattr(before, name) != value]


def _need_another_admin(session: Session, account: Staff) -> None:
    serialise(session, "staff")
    others = session.scalar(
        select(func.count()).where(
            Staff.role == "admin", Staff.disabled_at.is_(None), Staff.id != account.id
        )
    )
    if account.disabled_at is None and not others:
        raise Refused(LAST_ADMIN)


def _unchanged(session: Session, staff_id: int, password_hash: str) -> Staff | None:
    """The account, locked, if it still is what was checked outside this transaction."""
    account = session.get(Staff, staff_id, with_for_update=True)
    if account is None or account.disabled_at or account.password_hash != password_hash:
        return None
    return account


def _open_session(session: Session, account: Staff, device: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    opened = StaffSession(
        token_hash=StaffSession.hash_of(token),
        staff_id=account.id,
        created_at=now,
        expires_at=now + SESSION_LIFETIME,
        device=device,
    )
    session.add(opened)
    session.flush()
    return token


def _is_new(session: Session, account: Staff, device: str) -> bool:
    """Remember the device; whether it is another than those known before."""
    known = session.scalars(
        select(KnownDevice.device).where(KnownDevice.staff_id == account.id)
    ).all()
    if device in known:
        return False
    session.add(KnownDevice(staff_id=account.id, device=device))
    session.flush()
    return bool(known)


def _deleted(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement)
    return int(result.rowcount)
