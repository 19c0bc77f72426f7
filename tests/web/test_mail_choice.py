"""Starting and stopping mails: by a button on the page behind the link, never by opening it."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case, Contact, Support
from app.cases.telling import CONFIRM_WITHIN
from app.complaints.actions import follow, support
from app.core.clock import now
from app.places.city import current_city
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import brought_to, step
from tests.mailbox import Mailbox
from tests.pages import Client

SITI, WARGA = "siti@contoh.test", "warga@contoh.test"


@pytest.fixture
def case(write: Block) -> Case:
    """A report that somebody else supports, with an address."""
    with write() as session:
        made = brought_to(session, "assigned", START - timedelta(days=1), email=SITI)
        support(session, current_city(), made, "key", now())
        vault = current_app.extensions["vault"]
        follow(session, vault, made, "key", WARGA, "id", now())
        return made


def deliver(app: Flask) -> None:
    with app.app_context():
        assert Worker(app).round()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def surel(mail: EmailMessage) -> str:
    return "/surel/" + text_of(mail).partition("/surel/")[2].split()[0]


def the_support(session: Session) -> Support:
    return session.scalars(select(Support)).one()


def test_a_supporter_gets_news_after_saying_yes(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, write: Block, read: Block
) -> None:
    deliver(app)
    (question,) = mailbox.to(WARGA)
    assert "berlaku 3 hari" in text_of(question)
    page = client.get(surel(question))
    with read() as session:
        assert the_support(session).confirmed_at is None  # opening it changes nothing
    page = page.form(button="Mulai berlangganan").submit()
    assert "Langganan aktif" in page.text
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "start", now())
    deliver(app)
    news = mailbox.to(WARGA)[-1]
    assert news["Subject"] == f"Kabar laporan {case.number} yang Anda dukung"
    assert "Sudah kami periksa" in text_of(news)
    page = client.get(surel(news)).form(button="Hentikan langganan").submit()
    assert "Alamat Anda sudah dihapus" in page.text
    with read() as session:
        assert the_support(session).email is None


def test_a_supporter_who_did_not_say_yes_gets_nothing_and_is_forgotten(
    app: Flask,
    case: Case,
    mailbox: Mailbox,
    client: Client,
    write: Block,
    read: Block,
    clock: time_machine.Traveller,
) -> None:
    deliver(app)
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "start", now())
    deliver(app)
    (question,) = mailbox.to(WARGA)
    clock.shift(CONFIRM_WITHIN + timedelta(minutes=1))
    assert "sudah lewat waktunya" in client.get(surel(question)).text
    deliver(app)
    with read() as session:
        assert the_support(session).email is None


def test_nobody_says_yes_for_the_address_of_another(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, write: Block, read: Block
) -> None:
    deliver(app)
    (question,) = mailbox.to(WARGA)
    with write() as session:  # the same person leaves somebody else's address
        vault = current_app.extensions["vault"]
        row = session.get_one(Case, case.id)
        follow(session, vault, row, "key", "korban@contoh.test", "id", now())
    page = client.get(surel(question))
    assert "Mulai berlangganan" not in page.text
    token = client.get("/lacak").form(field="code").values["csrf_token"]
    for do in ("start", "stop"):
        client.post(surel(question), data={"csrf_token": token, "do": do})
    with read() as session:
        assert the_support(session).confirmed_at is None
        assert the_support(session).email is not None


def test_a_reporter_stops_the_mails_and_the_address_is_gone(
    app: Flask, case: Case, mailbox: Mailbox, client: Client, read: Block
) -> None:
    deliver(app)
    mail = mailbox.to(SITI)[0]
    assert surel(mail) in mail["List-Unsubscribe"].replace("\n", "").replace(" ", "")
    client.get(surel(mail)).form(button="Hentikan langganan").submit()
    with read() as session:
        assert session.get_one(Contact, case.id).email is None
    assert "Alamat Anda sudah dihapus" in client.get(surel(mail)).text


def test_a_forged_link_is_not_found(client: Client) -> None:
    assert client.get("/surel/InN1cHBvcnRlcjoxIg.aaaaaa.bbbb", status=404).status == 404
