"""Filing a report through the pages, without script."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.cases.models import Attachment, Case, Contact, Event
from app.complaints.models import Complaint
from app.config import Settings
from app.core.vault import Vault
from app.places.city import City
from tests.conftest import Block
from tests.databases import statements
from tests.pages import Client, Page
from tests.reports import LEVY, PLAIN, TEXT, blank, file_report, filled, photo, send
from tests.shipped import ROOT

NEW = "/keluhan/baru"


def count(read: Block, thing: type = Case) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(thing)) or 0


def only(read: Block) -> tuple[Case, Complaint]:
    with read() as session:
        case, complaint = session.execute(select(Case, Complaint).join(Complaint)).one()
        assert case.contact is None or case.contact.case_id
        return case, complaint


@pytest.fixture
def city(app: Flask) -> City:
    found: City = app.extensions["city"]
    return found


# ---------------------------------------------------------------- the page


def test_the_form_asks_no_database(app, client):
    with statements(app) as asked:
        client.get(NEW)
    assert asked == []


def test_the_order_is_story_place_photos_subject_visibility_contact(client):
    legends = [
        " ".join(tag.get_text(" ").split()) for tag in client.get(NEW).select(".part > legend")
    ]
    assert legends == [
        "1 Apa yang terjadi?",
        "2 Di mana?",
        "3 Foto",
        "4 Termasuk urusan apa?",
        "5 Siapa yang boleh melihat?",
        "6 Kabar lanjutan",
    ]


def test_nothing_asks_for_an_account_or_more_than_is_needed(client):
    form = blank(client)
    assert form.names() == {
        "csrf_token", "form_key", "visibility_for", "hide", "website", "text", "since", "district",
        "village", "landmark", "latitude", "longitude", "photos", "category", "klass", "visibility",
        "phone", "email", "name", "show_name",
    }  # fmt: skip


def test_back_finds_the_same_form_but_not_one_about_an_office(client):
    assert client.get(NEW).headers["Cache-Control"] == "private, no-cache"
    page = client.get(f"{NEW}?urusan=pungli")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.select("form[autocomplete=off]")
    assert filled(client).submit("Periksa dulu").headers["Cache-Control"] == "no-store"


def test_every_form_has_a_key_of_its_own(client):
    keys = {blank(client).values["form_key"][0] for _ in range(3)}
    assert len(keys) == 3


def test_the_date_before_sending_is_the_promise(client):
    assert "Jumat, 27 November 2026" in client.get(NEW).words("section.clock")


def test_a_plain_report_is_filed(client, read, app):
    receipt = file_report(client)
    case, complaint = only(read)
    assert receipt.status == 200
    assert receipt.value("data-report-number") == case.number == "2611-0001"
    assert (case.state, case.visibility, case.category_slug) == ("submitted", "publik", "drainage")
    assert (case.district_code, case.village_code) == ("12.71.09", None)
    assert (complaint.text, complaint.landmark) == (TEXT, PLAIN["landmark"])
    assert (complaint.klass, complaint.since, complaint.about_unit) == ("pengaduan", "", None)
    assert (case.latitude, case.contact, case.language, case.published_at) == (
        None,
        None,
        "id",
        None,
    )
    assert count(read, Event) == 1


def test_everything_that_can_be_said_is_kept(client, read, app):
    form = filled(
        client,
        klass="aspirasi",
        since="week",
        visibility="publik",
        name="Siti Aminah",
        show_name=True,
        phone="0812-3456-7890",
        email="siti@contoh.id",
    )
    form.force("latitude", "3.58520000").force("longitude", "98.67520000")
    form.attach("photos", ("jalan.jpg", photo()), ("parit.png", photo(kind="PNG")))
    send(form)
    with read() as session:
        case, complaint = session.execute(select(Case, Complaint).join(Complaint)).one()
        vault: Vault = app.extensions["vault"]
        assert case.contact is not None
        kept = [case.contact.name, case.contact.phone, case.contact.email]
        assert [vault.decrypt(value) for value in kept if value] == [
            "Siti Aminah",
            "+6281234567890",
            "siti@contoh.id",
        ]
        assert case.contact.show_name
        assert (case.latitude, case.longitude) == (3.5852, 98.6752)
        assert (complaint.klass, complaint.since) == ("aspirasi", "week")
        assert [photo.role for photo in case.attachments] == ["report", "report"]


def test_english_is_remembered_for_the_mails(client, read):
    page = client.get(f"{NEW}?lang=en")
    assert page.h1 == "Make a report"
    receipt = page.form("Send report").fill(**PLAIN).submit("Send report")
    assert receipt.h1 == "We have received your report"
    assert "Friday, 27 November 2026" in receipt.main
    assert only(read)[0].language == "en"


# ---------------------------------------------------------------- steps without script


def test_a_kecamatan_narrows_the_kelurahan(client, city):
    page = filled(client).submit("Tampilkan kelurahan")
    form = page.form("Kirim laporan")
    names = list(form.options("village").values())
    assert names[0] == "Pilih"
    assert names[-1] == "Tidak yakin"
    assert names[1:-1] == [village.name for village in city.villages_of("12.71.09")]
    assert form.values["text"] == [TEXT]
    assert form.values["landmark"] == [PLAIN["landmark"]]
    assert form.values["village"] == ["unsure"]
    assert form.values["category"] == ["drainage"]


def test_showing_the_kelurahan_checks_nothing_else(client):
    page = blank(client).fill(district="12.71.09").submit("Tampilkan kelurahan")
    assert page.status == 200
    assert not page.errors()


def test_subjects_are_suggested_from_the_text_and_never_chosen(client):
    form = blank(client).fill(text=TEXT)
    page = form.submit("Usulkan urusan dari tulisan saya")
    cards = [tag["value"] for tag in page.select("[data-cards] input")]
    assert cards[0] == "drainage"
    assert cards[-1] == "other"
    assert len(cards) <= 4
    assert not page.form("Kirim laporan").values.get("category")
    assert "Usulan dari tulisan Anda:" in page.main


def test_every_subject_is_on_the_page(client, city, app):
    form = blank(client)
    assert set(form.options("category")) == {category.slug for category in city.categories}


def test_the_suggested_subject_need_not_be_taken(client, read):
    form = blank(client).fill(text=TEXT).submit("Usulkan urusan dari tulisan saya")
    send(form.form("Kirim laporan").fill(**PLAIN | {"category": "street_light"}))
    assert only(read)[0].category_slug == "street_light"


def test_a_chosen_subject_stays_in_sight(client):
    page = filled(client, category="labour").submit("Usulkan urusan dari tulisan saya")
    cards = [tag["value"] for tag in page.select("[data-cards] input")]
    assert "labour" in cards
    assert page.form("Kirim laporan").values["category"] == ["labour"]


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("?category=garbage", "category", "garbage"),
        ("?urusan=pungli", "category", "extortion"),
        ("?urusan=lampu-jalan", "category", "street_light"),
        ("?kelurahan=12.71.09.1001", "village", "12.71.09.1001"),
        ("?kelurahan=12.71.09.1001", "district", "12.71.09"),
    ],
)
def test_an_address_fills_in_what_it_names(client, query, field, value):
    assert blank(client, query).values[field] == [value]


@pytest.mark.parametrize(
    "query", ["?category=nonsense", "?urusan=%00", "?kelurahan=12", "?category=" + "x" * 3000]
)
def test_an_address_that_names_nothing_is_passed_over(client, query):
    form = blank(client, query)
    assert not form.values.get("category")
    assert form.values["district"] == [""]


# ---------------------------------------------------------------- checking before sending


def test_the_preview_marks_what_is_masked(client, read):
    form = filled(client, text=f"{TEXT} Hubungi 0812-3345-7890, NIK 1271105708920003.")
    page = form.submit("Periksa dulu")
    assert page.status == 200
    assert page.h1 == "Periksa sebelum dikirim"
    public = page.words("#pratinjau")
    assert "0812" not in public
    assert "1271105708920003" not in public
    assert len(page.select("#pratinjau mark")) == 2
    assert "Kami menutup 2 data pribadi" in public
    assert "paling lambat Jumat, 27 November 2026" in page.main
    assert count(read) == 0


def test_what_the_preview_shows_is_what_is_stored(client, read):
    page = filled(client, text=f"{TEXT} Telepon 081233457890.").submit("Periksa dulu")
    shown = page.select("#pratinjau .said")[0].get_text()
    send(page.form("Kirim laporan"))
    assert only(read)[1].public_text == shown


def test_the_reporter_may_mask_more_words(client, read):
    page = filled(client, text=f"{TEXT} Dekat rumah Bu Tiurma.").submit("Periksa dulu")
    page = page.form("Kirim laporan").fill(hide="Tiurma\nmusala").submit("Perbarui pratinjau")
    assert "Tiurma" not in page.words("#pratinjau .said")
    send(page.form("Kirim laporan"))
    complaint = only(read)[1]
    assert "Tiurma" in complaint.text
    assert "Tiurma" not in complaint.public_text
    assert "musala" not in complaint.public_landmark


def test_the_preview_of_a_confidential_report_shows_no_text(client):
    page = filled(client, visibility="rahasia").submit("Periksa dulu")
    assert TEXT not in page.words("#pratinjau")
    assert "Isi laporan tidak tampil ke publik." in page.words("#pratinjau")


def test_checking_keeps_everything(client):
    form = filled(client, phone="081234567890", since="month", klass="informasi")
    again = form.submit("Periksa dulu").form("Kirim laporan")
    for name, value in form.values.items():
        if name not in {"csrf_token", "form_key", "visibility_for"}:
            assert again.values[name] == value, name
    assert again.values["form_key"] == form.values["form_key"]


def test_the_enter_key_checks(client, read):
    assert filled(client).submit().h1 == "Periksa sebelum dikirim"
    assert count(read) == 0


# ---------------------------------------------------------------- who may see it


@pytest.mark.parametrize("category", ["extortion", "local_office"])
def test_public_is_refused_about_an_office(client, read, category):
    page = filled(client, category=category).submit("Kirim laporan")
    assert page.status == 422
    assert page.errors() == {"visibility": "Untuk urusan ini pilih Anonim atau Rahasia."}
    form = page.form("Kirim laporan")
    assert set(form.options("visibility")) == {"anonim", "rahasia"}
    assert form.values["visibility"] == ["rahasia"]
    assert count(read) == 0


def test_public_about_an_office_is_refused_of_a_hostile_client_too(client, read):
    form = filled(client).force("category", "extortion").force("visibility", "publik")
    form.force("visibility_for", "extortion").force("seen", "office")
    assert form.submit("Kirim laporan").status == 422
    assert count(read) == 0


@pytest.mark.parametrize("visibility", ["anonim", "rahasia"])
def test_a_name_is_kept_of_public_reports_only(client, read, visibility):
    file_report(client, visibility=visibility, name="Siti Aminah", phone="081234567890")
    with read() as session:
        (contact,) = session.scalars(select(Contact)).all()
        assert contact.name is None
        assert not contact.show_name


def test_a_subject_that_is_confidential_by_default_says_so_once(
    app: Flask, client: Client, read: Block, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page without script could not know: it chose publik before a subject was chosen."""
    strict = tuple(
        replace(c, visibility="anonim") if c.slug == "health" else c for c in city.categories
    )
    monkeypatch.setitem(app.extensions, "city", replace(city, categories=strict))
    form = filled(client, category="health")
    form.force("seen", "danger")
    page = form.submit("Kirim laporan")
    assert page.errors() == {
        "visibility": "Untuk urusan ini kami pilihkan Anonim. Anda boleh mengubahnya."
    }
    page = page.form("Kirim laporan").fill(visibility="publik").submit("Kirim laporan")
    assert page.path.endswith("/tanda-terima")
    assert only(read)[0].visibility == "publik"


