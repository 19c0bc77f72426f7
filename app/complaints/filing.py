"""What the pages of filing show beyond the form: advice, lookalikes, the preview, the receipt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.showing import clock_view
from app.civic.promises import ReceiptDates, local_date, receipt_dates
from app.civic.redaction import MASK, Redacted, redact
from app.complaints import queries
from app.complaints.advice import CHILD, CRISIS, DANGER, VIOLENCE, spoken_of
from app.complaints.forms import OTHER, ReportForm
from app.complaints.queries import Place, Similar
from app.complaints.showing import row_view
from app.core.i18n import tr
from app.core.promise_view import ClockView, RowView
from app.places.facts import Category, City, Notice

OFFICE: Final = "office"
SIMILAR: Final = "similar"
#: What is said once before sending, in the order it is shown.
TOPICS: Final = (DANGER, CRISIS, VIOLENCE, CHILD, OFFICE)
_CALLS: Final = ("phone_emergency", "phone_police", "phone_fire", "phone_ambulance")


# ---------------------------------------------------------------- advice


@dataclass(frozen=True)
class Advice:
    """What the writer should know before sending: whom to call, who reads it."""

    topics: tuple[str, ...]
    notice: Notice | None

    @property
    def calls(self) -> list[str]:
        """Names of the numbers to call at once, the first one first."""
        named = self.notice.phones if self.notice and self.notice.call_first else ()
        return [name for name in dict.fromkeys(("phone_emergency", *named)) if name in _CALLS]


def advice_on(text: str, category: Category | None) -> Advice:
    """Advice by the words of a text and by its subject."""
    spoken = set(spoken_of(text))
    notice = category.notice if category else None
    if notice and notice.call_first:
        spoken.add(DANGER)
    if category and category.bypass_place:
        spoken.add(OFFICE)
    return Advice(tuple(topic for topic in TOPICS if topic in spoken), notice)


# ---------------------------------------------------------------- subjects


@dataclass(frozen=True)
class Subjects:
    """The subjects as the form lays them out: cards in sight, and the rest behind "see all"."""

    suggested: tuple[Category, ...]
    cards: tuple[Category, ...]
    rest: tuple[Category, ...]


def subjects_of(form: ReportForm, suggested: tuple[str, ...] = ()) -> Subjects:
    """In sight: what was chosen, what the text suggests, and "other"."""
    offered = {category.slug: category for category in form.categories}
    chosen = form.category.data or ""
    slugs = dict.fromkeys((*suggested, chosen, OTHER))
    cards = tuple(offered[slug] for slug in slugs if slug in offered)
    rest = tuple(category for category in form.categories if category not in cards)
    return Subjects(tuple(offered[slug] for slug in suggested), cards, rest)


# ---------------------------------------------------------------- similar reports, preview


@dataclass(frozen=True)
class Lookalike:
    """An open report that may be about the same thing, as a line to read."""

    row: RowView
    number: str
    metres: int | None
    people: int
    text: str


def lookalikes(session: Session, form: ReportForm, now: datetime) -> list[Lookalike]:
    """The open public reports most like a valid draft. None are sought for a hidden one."""
    draft = form.draft
    if form.hidden:
        return []
    place = Place(
        draft.category_slug,
        draft.district_code,
        draft.village_code,
        draft.latitude,
        draft.longitude,
    )
    found = queries.similar(session, place, draft.text, now)
    return [_lookalike(similar, form.city, form.today) for similar in found]


def _lookalike(similar: Similar, city: City, today: date) -> Lookalike:
    case = similar.case
    row = row_view(case, city, today)
    metres = None if similar.metres is None else max(10, 10 * round(similar.metres / 10))
    return Lookalike(row, case.number, metres, case.supporters + 1, similar.text)


@dataclass(frozen=True)
class Preview:
    """A draft as the public will read it, in pieces; True marks a masked one."""

    subject: str
    place: str
    text: tuple[tuple[str, bool], ...]
    landmark: tuple[tuple[str, bool], ...]
    masked: int


def preview_of(form: ReportForm) -> Preview:
    """The public copy of a valid draft."""
    draft, city = form.draft, form.city
    district = city.district(draft.district_code).name
    village = city.village(draft.village_code).name if draft.village_code else ""
    text = redact(draft.text, draft.hide)
    landmark = redact(draft.landmark, draft.hide)
    return Preview(
        subject=tr(city.category(draft.category_slug).name),
        place=f"{village}, {district}" if village else district,
        text=tuple(_pieces(draft.text, text)),
        landmark=tuple(_pieces(draft.landmark, landmark)),
        masked=len(text.spans) + len(landmark.spans),
    )


def _pieces(original: str, redacted: Redacted) -> Iterator[tuple[str, bool]]:
    at = 0
    for span in redacted.spans:
        yield original[at : span.start], False
        yield MASK, True
        at = span.end
    yield original[at:], False


# ---------------------------------------------------------------- the receipt


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. A discreet one names no subject, no office and no place."""

    case: Case
    code: str
    dates: ReceiptDates
    clock: ClockView
    discreet: bool


def receipt_of(case: Case, code: str, city: City, now: datetime) -> Receipt:
    """The receipt of a report just filed."""
    days = city.promises
    return Receipt(
        case=case,
        code=code,
        dates=receipt_dates(
            city.calendar,
            local_date(case.created_at, city.zone),
            days.verify_days,
            days.answer_days,
            case.class_days,
        ),
        clock=clock_view(case, city, now, mine=True),
        discreet=case.visibility == "rahasia" or city.category(case.category).bypass_place,
    )


def areas_of(city: City) -> list[dict[str, object]]:
    """The kecamatan with their centres and kelurahan, for the script of the form."""
    return [
        {
            "code": district.code,
            "name": district.name,
            "lat": district.lat,
            "lon": district.lon,
            "villages": [[v.code, v.name] for v in city.villages_of(district.code)],
        }
        for district in city.districts
    ]
