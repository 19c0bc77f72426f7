"""The reporter's own page: what it says in each state, and that it says nothing to others."""

import json
from base64 import b64decode
from datetime import timedelta
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.cases import seals
from app.cases.actions import attach, open_steps
from app.cases.events import THE_HOLDER
from app.cases.holder_words import STEPS
from app.cases.lifecycle import HOLDER
from app.cases.models import Case
from app.complaints.lifecycle import ALL, LIFECYCLE
from app.core.photos import encode, store
from app.places.city import current_city
from tests.conftest import START, Block
from tests.holders import holder_of, mine, told
from tests.pages import Client, Page
from tests.reports import photo

BY_SLUG = {words.slug: name for name, words in STEPS.items()}
pytestmark = pytest.mark.once

NAME, PHONE, EMAIL = "Siti Marker Zulaikha", "+6281277654321", "siti.marker@contoh.test"
CONTACT: dict[str, Any] = {"name": NAME, "phone": PHONE, "email": EMAIL}


def offered(page: Page, case: Case) -> set[str]:
    """Every step the page leads to: by its own form, or by a link to its page."""
    base = f"/lacak/{case.number}/"
    targets = [form.action.split(base)[-1] for form in page.forms() if base in form.action]
    targets += [to.removeprefix(base) for to in page.links().values() if to.startswith(base)]
    return {BY_SLUG[target] for target in targets if target in BY_SLUG}


# ---------------------------------------------------------------- states and steps


@pytest.mark.parametrize(("state", "language"), list(product(ALL, ("id", "en"))))
def test_every_state_tells_and_offers_what_the_table_says(
    app: Flask, write: Block, clock: time_machine.Traveller, state: str, language: str
) -> None:
    case = told(write, state)
    clock.shift(timedelta(hours=8))
    page = mine(holder_of(app, case, language=language), case)
    assert page.headers["Cache-Control"] == "no-store"
    with app.app_context():
        rows = open_steps(case, THE_HOLDER, current_city(), START.date())
    steps = {row.name for row in rows if not getattr(row, "link", False)}
    assert offered(page, case) == steps
    links = {row.name for row in rows if getattr(row, "link", False)}
    assert ("chronology" in links) == (f"/lacak/{case.number}/kronologi" in page.links().values())
    assert ("take_along" in links) == (f"/lacak/{case.number}/cetak" in page.links().values())
    assert ("Artinya:" if language == "id" else "What it means:") in page.main


@pytest.mark.parametrize("state", ALL)
def test_every_step_has_a_page_that_opens_while_it_is_open(
    app: Flask, write: Block, state: str
) -> None:
    case = told(write, state, visibility="publik")
    client = holder_of(app, case)
    with app.app_context():
        rows = open_steps(case, THE_HOLDER, current_city(), START.date())
    for name, words in STEPS.items():
        page = client.get(f"/lacak/{case.number}/{words.slug}", follow=False)
        assert page.status == (200 if name in {row.name for row in rows} else 302), name


def test_every_row_of_the_holder_has_words_and_a_form(app: Flask) -> None:
    from app.cases.holder_forms import form_class

    rows = [row for row in LIFECYCLE.rows() if row.who == HOLDER and not getattr(row, "link", 0)]
    assert {row.name for row in rows} == set(STEPS)
    assert len(BY_SLUG) == len(STEPS)
    for row in rows:
        assert form_class(row.needs)


def test_what_is_no_step_is_not_found(app: Flask, write: Block) -> None:
    case = told(write)
    client = holder_of(app, case)
    for slug in ("assign", "note", "add", "reveal", "expire", "tautan"):
        client.get(f"/lacak/{case.number}/{slug}", status=404)


def test_the_question_stands_by_the_answer(app: Flask, write: Block) -> None:
    case = told(write, "needs_info")
    page = mine(holder_of(app, case), case)
    assert page.words("#h-tanya") == "Pertanyaan untuk Anda"
    assert "Jawab sampai Kamis, 24 Desember 2026." in page.main
    assert page.form("Kirim jawaban", field="words")


