"""The page of a case: two sides, public and inside, and nobody exposed on either."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.actions import attach
from app.cases.events import THE_HOLDER
from app.cases.models import Attachment, Case, Event
from app.core.files import new_key
from app.core.photos import StoredPhoto
from tests.conftest import START, Block
from tests.desks import address, case_of, filled, made, make, viewer
from tests.histories import brought_to
from tests.pages import Client

pytestmark = pytest.mark.once

MARKERS: dict[str, Any] = {
    "name": "Marulitua Penanda",
    "phone": "+6281299887766",
    "email": "penanda.rahasia@contoh.test",
}
#: How the markers could show: whole, and masked.
TRACES = (
    "Marulitua", "Penanda", "penanda.rahasia", "81299887766", "1299", "7766", "contoh.test", "M•••",
)  # fmt: skip
STATES = ("assigned", "in_progress", "disputed", "closed")


def photographed(write: Block, state: str = "assigned", **changes: object) -> tuple[str, int]:
    """A case with one photo of the reporter: its number and the photo's row id."""
    with write() as session:
        case = brought_to(session, state, START, **changes)
        photo = StoredPhoto(new_key("photos"), new_key("photos"), 800, 600, 9, "0" * 64)
        (row,) = attach(session, case, (photo,), THE_HOLDER, "report", START)
        return case.number, row.id


# ---------------------------------------------------------------- both sides


def test_the_public_side_shows_the_copy_and_the_inside_what_was_written(
    write: Block, budi: Client
) -> None:
    number = make(write, text="Lubang di depan rumah. Telepon saya 081234567890 ya.")
    page = budi.get(address(number))
    public = page.select("section[aria-labelledby=h-publik]")[0]
    assert "081234567890" not in public.get_text()
    assert "data pribadi ditutup" in public.get_text()
    assert public.select("mark")
    assert "081234567890" in page.words("section[aria-labelledby=h-dalam]")
    assert "Terlihat publik setelah diteruskan" in public.get_text()


def test_once_passed_on_it_says_that_the_public_sees_it(write: Block, rina: Client) -> None:
    page = rina.get(address(make(write, "in_progress")))
    assert page.words("#h-publik") == "Terlihat publik"
    assert page.select("section.pub[aria-labelledby=h-publik]")


def test_the_suggestion_names_its_rule(write: Block, budi: Client) -> None:
    page = budi.get(address(make(write)))
    assert "Saran: Dinas SDABMBK" in page.main
    assert "Urusan “Jalan rusak atau berlubang” ditangani dinas ini." in page.main
    levy = make(write, category_slug="extortion", visibility="anonim")
    page = budi.get(address(levy))
    assert "Inspektorat" in page.words("section[aria-labelledby=h-langkah]")
    assert "Kantor yang dilaporkan tidak menerima laporan ini." in page.main


def test_the_office_complained_about_is_not_among_the_units(write: Block, budi: Client) -> None:
    number = make(write, category_slug="local_office", visibility="anonim", about_unit="sdabmbk")
    form = budi.get(address(number, "assign")).form(field="unit_code")
    assert "sdabmbk" not in form.options("unit_code")
    page = form.force("unit_code", "sdabmbk").submit()
    assert page.status == 422
    assert "tidak ada di daftar" in page.errors()["unit_code"]


def test_similar_reports_come_with_a_shortcut(write: Block, budi: Client, rina: Client) -> None:
    first, second = make(write), make(write)
    page = budi.get(address(second))
    alike = page.words("section[aria-labelledby=h-sama]")
    assert first in alike
    page = page.follow(f"Gabung ke {first}")
    form = page.form(field="target")
    assert form.values["target"] == [first]
    page = form.submit("Pratinjau")
    assert f"{first} Jalan rusak" in page.words("#pratinjau")
    page = page.form(field="target").submit("Gabung dengan laporan lain")
    assert f"Tercatat: Digabung dengan {first}." in page.main
    rina.get(address(second), status=404)


def test_before_and_after_in_the_same_part(write: Block, budi: Client) -> None:
    numbers = [make(write) for _n in range(3)]
    page = budi.get(address(numbers[1]) + "?antrean=baru")
    assert page.links()["sebelumnya"] == address(numbers[0]) + "?antrean=baru"
    assert page.links()["berikutnya"] == address(numbers[2]) + "?antrean=baru"


