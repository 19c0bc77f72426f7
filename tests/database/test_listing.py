"""The public list and map as the database answers: filters, pages, search, boxes."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import count
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.publicity import place_of
from app.civic.geo import COARSE, Bounds, cell
from app.complaints import listing
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.listing import Asked, Wanted
from app.core.database import dialect_of
from app.places.city import SHIPPED, current_city, load_city
from app.places.facts import City
from tests.conftest import START
from tests.histories import brought_to, filed, step

TODAY = date(2026, 11, 24)
MUCH_LATER = date(2027, 2, 1)
JOHOR, DENAI = "12.71.11", "12.71.10"


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows a page, so that a few reports fill some."""
    monkeypatch.setattr(listing, "PAGE", 10)


def numbers(session: Session, wanted: Wanted, today: date = TODAY) -> list[str]:
    return [row.case.number for row in listing.page(session, wanted, today).rows]


# ---------------------------------------------------------------- filters


@pytest.fixture
def mixed(session: Session) -> dict[str, Case]:
    """One report that every filter finds, and others that differ from it in one thing each."""
    other_village = current_city().villages_of(JOHOR)[0].code
    other_district = current_city().villages_of("12.71.01")[0]
    cases = {
        "wanted": brought_to(session, "in_progress", START),
        "category": brought_to(session, "in_progress", START, category_slug="drainage"),
        "village": brought_to(session, "in_progress", START, village_code=other_village),
        "district": brought_to(
            session,
            "in_progress",
            START,
            district_code=other_district.district_code,
            village_code=other_district.code,
        ),
        "state": brought_to(session, "answered", START),
        "over": brought_to(session, "closed", START),
        "new": filed(session, START),
        "unit": brought_to(session, "assigned", START),
    }
    step(session, cases["unit"], "budi", "reassign", START + timedelta(hours=9))
    session.flush()
    return cases


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (Wanted(), ""),
        (Wanted(category="road_damage"), "category"),
        (Wanted(district=JOHOR), "district"),
        (Wanted(district=JOHOR, village="12.71.11.1005"), "district village"),
        (Wanted(state="in_progress"), "state over new unit"),
        (Wanted(state=listing.OPEN), "over"),
        (Wanted(unit="sdabmbk"), "new unit"),
        (Wanted(words="lubang"), "new"),
        (Wanted(words="LUBANGNYA becak"), "new"),
        (Wanted(words="melati"), "new"),
        (Wanted(words="lubang gajah"), "all"),
        (Wanted(category="road_damage", district=JOHOR, unit="sdabmbk", state="in_progress",
                village="12.71.11.1005", words="pangkalan"),
         "category district village state over new unit"),
    ],
)  # fmt: skip
def test_each_filter_finds_what_it_says(
    session: Session, mixed: dict[str, Case], wanted: Wanted, missing: str
) -> None:
    gone = set(mixed) if missing == "all" else set(missing.split())
    expected = {case.number for name, case in mixed.items() if name not in gone}
    assert set(numbers(session, wanted)) == expected
    assert listing.count(session, wanted, TODAY) == len(expected)


def test_late_ones_come_worst_first(session: Session, mixed: dict[str, Case]) -> None:
    assert numbers(session, Wanted(late=True)) == []
    late = listing.page(session, Wanted(late=True), MUCH_LATER).rows
    expected = {case for case in mixed.values() if case.state in LIFECYCLE.city_clock}
    assert {row.case for row in late} == expected
    days = [row.case.due_on for row in late if row.case.due_on]
    assert days == sorted(days)


def test_whoever_is_due_today_is_not_late(session: Session) -> None:
    case = filed(session, START)
    assert case.due_on
    assert numbers(session, Wanted(late=True), case.due_on) == []
    assert numbers(session, Wanted(late=True), case.due_on + timedelta(days=1)) == [case.number]


