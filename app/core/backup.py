"""A whole copy of the site while it runs: database and photos. Keys are not in it, on purpose."""

import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

PAGES_AT_ONCE = 2000


class NotHere(RuntimeError):
    """This database is backed up by its own tools."""


def backup(database: str, uploads: Path, folder: Path, now: datetime) -> Path:
    """Write ``tanggap-<time>.tar`` into a folder and return its path.

    SQLite is copied by its backup API: a plain copy would lose what still stands in the write-ahead
    log. Raises NotHere for another database (use ``pg_dump``) and OSError when there is no room.
    """
    if not database.startswith("sqlite:///"):
        raise NotHere("PostgreSQL: use pg_dump for the database, and copy UPLOAD_DIR.")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"tanggap-{now:%Y%m%d-%H%M%S}.tar"
    copy = target.with_suffix(".sqlite")
    try:
        _copy(Path(database.removeprefix("sqlite:///")), copy)
        with tarfile.open(target, "x") as archive:
            archive.add(copy, "tanggap.sqlite")
            if uploads.exists():
                archive.add(uploads, "uploads")
    finally:
        copy.unlink(missing_ok=True)
    target.chmod(0o600)
    return target


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=PAGES_AT_ONCE)
        result = copy.execute("PRAGMA integrity_check").fetchone()
        if result != ("ok",):
            raise OSError(f"the copy is damaged: {result[0]}")
