"""The queue: what waits for somebody, the most pressing first, and nothing that is not theirs."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.cases import desk_queries
from app.cases.desk_showing import PART_WORDS
from app.staff.models import Staff
from tests.conftest import START, Block
from tests.databases import statements
from tests.desks import address, case_of, made, make, viewer
from tests.pages import Client, Page


def numbers(page: Page) -> list[str]:
    """The numbers of the cases listed, in order."""
    return [tag.get_text() for tag in page.select("table.queue .no")]


def tabs(page: Page) -> dict[str, int]:
    """The count on each tab by its words."""
    return {
        " ".join(tag.get_text(" ").split()[:-1]): int(tag.b.get_text())
        for tag in page.select("nav.tabs a")
        if tag.b
    }


# ---------------------------------------------------------------- what is in it


def test_the_most_pressing_comes_first(
    write: Block, budi: Client, clock: time_machine.Traveller
) -> None:
    late = make(write, at=START - timedelta(days=8))
    today = make(write, at=START - timedelta(days=5))
    new = make(write)
    page = budi.get("/petugas")
    assert numbers(page) == [late, today, new]
    headings = [tag.get_text(strip=True) for tag in page.select("th[scope=rowgroup]")]
    assert headings == ["Lewat batas waktu", "Hari ini, Selasa, 24 November 2026", "Pekan ini"]


def test_a_verifier_does_what_only_verifiers_can(write: Block, budi: Client) -> None:
    new = make(write)
    returned = made(write, "assigned", ("rina", "return"))
    assigned = make(write, "assigned")
    own_no = made(write, "rejected", ("holder", "object"))
    page = budi.get("/petugas")
    assert set(numbers(page)) == {new, returned}
    assert tabs(page)["Kerjakan dulu"] == 2
    assert numbers(page.follow("Baru")) == [new]
    assert numbers(page.follow("Dikembalikan")) == [returned]
    # the one who said no does not decide about the objection, but sees that it waits
    assert numbers(page.follow("Keberatan")) == [own_no]
    assert set(numbers(page.follow("Semua terbuka"))) == {new, returned, assigned, own_no}


def test_an_objection_waits_for_another_verifier(app: Flask, write: Block, budi: Client) -> None:
    number = made(write, "rejected", ("holder", "object"))
    with write() as session:
        case_of(session, number).decided_by_id = None
    assert numbers(budi.get("/petugas")) == [number]


def test_a_unit_sees_its_own_and_only_that(
    write: Block, rina: Client, dewi: Client, tono: Client
) -> None:
    own = [make(write, state) for state in ("assigned", "in_progress", "disputed")]
    waiting = make(write, "answered")
    make(write)
    for person in (rina, tono):
        page = person.get("/petugas")
        assert page.h1 == "Antrean Dinas SDABMBK"
        assert set(numbers(page)) == set(own)
        assert numbers(page.follow("Dibantah")) == [own[2]]
        assert numbers(page.follow("Menunggu warga")) == [waiting]
    page = dewi.get("/petugas")
    assert numbers(page) == []
    assert tabs(page) == {"Kerjakan dulu": 0, "Semua terbuka": 0}
    assert numbers(dewi.get("/petugas?antrean=terbuka")) == []


def test_who_holds_it_within_the_unit(write: Block, rina: Client) -> None:
    handed = made(write, "assigned", ("tono", "hand_over"))
    free = make(write, "in_progress")
    page = rina.get("/petugas")
    assert numbers(page.follow("Milik saya")) == [handed]
    assert numbers(page.follow("Tanpa petugas")) == [free]
    assert "Rina Siregar" in page.main


def test_a_viewer_reads_the_list_of_the_unit(app: Flask, write: Block) -> None:
    number = make(write, "assigned", visibility="rahasia")
    page = viewer(app, write).get("/petugas")
    assert numbers(page) == [number]
    assert "Laporan rahasia" in page.words("table.queue")
    assert "Jalan rusak" not in page.words("table.queue")


def test_asking_for_a_subject_tells_a_viewer_none_of_a_rahasia_case(
    app: Flask, write: Block, rina: Client
) -> None:
    hidden = make(write, "assigned", visibility="rahasia")
    asked = "/petugas?urusan=road_damage"
    assert numbers(rina.get(asked)) == [hidden]
    looker = viewer(app, write)
    assert numbers(looker.get("/petugas")) == [hidden]
    assert numbers(looker.get(asked)) == []


def test_an_administrator_reads_no_case(write: Block, ayu: Client) -> None:
    number = make(write)
    page = ayu.get("/petugas")
    assert "Akun ini tidak membaca laporan." in page.main
    assert number not in page.html
    for there in (address(number), address(number, "assign"), "/petugas/templat"):
        ayu.get(there, status=403)


def test_lists_show_how_a_report_begins_but_never_a_rahasia_one(write: Block, budi: Client) -> None:
    make(write, text="Lampu merah mati di simpang, telepon 081234567890.")
    make(write, text="Camat minta uang untuk tanda tangan.", visibility="rahasia")
    page = budi.get("/petugas")
    assert "Lampu merah mati di simpang" in page.main
    assert "081234567890" not in page.html
    assert "Camat minta uang" not in page.html


# ---------------------------------------------------------------- narrowing


def test_filters_narrow_and_stay(write: Block, budi: Client) -> None:
    road = make(write)
    drain = make(write, category_slug="drainage")
    other = make(write, district_code="12.71.09", village_code=None)
    form = budi.get("/petugas").form(field="urusan")
    assert numbers(form.fill(urusan="drainage").submit()) == [drain]
    page = form.fill(urusan="road_damage", kecamatan="12.71.11").submit()
    assert numbers(page) == [road]
    assert tabs(page)["Kerjakan dulu"] == 3  # counts tell what there is, not what is filtered
    page = page.follow("Jalan rusak")
    back = page.select(".crumb a")[0]["href"]
    assert back == "/petugas?urusan=road_damage&kecamatan=12.71.11"
    assert numbers(budi.get("/petugas?kecamatan=12.71.09")) == [other]


def test_unknown_filters_are_left_out(write: Block, budi: Client) -> None:
    number = make(write)
    page = budi.get("/petugas?antrean=x&urusan=y&kecamatan=z&setelah=nonsense")
    assert numbers(page) == [number]


@pytest.mark.parametrize("typed", ["{}", " {} ", "no. {}"])
def test_a_number_leads_to_its_case(write: Block, budi: Client, typed: str) -> None:
    number = make(write)
    form = budi.get("/petugas").form(field="nomor").fill(nomor=typed.format(number))
    assert form.submit().path == address(number)


def test_a_number_of_others_is_like_one_that_is_not(write: Block, dewi: Client) -> None:
    number = make(write, "assigned")
    mine, nobodys = (
        dewi.get(f"/petugas?nomor={one}").main.replace(one, "…") for one in (number, "2611-0999")
    )
    assert mine == nobodys
    assert "Tidak ada laporan bernomor ini untuk Anda." in mine


# ---------------------------------------------------------------- pages


def test_pages_follow_without_gap_or_repeat(
    write: Block, budi: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_queries, "PAGE", 3)
    filed = [make(write, at=START - timedelta(days=n % 3)) for n in range(7)]
    page, seen = budi.get("/petugas"), []
    while True:
        seen += numbers(page)
        if "Halaman berikutnya" not in page.links():
            break
        page = page.follow("Halaman berikutnya")
    assert sorted(seen) == sorted(filed)
    assert len(seen) == 7
    assert numbers(page.follow("Ke awal antrean")) == seen[:3]


def test_nothing_to_do_is_said_plainly(write: Block, budi: Client, rina: Client) -> None:
    assert "Tidak ada yang menunggu Anda." in budi.get("/petugas").main
    for part, words in PART_WORDS.items():
        person = budi if part in desk_queries.parts_for(Staff(role="verifier")) else rina
        assert str(words.nothing) in person.get(f"/petugas?antrean={part}").main
    make(write)
    assert "Dengan saringan ini." in budi.get("/petugas?urusan=health").main
    assert "Tidak ada lagi sesudah ini." in budi.get("/petugas?setelah=1.2030-01-01.9").main


def test_a_page_asks_the_database_little(
    app: Flask, write: Block, budi: Client, rina: Client
) -> None:
    for _n in range(8):
        make(write)
        made(write, "assigned", ("tono", "hand_over"))
    for person in (budi, rina):
        person.get("/petugas")
        for query in ("", "?antrean=terbuka", "?antrean=lewat&urusan=road_damage"):
            with statements(app) as asked:
                person.get(f"/petugas{query}")
            selects = [one for one in asked if one.startswith("SELECT")]
            assert len(selects) <= 5, selects


@pytest.mark.parametrize("step", ["", "assign", "refer", "merge", "refile", "note", "mask"])
def test_the_page_of_a_case_asks_little_too(
    app: Flask, write: Block, budi: Client, step: str
) -> None:
    """Not once for each of the city's units, as it once did."""
    number = make(write)
    with statements(app) as asked:
        budi.get(address(number, step))
    selects = [one for one in asked if one.startswith("SELECT")]
    assert len(selects) <= 14, selects


def test_reading_the_queue_changes_nothing(app: Flask, write: Block, budi: Client) -> None:
    make(write)
    with statements(app) as asked:
        budi.get("/petugas")
    assert not [one for one in asked if one.split()[0] in {"INSERT", "UPDATE", "DELETE"}]


def test_in_english(write: Block, budi: Client) -> None:
    make(write)
    page = budi.get("/petugas?lang=en")
    assert page.h1 == "Verification queue"
    assert "Damaged road" in page.main
