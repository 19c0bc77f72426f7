"""Mails on their way: queued, taken by lease, sent once, tried again, given up."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.cases.delivery import drain
from app.cases.links import open_link
from app.cases.models import Case
from app.core import outbox
from app.core.clock import now
from app.core.models import Outbox
from app.core.smtp import Refused, Transport, Unreachable, Unsent
from app.core.vault import Vault
from app.extensions import db
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import code_of, filed, person
from tests.mailbox import Mailbox

SITI = "siti.marker@contoh.test"


class Post:
    """A way out that keeps messages; `fault` is raised instead while it is set."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.fault: Exception | None = None
        self.before: Callable[[], None] = lambda: None

    def send(self, message: EmailMessage) -> None:
        self.before()
        if self.fault:
            raise self.fault
        self.messages.append(message)

    def close(self) -> None:
        """Nothing to end."""


def deliver(app: Flask, way_out: Transport, stopping: Callable[[], bool] = lambda: False) -> int:
    with app.app_context():
        return drain(db.session(), Worker(app).office, way_out, now, stopping)


def queue(write: Block, count: int = 1) -> None:
    """Mails to Rina that say that her password changed."""
    with write() as session:
        for _ in range(count):
            outbox.enqueue(
                session,
                "password_changed",
                f"staff:{person(session, 'rina').id}",
                now(),
                values={"datetime": START.isoformat()},
            )


def row(read: Block) -> Outbox:
    with read() as session:
        return session.scalars(select(Outbox)).one()


# ---------------------------------------------------------------- a real mail server


def test_a_receipt_arrives_and_its_link_opens_the_report(
    app: Flask, mailbox: Mailbox, write: Block, read: Block
) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI)
        code = code_of(case)
    with app.app_context():
        assert Worker(app).round()
        assert Worker(app).round()
    (mail,) = mailbox.to(SITI)
    assert mail["Subject"] == f"Laporan {case.number} sudah kami terima"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "paling lambat Jumat, 27 November 2026" in text
    assert code not in mail.as_string()
    token = text.partition("/lacak/tautan/")[2].split()[0]
    with read() as session:
        assert open_link(session, token) == case.id


def test_a_mail_speaks_the_language_of_its_reader(
    app: Flask, mailbox: Mailbox, write: Block
) -> None:
    with write() as session:
        filed(session, now(), email=SITI, language="en")
    with app.app_context():
        Worker(app).round()
    (mail,) = mailbox.to(SITI)
    assert mail["Content-Language"] == "en"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "by Friday, 27 November 2026" in text


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_a_hidden_reporter_gets_a_mail_that_gives_nothing_away(
    app: Flask, mailbox: Mailbox, write: Block, visibility: str, language: str
) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI, visibility=visibility, language=language)
        filed(session, now(), email="")
    with app.app_context():
        Worker(app).round()
        city = app.extensions["city"]
    (mail,) = mailbox.mails
    told = mail.as_string()
    assert case.number in mail["Subject"]
    category = city.category(case.category_slug).name
    village = city.village(case.village_code or "").name
    for private in (category.id, category.en, village, "becak", "Melati"):
        assert private not in told


def test_a_server_that_says_later_is_asked_again_later(
    app: Flask, mailbox: Mailbox, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    queue(write)
    mailbox.refusal = f"451 4.3.0 <{SITI}> later"
    waits = []
    with app.app_context():
        for _ in range(8):
            Worker(app).round()
            found = row(read)
            waits.append(round((found.run_at - now()).total_seconds() / 60))
            clock.move_to(found.run_at + timedelta(seconds=1))
    assert waits[:7] == [1, 5, 30, 120, 720, 720, 720]
    assert found.dead_at is not None
    assert found.attempts == outbox.MOST_ATTEMPTS
    assert found.last_error == "451 4.3.0"


def test_a_refused_mail_is_dead_at_once_and_can_be_revived(
    app: Flask, mailbox: Mailbox, write: Block, read: Block
) -> None:
    queue(write)
    mailbox.refusal = f"550 5.1.1 <{SITI}> unknown"
    with app.app_context():
        Worker(app).round()
    with read() as session:
        (dead,) = outbox.dead(session)
        assert dead.last_error == "550 5.1.1"  # the address of the answer is not kept
    mailbox.refusal = ""
    with write() as session:
        assert outbox.revive(session, dead.id)
        assert not outbox.revive(session, dead.id)
    with app.app_context():
        Worker(app).round()
    assert len(mailbox.to("rina@medan.test")) == 1


def test_the_same_mail_bears_the_same_message_id(app: Flask, write: Block, read: Block) -> None:
    queue(write)
    post, ids = Post(), []

    class Broken(Post):
        def send(self, message: EmailMessage) -> None:
            ids.append(message["Message-ID"])
            raise Unsent("lost after it was taken")

    deliver(app, Broken())
    with write() as session:
        session.scalars(select(Outbox)).one().run_at = now()
    deliver(app, post)
    assert ids == [post.messages[0]["Message-ID"]]


def test_without_a_mail_server_mails_are_shown_on_the_console(
    app: Flask, write: Block, capsys: pytest.CaptureFixture[str]
) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI)
    with app.app_context():
        Worker(app).round()
    shown = capsys.readouterr().out
    assert f"Subject: Laporan {case.number} sudah kami terima" in shown
    assert "Halo," in shown


# ---------------------------------------------------------------- consumers that come and go


