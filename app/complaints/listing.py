"""The public list of complaints: what a visitor may ask for, one page of it, the same on a map.

Of a rahasia report the public knows number, kecamatan, month and state, always. So it stands in the
list under these alone: whoever asks for a subject, kelurahan, unit, word or lateness never meets
one, or the filter would tell what the page hides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from math import isfinite
from typing import Any, NamedTuple, Self, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, lazyload, selectinload

from app.cases import publicity
from app.cases.models import Case
from app.civic.codes import parse_number
from app.civic.geo import Bounds, Point, cell_size, is_place
from app.civic.text import clean_text, length, unreadable
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.models import Complaint
from app.complaints.readable import is_readable, readable_cases
from app.core import database
from app.core.search import stems
from app.places.facts import City

PAGE = 20
MOST_COUNTED = 1000
"""Hits are counted up to here; beyond, the page says "more than"."""
SHORTEST_QUERY, LONGEST_QUERY = 2, 100
OPEN = "open"
"""What may be asked for besides the states themselves: all that are not over."""
RELATED = 3

Columns = TypeVarTuple("Columns")
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


# ---------------------------------------------------------------- what is asked for


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; an empty one narrows nothing."""

    words: str = ""
    category: str = ""
    district: str = ""
    village: str = ""
    state: str = ""
    unit: str = ""
    late: bool = False

    @property
    def telling(self) -> bool:
        """Whether being among the hits would tell something of a rahasia report."""
        return bool(self.words or self.category or self.village or self.unit or self.late)

    @property
    def query(self) -> dict[str, str]:
        """The same as parameters of an address."""
        values = {name: getattr(self, name) for name in NAMES}
        return {NAMES[name]: str(int(value) if value is True else value)
                for name, value in values.items() if value}  # fmt: skip

    def without(self, name: str) -> Self:
        """One filter less; without its kecamatan a kelurahan goes as well."""
        empty: dict[str, Any] = {field.name: field.default for field in fields(self)}
        gone = {name, "village"} if name == "district" else {name}
        return replace(self, **{one: empty[one] for one in gone})


NAMES: Mapping[str, str] = {
    "words": "q",
    "category": "urusan",
    "district": "kecamatan",
    "village": "kelurahan",
    "state": "status",
    "unit": "dinas",
    "late": "terlambat",
}
"""What each filter is called in an address."""


@dataclass(frozen=True)
class Asked:
    """An address as it was understood: the filters, the words typed, and what was left out.

    ``remarks``: "unknown" for a filter that does not exist, "short" and "long" for the words.
    """

    wanted: Wanted
    typed: str = ""
    remarks: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], city: City) -> Self:
        """Understand the parameters of an address; what is unknown narrows nothing."""
        typed, words, remarks = _read_words(given.get(NAMES["words"], ""))
        village = city.village(given.get(NAMES["village"], ""))
        known = {
            "category": city.category(given.get(NAMES["category"], "")).known,
            "district": city.district(given.get(NAMES["district"], "")).known,
            "village": village.known,
            "state": given.get(NAMES["state"], "") in {OPEN, *LIFECYCLE.states},
            "unit": city.unit(given.get(NAMES["unit"], "")).known,
        }
        chosen = {name: given[NAMES[name]] for name, there in known.items() if there}
        if village.known and chosen.setdefault("district", village.district_code) != (
            village.district_code
        ):
            del chosen["village"]  # another kecamatan was chosen meanwhile
        if any(given.get(NAMES[name]) and not there for name, there in known.items()):
            remarks = ("unknown", *remarks)
        late = given.get(NAMES["late"], "") in {"1", "on", "ya"}
        return cls(Wanted(words=words, late=late, **chosen), typed, remarks)


def _read_words(given: str) -> tuple[str, str, tuple[str, ...]]:
    """What to show in the box again, what to search for, and a remark where these differ."""
    if unreadable(given):
        return "", "", ("unknown",)
    typed = " ".join(clean_text(given).split())
    if length(typed) > LONGEST_QUERY:
        return typed[:LONGEST_QUERY], "", ("long",)
    if typed and (length(typed) < SHORTEST_QUERY or not stems(typed)):
        return typed, "", ("short",)
    return typed, typed, ()


