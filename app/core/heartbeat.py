"""A file that says when the worker last went round, for ``/readyz`` and the doctor."""

import os
from datetime import datetime
from pathlib import Path

NAME = "worker.heartbeat"


def beat(instance: Path, now: datetime) -> None:
    """Say that the worker went round now."""
    fresh = instance / f".{NAME}.{os.getpid()}"
    fresh.write_text(now.isoformat(timespec="seconds"), encoding="ascii")
    fresh.replace(instance / NAME)


def last_beat(instance: Path) -> datetime | None:
    """When the worker last went round; None when it never did."""
    try:
        return datetime.fromisoformat((instance / NAME).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
