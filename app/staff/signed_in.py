"""Who is signed in: the cookie's token is looked up in rows that the server can delete.

The account is read in a transaction of its own and handed on detached: checking who somebody is
takes no write lock, and a later rollback in the request does not forget them.
"""

from flask import Flask
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import transaction, wants_write
from app.extensions import db, login
from app.staff.models import Staff, StaffSession
from app.staff.queries import signed_in


class Token(UserMixin):  # type: ignore[misc]
    """What Flask-Login puts into the cookie."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_id(self) -> str:
        """The token as it came or goes."""
        return self._token


class SignedIn(Token):
    """The person behind a request: ``current_user.staff`` and ``current_user.session_id``."""

    def __init__(self, row: StaffSession, token: str) -> None:
        super().__init__(token)
        self.staff: Staff = row.staff
        self.session_id: int = row.id


def init_app(app: Flask) -> None:
    """Let Flask-Login look people up here. Only templates that name ``current_user`` do so."""
    login.session_protection = None  # addresses of phones change; the row decides
    login.user_loader(_load)
    app.jinja_env.globals["current_user"] = current_user


def _load(token: str) -> SignedIn | None:
    session = db.session()
    if session.in_transaction():
        return _find(session, token)
    with transaction("read"):
        found = _find(session, token)
    if wants_write():
        session.rollback()
    return found


def _find(session: Session, token: str) -> SignedIn | None:
    row = signed_in(session, token, now())
    if row is None:
        return None
    session.expunge(row)
    session.expunge(row.staff)
    return SignedIn(row, token)