def test_the_verdict_shows_before_and_after(app: Flask, write: Block) -> None:
    case = told(write, "answered")
    page = mine(holder_of(app, case), case)
    assert page.words("#h-beres") == "Apakah masalahnya sudah beres?"
    assert "Kalau Anda tidak menjawab, laporan ditutup sendiri pada Selasa, 8 Desember" in page.main
    assert page.form("Ya, sudah selesai").buttons() == ["Ya, sudah selesai"]
    assert page.links()["Belum selesai"].endswith("/belum-selesai")


def test_a_rahasia_report_shows_no_subject_at_a_glance(app: Flask, write: Block) -> None:
    case = told(write, "submitted", visibility="rahasia", category_slug="extortion")
    page = mine(holder_of(app, case), case)
    assert page.h1 == "Laporan rahasia"
    assert "pungli" not in (page.title + page.h1 + page.words("section.clock")).lower()
    assert "Halaman publik hanya menampilkan nomor, kecamatan, bulan, dan status." in page.main
    assert "Dibaca petugas yang menangani. Tidak tampil ke publik." in page.main


def test_what_the_public_sees(app: Flask, write: Block) -> None:
    unseen, seen = told(write), told(write, "assigned", text="Hubungi 0812-7765-4321, ada lubang.")
    page = mine(holder_of(app, unseen), unseen)
    assert "Sebelum diperiksa, halaman publik hanya menampilkan urusan" in page.main
    page = mine(holder_of(app, seen), seen)
    (public,) = page.select("section[aria-labelledby=h-publik]")
    assert "0812" not in public.get_text()
    assert "ada lubang" in public.get_text()
    assert "0812-7765-4321" in page.main  # the reporter's own text, for the reporter


# ---------------------------------------------------------------- lateness


LATE = {
    ("submitted", 0): "Kami terlambat 1 hari kerja memeriksa laporan ini. Maaf.",
    ("submitted", 1): "laporan ini. Sekretariat Daerah sudah diberi tahu. Maaf.",
    ("assigned", 0): "Dinas SDABMBK belum menjawab, lewat 1 hari kerja. Maaf.",
    ("assigned", 1): "hari kerja. Kepala Dinas SDABMBK sudah diberi tahu. Maaf.",
    ("in_progress", 2): "Kepala Dinas SDABMBK dan Sekretariat Daerah sudah diberi tahu. Maaf.",
    ("disputed", 1): "Dinas SDABMBK belum menjawab bantahan ini, lewat 1 hari kerja. Kepala",
}


@pytest.mark.parametrize(("state", "told_whom"), list(LATE))
def test_lateness_is_admitted_and_only_what_is_true_is_said(
    app: Flask, write: Block, clock: time_machine.Traveller, state: str, told_whom: int
) -> None:
    case = told(write, state)
    with write() as session:
        stored = session.get_one(Case, case.id)
        stored.escalation = told_whom
        calendar = current_city().calendar
        assert stored.due_on
        late_on = calendar.add(stored.due_on, 1)
    clock.shift(timedelta(days=(late_on - START.date()).days))
    page = mine(holder_of(app, case), case)
    assert LATE[state, told_whom] in page.words(".say.late")
    meaning = page.main.split("Berikutnya:")[1][:200]
    assert "terlambat sampai dijawab" in meaning
    assert "paling lambat" not in meaning  # no promise that is broken already
    goes_up = "naik ke Sekretariat Daerah" in meaning
    assert goes_up == (state != "submitted" and told_whom < 2)
    assert "Ombudsman RI: telepon 137" in page.main


