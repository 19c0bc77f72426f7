"""Bringing what is kept encrypted to the newest data key, so that an older one can go.

Nothing is listed here: a column that keeps ciphertext has the type ``Ciphertext``, an area of the
file store stands in ``files.ENCRYPTED``. What lives a day at most (cookies, drafts) needs no new
key.

Nothing says that a value is done but the value itself: a run may be broken off and begun again,
several may run at once, and the site goes on.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from sqlalchemy import Column, func, select, update
from sqlalchemy.orm import Session

from app.core.database import Base, Ciphertext, few_at_a_time, overwrite, transaction
from app.core.files import ENCRYPTED, Area, FileStore
from app.core.vault import Unreadable, Vault

EVER: Final = datetime.max.replace(tzinfo=UTC)

Row = int | str
"""Names a value within its place: a row id, or the key of a file."""
Tell = Callable[[int], None]


class Place(Protocol):
    """Somewhere values are kept under data keys. Its session must not be in a transaction."""

    @property
    def name(self) -> str:
        """What the operator knows it by."""

    def size(self) -> int:
        """How many values there are, about."""

    def batches(self) -> Iterable[Sequence[Row]]:
        """All there are, a few at a time."""

    def ages(self, vault: Vault, rows: Sequence[Row]) -> dict[Row, int | None]:
        """How old the key of each value is (0: the newest); None when no key opens it."""

    def renew(self, vault: Vault, rows: Sequence[Row]) -> int:
        """Bring these to the newest key, leaving what changed meanwhile; how many were changed."""


@dataclass
class Found:
    """What stood in a place when it was walked, and how much of it was renewed after."""

    place: str
    ages: Counter[int] = field(default_factory=Counter)
    unreadable: list[Row] = field(default_factory=list)
    renewed: int = 0

    @property
    def older(self) -> int:
        """How many values were not under the newest key."""
        return sum(count for age, count in self.ages.items() if age)


def walk(place: Place, vault: Vault, tell: Tell, *, renew: bool = False) -> Found:
    """Look at all values of a place, and with ``renew`` bring the older ones to the newest key.

    Commits by itself, a few values a time. ``tell`` hears how many more have been looked at.
    """
    found = Found(place.name)
    for rows in place.batches():
        ages = place.ages(vault, rows)
        found.ages.update(age for age in ages.values() if age is not None)
        found.unreadable += [row for row, age in ages.items() if age is None]
        if renew and (older := [row for row, age in ages.items() if age]):
            found.renewed += place.renew(vault, older)
        tell(len(rows))
    return found


def places(session: Session, store: FileStore) -> list[Place]:
    """All columns and areas that are kept encrypted."""
    tables = Base.metadata.sorted_tables
    columns = (column for table in tables for column in table.columns)
    kept = [Rows(session, column) for column in columns if isinstance(column.type, Ciphertext)]
    return [*kept, *(Files(store, area) for area in ENCRYPTED)]


def _age(vault: Vault, value: str) -> int | None:
    with suppress(Unreadable):
        return vault.age(value)
    return None


def _renewed(vault: Vault, value: str) -> str | None:
    """The value under the newest key; None when it is so already, or cannot be read."""
    return vault.rotate(value) if _age(vault, value) else None


@dataclass(frozen=True)
class Rows:
    """A column of ciphertext, in a table whose primary key is one number."""

    session: Session
    column: Column[Any]

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.column.table.name}.{self.column.name}"

    @property
    def key(self) -> Column[Any]:
        """The primary key of its table."""
        (only,) = self.column.table.primary_key.columns
        return only

    def size(self) -> int:
        """How many rows have a value."""
        with transaction("read"):
            count = self.session.scalar(select(func.count(self.column)))
            self.session.rollback()
        return count or 0

    def batches(self) -> Iterable[Sequence[Row]]:
        """The row ids."""
        there = select(self.key).where(self.column.is_not(None)).order_by(self.key)
        return few_at_a_time(self.session, there)

    def ages(self, vault: Vault, rows: Sequence[Row]) -> dict[Row, int | None]:
        """Of what stands in these rows now."""
        with transaction("read"):
            values = self.session.execute(self._values(rows)).all()
            self.session.rollback()
        return {row: _age(vault, value) for row, value in values}

    def renew(self, vault: Vault, rows: Sequence[Row]) -> int:
        """Renew the values nobody else is changing; theirs will be new, or found by the next walk.

        Rows are held before they are written, and never waited for: nobody waits crosswise.
        """
        done = 0
        with transaction("write"):
            overwrite(self.session)
            held = self.session.execute(self._values(rows).with_for_update(skip_locked=True))
            for row, value in held.all():
                if new := _renewed(vault, value):
                    done += self._replace(row, value, new)
            self.session.commit()
        return done

    def _values(self, rows: Sequence[Row]) -> Any:
        wanted = self.key.in_(rows), self.column.is_not(None)
        return select(self.key, self.column).where(*wanted).order_by(self.key)

    def _replace(self, row: Row, old: str, new: str) -> int:
        statement = update(self.column.table).where(self.key == row, self.column == old)
        changed: Any = self.session.execute(statement.values({self.column.name: new}))
        return int(changed.rowcount)


@dataclass(frozen=True)
class Files:
    """An area of the file store, closed by ``Vault.encrypt_bytes``.

    A file is written once, under a random name: nothing of it can change meanwhile. One that is
    deleted meanwhile may come back, as a file that no row names; the worker removes those.
    """

    store: FileStore
    area: Area

    @property
    def name(self) -> str:
        """The area."""
        return self.area

    def size(self) -> int:
        """How many files there are."""
        return sum(1 for _ in self.store.keys(self.area, EVER))

    def batches(self) -> Iterator[Sequence[Row]]:
        """The files, one by one: they may be large."""
        return ([key] for key in self.store.keys(self.area, EVER))

    def ages(self, vault: Vault, rows: Sequence[Row]) -> dict[Row, int | None]:
        """Of these files, as far as they are still there."""
        return {row: _age(vault, value) for row, value in self._values(rows)}

    def renew(self, vault: Vault, rows: Sequence[Row]) -> int:
        """Write each anew under its own name, which never stands for half a file."""
        done = 0
        for row, value in self._values(rows):
            if new := _renewed(vault, value):
                self.store.put(str(row), urlsafe_b64decode(new))
                done += 1
        return done

    def _values(self, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
        for row in rows:
            with suppress(FileNotFoundError):
                yield row, urlsafe_b64encode(self.store.get(str(row))).decode("ascii")
