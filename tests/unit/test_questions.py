"""Questions of a service: what is asked after which answers, and what an answer may be."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.core.vault import Vault
from app.places.city import CityError, load_city
from app.places.facts import Text
from app.requests import actions
from app.requests.answers import READERS, Ground, Wrong, input_name, read_answer, read_section
from app.requests.models import Application
from app.requests.questions import (
    CHOOSING,
    KINDS,
    Choice,
    Condition,
    Question,
    Questions,
    Repeat,
    Section,
    Value,
)
from app.requests.service_files import load_services
from tests.shipped import NO_CITY

MUARA = Path(__file__).resolve().parent.parent / "cities" / "muara"
GROUND = Ground(load_city(NO_CITY), date(2026, 11, 24))
INSTANT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WORDS = Text.same("x")
BOAT = load_services(MUARA, load_city(MUARA)).find("permits", "PRH-01")
TWO = (Choice("a", WORDS), Choice("b", WORDS))


def question(kind: str, **more: object) -> Question:
    choices = TWO if kind in {"choice", "many"} else ()
    return Question("q", kind, WORDS, choices=choices, **more)  # type: ignore[arg-type]


def sent_as(sent: Mapping[str, list[str]]) -> Callable[[str], list[str]]:
    """What a browser sent, by name."""
    return lambda name: sent.get(name, [])


@pytest.fixture(autouse=True)
def spoken(_translations: Flask) -> object:
    """Messages need a language."""
    with _translations.test_request_context():
        yield


@pytest.fixture(scope="module")
def _translations() -> Flask:
    from flask_babel import Babel

    app = Flask(__name__)
    Babel(app, default_locale="id")
    return app


# -------------------------------------------------------------------- what is asked


def test_a_room_asks_before_and_after_the_service() -> None:
    assert BOAT is not None
    keys = [section.key for section in BOAT.questions.sections]
    assert keys == ["applicant", "mooring", "boat", "consent", "delivery"]


@pytest.mark.parametrize(
    ("owner", "sections"),
    [
        ({}, "applicant mooring boat delivery"),
        ({"owner": "own"}, "applicant mooring boat delivery"),
        ({"owner": "other"}, "applicant mooring boat consent delivery"),
    ],
)
def test_a_section_is_asked_after_its_answer(owner: dict[str, Value], sections: str) -> None:
    assert BOAT is not None
    found = BOAT.questions.open_sections({"mooring": [owner]})
    assert " ".join(section.key for section in found) == sections


def test_a_change_of_mind_takes_along_what_hung_on_it() -> None:
    assert BOAT is not None
    answers = {
        "mooring": [{"owner": "own", "owner_name": "Tigor"}],
        "consent": [{"phone": "+6281234567890"}],
        "stranger": [{"x": "1"}],
    }
    assert BOAT.questions.kept(answers) == {"mooring": [{"owner": "own"}]}


def test_a_question_is_asked_after_an_answer_of_the_same_sending() -> None:
    assert BOAT is not None
    section = BOAT.questions.sections[1]
    sent = {"owner": ["other"], "owner_name": [""], "since": ["", "", ""]}
    reading = read_section(section, sent_as(sent), {}, GROUND)
    assert reading.errors == {"owner_name": "Isi “Nama pemilik dermaga”."}
    sent = {"owner": ["own"], "owner_name": ["Tigor"]}
    reading = read_section(section, sent_as(sent), {}, GROUND)
    assert (reading.errors, reading.entries) == ({}, [{"owner": "own"}])


@pytest.mark.parametrize(
    ("sent", "lengths", "errors"),
    [
        ({"length-1": ["4"]}, ["4"], []),
        ({"length-1": ["4"], "length-3": ["9"]}, ["4", "9"], []),
        ({}, [None], ["length-1"]),
        ({"length-1": ["4"], "length-2": ["vier"]}, ["4", None], ["length-2"]),
        ({"length-1": ["4"], "length-4": ["5"]}, ["4"], []),
    ],
)
def test_a_repeated_section_has_as_many_entries_as_were_given(
    sent: dict[str, list[str]], lengths: list[str | None], errors: list[str]
) -> None:
    assert BOAT is not None
    section = BOAT.questions.sections[2]
    reading = read_section(section, sent_as(sent), {}, GROUND)
    assert [entry.get("length") for entry in reading.entries] == lengths
    assert list(reading.errors) == errors


# -------------------------------------------------------------------- what an answer may be


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", ["  Siti \n Aminah "], "Siti Aminah"),
        ("long", ["Jalan Brigjen\r\nKatamso"], "Jalan Brigjen\nKatamso"),
        ("number", ["3.200"], "3200"),
        ("number", ["007"], "7"),
        ("date", ["5", "11", "2026"], "2026-11-05"),
        ("date", ["2026-11-05"], "2026-11-05"),
        ("time", ["7.30"], "07:30"),
        ("time", ["23:59"], "23:59"),
        ("choice", ["b"], "b"),
        ("many", ["b", "a", "b"], ("a", "b")),
        ("yes_no", ["no"], "no"),
        ("nik", ["1271 0157 0892 0003"], "1271015708920003"),
        ("nik", ["1271210101900001"], "1271210101900001"),
        ("kk", ["1271210101100001"], "1271210101100001"),
        ("phone", ["0812-3456-7890"], "+6281234567890"),
        ("email", ["siti@contoh.id"], "siti@contoh.id"),
        ("area", ["12.71.01", "12.71.01.1001"], "12.71.01.1001"),
    ],
)
def test_every_kind_has_one_normal_form(kind: str, typed: list[str], value: Value) -> None:
    read = read_answer(question(kind), typed, GROUND)
    assert read is not None
    assert (read.value, read.warning) == (value, "")


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("text", ["x" * 201], "Pendekkan sampai 200 huruf. Sekarang 201."),
        ("text", ["a\x00b"], "Hapus tanda atau huruf yang tidak terbaca, lalu kirim lagi."),
        ("number", ["3,5"], "Tulis dengan angka saja, misalnya 3."),
        ("number", ["3.2"], "Tulis dengan angka saja, misalnya 3."),
        ("number", ["-1"], "Tulis dengan angka saja, misalnya 3."),
        ("date", ["31", "2", "2026"], "Tanggal ini tidak ada di kalender."),
        ("date", ["5", "11", "26"], "Tulis hari, bulan, dan tahun dengan angka"),
        ("date", ["5", "11"], "Tulis hari, bulan, dan tahun dengan angka"),
        ("date", ["0", "0", "0000"], "Tanggal ini tidak ada di kalender."),
        ("time", ["25.00"], "Tulis jam dan menit"),
        ("choice", ["c"], "Pilihan itu tidak ada di daftar."),
        ("many", ["a", "c"], "Pilihan itu tidak ada di daftar."),
        ("yes_no", ["ya"], "Pilihan itu tidak ada di daftar."),
        ("nik", ["127101150892000"], "Tulis NIK 16 angka"),
        ("nik", ["1271015508000000"], "NIK ini tidak sesuai susunannya."),
        ("nik", ["1271013202900001"], "NIK ini tidak sesuai susunannya."),
        ("kk", ["12"], "Tulis nomor KK 16 angka"),
        ("phone", ["112"], "Tulis nomor telepon Indonesia"),
        ("email", ["siti"], "Tulis alamat email lengkap"),
        ("area", ["12.71.01", ""], "Pilih kecamatan, lalu kelurahan."),
        ("area", ["12.71.02", "12.71.01.1001"], "Kelurahan ini bukan bagian kecamatan itu."),
    ],
)
def test_a_wrong_answer_says_what_to_do(kind: str, typed: list[str], says: str) -> None:
    with pytest.raises(Wrong, match=f"^{says}"):
        read_answer(question(kind), typed, GROUND)


def test_an_unknown_district_of_the_city_is_odd_and_not_refused() -> None:
    read = read_answer(question("nik"), ["1271990101900001"], GROUND)
    assert read is not None
    assert read.warning.startswith("Kode wilayah NIK ini tidak ada di daftar kami.")
    elsewhere = read_answer(question("nik"), ["3174010101900001"], GROUND)
    assert elsewhere is not None
    assert not elsewhere.warning


@pytest.mark.parametrize(
    ("kind", "more", "typed", "says"),
    [
        ("date", {"when": "past"}, ["25", "11", "2026"], "Tanggal ini belum tiba."),
        ("date", {"when": "future"}, ["23", "11", "2026"], "Tanggal ini sudah lewat."),
        ("number", {"least": 2}, ["1"], "Paling sedikit 2."),
        ("number", {"most": 9}, ["10"], "Paling banyak 9."),
        ("text", {"most": 3}, ["abcd"], "Pendekkan sampai 3 huruf."),
    ],
)
def test_bounds_hold(kind: str, more: dict[str, object], typed: list[str], says: str) -> None:
    with pytest.raises(Wrong, match=says):
        read_answer(question(kind, **more), typed, GROUND)


@pytest.mark.parametrize("kind", KINDS)
def test_empty_is_none_where_it_may_be_and_says_what_to_write_where_not(kind: str) -> None:
    for empty in ([], [""], [" ", "\u200b", "\n"]):
        assert read_answer(question(kind, optional=True), empty, GROUND) is None
        with pytest.raises(Wrong, match=r"\.$"):
            read_answer(question(kind), empty, GROUND)


def test_every_kind_has_a_reader() -> None:
    assert set(READERS) == set(KINDS)


# -------------------------------------------------------------------- whatever comes

TYPED = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["a", "b", "yes", "1", "11", "2026", "07.30", "12.71.01.1001", "1271015708920003"]
        ),
    ),
    max_size=4,
)


@st.composite
def forms(draw: st.DrawFn) -> Questions:
    """Any form a file may describe: conditions look back, at what can be chosen once."""
    referable: list[tuple[str, tuple[str, ...]]] = []

    def condition() -> Condition | None:
        if not referable or not draw(st.booleans()):
            return None
        name, offered = draw(st.sampled_from(referable))
        return Condition(name, frozenset(draw(st.sets(st.sampled_from(offered), min_size=1))))

    sections = []
    for key in ("s", "t", "u")[: draw(st.integers(1, 3))]:
        repeat = draw(st.sampled_from([None, Repeat(0, 2, WORDS), Repeat(1, 3, WORDS)]))
        own, questions = condition(), []
        for name in ("q", "r", "v")[: draw(st.integers(1, 3))]:
            kind = draw(st.sampled_from(KINDS))
            choices = TWO if kind in {"choice", "many"} else ()
            one = Question(
                name, kind, WORDS, optional=draw(st.booleans()), condition=condition(),
                choices=choices,
            )  # fmt: skip
            questions.append(one)
            if kind in CHOOSING and repeat is None:
                referable.append((f"{key}.{name}", one.answers))
        sections.append(Section(key, WORDS, tuple(questions), repeat=repeat, condition=own))
    return Questions(tuple(sections))


@given(st.sampled_from(KINDS), TYPED)
def test_whatever_is_typed_is_refused_with_words_or_stays_as_it_is_stored(
    kind: str, typed: list[str]
) -> None:
    asked = question(kind)
    try:
        read = read_answer(asked, typed, GROUND)
    except Wrong:
        return
    assert read is not None
    again = [read.value] if isinstance(read.value, str) else list(read.value)
    stored = read_answer(asked, again, GROUND)
    assert stored is not None
    assert stored.value == read.value


@given(forms(), st.data())
def test_no_answer_to_a_hidden_question_is_ever_kept(form: Questions, data: st.DataObject) -> None:
    answers: dict[str, Sequence[dict[str, Value]]] = {}
    for section in form.sections:
        sent: dict[str, list[str]] = {}
        for one in section.questions:
            for number in (1, 2, 3):
                name = f"{one.key}-{number}" if section.repeat else one.key
                sent[name] = data.draw(TYPED)
        reading = read_section(section, sent_as(sent), answers, GROUND)
        answers[section.key] = reading.entries
    kept = form.kept(answers)
    assert form.kept(kept) == kept
    shown = {section.key for section in form.open_sections(kept)}
    assert set(kept) <= shown
    for section in form.sections:
        for entry in kept.get(section.key, ()):
            before = {key: kept[key] for key in kept}
            asked = {one.key for one in section.asked(entry, before)}
            assert set(entry) <= asked


@given(forms(), st.data())
def test_no_saved_answer_is_ever_lost_while_it_is_asked(
    form: Questions, data: st.DataObject
) -> None:
    assert BOAT is not None
    service = replace(BOAT, questions=form)
    vault = Vault(["k" * 40])
    draft = Application(answers=vault.encrypt("{}"))
    expected: dict[str, list[dict[str, Value]]] = {}
    for _time in range(data.draw(st.integers(1, 5))):
        section = data.draw(st.sampled_from(form.sections))
        sent = {
            input_name(section, one, number): data.draw(TYPED)
            for one in section.questions
            for number in (1, 2, 3)
        }
        reading = read_section(section, sent_as(sent), expected, GROUND)
        actions.save(vault, draft, service, section.key, reading.entries, INSTANT)
        expected = form.kept({**expected, section.key: reading.entries})
        assert actions.answers_of(vault, draft) == expected
    assert draft.expires_at == INSTANT + actions.LIFE


# -------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "owner"', 'key = "Pemilik"', "key: use small letters, digits and underscores"),
        ('key = "owner_name"', 'key = "owner"', 'key: "owner" stands twice.'),
        ('key = "boat"', 'key = "applicant"', 'key: "applicant" stands twice.'),
        ('kind = "phone"', 'kind = "telefon"', 'kind: "telefon" is unknown. Use one of: text,'),
        ("most = 2", "most = 6", "most: must be a whole number from 1 to 5."),
        ('key = "certificate"\n', "", "most: belongs to a paper with a key."),
        ('kind = "phone"', 'kind = "choice"', "choice: 2 to 40 of them belong to"),
        ('kind = "choice"', 'kind = "text"', "choice: 2 to 40 of them belong to"),
        ('key = "other", id', 'key = "own", id', "choice: a key stands twice."),
        ('"mooring.owner", is = ["other"] }\nmost', '"boat.length", is = ["x"] }\nmost',
         'field: "boat.length" is no earlier question to choose in.'),
        ('is = ["other"] }\nmost', 'is = ["no"] }\nmost', "is: must be a list of some of: own,"),
        ("max = 3", "max = 0", "max: must be a whole number from 1 to 20."),
        ("min = 1", "min = 9", "max: must not be below min."),
        ('when = "past"', 'when = "soon"', 'when: "soon" is unknown.'),
        ("most = 80", "most = 8000", "most: must be a whole number from 1 to 4000."),
        ("most = 80", 'when = "past"', "when: belongs to date, not to text."),
        ('label = { id = "Panjang', 'name = { id = "Panjang', "label: must be"),
        ("[[section]]", "[elsewhere]\nname='x'\nurl='https://x'\ntext={id='a',en='b'}\n[[section]]",
         "section: nothing is asked here of what is done elsewhere."),
    ],
)  # fmt: skip
def test_a_wrong_question_says_where_and_how_to_mend_it(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    folder = Path(shutil.copytree(MUARA, tmp_path / "city"))
    path = folder / "services" / "permits" / "perahu.toml"
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CityError) as caught:
        load_services(folder, load_city(folder))
    assert says in str(caught.value), caught.value
