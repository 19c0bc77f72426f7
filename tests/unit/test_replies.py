"""Reply templates: the shipped file, what is offered, what is left to write."""

from pathlib import Path

import pytest

from app.complaints.lifecycle import ACTIONS, MOVES
from app.core.replies import LANGUAGES, Replies, open_slots
from app.core.wording import WordingError, names
from app.places.city import load_city

SHIPPED = Path(__file__).resolve().parents[2] / "app" / "city" / "replies.toml"


@pytest.fixture(scope="module")
def replies() -> Replies:
    return Replies.load(SHIPPED)


def test_templates_for_the_category_come_first(replies):
    assert [reply.name for reply in replies.fitting("answer", "street_light")] == [
        "light_done",
        "information_answer",
    ]
    assert replies.fitting("reopen", "street_light") == []


def test_what_only_the_reporter_may_read(replies):
    private = {name for name, reply in replies.replies.items() if reply.private}
    assert private == {"papers_ready", "aid_status", "extortion_received", "extortion_result"}


def test_values_are_filled_once(replies):
    text = replies.replies["dispute_revisit"].text(
        "en", {"landmark": "Jl. {unit}", "due_date": "Monday", "unit": "Dishub"}
    )
    assert "goes to Jl. {unit} on [[date, hour]]" in text
    assert "The head of Dishub reads along." in text


def test_a_value_that_is_missing_is_left_to_the_officer(replies):
    text = replies.replies["ask_place"].text("id", {"kelurahan": " "})
    assert "tempatnya di [[kelurahan]]." in text


def test_every_template_can_be_finished(replies):
    """An officer who fills each slot is left with none."""
    for reply in replies.replies.values():
        for language in LANGUAGES:
            text = reply.text(language, {})
            for slot in open_slots(text):
                text = text.replace(slot, "x", 1)
            assert not open_slots(text)
            assert not names(text)


def test_templates_name_real_moves_and_categories(replies):
    moves = {row.name for row in (*MOVES, *ACTIONS)}
    categories = {category.slug for category in load_city(SHIPPED.parent).categories}
    for reply in replies.replies.values():
        assert reply.moves <= moves
        assert reply.categories <= categories | {"*"}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("selesai", []),
        ("pada [[tanggal]], [[a/b]]", ["[[tanggal]]", "[[a/b]]"]),
        ("pada [[tanggal", ["[["]),
        ("pada tanggal]] [satu]", ["]]"]),
        ("[[]]", ["[[]]"]),
    ],
)
def test_open_slots(text, slots):
    assert open_slots(text) == slots


def test_all_problems_are_named_at_once(tmp_path):
    words = SHIPPED.read_text(encoding="utf-8")
    for old, new in {
        'landmark = { id = "patokan"': 'landmark = { id = ""',
        'moves = ["ask"]\n': "",
        '\naudience = "private"': '\naudience = "semua"',
        "in {kelurahan} yet": "in {district} yet",
        "[[ukuran]]": "[[ukuran",
        'when_not = { id = "surat pertama belum keluar", ': "when_not = { ",
    }.items():
        assert old in words
        words = words.replace(old, new, 1)
    file = tmp_path / "replies.toml"
    file.write_text(words, encoding="utf-8")
    with pytest.raises(WordingError) as caught:
        Replies.load(file)
    assert caught.value.problems == [
        "replies.toml: " + problem
        for problem in (
            "placeholders.landmark.id: missing",
            "reply.ask_place: moves is missing",
            "reply.ask_place: {district} is not explained",
            "reply.ask_place: {district} stands in one language only",
            "reply.ask_place: {kelurahan} stands in one language only",
            "reply.road_temporary.id: a [[slot]] is not closed",
            "reply.building_process.when_not.id: missing",
            "reply.papers_ready: audience is one of public, private",
        )
    ]