# ---------------------------------------------------------------- rahasia


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_a_confidential_report_is_found_by_place_and_state_alone(
    session: Session, state: str
) -> None:
    """claims: rahasia_readers"""
    case = brought_to(session, state, START, visibility="rahasia", latitude=3.53, longitude=98.67)
    case = session.get_one(Case, case.id)
    for wanted in (Wanted(), Wanted(district=JOHOR), Wanted(state=state)):
        assert case.number in numbers(session, wanted)
    telling = (
        Wanted(category="road_damage"),
        Wanted(village="12.71.11.1005", district=JOHOR),
        Wanted(unit="sdabmbk"),
        Wanted(unit="dishub"),
        Wanted(words="lubang"),
        Wanted(words="rahasia"),
        Wanted(late=True),
    )
    for wanted in telling:
        assert case.number not in numbers(session, wanted, MUCH_LATER), wanted
        count_now = listing.count(session, wanted, MUCH_LATER)
        assert count_now == len(numbers(session, wanted, MUCH_LATER))
    rows = listing.page(session, Wanted(), TODAY).rows
    assert [row.text for row in rows if row.case is case] == [""]


def test_search_follows_what_may_be_read(session: Session) -> None:
    """claims: text_after_check"""
    case = filed(session, START, landmark="Gang Melati")
    words = Wanted(words="pangkalan becak")
    assert numbers(session, words) == []
    step(session, case, "budi", "assign", START + timedelta(hours=1))
    assert numbers(session, words) == [case.number]
    step(session, case, "budi", "mask", START + timedelta(hours=2))
    assert numbers(session, words) == []
    assert numbers(session, Wanted(words="pangkalan")) == [case.number]
    step(session, case, "holder", "tighten", START + timedelta(hours=3))
    assert numbers(session, Wanted(words="pangkalan")) == []


def test_a_withdrawn_text_is_found_no_more(session: Session) -> None:
    case = brought_to(session, "assigned", START)
    step(session, case, "holder", "withdraw", START + timedelta(hours=2))
    assert numbers(session, Wanted(words="becak")) == []
    (row,) = listing.page(session, Wanted(), TODAY).rows
    assert row.text == ""


def test_rows_carry_the_masked_copy(session: Session) -> None:
    brought_to(session, "assigned", START, text="Hubungi saya di 0812 3456 7890 soal parit ini.")
    (row,) = listing.page(session, Wanted(), TODAY).rows
    assert "parit" in row.text
    assert "3456" not in row.text


# ---------------------------------------------------------------- pages


def walk(session: Session, wanted: Wanted, today: date, news: Iterator[object]) -> list[list[str]]:
    """All pages by their links, while something new happens between two of them."""
    pages, after = [], ""
    while True:
        page = listing.page(session, wanted, today, after=after)
        pages.append([row.case.number for row in page.rows])
        if not page.older:
            return pages
        after = page.older
        next(news)


@pytest.mark.parametrize("rest", [0, 1, 7])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(late=True), Wanted(category="road_damage")])
def test_every_report_is_seen_once_while_new_ones_arrive(
    session: Session, wanted: Wanted, rest: int
) -> None:
    total = 2 * listing.PAGE + rest
    there = [filed(session, START + timedelta(minutes=n % 5)).number for n in range(total)]
    later = (filed(session, START + timedelta(hours=n)) for n in count(1))
    pages = walk(session, wanted, MUCH_LATER, later)
    seen = [number for page in pages for number in page]
    assert sorted(set(seen)) == sorted(seen), "a report stood on two pages"
    assert set(there) <= set(seen)
    # whoever is later is newer: only the list of late ones, which ends with the newest, meets them
    assert wanted.late or len(seen) == total
    assert all(len(page) == listing.PAGE for page in pages[:-1])


