"""What tests of the desk share: cases in a state, people, and filling in any step's form."""

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.staff.actions import Profile, add
from app.staff.passwords import hashed
from tests import cast
from tests.conftest import START, Block
from tests.histories import brought_to, step
from tests.pages import Client, Form, Page

#: What an officer writes; long enough for every step.
WORDS = "Regu kami sudah menambal lubang ini pagi tadi, tebalnya sepuluh sentimeter."


def make(write: Block, state: str = "submitted", at: datetime = START, **changes: Any) -> str:
    """The number of a complaint brought to this state by the actions the pages call."""
    with write() as session:
        return brought_to(session, state, at, **changes).number


def made(
    write: Block, state: str, *more: tuple[str, str], at: datetime = START, **changes: Any
) -> str:
    """The same, with further steps (who, what) taken."""
    with write() as session:
        case = brought_to(session, state, at, **changes)
        for who, name in more:
            step(session, case, who, name, at)
        return case.number


def viewer(app: Flask, write: Block) -> Client:
    """Somebody of the public works unit who may only look, signed in."""
    with write() as session:
        profile = Profile("Vina Damanik", "vina@medan.test", "viewer", "sdabmbk", "id")
        add(
            session,
            cast.unlogged,
            None,
            "vina",
            profile,
            hashed(cast.PASSWORD),
            START,
            temporary=False,
        )
    return cast.signed_in(app, "vina")


def case_of(session: Session, number: str) -> Case:
    """The case of a number."""
    return session.query(Case).filter_by(number=number).one()


def address(number: str, name: str = "") -> str:
    """The desk's page of a case, or of a step on it."""
    return f"/petugas/kasus/{number}" + (f"/{name}" if name else "")


def open_on(page: Page, number: str) -> set[str]:
    """The names of the steps a case page offers, as links or as buttons."""
    start = address(number) + "/"
    links = [to.split("?")[0] for to in page.links().values()]
    buttons = [form.action.split("?")[0] for form in page.forms()]
    found = [to[to.index(start) + len(start) :] for to in (*links, *buttons) if start in to]
    return set(found)


def filled(form: Form, **own: str) -> Form:
    """Any step's form with something fitting in each of its fields."""
    for name in form.names() - {"csrf_token", "version", "seen", "key", "template", "photos"}:
        if name in own:
            form.force(name, own[name]) if name == "day" else form.fill(**{name: own[name]})
        elif name in {"words", "hide"}:
            form.fill(**{name: "becak" if name == "hide" else WORDS})
        elif name == "day":
            form.force("day", "15", "01", "2027")
        elif name not in {"private", "kept", "target"}:
            form.fill(**{name: next(value for value in form.options(name) if value)})
    return form


def press(form: Form, label: str = "") -> Page:
    """Send a step's form by its main button."""
    return form.submit(label)
