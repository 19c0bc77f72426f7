"""All that is of one address by a mailed link: whose it is, once, in time, nothing of others."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, Engine, event, select

from app.cases import own_list, seals
from app.cases.contacts import email_hashes
from app.cases.holding import COOKIE as HELD
from app.cases.holding import LIFETIME
from app.cases.links import OWN_LIST_WITHIN
from app.cases.mail_actions import following, mark_of, stop
from app.cases.models import Case, Contact, Event
from app.cases.own_list_cookie import COOKIE
from app.cases.own_list_views import PER_ADDRESS, PER_NETWORK
from app.cases.telling import OWN_LIST
from app.config import Settings
from app.core.clock import now
from app.core.models import Outbox
from app.core.vault import Vault
from app.worker import Worker
from tests.conftest import START, Block
from tests.filing import EMAIL as YANTI
from tests.filing import handed_in
from tests.histories import brought_to, filed
from tests.holders import holder_of, told
from tests.mailbox import Mailbox
from tests.pages import Client, Form, Page
from tests.web.test_mail_choice import text_of

EMAIL, OTHER, NOBODY = "siti@contoh.test", "orang.lain@contoh.test", "tidak.dikenal@contoh.test"
PAGE = "/lacak/punya-saya"
SENT = "Kalau alamat ini dipakai di laporan atau permohonan, tautannya sudah kami kirim."
DAY = timedelta(days=1)


def ask(client: Client, email: str = EMAIL) -> Page:
    client.http.delete_cookie(COOKIE)
    return client.get(PAGE).form("Kirim tautan").fill(email=email).submit()


def deliver(app: Flask) -> None:
    with app.app_context():
        assert Worker(app).round()


def address_in(mail: EmailMessage) -> str:
    """The page the link of a mail leads to."""
    return f"{PAGE}/" + text_of(mail).partition(f"{PAGE}/")[2].split()[0]


def link_for(app: Flask, client: Client, mailbox: Mailbox, email: str = EMAIL) -> str:
    """The address in the mail somebody asked for."""
    assert SENT in ask(client, email).main
    deliver(app)
    return address_in(mailbox.to(email.casefold())[-1])


def opened(app: Flask, client: Client, mailbox: Mailbox, email: str = EMAIL) -> Page:
    """The list, as somebody sees it who has followed the link."""
    page = client.get(link_for(app, client, mailbox, email)).form("Buka daftar").submit()
    assert page.path == PAGE
    return page


def numbers(page: Page) -> list[str]:
    return [str(button["value"]) for button in page.select("button[name=number]")]


def is_gone(page: Page) -> bool:
    return page.status == 410 and "Tautan ini sudah dipakai" in page.main


def letters(read: Block) -> list[Outbox]:
    with read() as session:
        found = select(Outbox).where(Outbox.mail == OWN_LIST).order_by(Outbox.id)
        return list(session.scalars(found))


@pytest.fixture
def case(write: Block) -> Case:
    return told(write, "in_progress", email=EMAIL)


# ---------------------------------------------------------------- what is listed


def test_all_of_an_address_stand_there_newest_first(
    app: Flask, write: Block, mailbox: Mailbox, client: Client
) -> None:
    with write() as session:
        first = brought_to(session, "closed", START - 9 * DAY, email="Siti@Contoh.test")
        second = filed(session, START - 3 * DAY, email=EMAIL, visibility="anonim")
        third = filed(session, START - 2 * DAY, email=EMAIL, visibility="rahasia")
        others = [filed(session, START, email=email) for email in (OTHER, "")]
    page = opened(app, client, mailbox, EMAIL.upper())
    assert numbers(page) == [third.number, second.number, first.number]
    secret, anonymous, closed = page.select(".reps > li")
    assert "Laporan rahasia" in secret.text
    assert "Jalan" not in secret.text
    assert "Jalan rusak" in anonymous.text
    assert "Menunggu verifikasi" in anonymous.text
    assert "Janji 25 November 2026" in anonymous.text
    assert "Selesai" in closed.text
    assert not any(other.number in page.html for other in others)
    assert EMAIL not in page.html.casefold()
    assert page.headers["Cache-Control"] == "no-store"


def test_a_request_stands_there_and_opens(
    app: Flask, write: Block, mailbox: Mailbox, client: Client
) -> None:
    number, _code = handed_in(app, write)
    page = opened(app, client, mailbox, YANTI)
    assert f"Permohonan {number}" in page.main
    page = page.form("Buka").submit(f"Buka {number}")
    assert page.path == f"/lacak/{number}"
    assert page.follow("Semua laporan dan permohonan Anda").path == PAGE


def test_each_row_opens_its_case_and_leads_back(
    app: Flask, write: Block, case: Case, mailbox: Mailbox, client: Client
) -> None:
    with write() as session:
        older = filed(session, START - DAY, email=EMAIL)
    page = opened(app, client, mailbox)
    for one in (older, case):
        mine = page.form("Buka").submit(f"Buka {one.number}")
        assert mine.path == f"/lacak/{one.number}"
        page = mine.follow("Semua laporan dan permohonan Anda")
    assert "Semua laporan dan permohonan Anda" not in holder_of(app, case).get(mine.path).main


@pytest.mark.once
def test_in_english(app: Flask, write: Block, mailbox: Mailbox) -> None:
    told(write, email=EMAIL, language="en")
    client = Client(app, language="en")
    page = client.get(f"{PAGE}?lang=en").form("Send the link").fill(email=EMAIL).submit()
    assert "If this address is used in a report or request" in page.main
    deliver(app)
    mail = mailbox.to(EMAIL)[-1]
    assert "Open it within 30 minutes, once" in text_of(mail)
    page = client.get(address_in(mail)).form("Open the list").submit()
    assert page.h1 == "All your reports and requests"


@pytest.mark.once
def test_more_than_are_listed_are_said(
    app: Flask, write: Block, mailbox: Mailbox, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_list, "MOST", 2)
    with write() as session:
        made = [filed(session, START - n * DAY, email=EMAIL) for n in range(3)]
    page = opened(app, client, mailbox)
    assert numbers(page) == [one.number for one in made[:2]]
    assert "Hanya 2 yang terbaru tampil di sini." in page.main


# ---------------------------------------------------------------- nothing of others


def test_who_may_list_one_address_opens_nothing_of_another(
    app: Flask, write: Block, case: Case, mailbox: Mailbox, client: Client
) -> None:
    with write() as session:
        strange = filed(session, START, email=OTHER)
        gone = filed(session, START, email=EMAIL)
        gone.erased_at = START
    form = opened(app, client, mailbox).form("Buka")
    token = form.values["csrf_token"][0]
    for number in (strange.number, gone.number, "", "x" * 900, "2611-9999"):
        data = {"csrf_token": token, "number": number}
        page = client.post(f"{PAGE}/buka", data=data)
        assert page.path == PAGE
        assert client.get(f"/lacak/{strange.number}").path == "/lacak"
    assert client.post(f"{PAGE}/buka", data={"number": case.number}).status == 400  # no token


def test_without_the_cookie_nothing_opens(case: Case, client: Client) -> None:
    token = client.get(PAGE).form("Kirim tautan").values["csrf_token"][0]
    page = client.post(f"{PAGE}/buka", data={"csrf_token": token, "number": case.number})
    assert (page.path, numbers(page)) == (PAGE, [])
    assert client.get(f"/lacak/{case.number}").path == "/lacak"


def test_a_cookie_of_another_kind_lists_nothing(
    app: Flask, case: Case, mailbox: Mailbox, client: Client
) -> None:
    holder = holder_of(app, case)
    held = holder.http.get_cookie(HELD)
    assert held
    for value in (held.value, "forged", Vault(("x" * 40,)).encrypt(f'["own list", "{EMAIL}"]')):
        client.http.set_cookie(COOKIE, value)
        assert numbers(client.get(PAGE)) == []
    opened(app, holder, mailbox)
    listing = holder.http.get_cookie(COOKIE)
    assert listing
    assert EMAIL not in listing.value
    client.http.set_cookie(HELD, listing.value)
    assert client.get(f"/lacak/{case.number}").path == "/lacak"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is run meanwhile, without its values."""
    seen: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_an_unknown_address_is_answered_in_the_same_way_by_the_same_work(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, read: Block
) -> None:
    answers, work = [], []
    for email in (EMAIL, NOBODY):
        form = client.get(PAGE).form("Kirim tautan").fill(email=email)
        with statements() as seen:
            page = form.submit(follow=False)
        answers.append((page.status, page.headers["Location"], len(page.response.data)))
        work.append(seen)
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    assert any("INSERT INTO outbox" in statement for statement in work[0])
    known, unknown = letters(read)
    assert (known.case_id, unknown.case_id) == (case.id, None)
    assert known.values == unknown.values == {}
    deliver(app)
    assert [mail["To"] for mail in mailbox.mails if "Tautan ke semua" in mail["Subject"]] == [EMAIL]
    assert all(row.sent_at and not row.last_error for row in letters(read))


