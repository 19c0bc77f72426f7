"""The promise as pages show it: shoots, leaf, tags and words, in every state and on every day."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.complaints.lifecycle import LIFECYCLE
from app.core.promise_view import (
    MOST_SHOOTS,
    Promise,
    Shoots,
    clock_of,
    leaf_of,
    now_words,
    pressing_tag,
    row_of,
    shoots,
    state_tag,
    tags_of,
)
from app.core.status_look import STATUS
from app.places.city import load_city
from app.requests.lifecycle import lifecycle_of

REQUESTS = lifecycle_of("permits")
CALENDAR = load_city(Path("no-such-folder")).calendar
TODAY = date(2026, 11, 24)


def drawn(start: date, due: date, reached: date, *, mark: bool = True) -> Shoots:
    found = shoots(CALENDAR, start, due, reached, mark=mark)
    assert found
    return found


# ---------------------------------------------------------------- shoots


def test_a_running_promise() -> None:
    assert drawn(date(2026, 11, 23), date(2026, 11, 30), TODAY) == Shoots(
        57,
        23,
        (
            ("gone", "M1 18l4-12 4 12zM1 20h8v2h-8z"),
            ("left", "M11 18l4-12 4 12zM21 18l4-12 4 12zM31 18l4-12 4 12z"),
            ("due", "M47 18l4-17 4 17z"),
        ),
    )


def test_the_last_day() -> None:
    assert drawn(date(2026, 11, 17), TODAY, TODAY).paths == (
        (
            "gone",
            "M1 18l4-12 4 12zM11 18l4-12 4 12zM21 18l4-12 4 12zM37 18l4-12 4 12zM47 20h8v2h-8z",
        ),
        ("due", "M47 18l4-17 4 17z"),
    )


def test_days_past_the_promise_hang_upside_down() -> None:
    late = drawn(date(2026, 10, 30), date(2026, 11, 19), TODAY)
    assert (late.width, late.height) == (189, 23)
    paths = dict(late.paths)
    assert paths["due"] == "M143 18l4-17 4 17z"
    assert paths["over"] == "M153 6h8l-4 12zM169 6h8l-4 12zM179 6h8l-4 12z"
    assert paths["gone"].endswith("M179 20h8v2h-8z")
    assert "left" not in paths


def test_an_ended_case_has_no_mark_for_today() -> None:
    kept = drawn(date(2026, 11, 6), date(2026, 11, 20), date(2026, 11, 18), mark=False)
    paths = dict(kept.paths)
    assert "h8v2" not in paths["gone"]
    assert paths["left"].count("M") == 1
    assert kept.width == 107


def test_sixty_days_take_three_rows_and_skip_joint_leave() -> None:
    long = drawn(date(2026, 10, 23), date(2027, 1, 21), TODAY)
    assert (long.width, long.height) == (231, 71)
    paths = dict(long.paths)
    assert paths["due"] == "M221 66l4-17 4 17z"
    assert paths["gone"].endswith("M11 42l4-12 4 12zM11 44h8v2h-8z")
    assert "M83 66l4-12 4 12zM99 66l4-12 4 12z" in paths["left"]  # after 24 and 25 December


def test_a_day_off_has_no_shoot_and_no_mark() -> None:
    sunday = drawn(date(2026, 11, 20), date(2026, 11, 25), date(2026, 11, 22))
    assert dict(sunday.paths).keys() == {"left", "due"}


def test_years_of_silence_stay_a_small_picture() -> None:
    silent = drawn(date(2020, 1, 6), date(2020, 1, 10), date(2026, 1, 9))
    assert sum(d.count("M") for _, d in silent.paths) == MOST_SHOOTS


def test_nothing_to_draw() -> None:
    assert shoots(CALENDAR, TODAY, TODAY, TODAY) is None


# ---------------------------------------------------------------- late is computed


@pytest.mark.parametrize("state", LIFECYCLE.states)
def test_only_the_city_can_be_late(state: str) -> None:
    promise = Promise(state, TODAY, due=date(2026, 11, 23))
    assert promise.late == (state in LIFECYCLE.city_clock)
    assert replace(promise, due=TODAY).due_today == (state in LIFECYCLE.city_clock)
    assert not replace(promise, due=TODAY).late
    assert not replace(promise, due=None).late


def test_every_state_has_one_look_and_the_same_clock() -> None:
    states = {**LIFECYCLE.states, **REQUESTS.states}
    assert STATUS.keys() == states.keys()
    clocks = {"city": "city", "holder": "reporter", "": "none"}
    for name, state in states.items():
        assert STATUS[name].clock == clocks[state.waits_for], name


def test_late_over_a_weekend_counts_no_working_day_yet() -> None:
    promise = Promise("assigned", date(2026, 11, 21), due=date(2026, 11, 20))
    assert promise.late
    assert now_words(promise, CALENDAR) == "Lewat batas waktu"


def test_late_stands_beside_the_state() -> None:
    promise = Promise("disputed", TODAY, due=date(2026, 11, 19))
    assert [tag.word for tag in tags_of(promise, CALENDAR)] == [
        "Lewat 3 hari kerja",
        "Ditanggapi pelapor, belum selesai",
    ]
    tag = pressing_tag(replace(promise, due=TODAY), CALENDAR)
    assert tag
    assert (tag.icon, tag.word, tag.tone) == ("due", "Batas waktu hari ini", "wait")
    assert pressing_tag(replace(promise, due=date(2026, 11, 25)), CALENDAR) is None


# ---------------------------------------------------------------- words

RUNNING = date(2026, 11, 30)
PAST = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        (Promise("assigned", TODAY, RUNNING), "Sisa 4 hari kerja"),
        (Promise("in_progress", TODAY, TODAY), "Batas waktu hari ini"),
        (Promise("in_progress", TODAY, PAST), "Lewat 2 hari kerja"),
        (Promise("submitted", TODAY, date(2026, 11, 27), TODAY), "Diperiksa dalam 3 hari kerja"),
        (Promise("needs_info", TODAY, RUNNING, mine=True), "Kami perlu satu jawaban dari Anda"),
        (Promise("needs_info", TODAY, RUNNING), "Menunggu keterangan tambahan dari pelapor"),
        (Promise("answered", TODAY, RUNNING, mine=True), "Giliran Anda menilai"),
        (Promise("answered", TODAY, PAST), "Giliran pelapor menilai"),
        (Promise("closed", TODAY, PAST, ended=PAST), "Ditepati pada hari janji"),
        (
            Promise("closed", TODAY, PAST, ended=date(2026, 11, 18)),
            "Ditepati, 2 hari kerja lebih cepat",
        ),
        (
            Promise("closed", TODAY, date(2026, 11, 16), ended=PAST),
            "Selesai, terlambat 4 hari kerja",
        ),
        (
            Promise("closed", TODAY, PAST, ended=date(2026, 11, 21)),
            "Selesai, lewat batas waktu",
        ),
        (Promise("closed", TODAY, ended=PAST), "Laporan ini selesai"),
        (Promise("rejected", TODAY), "Laporan ini tidak dapat kami proses"),
        (Promise("referred", TODAY, agency="PLN"), "Ini urusan PLN"),
        (
            Promise("merged", TODAY, target="2611-0001"),
            "Masalah yang sama sudah ditangani di 2611-0001",
        ),
        (Promise("withdrawn", TODAY, mine=True), "Anda mencabut laporan ini"),
        (Promise("withdrawn", TODAY), "Dicabut pelapor"),
        (Promise("assigned", TODAY, unit="Dinas Kesehatan"), "Terdisposisi ke Dinas Kesehatan"),
    ],
)
def test_where_the_promise_stands(promise: Promise, words: str) -> None:
    assert now_words(promise, CALENDAR) == words


@pytest.mark.parametrize(
    ("promise", "leaf"),
    [
        (Promise("assigned", TODAY, RUNNING), (RUNNING, "Janji", "")),
        (Promise("assigned", TODAY, PAST), (PAST, "Lewat", "late")),
        (Promise("needs_info", TODAY, RUNNING), (RUNNING, "Sampai", "off")),
        (Promise("needs_info", TODAY, RUNNING, mine=True), (RUNNING, "Sampai", "")),
        (Promise("answered", TODAY, RUNNING), (RUNNING, "Warga", "")),
        (Promise("answered", TODAY, RUNNING, mine=True), (RUNNING, "Sampai", "")),
        (Promise("closed", TODAY, RUNNING, ended=PAST), (PAST, "Selesai", "kept")),
        (Promise("rejected", TODAY, RUNNING, ended=PAST), (PAST, "Ditutup", "off")),
        (Promise("withdrawn", TODAY, RUNNING, ended=PAST), None),
        (Promise("submitted", TODAY), None),
    ],
)
def test_the_leaf(promise: Promise, leaf: tuple[date, str, str] | None) -> None:
    found = leaf_of(promise)
    assert (found and (found.date, found.word, found.tone)) == leaf


def test_the_state_names_who_has_it() -> None:
    assert state_tag(Promise("assigned", TODAY, unit="Dinas 100 %")).word == (
        "Terdisposisi ke Dinas 100 %"
    )
    late = state_tag(Promise("closed", TODAY, date(2026, 11, 16), ended=PAST))
    assert (late.icon, late.tone) == ("late", "late")


@pytest.mark.parametrize("state", [*LIFECYCLE.states, *REQUESTS.states])
def test_rows_and_clocks_of_every_state(state: str) -> None:
    promise = Promise(
        state, TODAY, RUNNING, PAST, ended=PAST, unit="U", agency="A", target="T", holder="H"
    )
    row = row_of(
        promise, CALENDAR, url="/", title="t", place="p", number="n", holder="U", age_days=0
    )
    clock = clock_of(promise, CALENDAR, holder="U")
    assert row.tags
    assert row.age == "hari ini"
    assert clock.now
    assert clock.tag
    assert "%" not in f"{row.tags} {clock.now} {clock.tag.word} {clock.note}"
    assert clock.facts[0].text == ("H" if STATUS[state].clock == "reporter" else "U")


def test_the_reporters_clock_draws_no_shoots_while_it_is_stopped() -> None:
    clock = clock_of(Promise("needs_info", TODAY, RUNNING, PAST), CALENDAR, holder="U")
    assert clock.shoots is None
    assert not clock.note


def test_before_a_case_exists_the_clock_says_what_would_be_promised() -> None:
    promise = Promise("submitted", TODAY, date(2026, 11, 27), TODAY)
    clock = clock_of(promise, CALENDAR, holder="U", before="Bila dikirim sekarang")
    assert clock.tag is None
    assert clock.before == "Bila dikirim sekarang"
    assert clock.note == "Satu pucuk satu hari kerja. Kuning hari janji."
