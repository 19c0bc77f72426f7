"""A form filled in at home: page by page, saved, resumed by its code, opened at the counter."""

import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app.cases.models import Event
from app.core.clock import now
from app.places.city import load_city
from app.requests import actions
from app.requests.forms import section_page
from app.requests.models import Application
from app.requests.services import ROOMS, Services
from tests import cast
from tests.conftest import Block
from tests.pages import Client, Form, Page
from tests.shipped import NO_CITY

NIK = "1271015708920003"
START_AT = "/permohonan/baru/civil_registry/LHR-01"
MEDAN = load_city(NO_CITY)


def begun(client: Client, address: str = START_AT) -> tuple[Page, str]:
    page = client.get(address).form("Mulai mengisi").submit()
    return page, page.value("data-application-code")


def applicant(page: Page) -> Page:
    """Fill in the first page: who asks."""
    form = page.form("Simpan dan lanjut")
    form.fill(name="Yanti Br. Siregar", nik="1271 0157 0892 0003", phone="0812-3456-7890")
    form.fill(address="Jalan Brigjen Katamso 12", area="12.71.01.1001")
    return form.submit("Simpan dan lanjut")


def stored(read: Block) -> list[Application]:
    with read() as session:
        return list(session.scalars(select(Application)))


# -------------------------------------------------------------------- filling in


def test_a_form_is_begun_from_its_service_and_saved_page_by_page(
    client: Client, read: Block
) -> None:
    page = client.get("/adminduk/LHR-01")
    assert "Isi formulir dan kirim berkasnya di sini. Disdukcapil memeriksanya" in page.main
    page = page.follow("Isi formulir")
    assert "Setelah 7 hari tanpa perubahan semuanya dihapus." in page.main
    assert stored(read) == []
    page = page.form("Mulai mengisi").submit()
    assert page.h1 == "Formulir Anda"
    page = applicant(page.follow("Isi: "))
    assert "Halaman 2 dari" in page.main
    page = client.get("/permohonan")
    assert "Yanti Br. Siregar" in page.main
    assert "081234567890" in page.main
    assert len(stored(read)) == 1


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(client: Client) -> None:
    page, _code = begun(client)
    form = page.follow("Isi: ").form("Simpan dan lanjut")
    form.fill(name="Yanti", nik="127101150892000", phone="112", email="yanti")
    page = form.submit("Simpan dan lanjut")
    assert page.status == 422
    errors = page.errors()
    assert set(errors) == {"nik", "phone", "email", "address", "area"}
    assert "Tulis NIK 16 angka" in errors["nik"]
    values = page.form("Simpan dan lanjut").values
    assert (values["name"], values["nik"], values["phone"]) == (
        ["Yanti"], ["127101150892000"], ["112"],
    )  # fmt: skip
    assert "Yanti" not in client.get("/permohonan").main


def test_an_unknown_district_is_asked_about_once(client: Client) -> None:
    page, _code = begun(client)
    form = page.follow("Isi: ").form("Simpan dan lanjut")
    form.fill(name="Yanti", nik="1271990101900001", phone="081234567890")
    form.fill(address="Jalan Brigjen Katamso 12", area="12.71.01.1001")
    page = form.submit("Simpan dan lanjut")
    assert page.status == 200
    assert "Kode wilayah NIK ini tidak ada di daftar kami." in page.words("main [role=alert]")
    page = page.form("Simpan dan lanjut").submit("Simpan dan lanjut")
    assert "Halaman 2 dari" in page.main


def test_later_keeps_what_is_right_and_refuses_to_lose_what_is_wrong(client: Client) -> None:
    page, _code = begun(client)
    form = page.follow("Isi: ").form("Simpan dulu, lanjut nanti")
    page = form.fill(name="Yanti", nik="12").submit("Simpan dulu, lanjut nanti")
    assert page.status == 422
    assert set(page.errors()) == {"nik"}
    form = page.form("Simpan dulu, lanjut nanti").fill(nik="")
    page = form.submit("Simpan dulu, lanjut nanti")
    assert "Tersimpan." in page.main
    assert "Yanti" in page.main
    assert "Masih ada yang kurang di bagian ini." in page.main


def test_a_code_resumes_it_on_another_phone(app: Flask, client: Client) -> None:
    page, code = begun(client)
    applicant(page.follow("Isi: "))
    other = Client(app, language="en")
    page = other.get("/permohonan?lang=en")
    assert page.h1 == "Continue a form"
    typed = code.lower().replace("-", " ")
    page = page.form("Open the form").fill(code=typed).submit()
    assert "Yanti Br. Siregar" in page.main
    assert page.value("data-application-code") == code


@pytest.mark.parametrize("code", ["", "x", "AAAA-BBBB-CCCC", "x" * 500, "\x00", "0000 0000 0000"])
def test_a_code_that_opens_nothing_says_so(client: Client, code: str) -> None:
    begun(client)
    page = client.get("/permohonan").form("Tutup di perangkat ini").submit()
    assert "Formulir sudah ditutup di perangkat ini." in page.main
    page = page.form("Buka formulir").fill(code=code).submit()
    assert page.status == 422
    assert page.errors()["code"]


def test_without_its_cookie_no_page_of_it_opens(app: Flask, client: Client) -> None:
    begun(client)
    stranger = Client(app, language="id")
    for address in ("/permohonan/isi/applicant", "/permohonan/hapus"):
        assert stranger.get(address).path == "/permohonan"
        assert "sudah ditutup" in stranger.post(address).main
    stranger.http.set_cookie("permohonan", "forged", path="/permohonan")
    assert stranger.get("/permohonan").h1 == "Lanjutkan formulir"


