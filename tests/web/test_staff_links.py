"""Passwords set by a mailed link: by whom was invited, and by whom forgot the old one."""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.cases.models import Event
from app.config import Settings
from app.core.logs import JsonFormatter
from app.core.models import Outbox
from app.staff import passwords
from app.staff.catalogue import (
    FAILURES_PER_ACCOUNT,
    INVITE,
    LINK_LIFETIMES,
    LINKS_PER_NAME,
    LINKS_PER_NETWORK,
    PASSWORD_LINK,
)
from app.staff.models import Staff, StaffSession
from app.worker import Worker
from tests import cast
from tests.cast import PASSWORD
from tests.conftest import START, Block
from tests.mailbox import Mailbox
from tests.pages import Client, Page
from tests.web.test_staff_accounts import NEW, account, events, try_to_sign_in

FRESH = "becak kuda lampu parit"
OVER = "Tautan ini sudah tidak berlaku"
MINUTE = timedelta(minutes=1)


def deliver(app: Flask) -> None:
    with app.app_context():
        Worker(app).round()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    return "/petugas/tautan/" + text_of(mail).partition("/petugas/tautan/")[2].split()[0]


def add_putra(ayu: Client, **changes: str) -> Page:
    return ayu.get("/petugas/akun/baru").form(field="username").fill(**NEW | changes).submit()


def ask(client: Client, who: str) -> Page:
    return client.get("/petugas/lupa").form(field="who").force("who", who).submit()


def link_for(app: Flask, mailbox: Mailbox, who: str = "rina") -> str:
    """The link that somebody who asked for one was mailed."""
    ask(Client(app, language="id"), who)
    deliver(app)
    return link_in(mailbox.to(f"{who.partition('@')[0]}@medan.test")[-1])


def put(page: Page, password: str = FRESH, again: str = "") -> Page:
    return page.form(field="again").fill(password=password, again=again or password).submit()


def names(read: Block) -> list[str]:
    """The mails waiting or sent, oldest first."""
    with read() as session:
        return list(session.scalars(select(Outbox.mail).order_by(Outbox.id)))


# ---------------------------------------------------------------- invited


def test_a_new_person_is_invited_sets_a_password_and_signs_in(
    app: Flask, ayu: Client, client: Client, mailbox: Mailbox, read: Block
) -> None:
    page = add_putra(ayu)
    assert "Undangan terbuka sampai 27 November 2026" in page.main
    assert "data-temporary-password" not in page.html
    assert "putra.ginting|Petugas dinas|Dinas Lingkungan Hidup|Diundang" in rows(ayu)
    deliver(app)
    (mail,) = mailbox.to("putra@contoh.id")
    assert "Admin mengundang Anda sebagai Petugas dinas di Dinas Lingkungan Hidup." in text_of(mail)
    assert "berlaku 3 hari, satu kali" in text_of(mail)
    page = client.get(link_in(mail))
    assert page.h1 == "Buat kata sandi Anda"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.value("data-account-name") == "putra.ginting"
    assert account(read, "putra.ginting").invited_until  # opening it changed nothing
    page = put(page)
    assert (page.path, page.words(".say")) == (
        "/petugas/masuk",
        "Kata sandi baru tersimpan. Masuk dengan kata sandi itu.",
    )
    page = page.form(field="password").fill(username="putra.ginting", password=FRESH).submit()
    assert client.get("/petugas/sesi").path == "/petugas/sesi"
    assert names(read) == [INVITE]
    made = account(read, "putra.ginting").id
    assert [(name, who) for name, who, _ in events(read)] == [
        ("account_added", account(read, "ayu").id),
        ("account_invited", account(read, "ayu").id),
        ("invitation_accepted", made),
    ]
    assert "putra.ginting|Petugas dinas|Dinas Lingkungan Hidup|Aktif" in rows(ayu)


def rows(ayu: Client) -> str:
    page = ayu.get("/petugas/akun")
    return "\n".join(row.get_text("|", strip=True) for row in page.select("tbody tr"))


def test_an_invitation_in_english_to_somebody_of_the_whole_city(
    app: Flask, ayu: Client, mailbox: Mailbox
) -> None:
    add_putra(ayu, role="verifier", unit_code="", language="en")
    deliver(app)
    (mail,) = mailbox.to("putra@contoh.id")
    assert mail["Subject"] == "Invitation to join Tanggap"
    assert re.search(r"Administrator invites you as Verifier in Medan\.", text_of(mail))
    assert "Set a password (works for 3 days, once)" in text_of(mail)
    page = Client(app, language="en").get(f"{link_in(mail)}?lang=en")
    assert page.h1 == "Set your password"
    assert put(page).words(".say").startswith("The new password is stored.")