def test_an_office_is_named_so_that_it_does_not_get_the_report(client, read):
    form = blank(client, "?urusan=pungli")
    assert "about_unit" in form.names()
    assert "publik" not in form.options("visibility")
    form.fill(**LEVY, about_unit="kec_medan_kota")
    send(form)
    assert only(read)[1].about_unit == "kec_medan_kota"


def test_an_office_is_asked_about_nowhere_else(client, read):
    form = filled(client).force("about_unit", "kec_medan_kota")
    send(form)
    assert only(read)[1].about_unit is None


# ---------------------------------------------------------------- help comes first


def box(page: Page) -> str:
    return " ".join(" ".join(tag.get_text(" ").split()) for tag in page.select("form > div > .say"))


def test_danger_is_for_the_telephone(client, read):
    page = filled(client, category="flood").submit("Kirim laporan")
    assert page.status == 200
    assert "Ada bahaya sekarang?" in box(page)
    assert page.select('a[href="tel:112"]')
    assert count(read) == 0
    page = page.form("Kirim laporan").submit("Tidak ada bahaya. Lanjutkan laporan")
    assert page.path.endswith("/tanda-terima")
    assert count(read) == 1


def test_danger_known_beforehand_stands_above_the_form_and_holds_nobody_up(client, read):
    page = client.get(f"{NEW}?category=fire_rescue")
    assert "Ada bahaya sekarang?" in box(page)
    form = page.form("Kirim laporan").fill(**PLAIN | {"category": "fire_rescue"})
    assert form.submit("Kirim laporan").path.endswith("/tanda-terima")