@pytest.mark.parametrize("visibility", ["publik", "anonim", "rahasia"])
def test_the_mail_and_the_log_name_no_case(
    app: Flask, write: Block, mailbox: Mailbox, client: Client, visibility: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    case = told(write, "in_progress", email=EMAIL, visibility=visibility, name="MarkahNama")
    with caplog.at_level("DEBUG"):
        opened(app, client, mailbox)
    mail = mailbox.to(EMAIL)[-1]
    assert mail["Subject"] == "Tautan ke semua laporan dan permohonan Anda"
    assert "30 menit" in text_of(mail)
    for word in (case.number, "MarkahNama", "Lubang", "Melati", "Jalan rusak", "/surel/"):
        assert word not in str(mail["Subject"]) + text_of(mail)
    token = address_in(mail).rpartition("/")[2]
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("tanggap"))
    for word in (EMAIL, case.number, token):
        assert word not in ours


def test_a_made_up_report_is_not_listed_and_gets_no_link(
    app: Flask, write: Block, mailbox: Mailbox, client: Client
) -> None:
    with write() as session:
        filed(session, START, email=EMAIL).demo = True
    ask(client)
    deliver(app)
    assert not any("Tautan ke semua" in mail["Subject"] for mail in mailbox.to(EMAIL))


# ---------------------------------------------------------------- once, and in time


