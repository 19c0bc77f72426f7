"""The only module that knows which database is behind: SQLite or PostgreSQL.

Reading requests run in a read-only transaction, writing ones take the write lock at once. With
SQLite's default a read-then-write transaction either loses updates or fails with "database is
locked" however long the timeout; ``BEGIN IMMEDIATE`` does neither. Writers queue on a lock file,
because SQLite's own busy handler polls unfairly and lets single requests starve.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

from flask import has_request_context, request
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    FromClause,
    Integer,
    MetaData,
    Select,
    Text,
    TypeDecorator,
    column,
    event,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITE_WAIT_SECONDS = 10.0
SEALED = "gAAAAA"  # how a Fernet token begins until the year 4147
BATCH = 20
"""Rows that a job changes in one transaction: filers wait no longer than that."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged report survives a power cut
    "busy_timeout=5000",
    "foreign_keys=ON",
    "cache_size=-16384",
    "mmap_size=268435456",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
    "secure_delete=FAST",  # what is deleted is overwritten, where that costs no extra writing
)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Mode = Literal["read", "write"]


class Base(DeclarativeBase):
    """Base of all tables. Plain SQLAlchemy, so that models and actions need no Flask."""

    metadata = MetaData(naming_convention=NAMING)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: timezone-aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime names no instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ciphertext(TypeDecorator[str]):
    """Personal data as the vault closed them: the column takes nothing that is not encrypted.

    By this type ``app.core.turning`` finds what a new key must close.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and not value.startswith(SEALED):
            raise ValueError("this column keeps only what the vault has encrypted")
        return value


# ---------------------------------------------------------------- transactions

_forced: ContextVar[Mode | None] = ContextVar("transaction_mode", default=None)
_writing_threads: set[int] = set()


@contextmanager
def transaction(mode: Mode) -> Iterator[None]:
    """Choose how transactions begin inside the block, whatever the request's method says."""
    token = _forced.set(mode)
    try:
        yield
    finally:
        _forced.reset(token)


def few_at_a_time(session: Session, ids: Select[int]) -> list[Sequence[int]]:
    """The row ids a job finds, read in a transaction of their own and dealt out for short ones."""
    with transaction("read"):
        found = session.scalars(ids).all()
        session.rollback()
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def wants_write() -> bool:
    """Whether the next transaction may write: by the method of a request, yes outside of one."""
    if forced := _forced.get():
        return forced == "write"
    return request.method not in SAFE_METHODS if has_request_context() else True


def install(engine: Engine) -> None:
    """Teach an engine the transaction rules of this module; opens no connection."""
    if engine.dialect.name == "sqlite":
        _install_sqlite(engine)
    else:
        event.listen(engine, "begin", _begin_postgresql)


def _begin_postgresql(connection: Connection) -> None:
    if not wants_write():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _install_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", partial(_begin_sqlite, f"{engine.url.database}.lock"))
    event.listen(engine, "checkin", _checked_in)
    event.listen(engine, "close", _closed)


def _connected(driver_connection: Any, _record: Any) -> None:
    driver_connection.isolation_level = None  # the driver's own half-BEGIN off
    for pragma in PRAGMAS:
        driver_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(lock_path: str, connection: Connection) -> None:
    if not wants_write():
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
        return
    info = connection.connection.info
    _take_lock(info, lock_path)
    try:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        _release_lock(info)
        raise


def _checked_in(_driver_connection: Any, record: Any) -> None:
    _release_lock(record.info)  # after COMMIT or ROLLBACK


def _closed(_driver_connection: Any, record: Any) -> None:
    _release_lock(record.info)
    if (descriptor := record.info.pop("lock_descriptor", None)) is not None:
        os.close(descriptor)


def _take_lock(info: Any, path: str) -> None:
    thread = threading.get_ident()
    if thread in _writing_threads:
        raise RuntimeError("a second write transaction in one thread would wait for itself")
    descriptor = info.get("lock_descriptor")
    if descriptor is None:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        info["lock_descriptor"] = descriptor
    _wait_for_lock(descriptor)
    info["lock_owner"] = thread
    _writing_threads.add(thread)


def _wait_for_lock(descriptor: int) -> None:
    # Polled with a deadline: a plain blocking lock would hang for ever behind a stuck writer.
    deadline = time.monotonic() + WRITE_WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            if time.monotonic() > deadline:
                raise OperationalError("BEGIN IMMEDIATE", {}, busy) from busy
            time.sleep(0.002)


