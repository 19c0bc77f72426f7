"""Medan's own data: complete, in both languages, and as the decrees and the promises say."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from app.places.city import PAGES, SHIPPED, City, load_city

TODAY = date(2026, 11, 24)
SENSITIVE = ("extortion", "local_office")
SLUGS = [
    "road_damage",
    "drainage",
    "flood",
    "road_digging",
    "street_light",
    "garbage",
    "pollution",
    "trees_parks",
    "parking",
    "traffic",
    "street_vendors",
    "illegal_building",
    "public_order",
    "water_supply",
    "electricity",
    "extortion",
    "local_office",
    "civil_papers",
    "permits",
    "health",
    "schools",
    "social_aid",
    "labour",
    "markets",
    "local_tax",
    "fire_rescue",
    "city_ict",
    "other",
]

# Joint decree of three ministers (SKB): national holidays and joint leave, month-day.
NATIONAL = {
    2025: """01-01 01-27 01-29 03-29 03-31 04-01 04-18 04-20 05-01 05-12 05-29 06-01 06-06 06-27
             08-17 09-05 12-25""",
    2026: """01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16
             08-17 08-25 12-25""",
    2027: """01-01 01-05 02-06 03-08 03-10 03-11 03-26 03-28 05-01 05-06 05-17 05-20 06-01 06-06
             08-15 08-17 12-25 12-26""",
}
JOINT = {
    2025: "01-28 03-28 04-02 04-03 04-04 04-07 05-13 05-30 06-09 08-18 12-26",
    2026: "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24",
    2027: "02-05 03-09 03-12 03-15 03-25 05-18 05-19 12-24",
}


@pytest.fixture(scope="module")
def city() -> City:
    """Medan as shipped."""
    return load_city(SHIPPED)


def test_areas(city: City) -> None:
    assert len(city.districts) == 21
    assert len(city.villages) == 151
    assert sum(len(city.villages_of(d.code)) for d in city.districts) == 151
    assert all(v.code.startswith(f"{v.district_code}.1") for v in city.villages)
    assert {d.code for d in city.districts} == {f"12.71.{n:02}" for n in range(1, 22)}
    assert city.village("12.71.01.1004").name == "Mesjid"


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [
        (3.5189, 98.6082, "Medan Tuntungan"),  # RSUP Adam Malik
        (3.7830, 98.6870, "Medan Belawan"),  # the port
        (3.5620, 98.6560, "Medan Baru"),  # USU
        (3.7205, 98.6946, "Medan Labuhan"),
    ],
)
def test_a_pin_suggests_the_kecamatan_with_the_nearest_centre(
    city: City, lat: float, lon: float, name: str
) -> None:
    assert city.bounds.contains(lat, lon)
    assert city.nearest_district(lat, lon).name == name


def test_the_airport_of_the_next_regency_lies_outside(city: City) -> None:
    assert not city.bounds.contains(3.6422, 98.8853)


def test_every_kecamatan_has_its_office(city: City) -> None:
    offices = [city.office_of(district.code) for district in city.districts]
    assert all(office and office.kind == "kecamatan" for office in offices)
    assert len({office.code for office in offices if office}) == 21


@pytest.mark.parametrize("kind", ["national", "joint"])
@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_days_off_are_those_of_the_joint_decrees(city: City, kind: str, year: int) -> None:
    decreed = (NATIONAL if kind == "national" else JOINT)[year].split()
    shipped = [h.day for h in city.holidays if h.kind == kind and h.day.year == year]
    assert [f"{day:%m-%d}" for day in shipped] == decreed


def test_days_off_are_those_of_the_kept_library(city: City) -> None:
    holidays = pytest.importorskip("holidays")
    years = (2025, 2026, 2027)
    library = holidays.Indonesia(years=years, categories=("public", "government"))
    assert {holiday.day for holiday in city.holidays} == set(library)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 24), 3, date(2026, 11, 27)),
        (date(2026, 11, 28), 3, date(2026, 12, 2)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
    ],
)
def test_promises_count_over_weekends_and_joint_leave(
    city: City, start: date, days: int, end: date
) -> None:
    assert city.calendar.add(start, days) == end


def test_promises_are_those_of_the_national_system(city: City) -> None:
    promises = city.promises
    assert (promises.verify_days, promises.answer_days, promises.confirm_days) == (3, 5, 10)
    assert (promises.reopen_days, promises.dispute_days, promises.needs_info_days) == (10, 5, 30)
    assert promises.class_days == {"information": 5, "plain": 14, "examination": 60}


def test_the_28_categories_in_their_order(city: City) -> None:
    assert [category.slug for category in city.categories] == SLUGS
    assert city.categories_on(TODAY) == city.categories


def test_complaints_about_conduct_are_confidential_and_pass_the_office_by(city: City) -> None:
    for category in city.categories:
        sensitive = category.slug in SENSITIVE
        assert city.solve_days(category.slug) == (60 if sensitive else 14)
        assert category.visibility == ("rahasia" if sensitive else "publik")
        assert ("publik" in category.visibilities) != sensitive
        assert "anonim" in category.visibilities
        assert category.bypass_place == sensitive


@pytest.mark.parametrize(
    ("slug", "units"),
    [("extortion", {"inspektorat"}), ("local_office", {"inspektorat", "tata_pemerintahan"})],
)
def test_no_kecamatan_holds_a_complaint_about_conduct(
    city: City, slug: str, units: set[str]
) -> None:
    for district in city.districts:
        allowed = {unit.code for unit in city.assignable_units(slug, district.code, TODAY)}
        assert allowed == units


def test_every_category_leads_somewhere(city: City) -> None:
    for category in city.categories:
        proposed = city.default_unit(category.slug, "12.71.01", TODAY)
        assert (proposed is not None) == (category.unit_code is not None)
        assert proposed or category.outside or category.slug == "other"


def test_where_life_is_at_stake_the_telephone_comes_first(city: City) -> None:
    first = {c.slug for c in city.categories if c.notice and c.notice.call_first}
    assert first == {"flood", "electricity", "health", "fire_rescue"}
    for category in city.categories:
        assert category.notice
        if category.notice.call_first:
            assert category.notice.phones


def test_keywords(city: City) -> None:
    words = [word for category in city.categories for word in category.keywords]
    assert not [word for word, times in Counter(words).items() if times > 1]
    assert all(word == word.casefold() for word in words)
    for category in city.categories:
        expected = range(1) if category.slug == "other" else range(12, 31)
        assert len(category.keywords) in expected, category.slug
    assert {"parit", "pajak", "jukir", "titi", "galon"} - set(words) == {"galon"}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Lubang selebar meja di depan sekolah, kemarin ada yang jatuh.", "road_damage"),
        ("Parit tumpat penuh lumpur, airnya hitam", "drainage"),
        ("Lampu jalan mati tiga tiang, gelap kali", "street_light"),
        ("Lampu merah di simpang mati, macet", "traffic"),
        ("Jukir minta lima ribu tanpa karcis", "parking"),
        ("Sampah menumpuk tidak diangkut", "garbage"),
        ("Pohon mahoni miring, dahannya mau tumbang", "trees_parks"),
        ("Dimintai uang pelicin sama petugas, ini pungli", "extortion"),
        ("KK saya dua bulan belum jadi di Disdukcapil", "civil_papers"),
        ("Kepling dan lurah tidak pernah di tempat", "local_office"),
        ("Bansos tidak tepat sasaran", "social_aid"),
        ("Ular masuk dapur, tolong damkar", "fire_rescue"),
        ("Pajak becek, kios di pasar bau", "markets"),
        ("PBB sudah bayar, masih ditagih. SPPT salah", "local_tax"),
        ("Air PDAM mati sejak pagi", "water_supply"),
        ("Mati lampu dari tadi, PLN tidak bisa ditelepon", "electricity"),
    ],
)
def test_a_text_suggests_its_category(city: City, text: str, slug: str) -> None:
    assert city.suggest_categories(text, TODAY)[0].slug == slug


def test_units_take_no_mail_until_the_city_gives_addresses(city: City) -> None:
    assert not any(unit.mailbox for unit in city.units)
    assert city.unit(city.secretariat_code).known


def test_renamed_units_keep_their_code(city: City) -> None:
    permits = city.unit("dpmptsp")
    assert permits.short_on(date(2016, 8, 22)).id == "BPPT"
    assert permits.short_on(TODAY).id == "DPMPTSP"
    assert not city.unit("sdabmbk").valid_on(date(2016, 8, 22))


@pytest.mark.parametrize("name", PAGES)
def test_long_texts_are_whole_in_both_languages(city: City, name: str) -> None:
    page = city.pages[name]
    texts = [page.title, *page.points, *(s.heading for s in page.sections)]
    texts += [section.body for section in page.sections]
    for text in texts:
        for lang in ("id", "en"):
            assert text.in_(lang)
            assert not re.search(r"[{}<>]", text.in_(lang))
    assert len({section.key for section in page.sections}) == len(page.sections)


def test_twelve_questions_as_the_help_page_says(city: City) -> None:
    assert "Dua belas" in city.pages["help"].lead.id if city.pages["help"].lead else False
    assert len(city.pages["help"].sections) == 12


def test_every_provisional_fact_names_its_source() -> None:
    """Contacts, units, bodies and categories are not law: each says where it comes from."""
    for name, tables in (
        ("city.toml", r"^(?:phone|wa|contact)_\w+ = .*$"),
        ("units.toml", r"^\[\[(?:unit|agency)\]\]\n(?:.+\n)+"),
        ("categories.toml", r"^\[\[category\]\]\n(?:.+\n)+"),
    ):
        content = Path(SHIPPED / name).read_text(encoding="utf-8")
        entries = re.findall(tables, content, re.MULTILINE)
        assert entries
        assert not [entry for entry in entries if 'source = "' not in entry]


def test_what_other_cities_borrow_does_not_name_medan() -> None:
    for path in (SHIPPED / "holidays.csv", SHIPPED / "reject.toml", *SHIPPED.glob("texts/*")):
        assert "Medan" not in path.read_text(encoding="utf-8"), path.name