@pytest.mark.parametrize(
    ("words", "help_"),
    [
        ("Tetangga saya korban KDRT setiap malam, mohon bantuannya.", "SAPA 129"),
        ("Ada anak disuruh mengemis di lampu merah ini setiap hari.", "seorang anak disakiti"),
        ("Saya sudah tidak tahan dan ingin mati saja di rumah ini.", "merasa tidak sanggup hidup"),
        ("Ada orang terjebak di parit ini sejak tadi pagi, tolong.", "Ada bahaya sekarang?"),
    ],
)
def test_words_of_distress_are_answered_before_sending(client, read, words, help_):
    page = filled(client, text=words).submit("Kirim laporan")
    assert help_ in box(page)
    assert count(read) == 0
    assert send(page.form("Kirim laporan")).path.endswith("/tanda-terima")


def test_leaving_quickly_is_offered_first(client):
    page = client.get(f"{NEW}?urusan=pungli")
    first = page.select("main a[href], main button, main input:not([type=hidden])")[0]
    assert first.get_text() == "Keluar cepat"
    assert "kantor yang Anda laporkan tidak menerimanya" in box(page)


# ---------------------------------------------------------------- photos


def test_photos_of_a_form_sent_back_need_not_be_chosen_again(client, read):
    form = filled(client, text="pendek").attach("photos", ("jalan.jpg", photo()))
    page = form.submit("Kirim laporan")
    assert page.status == 422
    assert "Foto 1 sudah kami terima dan tersimpan" in page.main
    send(page.form("Kirim laporan").fill(text=TEXT))
    assert count(read, Attachment) == 1


