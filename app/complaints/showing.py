"""How complaints are shown in lists and on the front page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.showing import photo_url, promise_of, title_of
from app.civic.promises import local_date
from app.complaints import queries
from app.core.promise_view import RowView, row_of
from app.places.facts import City


def row_view(case: Case, city: City, today: date) -> RowView:
    """A line of a public list: no word the reporter wrote, and of a rahasia one no category."""
    promise = promise_of(case, city, today)
    return row_of(
        promise,
        city.calendar,
        url=url_for("complaints.show", number=case.number),
        title=title_of(case, city),
        place=city.district(case.district_code).name,
        number=case.number,
        holder=promise.unit,
        supporters=case.supporters,
        age_days=(today - local_date(case.created_at, city.zone)).days,
    )


@dataclass(frozen=True)
class FrontPage:
    """What the home page tells of the last 30 days."""

    received_30: int
    closed_30: int
    on_time_percent: int | None
    disputed_percent: int | None
    late: list[RowView]
    fixed: list[tuple[RowView, str | None, str | None]]


def front_page(session: Session, city: City, now: datetime) -> FrontPage:
    """True numbers from the tally, the reports that are late now, and what was put right lately."""
    today = local_date(now, city.zone)
    sums = queries.figures(session, today)
    return FrontPage(
        received_30=sums.get("received", 0),
        closed_30=sums.get("closed", 0),
        on_time_percent=_percent(
            sums.get("first_answers_on_time", 0), sums.get("first_answers", 0)
        ),
        disputed_percent=_percent(sums.get("disputes", 0), sums.get("answers", 0)),
        late=[row_view(case, city, today) for case in queries.late_now(session, today)],
        fixed=_with_photos(session, queries.fixed_lately(session), city, today),
    )


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def _with_photos(
    session: Session, cases: Iterable[Case], city: City, today: date
) -> list[tuple[RowView, str | None, str | None]]:
    shown = list(cases)
    photos = queries.before_and_after(session, [case.id for case in shown])
    found = []
    for case in shown:
        before, after = (photo_url(key) if key else None for key in photos[case.id])
        found.append((row_view(case, city, today), before, after))
    return found
