"""Reports that may be the same are offered once, and "Saya juga" counts one more person."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.cases.models import Case, Support
from app.cases.telling import CONFIRM
from app.complaints import asking, filing_views
from app.config import Settings
from app.core.models import Outbox
from tests.conftest import Block
from tests.pages import Client, Page
from tests.reports import LEVY, PLAIN, TEXT, file_report, filled, photo

HERE = ("3.585200", "98.675200")


@pytest.fixture
def first(app) -> str:
    """Somebody else reported the drain already; the number of that report."""
    return file_report(Client(app, language="id")).value("data-report-number")


def numbers(read: Block) -> list[str]:
    with read() as session:
        return list(session.scalars(select(Case.number).order_by(Case.id)))


def supporters(read: Block) -> int:
    with read() as session:
        return session.scalars(select(Case.supporters)).first() or 0


def me_too(page: Page) -> Page:
    return page.form(action="/saya-juga").submit("Saya juga")


# ---------------------------------------------------------------- offered


def test_a_similar_report_is_offered_before_a_second_one_is_made(client, first, read):
    page = filled(client).submit("Kirim laporan")
    assert page.status == 200
    assert "Mungkin sudah ada yang melapor" in page.main
    assert first in page.main
    assert "di kelurahan yang sama" in page.main
    assert "1 orang mengalami hal yang sama" in page.main
    assert numbers(read) == [first]


def test_its_text_is_not_shown_before_a_verifier_has_seen_it(client, first):
    page = filled(client, text=f"{TEXT} Tolong dikorek.").submit("Kirim laporan")
    assert "Mungkin sudah ada yang melapor" in page.main
    assert TEXT not in page.words("section.say")


def test_not_the_same_makes_a_report_of_its_own(client, first, read):
    page = filled(client).submit("Kirim laporan")
    page = page.form("Kirim laporan").submit("Bukan ini, lanjutkan laporan saya")
    assert page.path.endswith("/tanda-terima")
    assert len(numbers(read)) == 2


def test_it_is_offered_once(client, first):
    page = filled(client).submit("Periksa dulu")
    assert "Mungkin sudah ada yang melapor" in page.main
    assert page.form("Kirim laporan").submit("Kirim laporan").path.endswith("/tanda-terima")


def test_photos_survive_the_offer(client, first, read):
    form = filled(client).attach("photos", ("jalan.jpg", photo()))
    page = form.submit("Kirim laporan")
    assert "Foto 1 sudah kami terima" in page.main
    page.form("Kirim laporan").submit("Bukan ini, lanjutkan laporan saya")
    with read() as session:
        newest = session.scalars(select(Case).order_by(Case.id.desc())).first()
        assert newest is not None
        assert len(newest.attachments) == 1


@pytest.mark.parametrize(
    "other", [{"category": "garbage"}, {"district": "12.71.10"}, {"text": "x " * 20}]
)
def test_another_subject_place_or_matter_is_not_similar(client, first, other):
    page = filled(client, **other).submit("Kirim laporan")
    assert page.path.endswith("/tanda-terima")


def test_with_two_pins_the_distance_counts(app, client):
    def pinned(visitor: Client, lat: str, lon: str) -> Page:
        form = filled(visitor, text=f"{TEXT} Sudah sebulan begini.")
        return form.force("latitude", lat).force("longitude", lon).submit("Kirim laporan")

    assert pinned(Client(app, language="id"), *HERE).path.endswith("/tanda-terima")
    near = pinned(client, "3.585400", "98.675300")
    assert "± 20 meter dari tanda Anda" in near.main
    far = pinned(client, "3.598000", "98.675200")
    assert far.path.endswith("/tanda-terima")


@pytest.mark.parametrize("changes", [{"visibility": "rahasia"}, LEVY])
def test_hidden_reports_are_neither_offered_nor_compared(app, client, changes):
    file_report(Client(app, language="id"), **changes)
    assert filled(client).submit("Kirim laporan").path.endswith("/tanda-terima")
    page = filled(client, **LEVY).submit("Kirim laporan")
    assert "Mungkin sudah ada yang melapor" not in page.main


def test_a_retry_is_not_offered_its_own_report(client, read):
    form = filled(client)
    assert form.submit("Kirim laporan").path == form.submit("Kirim laporan").path


# ---------------------------------------------------------------- "Saya juga"


def test_me_too_counts_one_more_person(client, first, read):
    page = me_too(filled(client).submit("Kirim laporan"))
    assert page.h1 == "Tercatat. Anda orang ke-2."
    assert "Laporan ini di tangan Verifikator kota" in page.main
    assert "paling lambat Jumat, 27 November 2026" in page.main
    assert supporters(read) == 1
    assert numbers(read) == [first]


def test_the_same_browser_counts_once(client, first, read):
    offered = filled(client).submit("Kirim laporan")
    me_too(offered)
    page = me_too(offered)
    assert "Hitungannya tidak bertambah" in page.main
    assert supporters(read) == 1


def test_another_browser_is_the_third_person(app, client, first, read):
    me_too(filled(client).submit("Kirim laporan"))
    page = me_too(filled(Client(app, language="id")).submit("Kirim laporan"))
    assert page.h1 == "Tercatat. Anda orang ke-3."
    assert supporters(read) == 2


def test_support_can_be_taken_back(client, first, read):
    page = me_too(filled(client).submit("Kirim laporan"))
    page = page.form("Batalkan dukungan saya").submit("Batalkan dukungan saya")
    assert page.h1 == "Dukungan Anda dibatalkan."
    assert supporters(read) == 0


def test_support_leaves_nothing_of_the_network(client, first, read):
    client.http.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    me_too(filled(client).submit("Kirim laporan"))
    with read() as session:
        (support,) = session.scalars(select(Support)).all()
        assert "203.0.113" not in support.key
        assert len(support.key) == 64


def test_a_confidential_report_cannot_be_supported(app, client):
    number = file_report(Client(app, language="id"), visibility="rahasia")
    address = f"/keluhan/{number.value('data-report-number')}/saya-juga"
    client.get(address, status=404)
    token = filled(client).values["csrf_token"]
    assert client.post(address, data={"csrf_token": token}).status == 404


def test_a_closed_report_cannot_be_supported(client, first, write):
    offered = filled(client).submit("Kirim laporan")
    with write() as session:
        session.scalars(select(Case)).one().state = "closed"
    page = me_too(offered)
    assert page.status == 409
    assert page.h1 == "Laporan ini sudah ditutup"


def test_support_needs_a_page_of_ours(client, first, read):
    assert client.post(f"/keluhan/{first}/saya-juga").status == 400
    assert supporters(read) == 0


@pytest.mark.parametrize("number", ["2611-9999", "x", "0"])
def test_an_unknown_report_is_not_found(client, number):
    client.get(f"/keluhan/{number}/saya-juga", status=404)


def test_an_address_for_news_must_be_one(client, first):
    page = me_too(filled(client).submit("Kirim laporan"))
    page = page.form("Kirim kabar ke email ini").fill(email="siti@").submit()
    assert page.status == 422
    assert "Tulis alamat email lengkap" in page.errors()["email"]


def test_news_are_sent_only_after_the_address_agreed(client, first, read):
    page = me_too(filled(client).submit("Kirim laporan"))
    page = page.form("Kirim kabar ke email ini").fill(email="siti@contoh.id").submit()
    assert "Kami mengirim satu email" in page.main
    with read() as session:
        (support,) = session.scalars(select(Support)).all()
        assert support.email
        assert "siti" not in support.email
        assert support.confirmed_at is None


class TestLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True, reports_per_hour=100)

    def test_many_from_one_network_are_told_to_wait(self, app, first, read, monkeypatch):
        monkeypatch.setattr(filing_views, "SUPPORTS_PER_HOUR", 2)
        for _ in range(2):
            me_too(filled(Client(app, language="id"), **PLAIN).submit("Kirim laporan"))
        page = me_too(filled(Client(app, language="id")).submit("Kirim laporan"))
        assert page.status == 429
        assert int(page.headers["Retry-After"]) > 0
        assert "Terlalu banyak dukungan dari jaringan ini" in page.main
        assert supporters(read) == 2

    def test_nobody_is_flooded_with_questions_by_mail(self, client, first, read, monkeypatch):
        monkeypatch.setattr(asking, "FOLLOWS_PER_HOUR", 2)
        page = me_too(filled(client).submit("Kirim laporan"))
        form = page.form("Kirim kabar ke email ini")
        for name in ("a", "b"):
            assert form.fill(email=f"{name}@contoh.id").submit().status == 200
        assert form.fill(email="c@contoh.id").submit().status == 429
        with read() as session:
            assert len(session.scalars(select(Outbox).filter_by(mail=CONFIRM)).all()) == 2

    def test_one_mailbox_is_not_flooded_either(self, client, first, read):
        page = me_too(filled(client).submit("Kirim laporan"))
        form = page.form("Kirim kabar ke email ini")
        for _ in range(asking.LINKS_PER_HOUR):
            assert form.fill(email="orang.lain@contoh.id").submit().status == 200
        page = form.fill(email="Orang.Lain@contoh.id").submit()
        assert page.status == 429
        assert int(page.headers["Retry-After"]) > 0
        assert "Sudah 3 tautan dikirim ke alamat ini." in page.errors()["email"]
