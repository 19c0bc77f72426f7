"""Every step in every state for every role: the button stands there exactly when sending works."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.cases.lifecycle import Action, Move, Need
from app.complaints.lifecycle import ALL, LIFECYCLE
from app.core.access import Permission
from tests import cast
from tests.conftest import START, Block
from tests.desks import address, case_of, filled, made, make, open_on, viewer
from tests.histories import filed
from tests.pages import Client

pytestmark = pytest.mark.once

STEPS = tuple(row for row in LIFECYCLE.rows() if row.who in set(Permission))
PEOPLE = ("budi", "rina", "tono", "dewi", "vina", "ayu")
#: Who may open a case of the public works unit at all; before it has a unit only the verifier.
READERS = {"budi", "rina", "tono", "vina"}
UNHELD = {
    "submitted",
    "needs_info",
    "rejected",
    "referred",
    "merged",
    "contested",
    "withdrawn",
    "threatened",
}

#: Every state, and what a state can wait for beside itself.
STANDS = (*ALL, "contested", "threatened")

#: What each role is offered in a state, the verifier's and the unit's, beside what is always open.
OFFERED = {
    ("budi", "submitted"): {"ask", "assign", "refer", "reject", "merge", "refile", "close_in"},
    ("budi", "needs_info"): {"assign", "refile", "close_in"},
    ("budi", "assigned"): {"reassign", "refer", "merge", "refile", "close_in"},
    ("budi", "in_progress"): {"merge", "close", "close_in"},
    ("budi", "answered"): {"close_in"},
    ("budi", "disputed"): {"close_in"},
    ("budi", "merged"): {"unmerge"},
    ("budi", "contested"): {"unmerge", "keep_merged"},
    ("budi", "threatened"): {"ask", "reject", "refile", "answer_threat"},
    ("rina", "assigned"): {"return", "start", "accept"},
    ("rina", "in_progress"): {"answer", "update"},
    ("rina", "disputed"): {"answer_dispute", "update"},
    ("tono", "assigned"): {"return", "start", "accept", "hand_over"},
    ("tono", "in_progress"): {"answer", "update", "extend", "hand_over"},
    ("tono", "disputed"): {"answer_dispute", "update", "hand_over"},
}
ALWAYS = {
    "budi": {"note", "mask", "reveal"},
    "rina": {"note", "reveal"},
    "tono": {"note", "reveal"},
}


#: Nobody learns who wrote a rahasia report.
NOT_OF_HIDDEN = {"threatened": {"reveal"}}


@dataclass(frozen=True)
class Browser:
    """Somebody signed in, with a CSRF token of theirs: what a hostile member of staff has."""

    client: Client
    token: str


@pytest.fixture
def people(app: Flask, write: Block) -> dict[str, Browser]:
    """Everybody, signed in."""
    clients = {name: cast.signed_in(app, name) for name in PEOPLE if name != "vina"}
    clients["vina"] = viewer(app, write)
    return {name: Browser(client, token(client)) for name, client in clients.items()}


def fresh(write: Block, state: str) -> str:
    """A case in a state, with a reporter who could be named."""
    return make(write, state, phone="+6281312344471")


def other_open(write: Block) -> str:
    """An open case that another can be merged into."""
    with write() as session:
        return filed(session, START).number


def readers(state: str) -> set[str]:
    return {"budi"} if state in UNHELD else READERS


#: A few states a test: signing in six people costs more than walking one state.
GROUPS = [STANDS[n : n + 3] for n in range(0, len(STANDS), 3)]


@pytest.mark.parametrize("states", GROUPS, ids="+".join)
def test_buttons_and_what_works_are_the_same(
    states: tuple[str, ...], people: dict[str, Browser], write: Block
) -> None:
    target = other_open(write)
    for state, who in product(states, PEOPLE):
        number = fresh(write, state)
        offered = offered_to(people[who].client, number, state, who)
        tried = STEPS if who in readers(state) else open_to_some(state)
        closed = [row for row in tried if row.name not in offered]
        assert all_refused(people[who], write, number, closed), (who, state)
        for row in STEPS:
            if row.name in offered:
                assert works(people[who].client, write, state, row, target), (who, state, row.name)


def open_to_some(state: str) -> list[Move | Action]:
    """What works in a state for somebody: the steps to try for those who may not see the case."""
    offered = {name for (_who, at), names in OFFERED.items() if at == state for name in names}
    return [row for row in STEPS if row.name in offered.union(*ALWAYS.values())]


def offered_to(client: Client, number: str, state: str, who: str) -> set[str]:
    """The steps that stand on the case page, checked against what the role should be offered."""
    if who not in readers(state):
        client.get(address(number), status=403 if who == "ayu" else 404)
        return set()
    offered = open_on(client.get(address(number)), number)
    always = ALWAYS.get(who, set()) - NOT_OF_HIDDEN.get(state, set())
    assert offered == OFFERED.get((who, state), set()) | always, (who, state)
    return offered


def works(client: Client, write: Block, state: str, row: Move | Action, target: str) -> bool:
    """Open the step on a case of its own, fill it in, send it; whether it happened."""
    number = fresh(write, state)
    page = client.get(address(number, row.name))
    form = page.form(field="version")
    own = {"target": target} if Need.TARGET in row.needs else {}
    before = int(form.values["version"][0])
    page = filled(form, **own).submit(form.buttons()[-1 if not row.needs else 0])
    assert page.status == 200, (row.name, page.errors(), page.main[:400])
    return version(write, number) > before


def all_refused(browser: Browser, write: Block, number: str, rows: Sequence[Move | Action]) -> bool:
    """Send steps as somebody would who does not need their pages; whether nothing happened."""
    before = version(write, number)
    data = MultiDict(
        {
            "csrf_token": browser.token,
            "version": str(before),
            "seen": "0",
            "words": "Tulisan yang cukup panjang untuk apa saja.",
            "hide": "becak",
            "code": "tidak_jelas",
            "unit_code": "sdabmbk",
            "agency_code": "pupr_sumut",
            "category_slug": "drainage",
            "visibility": "rahasia",
            "officer_id": "2",
            "attachment_id": "1",
        }
    )
    data.setlist("day", ["15", "01", "2027"])
    for row in rows:
        # not through the checked client: what these pages look like is tested elsewhere
        answer = browser.client.http.post(address(number, row.name), data=data)
        assert 400 <= answer.status_code < 500, (row.name, answer.status_code)
    return version(write, number) == before


def version(write: Block, number: str) -> int:
    with write() as session:
        return case_of(session, number).version


def token(client: Client) -> str:
    """A CSRF token of this browser."""
    page = client.get("/petugas")
    found = page.soup.find("input", attrs={"name": "csrf_token"})
    assert found is not None
    return str(found["value"])


# ---------------------------------------------------------------- what hangs on more than the state


def test_photos_are_hidden_and_shown_only_where_there_are_some(
    write: Block, budi: Client, rina: Client
) -> None:
    number = make(write)
    assert not {"hide_photo", "show_photo"} & open_on(budi.get(address(number)), number)


def test_an_objection_is_for_another_verifier(app: Flask, write: Block, budi: Client) -> None:
    own = made(write, "rejected", ("holder", "object"))
    assert not {"uphold", "refuse_objection"} & open_on(budi.get(address(own)), own)
    assert "bukan Anda yang memutuskan" in budi.get(address(own)).main
    with write() as session:
        case_of(session, own).decided_by_id = None
    page = budi.get(address(own))
    assert {"uphold", "refuse_objection"} <= open_on(page, own)
    page = page.follow("Terima keberatan")
    assert "kembali ke verifikator" in page.main
    page = page.form("Terima keberatan").submit()
    assert "Keberatan diterima, laporan dibuka lagi" in page.main


def test_accepted_once(write: Block, rina: Client) -> None:
    number = make(write, "assigned")
    page = rina.get(address(number)).form("Terima tugas").submit()
    assert "Tercatat: Dinas menerima tugas." in page.main
    assert "accept" not in open_on(page, number)


def test_a_late_promise_is_not_extended(write: Block, tono: Client, clock) -> None:
    number = make(write, "in_progress")
    assert "extend" in open_on(tono.get(address(number)), number)
    with write() as session:
        case_of(session, number).due_on = START.date().replace(day=23)
    assert "extend" not in open_on(tono.get(address(number)), number)


def test_nobody_to_hand_over_to(write: Block, tono: Client) -> None:
    number = make(write, "assigned")
    options = tono.get(address(number, "hand_over")).form(field="officer_id").options("officer_id")
    assert "Rina Siregar" in options.values()
    assert not {"Dewi Lubis", "Budi Nasution", "Ayu Simanjuntak"} & set(options.values())
