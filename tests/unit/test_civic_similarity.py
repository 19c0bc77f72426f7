"""Similar reports and suggested categories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.geo import Point
from app.civic.similarity import (
    THRESHOLD,
    Traits,
    compare,
    jaccard,
    suggest_by_keywords,
    suggest_by_votes,
)

HERE = Point(3.58, 98.67)
NEXT_DOOR = Point(3.5801, 98.6701)
FAR = Point(3.60, 98.69)
HOLE = frozenset({"lubang", "jalan", "gang", "melati", "besar"})
SAME_HOLE = frozenset({"jalan", "gang", "melati", "lubang", "dalam", "kali"})
LAMP = frozenset({"lampu", "mati", "gelap", "malam"})

KEYWORDS = {
    "road_damage": ["jalan", "lubang", "aspal"],
    "street_light": ["lampu jalan", "tiang lampu", "padam"],
    "traffic": ["lampu merah", "macet"],
    "other": [],
}

traits = st.builds(
    Traits,
    category=st.sampled_from(["road_damage", "drainage"]),
    village=st.sampled_from(["1001", "1002"]),
    point=st.none() | st.builds(Point, st.floats(3.5, 3.7), st.floats(98.6, 98.7)),
    stems=st.frozensets(st.sampled_from(sorted(HOLE | LAMP))),
)


def _road(point: Point | None, stems: frozenset[str], village: str = "1001") -> Traits:
    return Traits("road_damage", village, point, stems)


@pytest.mark.parametrize(
    ("other", "similar"),
    [
        (_road(HERE, HOLE), True),
        (_road(NEXT_DOOR, frozenset()), True),
        (_road(NEXT_DOOR, SAME_HOLE, village="1002"), True),
        (_road(None, SAME_HOLE), True),
        (_road(None, LAMP), False),
        (_road(None, HOLE, village="1002"), False),
        (_road(FAR, LAMP), False),
        (_road(FAR, HOLE), False),
        (Traits("drainage", "1001", NEXT_DOOR, SAME_HOLE), True),
        (Traits("drainage", "1001", NEXT_DOOR, LAMP), False),
        (Traits("drainage", "1001", None, HOLE), False),
    ],
)
def test_what_is_offered(other: Traits, similar: bool) -> None:
    assert compare(_road(HERE, HOLE), other).similar is similar


def test_a_score_explains_itself() -> None:
    found = compare(_road(HERE, HOLE), _road(NEXT_DOOR, SAME_HOLE))
    assert found.category == 1
    assert found.metres == pytest.approx(15.7, abs=0.1)
    assert found.place == pytest.approx(0.948, abs=0.001)
    assert found.words == 1
    assert found.score == pytest.approx(0.3 + 0.4 * found.place + 0.3)


@given(traits, traits)
def test_likeness_is_mutual_and_bounded(a: Traits, b: Traits) -> None:
    ours, theirs = compare(a, b), compare(b, a)
    assert ours.score == pytest.approx(theirs.score)
    assert 0 <= ours.score <= 1
    assert ours.similar is (ours.place > 0 and ours.score >= THRESHOLD)


@given(traits)
def test_nothing_is_more_like_a_report_than_itself(a: Traits) -> None:
    alone = compare(a, a)
    assert alone.category == 1
    assert alone.words == (1 if a.stems else 0)
    assert alone.place == (1 if a.point else 0.3)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("", "", 0), ("ab", "", 0), ("ab", "ab", 1), ("abc", "bcd", 0.5)],
)
def test_jaccard(a: str, b: str, expected: float) -> None:
    assert jaccard(list(a), list(b)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("tolong bantu kami", ()),
        ("lubang besar di jalan", ("road_damage",)),
        ("lampu jalan mati", ("street_light", "road_damage")),
        ("lampu merah mati macet", ("traffic",)),
        ("lampu di jalan merah", ("road_damage",)),
        ("jalan jalan jalan padam", ("road_damage", "street_light")),
        ("perjalanan jalanan", ()),
        (
            "lampu jalan padam lampu merah macet jalan lubang aspal",
            ("road_damage", "street_light", "traffic"),
        ),
    ],
)
def test_suggest_by_keywords(text: str, expected: tuple[str, ...]) -> None:
    assert suggest_by_keywords(text.split(), KEYWORDS) == expected


def test_suggestions_are_limited() -> None:
    assert suggest_by_keywords(["lampu", "jalan", "macet"], KEYWORDS, limit=1) == ("street_light",)


@pytest.mark.parametrize(
    ("neighbours", "expected"),
    [
        ([], ()),
        ([("a", 0.4), ("b", 0.9), ("a", 0.6)], ("a", "b")),
        ([("b", 0.5), ("a", 0.5)], ("b", "a")),
        ([("a", 0.0)], ()),
        ([("a", 4), ("b", 3), ("c", 2), ("d", 1)], ("a", "b", "c")),
    ],
)
def test_suggest_by_votes(neighbours: list[tuple[str, float]], expected: tuple[str, ...]) -> None:
    assert suggest_by_votes(neighbours) == expected
