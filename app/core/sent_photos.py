"""The photos of one sending of a form: until the next one, and until they are stored for good."""

from dataclasses import dataclass, field

from app.core.drafts import drafts
from app.core.files import file_store
from app.core.photos import EncodedPhoto, PhotoError, StoredPhoto, store


@dataclass
class SentPhotos:
    """New ones, drawn anew already, and tokens of those kept from the last sending.

    ``lost``: photos were sent that are neither stored nor kept. Empty ones are false.
    """

    new: list[EncodedPhoto] = field(default_factory=list)
    errors: list[PhotoError] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: bool = False

    def __len__(self) -> int:
        return len(self.new) + len(self.kept)

    def keep(self, key: str, *, secret: bool) -> None:
        """Keep them for the next sending of the same form; those of a secret one go at once."""
        if secret:
            self.lost = self.lost or len(self) > 0
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