def _conditions(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Case.kind == LIFECYCLE.kind]
    if wanted.telling:
        found.append(Case.visibility != "rahasia")
    found += [
        column == value
        for column, value in (
            (Case.category_slug, wanted.category),
            (Case.district_code, "" if wanted.village else wanted.district),
            (Case.village_code, wanted.village),
            (Case.unit_code, wanted.unit),
            (Case.state, "" if wanted.state == OPEN else wanted.state),
        )
        if value
    ]
    if wanted.state == OPEN:
        found.append(Case.state.in_(LIFECYCLE.open_states))
    if wanted.late:
        found.append(_is_late(today))
    return found


def _is_late(today: date) -> ColumnElement[bool]:
    return and_(Case.state.in_(LIFECYCLE.city_clock), Case.due_on < today)


def _narrowed(
    session: Session, statement: Select[*Columns], wanted: Wanted, today: date
) -> Select[*Columns]:
    statement = statement.where(*_conditions(wanted, today))
    if wanted.words:
        statement = statement.where(Case.id.in_(_with_words(session, wanted)))
    return statement


def _with_words(session: Session, wanted: Wanted) -> Select[tuple[int]]:
    return database.with_words(session, stems(wanted.words))


# ---------------------------------------------------------------- pages of the list


class Row(NamedTuple):
    """A report of the list with its public copy, "" while the public may not read it."""

    case: Case
    text: str


@dataclass(frozen=True)
class Page:
    """One page, and where the pages beside it begin; "" where there is none."""

    rows: Sequence[Row]
    newer: str = ""
    older: str = ""


class _Place(NamedTuple):
    """Where a report stands in the list: the sort key of keyset pages."""

    key: date | datetime | None
    id: int


def page(
    session: Session, wanted: Wanted, today: date, *, after: str = "", before: str = ""
) -> Page:
    """A page of the list: the newest first, late ones the worst first.

    ``after`` and ``before`` are the ends of pages seen earlier; an end that is no longer known
    gives the first page.
    """
    place = _place_of(session, wanted, after or before)
    back = place is not None and not after
    rows = _rows(session, wanted, today, place, back=back)
    if place and (not rows or (back and len(rows) <= PAGE)):  # the first page is in sight
        place, back = None, False
        rows = _rows(session, wanted, today, None)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    return Page(
        rows,
        newer=_end(rows[0].case, wanted) if place else "",
        older=_end(rows[-1].case, wanted) if rows and (more or back) else "",
    )


def count(session: Session, wanted: Wanted, today: date) -> int:
    """How many reports there are, counted no further than MOST_COUNTED + 1."""
    ids = _ids(session, wanted, today, None)
    some = (ids if wanted.words else ids.order_by(None)).limit(MOST_COUNTED + 1)
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def published(
    session: Session, wanted: Wanted, today: date, since: datetime, until: datetime
) -> Sequence[int]:
    """Row ids of the reports that the public came to read in a span of time and still may, the
    newest first; no made-up ones, and no more than MOST_COUNTED.
    """
    statement = _narrowed(session, select(Case.id), wanted, today).where(
        Case.published_at > since,
        Case.published_at <= until,
        readable_cases(),
        Case.demo.is_(False),
    )
    return session.scalars(statement.order_by(Case.id.desc()).limit(MOST_COUNTED)).all()


def _keys(wanted: Wanted) -> list[Key]:
    if wanted.late:
        return [Case.due_on, Case.id]
    return [Case.id] if wanted.words else [Case.created_at, Case.id]


