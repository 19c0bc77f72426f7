"""Another city is another folder, and a wrong folder says everything that is wrong with it."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.places.city import SHIPPED, City, CityError, Text, load_city

MUARA = Path(__file__).resolve().parent.parent / "cities" / "muara"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def muara() -> City:
    """A made-up city of two areas."""
    return load_city(MUARA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the made-up city, to be spoilt."""
    return Path(shutil.copytree(MUARA, tmp_path / "city"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(CityError) as caught:
        load_city(folder)
    return str(caught.value).split("\n- ")[1:]


# -------------------------------------------------------------------- another city


def test_a_folder_with_its_own_city_replaces_the_shipped_one(muara: City) -> None:
    assert muara.name == Text("Kota Muara", "Muara City")
    assert [district.name for district in muara.districts] == ["Muara Barat", "Muara Timur"]
    assert [category.slug for category in muara.categories] == ["jalan", "kantor", "listrik"]
    assert not muara.unit("sdabmbk").known


def test_what_holds_in_any_indonesian_city_need_not_be_written_again(muara: City) -> None:
    assert date(2026, 12, 24) in {holiday.day for holiday in muara.holidays}
    assert muara.reject_reason("iklan_spam").known
    assert "Pemerintah Kota Muara" in muara.pages["privacy"].sections[0].body.id


def test_a_city_may_still_write_it_again(folder: Path) -> None:
    (folder / "holidays.csv").write_text(
        "date,name_id,name_en,kind\n2026-11-25,Hari Muara,Muara Day,local\n", encoding="utf-8"
    )
    city = load_city(folder)
    assert city.calendar.add(TODAY, 1) == date(2026, 11, 26)
    assert city.calendar.is_working_day(date(2026, 12, 24))


def test_words_of_the_city_are_put_into_its_texts(muara: City) -> None:
    assert muara.category("jalan").hint.in_("id") == "Jalan berlubang di Muara."
    notice = muara.category("listrik").notice
    assert notice is not None
    assert notice.text.in_("en") == "Broken cable? Call 123 or 112."
    assert notice.phones == ("phone_electricity", "phone_emergency")
    assert notice.call_first


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("solve_days", Text("5 atau 10", "5 or 10")),
        ("retention_closed", Text("18 bulan", "18 months")),
        ("retention_logs", Text("1 bulan", "1 month")),
        ("retention_backup", Text("1 hari", "1 day")),
        ("grace_days", Text("2", "2")),
    ],
)
def test_numbers_of_the_city_are_said_in_words(muara: City, name: str, expected: Text) -> None:
    assert muara.words[name] == expected
    assert muara.words_in("en")[name] == expected.en


# -------------------------------------------------------------------- looking things up


def test_places(muara: City) -> None:
    assert [village.name for village in muara.villages_of("99.01.01")] == ["Pantai", "Pasir Putih"]
    assert muara.villages_of("99.01.09") == ()
    assert muara.nearest_district(-2.9, 140.45).name == "Muara Barat"
    assert muara.nearest_district(-2.1, 140.55).name == "Muara Timur"
    assert muara.bounds.contains(-2.0, 140.0)
    assert not muara.bounds.contains(-1.99, 140.0)


@pytest.mark.parametrize(
    ("day", "name", "units"),
    [
        (date(2024, 12, 31), "Dinas Kimpraswil", 5),
        (date(2025, 1, 1), "Dinas Pekerjaan Umum", 5),
        (date(2025, 6, 30), "Dinas Pekerjaan Umum", 5),
        (date(2025, 7, 1), "Dinas Pekerjaan Umum", 4),
    ],
)
def test_units_and_their_names_belong_to_a_day(
    muara: City, day: date, name: str, units: int
) -> None:
    assert muara.unit("pekerjaan_umum").name_on(day).id == name
    assert len(muara.units_on(day)) == units
    assert muara.unit("kebersihan").known


def test_a_category_that_ended_is_no_longer_offered_but_keeps_its_name(muara: City) -> None:
    assert [c.slug for c in muara.categories_on(TODAY)] == ["jalan", "kantor"]
    assert muara.category("listrik").name.id == "Listrik"


def test_the_office_of_the_place_never_holds_a_report_about_itself(muara: City) -> None:
    allowed = [unit.code for unit in muara.assignable_units("kantor", "99.01.01", TODAY)]
    assert allowed == ["pekerjaan_umum", "sekretariat", "kec_timur"]
    assert muara.office_of("99.01.01") == muara.unit("kec_barat")
    assert muara.office_of("99.01.09") is None


def test_only_the_named_units_may_hold_a_category_that_names_some(folder: Path) -> None:
    edit(folder, "categories.toml", "bypass_place = true", 'only_units = ["sekretariat"]')
    allowed = load_city(folder).assignable_units("kantor", "99.01.01", TODAY)
    assert [unit.code for unit in allowed] == ["sekretariat"]


