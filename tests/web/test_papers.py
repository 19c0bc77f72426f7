"""/permohonan/berkas: papers handed in, replaced, deleted; nobody else's eyes; nothing left."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.config import Settings
from app.core.clock import now
from app.core.drafts import purge_orphans
from app.extensions import db
from app.requests import actions, paper_views
from app.requests.models import Application, Paper
from app.requests.papers import asked_slots, kept_keys, missing
from app.worker import Worker
from tests.conftest import Block
from tests.pages import Client, Page, Upload
from tests.papers import ACTIVE, pdf
from tests.reports import photo
from tests.web.test_applications import at_the_counter, begun, counter

__all__ = ["counter"]

KTP, RKL, LHR = (
    "/permohonan/baru/civil_registry/KTP-02",
    "/permohonan/baru/permits/RKL",
    "/permohonan/baru/civil_registry/LHR-01",
)
PAPERS = "/permohonan/berkas"
KK = "file_family_card"


def jpeg(name: str = "kk.jpg", colour: str = "teal") -> Upload:
    return (name, photo((300, 400), colour=colour), "image/jpeg")


def sheet(*pages: str, name: str = "kk.pdf") -> Upload:
    return (name, pdf(*pages), "application/pdf")


def page_of(client: Client, start: str = KTP) -> Page:
    begun(client, start)
    return client.get(PAPERS)


def saved(page: Page, **files: Any) -> Page:
    """Hand in one file, or a list of them, for each field."""
    form = page.form("Simpan berkas")
    for name, sent in files.items():
        form.attach(name, *(sent if isinstance(sent, list) else [sent]))
    return form.submit("Simpan berkas")


def dropped(page: Page, number: int = 0) -> Page:
    """Press one of the buttons that delete."""
    value = page.select("button[name=hapus]")[number]["value"]
    return page.form("Simpan berkas").force("hapus", str(value)).submit("Simpan berkas")


def rows(read: Block) -> list[Paper]:
    with read() as session:
        return list(session.scalars(select(Paper).order_by(Paper.id)))


def files_of(instance: Path) -> list[Path]:
    return [path for path in (instance / "uploads" / "papers").rglob("*") if path.is_file()]


def shown(page: Page) -> list[str]:
    """Addresses of the kept papers on a page."""
    return [str(link["href"]) for link in page.select(".papers a")]


# -------------------------------------------------------------------- handing in


def test_a_paper_is_handed_in_shown_and_opened(client: Client, read: Block, instance: Path) -> None:
    page = saved(page_of(client), **{KK: jpeg("Yanti 1271015708920003.jpg")})
    assert "Berkas tersimpan." in page.words("main [role=status]")
    (address,) = shown(page)
    answer = client.http.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith('inline; filename="family-card-')
    small = client.http.get(f"{address}/kecil")
    assert small.data[:3] == b"\xff\xd8\xff"
    (row,) = rows(read)
    assert (row.slot, row.kind, row.pages, row.size) == ("family_card", "jpeg", 1, len(answer.data))
    assert len(files_of(instance)) == 2
    page = client.get("/permohonan")
    assert shown(page) == [address]
    assert "Foto Kartu Keluarga" in page.main


def test_a_pdf_is_a_download_with_a_picture_of_its_first_page(client: Client) -> None:
    page = saved(page_of(client), **{KK: sheet("satu", "dua")})
    assert "PDF, 2 halaman" in page.main
    answer = client.http.get(shown(page)[0])
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert client.http.get(f"{shown(page)[0]}/kecil").mimetype == "image/jpeg"


def test_another_one_replaces_it_and_its_files_go(
    client: Client, read: Block, instance: Path
) -> None:
    page = saved(page_of(client), **{KK: jpeg()})
    (old,) = shown(page)
    page = saved(page, **{KK: jpeg(colour="maroon")})
    (new,) = shown(page)
    assert new != old
    assert client.http.get(old).status_code == 404
    assert len(rows(read)) == 1
    assert len(files_of(instance)) == 2


def test_several_files_stand_for_one_paper_up_to_its_number(
    client: Client, read: Block, instance: Path
) -> None:
    page = saved(page_of(client, RKL), file_place_photos=[jpeg(), jpeg()])
    assert len(shown(page)) == 2
    page = saved(page, file_place_photos=[jpeg(), jpeg("lebih.jpg")])
    assert page.status == 422
    assert "Paling banyak 3 berkas di sini." in page.words("main [role=alert]")
    page = client.get(PAPERS)
    assert len(shown(page)) == 3
    assert "file_place_photos" not in page.form("Simpan berkas").names()
    page = dropped(page)
    assert "Berkas sudah dihapus." in page.main
    assert len(shown(page)) == len(rows(read)) == 2
    assert len(files_of(instance)) == 4


def test_a_wrong_file_loses_none_of_the_right_ones(client: Client, read: Block) -> None:
    page = page_of(client, RKL)
    page = saved(
        page,
        file_nib=sheet("NIB"),
        file_id_card=("ktp.jpg", b"<html><script>alert(1)</script>", "image/jpeg"),
        file_place_photos=[jpeg(), ("rusak.pdf", ACTIVE["attachment"], "application/pdf")],
    )
    assert page.status == 422
    assert set(page.errors()) == {"file_id_card", "file_place_photos"}
    assert "ktp.jpg bukan foto atau PDF." in page.errors()["file_id_card"]
    assert "Cetak ke PDF baru" in page.errors()["file_place_photos"]
    assert "Berkas lain yang Anda pilih sudah tersimpan." in page.main
    assert [row.slot for row in rows(read)] == ["nib", "place_photos"]
    page = saved(page, file_id_card=jpeg())
    assert page.status == 200
    assert len(shown(page)) == 3


def test_nothing_chosen_says_what_to_do(client: Client, read: Block) -> None:
    page = page_of(client).form("Simpan berkas").submit("Simpan berkas")
    assert page.status == 422
    assert "Pilih foto atau PDF dulu" in page.words("main [role=alert]")
    assert rows(read) == []


def test_in_english_too(app: Flask) -> None:
    client = Client(app, language="en")
    client.get("/permohonan/baru/permits/RKL?lang=en").form("Begin").submit()
    page = client.get(PAPERS)
    form = page.form("Save the papers").attach("file_nib", ("a.txt", b"x", "text/plain"))
    page = form.submit("Save the papers")
    assert page.status == 422
    assert "a.txt is not a photo or a PDF." in page.errors()["file_nib"]
    assert page.follow("Form: ").h1 == "Your form"


def test_a_form_holds_so_many_and_no_more(
    client: Client, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_views, "MOST_PAPERS", 2)
    page = saved(page_of(client, RKL), file_place_photos=[jpeg(), jpeg(), jpeg()])
    assert page.status == 422
    assert "Formulir ini sudah memuat 2 berkas." in page.errors()["file_place_photos"]
    assert len(rows(read)) == 2


def test_a_hostile_body_keeps_what_fits(client: Client, read: Block) -> None:
    token = page_of(client).form("Simpan berkas").values["csrf_token"][0]
    two = [upload_of(jpeg()), upload_of(jpeg())]
    data = {"csrf_token": token, KK: two, "file_loss_letter": upload_of(jpeg()), "hapus": "x"}
    page = client.post(PAPERS, data=data)
    assert page.status == 422  # two for one, and a paper these answers do not ask for
    assert [row.slot for row in rows(read)] == ["family_card"]
    page = client.post(PAPERS, data={KK: upload_of(jpeg())})
    assert page.status == 422
    assert len(rows(read)) == 1


def upload_of(file: Upload) -> Any:
    from tests.pages import upload

    return upload(file)


# -------------------------------------------------------------------- which papers


def test_what_the_answers_ask_for_appears_and_disappears(client: Client, read: Block) -> None:
    begun(client)
    assert "file_police_report" not in client.get(PAPERS).text
    answered(client, birth__place_kind="found")
    page = saved(client.get(PAPERS), file_police_report=jpeg())
    assert len(shown(page)) == 1
    answered(client, birth__place_kind="home")
    page = client.get(PAPERS)
    assert "file_police_report" not in page.text
    assert shown(page) == shown(client.get("/permohonan")) == []
    assert len(rows(read)) == 1
    answered(client, birth__place_kind="found")
    assert len(shown(client.get(PAPERS))) == 1


def answered(client: Client, **choices: str) -> None:
    """Answer some questions of a section and come back later for the rest."""
    for name, value in choices.items():
        section, _, key = name.partition("__")
        form = client.get(f"/permohonan/isi/{section}").form("Simpan dulu, lanjut nanti")
        form.fill(**{key: value}).submit("Simpan dulu, lanjut nanti")


def test_the_sections_lead_to_the_papers_and_those_to_the_overview(client: Client) -> None:
    begun(client)
    form = client.get("/permohonan/isi/delivery").form("Simpan dan lanjut").fill(how="office")
    page = form.submit("Simpan dan lanjut")
    assert page.path == PAPERS, page.errors()
    assert page.h1 == "Berkas"
    page = page.follow("Lanjut")
    assert "Belum ada." in page.main
    assert page.follow("Isi Berkas").path == PAPERS


def test_what_is_missing_is_what_must_be_there(app: Flask) -> None:
    service = app.extensions["services"].find("permits", "RKL")
    asked = {one.key for one in asked_slots(service, {})}
    lacking = {one.key for one in missing(service, {}, {"nib": [Paper()]})}
    assert asked - lacking == {"nib", "tax_proof"}


# -------------------------------------------------------------------- whose papers


def test_nobody_else_sees_a_paper_or_learns_that_it_is_there(app: Flask, client: Client) -> None:
    (address,) = shown(saved(page_of(client), **{KK: jpeg()}))
    stranger, other = Client(app, language="id"), Client(app, language="id")
    begun(other)
    for client_ in (stranger, other):
        answers = [client_.http.get(one) for one in (address, f"{address}/kecil", f"{PAPERS}/99")]
        assert {answer.status_code for answer in answers} == {404}
        assert len({len(answer.data) for answer in answers}) == 1
    assert "sudah ditutup" in stranger.get(PAPERS).main
    assert "sudah ditutup" in stranger.post(PAPERS).main
    number = address.rpartition("/")[2]
    other.get(PAPERS).form("Simpan berkas").force("hapus", number).submit("Simpan berkas")
    assert client.http.get(address).status_code == 200
    client.get("/permohonan").form("Tutup di perangkat ini").submit()
    assert client.http.get(address).status_code == 404


def test_the_counter_sees_which_there_are(client: Client, counter: Client) -> None:
    page, code = begun(client, KTP)
    saved(client.get(PAPERS), **{KK: sheet("satu", "dua")})
    page = at_the_counter(counter, code)
    assert "1 berkas: PDF, 2 halaman" in page.main
    assert not page.select("main img")


# -------------------------------------------------------------------- what is left


def test_a_deleted_form_leaves_no_row_and_no_file(
    client: Client, read: Block, instance: Path
) -> None:
    saved(page_of(client), **{KK: jpeg()})
    assert len(files_of(instance)) == 2
    client.get("/permohonan/hapus").form("Ya, hapus").submit()
    assert rows(read) == []
    assert files_of(instance) == []


def test_a_form_whose_time_is_up_takes_its_papers_along(
    app: Flask, client: Client, write: Block, read: Block, instance: Path
) -> None:
    saved(page_of(client), **{KK: jpeg()})
    (gone,) = rows(read)
    other = Client(app, language="id")
    later = now() + actions.LIFE + timedelta(hours=1)
    with write() as session:
        assert set(actions.purge(session, later)) == {gone.file_key, gone.thumb_key}
        assert session.scalars(select(Application)).all() == []
    assert rows(read) == []
    saved(page_of(other), **{KK: jpeg()})
    store = app.extensions["files"]
    with read() as session:
        swept = purge_orphans(store, lambda keys: kept_keys(session, keys), later, "papers")
    assert swept == 2
    kept = rows(read)[0]
    assert store.get(kept.file_key)
    assert store.get(kept.thumb_key)
    with app.app_context(), time_machine.travel(later + timedelta(days=1)):
        assert Worker(app).round()
    assert files_of(instance) == []


def test_a_deletion_that_is_taken_back_keeps_the_files(
    app: Flask, client: Client, instance: Path
) -> None:
    from app.requests.papers import remove

    saved(page_of(client), **{KK: jpeg()})
    with app.app_context():
        session = db.session()
        remove(session, app.extensions["files"], session.scalars(select(Paper)).one())
        session.rollback()
        session.scalars(select(Paper)).one()
        session.commit()
    assert len(files_of(instance)) == 2


def test_database_and_files_without_the_key_show_nothing(
    client: Client, read: Block, instance: Path
) -> None:
    page = saved(page_of(client), **{KK: sheet("Yanti Br. Siregar", name="Yanti.pdf")})
    saved(page, **{KK: sheet("Yanti Br. Siregar", name="Yanti.pdf")})
    written = [path.read_bytes() for path in instance.rglob("*") if path.is_file()]
    (row,) = rows(read)
    written.append(repr(vars(row)).encode())
    assert len(written) > 2
    for mark in (b"%PDF", b"JFIF", b"\xff\xd8\xff\xe0", b"/MediaBox", b"Yanti"):
        assert not any(mark in one for one in written), mark


class TestTooMany:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_a_network_waits_after_too_many_files(
        self, client: Client, read: Block, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paper_views, "PAPERS_PER_HOUR", 2)
        page = saved(page_of(client, RKL), file_place_photos=[jpeg(), jpeg()])
        page = saved(page, file_nib=jpeg())
        assert page.status == 429
        assert page.headers["Retry-After"]
        assert "Terlalu banyak berkas dari jaringan ini" in page.words("main [role=alert]")
        assert len(rows(read)) == 2
        assert "Berkas sudah dihapus." in dropped(page).main
