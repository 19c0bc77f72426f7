"""Seals over the event log, and the walk that shows whether history was rewritten.

A seal holds the Merkle root over the hashes of all events since the seal before it, in the order of
their ids, and is chained to it. Its range is closed when it is made: no event with a lower id can
appear afterwards, except by tampering.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.cases.events import BOUND, CITY_CHAIN, bound, digest_of, hash_of
from app.cases.kinds import kinds
from app.cases.models import Case, Event, Message, Seal
from app.civic.chain import GENESIS, audit_path, merkle_root, seal_hash, stands_in
from app.core.database import settle

Link = Row[Any]
"""An event, its words, its case: number, kind, state, when erased, hash of the last event, and what
of it its events vouch for.
"""

EVERY = timedelta(hours=1)
MOST = 10_000
"""Events under one seal, so that a proof stays short and a tree small."""
ERASED = "erased"
"""Name of the event that says that the words of a case are gone."""
AT_ONCE = 500
"""Rows read, or texts checked, in one go."""


# ---------------------------------------------------------------- sealing


def is_due(session: Session, now: datetime) -> bool:
    """Whether the last seal is an hour old."""
    last = session.scalar(select(Seal.at).order_by(Seal.id.desc()).limit(1))
    return last is None or now - last >= EVERY


def seal(session: Session, now: datetime) -> Seal | None:
    """Seal the next events; None when there are none. Call it in a transaction of its own.

    Raises OperationalError when a slow writer keeps the log open; the next minute will do.
    """
    settle(session, Event.__table__)
    before = session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))
    events = _events_after(session, before.last_event if before else 0)
    if not events:
        return None
    at = now.replace(microsecond=0)
    previous = bytes.fromhex(before.hash) if before else GENESIS
    root = merkle_root([bytes.fromhex(event.hash) for event in events])
    made = Seal(
        at=at,
        first_event=events[0].id,
        last_event=events[-1].id,
        count=len(events),
        root=root.hex(),
        previous=previous.hex(),
        hash=seal_hash(previous, root, len(events), at).hex(),
    )
    session.add(made)
    session.flush()
    return made


def _events_after(session: Session, last: int) -> Sequence[Row[int, str]]:
    statement = select(Event.id, Event.hash).where(Event.id > last).order_by(Event.id)
    return session.execute(statement.limit(MOST)).all()


# ---------------------------------------------------------------- proving


@dataclass(frozen=True)
class Standing:
    """Where an event stands under a seal: its place in the tree and the hashes up to the root."""

    seal: Seal
    index: int
    path: tuple[bytes, ...]

    def proves(self, event: Event) -> bool:
        """Whether the path leads from the event to the root of the seal (RFC 6962)."""
        leaf, root = bytes.fromhex(event.hash), bytes.fromhex(self.seal.root)
        return stands_in(leaf, self.index, self.seal.count, self.path, root)


def standing_of(session: Session, event: Event) -> Standing | None:
    """The seal an event stands under; None when it is younger than the last one."""
    over = select(Seal).where(Seal.last_event >= event.id).order_by(Seal.last_event).limit(1)
    sealed = session.scalar(over)
    if sealed is None:
        return None
    rows = session.execute(
        select(Event.id, Event.hash)
        .where(Event.id.between(sealed.first_event, sealed.last_event))
        .order_by(Event.id)
    ).all()
    index = next(i for i, row in enumerate(rows) if row.id == event.id)
    return Standing(sealed, index, audit_path([bytes.fromhex(row.hash) for row in rows], index))


# ---------------------------------------------------------------- verifying


@dataclass(frozen=True)
class Problem:
    """The first thing that does not hold, and where."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def verify(session: Session) -> Problem | None:
    """Walk every chain and every seal; the first problem, or None when all holds."""
    return next(_chain_problems(session), None) or next(_seal_problems(session), None)