def test_pages_of_search_results(session: Session) -> None:
    total = listing.PAGE + 3
    there = [brought_to(session, "assigned", START).number for _ in range(total)]
    pages = walk(
        session,
        Wanted(words="lubang"),
        TODAY,
        (brought_to(session, "assigned", START) for _ in count()),
    )
    assert pages == [there[::-1][: listing.PAGE], there[::-1][listing.PAGE :]]


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(late=True)])
def test_the_way_back_shows_the_same_pages(session: Session, wanted: Wanted) -> None:
    for n in range(2 * listing.PAGE + 5):
        filed(session, START + timedelta(minutes=n))
    first = listing.page(session, wanted, MUCH_LATER)
    second = listing.page(session, wanted, MUCH_LATER, after=first.older)
    third = listing.page(session, wanted, MUCH_LATER, after=second.older)
    assert (first.newer, third.older) == ("", "")
    again = listing.page(session, wanted, MUCH_LATER, before=third.newer)
    assert [row.case for row in again.rows] == [row.case for row in second.rows]
    assert (again.newer, again.older) == (second.newer, second.older)
    back = listing.page(session, wanted, MUCH_LATER, before=again.newer)
    assert [row.case for row in back.rows] == [row.case for row in first.rows]
    assert back.newer == ""


def test_new_arrivals_stand_on_the_first_page_on_the_way_back(session: Session) -> None:
    cases = [filed(session, START + timedelta(minutes=n)) for n in range(listing.PAGE + 1)]
    second = listing.page(session, Wanted(), TODAY, after=cases[1].number)
    assert [row.case for row in second.rows] == [cases[0]]
    newest = filed(session, START + timedelta(hours=3))
    first = listing.page(session, Wanted(), TODAY, before=second.newer)
    assert first.rows[0].case is newest or len(first.rows) == listing.PAGE
    assert first.rows[-1].case in cases[1:3]


@pytest.mark.parametrize(
    "end", ["", "x", "2611-9999", "2026-11-24.2611-9999", "..", "9999-99-99.2611-0001", "\x00"]
)
def test_an_end_nobody_knows_gives_the_first_page(session: Session, end: str) -> None:
    case = filed(session, START)
    for wanted in (Wanted(), Wanted(late=True)):
        for page in (
            listing.page(session, wanted, MUCH_LATER, after=end),
            listing.page(session, wanted, MUCH_LATER, before=end),
        ):
            assert [row.case for row in page.rows] == [case]
            assert page.newer == ""


def test_the_end_of_a_page_does_not_tell_when_a_report_was_filed(session: Session) -> None:
    for _ in range(listing.PAGE + 1):
        filed(session, START, visibility="rahasia")
    page = listing.page(session, Wanted(), TODAY)
    assert page.older == page.rows[-1].case.number


def test_hits_are_counted_no_further_than_needed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    for _ in range(5):
        filed(session, START)
    assert listing.count(session, Wanted(), TODAY) == 3


# ---------------------------------------------------------------- the map

BOX = Bounds(3.4, 98.5, 3.7, 98.8)
ZOOM = 12


def placed(session: Session, lat: float, lon: float, visibility: str = "publik") -> Case:
    return brought_to(
        session, "assigned", START, latitude=lat, longitude=lon, visibility=visibility
    )


def seen_on_map(
    session: Session, box: Bounds = BOX, zoom: int = ZOOM
) -> dict[str, tuple[float, float]]:
    view = listing.on_map(session, Wanted(), TODAY, box, zoom)
    return {case.number: (spot.lat, spot.lon) for spot in view.spots for case in spot.cases}


def test_the_map_shows_public_reports_where_they_are(session: Session) -> None:
    case = placed(session, 3.534567, 98.678901)
    assert seen_on_map(session) == {case.number: (3.534567, 98.678901)}


def test_the_map_shows_what_may_be_read_only(session: Session) -> None:
    """claims: rahasia_readers, text_after_check"""
    filed(session, START, latitude=3.53, longitude=98.67)
    placed(session, 3.53, 98.67, "rahasia")
    brought_to(session, "rejected", START, latitude=3.53, longitude=98.67)
    brought_to(session, "withdrawn", START, latitude=3.53, longitude=98.67)
    brought_to(session, "assigned", START)
    assert seen_on_map(session) == {}
    case = placed(session, 3.53, 98.67)
    step(session, case, "holder", "tighten", START + timedelta(hours=2))
    session.flush()
    assert seen_on_map(session) == {}