def _ids(
    session: Session, wanted: Wanted, today: date, place: _Place | None, *, back: bool = False
) -> Select[int]:
    """Row ids of the hits in order, from a place on."""
    keys, statement = _keys(wanted), select(Case.id)
    if wanted.words and not wanted.late:
        # Row ids grow with time, and in their order the index of words need not sort its hits.
        hits = _with_words(session, wanted).subquery()
        keys = [hits.c.case_id]
        statement = statement.join(hits, hits.c.case_id == Case.id)
        statement = statement.where(*_conditions(wanted, today))
    else:
        statement = _narrowed(session, statement, wanted, today)
    ascending = wanted.late is not back
    if place:
        here, there = tuple_(*keys), tuple_(*place[-len(keys) :])
        statement = statement.where(here > there if ascending else here < there)
    return statement.order_by(*_directed(keys, ascending=ascending))


def _directed(keys: Iterable[Key], *, ascending: bool) -> list[ColumnElement[Any]]:
    return [key.asc() if ascending else key.desc() for key in keys]


def _end(of: Case, wanted: Wanted) -> str:
    """The end of a page as an address names it: by number, for the instant of filing is not public.

    Where the order is by promise its day is named too: it may change from page to page.
    """
    return f"{of.due_on}.{of.number}" if wanted.late else of.number


def _place_of(session: Session, wanted: Wanted, end: str) -> _Place | None:
    day, _dot, typed = end.rpartition(".")
    number = parse_number(typed)
    if number is None or bool(day) != wanted.late:
        return None
    found = session.execute(
        select(Case.created_at, Case.id).where(Case.number == number)
    ).one_or_none()
    if found is None:
        return None
    try:
        return _Place(date.fromisoformat(day) if day else found.created_at, found.id)
    except ValueError:
        return None


def _rows(
    session: Session, wanted: Wanted, today: date, place: _Place | None, *, back: bool = False
) -> list[Row]:
    # Ids first: where an index does not give the order, only these are sorted and no texts.
    ids = _ids(session, wanted, today, place, back=back).limit(PAGE + 1).subquery()
    statement = (
        select(Case, Complaint.public_text)
        .join(ids, ids.c.id == Case.id)
        .join(Complaint, Complaint.case_id == Case.id)
        .order_by(*_directed(_keys(wanted), ascending=wanted.late is not back))
        .options(selectinload(Case.merged_into))
    )
    return [
        Row(case, text if is_readable(case) else "") for case, text in session.execute(statement)
    ]


# ---------------------------------------------------------------- the map

MOST_SPOTS = 60
"""More reports than these would lie on top of each other on a phone."""
CLUSTERS_BELOW = 17
"""Zoom from which on single reports are shown however many there are."""


@dataclass(frozen=True)
class Spot:
    """A place on the map with the reports that are shown there, the newest first."""

    lat: float
    lon: float
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Cluster:
    """So many reports around a place, too many to show each, and how many of them are late."""

    lat: float
    lon: float
    box: Bounds  # holds them all
    size: int
    late: int


@dataclass(frozen=True)
class MapView:
    """What a map shows; ``more`` when there is more than it can."""

    spots: Sequence[Spot]
    clusters: Sequence[Cluster] = ()
    more: bool = False


def read_box(typed: str, city: City) -> Bounds:
    """The box of an address (west, south, east, north); the city's when it is none."""
    try:
        west, south, east, north = (float(one) for one in typed.split(","))
    except ValueError:
        return city.bounds
    whole = is_place(south, west) and is_place(north, east) and south < north and west < east
    return Bounds(south, west, north, east) if whole else city.bounds


def read_zoom(typed: str, city: City) -> int:
    """The zoom of an address, 0 to 19; the city's when it is none."""
    try:
        zoom = float(typed)
    except ValueError:
        return city.start.zoom
    return int(min(19, max(0, zoom))) if isfinite(zoom) else city.start.zoom