def test_a_kept_photo_may_be_left_out(client, read):
    form = filled(client, text="pendek").attach("photos", ("a.jpg", photo()), ("b.jpg", photo()))
    again = form.submit("Kirim laporan").form("Kirim laporan").fill(text=TEXT)
    again.values["kept"] = again.values["kept"][:1]
    send(again)
    assert count(read, Attachment) == 1


def test_photos_of_a_confidential_form_are_not_kept(client, read, settings: Settings):
    form = filled(client, text="pendek", visibility="rahasia")
    page = form.attach("photos", ("jalan.jpg", photo())).submit("Kirim laporan")
    assert "foto tidak kami simpan di antara dua pengiriman" in page.main
    assert not page.select("[name=kept]")
    assert not [file for file in settings.upload_dir.rglob("*") if file.is_file()]


def test_photos_kept_are_discarded_when_the_form_becomes_confidential(client, settings: Settings):
    form = filled(client, text="pendek").attach("photos", ("jalan.jpg", photo()))
    again = form.submit("Kirim laporan").form("Kirim laporan")
    assert [file for file in settings.upload_dir.rglob("*") if file.is_file()]
    page = again.fill(visibility="rahasia").submit("Kirim laporan")
    assert "foto tidak kami simpan" in page.main
    assert not [file for file in settings.upload_dir.rglob("*") if file.is_file()]