@pytest.mark.parametrize(("lat", "lon"), [(3.534567, 98.678901), (3.5, 98.6), (3.59999, 98.6001)])
def test_the_map_shows_an_anonymous_report_in_the_middle_of_its_cell(
    session: Session, lat: float, lon: float
) -> None:
    case = placed(session, lat, lon, "anonim")
    ((shown_lat, shown_lon),) = seen_on_map(session).values()
    half = 0.5 / COARSE
    assert abs(shown_lat - lat) <= half + 1e-9
    assert abs(shown_lon - lon) <= half + 1e-9
    assert isclose(shown_lat * COARSE % 1, 0.5, abs_tol=1e-6)
    assert isclose(shown_lon * COARSE % 1, 0.5, abs_tol=1e-6)
    assert case.latitude == lat


def test_no_box_finds_where_an_anonymous_report_truly_is(session: Session) -> None:
    lat, lon = 3.534567, 98.678901
    case = placed(session, lat, lon, "anonim")
    ((shown_lat, shown_lon),) = seen_on_map(session).values()
    tiny = 1e-5
    assert seen_on_map(session, Bounds(lat - tiny, lon - tiny, lat + tiny, lon + tiny)) == {}
    around = Bounds(shown_lat - tiny, shown_lon - tiny, shown_lat + tiny, shown_lon + tiny)
    assert case.number in seen_on_map(session, around)


def test_the_map_keeps_to_its_box_and_to_the_filters(session: Session) -> None:
    inside = placed(session, 3.53, 98.67)
    placed(session, 3.65, 98.67)
    box = Bounds(3.5, 98.6, 3.6, 98.7)
    assert list(seen_on_map(session, box)) == [inside.number]
    for wanted, there in ((Wanted(category="road_damage"), 1), (Wanted(state="closed"), 0),
                          (Wanted(words="becak"), 1), (Wanted(words="gajah"), 0)):  # fmt: skip
        assert len(listing.on_map(session, wanted, TODAY, box, ZOOM).spots) == there


def test_reports_at_one_place_share_a_spot(session: Session) -> None:
    first, second = placed(session, 3.53, 98.67), placed(session, 3.53, 98.67)
    (spot,) = listing.on_map(session, Wanted(), TODAY, BOX, ZOOM).spots
    assert spot.cases == (second, first)


