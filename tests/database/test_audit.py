"""The event log: whole when nobody touched it, and naming the place when somebody did."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.cases import seals
from app.cases.events import hash_of
from app.cases.models import Case, Event, Message, Seal
from app.complaints.models import Complaint
from app.core.clock import now
from app.core.database import dialect_of, transaction
from app.extensions import db
from app.worker import seal_all
from tests.conftest import START, Block
from tests.histories import brought_to, filed, step

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def case(write: Block) -> Case:
    """A report with a long history, among others, all sealed."""
    with write() as session:
        filed(session, START)
        made = brought_to(session, "disputed", START)
        brought_to(session, "needs_info", START)
    with write() as session:
        assert seal_all(session) == 1
    return made


def problem(read: Block) -> str:
    with read() as session:
        return str(seals.verify(session) or "")


def test_an_untouched_log_is_whole(case: Case, read: Block, write: Block) -> None:
    assert problem(read) == ""
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "answer_dispute", now())
    assert problem(read) == ""  # younger than the seal
    with write() as session:
        assert seal_all(session) == 1
        assert seal_all(session) == 0
    assert problem(read) == ""
    with read() as session:
        first, second = session.scalars(select(Seal).order_by(Seal.id))
        assert second.previous == first.hash
        assert second.first_event == first.last_event + 1
        assert second.count == 1


def changed(table: type, **values: object) -> Callable[[Session, Case], None]:
    def tamper(session: Session, case: Case) -> None:
        column = table.id if table is Case else table.case_id  # type: ignore[attr-defined]
        session.execute(update(table).where(column == case.id).values(**values))

    return tamper


def event_named(known_as: str, **values: object) -> Callable[[Session, Case], None]:
    def tamper(session: Session, case: Case) -> None:
        session.execute(
            update(Event).where(Event.case_id == case.id, Event.name == known_as).values(**values)
        )

    return tamper


def dropped(name: str) -> Callable[[Session, Case], None]:
    def tamper(session: Session, case: Case) -> None:
        found = select(Event.id).where(Event.case_id == case.id, Event.name == name)
        session.execute(delete(Message).where(Message.event_id.in_(found)))
        session.execute(delete(Event).where(Event.id.in_(found)))

    return tamper


def rewritten_well(session: Session, case: Case) -> None:
    """The last event says something else, with a hash that fits: only the seal can tell."""
    event = session.scalars(
        select(Event).where(Event.case_id == case.id).order_by(Event.sequence.desc())
    ).first()
    assert event is not None
    event.at = event.at + timedelta(days=1)
    event.hash = hash_of(event)
    session.execute(update(Case).where(Case.id == case.id).values(last_hash=event.hash))


def said_to_be_erased(session: Session, case: Case) -> None:
    """Words are gone as if their reporter had asked for it."""
    changed(Case, erased_at=now())(session, case)
    changed(Complaint, text="", salt="")(session, case)
    changed(Message, body="", salt="")(session, case)


def cut_short(session: Session, case: Case) -> None:
    """The last event is gone, and the state is put back to fit."""
    dropped("dispute")(session, case)
    session.execute(update(Case).where(Case.id == case.id).values(state="answered"))


TAMPERING: dict[str, tuple[Callable[[Session, Case], None], str]] = {
    "a fact": (event_named("answer", facts={"from": "x", "to": "y"}), "was changed after"),
    "a name": (event_named("answer", name="update"), "was changed after"),
    "an event": (dropped("start"), "does not follow"),
    "the last event": (dropped("dispute"), "but its history ends with answered"),
    "an end cut off well": (cut_short, "does not end with the event its row names"),
    "words of the unit": (changed(Message, body="Sudah beres."), "words were changed"),
    "words without salt": (changed(Message, body="Beres.", salt=""), "words were changed"),
    "the report": (changed(Complaint, text="Semua baik."), "words were changed"),
    "the state": (changed(Case, state="closed"), "is closed, but its history ends with disputed"),
    "the promise": (changed(Case, due_on=date(2027, 3, 1)), "its due_on is not the one"),
    "the holder": (changed(Case, unit_code="dishub"), "its unit_code is not the one"),
    "who may see": (changed(Case, visibility="rahasia"), "its visibility is not the one"),
    "the subject": (changed(Case, category_slug="drainage"), "its category_slug is not the one"),
    "who may read words": (changed(Message, audience="internal"), "shown to others or hidden"),
    "an erasure that never was": (said_to_be_erased, "tells of no erasure"),
    "a rewritten end": (rewritten_well, "an event under it was changed"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found_and_its_place_named(
    case: Case, write: Block, read: Block, what: str
) -> None:
    tamper, said = TAMPERING[what]
    with write() as session:
        tamper(session, case)
    found = problem(read)
    assert said in found
    if what != "a rewritten end":
        assert case.number in found


def test_a_seal_that_was_changed_or_dropped_is_found(case: Case, write: Block, read: Block) -> None:
    with write() as session:
        filed(session, now())
    with write() as session:
        seal_all(session)
    with write() as session:
        session.execute(update(Seal).values(at=START - timedelta(days=1)))
    assert "seal 1" in problem(read)
    assert "was changed after it was made" in problem(read)


def test_a_dropped_seal_is_found(case: Case, write: Block, read: Block) -> None:
    with write() as session:
        filed(session, now())
    with write() as session:
        seal_all(session)
        first = session.scalars(select(Seal).order_by(Seal.id)).first()
        session.delete(first)
    assert "does not follow the seal before it" in problem(read)


def test_each_event_of_a_case_is_proved_to_stand_under_a_seal(case: Case, read: Block) -> None:
    with read() as session:
        events = session.scalars(select(Event).where(Event.case_id == case.id)).all()
        for event in events:
            standing = seals.standing_of(session, event)
            assert standing is not None
            assert standing.proves(event)
            assert not standing.proves(Event(hash="ab" * 32))


def test_a_long_log_gets_several_seals(
    case: Case, write: Block, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST", 3)
    with write() as session:
        brought_to(session, "closed", START)
    with write() as session:
        assert seal_all(session) == 2
    assert problem(read) == ""


def test_a_seal_is_made_once_an_hour(case: Case, read: Block) -> None:
    with read() as session:
        assert not seals.is_due(session, now() + timedelta(minutes=59))
        assert seals.is_due(session, now() + timedelta(minutes=61))


def test_no_event_can_appear_below_a_seal(
    case: Case, write: Block, read: Block, app: Flask
) -> None:
    """A writer has taken an id and not committed: the seal waits for it."""
    with read() as session:
        if dialect_of(session) != "postgresql":
            pytest.skip("SQLite's writers come one by one")
    added, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def slow() -> None:
        with app.app_context(), transaction("write"):
            filed(db.session(), now())
            added.set()
            go_on.wait(1)
            order.append("committed")
            db.session.commit()

    def quick() -> None:
        added.wait(5)
        with app.app_context(), transaction("write"):
            seal_all(db.session())
            order.append("sealed")

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert order == ["committed", "sealed"]
    assert problem(read) == ""
    with read() as session:
        newest = session.scalars(select(Event.id).order_by(Event.id.desc())).first()
        assert session.scalars(select(Seal.last_event).order_by(Seal.id.desc())).first() == newest


def test_the_command_says_where_and_fails(case: Case, write: Block, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    whole = run(args=["audit", "verify"])
    assert whole.exit_code == 0
    assert whole.output.startswith("whole:")
    proof = run(args=["audit", "proof", case.number])
    assert proof.output.count("stands in seal") == 5
    with write() as session:
        session.execute(update(Case).where(Case.id == case.id).values(state="closed"))
    broken = run(args=["audit", "verify"])
    assert broken.exit_code == 1
    assert case.number in broken.output


# ---------------------------------------------------------------- copies kept elsewhere


@pytest.fixture
def kept(case: Case, app: Flask, tmp_path: Path) -> Path:
    """The seals as somebody outside has kept them."""
    file = tmp_path / "segel.jsonl"
    file.write_text(app.test_client().get("/segel/semua.jsonl", base_url=BASE).text)
    return file


def compared(app: Flask, kept: Path) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["audit", "verify", "--seals", str(kept)])
    return done.exit_code, done.output


def rewritten_with_seals(session: Session, case: Case) -> None:
    """Everything that can be made to fit by whoever owns the database."""
    rewritten_well(session, case)
    session.flush()
    session.execute(delete(Seal))
    session.flush()
    made = seals.seal(session, START + timedelta(hours=5))
    assert made is not None
    made.id = 1
    session.flush()


def test_a_kept_copy_fits_and_goes_on_fitting(
    kept: Path, app: Flask, write: Block, case: Case
) -> None:
    assert compared(app, kept) == (
        0,
        "whole: every chain and every seal holds, sealed up to event 8 of 8,"
        f" 1 compared with {kept}\n",
    )
    with write() as session:
        filed(session, now())
    with write() as session:
        seal_all(session)
    assert compared(app, kept)[0] == 0


def test_chain_and_seals_rewritten_together_do_not_fit_a_kept_copy(
    case: Case, kept: Path, app: Flask, write: Block, read: Block
) -> None:
    with write() as session:
        rewritten_with_seals(session, case)
    assert problem(read) == ""  # by itself the database cannot tell
    code, said = compared(app, kept)
    assert code == 1
    assert "NOT WHOLE  seal 1 of 2026-11-24" in said
    assert "is not the one of the kept copy: at, root, hash differs" in said


def test_a_seal_that_is_gone_stands_in_the_kept_copy(kept: Path, app: Flask, write: Block) -> None:
    with write() as session:
        session.execute(delete(Seal))
    code, said = compared(app, kept)
    assert code == 1
    assert "no longer in the database" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it holds no seal"),
        ("\n", "it holds no seal"),
        ("<html>\n", "line 1 is no JSON"),
        ("[1]\n", "line 1 is no seal"),
        ('{"seal": 1}\n', "line 1 is no seal"),
        ("\x80\n", "line 1 is no JSON"),
    ],
)
def test_a_file_that_is_no_copy_proves_nothing(
    case: Case, app: Flask, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "copy"
    file.write_bytes(content.encode("latin-1"))
    code, output = compared(app, file)
    assert code == 1
    assert said in output