def test_the_unit_proposed_to_the_verifier(muara: City) -> None:
    proposed = muara.default_unit("jalan", "99.01.01", TODAY)
    assert proposed is not None
    assert proposed.code == "pekerjaan_umum"
    assert muara.default_unit("kantor", "99.01.01", TODAY) is None
    assert muara.default_unit("gone", "99.01.01", TODAY) is None


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Aspalnya melubangi ban, LUBANG semua", ["jalan"]),
        ("Padam di dekat lubang", ["jalan", "listrik"]),
        ("Bagus", []),
        ("", []),
    ],
)
def test_categories_are_suggested_by_citizens_words(
    muara: City, text: str, slugs: list[str]
) -> None:
    suggested = muara.suggest_categories(text, date(2025, 1, 1))
    assert [category.slug for category in suggested] == slugs


def test_a_category_that_ended_is_not_suggested(muara: City) -> None:
    assert muara.suggest_categories("padam", TODAY) == ()


def test_days_to_solve_follow_the_class_of_the_category(muara: City) -> None:
    assert muara.solve_days("jalan") == 10
    assert muara.solve_days("gone") == 10


def test_how_to_reach_an_outside_body(muara: City) -> None:
    assert muara.agency("listrik").contact == Text(
        "telepon 123, listrik.example", "phone 123, listrik.example"
    )


def test_codes_of_an_older_folder_can_still_be_shown(muara: City) -> None:
    category = muara.category("sampah")
    assert (category.known, category.visibility) == (False, "rahasia")
    assert "sampah" in category.name.id
    assert not category.keywords
    for thing in (
        muara.unit("x"),
        muara.agency("x"),
        muara.district("x"),
        muara.village("x"),
        muara.reject_reason("x"),
    ):
        assert not thing.known
        assert thing.code == "x"


# -------------------------------------------------------------------- shadowing


def test_a_folder_without_a_city_shadows_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    about = (SHIPPED / "texts" / "about.toml").read_text(encoding="utf-8")
    (tmp_path / "texts" / "about.toml").write_text(
        about.replace("About {site}", "All about {site}"), encoding="utf-8"
    )
    city, shipped = load_city(tmp_path), load_city(SHIPPED)
    assert city.pages["about"].title.en == "All about Tanggap"
    assert city.pages["help"] == shipped.pages["help"]
    assert city.categories == shipped.categories


def test_a_folder_that_does_not_exist_is_the_shipped_city(tmp_path: Path) -> None:
    assert load_city(tmp_path / "none") == load_city(SHIPPED)


# -------------------------------------------------------------------- what is wrong, and its mend