def _release_lock(info: Any) -> None:
    if (owner := info.pop("lock_owner", None)) is not None:
        _writing_threads.discard(owner)
        fcntl.flock(info["lock_descriptor"], fcntl.LOCK_UN)


class NotHere(RuntimeError):
    """This database is backed up by its own tools."""


def copy_live(url: str, target: Path) -> None:
    """Copy a database while it is written to, and check the copy.

    SQLite's backup API is used: a plain copy would lose what still stands in the write-ahead log.
    Raises NotHere for PostgreSQL and OSError for a damaged copy.
    """
    if not url.startswith("sqlite:///"):
        raise NotHere("PostgreSQL: use pg_dump for the database, and copy UPLOAD_DIR.")
    source = sqlite3.connect(url.removeprefix("sqlite:///"))
    with closing(source) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=2000)
        result = copy.execute("PRAGMA integrity_check").fetchone()
        if result != ("ok",):
            raise OSError(f"the copy is damaged: {result[0]}")


# ---------------------------------------------------------------- statements that differ


def dialect_of(session: Session) -> str:
    """``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def serialise(session: Session, name: str) -> None:
    """Let one transaction at a time go on under this name; SQLite's writers already queue."""
    if dialect_of(session) == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def settle(session: Session, target: FromClause) -> None:
    """Wait until nobody is adding rows to a table, and keep it so until this transaction ends.

    Until then a row with a lower id than those seen may still be on its way on PostgreSQL; SQLite's
    writers come one by one. Call it first in a transaction. Raises OperationalError when a writer
    takes longer than two seconds: others would have to wait as well.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        session.execute(text(f"LOCK TABLE {target.description} IN SHARE MODE"))


def refresh_statistics(session: Session) -> None:
    """Let the planner know how selective each index is now; PostgreSQL does so by itself.

    Without it SQLite sorts all open reports to show the newest twenty. A sample will do.
    """
    if dialect_of(session) == "sqlite":
        session.execute(text("PRAGMA analysis_limit=400"))
        session.execute(text("ANALYZE"))


def overwrite(session: Session) -> None:
    """From now on, leave nothing readable of what this session's connection deletes."""
    if dialect_of(session) == "sqlite":
        session.execute(text("PRAGMA secure_delete=ON"))


def shorten_log(session: Session) -> None:
    """Drop earlier versions of changed pages; `session` must not be in a transaction.

    Readers of an old state may prevent it; the next time will do. PostgreSQL's log and dead rows
    are its own housekeeping.
    """
    if dialect_of(session) == "sqlite":
        connection = cast(Engine, session.get_bind()).raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def whole(session: Session, number: ColumnElement[Any]) -> ColumnElement[int]:
    """The whole part of a number that is not negative: SQLite cuts, PostgreSQL would round."""
    return (number if dialect_of(session) == "sqlite" else func.floor(number)).cast(Integer)


def insert_or(session: Session, target: FromClause) -> Any:
    """An INSERT of this database that knows ``on_conflict_do_update`` and
    ``on_conflict_do_nothing``.
    """
    module = sqlite if dialect_of(session) == "sqlite" else postgresql
    return module.insert(target)


def count_up(session: Session, target: FromClause, keys: dict[str, Any], by: int = 1) -> int:
    """Add to the counter column ``n`` of the row with these keys, making it when missing; the new
    value.

    One statement, so that two transactions never read the same value.
    """
    statement = insert_or(session, target).values(**keys, n=by)
    statement = statement.on_conflict_do_update(
        index_elements=list(keys), set_={"n": target.c.n + by}
    ).returning(target.c.n)
    return int(session.execute(statement).scalar_one())


# ---------------------------------------------------------------- full-text and box search
# Words arrive stemmed (app.core.search), so both databases agree on what matches.

_search = table("case_search", column("case_id", Integer), column("stems"))
_sqlite_search = table("case_search", column("rowid", Integer), column("stems"))
_box = table(
    "case_place",
    column("case_id", Integer),
    *(column(c) for c in ("south", "north", "west", "east")),
)