def on_map(session: Session, wanted: Wanted, today: date, box: Bounds, zoom: int) -> MapView:
    """The reports inside a box that the public may read, gathered where they are too many.

    The box and the cells know only where everybody may see a report, or ever smaller boxes would
    find where an anonim one truly is.
    """
    if zoom >= CLUSTERS_BELOW:
        return _one_by_one(session, wanted, today, box)
    cells = _cells(session, wanted, today, box, zoom)
    if sum(cell.size for cell in cells.values()) <= MOST_SPOTS:
        return _one_by_one(session, wanted, today, box)
    late = _cells(session, replace(wanted, late=True), today, box, zoom)
    alone = [cell.first for cell in cells.values() if cell.size == 1]
    return MapView(
        _spots(_newest(session, select(Case).where(Case.id.in_(alone)))),
        [
            Cluster(
                cell.lat,
                cell.lon,
                Bounds(cell.south, cell.west, cell.north, cell.east),
                cell.size,
                late[place].size if place in late else 0,
            )
            for place, cell in cells.items()
            if cell.size > 1
        ],
    )


def _one_by_one(session: Session, wanted: Wanted, today: date, box: Bounds) -> MapView:
    inside = database.inside_box(session, box.south, box.west, box.north, box.east)
    statement = _narrowed(session, select(Case).where(Case.id.in_(inside)), wanted, today)
    newest = _newest(session, statement.limit(MOST_SPOTS + 1))
    return MapView(_spots(newest[:MOST_SPOTS], box), more=len(newest) > MOST_SPOTS)


def _newest(session: Session, statement: Select[Case]) -> Sequence[Case]:
    statement = statement.order_by(Case.id.desc()).options(selectinload(Case.merged_into))
    return session.scalars(statement).all()


def _spots(cases: Iterable[Case], box: Bounds | None = None) -> list[Spot]:
    """Reports that are shown at the very same place share one spot."""
    at: dict[Point, list[Case]] = {}
    for case in cases:
        place = publicity.place_of(case)
        if place and (box is None or box.contains(*place)):
            at.setdefault(place, []).append(case)
    return [Spot(*place, tuple(there)) for place, there in at.items()]


class _Cell(NamedTuple):
    lat: float
    lon: float
    south: float
    west: float
    north: float
    east: float
    size: int
    first: int


def _cells(
    session: Session, wanted: Wanted, today: date, box: Bounds, zoom: int
) -> dict[tuple[int, int], _Cell]:
    """The hits counted by the cells of ``app.civic.geo.cell``."""
    size = cell_size(zoom)
    place = database.places(session, box.south, box.west, box.north, box.east).subquery().c
    column = database.whole(session, (place.lon + 180) / size)
    row = database.whole(session, (place.lat + 90) / size)
    found = (
        *(func.avg(place.lat), func.avg(place.lon)),
        *(func.min(place.lat), func.min(place.lon), func.max(place.lat), func.max(place.lon)),
        *(func.count(), func.min(place.case_id)),
    )
    statement = select(column, row, *found).join(Case, Case.id == place.case_id)
    statement = _narrowed(session, statement, wanted, today).group_by(column, row)
    return {(column, row): _Cell(*cell) for column, row, *cell in session.execute(statement)}


# ---------------------------------------------------------------- one report


class Report(NamedTuple):
    """A complaint as its public page needs it."""

    case: Case
    complaint: Complaint


def report(session: Session, number: str) -> Report | None:
    """The complaint of this number, with what its page shows beside it."""
    found = session.execute(
        select(Case, Complaint)
        .join(Complaint, Complaint.case_id == Case.id)
        .where(Case.number == number)
        .options(joinedload(Case.merged_into), joinedload(Case.contact), lazyload(Complaint.case))
    ).one_or_none()
    return Report(*found) if found else None


def related(session: Session, to: Case) -> Sequence[Case]:
    """The newest other reports of the same kelurahan."""
    statement = (
        select(Case)
        .where(
            Case.kind == to.kind,
            Case.village_code == to.village_code,
            Case.visibility != "rahasia",
            Case.id != to.id,
        )
        .order_by(Case.created_at.desc(), Case.id.desc())
        .options(selectinload(Case.merged_into))
        .limit(RELATED)
    )
    return session.scalars(statement).all() if to.village_code else []