def test_names_of_staff_stand_on_the_desk(write: Block, rina: Client) -> None:
    page = rina.get(address(made(write, "in_progress", ("tono", "note"))))
    assert "Budi Nasution" in page.main
    assert "Tono Harahap" in page.words("section[aria-labelledby=h-dalam]")


def test_a_private_answer_stands_inside_only(write: Block, rina: Client) -> None:
    number = make(write, "in_progress")
    form = rina.get(address(number, "answer")).form(field="words")
    form.fill(words="Dokumen Anda siap diambil di loket tiga.", private=True)
    page = form.submit("Jawab pelapor")
    assert "loket tiga" in page.words("section[aria-labelledby=h-dalam]")
    assert "loket tiga" not in page.words("section[aria-labelledby=h-riwayat]")


def test_photos_are_shown_small_and_hidden_ones_inside(write: Block, budi: Client) -> None:
    number, photo_id = photographed(write)
    page = budi.get(address(number))
    (image,) = page.select("section[aria-labelledby=h-publik] img")
    assert (image["width"], image["height"]) == ("320", "240")
    form = page.follow("Sembunyikan foto dari publik").form(field="attachment_id")
    page = form.fill(attachment_id=str(photo_id)).submit()
    assert not page.select("section[aria-labelledby=h-publik] img")
    assert page.select("section[aria-labelledby=h-dalam] img")
    form = page.follow("Tampilkan foto ke publik").form(field="attachment_id")
    page = form.fill(attachment_id=str(photo_id)).submit()
    assert page.select("section[aria-labelledby=h-publik] img")


def test_a_photo_of_another_case_cannot_be_hidden(write: Block, budi: Client, read: Block) -> None:
    _other, foreign = photographed(write)
    number, _own = photographed(write)
    form = budi.get(address(number, "hide_photo")).form(field="attachment_id")
    assert form.force("attachment_id", str(foreign)).submit().status == 422
    with read() as session:
        assert not session.get_one(Attachment, foreign).hidden


# ---------------------------------------------------------------- who may know what


def test_another_units_case_is_not_found_anywhere(
    write: Block, rina: Client, dewi: Client, read: Block
) -> None:
    number, _photo = photographed(write, "in_progress", text="Kata kunci sangat khusus di sini.")
    assert "sangat khusus" in rina.get(address(number)).main
    nothing = dewi.get(address("2611-0999"), status=404)
    for there in (address(number), address(number, "answer"), address(number, "note")):
        page = dewi.get(there, status=404)
        assert page.main == nothing.main
    for query in ("", "?antrean=terbuka", "?antrean=lewat", f"?nomor={number}"):
        page = dewi.get(f"/petugas{query}")
        assert "sangat khusus" not in page.html
        assert address(number) not in page.html
    form = dewi.get("/petugas").form("Keluar")
    data = {"csrf_token": form.values["csrf_token"][0], "version": "1", "words": "x" * 30}
    answers = [dewi.post(address(one, "answer"), data=data).main for one in (number, "2611-0999")]
    assert answers[0] == answers[1]
    assert "x" * 30 in answers[0]  # nothing typed is lost


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
@pytest.mark.parametrize("state", STATES)
def test_nobody_learns_who_filed_in_secret(
    app: Flask, write: Block, state: str, visibility: str, budi: Client, rina: Client, tono: Client
) -> None:
    number = make(write, state, visibility=visibility, **MARKERS)
    for client in (budi, rina, tono, viewer(app, write)):
        page = client.get(address(number))
        found = [trace for trace in TRACES if trace in page.html]
        assert not found, found
        assert "Tampilkan data pelapor" not in page.main
    page = budi.get(address(number))
    assert "Siapa pelapornya tidak bisa dilihat siapa pun di sini." in page.main
    form = page.form("Simpan catatan dalam")
    data = {key: values[0] for key, values in form.values.items()}
    answer = budi.post(address(number, "reveal"), data=data)
    assert answer.status == 409
    assert not [trace for trace in TRACES if trace in answer.html]


