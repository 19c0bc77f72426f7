"""The copy of one's data by a mailed link: a button downloads it, once, and opening it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.cases import seals
from app.cases.copies import TAKEN
from app.cases.links import COPY_WITHIN
from app.cases.models import Case, Event
from app.config import Settings
from app.core.models import Outbox
from app.worker import Worker
from tests.conftest import Block
from tests.holders import holder_of, mine, told
from tests.mailbox import Mailbox
from tests.pages import Client, Page

EMAIL, NAME = "siti.marker@contoh.test", "MarkahNama"
BUTTON = "Kirim tautannya lewat email"


def letter_of(app: Flask, mailbox: Mailbox) -> tuple[str, str]:
    """Subject and text of the newest mail to the reporter."""
    with app.app_context():
        assert Worker(app).round()
    mail = mailbox.to(EMAIL)[-1]
    part = mail.get_body(("plain",))
    assert part is not None
    return str(mail["Subject"]), str(part.get_content())


def asked(app: Flask, case: Case, mailbox: Mailbox) -> str:
    """The address in the mail the reporter asked for."""
    page = mine(holder_of(app, case), case).form(BUTTON).submit()
    assert "Tautannya kami kirim ke email Anda. Berlaku 24 jam, satu kali." in page.main
    _subject, text = letter_of(app, mailbox)
    return "/lacak/salinan/" + text.partition("/lacak/salinan/")[2].split()[0]


def taken(read: Block) -> int:
    with read() as session:
        return session.scalar(select(func.count()).where(Event.name == TAKEN)) or 0


def is_gone(page: Page) -> bool:
    return page.status == 410 and "Tautan ini sudah dipakai" in page.main


@pytest.fixture
def case(write: Block) -> Case:
    return told(write, "in_progress", email=EMAIL, name=NAME)


def test_it_downloads_once_and_looking_uses_nothing_up(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, read: Block
) -> None:
    address = asked(app, case, mailbox)
    for _ in range(3):  # a scanner of mails, a preview, the reporter
        page = client.get(address)
        assert page.headers["Cache-Control"] == "no-store"
        client.http.head(address)
    assert taken(read) == 0
    form = page.form("Unduh sekarang")
    file = form.submit()
    assert file.headers["Content-Disposition"].endswith(f'"laporan-{case.number}.json"')
    assert file.headers["Cache-Control"] == "no-store"
    data = file.response.get_json()
    assert data["contact"]["email"] == EMAIL
    assert data["written"]["text"].startswith("Lubang besar")
    assert taken(read) == 1
    assert is_gone(form.submit())
    assert is_gone(client.get(address, status=410))
    assert taken(read) == 1
    with read() as session:
        assert seals.verify(session) is None


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("visibility", ["publik", "anonim", "rahasia"])
def test_the_mail_says_how_long_and_nothing_of_the_report(
    app: Flask, write: Block, mailbox: Mailbox, visibility: str, language: str
) -> None:
    case = told(write, "submitted", email=EMAIL, visibility=visibility, language=language)
    page = mine(holder_of(app, case), case)
    page.form(BUTTON).submit()
    subject, text = letter_of(app, mailbox)
    assert case.number in subject
    assert ("24 jam" if language == "id" else "24 hours") in text
    assert "/lacak/salinan/" in text
    for word in (NAME, "Lubang", "Melati", "Jalan rusak", "becak"):
        assert word not in subject + text


def test_without_an_address_there_is_no_button(app: Flask, write: Block, read: Block) -> None:
    case = told(write, "in_progress", visibility="anonim")
    client = holder_of(app, case)
    page = mine(client, case)
    assert BUTTON not in page.main
    token = page.form("Tutup halaman ini").values["csrf_token"]
    page = client.post(f"/lacak/{case.number}/data/email", data={"csrf_token": token})
    assert page.path == f"/lacak/{case.number}"
    with read() as session:
        assert session.scalars(select(Outbox).where(Outbox.mail == "export_ready")).all() == []


def test_only_the_holder_asks(client: Client, case: Case, read: Block) -> None:
    token = client.get("/lacak").form(field="code").values["csrf_token"]
    page = client.post(f"/lacak/{case.number}/data/email", data={"csrf_token": token})
    assert page.path == "/lacak"
    assert client.post(f"/lacak/{case.number}/data/email").status == 400
    with read() as session:
        assert session.scalars(select(Outbox).where(Outbox.mail == "export_ready")).all() == []


def test_after_a_day_it_is_over(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, clock: time_machine.Traveller
) -> None:
    address = asked(app, case, mailbox)
    clock.shift(COPY_WITHIN - timedelta(minutes=1))
    form = client.get(address).form("Unduh sekarang")
    clock.shift(timedelta(minutes=2))
    assert is_gone(client.get(address, status=410))
    assert is_gone(form.submit())


def test_it_dies_with_the_links_of_the_case(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, write: Block
) -> None:
    address = asked(app, case, mailbox)
    with write() as session:
        session.get_one(Case, case.id).link_version += 1
    assert is_gone(client.get(address, status=410))
    assert is_gone(client.get("/lacak/salinan/InN1cHBvcnRlcjoxIg.aaaaaa.bbbb", status=410))


def test_a_second_mail_is_a_second_link(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, read: Block
) -> None:
    for count in (1, 2):
        client.get(asked(app, case, mailbox)).form("Unduh sekarang").submit()
        assert taken(read) == count


def test_it_shows_in_no_history(
    app: Flask, write: Block, mailbox: Mailbox, client: Client, budi: Client
) -> None:
    """At the desk it would tell that an anonymous reporter left an address."""
    case = told(write, "in_progress", email=EMAIL, visibility="anonim")
    before = budi.get(f"/petugas/kasus/{case.number}").select(".hist li")
    client.get(asked(app, case, mailbox)).form("Unduh sekarang").submit()
    assert len(budi.get(f"/petugas/kasus/{case.number}").select(".hist li")) == len(before)


class TestLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_three_an_hour(self, app: Flask, case: Case, clock: time_machine.Traveller) -> None:
        client = holder_of(app, case)
        for _ in range(3):
            assert mine(client, case).form(BUTTON).submit().status == 200
        page = mine(client, case).form(BUTTON).submit()
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert "Pakai yang terbaru di email Anda, atau minta lagi setelah" in page.main
        clock.shift(timedelta(hours=1, seconds=1))
        assert mine(client, case).form(BUTTON).submit().status == 200
