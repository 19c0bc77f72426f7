"""Hashing addresses under the newest data key."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.cases.contacts import email_hashes
from app.cases.mail_actions import Matter, keys_of
from app.cases.models import Contact, Subscription
from app.core.database import few_at_a_time, transaction
from app.core.turning import Row
from app.core.vault import Unreadable, Vault


@dataclass(frozen=True)
class AddressHashes:
    """A column of hashes of addresses, as a ``turning.Place``: unlike a code, an address is there
    to hash once more. With a key that leaked, anybody could try addresses against them.

    ``of`` gives the hashes of a row and its address under each key. A row without a hash gets one.
    """

    session: Session
    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[int]
    email: InstrumentedAttribute[Any]
    of: Callable[[Vault, Any, str], list[str]]

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"

    def size(self) -> int:
        """How many rows have an address."""
        with transaction("read"):
            count = self.session.scalar(select(func.count(self.email)))
            self.session.rollback()
        return count or 0

    def batches(self) -> Iterable[Sequence[Row]]:
        """The row ids."""
        there = select(self.key).where(self.email.is_not(None)).order_by(self.key)
        return few_at_a_time(self.session, there)

    def ages(self, vault: Vault, rows: Sequence[Row]) -> dict[Row, int | None]:
        """Under which key each stands. An address no key opens is counted where it stands."""
        found: dict[Row, int | None] = {}
        with transaction("read"):
            for row in self.session.scalars(self._of(rows)):
                if hashes := self._hashes_of(vault, row):
                    stands = self._value(row, self.column)
                    age = hashes.index(stands) if stands in hashes else len(hashes)
                    found[self._value(row, self.key)] = age
            self.session.rollback()
        return found

    def renew(self, vault: Vault, rows: Sequence[Row]) -> int:
        """Hash under the newest key, but for a row that would then be there twice."""
        done = 0
        with transaction("write"):
            for row in self.session.scalars(self._of(rows).with_for_update(skip_locked=True)).all():
                new = next(iter(self._hashes_of(vault, row)), None)
                if new and new != self._value(row, self.column) and not self._is_taken(new):
                    setattr(row, self.column.key, new)
                    done += 1
            self.session.commit()
        return done

    def _of(self, rows: Sequence[Row]) -> Select[Any]:
        wanted = self.key.in_(rows), self.email.is_not(None)
        return select(self.column.class_).where(*wanted).order_by(self.key)

    def _hashes_of(self, vault: Vault, row: Any) -> list[str]:
        with suppress(Unreadable):
            return self.of(vault, row, vault.decrypt(self._value(row, self.email)))
        return []

    def _is_taken(self, new: str) -> bool:
        unique = self.column.class_.__table__.c[self.column.key].unique
        there = select(self.key).where(self.column == new).limit(1)
        return bool(unique) and self.session.scalar(there) is not None

    def _value(self, row: Any, attribute: InstrumentedAttribute[Any]) -> Any:
        return getattr(row, attribute.key)


def address_hashes(session: Session) -> list[AddressHashes]:
    """All of them: what finds a contact, and the keys of followers."""
    return [
        AddressHashes(
            session,
            Contact.email_hash,
            Contact.case_id,
            Contact.email,
            lambda vault, _row, email: email_hashes(vault, email),
        ),
        AddressHashes(
            session, Subscription.key, Subscription.id, Subscription.email, _follower_keys
        ),
    ]


def _follower_keys(vault: Vault, row: Subscription, email: str) -> list[str]:
    return keys_of(vault, Matter(row.kind, row.case_id, row.search), email)
