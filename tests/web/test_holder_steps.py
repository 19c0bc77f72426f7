"""What the reporter does on the page: every step, every mistake, twice at once, too late."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.cases.models import Attachment, Case, Event, Message
from app.cases.step_photos import StepPhotos
from app.config import Settings
from app.core.models import Outbox
from tests.conftest import START, Block
from tests.histories import step
from tests.holders import changed, form_of, holder_of, mine, told
from tests.pages import Client, Page, Upload
from tests.reports import photo

WORDS = "Lubangnya makin lebar sejak hujan kemarin."


def jpeg(colour: str = "teal") -> Upload:
    return (f"{colour}.jpg", photo(colour=colour), "image/jpeg")


def stored(read: Block, case: Case) -> Case:
    with read() as session:
        return session.get_one(Case, case.id)


def names(read: Block, case: Case) -> list[str]:
    """What happened to a case, oldest first."""
    with read() as session:
        events = select(Event.name).where(Event.case_id == case.id).order_by(Event.id)
        return list(session.scalars(events))


def files(instance: Path, area: str) -> int:
    folder = instance / "uploads" / area
    return sum(path.is_file() for path in folder.rglob("*")) if folder.exists() else 0


# ---------------------------------------------------------------- each step, as it goes well


@pytest.mark.parametrize(
    ("state", "slug", "values", "reached", "says"),
    [
        ("needs_info", "jawab", {"words": "Di sisi kiri, dekat halte."}, "submitted",
         "Jawaban terkirim. Verifikator melanjutkan paling lambat"),
        ("submitted", "keterangan", {"words": WORDS}, "submitted",
         "Balasan terkirim kepada verifikator kota."),
        ("assigned", "keterangan", {"words": WORDS}, "assigned",
         "Balasan terkirim kepada Dinas SDABMBK."),
        ("needs_info", "foto", {"words": WORDS}, "needs_info", "Balasan terkirim"),
        ("in_progress", "balas", {"words": WORDS}, "in_progress",
         "Balasan terkirim kepada Dinas SDABMBK."),
        ("answered", "keadaan-sekarang", {"words": WORDS}, "answered", "Balasan terkirim"),
        ("disputed", "keterangan-bantahan", {"words": WORDS}, "disputed", "Balasan terkirim"),
        ("answered", "selesai", {}, "closed",
         "Laporan ini ditutup sebagai selesai. Masih bisa dibuka lagi sampai Selasa, 8 Desember"),
        ("disputed", "selesai", {}, "closed", "Laporan ini ditutup sebagai selesai."),
        ("answered", "belum-selesai", {"code": "not_done"}, "disputed",
         "Dinas SDABMBK menjawab paling lambat Selasa, 1 Desember 2026. Kepala dinasnya ikut"),
        ("answered", "belum-selesai", {"code": "no_answer", "words": "Kapan dicat?"}, "disputed",
         "Laporan dibuka kembali."),
        ("closed", "nilai", {"rating": "2", "words": "Lama sekali."}, "closed",
         "Nilai Anda tercatat."),
        ("closed", "buka-lagi", {"words": WORDS}, "in_progress",
         "Laporan dibuka lagi. Dinas SDABMBK menjawab paling lambat Selasa, 1 Desember 2026."),
        ("rejected", "keberatan", {"words": WORDS}, "rejected",
         "Keberatan diterima. Jawaban paling lambat Jumat, 27 November 2026."),
        ("referred", "keberatan-rujukan", {"words": WORDS}, "referred", "Keberatan diterima."),
        ("merged", "bukan-sama", {"words": WORDS}, "merged",
         "Verifikator membaca keterangan Anda dan menjawab paling lambat Jumat, 27 November 2026."),
        ("in_progress", "cabut", {}, "withdrawn", "dicabut."),
        ("in_progress", "lebih-tertutup", {"visibility": "rahasia"}, "in_progress",
         "Laporan ini sekarang Rahasia."),
        ("closed", "hapus-data", {"number": "2611-0001"}, "closed",
         "Permintaan diterima. Data Anda dihapus paling lambat Jumat, 27 November 2026."),
    ],
)  # fmt: skip
def test_a_step_is_taken_and_says_what_happens_next(
    app: Flask, read: Block, write: Block, state: str, slug: str, values: dict[str, str],
    reached: str, says: str,
) -> None:  # fmt: skip
    case = told(write, state)
    client = holder_of(app, case)
    page = form_of(client, case, slug).fill(**values).submit()
    assert page.path == f"/lacak/{case.number}"
    assert says in page.words(".say[role=status]")
    assert stored(read, case).state == reached
    with read() as session:
        event = session.scalars(
            select(Event).where(Event.case_id == case.id).order_by(Event.id.desc())
        ).first()
        assert event is not None
        assert event.actor == "holder"
        words = event.message.body if event.message else ""
        assert words == values.get("words", "")


def test_what_was_said_is_said_once_only(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    client = holder_of(app, case)
    page = form_of(client, case, "balas").fill(words=WORDS).submit()
    again = client.get(page.url)
    assert "Balasan terkirim" in again.main
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "update", START)
    assert "Balasan terkirim" not in client.get(page.url).main
    assert "Balasan terkirim" not in mine(client, case).main


def test_the_form_on_the_page_itself_does_the_same(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    page = mine(holder_of(app, case), case).form("Ya, sudah selesai").submit()
    assert "Terima kasih." in page.main
    page = page.form("Kirim nilai").fill(rating="5").submit()
    assert "Nilai Anda tercatat." in page.main
    found = stored(read, case)
    assert (found.state, found.closed_by, found.rating) == ("closed", "reporter", 5)


def test_in_english(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    client = holder_of(app, case, language="en")
    page = form_of(client, case, "belum-selesai").fill(code="partly").submit()
    assert "The report is open again. Dinas SDABMBK answers by Tuesday, 1 December" in page.main
    assert stored(read, case).state == "disputed"


def test_the_unit_is_told_and_nobody_is_named(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "in_progress")
    form_of(holder_of(app, case), case, "balas").fill(words=WORDS).submit()
    with read() as session:
        mails = session.scalars(select(Outbox).where(Outbox.mail == "staff_reply")).all()
        assert mails
        assert all(WORDS not in str(mail.values) for mail in mails)


# ---------------------------------------------------------------- photos


def test_a_photo_alone_is_a_reply(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "in_progress")
    page = form_of(holder_of(app, case), case, "balas").attach("photos", jpeg()).submit()
    assert len(page.select(".hist img")) == 1
    with read() as session:
        (kept,) = session.scalars(select(Attachment)).all()
        assert (kept.role, kept.author, kept.hidden) == ("reply", "holder", False)
        assert kept.message_id is not None


@pytest.mark.parametrize("visibility", ["publik", "anonim"])
def test_a_form_with_a_mistake_keeps_words_and_photos(
    app: Flask, read: Block, write: Block, instance: Path, visibility: str
) -> None:
    case = told(write, "answered", visibility=visibility)
    client = holder_of(app, case)
    form = form_of(client, case, "belum-selesai").fill(words=WORDS)
    page = form.attach("photos", jpeg(), jpeg("red")).submit()
    assert page.status == 422
    assert page.errors() == {"belum-selesai-code": "Pilih apa yang belum selesai."}
    again = page.form(action="/belum-selesai")
    assert again.values["words"] == [WORDS]
    assert len(again.values["kept"]) == 2
    assert files(instance, "photos") == 0
    page = again.fill(code="partly").submit()
    assert page.path == f"/lacak/{case.number}"
    with read() as session:
        assert len(session.scalars(select(Attachment)).all()) == 2
    assert files(instance, "drafts") == 0


def test_a_kept_photo_can_be_left_out(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    form = form_of(holder_of(app, case), case, "belum-selesai")
    again = form.attach("photos", jpeg(), jpeg("red")).submit().form(action="/belum-selesai")
    first = again.values["kept"][0]
    again.fill(code="partly", kept=[first]).submit()
    with read() as session:
        assert len(session.scalars(select(Attachment)).all()) == 1


def test_photos_of_a_rahasia_report_are_never_kept(
    app: Flask, write: Block, instance: Path
) -> None:
    case = told(write, "answered", visibility="rahasia")
    form = form_of(holder_of(app, case), case, "belum-selesai")
    page = form.attach("photos", jpeg()).submit()
    assert page.status == 422
    assert "foto tidak kami simpan di antara dua pengiriman" in page.main
    assert files(instance, "drafts") == files(instance, "photos") == 0


def test_a_bad_photo_is_named_and_the_good_one_kept(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    page = form.attach("photos", jpeg(), ("surat.jpg", b"%PDF-1.7", "image/jpeg")).submit()
    assert page.status == 422
    assert "surat.jpg bukan foto yang bisa kami buka." in page.errors()["photos"]
    again = page.form(action="/balas")
    assert (again.values["words"], len(again.values["kept"])) == ([WORDS], 1)


def test_too_many_photos(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas")
    page = form.attach("photos", *(jpeg() for _ in range(6))).submit()
    assert page.status == 422
    assert "Pilih paling banyak 5 foto. Hapus 1 foto dulu." in page.words("#galat")
    assert len(page.form(action="/balas").values["kept"]) == 5


def test_photos_kept_for_one_form_do_not_fit_another(app: Flask, write: Block) -> None:
    case, other = told(write, "answered"), told(write, "answered")
    form = form_of(holder_of(app, case), case, "belum-selesai")
    token = form.attach("photos", jpeg()).submit().form(action="/belum-selesai").values["kept"][0]
    foreign = form_of(holder_of(app, other), other, "belum-selesai").fill(code="partly")
    page = foreign.force("kept", token).submit()
    assert page.status == 422
    assert "sudah tidak tersimpan" in page.main


def test_a_step_that_asks_for_no_photos_takes_none(
    app: Flask, read: Block, write: Block, instance: Path
) -> None:
    case = told(write, "closed")
    client = holder_of(app, case)
    form = form_of(client, case, "nilai").fill(rating="4")
    data: dict[str, Any] = {name: list(values) for name, values in form.values.items()}
    data["photos"] = [upload_of(jpeg())]
    client.post(form.action, data=data, content_type="multipart/form-data")
    assert stored(read, case).rating == 4
    with read() as session:
        assert session.scalars(select(Attachment)).all() == []
    assert files(instance, "photos") == 0


def upload_of(file: Upload) -> tuple[Any, ...]:
    from tests.pages import upload

    return upload(file)


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("state", "slug", "values", "error"),
    [
        ("needs_info", "jawab", {}, ("words", "Tulis jawabannya.")),
        ("in_progress", "balas", {}, ("words", "Tulis balasan atau pilih foto.")),
        ("in_progress", "balas", {"words": "x" * 4001},
         ("words", "Pendekkan sampai 4000 huruf. Sekarang 4001.")),
        ("answered", "belum-selesai", {"words": WORDS}, ("code", "Pilih apa yang belum selesai.")),
        ("answered", "belum-selesai", {"code": "no_answer"},
         ("words", "Ceritakan apa yang ditanyakan dan belum terjawab.")),
        ("closed", "nilai", {}, ("rating", "Pilih nilai 1 sampai 5.")),
        ("closed", "nilai", {"rating": "5", "words": "x" * 4001},
         ("words", "Pendekkan sampai 4000 huruf. Sekarang 4001.")),
        ("closed", "buka-lagi", {"words": "Belum"},
         ("words", "Tulis apa yang belum beres, minimal 10 huruf.")),
        ("rejected", "keberatan", {"words": "Keliru"},
         ("words", "Tulis alasan keberatan, minimal 10 huruf.")),
        ("merged", "bukan-sama", {}, ("words", "Tulis apa bedanya, minimal 10 huruf.")),
        ("in_progress", "lebih-tertutup", {}, ("visibility", "Pilih salah satu.")),
        ("closed", "hapus-data", {}, ("number", "Tulis 2611-0001 persis seperti di atas.")),
        ("closed", "hapus-data", {"number": "2611-0002"},
         ("number", "Tulis 2611-0001 persis seperti di atas.")),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_field_and_nothing_happens(
    app: Flask, read: Block, write: Block, state: str, slug: str, values: dict[str, str],
    error: tuple[str, str],
) -> None:  # fmt: skip
    case = told(write, state)
    before = names(read, case)
    page = form_of(holder_of(app, case), case, slug).fill(**values).submit()
    name, message = error
    found = page.errors().get(name) or page.errors()[f"{slug}-{name}"]
    assert page.status == 422
    assert found == message
    assert names(read, case) == before
    again = page.form(action=f"/{slug}")
    assert {key: again.values[key] for key in values} == {k: [v] for k, v in values.items()}


HOSTILE = [
    "\0",
    "‮" * 3,
    "😀" * 20,
    "<script>alert(1)</script>",
    "x" * 5000,
    "-1",
    "9" * 40,
]


@pytest.mark.parametrize(
    ("state", "slug", "field"),
    [
        ("in_progress", "balas", "words"),
        ("in_progress", "balas", "version"),
        ("in_progress", "balas", "seen"),
        ("in_progress", "balas", "key"),
        ("in_progress", "balas", "kept"),
        ("answered", "belum-selesai", "code"),
        ("closed", "nilai", "rating"),
        ("in_progress", "lebih-tertutup", "visibility"),
        ("closed", "hapus-data", "number"),
    ],
)
def test_hostile_values_get_a_clear_answer(
    app: Flask, read: Block, write: Block, state: str, slug: str, field: str
) -> None:
    case = told(write, state)
    client = holder_of(app, case)
    for value in HOSTILE:
        form = form_of(client, case, slug)
        if "words" in form.names() and field not in {"words", "code"}:
            form.fill(words=f"{WORDS} {value[:1]!a}")
        page = form.force(field, value).submit()
        assert page.status in {200, 409, 422}, value
        with read() as session:
            found = session.get_one(Case, case.id)
            assert (found.state, found.visibility, found.rating) == (state, "publik", None)
            assert "\0" not in "".join(session.scalars(select(Message.body)))


def test_visibility_is_never_loosened(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "in_progress", visibility="anonim")
    form = form_of(holder_of(app, case), case, "lebih-tertutup")
    assert set(form.options("visibility")) == {"rahasia"}
    for wanted in ("publik", "anonim"):
        assert form.force("visibility", wanted).submit().status == 422
    assert stored(read, case).visibility == "anonim"


def test_a_page_that_stood_open_too_long_keeps_what_was_typed(
    app: Flask, read: Block, write: Block
) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    page = form.force("csrf_token", "old").attach("photos", jpeg()).submit()
    assert page.status == 422
    assert "terlalu lama" in page.main
    assert "reply" not in names(read, case)
    page = page.form(action="/balas").submit()
    assert page.path == f"/lacak/{case.number}"
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_another_site_cannot_send_a_step(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    client = holder_of(app, case)
    page = client.post(f"/lacak/{case.number}/selesai", data={})
    assert page.status == 422
    assert client.post(f"/lacak/{case.number}/tutup", data={}).status == 400
    assert stored(read, case).state == "answered"


def test_without_the_cookie_nothing_is_taken(
    app: Flask, read: Block, write: Block, instance: Path
) -> None:
    case = told(write, "in_progress")
    client = holder_of(app, case)
    form = form_of(client, case, "balas").fill(words=WORDS).attach("photos", jpeg())
    client.http.delete_cookie("laporan")
    page = form.submit()
    assert page.status == 403
    assert "Masukkan kode lagi." in page.main
    assert WORDS in page.main  # to be copied
    assert names(read, case) == ["file", "assign", "start"]
    assert files(instance, "photos") == files(instance, "drafts") == 0


def test_staff_cannot_answer_for_the_reporter(
    app: Flask, read: Block, write: Block, rina: Client
) -> None:
    case = told(write, "answered")
    form = form_of(holder_of(app, case), case, "selesai")
    data = {name: list(values) for name, values in form.values.items()}
    assert rina.post(form.action, data=data).path == "/lacak"
    assert stored(read, case).state == "answered"


# ---------------------------------------------------------------- twice


def test_a_double_click_is_one_step(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    form.attach("photos", jpeg())
    for _ in range(3):
        page = form.submit()
        assert "Balasan terkirim" in page.main
    assert names(read, case).count("reply") == 1


def test_confirming_twice_at_once_is_one_step(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    clients = [holder_of(app, case) for _ in range(4)]
    forms = [mine(client, case).form("Ya, sudah selesai") for client in clients]
    pages: list[Page] = []
    threads = [threading.Thread(target=lambda f=f: pages.append(f.submit())) for f in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [page.status for page in pages] == [200] * 4
    assert all("Terima kasih." in page.main for page in pages)
    assert names(read, case).count("confirm") == 1


def test_the_same_words_again_on_a_fresh_page_are_a_second_reply(
    app: Flask, read: Block, write: Block
) -> None:
    case = told(write, "in_progress")
    client = holder_of(app, case)
    for _ in range(2):
        form_of(client, case, "balas").fill(words=WORDS).submit()
    assert names(read, case).count("reply") == 2


# ---------------------------------------------------------------- somebody was faster


def test_news_that_came_meanwhile_is_shown_and_the_words_are_kept(
    app: Flask, read: Block, write: Block
) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    form.attach("photos", jpeg())
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "update", START)
    page = form.submit()
    assert changed(page)
    assert [tag.get_text() for tag in page.select(".hist h3")] == ["Kabar dari dinas"]
    assert "Dinas SDABMBK" in page.words(".hist")
    assert "reply" not in names(read, case)
    again = page.form(action="/balas")
    assert again.values["words"] == [WORDS]
    assert len(again.values["kept"]) == 1
    assert again.submit().path == f"/lacak/{case.number}"
    assert names(read, case)[-2:] == ["update", "reply"]


def test_a_step_that_closed_meanwhile_offers_one_that_takes_the_words(
    app: Flask, read: Block, write: Block
) -> None:
    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    with write() as session:
        step(session, session.get_one(Case, case.id), "rina", "answer", START)
    page = form.submit()
    assert changed(page)
    other = page.form("Kirim", field="words")
    assert other.action.endswith(("/belum-selesai", "/keadaan-sekarang"))
    assert other.values["words"] == [WORDS]


def test_words_nobody_takes_any_more_can_be_copied(app: Flask, write: Block) -> None:
    case = told(write, "rejected")
    form = form_of(holder_of(app, case), case, "keberatan").fill(words=WORDS)
    with write() as session:
        step(session, session.get_one(Case, case.id), "holder", "object", START)
    page = form.submit()
    assert changed(page)
    assert WORDS in page.main
    assert page.follow("Kembali").path == f"/lacak/{case.number}"


def test_confirming_what_closed_by_itself_meanwhile(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    form = form_of(holder_of(app, case), case, "selesai")
    with write() as session:
        step(session, session.get_one(Case, case.id), "clock", "auto_close", START)
    page = form.submit()
    assert changed(page)
    assert "Selesai otomatis tanpa tanggapan pelapor" in page.main
    assert stored(read, case).closed_by == "clock"


def test_an_unreadable_version_is_an_old_one(app: Flask, read: Block, write: Block) -> None:
    case = told(write, "answered")
    for version in ("", "x", "١", "1" * 30, "-1"):
        form = form_of(holder_of(app, case), case, "selesai")
        assert form.force("version", version).submit().status == 409
    assert stored(read, case).state == "answered"


def test_losing_the_race_in_the_database_itself_is_the_same(
    app: Flask, read: Block, write: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.cases import holder_steps
    from app.cases.actions import SomebodyWasFaster

    def beaten(*_args: Any, **_options: Any) -> None:
        raise SomebodyWasFaster

    case = told(write, "in_progress")
    form = form_of(holder_of(app, case), case, "balas").fill(words=WORDS)
    monkeypatch.setattr(holder_steps, "take", beaten)
    page = form.submit()
    assert page.status == 409
    assert page.form(action="/balas").values["words"] == [WORDS]
    monkeypatch.undo()
    assert page.form(action="/balas").submit().path == f"/lacak/{case.number}"
    assert names(read, case)[-1] == "reply"


# ---------------------------------------------------------------- too often


class TestTooOften:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_many_steps_an_hour_wait_and_keep_the_words(
        self, app: Flask, write: Block, monkeypatch: pytest.MonkeyPatch,
        clock: time_machine.Traveller,
    ) -> None:  # fmt: skip
        from app.cases import holder_steps

        monkeypatch.setattr(holder_steps, "STEPS_PER_HOUR", 2)
        case = told(write, "in_progress")
        client = holder_of(app, case)
        for n in range(2):
            form_of(client, case, "balas").fill(words=f"{WORDS} {n}").submit()
        page = form_of(client, case, "balas").fill(words=WORDS).submit()
        assert page.status == 429
        assert "Terlalu banyak balasan dalam waktu singkat." in page.main
        assert page.form(action="/balas").values["words"] == [WORDS]
        assert int(page.headers["Retry-After"]) > 0
        clock.shift(timedelta(hours=1, seconds=1))
        assert page.form(action="/balas").submit().path == f"/lacak/{case.number}"


# ---------------------------------------------------------------- erasing


def test_erasing_is_announced_and_done_within_three_days(
    app: Flask, read: Block, write: Block, clock: time_machine.Traveller
) -> None:
    from app.cases import clocks
    from app.core.clock import now
    from app.extensions import db
    from app.places.city import current_city

    case = told(write, "closed", email="siti.marker@contoh.test", name="Siti Marker")
    client = holder_of(app, case)
    page = form_of(client, case, "hapus-data").fill(number=case.number).submit()
    assert "Anda minta data pribadi dihapus. Itu dikerjakan paling lambat Jumat, 27" in page.main
    assert "Hapus data pribadi saya" not in page.links()
    clock.shift(timedelta(hours=71))
    with app.app_context():
        clocks.run(db.session(), current_city(), app.extensions["files"], now())
        db.session.remove()
    assert stored(read, case).erased_at is not None
    assert mine(client, case).path == "/lacak"


def test_an_open_report_says_what_comes_before_erasing(app: Flask, write: Block) -> None:
    case = told(write, "in_progress")
    page = mine(holder_of(app, case), case)
    assert "Data pribadi bisa dihapus setelah laporan selesai atau dicabut." in page.main
    assert "Hapus data pribadi saya" not in page.links()


def test_a_sent_photo_is_counted_once(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"kept": ["x", "x"]}):
        from app.places.city import current_city

        assert len(StepPhotos.sent(current_city())) == 0
