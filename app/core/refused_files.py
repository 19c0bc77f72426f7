"""A file somebody sent that cannot be taken, with words that help to send it again."""

from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from app.core.i18n import LazyString

R = TypeVar("R", bound=str)


class RefusedFile(ValueError, Generic[R]):
    """Base of what is said of one kind of file; ``messages`` has the words for each reason."""

    messages: ClassVar[Mapping[str, LazyString]]

    def __init__(self, reason: R, file: str = "", **values: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.file = file
        self._values = values

    @property
    def message(self) -> str:
        """What to do about it, in the language spoken now."""
        return str(self.messages[self.reason]) % {"file": self.file, **self._values}