def test_a_confidential_report_takes_its_photos_when_it_is_sent(client, read):
    form = filled(client, visibility="rahasia").attach("photos", ("jalan.jpg", photo()))
    send(form)
    assert count(read, Attachment) == 1


def test_no_more_photos_than_allowed(client, read, city):
    many = [(f"{n}.jpg", photo()) for n in range(city.limits.photos_max + 2)]
    page = filled(client).attach("photos", *many).submit("Kirim laporan")
    assert page.status == 422
    assert "Pilih paling banyak 5 foto. Hapus 2 foto dulu." in page.words(".sum")
    assert "Foto 5 sudah kami terima" in page.main
    assert count(read) == 0


def test_a_photo_that_ran_out_is_asked_for_again(client, clock):
    form = filled(client, text="pendek").attach("photos", ("jalan.jpg", photo()))
    again = form.submit("Kirim laporan").form("Kirim laporan").fill(text=TEXT)
    clock.shift(timedelta(hours=25))
    page = again.submit("Kirim laporan")
    assert page.errors() == {
        "photos": "Foto yang Anda kirim tadi sudah tidak tersimpan. Pilih lagi."
    }


def test_the_fullest_page_is_still_light(app, client):
    """The client refuses pages over 10 kB; this one has all a form can have at once."""
    story = " ".join(f"{word} {number}" for number, word in enumerate(TEXT.split() * 24))[:3900]
    for _ in range(3):
        page = filled(Client(app, language="id"), text=story).submit("Kirim laporan")
        if "Bukan ini, lanjutkan laporan saya" in page.main:
            page.form("Kirim laporan").submit("Bukan ini, lanjutkan laporan saya")
    form = filled(client, text=story, email="siti@contoh.id", name="Siti", show_name=True)
    form.attach("photos", *((f"{n}.jpg", photo()) for n in range(5)))
    page = form.submit("Periksa dulu")
    assert len(page.select("#periksa .reps > li")) == 3
    assert len(page.select("[name=kept]")) == 5


# ---------------------------------------------------------------- the same form twice


def test_pressing_send_twice_makes_one_report(client, read):
    form = filled(client)
    first, second = form.submit("Kirim laporan"), form.submit("Kirim laporan")
    assert first.path == second.path
    assert first.value("data-tracking-code") == second.value("data-tracking-code")
    assert "Tidak ada laporan ganda; tanda terimanya sama." in second.main
    assert "Tidak ada laporan ganda" not in first.main
    assert count(read) == 1


def test_a_retry_from_another_network_shows_the_same_receipt(app, read):
    """The first answer was lost on the way: its cookie never arrived."""
    client = Client(app, language="id")
    form = filled(client)
    lost = form.submit("Kirim laporan", follow=False)
    assert lost.status == 303
    client.http.delete_cookie("tanda_terima", path=urlsplit(lost.headers["Location"]).path)
    receipt = form.submit("Kirim laporan")
    assert receipt.value("data-tracking-code")
    assert count(read) == 1


def test_after_a_day_the_form_key_shows_no_code_any_more(client, read, clock):
    form = filled(client)
    form.submit("Kirim laporan")
    clock.shift(timedelta(hours=25))
    page = form.submit("Kirim laporan")
    assert page.status == 403
    assert not page.select("[data-tracking-code]")
    assert count(read) == 1


def test_a_form_without_its_key_gets_a_fresh_one(client, read):
    form = filled(client).force("form_key", "")
    page = form.submit("Kirim laporan")
    assert page.status == 422
    assert "Isian ini tidak lengkap terkirim" in page.words(".sum")
    assert send(page.form("Kirim laporan")).path.endswith("/tanda-terima")
    assert count(read) == 1


