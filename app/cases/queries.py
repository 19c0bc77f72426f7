"""Every read on the spine: one case, the queue of a desk, a history."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session, joinedload

from app.cases.models import Attachment, Case, Event
from app.civic import codes
from app.core.access import PRIVATE, Permission, Scope, scope_of
from app.core.vault import Vault
from app.staff.models import Staff


def by_number(session: Session, typed: str, *, lock: bool = False) -> Case | None:
    """The case of this public number, however it was typed. ``lock`` for a request that will move
    it.
    """
    number = codes.parse_number(typed)
    return _one(session, Case.number == number, lock) if number else None


def by_id(session: Session, case_id: int, *, lock: bool = False) -> Case | None:
    """The case of this row id."""
    return _one(session, Case.id == case_id, lock)


def by_code(session: Session, vault: Vault, code: str) -> Case | None:
    """The case of this tracking code, already normalised. An erased case has none any more."""
    hashes = vault.keyed_hashes("code", code)
    return session.scalars(
        select(Case).where(Case.code_hash.in_(hashes), Case.erased_at.is_(None))
    ).first()


def by_form_key(session: Session, vault: Vault, form_key: str) -> Case | None:
    """The case an earlier copy of this form made."""
    hashes = vault.keyed_hashes("form", form_key)
    return session.scalars(select(Case).where(Case.form_key_hash.in_(hashes))).first()


def _one(session: Session, condition: ColumnElement[bool], lock: bool) -> Case | None:
    statement = select(Case).where(condition)
    if lock:
        statement = statement.with_for_update()
    return session.scalars(statement).first()


def in_reach(staff: Staff, permission: Permission = Permission.CASE_READ) -> ColumnElement[bool]:
    """The condition that keeps a list to cases this person may read: others are not found."""
    scope = scope_of(staff, permission)
    own = Case.unit_code == staff.unit_code if staff.unit_code else false()
    if scope is Scope.CITY:
        return or_(Case.visibility != PRIVATE, own)
    return own if scope else false()


def events_of(session: Session, case: Case, *, public_only: bool) -> Sequence[Event]:
    """The history of a case with its words, oldest first."""
    statement = (
        select(Event)
        .where(Event.case_id == case.id)
        .options(joinedload(Event.message))
        .order_by(Event.id)
    )
    if public_only:
        statement = statement.where(Event.public)
    return session.scalars(statement).unique().all()


def happened(session: Session, case: Case, name: str, fact: str, value: str) -> bool:
    """Whether an event of this name with this fact stands in the history of a case."""
    events = select(Event).where(Event.case_id == case.id, Event.name == name)
    return any(event.facts.get(fact) == value for event in session.scalars(events))


def photo(session: Session, key: str) -> Attachment | None:
    """The attachment a file name of the store belongs to, full or thumbnail."""
    condition = (Attachment.key == key) | (Attachment.thumb_key == key)
    return session.scalars(select(Attachment).where(condition)).first()


def stored(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these file names of the store belong to an attachment."""
    found: set[str] = set()
    for column in (Attachment.key, Attachment.thumb_key):
        found.update(session.scalars(select(column).where(column.in_(keys))))
    return found
