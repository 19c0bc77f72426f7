"""Photos of a form that came back with errors: kept a day, so that nobody must send them twice.

The server remembers nothing about them. A hidden field carries a token, encrypted and dated, that
says which files they are and to which form key they belong. Never keep photos of a *rahasia* form;
`discard` those kept before the reporter chose it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from itertools import islice
from typing import Final

from app.core.files import Area, FileStore, file_store, key_in, new_key
from app.core.photos import EncodedPhoto, PhotoError, StoredPhoto, described
from app.core.running import the_vault
from app.core.vault import Unreadable, Vault

LIFE: Final = timedelta(hours=24)
#: A draft taken in its last minute needs time until its row is committed.
ORPHAN_LIFE: Final = LIFE + timedelta(hours=1)
BATCH: Final = 500
#: Tells a token from other things the vault closes, such as a cookie's content.
PURPOSE: Final = "draft:"

#: Which of some keys rows of the database name; asked for at most BATCH keys at a time.
Known = Callable[[Sequence[str]], Collection[str]]


@dataclass(frozen=True)
class Drafts:
    """Photos between two sendings of one form."""

    files: FileStore
    vault: Vault

    def keep(self, photo: EncodedPhoto, form_key: str) -> str:
        """Keep a photo for a day. Returns the token for a hidden field of the same form."""
        draft = described(photo, new_key("drafts"), new_key("drafts"))
        self.files.put(draft.key, photo.full)
        self.files.put(draft.thumb_key, photo.thumb)
        return self.vault.encrypt(PURPOSE + json.dumps([_mark(form_key), *astuple(draft)]))

    def still_kept(self, tokens: Iterable[str], form_key: str) -> list[str]:
        """The tokens of this form that have not run out, each photo once.

        If some are missing, `PhotoError("gone")` has the words for it.
        """
        found: dict[str, str] = {}
        for token in tokens:
            try:
                found.setdefault(self._open(token, form_key).key, token)
            except PhotoError:
                continue
        return list(found.values())

    def take(self, token: str, form_key: str) -> StoredPhoto:
        """Keep the photo for good. Doing it again, as a retry does, gives the same photo.

        Raises PhotoError("gone") for a token that ran out, was discarded, or is of another form.
        """
        draft = self._open(token, form_key)
        key, thumb_key = key_in("photos", draft.key), key_in("photos", draft.thumb_key)
        try:
            self.files.move(draft.key, key)
            self.files.move(draft.thumb_key, thumb_key)
        except FileNotFoundError:
            raise PhotoError("gone") from None
        return StoredPhoto(key, thumb_key, draft.width, draft.height, draft.size, draft.digest)

    def thumb(self, token: str) -> bytes:
        """The thumbnail, as a JPEG, for the page that shows the form again.

        Raises PhotoError("gone").
        """
        key = self._open(token).thumb_key
        for place in (key, key_in("photos", key)):
            try:
                return self.files.get(place)
            except FileNotFoundError:
                continue
        raise PhotoError("gone")

    def discard(self, token: str, form_key: str) -> None:
        """Delete a draft now. A bad token, or a photo taken already, changes nothing."""
        try:
            draft = self._open(token, form_key)
        except PhotoError:
            return
        self.files.delete(draft.key)
        self.files.delete(draft.thumb_key)

    def _open(self, token: str, form_key: str | None = None) -> StoredPhoto:
        try:
            text = self.vault.decrypt(token, ttl=int(LIFE.total_seconds()))
        except Unreadable:
            raise PhotoError("gone") from None
        if not text.startswith(PURPOSE):
            raise PhotoError("gone")
        mark, *draft = json.loads(text.removeprefix(PURPOSE))
        if form_key is not None and not compare_digest(mark, _mark(form_key)):
            raise PhotoError("gone")
        return StoredPhoto(*draft)


def _mark(form_key: str) -> str:
    """What binds a token to its form; short, since five tokens stand in a page."""
    return hashlib.sha256(f"draft:{form_key}".encode()).hexdigest()[:32]


def drafts() -> Drafts:
    """Return the drafts of the running application."""
    return Drafts(file_store(), the_vault())


# ---------------------------------------------------------------- for the worker


def purge_drafts(files: FileStore, now: datetime) -> int:
    """Delete drafts older than a day, and what was only half written; return how many files.

    Cheap, for every hour.
    """
    old = list(files.keys("drafts", now - LIFE))
    for key in old:
        files.delete(key)
    return len(old)


def purge_orphans(files: FileStore, known: Known, now: datetime, area: Area = "photos") -> int:
    """Delete stored files that are older than a day and no row names; return how many files.

    They remain of requests that failed after storing. It lists every file, so run it once a day.
    """
    keys = files.keys(area, now - ORPHAN_LIFE)
    deleted = 0
    while batch := list(islice(keys, BATCH)):
        for key in set(batch) - set(known(batch)):
            files.delete(key)
            deleted += 1
    return deleted
