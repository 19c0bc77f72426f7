"""Words that must not wait for an officer, and the everyday ones that must not raise an alarm."""

from pathlib import Path

import pytest

from app.complaints.advice import CHILD, CRISIS, DANGER, VIOLENCE, spoken_of
from app.complaints.demo_grammar import Grammar, Place

DEMO = Path(__file__).parents[2] / "app" / "city"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Ada orang terjebak di lantai dua, air terus naik!", DANGER),
        ("kabel putus di depan SD", DANGER),
        ("BAU GAS menyengat dari galian", DANGER),
        ("There is a gas leak near the market.", DANGER),
        ("istri tetangga korban KDRT", VIOLENCE),
        ("Dia bilang saya mau dibunuh kalau lapor", VIOLENCE),
        ("petugas itu melakukan pelecehan", VIOLENCE),
        ("anak\ndisuruh   mengemis di simpang", CHILD),
        ("Saya ingin mati saja", CRISIS),
        ("dia bilang mau bunuh diri", CRISIS),
    ],
)
def test_distress_is_heard(text, topic):
    assert topic in spoken_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jangan tunggu ada korban, tolong diperbaiki.",
        "Ambulans terjebak macet satu jam di simpang ini.",
        "Warga bakar sampah tiap sore, asapnya masuk rumah.",
        "Lampu jalan mati, gelap sekali.",
        "Anak sekolah susah menyeberang.",
        "Parit ini pernah dipukul rata pakai alat berat.",
        "bunuh",
    ],
)
def test_everyday_words_raise_no_alarm(text):
    assert not spoken_of(text)


def test_few_ordinary_reports_meet_a_box():
    """Written by the grammar of the demo reports, which is made after real ones."""
    grammar = Grammar.load(DEMO / "demo.toml")
    slugs, weights = grammar.categories
    heard = 0
    for number in range(500):
        dice = grammar.dice("advice", number)
        (slug,) = dice.choices(slugs, weights)
        heard += bool(spoken_of(grammar.report(dice, slug, Place("Aur", "Medan Maimun"))))
    assert heard <= 15
