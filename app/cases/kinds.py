"""What a kind of case brings to the spine. Kinds register at start."""

from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.cases.lifecycle import Lifecycle
from app.cases.models import Case
from app.places.facts import City, Text


class Kind(Protocol):
    """The hooks of one kind of case."""

    lifecycle: Lifecycle

    def title(self, case: Case, city: City) -> Text:
        """A short title of what and where; holds no words of the reporter."""
        ...

    def class_days(self, session: Session, case: Case, city: City) -> int:
        """Working days the case may take by its class."""
        ...

    def assignable(
        self, session: Session, case: Case, unit_code: str, city: City, on: date
    ) -> bool:
        """Whether a unit may hold this case; the unit complained about may not."""
        ...

    def publish(self, session: Session, case: Case, city: City, now: datetime) -> None:
        """Called when what the public may find of a case may have changed."""
        ...

    def mask(self, session: Session, case: Case, public_text: str) -> bool:
        """Take a public copy with more of it masked; False when it is not made by masking alone."""
        ...

    def public_words(self, session: Session, case: Case) -> str:
        """The redacted copy of what the reporter wrote, for a body outside the city."""
        ...

    def erase(self, session: Session, case: Case) -> None:
        """Remove the personal parts of what the kind holds."""
        ...


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known to the spine."""
    _kinds[kind.lifecycle.kind] = kind


def kind_of(case: Case) -> Kind:
    """The kind of a case. Raises KeyError for one that was never registered."""
    return _kinds[case.kind]


def kinds() -> tuple[Kind, ...]:
    """All registered kinds."""
    return tuple(_kinds.values())
