"""Every read on complaints: the front page, what looks like it, what it may be about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, SelectBase, func, select, union
from sqlalchemy.orm import Session, lazyload

from app.cases import publicity
from app.cases.models import Attachment, Case, Support, Tally
from app.civic.geo import Bounds, Point, haversine
from app.civic.similarity import (
    REACH,
    Traits,
    compare,
    jaccard,
    suggest_by_votes,
)
from app.complaints.lifecycle import CLOSED, LIFECYCLE
from app.complaints.models import Complaint
from app.core import database
from app.core.search import stems
from app.core.vault import Vault
from app.places.facts import City

FRONT_ROWS = 5
FRONT_CHOICE = 24
FRONT_DAYS = 30
SIMILAR_DAYS = 90
SIMILAR_CANDIDATES = 200
SIMILAR_SHOWN = 3
VOTES_FROM = 200  # verified reports from which on their vote beats the keywords
NEIGHBOURS = 40
SUGGESTED = 3


# ---------------------------------------------------------------- front page


def figures(session: Session, today: date) -> dict[str, int]:
    """How often each counted thing happened in the last 30 days."""
    return _sums(session, today - timedelta(days=FRONT_DAYS), today)


def _sums(session: Session, after: date, until: date) -> dict[str, int]:
    statement = (
        select(Tally.metric, func.sum(Tally.n))
        .where(Tally.day > after, Tally.day <= until)
        .group_by(Tally.metric)
    )
    return {metric: int(n) for metric, n in session.execute(statement)}


def late_now(session: Session, today: date) -> Sequence[Case]:
    """The public reports whose promise is broken, the worst first."""
    statement = (
        select(Case)
        .where(
            Case.state.in_(LIFECYCLE.city_clock), Case.due_on < today, Case.visibility != "rahasia"
        )
        .order_by(Case.due_on, Case.id)
        .limit(FRONT_ROWS)
    )
    return session.scalars(statement).all()


def fixed_lately(session: Session) -> Sequence[Case]:
    """The public reports a unit answered and that closed last; more than are shown, to choose."""
    statement = (
        select(Case)
        .where(Case.closed_at.is_not(None), Case.done_at.is_not(None), Case.visibility != "rahasia")
        .order_by(Case.closed_at.desc(), Case.id.desc())
        .limit(FRONT_CHOICE)
    )
    # The state is no condition of the query: SQLite would go by it and sort all that ever closed.
    return [case for case in session.scalars(statement) if case.state == CLOSED]


def before_and_after(
    session: Session, ids: Sequence[int]
) -> dict[int, tuple[str | None, str | None]]:
    """File names of the first photo of the report and the last one after the work, per case."""
    if not ids:
        return {}
    statement = (
        select(Attachment.case_id, Attachment.role, Attachment.thumb_key)
        .where(
            Attachment.case_id.in_(ids),
            Attachment.role.in_(("report", "after")),
            Attachment.hidden.is_(False),
        )
        .order_by(Attachment.id)
    )
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for case_id, role, key in session.execute(statement):
        if role == "after":
            after[case_id] = key
        else:
            before.setdefault(case_id, key)
    return {case_id: (before.get(case_id), after.get(case_id)) for case_id in ids}


# ---------------------------------------------------------------- what may be the same


@dataclass(frozen=True)
class Place:
    """Where a draft says it is."""

    category_slug: str
    district_code: str
    village_code: str | None
    latitude: float | None
    longitude: float | None

    @property
    def point(self) -> Point | None:
        """The pin, if any."""
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)


@dataclass(frozen=True)
class Similar:
    """An open report that may be about the same thing."""

    case: Case
    metres: float | None
    text: str  # public copy, empty until a verifier passed it on


def similar(
    session: Session, place: Place, text: str, now: datetime, *, apart_from: int | None = None
) -> list[Similar]:
    """The open public reports most like a draft, best first, at most three.

    ``apart_from`` is the row id of the report itself when it is stored already.
    """
    own = _traits(place.category_slug, place.village_code, place.point, text)
    found = []
    for case, complaint in session.execute(_candidates(session, place, now)).all():
        point = publicity.place_of(case)  # distances to true pins would find an anonim one
        if own.point and point and haversine(own.point, point) > REACH:
            continue  # whatever the words say
        readable = complaint.public_text if case.published_at else ""
        likeness = compare(
            own, _traits(case.category, case.village_code, point, complaint.public_text)
        )
        if likeness.similar and case.id != apart_from:
            found.append((likeness, Similar(case, likeness.metres, readable)))
    found.sort(key=lambda pair: -pair[0].score)
    return [one for _likeness, one in found[:SIMILAR_SHOWN]]


def _traits(category: str, village: str | None, point: Point | None, text: str) -> Traits:
    return Traits(category, village or "", point, frozenset(stems(text)))


def _candidates(session: Session, place: Place, now: datetime) -> Select[Case, Complaint]:
    """Reports from the same kelurahan, and with a pin also those around it: others are never alike.

    Somebody who does not know the kelurahan is compared within the kecamatan.
    """
    since = now - timedelta(days=SIMILAR_DAYS)
    area = Case.district_code == place.district_code
    if place.village_code:
        area = Case.village_code == place.village_code
    else:
        area &= Case.village_code.is_(None)
    near: SelectBase = select(Case.id).where(area, Case.created_at > since)
    if place.point is not None:
        box = Bounds.around(*place.point, REACH)
        pins = database.inside_box(session, box.south, box.west, box.north, box.east)
        near = union(near, pins)  # not an OR, of which SQLite uses neither index
    return (
        select(Case, Complaint)
        .join(Complaint, Complaint.case_id == Case.id)
        .options(lazyload(Complaint.case))
        .where(
            Case.id.in_(near),
            Case.category_slug == place.category_slug,
            Case.state.in_(LIFECYCLE.open_states),
            Case.visibility != "rahasia",
            Case.created_at > since,
        )
        .order_by(Case.created_at.desc(), Case.id.desc())
        .limit(SIMILAR_CANDIDATES)
    )


# ---------------------------------------------------------------- receipt, "Saya juga"


def code_on_receipt(vault: Vault, case: Case, form_key: str) -> str | None:
    """The tracking code of a report, for the form that made it; None for any other form."""
    for code in vault.tracking_codes(form_key):
        if case.code_hash in vault.keyed_hashes("code", code):
            return code
    return None


def place_in_line(session: Session, case: Case, key: str) -> int | None:
    """Which person with this problem a supporter is, the reporter being the first."""
    own = session.scalar(select(Support.id).where(Support.case_id == case.id, Support.key == key))
    if own is None:
        return None
    before = select(func.count()).where(Support.case_id == case.id, Support.id <= own)
    return session.execute(before).scalar_one() + 1


# ---------------------------------------------------------------- what it may be about


def suggest(session: Session, city: City, text: str, on: date) -> tuple[str, ...]:
    """Categories a text may be about, best first, at most three: an offer, never a must.

    By the city's keywords; from 200 verified reports on by the vote of the most similar ones,
    with the keywords behind them. Demo reports have no vote.
    """
    offered = {category.slug for category in city.categories_on(on)}
    words = frozenset(stems(text))
    by_votes = suggest_by_votes(_neighbours(session, words)) if words else ()
    ranked = dict.fromkeys((*by_votes, *(c.slug for c in city.suggest_categories(text, on))))
    return tuple(slug for slug in ranked if slug in offered)[:SUGGESTED]


def _neighbours(session: Session, words: frozenset[str]) -> Iterable[tuple[str, float]]:
    verified = select(Case.id).where(Case.published_at.is_not(None), Case.demo.is_(False))
    enough = session.execute(
        select(func.count()).select_from(verified.limit(VOTES_FROM).subquery())
    ).scalar_one()
    if enough < VOTES_FROM:
        return []
    statement = (
        select(Case.category_slug, Complaint.public_text)
        .join(Complaint, Complaint.case_id == Case.id)
        .where(
            Case.id.in_(database.with_words(session, words, every=False)),
            Case.published_at.is_not(None),
            Case.demo.is_(False),
        )
        .order_by(Case.id.desc())
        .limit(SIMILAR_CANDIDATES)
    )
    scored = [
        (slug or "", jaccard(words, stems(text))) for slug, text in session.execute(statement)
    ]
    scored.sort(key=lambda pair: -pair[1])
    return scored[:NEIGHBOURS]
