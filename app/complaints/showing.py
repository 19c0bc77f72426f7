"""How complaints are shown in lists, on the map and on the front page."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten

from flask import url_for
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.showing import marked, photo_url, promise_of, title_of
from app.civic.promises import local_date
from app.complaints import queries
from app.core.i18n import _, language, month_year
from app.core.promise_view import RowView, Tag, row_of
from app.core.search import stem
from app.core.status_look import STATUS
from app.places.facts import City

EXCERPT = 120
"""Characters of a report shown in a list."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
LEAD_IN = 5
"""Words shown before the one that was searched for."""
_WORD = re.compile(r"\w+")


FIXED = 3


def row_view(
    case: Case, city: City, today: date, text: str = "", words: Collection[str] = ()
) -> RowView:
    """A line of a public list; of a rahasia report it tells kecamatan, month and state alone.

    ``text`` is the public copy where it may be read, ``words`` the stems that were searched for.
    """
    if case.visibility == "rahasia":
        return _confidential_row(case, city)
    return row_of(
        promise_of(case, city, today),
        city.calendar,
        url=url_for("complaints.show", number=case.number),
        title=title_of(case, city),
        place=city.district(case.district).name,
        number=case.number,
        holder=holder_of(case, city),
        supporters=case.supporters,
        age_days=(today - local_date(case.created_at, city.zone)).days,
        said=marked(excerpt(text, words)),
    )


def holder_of(case: Case, city: City) -> str:
    """Who holds a case, in short: its unit, and the verifiers until there is one."""
    if case.unit_code is None:
        return "" if case.closed_at else _("Verifikator kota")
    return city.unit(case.unit_code).short.in_(language())


def _confidential_row(case: Case, city: City) -> RowView:
    return RowView(
        url=url_for("complaints.show", number=case.number),
        title=confidential_title(case, city),
        place=month_year(case.created_at),
        number=case.number,
        holder="",
        holder_word="",
        leaf=None,
        tags=(confidential_tag(case),),
    )


def confidential_title(case: Case, city: City) -> str:
    """The title of a rahasia report."""
    district = city.district(case.district).name
    return _("Laporan rahasia di %(kecamatan)s", kecamatan=district)


def confidential_tag(case: Case) -> Tag:
    """The state of a rahasia report, without the unit, body or report it may name."""
    look = STATUS[case.state]
    return Tag(look.icon, str(look.brief), look.tone)


def excerpt(text: str, words: Collection[str] = ()) -> str:
    """The beginning of a text, or what stands around the first of the stems searched for."""
    pieces = text.split()
    hit = next((i for i, piece in enumerate(pieces) if words and _speaks_of(piece, words)), 0)
    start = hit - LEAD_IN if hit > 2 * LEAD_IN else 0
    rest = " ".join(pieces[start:])
    short = shorten(rest, EXCERPT, placeholder="")
    begin, end = ELLIPSIS if start else "", ELLIPSIS if short != rest else ""
    return begin + (short.rstrip(".,;:") if end else short) + end


def _speaks_of(piece: str, words: Collection[str]) -> bool:
    return any(stem(word.casefold()) in words for word in _WORD.findall(piece))


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
    """A few of the cases, those with a picture of the finished work first."""
    latest = list(cases)
    photos = queries.before_and_after(session, [case.id for case in latest])
    shown = sorted(latest, key=lambda case: photos[case.id][1] is None)[:FIXED]
    found = []
    for case in shown:
        before, after = (photo_url(key) if key else None for key in photos[case.id])
        found.append((row_view(case, city, today), before, after))
    return found
