"""A service is one file; a wrong file says everything that is wrong with it; words find it."""

import shutil
from pathlib import Path

import pytest

from app.places.city import CityError, load_city
from app.requests import standard
from app.requests.service_files import load_services
from app.requests.services import EVENTS, FEES, ROOMS, Services
from tests.shipped import NO_CITY

MUARA = Path(__file__).resolve().parent.parent / "cities" / "muara"
BOAT = "services/permits/perahu.toml"


@pytest.fixture(scope="module")
def medan() -> Services:
    return load_services(NO_CITY, load_city(NO_CITY))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the made-up city, to be spoilt."""
    return Path(shutil.copytree(MUARA, tmp_path / "city"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(CityError) as caught:
        load_services(folder, load_city(folder))
    return str(caught.value).split("\n- ")[1:]


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / BOAT
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


# -------------------------------------------------------------------- Medan's


def test_medan_has_its_registry_and_its_permits(medan: Services) -> None:
    assert {room: len(medan.of_room(room)) for room in ROOMS} == {
        "civil_registry": 31,
        "permits": 14,
        "visits": 1,
    }


def test_what_is_free_says_so_and_adminduk_is_free(medan: Services) -> None:
    """UU 24/2013, article 79A."""
    assert {one.fee for one in medan.of_room("civil_registry")} == {"gratis"}
    assert {one.fee for one in medan} <= {*FEES, ""}


@pytest.mark.parametrize("code", ["LHR-01", "KTP-02", "KK-01", "PDH-01"])
def test_the_services_asked_for_most_are_told_in_full(medan: Services, code: str) -> None:
    service = medan.find("civil_registry", code)
    assert service is not None
    assert service.days
    assert service.form
    assert len(service.documents) >= 2
    assert len(service.steps) >= 3
    assert len(service.words) >= 4


def test_every_event_of_a_life_leads_somewhere(medan: Services) -> None:
    assert [event for event in EVENTS if not medan.of_event(event)] == []


def test_all_fourteen_components_stand_in_order(medan: Services) -> None:
    """PermenPANRB 15/2014: six for the public, eight of how the unit works."""
    for service in medan:
        listed = list(standard.components(service))
        assert len(listed) == 14, service.code
        assert listed[5].said, service.code
        assert listed[6].said, service.code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("KTP hilang", "KTP-02"),
        ("ktp rusak", "KTP-02"),
        ("anak baru lahir", "LHR-01"),
        ("akta kelahiran", "LHR-01"),
        ("kartu keluarga hilang", "KK-05"),
        ("pasang reklame", "RKL"),
        ("surat kematian", "MTI-01"),
        ("izin praktik dokter", "SIP-DOK"),
        ("ganti nama", "NMA-01"),
        ("birth certificate", "LHR-01"),
        ("lhr-01", "LHR-01"),
        ("studi banding", "KUN-01"),
    ],
)
def test_the_words_of_citizens_find_it(medan: Services, query: str, code: str) -> None:
    assert medan.search(query)[0].code == code, [one.code for one in medan.search(query)]


@pytest.mark.parametrize("query", ["", " ", "!!!", "helikopter", "\x00", "a" * 5000, "'; DROP"])
def test_what_nothing_means_finds_nothing(medan: Services, query: str) -> None:
    assert medan.search(query) == ()


# -------------------------------------------------------------------- files


def test_a_city_has_its_own_services_and_none_of_another(folder: Path) -> None:
    services = load_services(folder, load_city(folder))
    assert [one.code for one in services] == ["PRH-01"]
    found = services.find("permits", "prh-01")
    assert found is not None
    assert (found.unit.code, found.days, found.fee) == ("pekerjaan_umum", None, "perda")
    assert standard.unverified(found)


def test_a_city_may_have_none(folder: Path) -> None:
    shutil.rmtree(folder / "services")
    assert len(load_services(folder, load_city(folder))) == 0


def test_one_more_file_is_one_more_service(tmp_path: Path) -> None:
    """In a folder that shadows Medan's, as `instance/city` does."""
    target = tmp_path / "services" / "permits" / "perahu.toml"
    target.parent.mkdir(parents=True)
    content = (MUARA / BOAT).read_text(encoding="utf-8")
    target.write_text(content.replace("pekerjaan_umum", "dishub"), encoding="utf-8")
    services = load_services(tmp_path, load_city(tmp_path))
    assert services.search("sandar kapal")[0].code == "PRH-01"
    assert len(services.of_room("civil_registry")) == 31


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "pekerjaan_umum"', 'unit = "x"', 'unit: "x" is not a unit.'),
        ('kind = "perda"', 'kind = "mahal"', 'fee, kind: "mahal" is unknown.'),
        ('events = ["usaha"]', 'events = ["pesta"]', 'events: "pesta" is unknown.'),
        ('["fee.kind"]', '["harga"]', 'unverified: "harga" is unknown.'),
        ("[[rule]]", "[[rules]]", "rule: name the law it rests on."),
        ("[[step]]", "[[steps]]", "step: write the steps, or [elsewhere]"),
        ('en = "A mooring permit."', 'en = ""', "product.en: the English text is missing."),
        ("[fee]", "[time]\ndays = 0\n\n[fee]", "time, days: must be a whole number from 1 to 366."),
        ("[fee]", "[fee", "is not valid TOML"),
        ('code = "PRH-01"', 'code = "a/b"', 'code "a/b": use 1 to 40 letters'),
        ('words = [', 'kata = [', "kata: is not a key here."),
    ],
)  # fmt: skip
def test_a_mistake_names_file_key_and_mend(folder: Path, old: str, new: str, says: str) -> None:
    edit(folder, old, new)
    found = problems(folder)
    assert any(says in one for one in found), found
    assert all(one.startswith("services/permits") for one in found)


