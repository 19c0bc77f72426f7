"""The file store: the same promises on the local disk and in a bucket."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from app.core import files
from app.core.files import (
    Area,
    BucketStore,
    FileStore,
    LocalStore,
    key_in,
    new_key,
    open_store,
)

SOON = timedelta(minutes=1)
FOREIGN = [
    "",
    "photos",
    "../secret",
    "..",
    "/etc/passwd",
    "draft-",
    "draft-../" + "a" * 29,
    "paper-",
    "paper-draft-" + "a" * 32,
    "a" * 31,
    "a" * 33,
    "A" * 32,
    "a" * 32 + "\n",
    "a" * 32 + "\0",
    "a" * 16 + "/" + "a" * 15,
    "drafts/" + "a" * 32,
    "photos/aa/aa/" + "a" * 28,
    "photo-" + "a" * 32,
    "٣" * 32,
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture(params=["local", "bucket"])
def store(request: pytest.FixtureRequest, root: Path) -> FileStore:
    return LocalStore(root) if request.param == "local" else BucketStore(MemoryStore())


def soon() -> datetime:
    return datetime.now(UTC) + SOON


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# ---------------------------------------------------------------- both stores


def test_what_was_put_is_got(store: FileStore) -> None:
    key = new_key("photos")
    store.put(key, b"data")
    assert store.get(key) == b"data"


def test_a_file_that_is_not_there(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.get(new_key("photos"))


def test_deleting_twice_is_deleting_once(store: FileStore) -> None:
    key = new_key("drafts")
    store.put(key, b"data")
    store.delete(key)
    store.delete(key)
    with pytest.raises(FileNotFoundError):
        store.get(key)


def test_moving_twice_is_moving_once(store: FileStore) -> None:
    draft = new_key("drafts")
    photo = key_in("photos", draft)
    store.put(draft, b"data")
    store.move(draft, photo)
    store.move(draft, photo)
    assert store.get(photo) == b"data"
    assert list(store.keys("drafts", soon())) == []


def test_moving_what_is_not_there(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.move(new_key("drafts"), new_key("photos"))


def test_keys_of_an_area_by_age(store: FileStore) -> None:
    photo, draft = new_key("photos"), new_key("drafts")
    store.put(photo, b"1")
    store.put(draft, b"2")
    assert list(store.keys("photos", soon())) == [photo]
    assert list(store.keys("drafts", soon())) == [draft]
    assert list(store.keys("drafts", datetime.now(UTC) - SOON)) == []


def test_an_empty_store_has_no_keys(store: FileStore) -> None:
    assert list(store.keys("photos", soon())) == []


@pytest.mark.parametrize("key", FOREIGN)
def test_a_key_of_another_form_is_refused(store: FileStore, root: Path, key: str) -> None:
    made = new_key("photos")
    store.put(made, b"data")
    before = files_below(root)
    for use in (
        lambda: store.put(key, b"x"),
        lambda: store.get(key),
        lambda: store.delete(key),
        lambda: store.move(key, new_key("photos")),
        lambda: store.move(made, key),
    ):
        with pytest.raises(ValueError, match="not a key"):
            use()
    assert store.get(made) == b"data"
    assert files_below(root) == before


# ---------------------------------------------------------------- keys


@given(st.text())
@example("draft-" + "c" * 32)
@example("paper-" + "c" * 32)
@example("photos/cc/cc/" + "c" * 28)
@example("papers/cc/cc/" + "c" * 28)
def test_a_key_and_its_place_belong_together(text: str) -> None:
    key = files._key_at(text)
    assert key is None or files._path_of(key) == text
    try:
        path = files._path_of(text)
    except ValueError:
        return
    assert files._key_at(path) == text
    assert ".." not in path
    assert not path.startswith("/")


@pytest.mark.parametrize("area", ["photos", "drafts", "letters", "papers"])
def test_keys_keep_their_name_between_areas(area: Area) -> None:
    key = new_key(area)
    assert key_in(area, key) == key
    assert key_in(area, key_in("drafts", key_in("photos", key))) == key


def test_keys_differ() -> None:
    assert len({new_key("photos") for _ in range(100)}) == 100


# ---------------------------------------------------------------- the local disk


def test_only_the_sites_own_user_may_read(root: Path) -> None:
    store, key = LocalStore(root), new_key("photos")
    old = os.umask(0)
    try:
        store.put(key, b"data")
    finally:
        os.umask(old)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


def test_a_failed_write_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.core.files.os.fsync", full)
    root.mkdir()
    for folder in ("photos", "drafts"):
        (root / folder).mkdir()
    with pytest.raises(OSError, match="No space"):
        LocalStore(root).put("draft-" + "a" * 32, b"data")
    assert files_below(root) == []


def test_a_half_written_file_dies_as_a_draft(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(_source: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    store = LocalStore(root)
    monkeypatch.setattr("app.core.files._rename", power_cut)
    with pytest.raises(KeyboardInterrupt):
        store.put(new_key("photos"), b"data")
    assert list(store.keys("photos", soon())) == []
    assert len(list(store.keys("drafts", soon()))) == 1


def test_data_and_its_name_are_synced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def watched_sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def watched_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    store = LocalStore(root)
    store.put("aabb" + "c" * 28, b"")  # makes the folders
    monkeypatch.setattr("app.core.files.os.fsync", watched_sync)
    monkeypatch.setattr(Path, "replace", watched_rename)
    store.put("aabb" + "d" * 28, b"data")
    assert done == ["file", "rename", "folder"]


def test_foreign_files_are_not_listed(root: Path) -> None:
    store, key = LocalStore(root), new_key("photos")
    store.put(key, b"data")
    (root / "photos" / "README").write_text("not ours")
    (root / "photos" / ("a" * 32)).write_text("not where we put it")
    assert list(store.keys("photos", soon())) == [key]


def test_a_file_removed_while_listing(root: Path) -> None:
    store = LocalStore(root)
    for _ in range(3):
        store.put(new_key("drafts"), b"data")

    def seen() -> Iterator[str]:
        for key in store.keys("drafts", soon()):
            for path in files_below(root / "drafts"):
                path.unlink()
            yield key

    assert len(list(seen())) == 1


# ---------------------------------------------------------------- choosing


def test_the_address_chooses_the_store(root: Path) -> None:
    assert isinstance(open_store(str(root)), LocalStore)
    assert isinstance(open_store("s3://bucket/prefix"), BucketStore)
