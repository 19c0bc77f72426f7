"""Ayu runs the accounts; nobody else does."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.cases.models import Event
from app.core.models import Outbox
from app.staff import passwords
from app.staff.catalogue import TEMPORARY_PASSWORD_LIFETIME
from app.staff.models import Staff
from app.staff.queries import PAGE
from tests import cast
from tests.cast import PASSWORD
from tests.conftest import START, Block
from tests.pages import Client, Page

NEW = {
    "username": "putra.ginting",
    "name": "Putra Ginting",
    "email": "putra@contoh.id",
    "role": "officer",
    "unit_code": "dlh",
    "language": "id",
}


def account(read: Block, username: str) -> Staff:
    with read() as session:
        return session.scalars(select(Staff).where(Staff.username == username)).one()


def events(read: Block) -> list[tuple[str, int | None, dict[str, object]]]:
    """What staff did to accounts, oldest first."""
    with read() as session:
        rows = session.scalars(
            select(Event)
            .where(Event.chain == "city", Event.actor == "staff", Event.name != "signed_in")
            .order_by(Event.id)
        )
        return [(row.name, row.staff_id, row.facts) for row in rows]


def try_to_sign_in(app: Flask, username: str, password: str) -> Page:
    form = Client(app).get("/petugas/masuk").form(field="password")
    return form.fill(username=username, password=password).submit(follow=False)


# ---------------------------------------------------------------- the list


def test_the_list_shows_everybody_with_role_unit_and_state(ayu: Client, write: Block) -> None:
    with write() as session:
        session.execute(update(Staff).where(Staff.username == "dewi").values(disabled_at=START))
    page = ayu.get("/petugas/akun")
    assert page.h1 == "Akun petugas"
    rows = [row.get_text("|", strip=True) for row in page.select("tbody tr")]
    assert rows[0] == "Ayu Simanjuntak|ayu|Admin|–|Aktif"
    assert [row.split("|")[1] for row in rows] == sorted(p.username for p in cast.STAFF)
    assert "|Petugas dinas|" in rows[2]
    assert rows[2].endswith("Nonaktif")


EVERYBODY = sorted(person.username for person in cast.STAFF)
SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("siregar", ["rina"]),
    ("RINA", ["rina"]),
    ("  tono ", ["tono"]),
    ("%", []),
    ("_", []),
    ("\\", []),
    ("'; DROP TABLE staff; --", []),
    ("x" * 5000, []),
    ("rina\x00", EVERYBODY),
    ("\u202e", EVERYBODY),
)


def test_accounts_are_found_by_name(ayu: Client) -> None:
    for words, found in SEARCHES:
        page = ayu.get("/petugas/akun").form(field="cari").force("cari", words).submit()
        names = [tag.get_text() for tag in page.select("tbody td:nth-child(2)")]
        assert names == found, words


def test_a_long_list_comes_in_pages(ayu: Client, write: Block) -> None:
    with write() as session:
        for number in range(PAGE + 5):
            session.add(
                Staff(
                    username=f"nama{number:03}",
                    name=f"Nama {number}",
                    role="viewer",
                    unit_code="dlh",
                    password_hash="x",
                    password_changed_at=START,
                    created_at=START,
                )
            )
    first = ayu.get("/petugas/akun")
    second = first.follow("Lebih lama")
    names = [
        tag.get_text() for page in (first, second) for tag in page.select("tbody td:nth-child(2)")
    ]
    assert names == sorted(names)
    assert len(names) == len(set(names)) == PAGE + 5 + len(cast.STAFF)
    assert "Lebih lama" not in second.links()


# ---------------------------------------------------------------- adding


def test_a_new_account_gets_a_password_shown_once_to_be_changed_first(
    app: Flask, ayu: Client, read: Block
) -> None:
    given = {**NEW, "email": ""}
    page = ayu.get("/petugas/akun/baru").form(field="username").fill(**given).submit()
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    password = page.value("data-temporary-password")
    made = account(read, "putra.ginting")
    assert (made.name, made.email, made.role, made.unit_code, made.language) == (
        "Putra Ginting",
        "",
        "officer",
        "dlh",
        "id",
    )
    assert made.must_change_password
    assert password not in made.password_hash
    for address in ("/petugas/akun", f"/petugas/akun/{made.id}"):
        assert password not in ayu.get(address).html
    putra = Client(app)
    form = putra.get("/petugas/masuk").form(field="password")
    page = form.fill(username="putra.ginting", password=password).submit()
    assert putra.get("/petugas/sesi").path == "/petugas/kata-sandi"
    ayu_id = account(read, "ayu").id
    assert events(read)[0] == (
        "account_added",
        ayu_id,
        {"account": made.id, "role": "officer", "unit": "dlh"},
    )


def test_events_hold_no_name_and_no_address(ayu: Client, read: Block) -> None:
    ayu.get("/petugas/akun/baru").form(field="username").fill(**NEW).submit()
    form = ayu.get(f"/petugas/akun/{account(read, 'putra.ginting').id}").form("Simpan akun")
    form.fill(name="Nama Penanda", email="penanda@contoh.id", role="head").submit()
    assert [name for name, _, _ in events(read)] == [
        *("account_added", "account_invited"),
        *("account_changed", "account_invited"),  # the invitation follows to another address
    ]
    text = str(events(read)).casefold()
    assert not [word for word in ("putra", "penanda", "contoh.id") if word in text]


WRONG = (
    ({"username": ""}, "username"),
    ({"username": "rina"}, "username"),
    ({"username": "RINA"}, "username"),
    ({"username": "ab"}, "username"),
    ({"username": "nama dengan spasi"}, "username"),
    ({"username": "../../etc"}, "username"),
    ({"username": "ñandu"}, "username"),
    ({"username": "a" * 61}, "username"),
    ({"username": "pu\x00tra"}, "username"),
    ({"name": ""}, "name"),
    ({"name": "x" * 121}, "name"),
    ({"name": "\u202eartuP"}, "name"),
    ({"email": "bukan-alamat"}, "email"),
    ({"email": "a@b"}, "email"),
    ({"email": "x" * 300 + "@contoh.id"}, "email"),
    ({"role": ""}, "role"),
    ({"role": "raja"}, "role"),
    ({"role": "officer", "unit_code": ""}, "unit_code"),
    ({"role": "head", "unit_code": ""}, "unit_code"),
    ({"unit_code": "dinas-khayal"}, "unit_code"),
    ({"language": "xx"}, "language"),
)


def test_what_is_wrong_is_said_at_its_field_and_makes_nothing(ayu: Client, read: Block) -> None:
    for change, field in WRONG:
        form = ayu.get("/petugas/akun/baru").form(field="username").fill(**NEW)
        for name, value in change.items():
            form.force(name, value)
        page = form.submit()
        assert page.status == 422, change
        assert list(page.errors()) == [field], change
    with read() as session:
        assert len(session.scalars(select(Staff)).all()) == len(cast.STAFF)


def test_markup_in_a_name_stays_text(ayu: Client, read: Block) -> None:
    name = "<b>Putra</b> & 'Anak' %(x)s"
    form = ayu.get("/petugas/akun/baru").form(field="username").fill(**NEW).force("name", name)
    form.submit()
    page = ayu.get(f"/petugas/akun/{account(read, 'putra.ginting').id}")
    assert page.h1 == name
    assert page.follow("Nonaktifkan akun").h1 == f"Nonaktifkan akun {name}?"


def test_a_verifier_needs_no_unit(ayu: Client, read: Block) -> None:
    form = ayu.get("/petugas/akun/baru").form(field="username")
    form.fill(**{**NEW, "role": "verifier", "unit_code": "", "email": ""}).submit()
    assert account(read, "putra.ginting").unit_code is None


# ---------------------------------------------------------------- changing


def test_the_form_starts_as_the_account_is_and_saving_it_changes_nothing(
    ayu: Client, read: Block
) -> None:
    rina = account(read, "rina")
    form = ayu.get(f"/petugas/akun/{rina.id}").form("Simpan akun")
    assert form.values["name"] == ["Rina Siregar"]
    assert form.values["role"] == ["officer"]
    assert form.values["unit_code"] == ["sdabmbk"]
    form.fill(email="rina@contoh.id").submit()
    assert [event[2]["changed"] for event in events(read)] == [["email"]]
    form = ayu.get(f"/petugas/akun/{rina.id}").form("Simpan akun")
    assert form.submit().path == "/petugas/akun"
    assert len(events(read)) == 1


def test_another_role_signs_out_at_once(ayu: Client, rina: Client, read: Block) -> None:
    form = ayu.get(f"/petugas/akun/{account(read, 'rina').id}").form("Simpan akun")
    form.fill(role="viewer", email="").submit()
    assert rina.get("/petugas/sesi").path == "/petugas/masuk"
    assert events(read)[-1][2]["role"] == "viewer"


def test_a_unit_that_is_no_more_stays_with_its_people(
    ayu: Client, read: Block, write: Block
) -> None:
    from app.places.models import Unit

    with write() as session:
        session.add(Unit(code="dinas_lama", name="Dinas Lama"))
        session.flush()
        session.execute(
            update(Staff).where(Staff.username == "rina").values(unit_code="dinas_lama")
        )
    page = ayu.get("/petugas/akun")
    assert "dinas_lama" in page.main
    assert ayu.get(f"/petugas/akun/{account(read, 'rina').id}").status == 200


def test_the_last_admin_stays_admin(ayu: Client, read: Block) -> None:
    me = account(read, "ayu")
    form = ayu.get(f"/petugas/akun/{me.id}").form("Simpan akun")
    page = form.fill(role="verifier", email="").submit()
    assert page.status == 422
    assert "admin terakhir" in page.words(".sum")
    assert account(read, "ayu").role == "admin"


def test_with_a_second_admin_the_first_may_leave(ayu: Client, read: Block, write: Block) -> None:
    with write() as session:
        session.execute(update(Staff).where(Staff.username == "budi").values(role="admin"))
    form = ayu.get(f"/petugas/akun/{account(read, 'ayu').id}").form("Simpan akun")
    page = form.fill(role="verifier", email="").submit()
    assert page.path == "/petugas/masuk"  # another role: signed out


def test_accounts_that_are_none_are_not_found(ayu: Client) -> None:
    for number in ("0", "2147483647", "99999999999999999999", "-1", "x"):
        for page in ("", "/nonaktif"):
            ayu.get(f"/petugas/akun/{number}{page}", status=404)


# ---------------------------------------------------------------- shutting and opening


def test_disabling_asks_once_more_and_then_shuts_at_once(
    app: Flask, ayu: Client, rina: Client, read: Block
) -> None:
    page = ayu.get(f"/petugas/akun/{account(read, 'rina').id}").follow("Nonaktifkan akun")
    assert rina.get("/petugas/sesi").path == "/petugas/sesi"  # looking did nothing
    page.form("Nonaktifkan akun").submit()
    assert rina.get("/petugas/sesi").path == "/petugas/masuk"
    assert try_to_sign_in(app, "rina", PASSWORD).status == 422
    page = ayu.get(f"/petugas/akun/{account(read, 'rina').id}")
    assert "nonaktif sejak 24 November 2026" in page.main
    page.form("Aktifkan lagi").submit()
    assert try_to_sign_in(app, "rina", PASSWORD).status == 303
    assert [name for name, _, _ in events(read)][:2] == ["account_disabled", "account_enabled"]


def test_nobody_shuts_their_own_account(ayu: Client, read: Block, write: Block) -> None:
    with write() as session:
        session.execute(update(Staff).where(Staff.username == "budi").values(role="admin"))
    me = account(read, "ayu").id
    page = ayu.get(f"/petugas/akun/{me}/nonaktif").form("Nonaktifkan akun").submit()
    assert page.status == 422
    assert account(read, "ayu").disabled_at is None


# ---------------------------------------------------------------- temporary passwords


def test_a_reset_signs_out_shows_a_password_once_and_tells_the_owner(
    app: Flask, ayu: Client, rina: Client, read: Block
) -> None:
    form = ayu.get(f"/petugas/akun/{account(read, 'rina').id}").form("Buat kata sandi sementara")
    password = form.submit().value("data-temporary-password")
    assert rina.get("/petugas/sesi").path == "/petugas/masuk"
    assert try_to_sign_in(app, "rina", PASSWORD).status == 422
    page = try_to_sign_in(app, "rina", password)
    assert page.status == 303
    with read() as session:
        assert session.scalars(select(Outbox.mail)).all() == ["password_changed"]
        assert password not in str(session.scalars(select(Outbox.values)).all())


def test_a_temporary_password_runs_out(
    app: Flask, ayu: Client, read: Block, clock: time_machine.Traveller
) -> None:
    form = ayu.get(f"/petugas/akun/{account(read, 'rina').id}").form("Buat kata sandi sementara")
    page = form.submit()
    assert "27 November 2026" in page.main
    password = page.value("data-temporary-password")
    clock.move_to(START + TEMPORARY_PASSWORD_LIFETIME - timedelta(minutes=1))
    assert try_to_sign_in(app, "rina", password).status == 303
    clock.shift(timedelta(minutes=2))
    assert try_to_sign_in(app, "rina", password).status == 422


def test_a_password_of_ones_own_does_not_run_out(app: Flask, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=400))
    assert try_to_sign_in(app, "rina", PASSWORD).status == 303


def test_the_hash_is_made_before_the_write_lock_is_taken(
    ayu: Client, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.extensions import db

    seen: list[bool] = []

    def hashed(_password: str) -> str:
        seen.append(db.session().in_transaction())
        return "hash"

    given = {**NEW, "email": ""}
    form = ayu.get("/petugas/akun/baru").form(field="username").fill(**given)
    reset = ayu.get(f"/petugas/akun/{account(read, 'rina').id}").form("Buat kata sandi sementara")
    monkeypatch.setattr(passwords, "hashed", hashed)
    assert form.submit().status == 200
    assert reset.submit().status == 200
    assert seen == [False, False]