def test_a_promise_over_the_weekend_is_not_called_zero_days_late(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    case = told(write)  # due on Friday
    clock.move_to(START + timedelta(days=4))
    page = mine(holder_of(app, case), case)
    assert "Lewat batas waktu" in page.words("section.clock")
    assert not page.select(".say.late")
    assert "terlambat sampai dijawab" in page.main


def test_english_counts_one_day_as_one(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    case = told(write)
    clock.move_to(START + timedelta(days=6))
    page = mine(holder_of(app, case, language="en"), case)
    assert "We are 1 working day late in checking this report. We are sorry." in page.main


# ---------------------------------------------------------------- decisions


@pytest.mark.parametrize(
    ("state", "days", "says"),
    [
        ("rejected", 0, "Anda boleh mengajukan keberatan satu kali sampai Selasa, 8 Desember 2026"),
        ("rejected", 30, "Waktu keberatan berakhir Selasa, 8 Desember 2026."),
        ("closed", 0, "Kalau ternyata belum beres, buka lagi sampai Selasa, 8 Desember 2026."),
        ("closed", 30, "Buat laporan baru dan sebut nomor 2611-0001."),
        ("closed", 0, "Selesai menurut pelapor, Selasa, 24 November 2026."),
        ("referred", 0, "Sebut nomor 2611-0001. Kota tidak bisa mengatur batas waktunya."),
        ("merged", 0, "Masalah yang sama ditangani lewat laporan 2611-0002."),
        ("withdrawn", 0, "Tidak ada langkah lagi."),
    ],
)
def test_what_can_still_be_done(
    app: Flask, write: Block, clock: time_machine.Traveller, state: str, days: int, says: str
) -> None:
    case = told(write, state)
    clock.shift(timedelta(days=days))
    assert says in mine(holder_of(app, case), case).main


def test_a_refusal_gives_the_listed_reason_and_the_written_one(app: Flask, write: Block) -> None:
    case = told(write, "rejected")
    page = mine(holder_of(app, case), case)
    assert "Alasannya: Kami membaca laporan ini dua kali" in page.main
    assert "Tempatnya belum bisa kami temukan." in page.main


def test_an_objection_and_its_answer(app: Flask, write: Block) -> None:
    case = told(write, "rejected", ("holder", "object"))
    client = holder_of(app, case)
    page = mine(client, case)
    assert "Keberatan diterima. Jawaban paling lambat Jumat, 27 November 2026." in page.main
    with write() as session:
        session.get_one(Case, case.id).objection = "refused"
    page = mine(client, case)
    assert "Keberatan sudah pernah diajukan pada Selasa, 24 November 2026." in page.main
    assert "Ombudsman, telepon 137" in page.main


def test_a_report_open_again_after_an_objection_says_so(app: Flask, write: Block) -> None:
    case = told(write, "assigned", ("rina", "return"))
    assert "diperiksa lagi oleh verifikator" in mine(holder_of(app, case), case).main


# ---------------------------------------------------------------- the seal


def test_the_history_is_called_sealed_only_when_it_is(
    app: Flask, write: Block, clock: time_machine.Traveller
) -> None:
    proof = "Riwayat ini tersegel; perubahan diam-diam akan ketahuan."
    case = told(write)
    client = holder_of(app, case)
    assert proof not in mine(client, case).main
    with write() as session:
        seals.seal(session, START)
    assert proof in mine(client, case).main
    form = client.get(f"/lacak/{case.number}/keterangan").form("Kirim keterangan")
    page = form.fill(words="Lubangnya makin lebar.").submit()
    assert proof not in page.main


# ---------------------------------------------------------------- personal data


def test_contact_is_masked(app: Flask, write: Block) -> None:
    case = told(write, "in_progress", **CONTACT)
    page = mine(holder_of(app, case), case)
    assert "0812••••4321" in page.main
    assert "s•••@contoh.test" in page.main
    for marker in (NAME, "Marker", PHONE, "081277654321", EMAIL):
        assert marker not in page.html


def test_who_opened_the_data(app: Flask, write: Block) -> None:
    case = told(write, "in_progress", **CONTACT)
    client = holder_of(app, case)
    assert "Siapa yang membuka data Anda Belum ada." in mine(client, case).main
    case = told(write, "in_progress", ("budi", "reveal"), ("rina", "reveal"), **CONTACT)
    page = mine(holder_of(app, case), case)
    (lines,) = page.select("h3 + ul.plain")
    assert [item.get_text().split(",")[0] for item in lines.find_all("li")] == [
        "Dinas SDABMBK",
        "Verifikator kota",
    ]
    assert "Rina" not in page.html
    assert "Budi" not in page.html


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_nobody_can_open_the_data_of_a_hidden_reporter(
    app: Flask, write: Block, visibility: str
) -> None:
    case = told(write, "in_progress", visibility=visibility, email=EMAIL)
    page = mine(holder_of(app, case), case)
    assert "Tidak ada, dan tidak ada petugas yang bisa." in page.main


def test_everything_in_one_file(app: Flask, write: Block) -> None:
    case = told(write, "in_progress", ("budi", "reveal"), ("holder", "reply"), **CONTACT)
    sent = encode(photo())
    with write() as session:
        stored = session.get_one(Case, case.id)
        attach(
            session, stored, (store(app.extensions["files"], sent),), THE_HOLDER, "report", START
        )
    page = holder_of(app, case).get(f"/lacak/{case.number}/data.json")
    assert page.headers["Content-Type"] == "application/json"
    assert (
        page.headers["Content-Disposition"] == f'attachment; filename="laporan-{case.number}.json"'
    )
    assert page.headers["Cache-Control"] == "no-store"
    data = json.loads(page.response.get_data())
    assert data["report"]["number"] == case.number
    assert data["written"]["text"].startswith("Lubang besar di depan pangkalan becak")
    assert data["contact"] == {"name": NAME, "phone": PHONE, "email": EMAIL, "show_name": False}
    assert [line["what"] for line in data["history"]] == [
        "Laporan masuk",
        "Diteruskan ke Dinas Sumber Daya Air, Bina Marga, dan Bina Konstruksi",
        "Jawaban pertama dinas",
        "Data pelapor dibuka petugas",
        "Balasan pelapor",
    ]
    assert [look["who"] for look in data["opened_by"]] == ["Verifikator kota"]
    (kept,) = data["photos"]
    assert sha256(b64decode(kept["jpeg"])).hexdigest() == kept["sha256"]
    assert "Catatan" not in json.dumps(data)


def test_inner_notes_are_nobody_s_business_here(app: Flask, write: Block) -> None:
    case = told(write, "in_progress", ("rina", "note"))
    client = holder_of(app, case)
    for address in ("", "/kronologi", "/data.json"):
        page = client.get(f"/lacak/{case.number}{address}")
        assert "Catatan dalam" not in page.html + page.response.get_data(as_text=True)


# ---------------------------------------------------------------- on paper


def test_the_chronology_tells_everything_in_order(app: Flask, write: Block) -> None:
    case = told(write, "disputed", **CONTACT)
    page = holder_of(app, case).get(f"/lacak/{case.number}/kronologi")
    titles = [tag.get_text() for tag in page.select(".hist h3")]
    assert titles[0] == "Laporan masuk"
    assert titles[-1] == "Pelapor menyatakan belum selesai"
    assert "Lubang besar di depan pangkalan becak" in page.main
    assert "Dicetak 24 November 2026" in page.main
    assert "Anda" not in page.main  # it is read by others
    for marker in (NAME, "0812", "@contoh"):
        assert marker not in page.main
    assert page.headers["Cache-Control"] == "no-store"


def test_a_referred_report_can_be_taken_along(app: Flask, write: Block) -> None:
    case = told(write, "referred")
    page = mine(holder_of(app, case), case).follow("Cetak laporan untuk dibawa ke sana")
    assert page.h1 == f"Laporan {case.number} untuk Perumda Tirtanadi"
    assert "Hubungi telepon 1500922" in page.main


# ---------------------------------------------------------------- others


@pytest.mark.parametrize("person", ["client", "budi", "rina", "ayu"])
def test_a_sign_in_opens_nobody_s_page(
    request: pytest.FixtureRequest, write: Block, person: str
) -> None:
    case = told(write, "in_progress", **CONTACT)
    visitor: Client = request.getfixturevalue(person)
    for address in ("", "/balas", "/kronologi", "/data.json"):
        assert visitor.get(f"/lacak/{case.number}{address}").path == "/lacak"


def test_pages_say_whether_they_may_be_kept(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    client = holder_of(app, case)
    for address in ("", "/balas", "/kronologi", "/data.json", "/cabut"):
        page = client.get(f"/lacak/{case.number}{address}")
        assert page.headers["Cache-Control"] == "no-store", address
