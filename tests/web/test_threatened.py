"""“Saya merasa terancam”: the report is hidden at once, and a verifier answers before all else."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.actions import attach
from app.cases.events import THE_HOLDER, hash_of
from app.cases.models import Case, Event
from app.complaints.lifecycle import ALL
from app.core.clock import now
from app.core.files import new_key
from app.core.models import Outbox
from app.core.photos import StoredPhoto
from tests.conftest import START, Block
from tests.desks import WORDS, address, case_of, open_on
from tests.histories import person, step
from tests.holders import form_of, holder_of, mine, told
from tests.pages import Client, Page

LABEL = "Saya merasa terancam karena laporan ini"
TEXT = "MARKER-ISI lubang besar di depan pangkalan becak, sudah dua minggu."
ANSWER = "Kami menelepon polisi sektor. Anda bisa menulis kepada kami di halaman ini kapan saja."
WORKED_ON = ("assigned", "in_progress", "answered", "disputed")


def numbers(page: Page) -> list[str]:
    return [tag.get_text() for tag in page.select("table.queue .no")]


def stored(read: Block, number: str) -> Case:
    with read() as session:
        return case_of(session, number)


def press(app: Flask, case: Case) -> tuple[Client, Page]:
    """Say it as the reporter does: a page that explains, then the button on it."""
    client = holder_of(app, case)
    page = mine(client, case).follow(LABEL)
    assert "langsung menjadi rahasia" in page.main
    assert "telepon polisi 110 dulu" in page.main
    return client, page.form("Ya, sembunyikan laporan ini sekarang").submit()


@pytest.mark.parametrize("state", ALL)
def test_in_every_state_it_hides_the_report(
    app: Flask, write: Block, read: Block, client: Client, state: str
) -> None:
    case = told(write, state, text=TEXT, name="Siti", show_name=True, phone="081234567890")
    _holder, page = press(app, case)
    assert "disembunyikan dari publik mulai sekarang" in page.words(".say[role=status]")
    assert "Anda menyatakan merasa terancam." in page.main
    assert LABEL not in page.links()
    found = stored(read, case.number)
    back = state in WORKED_ON or state == "merged"
    assert found.state == ("submitted" if back else state)
    assert (found.visibility, found.unit_code, found.officer_id) == ("rahasia", None, None)
    assert found.due_on is not None
    shown = client.get(f"/keluhan/{case.number}")
    assert "Laporan rahasia" in shown.main
    for marker in ("MARKER-ISI", "Siti", "Jalan rusak", "merasa terancam", "SDABMBK"):
        assert marker not in shown.html, marker
    assert "MARKER-ISI" not in client.get("/keluhan").html
    assert case.number not in client.get("/keluhan?q=pangkalan+becak").html


@pytest.mark.parametrize("state", [*WORKED_ON, "closed"])
def test_the_unit_that_had_it_does_not_find_it(
    app: Flask, write: Block, rina: Client, tono: Client, state: str
) -> None:
    case = told(write, state)
    rina.get(address(case.number))
    press(app, case)
    for officer in (rina, tono):
        officer.get(address(case.number), status=404)
        officer.get(address(case.number, "note"), status=404)
        officer.get(address(case.number, "update"), status=404)
        assert case.number not in officer.get("/petugas?antrean=terbuka").html
        found = officer.get(f"/petugas?nomor={case.number}")
        assert "Tidak ada laporan bernomor ini untuk Anda." in found.main


def test_its_photos_are_gone_for_public_and_unit(
    app: Flask, write: Block, client: Client, rina: Client, budi: Client
) -> None:
    case = told(write, "assigned")
    photo = StoredPhoto(new_key("photos"), new_key("photos"), 800, 600, 9, "0" * 64)
    with write() as session:
        app.extensions["files"].put(photo.key, b"jpeg")
        own = session.get_one(Case, case.id)
        attach(session, own, (photo,), THE_HOLDER, "report", START)
    there = f"/foto/{photo.key}"
    assert client.http.get(there).status_code == 200
    holder, _page = press(app, case)
    assert client.http.get(there).status_code == 404
    assert rina.http.get(there).status_code == 404
    assert budi.http.get(there).status_code == 200
    assert holder.http.get(there).status_code == 200


def test_verifiers_see_it_first_and_are_told(
    app: Flask, write: Block, read: Block, budi: Client
) -> None:
    case = told(write, "in_progress")
    press(app, case)
    page = budi.get("/petugas")
    assert "1 pelapor merasa terancam dan menunggu jawaban Anda." in page.words("[role=alert]")
    page = page.follow("Jawab dulu")
    assert numbers(page) == [case.number]
    assert "Pelapor merasa terancam" in page.words("table.queue")
    assert case.number in numbers(budi.get("/petugas"))
    with read() as session:
        rows = session.scalars(select(Outbox).where(Outbox.mail == "reporter_threatened")).all()
        assert [row.reader for row in rows] == [f"staff:{person(session, 'budi').id}"]


def test_it_stands_before_every_date_in_the_verifiers_queue(
    app: Flask, write: Block, budi: Client
) -> None:
    old, older = told(write, "submitted"), told(write, "submitted")
    with write() as session:
        for number, day in ((old.number, 20), (older.number, 19)):
            case_of(session, number).due_on = date(2026, 11, day)
    case = told(write, "in_progress")
    press(app, case)
    page = budi.get("/petugas")
    assert numbers(page) == [case.number, older.number, old.number]
    assert "Pelapor merasa terancam, jawab dulu" in page.main
    assert numbers(budi.get("/petugas?setelah=0.2027-01-01.9")) == [older.number, old.number]
    page = budi.get(address(case.number)).follow("berikutnya")
    assert page.path == address(older.number)


@pytest.mark.parametrize("state", ["in_progress", "needs_info", "closed", "rejected", "merged"])
def test_nothing_is_passed_on_before_the_answer(
    app: Flask, write: Block, read: Block, budi: Client, state: str
) -> None:
    case = told(write, state)
    holder, _page = press(app, case)
    page = budi.get(address(case.number))
    assert "Jawab dalam 1 jam kerja" in page.main
    assert not {"assign", "refer", "merge"} & open_on(page, case.number)
    page = page.follow("Jawab pelapor yang merasa terancam")
    assert "Dibaca pelapor dan publik" not in page.main
    page = page.form(field="words").fill(words=ANSWER).submit("Jawab pelapor")
    assert "answer_threat" not in open_on(page, case.number)
    assert numbers(budi.get("/petugas?antrean=terancam")) == []
    assert "merasa terancam" not in budi.get("/petugas").main
    found = stored(read, case.number)
    waits = found.state in {"submitted", "needs_info"}
    assert (found.due_on is not None, found.threatened_at) == (waits, None)
    page = mine(holder, case)
    assert ANSWER in page.main
    assert LABEL in page.links()  # it can happen again


def test_no_unit_that_gets_it_later_reads_of_it(
    app: Flask, write: Block, budi: Client, dewi: Client, rina: Client
) -> None:
    case = told(write, "in_progress")
    press(app, case)
    form = budi.get(address(case.number, "answer_threat")).form(field="version")
    form.fill(words=ANSWER).submit()
    form = budi.get(address(case.number, "assign")).form(field="unit_code")
    form.fill(unit_code="sdabmbk").submit()
    for there in (address(case.number), address(case.number, "start")):
        page = rina.get(there)
        assert "terancam" not in page.html
        assert ANSWER not in page.html
    assert "Pelapor merasa terancam" in budi.get(address(case.number)).main
    dewi.get(address(case.number), status=404)


def test_it_stands_in_the_chain_and_not_in_public(app: Flask, write: Block, read: Block) -> None:
    case = told(write, "assigned")
    press(app, case)
    with read() as session:
        events = session.scalars(
            select(Event).where(Event.case_id == case.id).order_by(Event.id)
        ).all()
        assert [event.name for event in events] == ["file", "assign", "threatened"]
        last = events[-1]
        assert (last.actor, last.public, last.message) == ("holder", False, None)
        assert last.facts["now"].keys() == {"due_on", "unit_code", "visibility"}
        assert all(event.hash == hash_of(event) for event in events)


def test_an_objection_that_waits_goes_on_waiting(
    app: Flask, write: Block, read: Block, budi: Client
) -> None:
    case = told(write, "rejected", ("holder", "object"))
    due = stored(read, case.number).due_on
    press(app, case)
    budi.get(address(case.number, "answer_threat")).form(field="version").fill(words=WORDS).submit()
    assert (stored(read, case.number).due_on, stored(read, case.number).objection) == (due, "open")


def test_opening_the_page_changes_nothing(app: Flask, write: Block, read: Block) -> None:
    case = told(write, "assigned")
    form_of(holder_of(app, case), case, "terancam")
    assert stored(read, case.number).visibility == "publik"
    holder_of(app, case).get(f"/lacak/{case.number}/merasa-terancam")  # not for this state
    assert stored(read, case.number).threatened_at is None


@pytest.mark.parametrize("moved_on", ["assign", "auto_close"])
def test_the_button_works_though_the_state_changed_meanwhile(
    app: Flask, write: Block, read: Block, moved_on: str
) -> None:
    """Two rows stand behind it; whoever presses it on an old page means the one that is open."""
    state, who = {"assign": ("submitted", "budi"), "auto_close": ("answered", "clock")}[moved_on]
    case = told(write, state, at=now() if moved_on == "assign" else START - timedelta(days=30))
    client = holder_of(app, case)
    form = mine(client, case).follow(LABEL).form("Ya, sembunyikan laporan ini sekarang")
    with write() as session:
        step(session, case_of(session, case.number), who, moved_on, now())
    page = form.submit()
    assert "disembunyikan dari publik mulai sekarang" in page.words(".say[role=status]")
    found = stored(read, case.number)
    assert (found.visibility, found.unit_code) == ("rahasia", None)
    assert found.threatened_at


def test_the_answer_is_the_first_and_only_filled_button(
    app: Flask, write: Block, budi: Client
) -> None:
    case = told(write, "submitted")
    press(app, case)
    steps = budi.get(address(case.number)).select("[aria-labelledby=h-langkah] .moves .btn")
    assert "Jawab pelapor yang merasa terancam" in steps[0].get_text()
    filled = [step for step in steps if not {"line", "stop"} & set(step["class"])]
    assert filled == steps[:1]
