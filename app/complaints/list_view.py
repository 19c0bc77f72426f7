"""What the page of the public list shows around its rows: filters, tabs, words for the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.cases import mail_promises
from app.cases.showing import promise_of, title_of
from app.civic.geo import Bounds
from app.civic.promises import local_date
from app.complaints import listing, searches
from app.complaints.listing import NAMES, OPEN, Asked, Cluster, MapView, Spot, Wanted
from app.complaints.showing import row_view
from app.core.i18n import _, _l, _n, number, tr
from app.core.promise_view import RowView, tags_of
from app.core.search import stems
from app.core.status_look import STATUS
from app.places.facts import City, StartView

VIEW, MAP = "tampilan", "peta"
"""Parameter of an address for the view, and its value for the map."""
AFTER, BEFORE = "setelah", "sebelum"
CLOSER = 2
"""Steps of zoom from the city to a kecamatan."""

STILL_OPEN = _l("Masih terbuka")
REMARKS = {
    "unknown": _l("Satu saringan di alamat ini tidak dikenal dan kami abaikan."),
    "short": _l("Tulis paling sedikit %(min)s huruf untuk mencari.", min=listing.SHORTEST_QUERY),
    "long": _l("Pendekkan pencarian sampai %(max)s huruf.", max=listing.LONGEST_QUERY),
}
UNIT_GROUPS = {"kecamatan": _l("Kantor kecamatan"), "": _l("Dinas dan badan")}


@dataclass(frozen=True)
class Link:
    """A word that leads to the list with other filters."""

    words: str
    url: str
    current: bool = False
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Choice:
    """A filter to choose from a list; options are groups of values and words, "" for no group."""

    name: str
    label: str
    chosen: str
    options: Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Empty:
    """What to say when there is nothing, and where to go from there."""

    words: str
    link: tuple[str, str] | None


@dataclass(frozen=True)
class ListPage:
    """The page of the list."""

    asked: Asked
    title: str
    result: str
    rows: Sequence[RowView]
    newer: str
    older: str
    chips: Sequence[Link]
    tabs: Sequence[Link]
    views: Sequence[Link]
    choices: Sequence[Choice]
    remarks: Sequence[str]
    empty: Empty | None
    mapped: bool
    report_url: str
    follow: Link
    start: StartView

    @property
    def plain(self) -> bool:
        """Whether it is the list itself, which search engines may keep, and no part of it."""
        return not (self.asked.wanted.query or self.newer or self.mapped)


def list_page(
    session: Session, city: City, given: Mapping[str, str], asked: Asked, now: datetime
) -> ListPage:
    """The page an address asks for."""
    wanted, today = asked.wanted, local_date(now, city.zone)
    found = listing.page(
        session, wanted, today, after=given.get(AFTER, ""), before=given.get(BEFORE, "")
    )
    mapped = given.get(VIEW) == MAP
    to = _Addresses(wanted, {VIEW: MAP} if mapped else {})
    searched = frozenset(stems(wanted.words))
    return ListPage(
        asked=asked,
        title=_("Hasil untuk “%(query)s”", query=wanted.words) if wanted.words else "",
        result=_count_words(listing.count(session, wanted, today)),
        rows=[row_view(row.case, city, today, row.text, searched) for row in found.rows],
        newer=found.newer and to.here(**{BEFORE: found.newer}),
        older=found.older and to.here(**{AFTER: found.older}),
        chips=_chips(wanted, city, to),
        tabs=_tabs(wanted, to),
        views=[
            Link(_("Daftar"), _Addresses(wanted, {}).here(), not mapped),
            Link(_("Peta"), _Addresses(wanted, {VIEW: MAP}).here(), mapped, "pin"),
        ],
        choices=_choices(wanted, city),
        remarks=[str(REMARKS[remark]) for remark in asked.remarks],
        empty=None if found.rows else _empty(wanted, to),
        mapped=mapped,
        report_url=_report_url(wanted),
        follow=_follow(wanted, city),
        start=_start(wanted, city),
    )


@dataclass(frozen=True)
class _Addresses:
    """Makes addresses of the list that keep the view."""

    wanted: Wanted
    view: Mapping[str, str]

    def here(self, **more: str) -> str:
        return self.to(self.wanted, **more)

    def to(self, wanted: Wanted, **more: str) -> str:
        values: dict[str, Any] = {**wanted.query, **self.view, **more}
        return url_for("complaints.index", **values)


def _count_words(found: int) -> str:
    if found > listing.MOST_COUNTED:
        return _("Lebih dari %(n)s laporan", n=number(listing.MOST_COUNTED))
    return _n("%(n)s laporan", "%(n)s laporan", found, n=number(found))


# ---------------------------------------------------------------- filters


def _chips(wanted: Wanted, city: City, to: _Addresses) -> list[Link]:
    """One for each filter that is set; it leads to the list without it."""
    words = {
        "words": f"“{wanted.words}”",
        "category": tr(city.category(wanted.category).name),
        "district": city.district(wanted.district).name,
        "village": city.village(wanted.village).name,
        "state": _state_word(wanted.state) if wanted.state else "",
        "unit": tr(city.unit(wanted.unit).short),
        "late": _("Hanya yang terlambat"),
    }
    return [
        Link(words[name], to.to(wanted.without(name))) for name in NAMES if getattr(wanted, name)
    ]


def _state_word(state: str) -> str:
    return str(STILL_OPEN if state == OPEN else STATUS[state].brief)


def _tabs(wanted: Wanted, to: _Addresses) -> list[Link]:
    """The questions asked most: what is open, what is late, what is done."""
    every = wanted.without("state").without("late")

    def tab(words: str, icon: str = "", tone: str = "", **narrowed: Any) -> Link:
        there = Wanted(**{**vars(every), **narrowed})
        return Link(words, to.to(there), there == wanted, icon, tone)

    return [
        tab(_("Semua")),
        tab(str(STILL_OPEN), state=OPEN),
        tab(_("Lewat batas waktu"), "late", "late", late=True),
        tab(_("Selesai"), "done", "done", state="closed"),
    ]


def _choices(wanted: Wanted, city: City) -> list[Choice]:
    districts = [(district.code, district.name) for district in city.districts]
    villages = [(v.code, v.name) for v in city.villages_of(wanted.district)]
    states = [(state, _state_word(state)) for state in (OPEN, *STATUS)]
    return [
        _choice("category", _("Urusan"), wanted, [(c.slug, tr(c.name)) for c in city.categories]),
        _choice("district", _("Kecamatan"), wanted, districts),
        _choice("village", _("Kelurahan"), wanted, villages),
        _choice("state", _("Status"), wanted, states),
        Choice(NAMES["unit"], _("Dinas"), wanted.unit, _units(city)),
    ]


def _choice(name: str, label: str, wanted: Wanted, options: Sequence[tuple[str, str]]) -> Choice:
    return Choice(NAMES[name], label, getattr(wanted, name), {"": options})


def _units(city: City) -> dict[str, Sequence[tuple[str, str]]]:
    """Offices of places apart: there are many of them, and few are looked for."""
    offices = {"kecamatan"}
    groups: dict[str, list[tuple[str, str]]] = {}
    for unit in city.units:
        group = unit.kind if unit.kind in offices else ""
        groups.setdefault(str(UNIT_GROUPS[group]), []).append((unit.code, tr(unit.short)))
    return dict(groups)


def _empty(wanted: Wanted, to: _Addresses) -> Empty:
    clear = _("Hapus saringan")
    if wanted.words:
        words = _(
            "Tidak ada yang cocok dengan “%(query)s”. Coba satu kata saja, misalnya “lubang”"
            " atau “parit”.",
            query=wanted.words,
        )
        return Empty(words, (clear, to.to(Wanted())))
    if wanted.late:
        words = _("Tidak ada laporan yang terlambat di saringan ini.")
        return Empty(words, (clear, to.to(wanted.without("late"))))
    if wanted.query:
        words = _(
            "Tidak ada laporan dengan saringan ini. Hapus satu saringan, atau buat laporan baru."
        )
        return Empty(words, (clear, to.to(Wanted())))
    return Empty(_("Belum ada laporan. Jadilah yang pertama."), None)


def _report_url(wanted: Wanted) -> str:
    """The form, begun with what was looked for."""
    begun: dict[str, Any] = {"category": wanted.category, "kelurahan": wanted.village}
    return url_for("complaints.new", **{name: value for name, value in begun.items() if value})


def _follow(wanted: Wanted, city: City) -> Link:
    """Where the same list can be asked for by mail. Its form is no part of the list, which sets no
    cookie.
    """
    search: dict[str, Any] = searches.search_of(wanted)
    words = mail_promises.of_search(searches.words_of(search, city))
    return Link(words, url_for("complaints.follow_search", **search))


# ---------------------------------------------------------------- the map


def _start(wanted: Wanted, city: City) -> StartView:
    """What the map shows first: the city, or the kecamatan that was chosen."""
    if not wanted.district:
        return city.start
    district = city.district(wanted.district)
    return StartView(district.lat, district.lon, city.start.zoom + CLOSER)


def features(view: MapView, city: City, now: datetime) -> dict[str, object]:
    """What a map shows, as GeoJSON (RFC 7946)."""
    spots = [_feature(s.lat, s.lon, **_spot(s, city, now)) for s in view.spots]
    clusters = [
        _feature(c.lat, c.lon, **_cluster(c)) | {"bbox": _bbox(c.box)} for c in view.clusters
    ]
    return {"type": "FeatureCollection", "more": view.more, "features": [*spots, *clusters]}


def _feature(lat: float, lon: float, **properties: object) -> dict[str, object]:
    place = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "geometry": place, "properties": properties}


def _bbox(box: Bounds) -> list[float]:
    return [round(degrees, 6) for degrees in (box.west, box.south, box.east, box.north)]


def _cluster(cluster: Cluster) -> dict[str, object]:
    size, late = cluster.size, cluster.late
    words = _n(
        "%(n)s laporan di sini. Perbesar peta.",
        "%(n)s laporan di sini. Perbesar peta.",
        size,
        n=number(size),
    )
    if late:
        lateness = _n("%(n)s lewat batas waktu.", "%(n)s lewat batas waktu.", late, n=number(late))
        words = f"{words} {lateness}"
    return {"size": size, "late": late, "words": words}


def _spot(spot: Spot, city: City, now: datetime) -> dict[str, object]:
    today = local_date(now, city.zone)
    reports = []
    for case in spot.cases:
        tag = tags_of(promise_of(case, city, today), city.calendar)[0]
        reports.append(
            {
                "number": case.number,
                "title": title_of(case, city),
                "url": url_for("complaints.show", number=case.number),
                "icon": tag.icon,
                "tone": tag.tone,
                "word": tag.word,
            }
        )
    return {"size": len(reports), "reports": reports}
