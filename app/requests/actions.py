"""Keeping filled-in forms: begun, saved page by page, opened again by a code, gone in the end.

Whoever holds the code holds the form. Only its keyed hash is stored and the answers are encrypted:
the database alone names nobody.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.civic.codes import CODE_BYTES, encode
from app.core.vault import Vault
from app.requests.models import Application, Paper
from app.requests.questions import Answers, Value
from app.requests.services import Service

LIFE: Final = timedelta(days=7)
"""How long a form waits for its next page, or to be handed in."""
PURPOSE: Final = "application"


def begin(session: Session, vault: Vault, service: Service, now: datetime) -> str:
    """Begin the form of a service; its code, which is known to nobody else from then on."""
    code = encode(secrets.token_bytes(CODE_BYTES))
    session.add(
        Application(
            code_hash=vault.keyed_hash(PURPOSE, code),
            room=service.room,
            service_code=service.code,
            answers=vault.encrypt("{}"),
            created_at=now,
            updated_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    return code


def find(
    session: Session, vault: Vault, code: str, now: datetime, *, lock: bool = False
) -> Application | None:
    """The form a code opens, until its time is up. ``lock`` it to change it."""
    statement = select(Application).where(
        Application.code_hash.in_(vault.keyed_hashes(PURPOSE, code)), Application.expires_at > now
    )
    return session.scalars(statement.with_for_update() if lock else statement).first()


def answers_of(vault: Vault, application: Application) -> dict[str, list[dict[str, Value]]]:
    """What was filled in so far. Raises Unreadable when no data key opens it."""
    stored = json.loads(vault.decrypt(application.answers))
    return {section: [_entry(one) for one in entries] for section, entries in stored.items()}


def _entry(stored: dict[str, Any]) -> dict[str, Value]:
    return {key: tuple(one) if isinstance(one, list) else str(one) for key, one in stored.items()}


def save(
    vault: Vault,
    application: Application,
    service: Service,
    section: str,
    entries: Sequence[dict[str, Value]],
    now: datetime,
) -> None:
    """Keep the answers of one section; those that a change of mind hides are forgotten."""
    answers: Answers = {**answers_of(vault, application), section: entries}
    application.answers = vault.encrypt(json.dumps(service.questions.kept(answers)))
    touch(application, now)


def touch(application: Application, now: datetime) -> None:
    """Let a form wait for its next page from now on."""
    application.updated_at, application.expires_at = now, now + LIFE


def purge(session: Session, now: datetime) -> list[str]:
    """Delete the forms whose time is up; the keys of their papers' files, which go after that."""
    over = Application.expires_at <= now
    papers = select(Paper.file_key, Paper.thumb_key).join(
        Application, Paper.application_id == Application.id
    )
    keys = [key for row in session.execute(papers.where(over)) for key in row]
    session.execute(delete(Application).where(over))
    return keys
