"""Telling of a breach: each reporter once, on the page and by mail, and nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.cases import seals
from app.cases.breach import EVENT
from app.cases.models import Case, Event
from app.core.models import Outbox
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import brought_to
from tests.holders import holder_of, mine, told
from tests.mailbox import Mailbox
from tests.pages import Client

SITI, BUDI = "siti@contoh.test", "budi@contoh.test"
WHAT, DONE = "Alamat email terbaca pihak lain.", "Kuncinya kami ganti. Waspadai email palsu."
AT = "2026-11-24 03:10"


class Office:
    """The command, with its files in a folder."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.write("what", f"{WHAT}\n")
        self.write("done", f"{DONE}\n")

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def tell(self, *numbers: str, at: str = AT, more: tuple[str, ...] = ()) -> tuple[int, str]:
        listed = self.write("numbers", "\n".join(["# bocor", *numbers, ""]))
        files = ("--what", str(self.folder / "what"), "--done", str(self.folder / "done"))
        args = ["privacy", "breach", "--numbers", str(listed), "--at", at, *files, *more]
        done = self.app.test_cli_runner().invoke(args=args)
        return done.exit_code, done.output


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Office:
    return Office(app, tmp_path)


@pytest.fixture
def reached(write: Block) -> Case:
    return told(write, "in_progress", email=SITI)


@pytest.fixture
def silent(write: Block) -> Case:
    return told(write, "closed", visibility="anonim")


def counted(read: Block) -> tuple[int, int]:
    """Events of a breach, and mails queued since the reports were made."""
    with read() as session:
        events = session.scalar(select(func.count()).where(Event.name == EVENT)) or 0
        told_by = Outbox.mail.in_(("breach", "update_discreet"))
        return events, session.scalar(select(func.count()).where(told_by)) or 0


def texts(app: Flask, mailbox: Mailbox, address: str) -> list[tuple[str, str]]:
    with app.app_context():
        assert Worker(app).round()
    parts = [(mail["Subject"], mail.get_body(("plain",))) for mail in mailbox.to(address)]
    return [(subject, part.get_content()) for subject, part in parts if part is not None]


def test_it_first_says_how_many_and_writes_nothing(
    office: Office, reached: Case, silent: Case, read: Block
) -> None:
    code, said = office.tell(reached.number, silent.number, more=("--dry-run",))
    assert code == 0
    assert "1 would be told by mail, 0 told before" in said
    assert f"no address: {silent.number}" in said
    assert counted(read) == (0, 0)


def test_each_reporter_is_told_once(
    office: Office, reached: Case, silent: Case, read: Block, write: Block
) -> None:
    code, said = office.tell(reached.number, silent.number, reached.number.replace("-", " "))
    assert (code, said.splitlines()[0]) == (0, "1 told by mail, 0 told before")
    assert f"no address: {silent.number}" in said
    assert counted(read) == (2, 1)
    office.write("done", "Kata-kata yang diperbaiki.")
    late = told(write, "submitted", email=BUDI)
    code, said = office.tell(reached.number, silent.number, late.number)
    assert (code, said.splitlines()[0]) == (0, "1 told by mail, 2 told before")
    assert counted(read) == (3, 2)
    office.tell(reached.number, at="2026-11-24 04:00")  # another incident
    assert counted(read) == (4, 3)
    with read() as session:
        assert seals.verify(session) is None


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_mail_says_when_what_and_what_to_do(
    app: Flask, office: Office, write: Block, mailbox: Mailbox, language: str
) -> None:
    case = told(write, "in_progress", email=SITI, language=language)
    office.tell(case.number)
    subject, text = texts(app, mailbox, SITI)[-1]
    wanted = {"id": "Penting: data Anda di Tanggap", "en": "Important: your data on Tanggap"}
    assert subject == wanted[language]
    hour = {"id": "24 November 2026 pukul 03.10", "en": "24 November 2026, 3.10 am"}
    for word in (case.number, WHAT, DONE, hour[language]):
        assert word in text, word


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_of_a_hidden_report_the_mail_only_leads_to_the_page(
    app: Flask, office: Office, write: Block, mailbox: Mailbox, visibility: str
) -> None:
    case = told(write, "in_progress", email=SITI, visibility=visibility)
    office.tell(case.number)
    subject, text = texts(app, mailbox, SITI)[-1]
    assert subject == f"Kabar tentang {case.number}"
    for word in (WHAT, DONE, "Lubang", "Melati", "bocor"):
        assert word not in text
    link = "/lacak/tautan/" + text.partition("/lacak/tautan/")[2].split()[0]
    page = Client(app, language="id").get(link).main
    assert "Kebocoran data menyangkut laporan ini" in page
    assert WHAT in page
    assert DONE in page


def test_the_page_tells_those_without_an_address_and_nobody_else(
    app: Flask, office: Office, silent: Case, client: Client
) -> None:
    office.tell(silent.number)
    assert WHAT in mine(holder_of(app, silent), silent).main
    page = client.get(f"/keluhan/{silent.number}").text
    assert WHAT not in page
    assert "Kebocoran" not in page


def test_an_unknown_number_tells_nobody(office: Office, reached: Case, read: Block) -> None:
    code, said = office.tell(reached.number, "2611-9999", "siapa")
    assert code == 1
    assert "no report, nobody told: 2611-9999, siapa" in said
    assert counted(read) == (0, 0)


def test_made_up_and_erased_reports_get_no_mail(office: Office, write: Block, read: Block) -> None:
    with write() as session:
        made_up, erased = (brought_to(session, "closed", START, email=SITI) for _ in range(2))
        made_up.demo, erased.erased_at = True, START
    _code, said = office.tell(made_up.number, erased.number)
    assert "0 told by mail" in said
    assert counted(read)[1] == 0


@pytest.mark.parametrize(("file", "content"), [("what", " \n"), ("done", ""), ("numbers", None)])
def test_files_without_words_are_refused(
    office: Office, reached: Case, read: Block, file: str, content: str | None
) -> None:
    if content is not None:
        office.write(file, content)
    code, said = office.tell(reached.number, more=() if content is not None else
                             ("--numbers", str(office.folder / "nowhere")))  # fmt: skip
    assert code == 2
    assert "is empty" in said or "No such file" in said
    assert counted(read) == (0, 0)


def test_a_time_to_come_is_refused(office: Office, reached: Case, read: Block) -> None:
    tomorrow = (START + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    code, said = office.tell(reached.number, at=tomorrow)
    assert code == 2
    assert "lies in the future" in said
    assert counted(read) == (0, 0)