def test_it_is_deleted_when_asked_twice(client: Client, read: Block) -> None:
    begun(client)
    page = client.get("/permohonan").follow("Hapus formulir ini")
    assert len(stored(read)) == 1
    page = page.form("Ya, hapus").submit()
    assert "Formulir dan semua isinya sudah dihapus." in page.main
    assert stored(read) == []


def test_it_is_gone_after_a_week_and_not_before(client: Client, write: Block, clock) -> None:
    _page, code = begun(client)
    clock.shift(actions.LIFE.total_seconds() - 60)
    page = client.get("/permohonan")
    assert "sudah ditutup" not in page.main
    page = page.form("Buka formulir").fill(code=code).submit()
    page.follow("Isi: ").form("Simpan dulu, lanjut nanti").fill(name="Y").submit(
        "Simpan dulu, lanjut nanti"
    )
    clock.shift(actions.LIFE.total_seconds() - 60)
    with write() as session:
        actions.purge(session, now())
        assert session.scalars(select(Application)).all()
    clock.shift(120)
    page = client.get("/permohonan").form("Buka formulir").fill(code=code).submit()
    assert page.status == 422
    with write() as session:
        actions.purge(session, now())
        assert not session.scalars(select(Application)).all()


def test_the_privacy_page_says_how_long(client: Client) -> None:
    assert (
        f"dihapus {actions.LIFE.days} hari setelah terakhir disimpan" in client.get("/privasi").main
    )


def test_a_service_that_is_done_elsewhere_or_unknown_has_no_form(client: Client) -> None:
    for address in ("permits/PBG", "permits/XX", "rooms/LHR-01"):
        client.get(f"/permohonan/baru/{address}", status=404)
    assert "Isi formulir" not in client.get("/izin/PBG").links()


# -------------------------------------------------------------------- the database alone


def test_the_database_alone_names_nobody(
    client: Client, read: Block, database_url: str, instance: Path
) -> None:
    page, code = begun(client)
    applicant(page.follow("Isi: "))
    (row,) = stored(read)
    written = [row.answers, row.code_hash]
    if database_url.startswith("sqlite"):
        path = make_url(database_url).database
        assert path is not None
        with sqlite3.connect(path) as raw:
            written.append("\n".join(raw.iterdump()))
    for marker in (NIK, "Yanti", "81234567890", "Katamso", code, code.replace("-", "")):
        assert not any(marker in text for text in written), marker


# -------------------------------------------------------------------- the counter


def at_the_counter(client: Client, code: str) -> Page:
    return client.get("/petugas/permohonan").form("Buka permohonan").fill(code=code).submit()


@pytest.fixture
def counter(app: Flask, write: Block) -> Client:
    """An officer of the civil registry."""
    person = cast.Person("sari", "Sari Ginting", "officer", "disdukcapil")
    with write() as session:
        cast.hire_one(session, person, now())
    return cast.signed_in(app, "sari")


def test_the_unit_opens_it_and_the_citizen_sees_that(
    client: Client, counter: Client, read: Block
) -> None:
    page, code = begun(client)
    applicant(page.follow("Isi: "))
    assert "Terakhir dibuka petugas" not in client.get("/permohonan").main
    page = at_the_counter(counter, code)
    assert NIK in page.main
    assert "Belum diisi." in page.main
    assert "Terakhir dibuka petugas" in client.get("/permohonan").main
    with read() as session:
        (event,) = session.scalars(select(Event).where(Event.name == "application_opened"))
        assert event.facts == {"application": stored(read)[0].id, "service": "LHR-01"}
        assert event.staff_id


def test_another_unit_gets_the_answer_of_a_wrong_code(
    client: Client, rina: Client, read: Block
) -> None:
    page, code = begun(client)
    applicant(page.follow("Isi: "))
    for typed in (code, "AAAA-BBBB-CCCC"):
        page = at_the_counter(rina, typed)
        assert page.status == 422
        assert "tidak ada di antara permohonan untuk unit Anda" in page.errors()["code"]
    assert stored(read)[0].seen_at is None


def test_the_counter_is_for_those_who_work_on_cases(budi: Client, ayu: Client) -> None:
    budi.get("/petugas/permohonan", status=403)
    ayu.get("/petugas/permohonan", status=403)


# -------------------------------------------------------------------- every form of Medan


def catalogue(app: Flask) -> Services:
    found: Services = app.extensions["services"]
    return found


@pytest.mark.once
@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_page_of_every_form_can_be_read_and_filled_in(app: Flask, room: str) -> None:
    """All questions, whatever they hang on, in both languages; an empty sending is explained."""
    for service in catalogue(app).of_room(room):
        if not service.questions.sections:
            continue
        client = Client(app, language="id")
        page, _code = begun(client, f"/permohonan/baru/{room}/{service.code}")
        for section in service.questions.open_sections({}):
            page = client.get(f"/permohonan/isi/{section.key}?lang=en")
            assert page.h1 == section.title.en
            page = client.get(f"/permohonan/isi/{section.key}?lang=id")
            assert page.h1 == section.title.id
            empty: Form = page.form("Simpan dan lanjut")
            required = [
                one for one in section.questions if not one.optional and one.condition is None
            ]
            answer = empty.submit("Simpan dan lanjut")
            if required and (section.repeat is None or section.repeat.least):
                assert answer.status == 422, (service.code, section.key)
                assert len(answer.errors()) >= len(required), (service.code, section.key)


@pytest.mark.once
def test_every_section_of_every_form_can_be_drawn(app: Flask) -> None:
    """Those too that only certain answers lead to."""
    with app.test_request_context():
        for service in catalogue(app):
            for section in service.questions.sections:
                page = section_page(section, {}, MEDAN)
                assert all(questions for _heading, questions in page.groups), section.key
