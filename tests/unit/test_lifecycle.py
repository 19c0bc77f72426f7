"""The complaint's table of states, moves and actions says what it should, and nothing twice."""

import tomllib
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from app.cases.guards import GUARDS
from app.cases.lifecycle import CLOCK, HOLDER, OPERATOR, PUBLIC, Clock, NotAllowed
from app.complaints.lifecycle import ALL, LIFECYCLE, MOVES
from app.core.access import GRANTS, Permission
from app.core.status_look import STATUS
from app.requests.lifecycle import lifecycle_of

REQUESTS = lifecycle_of("permits")
CITY = Path("app/city")

# design: "submitted → needs_info | assigned | …"; None stands for the state before a merge. Whoever
# feels threatened takes the report from its unit, or out of a merge, back to the verifier.
PAIRS: dict[str, set[str | None]] = {
    "submitted": {"needs_info", "assigned", "referred", "rejected", "merged", "withdrawn"},
    "needs_info": {"submitted", "assigned", "closed", "withdrawn"},
    "assigned": {"in_progress", "submitted", "assigned", "referred", "merged", "withdrawn"},
    "in_progress": {"submitted", "answered", "merged", "closed", "withdrawn"},
    "answered": {"submitted", "closed", "disputed"},
    "disputed": {"submitted", "answered", "closed"},
    "closed": {"in_progress"},
    "rejected": {"submitted"},
    "referred": {"submitted"},
    "merged": {"submitted", None},
    "withdrawn": set(),
}

# what the private page promises in each state ("Yang bisa Anda lakukan")
PROMISED = {
    "submitted": ("Tambah foto atau keterangan", "Cabut laporan"),
    "needs_info": ("Jawab pertanyaan", "Tambah foto", "Cabut laporan"),
    "assigned": ("Tambah foto atau keterangan", "Buat lebih tertutup", "Cabut laporan"),
    "in_progress": ("Kirim balasan atau foto", "Cabut laporan"),
    "answered": (
        "Nyatakan sudah selesai",
        "Nyatakan belum selesai",
        "Kirim foto keadaan sekarang",
    ),
    "disputed": (
        "Kirim foto atau keterangan",
        "Nyatakan sudah selesai",
        "Cetak kronologi untuk Ombudsman",
    ),
    "closed": ("Beri nilai 1–5", "Buka lagi", "Hapus data pribadi saya"),
    "rejected": ("Ajukan keberatan", "Buat laporan baru"),
    "referred": (
        "Ajukan keberatan kalau ini memang urusan kota",
        "Cetak laporan untuk dibawa ke sana",
    ),
    "merged": ("Lihat laporan %(target)s", "Bukan masalah yang sama? Beri tahu kami"),
    "withdrawn": ("Hapus data pribadi saya", "Buat laporan baru"),
}


@pytest.mark.parametrize(("state", "to"), list(product(ALL, (*ALL, None))))
def test_every_pair_of_states_is_allowed_or_forbidden_as_designed(
    state: str, to: str | None
) -> None:
    reached = {move.to for move in LIFECYCLE.moves_from(state)}
    assert (to in reached) == (to in PAIRS[state])


def test_a_step_that_is_not_in_the_table_is_refused() -> None:
    names = {row.name for row in LIFECYCLE.rows()}
    for state, name in product(ALL, names):
        rows = list(LIFECYCLE.steps_in(state))
        if name in {row.name for row in rows}:
            assert LIFECYCLE.step(name, state).name == name
        else:
            with pytest.raises(NotAllowed):
                LIFECYCLE.step(name, state)


@pytest.mark.parametrize("state", ALL)
def test_a_state_knows_each_name_once(state: str) -> None:
    rows = list(LIFECYCLE.steps_in(state))
    assert max(Counter(row.name for row in rows).values()) == 1


@pytest.mark.parametrize(
    ("state", "label"), [(state, label) for state in PROMISED for label in PROMISED[state]]
)
def test_what_the_holder_is_promised_has_exactly_one_row(state: str, label: str) -> None:
    rows = list(LIFECYCLE.steps_in(state))
    assert [row.who for row in rows if row.label == label and row.who == HOLDER] == [HOLDER]


@pytest.mark.parametrize("state", ALL)
def test_in_every_state_a_reporter_can_say_once_that_they_feel_threatened(state: str) -> None:
    rows = [row for row in LIFECYCLE.steps_in(state) if "reporter_threatened" in row.tells]
    assert [(row.who, row.public, row.verifiers_only) for row in rows] == [(HOLDER, False, True)]


def test_every_state_has_a_look_and_every_look_a_state() -> None:
    assert set(LIFECYCLE.states) == set(PROMISED)
    assert set(STATUS) == set(LIFECYCLE.states) | set(REQUESTS.states)
    assert not set(LIFECYCLE.states) & set(REQUESTS.states)


@pytest.mark.parametrize("name", ALL)
def test_the_look_and_the_clock_agree_on_whom_a_state_waits_for(name: str) -> None:
    waits = {"city": "city", "holder": "reporter", "": "none"}[LIFECYCLE.states[name].waits_for]
    assert STATUS[name].clock == waits


def test_every_guard_exists_and_is_used() -> None:
    used = {row.guard for row in LIFECYCLE.rows() if row.guard}
    assert used == set(GUARDS)


def test_everybody_named_in_the_table_exists() -> None:
    for row in LIFECYCLE.rows():
        if row.who not in {HOLDER, CLOCK, PUBLIC, OPERATOR}:
            permission = Permission(row.who)
            assert any(permission in rights for rights in GRANTS.values()), row.name


def test_a_final_state_runs_no_clock() -> None:
    for move in MOVES:
        if move.to and LIFECYCLE.states[move.to].final:
            assert move.clock is Clock.STOP, move.name
        elif move.to:
            assert move.clock is not Clock.STOP, move.name


def test_only_moves_of_a_verifier_publish() -> None:
    assert {move.who for move in MOVES if move.publishes} == {"case.verify"}


def test_every_mail_a_row_sends_exists() -> None:
    mails = tomllib.loads((CITY / "mails.toml").read_text(encoding="utf-8"))["mail"]
    for row in LIFECYCLE.rows():
        assert set(row.tells) <= set(mails), row.name