SPOILT: list[tuple[str, str, str, str]] = [
    ("city.toml", "verify_days = 2\n", "", "promises, verify_days: must be a whole number"),
    ("city.toml", "verify_days = 2", "verify_days = true", "promises, verify_days: must be a"),
    ("city.toml", "zoom = 13", "zoom = 13\nzom = 1", "start, zom: is not a key here"),
    ("city.toml", "Asia/Jayapura", "Asia/Muara", 'zone: "Asia/Muara" is not a time zone'),
    ("city.toml", "west = 140.0", "west = 142.0", "bounds: west must be less than east"),
    ("city.toml", "lat = -2.5", "lat = -4", "lies outside [bounds]"),
    ("city.toml", '"sekretariat"', '"setda"', 'secretariat: "setda" is not a unit'),
    ("city.toml", "since = 2026-11-24", 'since = "now"', "privacy_notice, since: must be a date"),
    (
        "city.toml",
        "text_min = 20\ntext_max = 2000",
        "text_min = 900\ntext_max = 900",
        "limits: each least",
    ),
    ("city.toml", '{ value = "112" }', '"112"', "contacts, phone_emergency: this table is missing"),
    ("city.toml", 'en = "Muara City"', 'en = ""', "name.en: the English text is missing"),
    ("city.toml", ', en = "Muara City"', "", "name.en: the English text is missing"),
    ("city.toml", 'en = "Muara City"', 'en = "M", fr = "M"', "name.fr: is not a language"),
    ("city.toml", 'locale = "id"', 'locale = "fr"', 'locale: "fr" is unknown. Use one of: id, en'),
    ("city.toml", "[bounds]", "[bounds", "is not valid TOML"),
    ("areas.csv", "140.2,99.01.01.1002", "140.3,99.01.01.1002", "line 3: district 99.01.01 has"),
    ("areas.csv", "140.8", "142.8", "line 4: the centre of Muara Timur lies outside [bounds]"),
    ("areas.csv", "140.8", "east", "line 4: district_lat and district_lon must be numbers"),
    ("areas.csv", "99.01.02.1001", "99.01.01.1001", 'village_code "99.01.01.1001": stands twice'),
    ("areas.csv", ",Bukit", ",", "line 4: needs 6 filled columns"),
    ("areas.csv", "village_name", "village", "line 1: the columns must be district_code"),
    ("units.toml", '"kebersihan"', '"pekerjaan_umum"', 'unit "pekerjaan_umum": stands twice'),
    ("units.toml", '"kebersihan"', '"dinas kebersihan"', "use 1 to 40 letters, digits"),
    ("units.toml", 'kind = "office"', 'kind = "kantor"', 'kind: "kantor" is unknown. Use one of'),
    ("units.toml", '"99.01.02"', '"99.01.03"', '"99.01.03" is not a district_code of areas.csv'),
    ("units.toml", '"99.01.02"', '"99.01.01"', 'district "99.01.01" has two offices'),
    ("units.toml", 'phone = "123"\nweb = "listrik.example"\n', "", "say how to reach it"),
    (
        "units.toml",
        "valid_to = 2025-06-30",
        "valid_from = 2026-01-01\nvalid_to = 2025-06-30",
        'unit "kebersihan", valid_to: must not be before valid_from',
    ),
    ("categories.toml", '"pekerjaan_umum"', '"pu"', 'category "jalan", unit: "pu" is not a unit'),
    ("categories.toml", '["listrik"]', '["pln"]', 'agencies: "pln" is not an [[agency]]'),
    ("categories.toml", 'agencies = ["listrik"]\n', "", "agencies: name the outside body"),
    ("categories.toml", '"rahasia"\n', '"tertutup"\n', 'visibility: "tertutup" is unknown'),
    ("categories.toml", '["anonim", "rahasia"]', '["anonim", "x"]', 'visibilities: "x" is unknown'),
    ("categories.toml", '"rahasia"\n', '"publik"\n', '"publik" must be one of visibilities'),
    (
        "categories.toml",
        '["padam"]',
        '["padam", "Aspal"]',
        '"Aspal" is the same as "aspal" of category "jalan"',
    ),
    (
        "categories.toml",
        '["padam"]',
        '["padam", "…"]',
        'keywords: "…" holds no letter or digit',
    ),
    (
        "categories.toml",
        '["padam"]',
        '["padam", "Padam"]',
        '"Padam" is the same as "padam" of category "listrik"',
    ),
    ("categories.toml", '["padam"]', '"padam"', "keywords: must be a list of texts"),
    ("categories.toml", "{city_short}", "{kota}", "hint: {kota} is not a placeholder of the city"),
    ("categories.toml", 'level = "stop"', 'level = "high"', 'notice, level: "high" is unknown'),
    ("categories.toml", '"listrik"\nname', '"jalan"\nname', 'category "jalan": stands twice'),
    ("categories.toml", "outside = true", 'outside = "yes"', "outside: must be true or false"),
    (
        "categories.toml",
        'unit = "pekerjaan_umum"',
        'unit = "pekerjaan_umum"\nonly_units = ["sekretariat"]',
        "must stand in only_units too",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILT)
def test_each_mistake_is_named_with_its_file(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    edit(folder, name, old, new)
    assert any(line.startswith(name) and said in line for line in problems(folder))


@pytest.mark.parametrize("name", ["areas.csv", "units.toml", "categories.toml"])
def test_what_only_this_city_can_know_is_never_borrowed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(line.startswith(f"{name}: is missing") for line in problems(folder))


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    edit(folder, "city.toml", "zoom = 13", "zoom = 40")
    edit(folder, "units.toml", 'kind = "office"', 'kind = "x"')
    edit(folder, "categories.toml", '"pekerjaan_umum"', '"pu"')
    files = {line.split(":")[0] for line in problems(folder)}
    assert files == {"city.toml", "units.toml", "categories.toml"}


def write(name: str, content: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode("latin-1"))

    return spoil


NAMES = 'name = {{ id = "A", en = "A" }}\nshort = {{ id = "A", en = "A" }}\n'
EARLIER = f"""[[unit]]
code = "pu"
kind = "dinas"
{NAMES}
[[unit.earlier]]
{NAMES}valid_to = {{}}
[[unit.earlier]]
{NAMES}valid_to = {{}}
"""
HEAD = "date,name_id,name_en,kind\n"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (write("holidays.csv", f"{HEAD}2026-1-1,A,A,local\n"), 'line 2: "2026-1-1" is not a date'),
        (
            write("holidays.csv", f"{HEAD}2026-05-02,A,A,local\n2026-05-01,B,B,local\n"),
            "line 3: 2026-05-01 must come after 2026-05-02. Sort by date",
        ),
        (
            write("holidays.csv", f"{HEAD}2026-05-01,A,A,local\n2026-05-01,B,B,local\n"),
            "line 3: 2026-05-01 must come after 2026-05-01",
        ),
        (write("holidays.csv", f"{HEAD}2026-05-01,A,A,free\n"), 'line 2: kind "free" is unknown'),
        (write("reject.toml", ""), "reason: there is no reason"),
        (write("texts/help.toml", 'title = { id = "B", en = "H" }'), "section: the page is empty"),
        (write("texts/help.toml", "# \xe9"), "is not UTF-8. Save it as UTF-8"),
        (
            write("units.toml", EARLIER.format("2020-01-01", "2019-01-01")),
            'unit "pu", earlier: write the oldest name first',
        ),
        (write("units.toml", ""), "unit: the city has no unit"),
        (write("units.toml", "unit = 3"), "unit: must be written as [[unit]]"),
        (write("categories.toml", ""), "category: the city has no category"),
    ],
)
def test_mistakes_in_the_other_files(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(folder)
    assert any(said in line for line in problems(folder))
