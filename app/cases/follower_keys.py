"""Hashing the addresses of followers under the newest data key."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.cases.mail_actions import Matter, keys_of
from app.cases.models import Subscription
from app.core.database import few_at_a_time, transaction
from app.core.turning import Row
from app.core.vault import Unreadable, Vault


@dataclass(frozen=True)
class FollowerKeys:
    """The keys of subscriptions, as a ``turning.Place``: unlike a code, an address is there to hash
    once more. With a key that leaked, anybody could try addresses against them.
    """

    session: Session
    name: str = "subscription.key"

    def size(self) -> int:
        """How many there are."""
        with transaction("read"):
            count = self.session.scalar(select(func.count(Subscription.id)))
            self.session.rollback()
        return count or 0

    def batches(self) -> Iterable[Sequence[Row]]:
        """The row ids."""
        return few_at_a_time(self.session, select(Subscription.id).order_by(Subscription.id))

    def ages(self, vault: Vault, rows: Sequence[Row]) -> dict[Row, int | None]:
        """Under which key each stands. An address no key opens is counted where it stands."""
        found: dict[Row, int | None] = {}
        with transaction("read"):
            for row in self.session.scalars(self._of(rows)):
                if keys := self._keys_of(vault, row):
                    found[row.id] = keys.index(row.key) if row.key in keys else len(keys)
            self.session.rollback()
        return found

    def renew(self, vault: Vault, rows: Sequence[Row]) -> int:
        """Hash under the newest key, but for a row that would then be there twice."""
        done = 0
        with transaction("write"):
            for row in self.session.scalars(self._of(rows).with_for_update(skip_locked=True)).all():
                keys = self._keys_of(vault, row)
                there = select(Subscription.id).where(Subscription.key == keys[0]) if keys else None
                if there is not None and self.session.scalar(there) is None:
                    row.key = keys[0]
                    done += 1
            self.session.commit()
        return done

    def _of(self, rows: Sequence[Row]) -> Select[Subscription]:
        return select(Subscription).where(Subscription.id.in_(rows)).order_by(Subscription.id)

    def _keys_of(self, vault: Vault, row: Subscription) -> list[str]:
        matter = Matter(row.kind, row.case_id, row.search)
        with suppress(Unreadable):
            return keys_of(vault, matter, vault.decrypt(row.email))
        return []