def test_nobody_gets_in_with_the_password_of_somebody_invited(
    app: Flask, ayu: Client, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_putra(ayu)
    checked: list[str] = []

    def check(password_hash: str, _password: str) -> bool:
        checked.append(password_hash)
        return False

    monkeypatch.setattr(passwords, "check_password_hash", check)
    kept = account(read, "putra.ginting").password_hash
    for password in ("", kept, kept.partition("$")[2], "x"):
        assert try_to_sign_in(app, "putra.ginting", password).status == 422
    assert len(checked) == 3  # as slow as for any other; the empty one is refused by the form
    assert all("$nobody$" in one for one in checked)


def test_inviting_again_kills_the_old_link(
    app: Flask, ayu: Client, client: Client, mailbox: Mailbox, read: Block
) -> None:
    page = add_putra(ayu)
    page.form("Kirim undangan lagi").submit()
    deliver(app)
    old, fresh = map(link_in, mailbox.to("putra@contoh.id"))
    assert client.get(old, status=410).h1 == OVER
    put(client.get(fresh))
    assert "Minta undangan baru kepada admin" in client.get(fresh, status=410).main
    assert "Kirim undangan lagi" not in ayu.get(page.path).html


def test_an_invitation_follows_to_another_address(
    app: Flask, ayu: Client, client: Client, mailbox: Mailbox
) -> None:
    page = add_putra(ayu, email="salah@contoh.id")
    page.form("Simpan akun").fill(email="putra@contoh.id").submit()
    deliver(app)
    (wrong,) = mailbox.mails[:1]
    assert client.get(link_in(wrong), status=410).h1 == OVER
    assert client.get(link_in(mailbox.to("putra@contoh.id")[-1])).status == 200


def test_an_invitation_runs_out_and_the_administrator_sees_it(
    app: Flask, ayu: Client, client: Client, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    add_putra(ayu)
    deliver(app)
    link = link_in(mailbox.to("putra@contoh.id")[0])
    clock.move_to(START + LINK_LIFETIMES[INVITE] - MINUTE)
    page = client.get(link)
    clock.shift(2 * MINUTE)
    assert put(page).status == 410
    assert "berlaku 3 hari" in client.get(link, status=410).main
    ayu = cast.signed_in(app, "ayu")
    assert "|Undangan lewat waktu" in rows(ayu)
    page = ayu.get("/petugas/akun").follow("Putra Ginting")
    assert "Undangan lewat waktu sejak 27 November 2026" in page.main
    page = page.form("Kirim undangan lagi").submit()
    assert "Undangan terbuka sampai 30 November 2026" in page.main


def test_a_temporary_password_ends_an_invitation(
    app: Flask, ayu: Client, client: Client, mailbox: Mailbox
) -> None:
    page = add_putra(ayu)
    page.form("Buat kata sandi sementara").submit()
    deliver(app)
    invitation = next(m for m in mailbox.mails if "Undangan" in m["Subject"])
    assert client.get(link_in(invitation), status=410).h1 == OVER


def test_only_who_has_no_password_and_an_address_is_invited(
    ayu: Client, read: Block, write: Block
) -> None:
    page = add_putra(ayu)
    form = page.form("Kirim undangan lagi")
    rina = ayu.get(f"/petugas/akun/{account(read, 'rina').id}")
    assert "Kirim undangan lagi" not in rina.html
    form.action = f"{rina.path}/undang"
    refused = form.submit()
    assert refused.status == 422
    assert "belum punya kata sandi" in refused.words(".sum")
    assert refused.form("Simpan akun").values["name"] == ["Rina Siregar"]
    for change in ({"disabled_at": START}, {"disabled_at": None, "email": ""}):
        with write() as session:
            session.execute(update(Staff).where(Staff.username == NEW["username"]).values(change))
        assert page.form("Kirim undangan lagi").submit().status == 422, change
        assert "Kirim undangan lagi" not in ayu.get(page.path).html
    assert names(read) == [INVITE]


# ---------------------------------------------------------------- forgotten


@pytest.mark.parametrize("who", ["rina", " RINA ", "Rina@Medan.test"])
def test_whoever_forgot_gets_a_link_sets_a_password_and_is_signed_out_elsewhere(
    app: Flask, client: Client, rina: Client, mailbox: Mailbox, read: Block, who: str
) -> None:
    page = client.get("/petugas/masuk").follow("Lupa kata sandi?")
    page = page.form(field="who").fill(who=who).submit()
    assert "Tautan berlaku 1 jam, satu kali." in page.words("[role=status]")
    deliver(app)
    (mail,) = mailbox.to("rina@medan.test")
    assert "24 November 2026" in text_of(mail)
    assert "berlaku 1 jam, satu kali" in text_of(mail)
    page = client.get(link_in(mail))
    assert page.h1 == "Buat kata sandi baru"
    assert rina.get("/petugas/sesi").path == "/petugas/sesi"  # opening it changed nothing
    assert put(page).path == "/petugas/masuk"
    assert rina.get("/petugas/sesi").path == "/petugas/masuk"
    assert try_to_sign_in(app, "rina", PASSWORD).status == 422
    assert try_to_sign_in(app, "rina", FRESH).status == 303
    assert names(read) == [PASSWORD_LINK, "password_changed"]
    me = account(read, "rina").id
    with read() as session:
        row = session.scalars(select(Event).where(Event.name == "password_link_asked")).one()
        assert (row.actor, row.staff_id, row.facts) == ("public", None, {"account": me})
    assert events(read) == [("password_changed", me, {"account": me})]


def test_the_mail_and_the_pages_in_english(
    app: Flask, mailbox: Mailbox, write: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        session.execute(update(Staff).values(language="en"))
    client = Client(app, language="en")
    page = ask(client, "rina")
    deliver(app)
    (mail,) = mailbox.to("rina@medan.test")
    assert mail["Subject"] == "Password link for Tanggap"
    assert "works for 1 hour, once" in text_of(mail)
    page = client.get("/petugas/lupa?terkirim=1&lang=en")
    assert "It works for 1 hour, once." in page.words("[role=status]")
    assert client.get(link_in(mail)).h1 == "Set a new password"
    clock.shift(LINK_LIFETIMES[PASSWORD_LINK] + MINUTE)
    page = client.get(link_in(mail), status=410)
    assert page.h1 == "This link no longer works"
    assert page.follow("Ask for a new link").path == "/petugas/lupa"


NOBODY = ("nobody", "nobody@medan.test", "dewi", "dewi@medan.test", "tono", "putra.ginting", "%")


def test_unknown_disabled_and_unreachable_get_the_same_answer_at_the_same_cost(
    app: Flask,
    ayu: Client,
    client: Client,
    read: Block,
    write: Block,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_putra(ayu)  # invited, and not more than that
    with write() as session:
        session.execute(update(Staff).where(Staff.username == "dewi").values(disabled_at=START))
        session.execute(update(Staff).where(Staff.username == "tono").values(email=""))
    checked: list[str] = []
    monkeypatch.setattr(passwords, "check_password_hash", lambda kept, _: checked.append(kept))
    form = client.get("/petugas/lupa").form(field="who")
    answers = {who: form.force("who", who).submit(follow=False) for who in ("rina", *NOBODY)}
    assert {(page.status, page.headers["Location"], page.html) for page in answers.values()} == {
        (303, "/petugas/lupa?terkirim=1", answers["rina"].html)
    }
    assert len(checked) == len(answers)
    assert names(read) == [INVITE, PASSWORD_LINK]  # putra's invitation, rina's link


def test_two_accounts_of_one_mailbox_get_a_link_each(
    app: Flask, client: Client, write: Block, read: Block
) -> None:
    with write() as session:
        both = Staff.username.in_(("rina", "tono"))
        session.execute(update(Staff).where(both).values(email="Pu@medan.test"))
    ask(client, "pu@medan.test")
    assert names(read) == [PASSWORD_LINK] * 2


def test_what_is_missing_or_unreadable_is_said_at_its_field(client: Client, read: Block) -> None:
    for who in ("", "   ", "ri\x00na", "x" * 255):
        page = ask(client, who)
        assert (page.status, list(page.errors())) == (422, ["who"]), who
    form = client.get("/petugas/lupa").form(field="who").fill(who="rina")
    page = form.force("csrf_token", "alt").submit()
    assert page.status == 422
    assert page.form(field="who").values["who"] == ["rina"]
    assert names(read) == []


# ---------------------------------------------------------------- the link itself


def test_a_link_that_is_none_says_how_to_get_one(client: Client) -> None:
    for token in ("x", "a.b", "WyJpbnZpdGUiXQ.x", "%00", "x" * 5000, ".eJw"):
        page = client.get(f"/petugas/tautan/{token}", status=410)
        assert page.h1 == OVER
        assert page.follow("Minta tautan baru").path == "/petugas/lupa"


def test_a_link_of_another_key_opens_nothing(app: Flask, mailbox: Mailbox) -> None:
    link = link_for(app, mailbox)
    app.extensions["settings"] = replace(app.extensions["settings"], secret_key="other" * 10)
    assert Client(app).get(link, status=410).status == 410


def test_a_link_is_dead_once_the_account_is_no_more_as_it_was(
    app: Flask, client: Client, mailbox: Mailbox, write: Block
) -> None:
    link = link_for(app, mailbox)
    page = client.get(link)
    for change, back in (
        ({"disabled_at": START}, {"disabled_at": None}),
        ({"email": "lain@medan.test"}, {"email": "rina@medan.test"}),
        ({"password_hash": "x"}, {}),
    ):
        with write() as session:
            session.execute(update(Staff).where(Staff.username == "rina").values(change))
        assert client.get(link, status=410).h1 == OVER, change
        assert put(page).status == 410, change
        if back:
            with write() as session:
                session.execute(update(Staff).where(Staff.username == "rina").values(back))
            assert client.get(link).status == 200


def test_a_link_works_once_even_when_two_pages_are_open(
    app: Flask, client: Client, mailbox: Mailbox
) -> None:
    link = link_for(app, mailbox)
    first, second = client.get(link), Client(app, language="id").get(link)
    assert put(first).path == "/petugas/masuk"
    page = put(second, "lain sekali dari itu")
    assert (page.status, page.h1) == (410, OVER)
    assert try_to_sign_in(app, "rina", FRESH).status == 303


WRONG = (
    ("pendek", "pendek", "password"),
    ("rina.2026.2026", "rina.2026.2026", "password"),
    ("Medan Berkah 2026", "Medan Berkah 2026", "password"),
    (FRESH, "lain", "again"),
    ("", "", "password"),
)


def test_the_rules_for_passwords_hold_and_the_link_lives_on(
    app: Flask, client: Client, mailbox: Mailbox, read: Block
) -> None:
    before = account(read, "rina").password_hash
    page = client.get(link_for(app, mailbox))
    for password, again, field in WRONG:
        page = page.form(field="again").force("password", password).force("again", again).submit()
        assert page.status == 422, password
        assert field in page.errors(), password
    for token in ("", "alt"):
        form = page.form(field="again").fill(password=FRESH, again=FRESH)
        assert form.force("csrf_token", token).submit().status == 422
    assert account(read, "rina").password_hash == before
    assert put(page).path == "/petugas/masuk"


def test_whoever_was_signed_in_at_that_browser_no_longer_is(
    app: Flask, ayu: Client, mailbox: Mailbox, read: Block
) -> None:
    page = put(ayu.get(link_for(app, mailbox)))
    assert page.path == "/petugas/masuk"
    with read() as session:
        assert session.scalar(select(func.count()).select_from(StaffSession)) == 0


def test_the_hash_is_made_before_the_write_lock_is_taken(
    app: Flask, client: Client, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.extensions import db

    seen: list[bool] = []

    def hashed(_password: str) -> str:
        seen.append(db.session().in_transaction())
        return "hash"

    page = client.get(link_for(app, mailbox))
    monkeypatch.setattr(passwords, "hashed", hashed)
    assert put(page).path == "/petugas/masuk"
    assert seen == [False]


def test_outbox_and_log_hold_neither_address_nor_link(
    app: Flask, ayu: Client, mailbox: Mailbox, read: Block, caplog: pytest.LogCaptureFixture
) -> None:
    add_putra(ayu)
    link = link_for(app, mailbox)
    Client(app).get(link)
    token = link.rpartition("/")[2]
    with read() as session:
        kept = str([(row.reader, row.values) for row in session.scalars(select(Outbox))])
    logged = "\n".join(map(JsonFormatter().format, caplog.records))
    for secret in (token, "contoh.id", "medan.test"):
        assert secret not in kept
        assert secret not in logged
    assert "set_password" in logged


# ---------------------------------------------------------------- throttling


class TestThrottling:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    @pytest.mark.parametrize("who", ["rina", "tidak.ada"])
    def test_a_name_waits_whether_it_exists_or_not(
        self, app: Flask, client: Client, read: Block, who: str
    ) -> None:
        for _ in range(LINKS_PER_NAME):
            assert ask(client, who).status == 200
        page = ask(Client(app, language="id"), who.upper())
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert re.search(r"Coba lagi setelah \d+ menit", page.words(".sum"))
        assert page.form(field="who").values["who"] == [who]
        assert len(names(read)) == (LINKS_PER_NAME if who == "rina" else 0)
        assert ask(client, "tono").status == 200

    def test_a_network_waits_over_many_names(self, client: Client) -> None:
        for number in range(LINKS_PER_NETWORK):
            assert ask(client, f"nama{number}").status == 200
        assert ask(client, "rina").status == 429
        client.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        assert ask(client, "rina").status == 200

    def test_counters_hold_no_address(self, client: Client, instance: Path) -> None:
        ask(client, "penanda@contoh.id")
        kept = b"".join(path.read_bytes() for path in instance.glob("limits*"))
        assert kept
        assert b"penanda" not in kept

    def test_a_new_password_ends_the_pause_that_others_caused(
        self, app: Flask, client: Client, mailbox: Mailbox
    ) -> None:
        for _ in range(FAILURES_PER_ACCOUNT + 1):
            page = try_to_sign_in(app, "rina", "salah")
        assert page.status == 429
        put(client.get(link_for(app, mailbox)))
        assert try_to_sign_in(app, "rina", FRESH).status == 303
