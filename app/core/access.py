"""Who may do what. Views are closed unless marked; every right stands in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.pages import no_store

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a member of staff is here for."""

    ADMIN = "admin"
    VERIFIER = "verifier"
    OFFICER = "officer"
    HEAD = "head"
    VIEWER = "viewer"


class Permission(StrEnum):
    """A right a move, an action or a page asks for."""

    DESK = "desk"
    CASE_READ = "case.read"
    CASE_VERIFY = "case.verify"
    CASE_WORK = "case.work"
    CASE_NOTE = "case.note"
    CASE_HAND_OVER = "case.hand_over"
    CASE_EXTEND = "case.extend"
    CASE_ISSUE = "case.issue"
    PERSON_REVEAL = "person.reveal"
    STAFF_MANAGE = "staff.manage"
    MAIL_READ = "mail.read"


class Scope(StrEnum):
    """How far a right reaches."""

    CITY = "city"
    UNIT = "unit"  # cases the person's own unit holds


_P, _S = Permission, Scope
GRANTS: dict[Role, dict[Permission, Scope]] = {
    Role.VERIFIER: {
        _P.DESK: _S.CITY,
        _P.CASE_READ: _S.CITY,
        _P.CASE_VERIFY: _S.CITY,
        _P.CASE_NOTE: _S.CITY,
        _P.PERSON_REVEAL: _S.CITY,
        _P.MAIL_READ: _S.CITY,
    },
    Role.OFFICER: {
        _P.DESK: _S.UNIT,
        _P.CASE_READ: _S.UNIT,
        _P.CASE_WORK: _S.UNIT,
        _P.CASE_ISSUE: _S.UNIT,
        _P.CASE_NOTE: _S.UNIT,
        _P.PERSON_REVEAL: _S.UNIT,
    },
    Role.HEAD: {
        _P.DESK: _S.UNIT,
        _P.CASE_READ: _S.UNIT,
        _P.CASE_WORK: _S.UNIT,
        _P.CASE_ISSUE: _S.UNIT,
        _P.CASE_NOTE: _S.UNIT,
        _P.CASE_HAND_OVER: _S.UNIT,
        _P.CASE_EXTEND: _S.UNIT,
        _P.PERSON_REVEAL: _S.UNIT,
    },
    Role.VIEWER: {_P.DESK: _S.UNIT, _P.CASE_READ: _S.UNIT},
    # Runs the system and reads no case: a rahasia text is for the verifier and the unit alone.
    Role.ADMIN: {_P.DESK: _S.CITY, _P.STAFF_MANAGE: _S.CITY, _P.MAIL_READ: _S.CITY},
}


class Member(Protocol):
    """The part of a staff account that decides rights."""

    @property
    def role(self) -> str: ...
    @property
    def unit_code(self) -> str | None: ...


PRIVATE = "pribadi"
"""Visibility of a case that nobody but its holder and its unit ever sees: a request's papers are
neither the public's business nor another office's, the verifiers' included.
"""


class Held(Protocol):
    """The part of a case that decides who may touch it."""

    @property
    def unit_code(self) -> str | None: ...
    @property
    def visibility(self) -> str: ...


def scope_of(member: Member, permission: Permission) -> Scope | None:
    """How far this right reaches for this person; None when not granted."""
    return GRANTS[Role(member.role)].get(permission)


def may(member: Member, permission: Permission, case: Held | None = None) -> bool:
    """Whether a person has a right, and on this case when one is given."""
    scope = scope_of(member, permission)
    if scope is None or case is None:
        return scope is not None
    if scope is Scope.CITY and case.visibility != PRIVATE:
        return True
    return member.unit_code is not None and member.unit_code == case.unit_code


# ---------------------------------------------------------------- marks on views


@dataclass(frozen=True)
class Mark:
    """Who may open a view: anybody, or staff with a permission."""

    permission: Permission | None = None
    while_password_expired: bool = False


def public(view: View) -> View:
    """Mark a view as open to anybody."""
    view.access = Mark()  # type: ignore[attr-defined]
    return view


def staff(
    permission: Permission, *, while_password_expired: bool = False
) -> Callable[[View], View]:
    """Mark a view as open to signed-in staff who have this permission somewhere."""

    def mark(view: View) -> View:
        view.access = Mark(permission, while_password_expired)  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Close every view that carries no mark."""
    app.before_request(_check)


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # not found, or a wrong method: the error pages answer
    mark: Mark | None = getattr(current_app.view_functions[request.endpoint], "access", None)
    if mark is None:
        abort(403)
    if mark.permission is None:
        return None
    no_store()  # "back" after signing out must not show a case again
    if not current_user.is_authenticated:
        wanted = request.full_path if request.method == "GET" else None
        return redirect(url_for("staff.sign_in", next=wanted), 303)
    if current_user.staff.must_change_password and not mark.while_password_expired:
        return redirect(url_for("staff.change_password"), 303)
    if not may(current_user.staff, mark.permission):
        abort(403)
    return None
