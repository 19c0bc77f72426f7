"""Copies of the seals for people outside: how one is written, and how a kept one is compared.

Whoever may write the database can make chains and seals anew so that they fit each other. A copy
that somebody else has kept tells: the same seal stands in it with another hash.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Seal
from app.cases.seals import Problem

AT_ONCE: Final = 500
"""Seals read, or compared, in one go."""
ON_A_PAGE: Final = 24
"""A day of them."""


class NotACopy(ValueError):
    """A file does not hold seals as they were published; the message says where."""


# ---------------------------------------------------------------- giving


def latest(session: Session, before: int | None = None) -> tuple[Sequence[Seal], bool]:
    """The newest seals (below a number), newest first, and whether there are older ones."""
    statement = select(Seal).order_by(Seal.id.desc()).limit(ON_A_PAGE + 1)
    if before is not None:
        statement = statement.where(Seal.id < before)
    found = session.scalars(statement).all()
    return found[:ON_A_PAGE], len(found) > ON_A_PAGE


def lines(session: Session, after: int = 0) -> Iterator[str]:
    """All seals above a number, oldest first, each as a line of JSON.

    No transaction stays open between two pieces: a slow reader would hold up the database's log.
    """
    while True:
        statement = select(Seal).where(Seal.id > after).order_by(Seal.id).limit(AT_ONCE)
        found = [published(seal) for seal in session.scalars(statement)]
        session.rollback()
        if not found:
            return
        after = found[-1]["seal"]
        yield "".join(f"{json.dumps(seal)}\n" for seal in found)


def published(seal: Seal) -> dict[str, Any]:
    """What everybody may know of a seal: hashes, how many events and when, nothing of any case."""
    return {
        "seal": seal.id,
        "at": seal.at.isoformat(timespec="seconds"),
        "size": seal.count,
        "root": seal.root,
        "previous": seal.previous,
        "hash": seal.hash,
    }


# ---------------------------------------------------------------- comparing


def compare(session: Session, kept: Iterable[str]) -> tuple[int, Problem | None]:
    """How many seals of a kept copy stand in the database, and the first that does not.

    The copy may begin late and leave some out. Raises NotACopy when it is none, or empty.
    """
    count, copied = 0, _read(kept)
    while piece := list(islice(copied, AT_ONCE)):
        wanted = [seal["seal"] for seal in piece]
        rows = session.scalars(select(Seal).where(Seal.id.in_(wanted)))
        stand = {seal.id: published(seal) for seal in rows}
        for seal in piece:
            if problem := _difference(seal, stand.get(seal["seal"])):
                return count, problem
            count += 1
    if not count:
        raise NotACopy("it holds no seal")
    return count, None


def _difference(kept: Mapping[str, Any], stands: Mapping[str, Any] | None) -> Problem | None:
    place = f"seal {kept['seal']} of {kept['at']}"
    if stands is None:
        return Problem(place, "stands in the kept copy and no longer in the database")
    names = [name for name, value in stands.items() if kept[name] != value]
    if not names:
        return None
    return Problem(place, f"is not the one of the kept copy: {', '.join(names)} differs")


def _read(kept: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(kept, start=1):
        if not line.strip():
            continue
        try:
            seal = json.loads(line)
        except ValueError as error:
            raise NotACopy(f"line {number} is no JSON") from error
        if not _is_seal(seal):
            raise NotACopy(f"line {number} is no seal")
        yield seal


def _is_seal(found: object) -> bool:
    texts = ("at", "root", "previous", "hash")
    return (
        isinstance(found, dict)
        and all(isinstance(found.get(name), str) for name in texts)
        and all(_is_count(found.get(name)) for name in ("seal", "size"))
    )


def _is_count(found: object) -> bool:
    """Whether it is a whole number a database can hold."""
    return isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**31