def test_two_consumers_send_each_mail_once(app: Flask, write: Block) -> None:
    queue(write, 60)
    posts = [Post(), Post()]
    together = threading.Barrier(2)
    faults: list[BaseException] = []

    def consume(post: Post) -> None:
        try:
            together.wait(10)
            deliver(app, post)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=consume, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    ids = Counter(str(m["Message-ID"]) for post in posts for m in post.messages)
    assert len(ids) == 60
    assert set(ids.values()) == {1}


def test_the_mails_of_a_dead_consumer_come_back(app: Flask, write: Block) -> None:
    queue(write, 3)
    with write() as session:
        taken = outbox.claim(session, now())
    assert len(taken) == 3
    with write() as session:
        assert outbox.claim(session, now()) == []
        assert outbox.claim(session, now() + outbox.LEASE - timedelta(seconds=5)) == []
        again = outbox.claim(session, now() + outbox.LEASE + timedelta(seconds=5))
    assert {letter.id for letter in again} == {letter.id for letter in taken}
    assert {letter.attempts for letter in again} == {2}


def test_a_consumer_that_lost_its_lease_spoils_nothing(write: Block, read: Block) -> None:
    queue(write)
    with write() as session:
        (slow,) = outbox.claim(session, now())
        (quick,) = outbox.claim(session, now() + outbox.LEASE + timedelta(seconds=5))
        outbox.failed(session, slow, now(), "late")
        outbox.sent(session, quick, now())
        outbox.failed(session, slow, now(), "later still")
    assert row(read).sent_at is not None
    assert row(read).last_error is None


def test_a_mail_that_kills_its_consumers_is_given_up(write: Block, read: Block) -> None:
    queue(write)
    at = now()
    with write() as session:
        for _ in range(outbox.MOST_ATTEMPTS):
            assert outbox.claim(session, at)
            at += outbox.LEASE + timedelta(seconds=1)
        assert outbox.claim(session, at) == []
    assert row(read).last_error == outbox.LOST


def test_a_server_that_is_down_costs_one_attempt_of_one_mail(
    app: Flask, write: Block, read: Block
) -> None:
    queue(write, 5)
    post = Post()
    post.fault = Unreachable("ConnectionRefusedError")
    deliver(app, post)
    with read() as session:
        attempts = session.scalars(select(Outbox.attempts).order_by(Outbox.id)).all()
        assert attempts == [1, 0, 0, 0, 0]
        assert session.scalar(select(func.count()).where(Outbox.locked_until.is_not(None))) == 0
    post.fault = None
    deliver(app, post)
    assert len(post.messages) == 4


def test_one_refused_mail_does_not_hold_up_the_others(app: Flask, write: Block) -> None:
    queue(write, 3)
    post = Post()
    faults: list[Exception | None] = [Refused("550"), Unsent("450"), None]

    def next_fault() -> None:
        post.fault = faults.pop(0)

    post.before = next_fault
    deliver(app, post)
    assert len(post.messages) == 1


def test_a_consumer_that_is_told_to_stop_gives_back_what_it_has(
    app: Flask, write: Block, read: Block
) -> None:
    queue(write, 3)
    post = Post()
    deliver(app, post, stopping=lambda: bool(post.messages))
    with read() as session:
        rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
        assert [r.sent_at is None for r in rows] == [False, True, True]
        assert [(r.attempts, r.locked_until) for r in rows[1:]] == [(0, None), (0, None)]


def test_a_mail_that_cannot_be_made_is_kept_and_others_go_on(
    app: Flask, write: Block, read: Block
) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI)
        assert case.contact is not None
        case.contact.email = Vault(["a key that is not ours"]).encrypt(SITI)
    queue(write)
    post = Post()
    deliver(app, post)
    assert len(post.messages) == 1
    with read() as session:
        kept = session.scalars(select(Outbox).where(Outbox.sent_at.is_(None))).one()
        assert (kept.last_error or "").startswith("Unreadable in decrypt")


# ---------------------------------------------------------------- between queue and sending


def test_a_report_made_secret_meanwhile_gets_the_discreet_mail(app: Flask, write: Block) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI)
    with write() as session:
        session.get_one(Case, case.id).visibility = "rahasia"
    post = Post()
    deliver(app, post)
    (mail,) = post.messages
    assert mail["Subject"] == f"Kabar tentang {case.number}"


def test_a_mail_whose_reader_is_gone_is_done_without_a_word(
    app: Flask, write: Block, read: Block
) -> None:
    with write() as session:
        case = filed(session, now(), email=SITI)
    queue(write)
    with write() as session:
        session.get_one(Case, case.id).contact = None
        person(session, "rina").disabled_at = now()
    post = Post()
    deliver(app, post)
    assert post.messages == []
    with read() as session:
        assert session.scalar(select(func.count()).where(Outbox.sent_at.is_(None))) == 0


def test_no_address_code_or_word_of_a_report_is_in_the_outbox(write: Block, read: Block) -> None:
    marks = ("BocorMarkerTeks", SITI, "BocorMarkerNama", "081234567890")
    with write() as session:
        case = filed(
            session,
            now(),
            text=f"Jalan rusak parah di depan warung {marks[0]}, tolong diperbaiki.",
            email=marks[1],
            name=marks[2],
            phone=marks[3],
        )
        code = code_of(case)
    with read() as session:
        for stored in session.scalars(select(Outbox)):
            held = f"{stored.reader} {stored.values} {stored.message_id}"
            assert not [mark for mark in (*marks, code) if mark in held]


def test_what_was_sent_is_forgotten_after_a_month(app: Flask, write: Block, read: Block) -> None:
    queue(write, 2)
    deliver(app, Post())
    with write() as session:
        session.scalars(select(Outbox)).first().sent_at = START - timedelta(days=31)  # type: ignore[union-attr]
    with app.app_context():
        Worker(app).round()
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 1