@pytest.mark.parametrize(
    ("day", "shows", "says"),
    [
        ("mooring.since", "mooring.owner", ""),
        ("mooring.since", "", "calendar, shows: say what the public reads."),
        ("mooring.owner", "mooring.owner", 'calendar, day: "mooring.owner" is no date.'),
        ("mooring.until", "mooring.owner", 'calendar, day: "mooring.until" is no date.'),
        ("mooring.since", "boat.length", 'calendar, shows: "boat.length" is no question.'),
        ("mooring.since", "consent.phone", 'calendar, shows: "consent.phone" must not be public.'),
        ("mooring.since", "applicant.name", 'calendar, shows: "applicant.name" must not be public'),
    ],
)
def test_a_calendar_shows_nothing_of_a_person(
    folder: Path, day: str, shows: str, says: str
) -> None:
    listed = f'["{shows}"]' if shows else "[]"
    table = (
        '[calendar]\nname = { id = "Tambatan", en = "Moorings" }\n'
        f'day = "{day}"\nshows = {listed}\n'
    )
    edit(folder, "[[rule]]", f"{table}\n[[rule]]")
    (folder / "services" / "permits.toml").write_text(
        '[[first]]\nkey = "applicant"\ntitle = { id = "Anda", en = "You" }\n'
        '[[first.field]]\nkey = "name"\nkind = "text"\nlabel = { id = "Nama", en = "Name" }\n',
        encoding="utf-8",
    )
    if not says:
        found = load_services(folder, load_city(folder)).find("permits", "PRH-01")
        assert found is not None
        assert [name for name, _question in found.public_questions] == [day, shows]
        return
    (said,) = problems(folder)
    assert says in said


def test_another_system_needs_a_safe_address(folder: Path) -> None:
    edit(folder, "[[step]]\ntext =", '[elsewhere]\nname = "X"\nurl = "http://x.example"\ntext =')
    assert any("must be an address that begins with https://" in one for one in problems(folder))


def test_a_code_stands_once(folder: Path) -> None:
    shutil.copy(folder / BOAT, folder / "services" / "permits" / "lain.toml")
    (said,) = problems(folder)
    assert said == 'services/permits: code "prh-01": stands twice. Remove or rename one.'