def _chain_problems(session: Session) -> Iterator[Problem]:
    rows = session.execute(
        select(
            *(Event, Message, Case.number, Case.kind, Case.state, Case.erased_at, Case.last_hash),
            *(getattr(Case, name) for name in BOUND),
        )
        .outerjoin(Message, Message.event_id == Event.id)
        .outerjoin(Case, Case.id == Event.case_id)
        .order_by(Event.chain, Event.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    texts = _FirstTexts(session)
    for chain, links in groupby(rows, key=lambda row: row.Event.chain):
        yield from _links_problems(chain, links, texts)
        yield from texts.problems(AT_ONCE)
    yield from texts.problems(0)


@dataclass
class _Told:
    """What a chain has told so far of its case."""

    previous: str = GENESIS.hex()
    state: str | None = None
    erased: bool = False
    now: dict[str, str] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take in one more event."""
        self.previous = event.hash
        self.state = event.facts.get("to", self.state)
        self.erased = self.erased or event.name == ERASED
        self.now |= event.facts.get("now", {})


def _links_problems(chain: str, rows: Iterator[Link], texts: "_FirstTexts") -> Iterator[Problem]:
    told, row = _Told(), None
    for sequence, row in enumerate(rows, start=1):
        event = row.Event
        place = f"{row.number or chain}, event {event.sequence} ({event.name}, id {event.id})"
        if event.sequence != sequence or event.previous != told.previous:
            yield Problem(place, "does not follow the event before it")
        if event.hash != hash_of(event):
            yield Problem(place, "was changed after it was written")
        if event.case_id is not None and chain != f"case:{event.case_id}":
            yield Problem(place, "stands in the chain of another case")
        yield from _words_problems(place, row, texts)
        told.hear(event)
    if row is not None and chain != CITY_CHAIN:
        yield from _row_problems(row, told)


def _row_problems(row: Link, told: _Told) -> Iterator[Problem]:
    """Where the row of a case is not as its history tells."""
    if row.number is None:
        yield Problem(row.Event.chain, "its case is gone")
        return
    if (told.state or _first_state(row)) != row.state:
        yield Problem(row.number, f"is {row.state}, but its history ends with {told.state}")
    if row.last_hash != told.previous:
        yield Problem(row.number, "does not end with the event its row names")
    stands = bound(row)
    for name in (name for name, value in told.now.items() if stands.get(name) != value):
        yield Problem(row.number, f"its {name} is not the one of its history ({told.now[name]})")
    if row.erased_at is not None and not told.erased:
        yield Problem(row.number, "passes for erased, but its history tells of no erasure")


def _first_state(row: Link) -> str:
    return next(k.lifecycle.first for k in kinds() if k.lifecycle.kind == row.kind)


def _words_problems(place: str, row: Link, texts: "_FirstTexts") -> Iterator[Problem]:
    event, message = row.Event, row.Message
    digest = event.facts.get("words")
    if digest is None:
        if message is not None:
            yield Problem(place, "has words its event does not know")
    elif message is None and event.sequence == 1:
        texts.expect(row.kind, event.case_id, place, digest)
    elif message is None:
        yield Problem(place, "its words are missing")
    elif not _holds(message.salt, message.body, digest, erased=row.erased_at is not None):
        yield Problem(place, "its words were changed")
    elif event.facts.get("audience", message.audience) != message.audience:
        yield Problem(place, "its words were shown to others or hidden")


def _holds(salt: str, body: str, digest: str, *, erased: bool) -> bool:
    """Whether a text is the one an event binds. Only an erased case may have lost its salt."""
    return digest_of(salt, body) == digest if salt else erased


class _FirstTexts:
    """The texts of first events stand with the kind of the case: checked many at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._expected: dict[str, dict[int, tuple[str, str]]] = {}

    def expect(self, kind: str, case_id: int, place: str, bound: str) -> None:
        self._expected.setdefault(kind, {})[case_id] = (place, bound)

    def problems(self, most: int) -> Iterator[Problem]:
        """Check what was noted, once there is more than `most`."""
        for kind in kinds():
            noted = self._expected.get(kind.lifecycle.kind, {})
            if len(noted) <= most:
                continue
            del self._expected[kind.lifecycle.kind]
            found = kind.bound_words(self._session, list(noted))
            erased = self._erased(list(noted))
            for case_id, (place, digest) in noted.items():
                salt, text = found.get(case_id, ("", ""))
                if not _holds(salt, text, digest, erased=case_id in erased):
                    yield Problem(place, "its words were changed")

    def _erased(self, case_ids: Sequence[int]) -> set[int]:
        statement = select(Case.id).where(Case.id.in_(case_ids), Case.erased_at.is_not(None))
        return set(self._session.scalars(statement))


def _seal_problems(session: Session) -> Iterator[Problem]:
    previous, last = GENESIS, 0
    for made in session.scalars(select(Seal).order_by(Seal.id)):
        place = f"seal {made.id} of {made.at:%Y-%m-%d %H:%M} UTC"
        events = session.execute(
            select(Event.id, Event.hash)
            .where(Event.id > last, Event.id <= made.last_event)
            .order_by(Event.id)
        ).all()
        root = merkle_root([bytes.fromhex(event.hash) for event in events])
        if made.previous != previous.hex():
            yield Problem(place, "does not follow the seal before it")
        if made.hash != seal_hash(previous, bytes.fromhex(made.root), made.count, made.at).hex():
            yield Problem(place, "was changed after it was made")
        if len(events) != made.count or not events or events[0].id != made.first_event:
            yield Problem(place, f"was made over {made.count} events, of which {len(events)} stand")
        if root.hex() != made.root:
            yield Problem(place, "an event under it was changed")
        previous, last = bytes.fromhex(made.hash), made.last_event
