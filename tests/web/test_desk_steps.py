"""The form of a step: what it asks, what it refuses, what it shows before sending, and that nothing
typed is lost."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from app.cases.actions import Given, take
from app.cases.events import THE_HOLDER
from app.cases.models import Attachment, Event, Message
from app.complaints.models import Complaint
from app.places.city import current_city
from tests.conftest import START, Block
from tests.desks import WORDS, address, case_of, filled, make
from tests.histories import DRAFT, brought_to, step
from tests.pages import Client, Form
from tests.reports import photo


def opened(client: Client, number: str, name: str) -> Form:
    """The form of a step as somebody finds it."""
    return client.get(address(number, name)).form(field="version")


def state_of(read: Block, number: str) -> str:
    with read() as session:
        return case_of(session, number).state


def last_message(read: Block) -> Message:
    with read() as session:
        return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


# ---------------------------------------------------------------- what will happen


@pytest.mark.parametrize(
    ("who", "state", "name", "said"),
    [
        ("budi", "submitted", "assign", "jawaban pertama paling lambat Selasa, 1 Desember 2026"),
        ("budi", "submitted", "ask", "Pelapor bisa menjawab sampai Kamis, 24 Desember 2026"),
        ("budi", "submitted", "reject", "berkeberatan satu kali, sampai Selasa, 8 Desember 2026"),
        ("budi", "submitted", "merge", "Jam berhenti dan laporan ini ditutup."),
        ("budi", "in_progress", "close", "membukanya lagi sampai Selasa, 8 Desember 2026"),
        ("budi", "merged", "unmerge", "Batas waktunya"),
        ("rina", "assigned", "start", "diselesaikan paling lambat Senin, 14 Desember 2026"),
        ("rina", "assigned", "return", "memutuskan paling lambat Jumat, 27 November 2026"),
        ("rina", "in_progress", "answer", "10 hari kerja sampai Selasa, 8 Desember 2026"),
        ("rina", "disputed", "answer_dispute", "10 hari kerja sampai Selasa, 8 Desember 2026"),
        ("rina", "in_progress", "update", "Batas waktu tetap Senin, 14 Desember 2026"),
        ("tono", "in_progress", "extend", "Perpanjangan hanya bisa satu kali."),
        ("tono", "in_progress", "hand_over", "Petugas yang dipilih diberi tahu."),
        ("budi", "submitted", "refile", "melihat urusan yang baru"),
        ("budi", "submitted", "close_in", "tidak bisa melonggarkannya lagi"),
    ],
)
def test_what_happens_next_is_said_before_sending(
    request: pytest.FixtureRequest, write: Block, who: str, state: str, name: str, said: str
) -> None:
    client: Client = request.getfixturevalue(who)
    page = client.get(address(make(write, state), name))
    assert "Setelah dikirim:" in page.main
    assert said in page.main


def test_the_promise_kept_is_the_one_that_was_said(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    filled(opened(rina, number, "answer")).submit("Jawab pelapor")
    with read() as session:
        assert case_of(session, number).due_on == date(2026, 12, 8)


# ---------------------------------------------------------------- what is missing


@pytest.mark.parametrize(
    ("who", "state", "name", "field", "said"),
    [
        ("budi", "submitted", "ask", "words", "Tulis pertanyaannya."),
        ("budi", "submitted", "reject", "code", "Pilih satu alasan."),
        ("budi", "submitted", "reject", "words", "Tulis alasannya."),
        ("budi", "submitted", "merge", "target", "Tulis nomor laporan, misalnya 2611-0902."),
        ("budi", "submitted", "refile", "category_slug", "Pilih urusan."),
        ("budi", "submitted", "close_in", "visibility", "Pilih satu."),
        ("budi", "submitted", "mask", "hide", "Tulis kata yang harus ditutup."),
        ("budi", "submitted", "note", "words", "Tulis catatannya."),
        ("rina", "in_progress", "answer", "words", "Tulis jawabannya."),
        ("tono", "in_progress", "extend", "day", "Tulis tanggal dengan angka"),
        ("tono", "in_progress", "hand_over", "officer_id", "Pilih petugas di dinas ini."),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    request: pytest.FixtureRequest,
    write: Block,
    read: Block,
    who: str,
    state: str,
    name: str,
    field: str,
    said: str,
) -> None:
    client: Client = request.getfixturevalue(who)
    number = make(write, state)
    page = opened(client, number, name).submit()
    assert page.status == 422
    assert said in page.errors()[field]
    assert said in page.words("#galat")
    assert state_of(read, number) == state


def test_what_was_typed_stays(write: Block, budi: Client) -> None:
    form = opened(budi, make(write), "reject").fill(words="Tempatnya di luar kota kami, maaf.")
    page = form.submit("Tolak dengan alasan")
    assert page.status == 422
    assert page.form(field="code").values["words"] == ["Tempatnya di luar kota kami, maaf."]


def test_words_have_a_length(write: Block, rina: Client) -> None:
    number = make(write, "in_progress")
    page = opened(rina, number, "answer").fill(words="Sudah.").submit("Jawab pelapor")
    assert "Tulis sedikitnya satu kalimat." in page.errors()["words"]
    page = opened(rina, number, "answer").fill(words="a " * 3000).submit("Jawab pelapor")
    assert "Pendekkan sampai 4000 huruf." in page.errors()["words"]


def test_an_old_page_keeps_its_words(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = filled(opened(rina, number, "answer")).force("csrf_token", "of-another-day")
    page = form.submit("Jawab pelapor")
    assert page.status == 422
    assert WORDS in page.form(field="words").values["words"]
    assert page.form(field="words").submit("Jawab pelapor").status == 200
    assert state_of(read, number) == "answered"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("32", "13", "2026"), "Tulis tanggal dengan angka"),
        (("a", "b", "c"), "Tulis tanggal dengan angka"),
        (("14", "12", "2026"), "sesudah batas waktu sekarang, Senin, 14 Desember 2026"),
        (("25", "12", "2026"), "bukan hari kerja"),
        (("19", "12", "2026"), "Sabtu, 19 Desember 2026 bukan hari kerja"),
        (("15", "12", "2028"), "dalam satu tahun"),
    ],
)
def test_an_extension_ends_on_a_later_working_day(
    write: Block, tono: Client, typed: tuple[str, ...], said: str
) -> None:
    form = opened(tono, make(write, "in_progress"), "extend").fill(words=WORDS)
    page = form.force("day", *typed).submit("Perpanjang batas waktu")
    assert page.status == 422
    assert said in " ".join(page.errors().values())


def test_extended_once(write: Block, tono: Client, read: Block) -> None:
    number = make(write, "in_progress")
    page = filled(opened(tono, number, "extend")).submit("Perpanjang batas waktu")
    assert "Batas waktu diperpanjang sampai 15 Januari 2027" in page.main
    with read() as session:
        assert case_of(session, number).due_on == date(2027, 1, 15)


@pytest.mark.parametrize("typed", ["2611-0999", "abc", "own", "of others", "closed"])
def test_a_report_is_merged_into_an_open_other_one(write: Block, budi: Client, typed: str) -> None:
    number, closed = make(write), make(write, "closed")
    target = {"own": number, "closed": closed}.get(typed, typed)
    page = opened(budi, number, "merge").fill(target=target).submit("Gabung dengan laporan lain")
    assert page.status == 422
    assert page.errors()["target"]


def test_a_subject_is_kept_from_a_unit_that_may_not_hold_it(write: Block, budi: Client) -> None:
    number = make(write, "assigned")
    page = opened(budi, number, "refile").fill(category_slug="extortion").submit("Ganti urusan")
    assert page.status == 422
    assert "Pindahkan dulu ke dinas lain" in page.errors()["category_slug"]
    page = opened(budi, number, "reassign").fill(unit_code="inspektorat").submit("Pindahkan")
    page = opened(budi, number, "refile").fill(category_slug="extortion").submit("Ganti urusan")
    assert "Urusan diganti menjadi" in page.main


def test_a_body_outside_gets_the_case(write: Block, budi: Client, read: Block) -> None:
    number = make(write)
    form = opened(budi, number, "refer")
    assert next(iter(form.options("agency_code"))) == "pupr_sumut"  # the category's own come first
    page = form.submit("Rujuk ke badan lain")
    assert "Tercatat: Diteruskan ke" in page.main
    assert state_of(read, number) == "referred"


# ---------------------------------------------------------------- preview


def test_a_preview_shows_what_each_will_read(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    text = "Sudah ditambal. Pertanyaan ke Pak Togu, 081234567890."
    page = opened(rina, number, "answer").fill(words=text).submit("Pratinjau")
    assert page.status == 200
    preview = page.words("#pratinjau")
    assert "Yang dibaca pelapor" in preview
    assert text in preview
    assert "Yang dibaca publik" in preview
    assert "data pribadi ditutup" in preview
    assert state_of(read, number) == "in_progress"
    page = page.form(field="words").submit("Jawab pelapor")
    assert state_of(read, number) == "answered"
    assert last_message(read).body == text


def test_a_preview_of_a_rahasia_answer_names_no_public(write: Block, rina: Client) -> None:
    number = make(write, "in_progress", visibility="rahasia")
    page = opened(rina, number, "answer").fill(words=f"{WORDS} 081234567890").submit("Pratinjau")
    assert "Yang dibaca publik" not in page.words("#pratinjau")
    assert "Hanya pelapor yang membaca ini." in page.main


# ---------------------------------------------------------------- reply templates


def test_a_template_begins_the_answer(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    page = rina.get(address(number, "answer"))
    assert "Jalan sudah ditambal" in page.main
    assert "Jangan dipakai kalau belum ada foto sesudahnya." in page.main
    form = page.form(field="words").fill(words="Selamat pagi.")
    page = form.submit("Pakai “Jalan sudah ditambal”")
    assert page.status == 200
    words = page.form(field="words").values["words"][0]
    assert words.startswith("Selamat pagi.\n\nLubang di Gang Melati, depan pangkalan becak sudah")
    assert "sampai Selasa, 8 Desember 2026" in words
    page = page.form(field="words").submit("Jawab pelapor")
    assert page.status == 422
    assert "bagian yang masih bertanda, mulai dari [[tanggal]]" in page.errors()["words"]
    done = words
    while "[[" in done:
        done = done[: done.index("[[")] + "24 November" + done[done.index("]]") + 2 :]
    page = page.form(field="words").fill(words=done).submit("Jawab pelapor")
    assert state_of(read, number) == "answered"


def test_templates_fit_step_and_category(write: Block, rina: Client, budi: Client) -> None:
    number = make(write, "in_progress", category_slug="drainage")
    assert "Parit sudah dikeruk" in rina.get(address(number, "answer")).main
    assert "Parit sudah dikeruk" not in rina.get(address(number, "update")).main
    assert "Jalan sudah ditambal" not in rina.get(address(number, "answer")).main
    asked = budi.get(address(make(write), "ask"))
    assert "Tanya: tempatnya di mana" in asked.main
    assert rina.post(address(number, "answer"), data=template(rina, "none")).status == 400


def template(client: Client, name: str) -> dict[str, str]:
    csrf = client.get("/petugas").form("Keluar").values["csrf_token"][0]
    return {"csrf_token": csrf, "templat": name}


def test_a_template_speaks_the_reporters_language(write: Block, rina: Client) -> None:
    number = make(write, "in_progress", language="en")
    page = (
        rina.get(address(number, "answer"))
        .form(field="words")
        .submit("Pakai “Jalan sudah ditambal”")
    )
    words = page.form(field="words").values["words"][0]
    assert words.startswith("The hole at")
    assert "Tuesday, 8 December 2026" in words


def test_a_private_template_never_ends_in_public(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress", category_slug="social_aid")
    with write() as session:
        case_of(session, number).visibility = "publik"
    page = rina.get(address(number, "answer"))
    form = page.form(field="words")
    page = rina.post(
        address(number, "answer"),
        data={name: values[0] for name, values in form.values.items() if values}
        | {"templat": "aid_status"},
    )
    form = page.form(field="words")
    assert form.values["private"]
    form.fill(words="Hasil pengecekan 24 November: terdaftar.", private=[])
    page = form.submit("Jawab pelapor")
    assert page.status == 422
    assert "Templat ini hanya untuk pelapor." in page.errors()["private"]
    page = page.form(field="words").fill(private=True).submit("Jawab pelapor")
    assert last_message(read).audience == "holder"


# ---------------------------------------------------------------- words hidden by a verifier


def test_words_are_hidden_where_they_stand(write: Block, budi: Client, read: Block) -> None:
    number = make(write, text="Pak Lurah Simanungkalit minta uang di depan Simanungkalit jaya.")
    form = opened(budi, number, "mask").fill(hide="Simanungkalit\nminta uang")
    page = form.submit("Pratinjau")
    assert "Pak Lurah •••••••• data pribadi ditutup" in page.words("#pratinjau")
    page = page.form(field="hide").submit("Tutup kata di halaman publik")
    assert "Tercatat: Kata di halaman publik ditutup." in page.main
    with read() as session:
        complaint = session.get_one(Complaint, case_of(session, number).id)
        mask = "•" * 8
        assert complaint.public_text == f"Pak Lurah {mask} {mask} di depan {mask} jaya."
        assert "Simanungkalit minta uang" in complaint.text
        event = session.scalars(select(Event).where(Event.name == "mask")).one()
        assert "Simanungkalit" not in str(event.facts)


def test_words_are_hidden_in_landmark_and_replies_too(
    write: Block, budi: Client, read: Block
) -> None:
    number = make(write, "in_progress", landmark="Rumah Pak Simanungkalit")
    with write() as session:
        case = case_of(session, number)
        given = Given(words="Saya lihat Pak Simanungkalit yang menggali.")
        take(session, case, "reply", THE_HOLDER, given, current_city(), START)
    page = opened(budi, number, "mask").fill(hide="Simanungkalit").submit("Tutup kata")
    assert "Tercatat" in page.main
    with read() as session:
        case = case_of(session, number)
        assert session.get_one(Complaint, case.id).public_landmark == f"Rumah Pak {'•' * 8}"
        assert case.messages[-1].public_body == f"Saya lihat Pak {'•' * 8} yang menggali."
        assert "Simanungkalit" in case.messages[-1].body


def test_words_that_do_not_stand_there_are_refused(write: Block, budi: Client) -> None:
    page = opened(budi, make(write), "mask").fill(hide="becak\nkereta").submit()
    assert page.status == 422
    assert "“kereta” tidak ada di salinan publik." in page.errors()["hide"]
    assert page.form(field="hide").values["hide"] == ["becak\nkereta"]


# ---------------------------------------------------------------- photos


def photos_of(read: Block, number: str) -> list[Attachment]:
    with read() as session:
        return list(case_of(session, number).attachments)


def test_an_answer_brings_its_photos(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = filled(opened(rina, number, "answer"))
    form.attach("photos", ("a.jpg", photo()), ("b.png", photo(kind="PNG")))
    page = form.submit("Jawab pelapor")
    assert [(one.role, one.author) for one in photos_of(read, number)] == [("after", "staff")] * 2
    assert len(page.select("section[aria-labelledby=h-riwayat] img")) == 2


def test_photos_outlive_a_mistake(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = opened(rina, number, "answer").attach("photos", ("a.jpg", photo()))
    page = form.submit("Jawab pelapor")
    assert page.status == 422
    assert "Pakai foto 1 dari kiriman tadi" in page.main
    page = page.form(field="words").fill(words=WORDS).submit("Pratinjau")
    assert "1 foto ikut dikirim." in page.words("#pratinjau")
    page = page.form(field="words").submit("Jawab pelapor")
    assert page.status == 200
    assert len(photos_of(read, number)) == 1


def test_a_kept_photo_can_be_left_out(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = opened(rina, number, "answer").attach("photos", ("a.jpg", photo()))
    form = form.submit("Jawab pelapor").form(field="words").fill(words=WORDS, kept=[])
    form.submit("Jawab pelapor")
    assert photos_of(read, number) == []


def test_photos_of_a_rahasia_case_are_not_kept(write: Block, rina: Client, instance: Path) -> None:
    number = make(write, "in_progress", visibility="rahasia")
    form = opened(rina, number, "answer").attach("photos", ("a.jpg", photo()))
    page = form.submit("Jawab pelapor")
    assert page.status == 422
    assert "Foto laporan rahasia tidak disimpan" in page.main
    assert not [path for path in (instance / "uploads").rglob("*") if path.is_file()]


def test_what_is_no_photo_is_said_at_the_field(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = filled(opened(rina, number, "answer")).attach("photos", ("a.jpg", b"GIF89a no"))
    page = form.submit("Jawab pelapor")
    assert page.status == 422
    assert "a.jpg bukan foto" in page.errors()["photos"]
    assert page.form(field="words").values["words"] == [WORDS]
    assert photos_of(read, number) == []


# ---------------------------------------------------------------- somebody was faster


def test_somebody_was_faster_but_the_step_still_stands(
    write: Block, rina: Client, read: Block
) -> None:
    number = make(write, "in_progress")
    form = filled(opened(rina, number, "answer")).attach("photos", ("a.jpg", photo()))
    with write() as session:
        step(session, case_of(session, number), "tono", "note", START + timedelta(minutes=1))
    page = form.submit("Jawab pelapor")
    assert page.status == 409
    changed = page.words("#berubah")
    assert "Catatan dalam" in changed
    assert "Tono Harahap" in changed
    assert "Dinas menyatakan" not in changed
    assert page.form(field="words").values["words"] == [WORDS]
    assert state_of(read, number) == "in_progress"
    assert page.form(field="words").submit("Jawab pelapor").status == 200
    assert state_of(read, number) == "answered"
    assert len(photos_of(read, number)) == 1


def test_somebody_was_faster_and_the_step_is_gone(write: Block, budi: Client, read: Block) -> None:
    number = make(write)
    form = filled(opened(budi, number, "reject"), words="Ini bukan urusan layanan kota, maaf.")
    with write() as session:
        step(session, case_of(session, number), "budi", "assign", START + timedelta(minutes=1))
    page = form.submit("Tolak dengan alasan")
    assert page.status == 409
    assert "“Tolak dengan alasan” tidak terbuka lagi" in page.main
    assert "Diteruskan ke Dinas" in page.words("section[aria-labelledby=h-berubah]")
    assert "Ini bukan urusan layanan kota, maaf." in page.words(
        "section[aria-labelledby=h-tulisan]"
    )
    assert "Pindahkan ke dinas lain" in page.links()
    page = page.form("Pakai sebagai catatan dalam").submit()
    assert page.form(field="words").values["words"] == ["Ini bukan urusan layanan kota, maaf."]
    page = page.form(field="words").submit("Simpan catatan dalam")
    assert last_message(read).audience == "internal"


def test_a_case_that_left_the_unit_keeps_the_words_too(write: Block, rina: Client) -> None:
    number = make(write, "assigned")
    form = filled(opened(rina, number, "start"))
    with write() as session:
        step(session, case_of(session, number), "budi", "reassign", START)
    page = form.submit("Jawab pelapor, mulai dikerjakan")
    assert page.status == 404
    assert WORDS in page.main
    assert "Dinas Perhubungan" not in page.main


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "99999999999999999999", "1.0", "１"])
def test_a_version_nobody_had_is_a_conflict(write: Block, budi: Client, version: str) -> None:
    form = filled(opened(budi, make(write), "ask")).force("version", version)
    assert form.submit("Tanya pelapor").status == 409


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999", "１"])
def test_an_event_nobody_saw_does_no_harm(write: Block, budi: Client, seen: str) -> None:
    form = filled(opened(budi, make(write), "ask")).force("version", "0").force("seen", seen)
    assert form.submit("Tanya pelapor").status == 409


def test_two_sendings_are_one(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = filled(opened(rina, number, "answer"))
    assert form.submit("Jawab pelapor").status == 200
    assert form.submit("Jawab pelapor").status == 409
    with read() as session:
        names = session.scalars(
            select(Event.name).where(Event.case_id == case_of(session, number).id)
        )
        assert list(names).count("answer") == 1


# ---------------------------------------------------------------- onward


def test_after_a_step_the_next_of_the_same_part_waits(write: Block, budi: Client) -> None:
    first, second, other = make(write), make(write), make(write, category_slug="drainage")
    page = budi.get("/petugas?urusan=road_damage").follow("Jalan rusak")
    page = page.follow("Teruskan ke dinas").form(field="unit_code").submit("Teruskan ke dinas")
    assert page.path == address(first)
    page = page.follow(f"Berikutnya: {second}")
    assert page.path == address(second)
    page = page.follow("Teruskan ke dinas").form(field="unit_code").submit("Teruskan ke dinas")
    assert "Berikutnya" not in page.main
    assert other in page.follow("Kembali ke antrean").follow("Hapus saringan").main


def test_what_is_returned_leaves_and_the_queue_says_so(write: Block, rina: Client) -> None:
    number, next_one = make(write, "assigned"), make(write, "assigned")
    page = filled(opened(rina, number, "return")).submit("Kembalikan ke verifikator")
    assert page.path == "/petugas"
    assert f"{number}: Dikembalikan ke verifikator." in page.main
    assert page.follow(f"Berikutnya: {next_one}").path == address(next_one)


def test_made_up_news_is_not_repeated(write: Block, budi: Client) -> None:
    number = make(write)
    for query in (
        "?selesai=assign",
        "?selesai=<b>&dari=2611-0001",
        "?selesai=assign&dari=2611-0001",
        "?selesai=return&dari=bukan",
    ):
        assert "Tercatat" not in budi.get(address(number) + query).main
        assert 'role="status"' not in budi.get(f"/petugas{query}").html


@pytest.mark.parametrize("name", ["withdraw", "confirm", "overdue", "support", "nothing", "file"])
def test_steps_of_others_are_no_pages(write: Block, budi: Client, name: str) -> None:
    budi.get(address(make(write), name), status=404)


def test_a_note_from_the_case_page(write: Block, rina: Client, read: Block) -> None:
    number = make(write, "in_progress")
    form = rina.get(address(number)).form("Simpan catatan dalam").fill(words="Alat di Helvetia.")
    page = form.submit()
    assert "Tercatat: Catatan dalam." in page.main
    assert "Alat di Helvetia." in page.words("section[aria-labelledby=h-dalam]")
    assert last_message(read).audience == "internal"


def test_the_case_after_a_question_and_an_answer(
    write: Block, budi: Client, clock: time_machine.Traveller
) -> None:
    number = make(write, text=DRAFT.text)
    page = filled(opened(budi, number, "ask"), words="Di gang nomor berapa lubangnya?").submit(
        "Tanya pelapor"
    )
    assert "Di gang nomor berapa lubangnya?" in page.words("section[aria-labelledby=h-dalam]")
    assert "Di gang nomor" not in page.words("section[aria-labelledby=h-riwayat]")
    assert "jam berhenti" in page.main


def test_a_step_on_a_late_report_promises_no_past_day(rina: Client, write: Block) -> None:
    with write() as session:
        number = brought_to(session, "assigned", START - timedelta(days=60)).number
    page = rina.get(f"/petugas/kasus/{number}/start")
    assert "sudah lewat; ini tetap tercatat terlambat." in page.text
    assert "Jam berganti" not in page.text
