"""Study visits: one file makes a form, a letter and a public calendar that knows no person."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.cases.erasure import erase
from app.cases.models import Case
from app.core.clock import now
from app.core.files import file_store
from app.places.city import current_city
from app.requests.models import Request, ServiceVersion
from app.requests.questions import Value
from app.requests.services import Services
from tests import cast, filing
from tests.calendars import events
from tests.cast import Person
from tests.conftest import START, Block
from tests.filing import handed_in, holder, jpeg, person
from tests.letters import text_of
from tests.pages import Client, Page
from tests.web.test_requests import CASE, checked, issue

STAFF = (
    Person("wati", "Wati Sitepu", "officer", "bappeda"),
    Person("hari", "Hari Lubis", "officer", "bappeda"),
)
INSTITUTION, TOPIC, DAY = "Bappeda Kota Padang", "Pelayanan pengaduan", "8 Desember 2026"
ANSWERS: Mapping[str, list[dict[str, Value]]] = {
    "applicant": [{"name": filing.NAME, "phone": filing.PHONE, "email": filing.EMAIL}],
    "visit": [
        {
            "institution": INSTITUTION,
            "origin": "Kota Padang",
            "topic": "complaints",
            "question": "Cara menjawab tepat waktu",
            "guests": "32",
            "day": "2026-12-08",
            "time": "09:30",
        }
    ],
    "contact": [{"same": "no", "name": "Rahmat Ilyas", "phone": "+6281299988877"}],
}
SECRETS = (
    filing.NAME, "Yanti", filing.PHONE, "081234567890", filing.EMAIL, "Rahmat", "99988877",
    "32 orang", "09.30", "tepat waktu",
)  # fmt: skip
FEED = "/kunjungan/kalender.ics"


@pytest.fixture
def office(write: Block) -> None:
    with write() as session:
        for one in STAFF:
            cast.hire_one(session, one, START)


def asked(app: Flask, write: Block, **visit: str) -> tuple[str, str]:
    """A visit that was asked for."""
    service = filing.service_of(app, "visits", "KUN-01")
    answers = {**ANSWERS, "visit": [{**ANSWERS["visit"][0], **visit}]}
    return handed_in(app, write, service=service, answers=answers)


def accepted(app: Flask, write: Block, **visit: str) -> tuple[str, str]:
    """A visit that was accepted."""
    number, code = asked(app, write, **visit)
    checked(person(app, write, "wati"), number)
    issue(person(app, write, "hari"), number)
    return number, code


def shown(client: Client, address: str = "/kunjungan") -> list[str]:
    return [tag.get_text(" ", strip=True) for tag in client.get(address).select(".reps li")]


def feed(client: Client) -> list[dict[str, str]]:
    page = client.get(FEED)
    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return events(page.response.get_data(as_text=True))


# -------------------------------------------------------------------- the room


@pytest.mark.once
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_room_is_found_and_empty_at_first(app: Flask, language: str) -> None:
    client = Client(app, language=language)
    page = client.get(f"/layanan?lang={language}")
    assert "/kunjungan" in page.links().values()
    page = client.get("/kunjungan")
    assert page.h1 == {"id": "Kunjungan belajar", "en": "Study visits"}[language]
    assert {"id": "Belum ada jadwal", "en": "Nothing is planned"}[language] in page.main
    assert page.links()["kalender.ics"] == FEED
    assert feed(client) == []


@pytest.mark.once
def test_a_room_without_calendars_has_none(client: Client) -> None:
    for address in ("/adminduk", "/izin"):
        assert "kalender" not in client.get(address).main
        client.get(f"{address}/kalender.ics", status=404)


# -------------------------------------------------------------------- from the form to the calendar


def fill(page: Page, **values: str) -> Page:
    form = page.form("Simpan dan lanjut")
    for name, value in values.items():
        if name == "day":
            form.force(name, *value.split())
        else:
            form.fill(**{name: value})
    return form.submit("Simpan dan lanjut")


def test_a_visit_is_asked_for_accepted_and_stands_in_the_calendar(
    app: Flask, write: Block, read: Block, client: Client, office: None
) -> None:
    page = client.get("/kunjungan").follow("Kunjungan belajar ke Pemerintah Kota")
    announced = "ini tampil untuk umum di kalender: Hari kunjungan, Nama lembaga, Topik."
    assert announced in page.main
    page = page.follow("Isi formulir")
    assert announced in page.main
    page = page.form("Mulai mengisi").submit().follow("Isi: ")
    assert "tampil untuk umum di kalender" not in page.main
    assert "area" not in page.form("Simpan dan lanjut").names()
    page = fill(page, name=filing.NAME, phone="0812-3456-7890", email=filing.EMAIL)
    assert announced in page.main
    page = fill(page, institution="", day="8 12 2020")
    assert page.status == 422
    assert page.errors()["institution"] == "Isi “Nama lembaga”."
    page = fill(
        page, institution=INSTITUTION, origin="Kota Padang", topic="complaints", guests="32",
        day="8 12 2026", time="9.30",
    )  # fmt: skip
    page = fill(page, same="yes")
    page.form("Simpan berkas").attach("file_introduction", ("surat.jpg", jpeg())).submit()
    page = client.get("/permohonan").follow("Lanjut ke pengiriman")
    assert announced in page.main
    page = page.form("Kirim permohonan").fill(true=True).submit()
    assert page.h1 == "Permohonan Anda sudah kami terima"
    number, code = page.value("data-report-number"), page.value("data-tracking-code")
    with read() as session:
        (case,) = session.scalars(select(Case)).all()
        assert (case.kind, case.unit_code, case.class_days) == ("visits", "bappeda", 3)
        assert case.village_code is None

    checked(person(app, write, "wati"), number)
    visitor = Client(app, language="id")
    assert (shown(visitor), feed(visitor)) == ([], [])
    hari = person(app, write, "hari")
    hari.get(CASE.format(number=number)).form("Buka berkas").submit()
    assert announced in hari.get(f"/petugas/kasus/{number}/issue").main
    issue(hari, number)

    (words,) = shown(visitor)
    assert words == f"Sel 8 Des {INSTITUTION} Topik: {TOPIC} Selasa, {DAY}"
    printed = text_of(holder(app, code).http.get(f"/lacak/{number}/surat").data)
    for said in ("Surat Penerimaan Kunjungan", INSTITUTION, TOPIC, DAY):
        assert said in printed


def test_nothing_of_a_person_stands_in_calendar_or_feed(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    number, code = accepted(app, write)
    uids = set()
    for language, topic in (("id", TOPIC), ("en", "Handling complaints")):
        page = client.get(f"/kunjungan?lang={language}")
        (listed,) = page.select(".reps li")
        (found,) = feed(client)
        assert found["SUMMARY"] == f"{INSTITUTION} · {topic}"
        assert found["DTSTART;VALUE=DATE"] == "20261208"
        assert re.fullmatch(r"[0-9a-f]{32}@[\w.:]+", found["UID"])
        uids.add(found["UID"])
        for text in (page.html, str(listed), found["SUMMARY"], found["DESCRIPTION"], found["URL"]):
            for secret in (*SECRETS, number, code):
                assert secret not in text, secret
    assert len(uids) == 1


def test_what_looks_like_a_person_s_number_is_hidden(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    accepted(app, write, institution="Yayasan Melati, 0812-3456-7890")
    (words,) = shown(client)
    assert "Yayasan Melati" in words
    assert "3456" not in words


# -------------------------------------------------------------------- past, revoked, erased


def test_what_was_moves_below_and_after_a_year_away(
    app: Flask, write: Block, client: Client, office: None, clock: time_machine.Traveller
) -> None:
    accepted(app, write, day="2026-12-09", institution="Dinas Kedua")
    accepted(app, write)
    assert ["Bappeda" in one for one in shown(client)] == [True, False]
    assert client.get("/kunjungan").select("details") == []
    clock.move_to(START + timedelta(days=15))  # 9 December
    page = client.get("/kunjungan")
    (coming, past) = page.select(".reps")
    assert "Dinas Kedua" in coming.get_text()
    assert INSTITUTION in past.get_text()
    assert past.find_parent("details")
    clock.move_to(START + timedelta(days=14 + 366))
    assert [one for one in shown(client) if INSTITUTION in one] == []


def test_a_revoked_letter_takes_the_day_away(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    number, _code = accepted(app, write)
    page = person(app, write, "hari").get(CASE.format(number=number)).follow("Cabut surat")
    page.form("Cabut surat").fill(words="Harinya berubah.").submit("Cabut surat")
    assert (shown(client), feed(client)) == ([], [])


def test_erasure_takes_the_day_away_as_soon_as_it_is_asked_for(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    number, code = accepted(app, write)
    page = holder(app, code).get(f"/lacak/{number}").follow("Hapus isian dan berkas saya")
    page.form("Hapus data saya").fill(number=number).submit()
    assert (shown(client), feed(client)) == ([], [])


def test_what_was_erased_is_gone(app: Flask, write: Block, client: Client, office: None) -> None:
    accepted(app, write)
    with app.app_context(), write() as session:
        case = session.scalars(select(Case)).one()
        erase(session, case, current_city(), file_store(), now())
    assert (shown(client), feed(client)) == ([], [])


def test_only_what_the_form_announced_is_shown(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    """The form of then did not say that the topic, or anything, would be public."""
    accepted(app, write)
    with write() as session:
        version = session.scalars(select(ServiceVersion)).one()
        table = {**version.source["calendar"], "shows": ["visit.institution", "visit.origin"]}
        version.source = {**version.source, "calendar": table}
    (words,) = shown(client)
    assert INSTITUTION in words
    assert "Topik" not in words
    assert "Kota asal" not in words
    with write() as session:
        version = session.scalars(select(ServiceVersion)).one()
        version.source = {k: v for k, v in version.source.items() if k != "calendar"}
    assert (shown(client), feed(client)) == ([], [])


def test_every_kind_that_may_be_shown_can_be(
    app: Flask, write: Block, client: Client, office: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers and dates are no shapes of a person's number."""
    service = filing.service_of(app, "visits", "KUN-01")
    shows = ("visit.day", "visit.time", "visit.guests", "contact.same", "visit.origin")
    assert service.calendar
    source = {**service.source, "calendar": {**service.source["calendar"], "shows": list(shows)}}
    wider = replace(service, calendar=replace(service.calendar, shows=shows), source=source)
    monkeypatch.setitem(app.extensions, "services", Services((wider,)))
    accepted(app, write, origin="Kota Padang")
    (words,) = shown(client)
    for said in (f"{DAY} ", "09.30", "32 orang", "Tidak", "Kota Padang"):
        assert said in words


def test_only_so_many_are_opened_those_issued_last(
    app: Flask, write: Block, client: Client, office: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.requests.calendar_queries.MOST", 1)
    accepted(app, write)
    accepted(app, write, institution="Dinas Kedua")
    (words,) = shown(client)
    assert "Dinas Kedua" in words


def test_a_lost_key_takes_one_day_away_and_not_the_page(
    app: Flask, write: Block, client: Client, office: None
) -> None:
    accepted(app, write)
    accepted(app, write, institution="Dinas Kedua")
    with write() as session:
        first = session.scalars(select(Request).order_by(Request.case_id)).first()
        assert first
        first.answers = "gAAAAABlost" + "A" * 90
    (words,) = shown(client)
    assert "Dinas Kedua" in words