def test_it_opens_once_and_looking_uses_nothing_up(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, read: Block
) -> None:
    with read() as session:
        version, events = session.get_one(Case, case.id).version, _events(read)
    address = link_for(app, client, mailbox)
    for _ in range(3):  # a scanner of mails, a preview, the owner
        page = client.get(address)
        assert page.headers["Cache-Control"] == "no-store"
        client.http.head(address)
    assert client.http.get_cookie(COOKIE) is None
    form = page.form("Buka daftar")
    assert numbers(form.submit()) == [case.number]
    assert is_gone(form.submit())
    assert is_gone(client.get(address, status=410))
    with read() as session:
        assert session.get_one(Case, case.id).version == version  # whoever works on it sees nothing
        assert seals.verify(session) is None
    assert _events(read) == events


def test_pressed_twice_at_once_it_opens_one_list(
    app: Flask, case: Case, mailbox: Mailbox, client: Client
) -> None:
    address = link_for(app, client, mailbox)
    forms = [Client(app, language="id").get(address).form("Buka daftar") for _ in range(2)]
    start = Barrier(2)

    def press(form: Form) -> int:
        start.wait(20)
        return form.submit(follow=False).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, forms)) == [303, 410]


def _events(read: Block) -> int:
    with read() as session:
        return len(session.scalars(select(Event.id)).all())


