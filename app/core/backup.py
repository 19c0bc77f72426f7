"""A whole copy of the site while it runs: database and photos. Keys are not in it, on purpose."""

import tarfile
from datetime import datetime
from pathlib import Path

from app.core.database import copy_live


def backup(database: str, uploads: Path, folder: Path, now: datetime) -> Path:
    """Write ``tanggap-<time>.tar`` into a folder and return its path.

    Raises NotHere for a database with tools of its own (use ``pg_dump``) and OSError when there is
    no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"tanggap-{now:%Y%m%d-%H%M%S}.tar"
    copy = target.with_suffix(".sqlite")
    try:
        copy_live(database, copy)
        with tarfile.open(target, "x") as archive:
            archive.add(copy, "tanggap.sqlite")
            if uploads.exists():
                archive.add(uploads, "uploads")
    finally:
        copy.unlink(missing_ok=True)
    target.chmod(0o600)
    return target