SEARCH_TABLES = frozenset({"case_search", "case_place"})
SEARCH_DDL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE case_search USING fts5(stems, tokenize='unicode61')",
        "CREATE VIRTUAL TABLE case_place USING rtree(case_id, south, north, west, east)",
    ),
    "postgresql": (
        "CREATE TABLE case_search (case_id integer PRIMARY KEY, stems tsvector NOT NULL)",
        "CREATE INDEX ix_case_search_stems ON case_search USING gin (stems)",
        "CREATE TABLE case_place (case_id integer PRIMARY KEY, place point NOT NULL)",
        "CREATE INDEX ix_case_place_place ON case_place USING gist (place)",
    ),
}


def is_search_table(name: str | None) -> bool:
    """Whether a table belongs to the search indexes (with SQLite's shadow tables), outside the
    models.
    """
    return bool(name) and any(name == t or name.startswith(f"{t}_") for t in SEARCH_TABLES if name)


def index_words(session: Session, case_id: int, stems: Sequence[str]) -> None:
    """Make a case findable by these stemmed words, in place of any earlier ones."""
    forget_words(session, case_id)
    if dialect_of(session) == "sqlite":
        statement = text("INSERT INTO case_search (rowid, stems) VALUES (:id, :stems)")
    else:
        statement = text(
            "INSERT INTO case_search (case_id, stems)"
            " VALUES (:id, array_to_tsvector(string_to_array(:stems, ' ')))"
        )
    session.execute(statement, {"id": case_id, "stems": " ".join(dict.fromkeys(stems))})


def forget_words(session: Session, case_id: int) -> None:
    """Take a case out of the full-text search."""
    where = "rowid = :id" if dialect_of(session) == "sqlite" else "case_id = :id"
    session.execute(text("DELETE FROM case_search WHERE " + where), {"id": case_id})  # noqa: S608


def with_words(session: Session, stems: Iterable[str], *, every: bool = True) -> Select[tuple[int]]:
    """Ids of the cases that hold all (or any) of these stemmed words."""
    words = list(dict.fromkeys(stems))
    if dialect_of(session) == "sqlite":
        query = (" AND " if every else " OR ").join('"' + w.replace('"', '""') + '"' for w in words)
        rows = select(_sqlite_search.c.rowid.label("case_id"))
        return rows.where(literal_column("case_search").op("MATCH")(query))
    query = (" & " if every else " | ").join(
        "'" + w.replace("'", "''").replace("\\", "") + "'" for w in words
    )
    return select(_search.c.case_id).where(
        _search.c.stems.op("@@")(text("CAST(:q AS tsquery)").bindparams(q=query))
    )


def set_place(session: Session, case_id: int, latitude: float, longitude: float) -> None:
    """Put a case on the map."""
    forget_place(session, case_id)
    if dialect_of(session) == "sqlite":
        statement = text("INSERT INTO case_place VALUES (:id, :lat, :lat, :lon, :lon)")
    else:
        statement = text("INSERT INTO case_place VALUES (:id, point(:lon, :lat))")
    session.execute(statement, {"id": case_id, "lat": latitude, "lon": longitude})


def forget_place(session: Session, case_id: int) -> None:
    """Take a case off the map."""
    session.execute(text("DELETE FROM case_place WHERE case_id = :id"), {"id": case_id})


def places(
    session: Session, south: float, west: float, north: float, east: float
) -> Select[tuple[int, float, float]]:
    """Ids, latitudes and longitudes of the cases inside a box in degrees, within about a metre."""
    found = inside_box(session, south, west, north, east)
    if dialect_of(session) == "sqlite":
        lat, lon = (_box.c.south + _box.c.north) / 2, (_box.c.west + _box.c.east) / 2
    else:
        lat, lon = literal_column("place[1]"), literal_column("place[0]")
    return found.add_columns(lat.label("lat"), lon.label("lon"))


def inside_box(
    session: Session, south: float, west: float, north: float, east: float
) -> Select[tuple[int]]:
    """Ids of the cases inside a box in degrees; a little more than the box, check the true place
    after.
    """
    if dialect_of(session) == "sqlite":
        slack = 1e-5  # an R-tree holds 32-bit floats: about a metre
        return select(_box.c.case_id).where(
            _box.c.north >= south - slack,
            _box.c.south <= north + slack,
            _box.c.east >= west - slack,
            _box.c.west <= east + slack,
        )
    area = func.box(func.point(west, south), func.point(east, north))
    return select(_box.c.case_id).where(column("place").op("<@")(area))
