"""Following a report or a search by mail: a yes first, the news, the end, and nothing else."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.cases.mail_actions import Following as Reader
from app.cases.mail_actions import Matter, start, subscribe
from app.cases.models import Case, Subscription
from app.cases.telling import CONFIRM_WITHIN, FOLLOWED, SEARCH_NEWS, UNSUBSCRIBED
from app.complaints.asking import FOLLOWS_PER_HOUR, LINKS_PER_HOUR
from app.config import Settings
from app.core.clock import now
from app.core.models import Outbox
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import brought_to, filed, step
from tests.holders import holder_of, told
from tests.mailbox import Mailbox
from tests.pages import Client, Page
from tests.web.test_mail_choice import surel, text_of

WARGA = "warga@contoh.test"
DAY = timedelta(days=1)
CHECKING = "Kirim tautan konfirmasi"
SENT = "Kami mengirim tautan ke alamat itu. Buka dalam 3 hari untuk mulai berlangganan."


def deliver(app: Flask) -> None:
    with app.app_context():
        assert Worker(app).round()


def ask(client: Client, address: str, email: str = WARGA) -> Page:
    return client.get(address).form(CHECKING).fill(email=email).submit()


def say_yes(client: Client, mail: EmailMessage) -> Page:
    return client.get(surel(mail)).form(button="Mulai berlangganan").submit()


def rows(read: Block) -> list[Subscription]:
    with read() as session:
        return list(session.scalars(select(Subscription)))


def kinds_of(mailbox: Mailbox) -> list[str]:
    return [str(mail["Subject"]) for mail in mailbox.to(WARGA)]


def confirmed(app: Flask, session: Session, matter: Matter, email: str = WARGA) -> Subscription:
    """Somebody who has said yes; the question is taken back from the outbox."""
    subscribe(session, app.extensions["vault"], matter, email, "id", now())
    row = session.scalars(select(Subscription).order_by(Subscription.id.desc())).first()
    assert row is not None
    start(session, Reader(None, row, has_address=True), now())
    session.execute(update(Outbox).values(sent_at=now()))
    return row


def search_followed(
    app: Flask, write: Block, clock: time_machine.Traveller, search: dict[str, str]
) -> None:
    """Somebody follows a search; an hour goes by."""
    with write() as session:
        confirmed(app, session, Matter("complaint", search=search))
    clock.shift(timedelta(hours=1))


def at(clock: time_machine.Traveller, app: Flask, days: int, hour: int = 7) -> None:
    """A round of the worker on a later day."""
    zone = app.extensions["city"].zone
    day = (START.astimezone(zone) + days * DAY).date()
    clock.move_to(datetime.combine(day, time(hour), zone))
    deliver(app)


# ---------------------------------------------------------------- one report


def test_a_report_is_followed_from_its_page_to_the_last_mail(
    app: Flask, client: Client, mailbox: Mailbox, write: Block, read: Block
) -> None:
    case = told(write, "assigned")
    page = ask(client, f"/keluhan/{case.number}")
    assert SENT in page.text
    deliver(app)
    (question,) = mailbox.to(WARGA)
    assert f"Laporan {case.number}" in text_of(question)
    assert question["List-Unsubscribe"] is None
    page = client.get(surel(question))
    assert f"saat status laporan {case.number} berubah" in page.text
    assert rows(read)[0].confirmed_at is None  # opening it changes nothing
    assert "Langganan aktif" in say_yes(client, question).text

    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "start", now())
        assert session.scalars(select(Outbox.mail).where(Outbox.mail == FOLLOWED)).all()
    deliver(app)
    news = mailbox.to(WARGA)[-1]
    assert news["Subject"] == f"Laporan {case.number}: ada kabar baru"
    assert "Sudah kami periksa" in text_of(news)
    assert surel(news) in news["List-Unsubscribe"].replace("\n", "").replace(" ", "")

    page = client.get(surel(news)).form(button="Hentikan langganan").submit()
    assert "kami hapus setelah satu email terakhir" in page.text
    with write() as session:  # what happens meanwhile is told no more
        step(session, session.get_one(Case, case.id), "rina", "answer", now())
    deliver(app)
    last = mailbox.to(WARGA)[-1]
    assert last["Subject"] == "Langganan dihentikan"
    assert last["List-Unsubscribe"] is None
    assert len(mailbox.to(WARGA)) == 3
    assert rows(read) == []
    assert "Alamat Anda sudah dihapus" in client.get(surel(news)).text


def test_who_does_not_say_yes_gets_one_mail_and_is_forgotten(
    app: Flask,
    client: Client,
    mailbox: Mailbox,
    write: Block,
    read: Block,
    clock: time_machine.Traveller,
) -> None:
    case = told(write, "assigned")
    ask(client, f"/keluhan/{case.number}/ikuti")
    ask(client, "/keluhan/ikuti?urusan=road_damage")
    deliver(app)
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "start", now())
        brought_to(session, "assigned", now())
    at(clock, app, 2)
    assert kinds_of(mailbox) == ["Konfirmasi langganan kabar"] * 2
    assert len(rows(read)) == 2
    clock.move_to(START + CONFIRM_WITHIN + timedelta(hours=2))
    deliver(app)
    assert rows(read) == []
    assert len(mailbox.to(WARGA)) == 2


def test_the_answer_is_the_same_for_an_address_that_follows_already(
    app: Flask, client: Client, mailbox: Mailbox, write: Block, read: Block
) -> None:
    case = told(write, "assigned")
    first = ask(client, f"/keluhan/{case.number}")
    deliver(app)
    say_yes(client, mailbox.to(WARGA)[0])
    (before,) = rows(read)
    second = ask(Client(app), f"/keluhan/{case.number}", WARGA.upper())
    assert (second.status, second.path, second.main) == (first.status, first.path, first.main)
    deliver(app)
    (after,) = rows(read)
    assert (after.id, after.confirmed_at) == (before.id, before.confirmed_at)
    assert kinds_of(mailbox) == ["Konfirmasi langganan kabar"] * 2
    assert "Langganan aktif" in client.get(surel(mailbox.to(WARGA)[-1])).text


def test_the_address_is_kept_encrypted(client: Client, write: Block, read: Block) -> None:
    case = told(write, "assigned")
    ask(client, f"/keluhan/{case.number}")
    (row,) = rows(read)
    assert WARGA not in f"{row.email}{row.key}{row.search}"
    with read() as session:
        letters = session.scalars(select(Outbox)).all()
        assert not [letter for letter in letters if WARGA in f"{letter.reader}{letter.values}"]


def test_who_filed_or_supports_is_not_asked(app: Flask, client: Client, write: Block) -> None:
    case = told(write, "assigned")
    page = client.get(f"/keluhan/{case.number}")
    assert "Ikuti lewat email" in page.text
    assert "Ikuti lewat email" not in holder_of(app, case).get(f"/keluhan/{case.number}").text
    page.form("Saya juga").submit()
    assert "Ikuti lewat email" not in client.get(f"/keluhan/{case.number}").text


@pytest.mark.parametrize(
    ("state", "visibility"),
    [
        ("submitted", "publik"),
        ("rejected", "publik"),
        ("closed", "publik"),
        ("assigned", "rahasia"),
    ],
)
def test_what_nobody_may_read_or_is_over_cannot_be_followed(
    client: Client, write: Block, state: str, visibility: str
) -> None:
    case = told(write, state, visibility=visibility)
    assert "Ikuti lewat email" not in client.get(f"/keluhan/{case.number}").text
    client.get(f"/keluhan/{case.number}/ikuti", status=404)


# ---------------------------------------------------------------- hidden later


@pytest.mark.parametrize("way", ["tighten", "withdraw"])
def test_a_report_that_is_hidden_later_sends_nothing(
    app: Flask, mailbox: Mailbox, write: Block, way: str, clock: time_machine.Traveller
) -> None:
    with write() as session:
        case = brought_to(session, "in_progress", START - timedelta(days=2))
        confirmed(app, session, Matter("complaint", case.id))
        confirmed(app, session, Matter("complaint", search={"urusan": "road_damage"}))
    clock.shift(timedelta(hours=1))
    with write() as session:
        other = brought_to(session, "assigned", now())
        step(session, session.get_one(Case, case.id), "rina", "answer", now())
    zone = app.extensions["city"].zone
    clock.move_to(datetime.combine((START.astimezone(zone) + DAY).date(), time(7), zone))
    with app.app_context():  # queued, and hidden before they are sent
        worker = Worker(app)
        worker._send = lambda *_: {}  # type: ignore[method-assign]
        worker.round()
    with write() as session:
        waiting = set(session.scalars(select(Outbox.mail).where(Outbox.sent_at.is_(None))))
        assert waiting >= {FOLLOWED, SEARCH_NEWS}
        hidden = [session.get_one(Case, one.id) for one in (case, other)]
        for one in hidden:
            if way == "tighten":
                step(session, one, "holder", "tighten", now())
            else:
                one.state = "withdrawn"
    deliver(app)
    assert mailbox.to(WARGA) == []
    with write() as session:
        if way == "tighten":
            step(session, session.get_one(Case, case.id), "holder", "confirm", now())
        left = session.scalars(select(Outbox.mail).where(Outbox.sent_at.is_(None))).all()
        assert FOLLOWED not in left
        followers = session.scalars(select(Subscription).where(Subscription.case_id == case.id))
        assert len(followers.all()) == (0 if way == "tighten" else 1)


def test_nobody_says_yes_to_news_that_will_not_come(
    app: Flask, client: Client, mailbox: Mailbox, write: Block, read: Block
) -> None:
    """The report was withdrawn between the question and the answer."""
    with write() as session:
        case = brought_to(session, "assigned", START)
    ask(client, f"/keluhan/{case.number}/ikuti")
    deliver(app)
    (question,) = mailbox.to(WARGA)
    form = client.get(surel(question)).form(button="Mulai berlangganan")
    with write() as session:
        session.get_one(Case, case.id).state = "withdrawn"
    page = form.submit()
    assert "Laporan ini tidak lagi terbuka untuk umum" in page.main
    assert not page.select("main form")
    assert rows(read)[0].confirmed_at is None


def test_a_hidden_reporters_title_goes_to_no_mailbox(
    app: Flask, mailbox: Mailbox, write: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        followed = brought_to(session, "assigned", START - DAY, visibility="anonim")
        confirmed(app, session, Matter("complaint", followed.id))
        confirmed(app, session, Matter("complaint"))
    clock.shift(timedelta(hours=1))
    with write() as session:
        step(session, session.get_one(Case, followed.id), "rina", "start", now())
        fresh = brought_to(session, "assigned", now(), visibility="anonim")
        brought_to(session, "assigned", now(), visibility="rahasia")
        category = app.extensions["city"].category(fresh.category_slug).name.id
    at(clock, app, 1)
    update_, digest = mailbox.to(WARGA)
    assert category not in text_of(update_) + text_of(digest)
    assert digest["Subject"] == "1 laporan baru"
    assert f"Laporan {fresh.number}: http" in text_of(digest)


# ---------------------------------------------------------------- a search


def test_a_search_is_followed_from_the_list(
    app: Flask,
    client: Client,
    mailbox: Mailbox,
    write: Block,
    read: Block,
    clock: time_machine.Traveller,
) -> None:
    with write() as session:
        old = brought_to(session, "assigned", START - DAY)
    query = "?q=becak&urusan=road_damage&kecamatan=12.71.11&kelurahan=12.71.11.1005&dinas=sdabmbk"
    page = client.get(f"/keluhan{query}&status=open&terlambat=1").follow("Kabari saya")
    assert "status" not in page.url
    assert "laporan baru untuk: “becak”" in page.text
    assert SENT in page.form(CHECKING).fill(email=WARGA).submit().text
    deliver(app)
    page = client.get(surel(mailbox.to(WARGA)[0]))
    assert "Satu email sehari berisi laporan baru untuk: “becak”" in page.text
    say_yes(client, mailbox.to(WARGA)[0])
    mailbox.clear()

    clock.shift(timedelta(hours=1))
    with write() as session:
        found = brought_to(session, "assigned", now())
        hits = [brought_to(session, "assigned", now()) for _ in range(2)]
        hidden = brought_to(session, "assigned", now(), visibility="rahasia")
        waits = filed(session, now())
        made_up = brought_to(session, "assigned", now())
        made_up.demo = True
        others = [
            brought_to(
                session,
                "assigned",
                now(),
                text="Jalan rusak berat di depan pasar lama.",
                landmark="Gang Melati, depan pasar",
            ),
            brought_to(session, "assigned", now(), village_code="12.71.11.1001"),
        ]
    at(clock, app, 1, hour=5)
    assert mailbox.to(WARGA) == []  # not before the morning
    at(clock, app, 1)
    (digest,) = mailbox.to(WARGA)
    assert digest["Subject"] == "3 laporan baru"
    text = text_of(digest)
    assert [n for n in (found, *hits) if f"/keluhan/{n.number}" not in text] == []
    assert not [n for n in (old, hidden, waits, made_up, *others) if n.number in text]
    assert surel(digest) in digest["List-Unsubscribe"].replace("\n", "").replace(" ", "")


def test_a_search_sends_once_a_day_and_only_what_is_new(
    app: Flask, mailbox: Mailbox, write: Block, clock: time_machine.Traveller
) -> None:
    search_followed(app, write, clock, {"kecamatan": "12.71.11"})
    with write() as session:
        brought_to(session, "assigned", now())
    at(clock, app, 1)
    with write() as session:
        brought_to(session, "assigned", now())
    at(clock, app, 1, hour=8)
    at(clock, app, 1, hour=23)
    assert len(mailbox.to(WARGA)) == 1
    at(clock, app, 2)
    assert len(mailbox.to(WARGA)) == 2
    at(clock, app, 3)
    at(clock, app, 4)
    assert kinds_of(mailbox) == ["1 laporan baru"] * 2


def test_many_are_counted_and_the_first_listed(
    app: Flask, mailbox: Mailbox, write: Block, clock: time_machine.Traveller
) -> None:
    search_followed(app, write, clock, {"urusan": "road_damage"})
    with write() as session:
        for _ in range(21):
            brought_to(session, "assigned", now())
    at(clock, app, 1)
    (digest,) = mailbox.to(WARGA)
    assert digest["Subject"] == "21 laporan baru"
    assert text_of(digest).count("/keluhan/") == 20
    assert "Semuanya: http" in text_of(digest)
    assert "/keluhan?urusan=road_damage" in text_of(digest)


def test_a_subject_the_city_dropped_finds_nothing(
    app: Flask, mailbox: Mailbox, write: Block, clock: time_machine.Traveller
) -> None:
    search_followed(app, write, clock, {"urusan": "no_more"})
    with write() as session:
        brought_to(session, "assigned", now())
    at(clock, app, 1)
    assert mailbox.to(WARGA) == []


def test_typed_words_make_no_address_in_anybodys_mailbox(
    app: Flask, client: Client, mailbox: Mailbox
) -> None:
    ask(client, "/keluhan/ikuti?q=hadiah+https://jahat.example/x+081298765432")
    deliver(app)
    (question,) = mailbox.to(WARGA)
    for part in question.iter_parts():
        assert "jahat.example" not in part.get_content()
        assert "081298765432" not in part.get_content()
    assert "hadiah https jahat example x" in text_of(question)


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("refusal", ["550 5.1.1 unknown", ""])
def test_the_address_goes_when_the_last_mail_is_sent_or_dead(
    app: Flask, mailbox: Mailbox, client: Client, write: Block, read: Block, refusal: str
) -> None:
    case = told(write, "assigned")
    ask(client, f"/keluhan/{case.number}")
    deliver(app)
    (question,) = mailbox.to(WARGA)
    say_yes(client, question)
    client.get(surel(question)).form(button="Hentikan langganan").submit()
    mailbox.refusal = "451 4.3.0 later"
    deliver(app)
    assert len(rows(read)) == 1
    with write() as session:
        session.execute(update(Outbox).values(run_at=now()))
    mailbox.refusal = refusal
    deliver(app)
    assert rows(read) == []


def test_an_address_goes_even_if_its_last_mail_was_lost(
    app: Flask, mailbox: Mailbox, write: Block, read: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        row = confirmed(app, session, Matter("complaint"))
        row.stopped_at = now()
    clock.shift(CONFIRM_WITHIN + timedelta(minutes=1))
    deliver(app)
    assert rows(read) == []


def test_who_stopped_may_ask_again_before_the_last_mail_is_out(
    app: Flask, mailbox: Mailbox, client: Client, write: Block, read: Block
) -> None:
    case = told(write, "assigned")
    ask(client, f"/keluhan/{case.number}")
    deliver(app)
    (question,) = mailbox.to(WARGA)
    say_yes(client, question)
    client.get(surel(question)).form(button="Hentikan langganan").submit()
    ask(client, f"/keluhan/{case.number}")
    deliver(app)
    assert kinds_of(mailbox) == ["Konfirmasi langganan kabar"] * 2
    (row,) = rows(read)
    assert row.confirmed_at is row.stopped_at is None


def test_the_number_of_a_forgotten_row_is_given_to_no_other(
    app: Flask, write: Block, read: Block
) -> None:
    with write() as session:
        first = confirmed(app, session, Matter("complaint"))
        gone = first.id
        session.delete(first)
    with write() as session:
        assert confirmed(app, session, Matter("complaint")).id > gone


def test_stopping_is_told_once(app: Flask, client: Client, mailbox: Mailbox, write: Block) -> None:
    case = told(write, "assigned")
    ask(client, f"/keluhan/{case.number}")
    deliver(app)
    (question,) = mailbox.to(WARGA)
    say_yes(client, question)
    form = client.get(surel(question)).form(button="Hentikan langganan")
    form.submit()
    form.submit()
    with write() as session:
        assert session.scalars(select(Outbox.mail).where(Outbox.mail == UNSUBSCRIBED)).all() == [
            UNSUBSCRIBED
        ]


# ---------------------------------------------------------------- bad and too much


@pytest.mark.parametrize("address", ["/keluhan/ikuti?q=becak", "/keluhan/{number}/ikuti"])
@pytest.mark.parametrize(
    "typed", ["", "siti", "siti@contoh.test, lain@contoh.test", "a\x00@b.test"]
)
def test_a_bad_address_is_named_at_its_field(
    client: Client, write: Block, read: Block, address: str, typed: str
) -> None:
    case = told(write, "assigned")
    page = client.get(address.format(number=case.number)).form(CHECKING).force("email", typed)
    answer = page.submit()
    assert answer.status == 422
    assert answer.errors()["email"]
    assert rows(read) == []


def test_a_program_that_fills_in_everything_is_refused(
    client: Client, write: Block, read: Block
) -> None:
    case = told(write, "assigned")
    form = client.get(f"/keluhan/{case.number}").form(CHECKING).fill(email=WARGA)
    page = form.force("website", "https://jahat.example").submit()
    assert page.status == 403
    assert "kotak tersembunyi" in page.text
    assert rows(read) == []
    assert SENT in page.form(CHECKING).submit().text


def test_a_form_without_its_token_is_asked_for_again(client: Client, read: Block) -> None:
    form = client.get("/keluhan/ikuti").form(CHECKING).fill(email=WARGA)
    page = form.force("csrf_token", "wrong").submit()
    assert page.status == 422
    assert "terbuka terlalu lama" in page.text
    assert rows(read) == []


class TestTooMany:
    """With the limits on."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_an_address_gets_few_links_an_hour(self, app: Flask, read: Block) -> None:
        for number in range(LINKS_PER_HOUR + 1):
            page = ask(Client(app), f"/keluhan/ikuti?q=kata{number}")
            assert page.status == (200 if number < LINKS_PER_HOUR else 429)
        assert "Periksa kotak masuk" in page.errors()["email"]
        assert page.headers["Retry-After"]
        assert len(rows(read)) == LINKS_PER_HOUR
        assert ask(Client(app), "/keluhan/ikuti", "lain@contoh.test").status == 200

    def test_a_network_asks_for_few_an_hour(self, app: Flask, read: Block) -> None:
        for number in range(FOLLOWS_PER_HOUR + 1):
            page = ask(Client(app), "/keluhan/ikuti", f"warga{number}@contoh.test")
        assert page.status == 429
        assert "dari jaringan ini" in page.errors()["email"]
        assert len(rows(read)) == FOLLOWS_PER_HOUR


def test_the_pages_speak_english(app: Flask, write: Block, mailbox: Mailbox) -> None:
    case = told(write, "assigned")
    client = Client(app)
    page = client.get(f"/keluhan/{case.number}?lang=en").form("Send the confirmation link")
    assert "Open it within 3 days" in page.fill(email=WARGA).submit().text
    deliver(app)
    (question,) = mailbox.to(WARGA)
    assert question["Subject"] == "Confirm your subscription"
    assert "one e-mail a day" in client.get("/keluhan/ikuti").text.lower()