def test_a_reporter_is_shown_masked_and_in_full_once(
    write: Block, rina: Client, read: Block
) -> None:
    number = make(write, "assigned", **MARKERS)
    page = rina.get(address(number))
    assert "M•••••••• P••••••" in page.main
    assert "0812••••7766" in page.main
    assert "Marulitua" not in page.html
    page = page.form("Tampilkan data pelapor, dicatat").submit(follow=False)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Marulitua Penanda" in page.main
    assert "+6281299887766" in page.main
    with read() as session:
        event = session.scalars(select(Event).where(Event.name == "reveal")).one()
        assert event.facts == {}
    page = rina.get(address(number))
    assert "Marulitua" not in page.html
    assert "Data pelapor dibuka petugas" in page.words("section[aria-labelledby=h-dalam]")


def test_what_is_erased_is_gone(write: Block, rina: Client) -> None:
    number = make(write, "assigned", **MARKERS)
    with write() as session:
        case = case_of(session, number)
        case.contact, case.erased_at = None, START
    page = rina.get(address(number))
    assert "Data pribadi pelapor sudah dihapus." in page.main
    assert "Tampilkan data pelapor" not in page.main


def test_a_viewer_reads_the_public_copy_alone(app: Flask, write: Block) -> None:
    text = "Selokan mampet. Hubungi 081234567890."
    number = made(write, "in_progress", ("tono", "note"), text=text, **MARKERS)
    page = viewer(app, write).get(address(number))
    assert "Selokan mampet" in page.main
    for hidden in ("081234567890", "h-dalam", "Pelapor", "Catatan dalam", *TRACES[:3]):
        assert hidden not in page.html, hidden
    assert "Tidak ada langkah untuk Anda" in page.main


def test_a_viewer_learns_nothing_of_a_rahasia_report(app: Flask, write: Block) -> None:
    number, _photo = photographed(write, text="Camat minta uang.", visibility="rahasia")
    page = viewer(app, write).get(address(number))
    assert page.h1 == "Laporan rahasia"
    for hidden in ("minta uang", "Jalan rusak", "Gang Melati", "Sei Agul", "<img"):
        assert hidden not in page.html, hidden


def test_those_who_work_on_it_read_a_rahasia_report(
    write: Block, budi: Client, rina: Client
) -> None:
    number = make(write, "assigned", text="Camat minta uang.", visibility="rahasia")
    for client in (budi, rina):
        page = client.get(address(number))
        assert "Camat minta uang." in page.main
        assert "Tidak pernah terlihat publik" in page.main


def test_a_page_of_no_case(budi: Client) -> None:
    for number in ("2611-0001", "x", "2611-0001%00", "..%2f..", "9" * 300):
        budi.get(address(number), status=404)
    budi.get(address("2611-0001", "assign"), status=404)


def test_reading_a_case_changes_nothing(write: Block, budi: Client, read: Block) -> None:
    number = make(write)
    with read() as session:
        before = (
            session.scalars(select(Case.version)).all(),
            session.scalars(select(Event.id)).all(),
        )
    for there in ("", "assign", "reject", "merge", "note", "mask"):
        budi.get(address(number, there))
    with read() as session:
        assert before == (
            session.scalars(select(Case.version)).all(),
            session.scalars(select(Event.id)).all(),
        )


def test_in_english(write: Block, budi: Client) -> None:
    page = budi.get(address(make(write)) + "?lang=en")
    assert "Staff only" in page.main
    assert "Assign to a unit" in page.main


def test_the_reason_chosen_from_a_list_is_read_too(
    write: Block, rina: Client, budi: Client
) -> None:
    page = rina.get(address(make(write, "disputed")))
    assert "Belum dikerjakan sama sekali" in page.main
    page = budi.get(address(make(write, "rejected")))
    assert "Kami belum memahami isinya" in page.main


def test_words_of_the_reporter_nobody_answered_stand_first(
    app: Flask, write: Block, rina: Client
) -> None:
    number = make(write, "disputed")
    waiting = "section[aria-labelledby=h-tunggu]"
    assert "Belum dikerjakan sama sekali" in rina.get(address(number)).words(waiting)
    page = rina.get(address(number, "answer_dispute"))
    assert "Belum dikerjakan sama sekali" in page.words(waiting)
    page = filled(page.form(field="words")).submit("Jawab bantahan")
    assert not page.select(waiting)
    for quiet in ("assigned", "answered"):
        assert not rina.get(address(make(write, quiet))).select(waiting)
    assert not viewer(app, write).get(address(make(write, "disputed"))).select(waiting)
