"""``flask staff``, as an operator runs it on the first day."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app.cases.models import Event
from app.staff import passwords
from app.staff.models import Staff, StaffSession
from tests.cast import PASSWORD
from tests.conftest import Block
from tests.pages import Client

NEW = "becak kuda lampu parit"


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["staff", *arguments], input=typed)


def account(read: Block, username: str) -> Staff:
    with read() as session:
        return session.scalars(select(Staff).where(Staff.username == username)).one()


def test_the_first_admin_with_a_typed_password(app: Flask, read: Block) -> None:
    done = run(app, "add", "sekda", typed=f"Sekretaris Daerah\nadmin\n{NEW}\n{NEW}\n")
    assert done.exit_code == 0, done.output
    assert NEW not in done.output
    made = account(read, "sekda")
    assert (made.name, made.role, made.unit_code) == ("Sekretaris Daerah", "admin", None)
    assert not made.must_change_password
    form = Client(app).get("/petugas/masuk").form(field="password")
    assert form.fill(username="sekda", password=NEW).submit(follow=False).status == 303
    with read() as session:
        event = session.scalars(select(Event).order_by(Event.id.desc()).offset(1)).first()
        assert event is not None
        assert (event.name, event.actor, event.staff_id) == ("account_added", "operator", None)


def test_a_made_up_password_is_printed_once_and_must_be_changed(app: Flask, read: Block) -> None:
    options = ("--name", "Nia", "--role", "officer", "--unit", "dlh", "--email", "nia@contoh.id")
    done = run(app, "add", "nia", *options, "--generate")
    assert done.exit_code == 0, done.output
    made = account(read, "nia")
    assert (made.email, made.unit_code, made.language) == ("nia@contoh.id", "dlh", "id")
    assert made.must_change_password
    assert passwords.matches(made.password_hash, done.output.split()[-1])


def test_a_role_that_needs_a_unit_asks_for_it(app: Flask, read: Block) -> None:
    done = run(app, "add", "nia", "--name", "Nia", "--role", "head", "--generate", typed="dlh\n")
    assert done.exit_code == 0, done.output
    assert account(read, "nia").unit_code == "dlh"


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("add", "rina", "--name", "R", "--role", "admin", "--generate"), "", "already taken"),
        (("add", "R A", "--name", "R", "--role", "admin", "--generate"), "", "small letters"),
        (("add", "nia", "--name", "N", "--role", "raja"), "", "'raja' is not one of"),
        (
            ("add", "nia", "--name", "N", "--role", "head", "--unit", "x", "--generate"),
            "",
            "units.toml",
        ),
        (
            ("add", "nia", "--name", "N", "--role", "admin", "--email", "x", "--generate"),
            "",
            "--email",
        ),
        (("add", "nia", "--name", "N", "--role", "admin"), "pendek\npendek\n", "at least 12"),
        (("disable", "tidak.ada"), "", "no account"),
        (("password", "tidak.ada", "--generate"), "", "no account"),
        (("disable", "ayu"), "", "last admin"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(
    app: Flask, read: Block, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    done = run(app, *arguments, typed=typed)
    assert done.exit_code != 0
    assert said in done.output
    with read() as session:
        assert session.scalars(select(Staff.username).where(Staff.username == "nia")).all() == []


def test_the_list_has_one_line_each(app: Flask) -> None:
    lines = run(app, "list").output.splitlines()
    assert lines[0] == "ayu\tadmin\t-\tactive\tAyu Simanjuntak"
    assert len(lines) == 5


def test_disabling_and_a_new_password_sign_out(app: Flask, rina: Client, read: Block) -> None:
    done = run(app, "password", "rina", typed=f"{NEW}\n{NEW}\n")
    assert done.exit_code == 0, done.output
    assert rina.get("/petugas/sesi").path == "/petugas/masuk"
    assert run(app, "disable", "rina").exit_code == 0
    assert account(read, "rina").disabled_at is not None
    assert run(app, "enable", "rina").exit_code == 0
    assert account(read, "rina").disabled_at is None
    with read() as session:
        assert session.scalars(select(StaffSession)).all() == []
    form = Client(app).get("/petugas/masuk").form(field="password")
    assert form.fill(username="rina", password=PASSWORD).submit().status == 422
