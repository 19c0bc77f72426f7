"""The photos of a step's form, between two sendings of it and until they are stored for good."""

from dataclasses import dataclass, field
from typing import Final

from flask import request

from app.civic.codes import is_form_key
from app.core.drafts import drafts
from app.core.files import file_store
from app.core.photos import EncodedPhoto, PhotoError, StoredPhoto, read_photos, store
from app.places.facts import City

MOST_KEPT: Final = 20


@dataclass
class StepPhotos:
    """New ones, drawn anew already, and tokens of those kept from the last sending.

    ``lost``: photos were sent that are neither stored nor kept.
    """

    new: list[EncodedPhoto] = field(default_factory=list)
    errors: list[PhotoError] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: bool = False

    @classmethod
    def sent(cls, city: City) -> "StepPhotos":
        """Read them before the first query, so that nobody waits for a lock meanwhile."""
        key = request.form.get("key", "")
        asked = request.form.getlist("kept")[:MOST_KEPT] if is_form_key(key) else []
        kept = drafts().still_kept(asked, key)
        new, errors = read_photos(request.files.getlist("photos"), city.limits, len(kept))
        if len(kept) < len(set(asked)):
            errors.append(PhotoError("gone"))
        return cls(new, errors, kept)

    def __len__(self) -> int:
        return len(self.new) + len(self.kept)

    def keep(self, key: str, *, secret: bool) -> None:
        """Keep them for the next sending of the same form; those of a secret case go at once."""
        if secret:
            self.lost = len(self) > 0
            for token in self.kept:
                drafts().discard(token, key)
            self.new, self.kept = [], []
            return
        self.kept += [drafts().keep(photo, key) for photo in self.new]
        self.new = []

    def stored(self, key: str) -> tuple[StoredPhoto, ...]:
        """Put all of them into the store for good. Raises PhotoError."""
        return (
            *(drafts().take(token, key) for token in self.kept),
            *(store(file_store(), photo) for photo in self.new),
        )
