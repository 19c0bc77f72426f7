"""Finding a letter by its code, and reading its paper back."""

import hashlib
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.files import FileStore
from app.core.vault import Vault
from app.letters.models import Letter

PURPOSE: Final = "letter"
"""What the hash of a code is keyed for."""


class Damaged(ValueError):
    """The kept paper is not the one that was issued."""


def by_code(session: Session, vault: Vault, code: str) -> Letter | None:
    """The letter with this code, and the one that replaced it."""
    hashes = vault.keyed_hashes(PURPOSE, code)
    found = select(Letter).where(Letter.code_hash.in_(hashes))
    return session.scalar(found.options(joinedload(Letter.replaced_by)))


def by_paper(session: Session, pdf: bytes) -> Letter | None:
    """The letter that was issued as exactly these bytes."""
    digest = hashlib.sha256(pdf).hexdigest()
    return session.scalar(select(Letter).where(Letter.digest == digest))


def kept_papers(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these file names of the store belong to a letter."""
    return set(session.scalars(select(Letter.file_key).where(Letter.file_key.in_(keys))))


def paper_of(files: FileStore, vault: Vault, letter: Letter) -> bytes:
    """The PDF as it was issued. For staff and for the holder, never for the public.

    Raises FileNotFoundError, Unreadable when no key opens it, and Damaged.
    """
    kept = vault.decrypt_bytes(files.get(letter.file_key))
    if hashlib.sha256(kept).hexdigest() != letter.digest:
        raise Damaged(letter.number)
    return kept
