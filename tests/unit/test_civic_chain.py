"""The hash chain and the Merkle tree: published vectors, and nothing changed goes unseen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.chain import (
    GENESIS,
    Json,
    Link,
    audit_path,
    canonical,
    event_hash,
    merkle_root,
    seal_hash,
    stands_in,
    verify,
)

# Leaves and roots of the reference implementation of RFC 6962 (certificate-transparency).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé"), inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(st.text("abcé", max_size=4), values, max_size=4)
leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def test_canonical_is_one_text() -> None:
    one: Mapping[str, Json] = {"b": [1, None, True], "a": "Keluhan “parit” 🌧"}
    two: Mapping[str, Json] = {"a": "Keluhan “parit” 🌧", "b": [1, None, True]}
    assert canonical(one) == canonical(two)
    assert canonical(one) == '{"a":"Keluhan “parit” 🌧","b":[1,null,true]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_canonical_refuses_what_has_no_one_text(value: Json) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        canonical({"a": value})


def test_event_hash_is_plain_sha256() -> None:
    assert event_hash(GENESIS, {}) == sha256(bytes(32) + b"{}").digest()


@given(st.lists(bodies, min_size=1, max_size=6))
def test_a_whole_chain_holds(chain: list[dict[str, Json]]) -> None:
    links = _chain(chain)
    assert verify(links) is None
    assert verify(links[1:], previous=links[0].hash) is None


@given(st.lists(bodies, min_size=1, max_size=6), st.data())
def test_every_change_is_seen_where_it_is(
    chain: list[dict[str, Json]], data: st.DataObject
) -> None:
    links = _chain(chain)
    at = data.draw(st.integers(0, len(links) - 1))
    link = links[at]
    changed = [
        replace(link, body={**link.body, "a": "changed by hand"}),
        replace(link, previous=sha256(b"other").digest()),
        replace(link, hash=sha256(b"other").digest()),
    ]
    for bad in changed:
        assert verify([*links[:at], bad, *links[at + 1 :]]) == at


def test_a_dropped_and_a_swapped_link_are_seen() -> None:
    links = _chain([{"n": n} for n in range(4)])
    assert verify(links[1:]) == 0
    assert verify([links[0], *links[2:]]) == 1
    assert verify([links[0], links[2], links[1], links[3]]) == 1
    assert verify([]) is None


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_merkle_root_vectors(size: int) -> None:
    assert merkle_root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("size", "index", "path"),
    [
        (1, 0, []),
        (
            8,
            0,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
    ],
)
def test_audit_path_vectors(size: int, index: int, path: list[str]) -> None:
    assert [step.hex() for step in audit_path(LEAVES[:size], index)] == path


@pytest.mark.parametrize("index", [-1, 8])
def test_audit_path_of_no_leaf(index: int) -> None:
    with pytest.raises(IndexError):
        audit_path(LEAVES, index)


@given(leaf_lists, st.data())
def test_an_audit_path_proves_its_leaf_and_no_other(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    size, leaf, root = len(leaves), leaves[index], merkle_root(leaves)
    path = audit_path(leaves, index)
    assert stands_in(leaf, index, size, path, root)
    assert not stands_in(leaf + b"!", index, size, path, root)
    assert not stands_in(leaf, index, size, path, sha256(root).digest())
    assert not stands_in(leaf, index, size, (*path, root), root)
    assert not stands_in(leaf, size, size, path, root)
    assert not stands_in(leaf, -1, size, path, root)
    assert not path or not stands_in(leaf, index, size, path[:-1], root)
    neighbour = index ^ 1
    if neighbour < size and leaves[neighbour] != leaf:
        assert not stands_in(leaf, neighbour, size, path, root)


def test_a_seal_hangs_on_everything_it_says() -> None:
    root, at = merkle_root(LEAVES), datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    seal = seal_hash(GENESIS, root, 8, at)
    same_instant = at.astimezone(timezone(timedelta(hours=7)))
    assert seal == seal_hash(GENESIS, root, 8, same_instant)
    others = [
        seal_hash(seal, root, 8, at),
        seal_hash(GENESIS, merkle_root(LEAVES[:7]), 8, at),
        seal_hash(GENESIS, root, 7, at),
        seal_hash(GENESIS, root, 8, at + timedelta(seconds=1)),
    ]
    assert len({seal, *others}) == 5


def test_a_seal_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        seal_hash(GENESIS, GENESIS, 0, datetime(2026, 11, 24))  # noqa: DTZ001


def _chain(contents: list[dict[str, Json]]) -> list[Link]:
    links: list[Link] = []
    for body in contents:
        previous = links[-1].hash if links else GENESIS
        links.append(Link(previous, body, event_hash(previous, body)))
    return links