def test_another_form_is_another_report(client, read):
    file_report(client)
    file_report(client, category="street_light")
    assert count(read) == 2


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("text", "", "Ceritakan masalahnya, minimal 20 huruf."),
        ("text", "parit mampet", "Tambahkan sedikit lagi"),
        ("text", "https://contoh.id/panjang-sekali/tautan", "bukan tautan saja"),
        ("district", "", "Pilih kecamatan tempat masalahnya."),
        ("village", "", "Pilih kelurahan, atau pilih “Tidak yakin”."),
        ("landmark", "", "Tulis patokan"),
        ("landmark", "gang", "Tambah patokan"),
        ("phone", "12345", "Tulis nomor ponsel 10–13 angka"),
        ("phone", "061-4512345", "Tulis nomor ponsel"),
        ("email", "siti@", "Tulis alamat email lengkap"),
    ],
)
def test_a_mistake_is_explained_at_its_field(client, read, field, value, message):
    page = filled(client, **{field: value}).submit("Kirim laporan")
    assert page.status == 422
    assert message in page.errors()[field]
    assert page.errors()[field].removeprefix("Perbaiki: ") in page.words(".sum")
    assert page.form("Kirim laporan").values[field] == [value]
    assert page.title.startswith("Perbaiki: ")
    assert count(read) == 0


def test_a_subject_must_be_chosen_and_other_is_one(client, read):
    form = filled(client)
    form.values["category"] = []
    page = form.submit("Kirim laporan")
    assert page.errors() == {"category": "Pilih urusan, atau pilih “Lainnya”."}
    send(page.form("Kirim laporan").fill(category="other"))
    assert only(read)[0].category_slug == "other"


def test_a_kelurahan_of_another_kecamatan_is_named(client, city):
    page = filled(client).submit("Tampilkan kelurahan")
    village = next(v for v in city.villages if v.district_code != "12.71.09")
    page = page.form("Kirim laporan").force("village", village.code).submit("Kirim laporan")
    assert page.errors()["village"].startswith(f"{village.name} tidak berada di ")


def test_a_name_to_be_shown_must_be_given(client):
    page = filled(client, show_name=True).submit("Kirim laporan")
    assert "hapus centang" in page.errors()["name"]


def test_a_pin_outside_the_city_can_be_removed_without_script(client, read):
    form = filled(client).force("latitude", "-6.2").force("longitude", "106.8")
    page = form.submit("Kirim laporan")
    assert page.status == 422
    assert "di luar Kota Medan" in page.errors()["pin"]
    page = page.form("Kirim laporan").submit("Hapus tanda")
    assert page.status == 200
    send(page.form("Kirim laporan"))
    assert only(read)[0].latitude is None


def test_a_pin_suggests_the_kecamatan_and_the_citizen_decides(client, read, city):
    centre = city.district("12.71.13")
    form = filled(client, district="").force("latitude", str(centre.lat))
    page = form.force("longitude", str(centre.lon)).submit("Tampilkan kelurahan")
    again = page.form("Kirim laporan")
    assert again.values["district"] == ["12.71.13"]
    assert f"Tanda ini berada di {centre.name}. Ubah kalau bukan." in page.main
    send(again.fill(district="12.71.09"))
    case = only(read)[0]
    assert case.district_code == "12.71.09"
    assert case.latitude == centre.lat


def test_an_old_page_keeps_what_was_typed(client, read):
    form = filled(client).force("csrf_token", "old")
    page = form.submit("Kirim laporan")
    assert page.status == 422
    assert "Halaman ini sudah terbuka terlalu lama" in page.words(".sum")
    assert page.form("Kirim laporan").values["text"] == [TEXT]
    assert send(page.form("Kirim laporan")).path.endswith("/tanda-terima")
    assert count(read) == 1


# ---------------------------------------------------------------- programs and floods


def test_a_program_that_fills_in_everything_is_refused_and_a_person_told_what_to_do(client, read):
    page = filled(client, website="https://spam.example").submit("Kirim laporan")
    assert page.status == 403
    assert "kirim sekali lagi" in page.words(".sum")
    again = page.form("Kirim laporan")
    assert again.values["text"] == [TEXT]
    assert again.values["website"] == [""]
    assert count(read) == 0
    assert send(again).path.endswith("/tanda-terima")


class TestLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True, reports_per_hour=2)

    def test_too_many_from_one_network_wait_with_their_text(self, client, read, clock):
        for category in ("garbage", "street_light"):
            file_report(client, category=category)
        page = filled(client).submit("Kirim laporan")
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 3600
        assert "Terlalu banyak laporan dari jaringan ini" in page.words(".sum")
        assert "menit" in page.words(".sum")
        form = page.form("Kirim laporan")
        assert form.values["text"] == [TEXT]
        assert count(read) == 2

    def test_a_retry_is_not_counted_and_always_answered(self, client, read):
        form = filled(client)
        for _ in range(5):
            assert form.submit("Kirim laporan").path.endswith("/tanda-terima")
        file_report(client, category="garbage")
        assert form.submit("Kirim laporan").path.endswith("/tanda-terima")
        assert count(read) == 2

    def test_mistakes_are_not_counted(self, client):
        for _ in range(5):
            filled(client, text="pendek").submit("Kirim laporan")
        assert file_report(client)

    def test_another_network_is_not_held_up(self, app):
        for _ in range(2):
            file_report(Client(app, language="id"))
        other = Client(app, language="id")
        other.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        assert file_report(other)


# ---------------------------------------------------------------- another city


class TestAnotherCity:
    """Two kecamatan, two subjects, neither of them "other"."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, city_dir=ROOT / "tests" / "cities" / "muara")

    def test_the_form_asks_what_that_city_has(self, client, city):
        form = blank(client)
        assert list(form.options("category")) == ["jalan", "kantor"]
        assert len(form.options("district")) == len(city.districts) + 1
        page = form.fill(category="kantor", visibility="publik").submit("Kirim laporan")
        assert page.errors()["visibility"] == "Untuk urusan ini pilih Anonim atau Rahasia."


# ---------------------------------------------------------------- for the script


def test_the_areas_are_one_small_file_that_browsers_keep(client, city):
    response = client.http.get("/keluhan/wilayah.json")
    assert response.json is not None
    assert [area["code"] for area in response.json] == [d.code for d in city.districts]
    assert sum(len(area["villages"]) for area in response.json) == len(city.villages)
    assert "max-age" in response.headers["Cache-Control"]
    again = client.http.get(
        "/keluhan/wilayah.json", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


def test_advice_comes_without_the_text_in_an_address(client):
    form = filled(client, text="Kabel putus di tiang ini, ada percikan api dan gelap gulita.")
    data = {"csrf_token": form.values["csrf_token"], "text": form.values["text"]}
    response = client.http.post("/keluhan/baru/saran", data=data)
    assert response.json is not None
    assert 1 <= len(response.json["suggested"]) <= 3
    assert "Ada bahaya sekarang?" in response.json["advice"]
    assert response.headers["Cache-Control"] == "no-store"
    seen = client.http.post("/keluhan/baru/saran", data=data | {"seen": "danger"})
    assert "Ada bahaya sekarang?" not in (seen.json or {})["advice"]


def test_advice_is_for_pages_of_ours(client):
    client.get(NEW)
    assert client.http.post("/keluhan/baru/saran", data={"text": TEXT}).status_code == 400


def test_advice_writes_nothing(app, client):
    form = filled(client)
    data = {"csrf_token": form.values["csrf_token"], "text": TEXT}
    with statements(app) as asked:
        client.http.post("/keluhan/baru/saran", data=data)
    assert not any(s.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE")) for s in asked)


def test_filing_is_one_transaction_of_few_statements(app, client):
    form = filled(client)
    form.force("seen", "similar")
    with statements(app) as asked:
        form.submit("Kirim laporan", follow=False)
    assert sum(s.startswith("INSERT INTO cases") for s in asked) == 1
    assert len([s for s in asked if s.startswith(("SELECT", "INSERT", "UPDATE"))]) <= 10
