"""Where uploaded files lie: one small interface, on the local disk or on S3-compatible storage.

A key is made here and nowhere else: 128 random bits, marked with the area. ``photos``,
``letters`` and ``papers`` hold what rows name; ``drafts`` holds what belongs to a form not yet
accepted, or is half written, and dies after a day.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast

from flask import current_app

if TYPE_CHECKING:
    from obstore.store import ObjectStore

Area = Literal["photos", "drafts", "letters", "papers"]
NAME_BYTES: Final = 16
_PREFIX: Final[dict[Area, str]] = {
    "photos": "",
    "drafts": "draft-",
    "letters": "letter-",
    "papers": "paper-",
}
ENCRYPTED: Final[tuple[Area, ...]] = ("letters", "papers")
"""Areas whose files the vault closed; ``app.core.turning`` brings them to a new key."""
_AREA: Final[dict[str, Area]] = {prefix: area for area, prefix in _PREFIX.items()}
_MARK: Final[dict[str, str]] = {area: prefix for prefix, area in _AREA.items()}
_KEY = re.compile(r"(?P<mark>draft-|letter-|paper-)?(?P<name>[0-9a-f]{32})")


class FileStore(Protocol):
    """Files by key. Every method raises ValueError for a key this module did not make."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes under the key; once this returns they survive a power cut."""

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises FileNotFoundError."""

    def move(self, source: str, target: str) -> None:
        """Give a file another key; done already counts as done. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove the file, if it is there."""

    def keys(self, area: Area, before: datetime) -> Iterator[str]:
        """Yield the keys of an area's files written before an instant."""


def new_key(area: Area) -> str:
    """Make a key nobody can guess. It may stand in an address as it is."""
    return _PREFIX[area] + secrets.token_hex(NAME_BYTES)


def key_in(area: Area, key: str) -> str:
    """Return the key that a file has, under the same random name, in an area."""
    return _PREFIX[area] + _parts(key)["name"]


def is_key(text: str) -> bool:
    """Tell whether a text has the form of a key of this store."""
    return _KEY.fullmatch(text) is not None


def _parts(key: str) -> re.Match[str]:
    if not (match := _KEY.fullmatch(key)):
        raise ValueError("not a key of this store")
    return match


def _path_of(key: str) -> str:
    """Where a file lies below the root. Two levels keep folders small; drafts are few."""
    parts = _parts(key)
    name, area = parts["name"], _AREA[parts["mark"] or ""]
    return f"drafts/{name}" if area == "drafts" else f"{area}/{name[:2]}/{name[2:4]}/{name[4:]}"


def _key_at(path: str) -> str | None:
    """The key of the file at a path below the root; None for a file that is not ours."""
    area, _, name = path.partition("/")
    key = _MARK.get(area, "") + name.replace("/", "")
    return key if _KEY.fullmatch(key) and _path_of(key) == path else None


class LocalStore:
    """Files below one folder that only the site's own user may read."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> None:
        """Write beside, sync, rename: the key never names half a file."""
        target, fresh = self._path(key), self._path(new_key("drafts"))
        try:
            _write(fresh, data)
            _rename(fresh, target)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises FileNotFoundError."""
        return self._path(key).read_bytes()

    def move(self, source: str, target: str) -> None:
        """Rename; a second time changes nothing. Raises FileNotFoundError."""
        origin, goal = self._path(source), self._path(target)
        try:
            _rename(origin, goal)
        except FileNotFoundError:
            if not goal.exists():
                raise

    def delete(self, key: str) -> None:
        """Remove the file, if it is there."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, area: Area, before: datetime) -> Iterator[str]:
        """Yield the keys of an area's files written before an instant; other files are not seen."""
        for folder, _, names in os.walk(self._root / area):
            for path in (Path(folder, name) for name in names):
                key = _key_at(path.relative_to(self._root).as_posix())
                with suppress(FileNotFoundError):  # somebody else removed it meanwhile
                    if key and path.stat().st_mtime < before.timestamp():
                        yield key

    def _path(self, key: str) -> Path:
        return self._root / _path_of(key)


def _write(path: Path, data: bytes) -> None:
    _make_folder(path.parent)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _rename(source: Path, target: Path) -> None:
    _make_folder(target.parent)
    source.replace(target)
    _sync_folder(target.parent)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make names in a folder last: a synced file may still lose its name in a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BucketStore:
    """Files in a bucket, through obstore; who may read it is the bucket's setting."""

    def __init__(self, bucket: "ObjectStore") -> None:
        self._bucket = bucket

    def put(self, key: str, data: bytes) -> None:
        """Upload; the service answers when it has the file."""
        self._bucket.put(_path_of(key), data)

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises FileNotFoundError."""
        return self._bucket.get(_path_of(key)).bytes().to_bytes()

    def move(self, source: str, target: str) -> None:
        """Copy and delete; a second time changes nothing. Raises FileNotFoundError."""
        try:
            self._bucket.rename(_path_of(source), _path_of(target))
        except FileNotFoundError:
            self._bucket.head(_path_of(target))

    def delete(self, key: str) -> None:
        """Remove the file, if it is there."""
        with suppress(FileNotFoundError):
            self._bucket.delete(_path_of(key))

    def keys(self, area: Area, before: datetime) -> Iterator[str]:
        """Yield the keys of an area's files written before an instant; other files are not seen."""
        for chunk in self._bucket.list(f"{area}/"):
            for file in chunk:
                if (key := _key_at(file["path"])) and file["last_modified"] < before:
                    yield key


def open_store(address: str) -> FileStore:
    """Open the store at a folder or at ``s3://bucket/prefix``.

    For S3, obstore takes the access from the usual ``AWS_…`` variables.
    """
    if not address.startswith("s3://"):
        return LocalStore(Path(address))
    from obstore.store import S3Store

    return BucketStore(S3Store.from_url(address))


def file_store() -> FileStore:
    """Return the store of the running application."""
    return cast(FileStore, current_app.extensions["files"])
