"""The hash chain of the event log and the Merkle trees that seal it.

An event's hash covers the hash before it and the canonical form of its body, so that no event can
be changed, dropped or slipped in unseen. A seal covers the Merkle root over new events and the seal
before it. Trees and audit paths are those of RFC 6962, section 2.1, whose different first bytes of
leaves (0x00) and nodes (0x01) keep one from passing for the other. Every hash is SHA-256, 32 bytes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

GENESIS = bytes(32)
"""Stands before the first event of a chain and before the first seal."""


@dataclass(frozen=True, slots=True)
class Link:
    """One stored event: what it says stood before it, what it says, and its hash."""

    previous: bytes
    body: Mapping[str, Json]
    hash: bytes


def canonical(body: Mapping[str, Json]) -> bytes:
    """Return the one JSON text of `body`: keys sorted, no blanks, UTF-8.

    Raises ValueError for NaN, infinities and lone surrogates, TypeError for what is not JSON.
    """
    text = json.dumps(
        body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def event_hash(previous: bytes, body: Mapping[str, Json]) -> bytes:
    """Return the hash of an event that follows the one with hash `previous`."""
    return sha256(previous + canonical(body)).digest()


def verify(chain: Iterable[Link], previous: bytes = GENESIS) -> int | None:
    """Return the index of the first link that does not hold, or None when all do.

    `previous` is the hash before the first link, for a chain checked in pieces.
    """
    for index, link in enumerate(chain):
        if link.previous != previous or link.hash != event_hash(previous, link.body):
            return index
        previous = link.hash
    return None


def seal_hash(previous: bytes, root: bytes, size: int, sealed_at: datetime) -> bytes:
    """Return the hash of a seal over `size` events with Merkle root `root`, after seal `previous`.

    `sealed_at` counts in whole seconds. Raises ValueError when it has no time zone.
    """
    if sealed_at.tzinfo is None:
        raise ValueError("a seal needs a time zone")
    at = sealed_at.astimezone(UTC).isoformat(timespec="seconds")
    return event_hash(previous, {"at": at, "root": root.hex(), "size": size})


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of `leaves`; that of no leaf is the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return _leaf(leaves[0])
    split = _split(len(leaves))
    return _node(merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def audit_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes that prove leaf `index` stands in the tree, from the leaf upwards.

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*audit_path(left, index), merkle_root(right))
    return (*audit_path(right, index - split), merkle_root(left))


def stands_in(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `path` proves that `leaf` is number `index` of `size` leaves under `root`.

    The check of RFC 9162, section 2.1.3.2, for trees of RFC 6962.
    """
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, _leaf(leaf)
    for sibling in path:
        if last == 0:
            return False
        if here % 2 or here == last:
            found = _node(sibling, found)
            while here and here % 2 == 0:
                here, last = here >> 1, last >> 1
        else:
            found = _node(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def _leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