def test_after_half_an_hour_it_is_over(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, clock: time_machine.Traveller
) -> None:
    address = link_for(app, client, mailbox)
    clock.shift(OWN_LIST_WITHIN - timedelta(minutes=1))
    form = client.get(address).form("Buka daftar")
    clock.shift(timedelta(minutes=2))
    assert is_gone(client.get(address, status=410))
    assert is_gone(form.submit())
    assert client.http.get_cookie(COOKIE) is None


@pytest.mark.parametrize("kind", ["forged", "copy", "holder", "number"])
def test_a_token_of_another_kind_opens_nothing(app: Flask, case: Case, kind: str) -> None:
    with app.app_context():
        links = Worker(app).office.links
    address = {
        "forged": "ImFiYyI.aaaaaa.bbbb",
        "copy": links.copy(case, "a" * 32),
        "holder": links.manage(case),
        "number": case.number,
    }[kind]
    client = Client(app, language="id")
    token = client.get(PAGE).form("Kirim tautan").values["csrf_token"][0]
    here = f"{PAGE}/{address.rpartition('/')[2]}"
    assert is_gone(client.get(here, status=410))
    assert is_gone(client.post(here, data={"csrf_token": token}))


def test_a_second_mail_is_a_second_link(
    app: Flask, case: Case, mailbox: Mailbox, client: Client
) -> None:
    first, second = (link_for(app, client, mailbox) for _ in range(2))
    for address in (first, second):
        assert numbers(client.get(address).form("Buka daftar").submit()) == [case.number]


def test_the_list_closes_after_two_hours_or_by_its_button(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, clock: time_machine.Traveller
) -> None:
    page = opened(app, client, mailbox)
    cookie = client.http.get_cookie(COOKIE)
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.origin_only) == (True, "Lax", True)
    page.form("Buka").submit(f"Buka {case.number}")
    assert client.get(PAGE).form("Tutup daftar ini").submit().path == "/lacak"
    assert numbers(client.get(PAGE)) == []
    assert client.get(f"/lacak/{case.number}").path == "/lacak"
    page = opened(app, client, mailbox)
    page.form("Buka").submit(f"Buka {case.number}").form("Tutup halaman ini").submit()
    assert numbers(client.get(PAGE)) == []  # who closes a page on a shared phone leaves no list
    opened(app, client, mailbox)
    value = client.http.get_cookie(COOKIE)
    assert value
    clock.shift(LIFETIME + timedelta(minutes=1))
    client.http.set_cookie(COOKIE, value.value)
    assert numbers(client.get(PAGE)) == []


# ---------------------------------------------------------------- what is gone


def test_what_was_erased_or_stopped_is_listed_no_more(
    app: Flask, write: Block, mailbox: Mailbox, client: Client, clock: time_machine.Traveller,
    read: Block,
) -> None:  # fmt: skip
    stays = told(write, email=EMAIL, at=START - DAY)
    erased = told(write, "closed", ("holder", "erase"), email=EMAIL)
    stopped = told(write, email=EMAIL)
    page = opened(app, client, mailbox)
    assert set(numbers(page)) == {stays.number, erased.number, stopped.number}
    with write() as session:
        mark = mark_of(app.extensions["vault"], EMAIL)
        reader = following(session, app.extensions["vault"], f"reporter:{stopped.id}", mark)
        assert reader
        stop(session, reader, now())
    with read() as session:
        contact = session.get_one(Contact, stopped.id)
        assert (contact.email, contact.email_hash) == (None, None)
    clock.shift(timedelta(hours=25))
    deliver(app)
    deliver(app)  # the notice that it is done goes out, and the address with it
    with read() as session:
        assert session.get(Contact, erased.id) is None
    assert numbers(opened(app, client, mailbox)) == [stays.number]


