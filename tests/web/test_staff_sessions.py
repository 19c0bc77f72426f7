"""Sessions are rows: what ends them ends them at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.cases.models import Event
from app.core.models import Outbox
from app.staff import actions
from app.staff.actions import Profile
from app.staff.catalogue import SESSION_LIFETIME
from app.staff.log import event_sink
from app.staff.models import Staff, StaffSession
from app.staff.queries import account_named
from tests import cast
from tests.cast import PASSWORD
from tests.conftest import START, Block
from tests.pages import Client

NEW = "becak kuda lampu parit"


def is_in(client: Client) -> bool:
    page = client.get("/petugas/sesi", follow=False)
    assert page.status in {200, 303}
    return page.status == 200


def one(session, username: str) -> Staff:
    account = account_named(session, username)
    assert account is not None
    return account


# ---------------------------------------------------------------- ends


def test_signing_out_ends_the_session_on_the_server_too(rina: Client, read: Block) -> None:
    cookie = rina.http.get_cookie("sesi")
    assert cookie is not None
    page = rina.get("/petugas/sesi").form(action="/keluar").submit()
    assert (page.path, page.words(".say")) == ("/petugas/masuk", "Anda sudah keluar.")
    rina.http.set_cookie("sesi", cookie.value)  # a thief kept it
    assert not is_in(rina)
    with read() as session:
        assert session.scalar(select(func.count()).select_from(StaffSession)) == 0


def test_a_session_ends_after_a_long_day_however_busy(
    rina: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        assert is_in(rina)
    clock.move_to(START + SESSION_LIFETIME + timedelta(minutes=1))
    assert not is_in(rina)


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({"role": "viewer"}, True),
        ({"unit_code": "dishub"}, True),
        ({"name": "Rina S."}, False),
        ({"email": "rina@lain.test"}, False),
        ({"language": "en"}, False),
    ],
)
def test_other_rights_end_sessions_and_other_details_do_not(
    rina: Client, write: Block, change: dict[str, Any], ends: bool
) -> None:
    with write() as session:
        account = one(session, "rina")
        now = Profile(
            account.name, account.email, account.role, account.unit_code, account.language
        )
        profile = replace(now, **change)
        actions.change(session, event_sink(), None, account, profile, START)
    assert is_in(rina) != ends


def test_disabling_ends_sessions_and_enabling_brings_none_back(rina: Client, write: Block) -> None:
    with write() as session:
        actions.disable(session, event_sink(), None, one(session, "rina"), START)
    assert not is_in(rina)
    with write() as session:
        actions.enable(session, event_sink(), None, one(session, "rina"), START)
    assert not is_in(rina)


def test_a_row_of_a_disabled_account_opens_nothing(rina: Client, write: Block) -> None:
    with write() as session:  # as if the two had crossed
        session.execute(update(Staff).where(Staff.username == "rina").values(disabled_at=START))
    assert not is_in(rina)


def test_only_ones_own_sessions_can_be_seen_and_ended(
    app: Flask, rina: Client, tono: Client, read: Block
) -> None:
    other = cast.signed_in(app, "rina")
    page = rina.get("/petugas/sesi")
    assert len(page.select("li.card")) == 2
    with read() as session:
        tonos = session.scalars(
            select(StaffSession.id).join(StaffSession.staff).where(Staff.username == "tono")
        ).one()
    form = page.form("Akhiri sesi ini")
    mine = form.action
    form.action = f"http://127.0.0.1:8000/petugas/sesi/{tonos}/akhiri"
    assert form.submit().status == 404
    assert is_in(tono)
    form.action = mine
    assert len(form.submit().select("li.card")) == 1
    assert is_in(rina)
    assert not is_in(other)


def test_ending_the_session_in_use_signs_out(rina: Client) -> None:
    page = rina.get("/petugas/sesi").form("Keluar dari perangkat ini").submit()
    assert page.path == "/petugas/masuk"
    assert not is_in(rina)


def test_ending_all_others_leaves_this_one(app: Flask, rina: Client, read: Block) -> None:
    others = [cast.signed_in(app, "rina") for _ in range(2)]
    page = rina.get("/petugas/sesi").form("Akhiri semua sesi lain").submit()
    assert len(page.select("li.card")) == 1
    assert not any(map(is_in, others))
    with read() as session:
        event = session.scalars(select(Event).where(Event.name == "sessions_ended")).one()
    assert event.facts["sessions"] == 2


def test_sessions_that_are_none_are_not_found(rina: Client) -> None:
    form = rina.get("/petugas/sesi").form("Keluar dari perangkat ini")
    for number in ("0", "2147483647", "99999999999999999999", "-1", "x", "1.5"):
        form.action = f"http://127.0.0.1:8000/petugas/sesi/{number}/akhiri"
        assert form.submit().status == 404, number


def test_a_made_up_cookie_signs_nobody_in(client: Client) -> None:
    for cookie in ("", "x", "eyJfdXNlcl9pZCI6IjEifQ.x.y", "\u00e9", "a" * 4000):
        client.http.environ_base["HTTP_COOKIE"] = f"sesi={cookie}".encode().decode("latin-1")
        assert client.get("/petugas/sesi").path == "/petugas/masuk", cookie


def test_a_remembered_cookie_signs_nobody_in(app: Flask, client: Client) -> None:
    from flask_login import encode_cookie

    with app.app_context():
        client.http.set_cookie("remember_token", encode_cookie("1"))
    assert client.get("/petugas/sesi").path == "/petugas/masuk"


# ---------------------------------------------------------------- looking writes nothing


def test_looking_around_writes_nothing(rina: Client, ayu: Client, read: Block) -> None:
    def counts() -> list[int | None]:
        with read() as session:
            return [
                session.scalar(select(func.count()).select_from(table))
                for table in (Staff, StaffSession, Event, Outbox)
            ]

    before = counts()
    for client, address in (
        (rina, "/petugas/sesi"),
        (rina, "/petugas/kata-sandi"),
        (rina, "/petugas/keluar"),
        (ayu, "/petugas/akun"),
        (ayu, "/petugas/akun/baru"),
        (ayu, "/petugas/akun/1"),
        (ayu, "/petugas/akun/1/nonaktif"),
    ):
        page = client.get(address, status=405 if address.endswith("keluar") else 200)
        assert page.status in {200, 405}
    assert counts() == before


def test_error_pages_ask_no_database_who_looks(rina: Client) -> None:
    from sqlalchemy import event

    from app.extensions import db

    statements: list[str] = []
    with rina.app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    rina.get("/tidak-ada", status=404)
    rina.get("/bantuan")
    event.remove(engine, "before_cursor_execute", note)
    assert statements == []


# ---------------------------------------------------------------- one's own password


def test_a_new_password_ends_every_other_session_and_keeps_this_one(
    app: Flask, rina: Client, read: Block
) -> None:
    other = cast.signed_in(app, "rina")
    before = rina.http.get_cookie("sesi")
    form = rina.get("/petugas/kata-sandi").form(field="current")
    page = form.fill(current=PASSWORD, password=NEW, again=NEW).submit(follow=False)
    assert page.status == 303
    assert is_in(rina)
    assert not is_in(other)
    assert before is not None
    other.http.set_cookie("sesi", before.value)  # the old token of this browser is dead too
    assert not is_in(other)
    with read() as session:
        mail = session.scalars(select(Outbox)).one()
        event = session.scalars(select(Event).where(Event.name == "password_changed")).one()
        rina_id = one(session, "rina").id
    assert (mail.mail, mail.reader) == ("password_changed", f"staff:{rina_id}")
    assert (event.chain, event.staff_id, event.facts) == ("city", rina_id, {"account": rina_id})
    form = other.get("/petugas/masuk").form(field="password")
    assert form.fill(username="rina", password=PASSWORD).submit().status == 422
    assert form.fill(username="rina", password=NEW).submit(follow=False).status == 303


REFUSED = (
    ("salah", NEW, NEW, "current"),
    ("", NEW, NEW, "current"),
    (PASSWORD, "", "", "password"),
    (PASSWORD, "pendek", "pendek", "password"),
    (PASSWORD, "password123456", "password123456", "password"),
    (PASSWORD, PASSWORD, PASSWORD, "password"),
    (PASSWORD, "x" * 10_000, "x" * 10_000, "password"),
    (PASSWORD, f"{NEW}\x00", f"{NEW}\x00", "password"),
    (PASSWORD, NEW, f"{NEW} ", "again"),
    (PASSWORD, NEW, "", "again"),
)


def test_a_password_that_is_refused_changes_nothing(rina: Client, read: Block) -> None:
    for current, new, again, field in REFUSED:
        form = rina.get("/petugas/kata-sandi").form(field="current")
        form.force("current", current).force("password", new).force("again", again)
        page = form.submit()
        assert page.status == 422, new
        assert field in page.errors(), new
    assert is_in(rina)
    with read() as session:
        assert one(session, "rina").password_changed_at == START
        assert session.scalars(select(Outbox)).all() == []


def test_a_password_changed_by_somebody_else_meanwhile_is_not_overwritten(
    rina: Client, write: Block, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.staff import passwords

    form = rina.get("/petugas/kata-sandi").form(field="current")

    def meanwhile(password: str) -> str:
        with write() as session:
            session.execute(update(Staff).where(Staff.username == "rina").values(password_hash="x"))
        return "hash-of-the-slower-one"

    monkeypatch.setattr(passwords, "hashed", meanwhile)
    page = form.fill(current=PASSWORD, password=NEW, again=NEW).submit()
    assert page.status == 422
    assert "baru saja diganti" in page.words(".sum")
    with read() as session:
        assert one(session, "rina").password_hash == "x"


def test_a_temporary_password_leads_to_a_new_one_first(
    app: Flask, client: Client, write: Block
) -> None:
    with write() as session:
        session.execute(
            update(Staff).where(Staff.username == "ayu").values(must_change_password=True)
        )
    ayu = cast.signed_in(app, "ayu")
    for address in ("/petugas/akun", "/petugas/sesi", "/petugas/akun/baru"):
        assert ayu.get(address).path == "/petugas/kata-sandi"
    form = ayu.get("/petugas/kata-sandi").form(field="current")
    form.fill(current=PASSWORD, password=NEW, again=NEW).submit()
    assert ayu.get("/petugas/akun").path == "/petugas/akun"


def test_a_temporary_password_can_still_sign_out(app: Flask, write: Block) -> None:
    with write() as session:
        session.execute(update(Staff).values(must_change_password=True))
    rina = cast.signed_in(app, "rina")
    page = rina.get("/petugas/kata-sandi").form(action="/keluar").submit()
    assert page.path == "/petugas/masuk"
