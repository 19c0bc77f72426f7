"""A whole copy of the site while it runs: database, photos and letters.

Keys are not in it, on purpose.
"""

import tarfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from app.core.database import copy_live


def backup(database: str, uploads: Path, folder: Path, now: datetime) -> Path:
    """Write ``tanggap-<time>.tar`` into a folder and return its path.

    Raises NotHere for a database with tools of its own (use ``pg_dump``) and OSError when there is
    no room; only a whole copy gets that name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"tanggap-{now:%Y%m%d-%H%M%S}.tar"
    copy, half = target.with_suffix(".sqlite"), target.with_suffix(".part")
    try:
        for path in (copy, half):
            path.touch(mode=0o600, exist_ok=False)  # nobody else reads it, not even half done
        copy_live(database, copy)
        with tarfile.open(half, "w") as archive:
            archive.add(copy, "tanggap.sqlite")
            for file in _named(uploads):
                with suppress(FileNotFoundError):  # erased meanwhile
                    archive.add(file, Path("uploads", file.relative_to(uploads)))
        half.rename(target)
    finally:
        copy.unlink(missing_ok=True)
        half.unlink(missing_ok=True)
    return target


def _named(uploads: Path) -> Iterator[Path]:
    """The photos and letters that rows name. Drafts come and go, and live a day."""
    areas = (uploads / "photos", uploads / "letters")
    return (path for area in areas for path in area.rglob("*") if path.is_file())
