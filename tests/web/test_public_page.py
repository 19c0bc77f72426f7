"""/keluhan/<nomor>: what everybody may read of one report, and what nobody may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from app.cases import actions
from app.cases.actions import Given, take
from app.cases.events import THE_CLOCK, THE_HOLDER
from app.cases.models import Attachment, Case
from app.complaints.lifecycle import LIFECYCLE
from app.core.files import file_store
from app.core.photos import encode, store
from app.places.city import current_city
from tests.conftest import START, Block
from tests.histories import DRAFT, actor, brought_to, filed, given_for, step
from tests.pages import Client, Page
from tests.reports import photo

pytestmark = pytest.mark.once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAME, PHONE, MAIL = "Siti Penanda Rahmawati", "081298765432", "siti.penanda@contoh.test"
KELURAHAN, CATEGORY, UNIT = "Gedung Johor", "Jalan rusak", "SDABMBK"

Make = Callable[..., str]


@pytest.fixture
def make(write: Block) -> Make:
    """`make("assigned", visibility="anonim")` brings a report to a state and gives its number."""

    def made(state: str, **changes: Any) -> str:
        with write() as session:
            return brought_to(session, state, START, **changes).number

    return made


def case_of(session: Session, number: str) -> Case:
    return session.query(Case).filter(Case.number == number).one()


def add_photos(session: Session, case: Case, role: str, *colours: str) -> list[Attachment]:
    stored = tuple(store(file_store(), encode(photo(colour=colour))) for colour in colours)
    who = THE_HOLDER if role == "report" else actor(session, "rina")
    return actions.attach(session, case, stored, who, role, START)


def shown(client: Client, number: str, **more: Any) -> Page:
    return client.get(f"/keluhan/{number}", **more)


# ---------------------------------------------------------------- before and after the check


def test_before_the_check_it_shows_subject_place_date_and_state(client: Client, make: Make) -> None:
    """claims: text_after_check"""
    page = shown(client, make("submitted"))
    assert page.h1.startswith("Jalan rusak")
    for words in ("Medan Johor", "Dilaporkan 24 November 2026", "Menunggu verifikasi"):
        assert words in page.main
    assert "paling lambat Jumat, 27 November 2026" in page.main
    assert "becak" not in page.html
    assert "Melati" not in page.html


def test_before_the_check_nothing_of_the_reporter_shows(client: Client, write: Block) -> None:
    """claims: text_after_check"""
    with write() as session:
        case = filed(session, START, name=NAME, show_name=True, email=MAIL, phone=PHONE)
        add_photos(session, case, "report", "teal")
        step(session, case, "holder", "add", START + HOUR)
        number = case.number
    page = shown(client, number)
    assert not page.select("main img")
    assert "Sudah kami periksa" not in page.html
    for marker in (NAME, PHONE, MAIL):
        assert marker not in page.html


def test_after_the_check_it_shows_the_redacted_copy(client: Client, make: Make) -> None:
    """claims: text_after_check"""
    text = "Parit di depan rumah tersumbat, hubungi saya di 0812 9876 5432 sore hari."
    page = shown(client, make("assigned", text=text, landmark="Rumah NIK 1271012305900003"))
    assert "Parit di depan rumah tersumbat" in page.main
    assert "9876" not in page.html
    assert "2305900003" not in page.html
    assert "data pribadi ditutup" in page.main


def test_photos_from_before_and_after_stand_side_by_side(client: Client, write: Block) -> None:
    with write() as session:
        case = brought_to(session, "answered", START)
        add_photos(session, case, "report", "teal", "navy")
        add_photos(session, case, "after", "green")
        number = case.number
    page = shown(client, number)
    captions = [caption.get_text(strip=True) for caption in page.select("main .pair figcaption")]
    assert captions[:2] == ["Foto pelapor", "Foto sesudah"]
    assert len(page.select("main img")) == 3
    for picture in page.select("main img"):
        assert client.get(str(picture["src"])).status == 200


def test_a_withheld_photo_is_counted_and_not_shown(client: Client, write: Block) -> None:
    with write() as session:
        case = brought_to(session, "assigned", START)
        _kept, hidden = add_photos(session, case, "report", "teal", "red")
        hidden.hidden = True
        number, key = case.number, hidden.thumb_key
    page = shown(client, number)
    assert len(page.select("main img")) == 1
    assert "1 foto tidak ditampilkan demi keselamatan orang di dalamnya." in page.main
    assert key not in page.html
    client.get(f"/foto/{key}", status=404)


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_what_was_refused_or_withdrawn_shows_no_words(
    client: Client, write: Block, state: str
) -> None:
    with write() as session:
        if state == "withdrawn":
            case = brought_to(session, "in_progress", START)
            step(session, case, "holder", "withdraw", START + DAY)
        else:
            case = brought_to(session, state, START)
        add_photos(session, case, "report", "teal")
        number = case.number
    page = shown(client, number)
    assert "becak" not in page.html
    assert "Sudah kami periksa" not in page.html
    assert "Tempatnya belum bisa" not in page.html
    assert not page.select("main img")
    assert {"rejected": "Tidak dapat diproses. Isi tidak ditampilkan.",
            "withdrawn": "Dicabut pelapor pada 25 November 2026."}[state] in page.main  # fmt: skip


def test_a_refusal_gives_its_reason(client: Client, make: Make) -> None:
    assert "Alasannya: Kami belum memahami isinya." in shown(client, make("rejected")).main


def test_notes_and_questions_stay_inside(client: Client, write: Block) -> None:
    with write() as session:
        noted, asked = brought_to(session, "assigned", START), filed(session, START)
        for case, name, who in ((noted, "note", "rina"), (asked, "ask", "budi")):
            given = Given(words="Kata dari dalam")
            take(session, case, name, actor(session, who), given, current_city(), START)
        numbers = noted.number, asked.number
    for number in numbers:
        assert "Kata dari dalam" not in shown(client, number).html


# ---------------------------------------------------------------- rahasia


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_of_a_confidential_report_it_shows_four_things(
    client: Client, write: Block, state: str
) -> None:
    """claims: rahasia_readers"""
    with write() as session:
        case = brought_to(session, state, START, visibility="rahasia", about_unit="dishub")
        add_photos(session, case, "report", "teal")
        case.supporters = 12
        number = case.number
    for language in ("id", "en"):
        page = shown(client, number, query_string={"lang": language})
        assert number in page.main
        assert "Medan Johor" in page.h1
        assert "November 2026" in page.main
        assert len(page.select("main .tag")) == 1
        other = "2611-0001" if number == "2611-0002" else "2611-0002"  # what it was merged into
        secrets = [
            *(KELURAHAN, CATEGORY, "Damaged road", UNIT, "Dinas", "becak", "Melati", other),
            *("12 ", "24 ", "25 ", "Ombudsman RI, gratis"),
        ]
        for secret in secrets:
            assert secret not in f"{page.main} {page.title}", secret
        assert not page.select("main img, main form, meta[property]")
        assert not page.select(".leaf, .hist, .clock")


def test_it_is_the_same_once_a_report_was_made_confidential(client: Client, write: Block) -> None:
    with write() as session:
        case = brought_to(session, "in_progress", START, name=NAME, show_name=True)
        step(session, case, "holder", "tighten", START + DAY)
        number = case.number
    page = shown(client, number)
    assert page.h1 == "Laporan rahasia di Medan Johor"
    assert NAME not in page.html
    assert page.select("meta[name=robots]")


# ---------------------------------------------------------------- who wrote it


def test_the_name_shows_when_ticked_and_checked(client: Client, write: Block) -> None:
    with write() as session:
        ticked = brought_to(session, "assigned", START, name=NAME, show_name=True).number
        plain = brought_to(session, "assigned", START, name=NAME).number
    assert f"oleh {NAME}" in shown(client, ticked).main
    assert "nama pelapor tidak ditampilkan" in shown(client, plain).main
    assert NAME not in shown(client, plain).html


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_an_anonymous_reporter_is_nowhere(client: Client, write: Block, state: str) -> None:
    """claims: anonim_nobody_sees"""
    with write() as session:
        number = brought_to(
            session, state, START, visibility="anonim", name=NAME, show_name=True,
            email=MAIL, phone=PHONE,
        ).number  # fmt: skip
    page = shown(client, number)
    assert "oleh pelapor anonim" in page.main
    for marker in (NAME, PHONE, MAIL):
        assert marker not in page.html


def test_a_name_is_masked_like_any_text(client: Client, write: Block) -> None:
    with write() as session:
        name = f"Siti {PHONE}"
        number = brought_to(session, "assigned", START, name=name, show_name=True).number
    assert PHONE not in shown(client, number).html


# ---------------------------------------------------------------- where it stands

SENTENCES = {
    "submitted": "Isi dan foto tampil setelah diperiksa verifikator, paling lambat",
    "needs_info": "Menunggu keterangan tambahan dari pelapor.",
    "assigned": "Di tangan Dinas SDABMBK sejak 24 November 2026. Jawaban pertama paling lambat",
    "in_progress": "Sedang dikerjakan Dinas SDABMBK. Selesai paling lambat",
    "answered": "Dinas SDABMBK menyatakan sudah selesai. Menunggu tanggapan pelapor sampai",
    "disputed": "Pelapor menyatakan belum selesai. Dinas SDABMBK menjawab paling lambat",
    "closed": "Selesai menurut pelapor, 24 November 2026.",
    "rejected": "Tidak dapat diproses. Isi tidak ditampilkan.",
    "referred": "yang berwenang.",
    "merged": "Digabung dengan laporan 2611-0002.",
    "withdrawn": "Dicabut pelapor pada 24 November 2026.",
}


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_each_state_has_its_sentence_and_open_ones_take_support(
    client: Client, make: Make, state: str
) -> None:
    number = make(state)
    page = shown(client, number)
    assert SENTENCES[state] in page.main
    supportable = any(form.action.endswith("/saya-juga") for form in page.forms())
    assert supportable is (state in LIFECYCLE.open_states)
    page = shown(client, number, query_string={"lang": "en"})
    assert "24 November 2026" in page.main
    assert "Held by" in page.main or "Done by" in page.main or state in {
        "rejected", "merged", "withdrawn",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (("ask", "expire"), "Ditutup karena tidak dilengkapi, 24 November 2026."),
        (("assign", "start", "close"), "Ditutup petugas dengan alasan, 24 November 2026."),
        (
            ("assign", "start", "answer", "auto_close"),
            "Selesai otomatis setelah 10 hari kerja tanpa tanggapan, 24 November 2026.",
        ),
    ],
)
def test_a_closed_report_says_how(
    client: Client, write: Block, steps: tuple[str, ...], sentence: str
) -> None:
    who = {"start": "rina", "answer": "rina", "expire": "clock", "auto_close": "clock"}
    with write() as session:
        case = filed(session, START)
        for name in steps:
            step(session, case, who.get(name, "budi"), name, START + HOUR)
        number = case.number
    assert sentence in shown(client, number).main


@pytest.mark.parametrize("state", LIFECYCLE.city_clock)
def test_lateness_is_said_plainly_and_where_to_turn(
    client: Client, make: Make, clock: time_machine.Traveller, state: str
) -> None:
    number = make(state)
    assert ("Ombudsman RI, gratis" in shown(client, number).main) is (state == "disputed")
    clock.move_to(START + timedelta(days=60))
    page = shown(client, number)
    assert "Lewat" in page.words(".clock")
    assert page.select(".say.late")
    assert "Ombudsman RI, gratis. Telepon 137" in page.main
    assert "paling lambat" not in page.words(".say.late")
    assert "late" in shown(client, number, query_string={"lang": "en"}).main.lower()


def test_a_case_that_went_up_says_so(
    client: Client, write: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        case = brought_to(session, "assigned", START)
        later = START + timedelta(days=10)
        take(session, case, "overdue", THE_CLOCK, Given(), current_city(), later)
        number = case.number
    clock.move_to(later)
    words = shown(client, number).words(".say.late")
    assert words.startswith("Dinas SDABMBK belum menjawab sejak 24 November 2026.")
    assert "kepala dinas diberi tahu: 4 Desember 2026" in words


def test_a_merged_report_leads_to_the_other(client: Client, make: Make) -> None:
    number = make("merged")
    page = shown(client, number).follow("Lihat laporan")
    assert page.path.startswith("/keluhan/2611-")
    assert page.path != f"/keluhan/{number}"


def test_a_merged_report_does_not_tell_which_rahasia_one_it_went_into(
    client: Client, make: Make, write: Block
) -> None:
    number = make("merged")
    with write() as session:
        target = case_of(session, number).merged_into
        assert target is not None
        hidden = target.number
        step(session, target, "holder", "tighten", START)
    page = shown(client, number)
    assert hidden not in page.html
    assert "Digabung dengan laporan" in page.main


def test_the_history_is_public_and_names_no_person(client: Client, make: Make) -> None:
    page = shown(client, make("closed"))
    story = page.words(".hist")
    for words in ("Laporan masuk", "Diteruskan ke", "Jawaban pertama dinas", "Sudah kami periksa"):
        assert words in story
    assert "Siregar" not in page.html
    assert "Nasution" not in page.html


def test_later_words_of_the_reporter_wait_for_a_look(client: Client, write: Block) -> None:
    with write() as session:
        case = brought_to(session, "in_progress", START)
        given = Given(words="Hari ini lubangnya bertambah dalam.")
        take(session, case, "reply", THE_HOLDER, given, current_city(), START + DAY)
        number = case.number
    assert "bertambah dalam" not in shown(client, number).html
    with write() as session:
        case = case_of(session, number)
        given = given_for(session, "update", START)
        take(
            session, case, "update", actor(session, "rina"), given, current_city(), START + 2 * DAY
        )
    assert "bertambah dalam" in shown(client, number).main


# ---------------------------------------------------------------- support, sharing, neighbours


def test_support_counts(client: Client, make: Make) -> None:
    number = make("assigned")
    page = shown(client, number)
    assert "ikut melaporkan" not in page.main
    assert page.form("Saya juga").submit("Saya juga").path == f"/keluhan/{number}/saya-juga"
    assert "1 warga ikut melaporkan." in shown(client, number).main


def test_shared_links_carry_no_words_of_the_reporter(client: Client, make: Make) -> None:
    number = make("assigned", visibility="anonim")
    page = shown(client, number)
    card = {str(tag["property"]): str(tag["content"]) for tag in page.select("meta[property]")}
    assert card["og:title"] == page.h1
    assert card["og:url"].endswith(f"/keluhan/{number}")
    assert "becak" not in str(card)
    share = page.links()["Bagikan lewat WhatsApp"]
    assert share.startswith("https://wa.me/?text=")
    assert number in share
    assert "becak" not in share


def test_other_reports_of_the_kelurahan_stand_beside_it(client: Client, write: Block) -> None:
    with write() as session:
        one = brought_to(session, "assigned", START)
        other = brought_to(session, "assigned", START, category_slug="drainage")
        hidden = brought_to(session, "assigned", START, visibility="rahasia")
        numbers = one.number, other.number, hidden.number
    beside = shown(client, numbers[0]).words(".reps")
    assert numbers[1] in beside
    assert numbers[2] not in beside


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("typed", ["26110001", "2611 0001", "no.2611-0001", "%232611–0001"])
def test_a_number_is_understood_however_it_is_typed(client: Client, make: Make, typed: str) -> None:
    number = make("assigned")
    assert shown(client, typed).path == f"/keluhan/{number}"


def test_a_number_nobody_was_given(client: Client, make: Make) -> None:
    page = shown(client, "2611-9999", status=404)
    assert page.h1 == "Laporan 2611-9999 tidak ada"
    assert page.form("Cari").fill(q="lubang").submit("Cari").status == 200
    assert "There is no report" in shown(
        client, "2611-9999", status=404, query_string={"lang": "en"}
    ).h1  # fmt: skip


@pytest.mark.parametrize("typed", ["abc", "1", "%00", "2613-0001", "-", "..", "٢٦١١-٠٠٠١"])
def test_what_is_no_number_is_not_found(client: Client, typed: str) -> None:
    client.get(f"/keluhan/{typed}", status=404)


def test_the_page_may_not_be_kept_by_others(client: Client, make: Make) -> None:
    assert "private" in shown(client, make("assigned")).headers["Cache-Control"]


def test_it_is_the_draft_of_these_tests(app: Flask) -> None:
    """The words looked for above are words of the report."""
    with app.app_context():
        assert current_city().village(DRAFT.village_code or "").name == KELURAHAN
    assert "becak" in DRAFT.text
    assert "Melati" in DRAFT.landmark