def test_a_link_whose_case_is_gone_meanwhile_opens_nothing(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, write: Block
) -> None:
    address = link_for(app, client, mailbox)
    form = client.get(address).form("Buka daftar")
    with write() as session:
        session.get_one(Case, case.id).erased_at = now()
    assert is_gone(client.get(address, status=410))
    assert is_gone(form.submit())


def test_a_link_opens_nothing_of_an_address_its_case_came_to_have_later(
    app: Flask, write: Block, case: Case, client: Client, mailbox: Mailbox
) -> None:
    """Whoever corrects the address of a request into another's would open all that is theirs."""
    with write() as session:
        filed(session, START, email=OTHER)
    address = link_for(app, client, mailbox)
    form = client.get(address).form("Buka daftar")
    with write() as session:
        vault = app.extensions["vault"]
        contact = session.get_one(Contact, case.id)
        contact.email = vault.encrypt(OTHER)
        contact.email_hash = email_hashes(vault, OTHER)[0]
    assert is_gone(client.get(address, status=410))
    assert is_gone(form.submit())
    assert numbers(client.get(PAGE)) == []


def test_an_address_without_anything_left_sees_so(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, write: Block
) -> None:
    opened(app, client, mailbox)
    with write() as session:
        session.get_one(Case, case.id).erased_at = now()
    page = client.get(PAGE)
    assert "Belum ada laporan atau permohonan dengan email ini." in page.main
    page.form("Tutup daftar ini")


def test_a_new_key_changes_nothing(
    app: Flask, case: Case, mailbox: Mailbox, client: Client
) -> None:
    old, new = "test-data-key-".ljust(40, "d"), "newer-data-key-".ljust(40, "n")
    app.extensions["vault"] = Vault((new, old))
    assert numbers(opened(app, client, mailbox)) == [case.number]
    assert app.test_cli_runner().invoke(args=["vault", "rotate"]).exit_code == 0
    app.extensions["vault"] = Vault((new,), code_keys=(old,))
    assert numbers(client.get(PAGE)) == [case.number]
    assert numbers(opened(app, client, mailbox)) == [case.number]


# ---------------------------------------------------------------- bad input, too much of it


@pytest.mark.parametrize("email", ["", "siti", "siti@", "a@b@c", "x" * 300 + "@contoh.id"])
def test_what_is_no_address_is_said_at_the_field(client: Client, read: Block, email: str) -> None:
    page = ask(client, email)
    assert page.status == 422
    assert "Tulis alamat email lengkap" in page.errors()["email"]
    assert page.form("Kirim tautan").values["email"] == [email]
    assert letters(read) == []


@pytest.mark.once
def test_the_tracking_page_leads_there(client: Client) -> None:
    page = client.get("/lacak").follow("Lihat semua laporan dan permohonan saya")
    assert page.path == PAGE


class TestLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    @pytest.mark.parametrize("email", [EMAIL, NOBODY])
    def test_one_mailbox_is_not_flooded_and_an_unknown_one_waits_alike(
        self, case: Case, client: Client, read: Block, email: str
    ) -> None:
        for _ in range(PER_ADDRESS):
            assert SENT in ask(client, email).main
        page = ask(client, email.upper())
        assert page.status == 429
        assert int(page.headers["Retry-After"]) > 0
        assert "sudah diminta 3 kali" in page.errors()["email"]
        assert len(letters(read)) == PER_ADDRESS

    def test_many_from_one_network_are_told_to_wait(self, client: Client, read: Block) -> None:
        for n in range(PER_NETWORK):
            assert SENT in ask(client, f"a{n}@contoh.id").main
        page = ask(client, "b@contoh.id")
        assert page.status == 429
        assert "Terlalu banyak permintaan dari jaringan ini" in page.errors()["email"]
        assert len(letters(read)) == PER_NETWORK