@pytest.fixture
def crowd(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """More reports than a map shows one by one, one of them alone, one anonim."""
    monkeypatch.setattr(listing, "MOST_SPOTS", 6)
    where = [(3.53 + n / 2000, 98.67 + n / 2000) for n in range(6)]
    cases = [placed(session, lat, lon) for lat, lon in where]
    return [*cases, placed(session, 3.6, 98.5), placed(session, 3.5312, 98.6713, "anonim")]


def test_many_reports_are_gathered_by_cells(session: Session, crowd: list[Case]) -> None:
    view = listing.on_map(session, Wanted(), MUCH_LATER, BOX, ZOOM)
    places = [place for case in crowd if (place := place_of(case))]
    expected = Counter(cell(place.lat, place.lon, ZOOM) for place in places)
    assert expected.total() == len(crowd)
    assert {cell(c.lat, c.lon, ZOOM): c.size for c in view.clusters} == {
        place: n for place, n in expected.items() if n > 1
    }
    assert [spot.cases for spot in view.spots] == [(crowd[6],)]
    assert sum(c.late for c in view.clusters) == sum(c.size for c in view.clusters)
    assert not view.more


def test_from_close_the_newest_reports_are_shown_one_by_one(
    session: Session, crowd: list[Case]
) -> None:
    view = listing.on_map(session, Wanted(), TODAY, BOX, listing.CLUSTERS_BELOW)
    shown = [case for spot in view.spots for case in spot.cases]
    assert shown == crowd[:1:-1]
    assert view.more
    assert not view.clusters


# ---------------------------------------------------------------- addresses


@cache
def _city() -> City:
    return load_city(SHIPPED)


anything = st.one_of(st.text(max_size=120), st.sampled_from(["1", "road_damage", JOHOR, "open"]))


@given(st.dictionaries(st.sampled_from([*listing.NAMES.values(), "x"]), anything))
def test_any_address_is_understood(given_values: dict[str, str]) -> None:
    asked = Asked.read(given_values, _city())
    again = Asked.read(asked.wanted.query, _city())
    assert again.wanted == asked.wanted
    assert not again.remarks


@pytest.mark.parametrize(
    ("address", "wanted", "remarks"),
    [
        ({}, Wanted(), ()),
        ({"q": " lubang  jalan "}, Wanted(words="lubang jalan"), ()),
        ({"q": "x"}, Wanted(), ("short",)),
        ({"q": "..."}, Wanted(), ("short",)),
        ({"q": "a" * 101}, Wanted(), ("long",)),
        ({"q": "a\x00b"}, Wanted(), ("unknown",)),
        ({"urusan": "nothing"}, Wanted(), ("unknown",)),
        ({"status": "late", "dinas": "x"}, Wanted(), ("unknown",)),
        ({"terlambat": "0"}, Wanted(), ()),
        ({"terlambat": "1"}, Wanted(late=True), ()),
        ({"kelurahan": "12.71.11.1005"}, Wanted(district=JOHOR, village="12.71.11.1005"), ()),
        ({"kecamatan": DENAI, "kelurahan": "12.71.11.1005"}, Wanted(district=DENAI), ()),
    ],
)
def test_what_an_address_means(
    address: dict[str, str], wanted: Wanted, remarks: tuple[str, ...]
) -> None:
    asked = Asked.read(address, _city())
    assert (asked.wanted, asked.remarks) == (wanted, remarks)


def test_without_its_kecamatan_a_kelurahan_goes_too() -> None:
    wanted = Wanted(district=JOHOR, village="12.71.11.1005", late=True)
    assert wanted.without("district") == Wanted(late=True)
    assert wanted.without("village") == Wanted(district=JOHOR, late=True)
    assert wanted.without("late").late is False


@given(st.text(max_size=60))
def test_any_box_and_zoom_are_understood(typed: str) -> None:
    city = _city()
    assert listing.read_box(typed, city)
    assert 0 <= listing.read_zoom(typed, city) <= 19


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ("98.6,3.5,98.7,3.6", Bounds(3.5, 98.6, 3.6, 98.7)),
        ("98.7,3.5,98.6,3.6", None),
        ("nan,3.5,98.6,3.6", None),
        ("98.6,3.5,98.7,inf", None),
        ("98.6,3.5,98.7", None),
        ("", None),
    ],
)
def test_a_box_that_is_none_is_the_citys(typed: str, box: Bounds | None) -> None:
    assert listing.read_box(typed, _city()) == (box or _city().bounds)


@pytest.mark.parametrize(
    ("typed", "zoom"), [("12", 12), ("-3", 0), ("1e9", 19), ("inf", None), ("x", None)]
)
def test_a_zoom_that_is_none_is_the_citys(typed: str, zoom: int | None) -> None:
    assert listing.read_zoom(typed, _city()) == (_city().start.zoom if zoom is None else zoom)


# ---------------------------------------------------------------- speed


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "ix_cases_newest"),
        (Wanted(category="road_damage"), "ix_cases_category"),
        (Wanted(district=JOHOR), "ix_cases_district"),
        (Wanted(district=JOHOR, village="12.71.11.1005"), "ix_cases_village"),
        (Wanted(unit="sdabmbk"), "ix_cases_unit"),
        (Wanted(state="closed"), "ix_cases_state"),
        (Wanted(late=True), "ix_cases_state_due"),
        (Wanted(words="lubang"), "case_search"),
    ],
)
def test_an_index_gives_each_list_its_order(session: Session, wanted: Wanted, index: str) -> None:
    """On SQLite, whose plans do not hang on how full the tables are."""
    if dialect_of(session) != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole")
    ids = listing._ids(session, wanted, TODAY, None).limit(listing.PAGE)
    sql = ids.compile(session.connection(), compile_kwargs={"literal_binds": True}).string
    plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert any(index in line for line in plan), plan
    assert wanted.late or not any("TEMP B-TREE" in line for line in plan), plan
