"""What a kind of case brings to the spine. Kinds register at start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sqlalchemy.orm import Session

from app.cases.lifecycle import Lifecycle
from app.cases.models import Case
from app.core.i18n import LazyString
from app.places.facts import City, Text, Unit

if TYPE_CHECKING:
    from app.cases.actions import Step
    from app.cases.guards import Situation
    from app.cases.holder_words import Here, StepWords


@dataclass(frozen=True)
class Names:
    """What a case of a kind and whoever brought it are called, where a page speaks of them.

    ``numbered`` and ``mine`` hold ``%(number)s``.
    """

    one: LazyString  # "this report", as in "nothing to do for you on …"
    numbered: LazyString
    mine: LazyString
    holder: LazyString
    you: LazyString
    city: LazyString  # who has it before a unit does


@dataclass(frozen=True)
class Brief:
    """What the desk shows of the part of a case its kind holds.

    ``template`` draws ``own``, the kind's row, for those who work on the case. ``readable`` says
    whether the public can read the public copy now.
    """

    template: str
    own: object
    public_text: str
    public_place: str
    readable: bool


@dataclass(frozen=True)
class Written:
    """What the reporter wrote, and the copy of it that is made for the public.

    ``more`` are further answers of theirs, by the names of the fields.
    """

    text: str
    place: str
    public_text: str
    public_place: str
    more: Mapping[str, str]


class Alike(NamedTuple):
    """An open case that may be about the same thing."""

    case: Case
    metres: float | None


class Kind(Protocol):
    """The hooks of one kind of case.

    ``apart`` are the desk's steps that its own part of a case page offers. ``steps`` are the words
    of the holder's rows that have a form here. ``guards`` and ``effects`` are those of its own
    rows, by name: both beside the common ones, an effect after them and after the move, before the
    event is written.
    """

    lifecycle: Lifecycle
    names: Names
    apart: frozenset[str]
    steps: Mapping[str, "StepWords"]
    guards: Mapping[str, "Callable[[Situation], bool]"]
    effects: Mapping[str, "Callable[[Step], None]"]

    def icon(self, case: Case, city: City) -> str:
        """The icon of what it is about."""
        ...

    def title(self, case: Case, city: City) -> Text:
        """A short title of what and where; holds no words of the reporter."""
        ...

    def class_days(self, session: Session, case: Case, city: City) -> int:
        """Working days the case may take by its class."""
        ...

    def assignable_units(
        self, session: Session, case: Case, city: City, on: date
    ) -> tuple[Unit, ...]:
        """The units that may hold this case; the unit complained about may not."""
        ...

    def publish(self, session: Session, case: Case, city: City, now: datetime) -> None:
        """Called when what the public may find of a case may have changed."""
        ...

    def mask(self, session: Session, case: Case, words: Sequence[str]) -> int:
        """Hide these words in the public copies this kind holds; in how many places they stood."""
        ...

    def readable(self, case: Case) -> bool:
        """Whether the public may read the words and photos of the case now."""
        ...

    def written(self, session: Session, case: Case) -> Written:
        """What the reporter wrote, for the reporter alone."""
        ...

    def brief(self, session: Session, case: Case) -> Brief:
        """What the desk shows of the case."""
        ...

    def glimpses(self, session: Session, case_ids: Sequence[int]) -> Mapping[int, str]:
        """The public copies of some cases by row id, for a list to begin with."""
        ...

    def alike(self, session: Session, case: Case, now: datetime) -> Sequence[Alike]:
        """The open cases most like this one, best first."""
        ...

    def bound_words(
        self, session: Session, case_ids: Sequence[int]
    ) -> Mapping[int, tuple[str, str]]:
        """Salt and text that the first event of each case binds; erased, it has no salt."""
        ...

    def fresh(
        self,
        session: Session,
        city: City,
        search: Mapping[str, str],
        since: datetime,
        until: datetime,
    ) -> Sequence[int]:
        """Row ids of the cases of a followed search that became public in a span of time."""
        ...

    def search_words(self, search: Mapping[str, str], city: City) -> str:
        """What a followed search is about, in words fit for anybody's mailbox."""
        ...

    def erase(self, session: Session, case: Case) -> None:
        """Remove the personal parts of what the kind holds."""
        ...


_kinds: dict[str, Kind] = {}
_pages: dict[str, "Callable[[Here], str]"] = {}


def register(kind: Kind, page: "Callable[[Here], str] | None" = None) -> None:
    """Make a kind known to the spine. ``page`` draws the holder's page, if it is one of its own."""
    _kinds[kind.lifecycle.kind] = kind
    if page is not None:
        _pages[kind.lifecycle.kind] = page


def page_of(case: Case) -> "Callable[[Here], str] | None":
    """What draws the holder's own page of a case; None for the usual one."""
    return _pages.get(case.kind)


def kind_of(case: Case) -> Kind:
    """The kind of a case. Raises KeyError for one that was never registered."""
    return _kinds[case.kind]


def kind_named(name: str) -> Kind:
    """The kind of this name. Raises KeyError for one that was never registered."""
    return _kinds[name]


def kinds() -> tuple[Kind, ...]:
    """All registered kinds."""
    return tuple(_kinds.values())
