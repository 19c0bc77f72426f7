"""/keluhan: the list of reports, its filters, pages and search, as a visitor without script."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.cases.models import Case
from app.complaints import listing
from app.complaints.listing import NAMES
from tests.conftest import START, Block
from tests.databases import statements
from tests.histories import brought_to, filed
from tests.pages import Client, Page

MOST_QUERIES = 5
KELURAHAN = "12.71.11.1005"


def queries(asked: list[str]) -> list[str]:
    """Without what only opens or ends a transaction."""
    frames = ("BEGIN", "PRAGMA", "SET", "ROLLBACK")
    return [statement for statement in asked if not statement.startswith(frames)]


def rows(page: Page) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.select(".reps > li")]


def numbers(page: Page) -> list[str]:
    return [number.get_text() for number in page.select(".reps .no")]


@pytest.fixture
def some(write: Block) -> dict[str, str]:
    """Reports in several states, by name; the numbers as everybody knows them."""
    with write() as session:
        made = {
            "open": brought_to(session, "in_progress", START),
            "done": brought_to(session, "closed", START),
            "new": filed(session, START),
            "drain": brought_to(
                session,
                "assigned",
                START,
                category_slug="drainage",
                district_code="12.71.01",
                village_code=None,
                text="Parit di depan sekolah tersumbat sampah sejak seminggu.",
                landmark="Depan sekolah",
            ),
            "hidden": brought_to(session, "assigned", START, visibility="rahasia"),
        }
        return {name: case.number for name, case in made.items()}


# ---------------------------------------------------------------- what stands there


def test_an_empty_list_invites(client: Client) -> None:
    page = client.get("/keluhan")
    assert page.h1 == "Semua laporan"
    assert "Belum ada laporan. Jadilah yang pertama." in page.main
    assert page.follow("Buat laporan").path == "/keluhan/baru"


def test_a_row_says_who_holds_it_and_until_when(client: Client, some: dict[str, str]) -> None:
    (row,) = [row for row in rows(client.get("/keluhan")) if some["open"] in row]
    assert "Jalan rusak atau berlubang di Gedung Johor" in row
    assert "Di tangan Dinas SDABMBK" in row
    assert "Sedang ditindaklanjuti" in row
    assert "Lubang besar di depan pangkalan becak" in row
    assert "Janji 14 Des" in row


def test_an_unchecked_text_is_not_in_the_list(client: Client, some: dict[str, str]) -> None:
    """claims: text_after_check"""
    (row,) = [row for row in rows(client.get("/keluhan")) if some["new"] in row]
    assert "Menunggu verifikasi" in row
    assert "Di tangan Verifikator kota" in row
    assert "becak" not in row


def test_a_confidential_row_tells_kecamatan_month_and_state(
    client: Client, some: dict[str, str]
) -> None:
    """claims: rahasia_readers"""
    (row,) = [row for row in rows(client.get("/keluhan")) if some["hidden"] in row]
    words = f"Laporan rahasia di Medan Johor November 2026 · {some['hidden']} Terdisposisi"
    assert " ".join(row.split()) == words


def test_the_newest_come_first_and_late_ones_worst_first(
    client: Client, write: Block, clock: time_machine.Traveller
) -> None:
    with write() as session:
        old = brought_to(session, "assigned", START).number
        young = brought_to(session, "assigned", START + timedelta(days=2)).number
    assert numbers(client.get("/keluhan")) == [young, old]
    clock.move_to(START + timedelta(days=30))
    page = client.get("/keluhan").follow("Lewat batas waktu")
    assert numbers(page) == [old, young]
    assert "Lewat" in rows(page)[0]


# ---------------------------------------------------------------- asking


def test_search_finds_words_and_landmarks(client: Client, some: dict[str, str]) -> None:
    form = client.get("/keluhan").form("Cari")
    page = form.fill(q="lubangnya").submit("Cari")
    assert set(numbers(page)) == {some["open"], some["done"]}
    assert "Hasil untuk “lubangnya”: 2 laporan" in page.main
    assert numbers(client.get("/keluhan?q=depan+sekolah")) == [some["drain"]]


def test_a_hit_shows_the_words_around_it(client: Client, write: Block) -> None:
    words = "Sudah lama kami menunggu dan tidak ada yang datang melihat keadaan di sini, padahal "
    with write() as session:
        brought_to(session, "assigned", START, text=words + "gorong-gorong pecah dan ambles.")
    (row,) = rows(client.get("/keluhan?q=ambles"))
    assert "gorong-gorong pecah dan ambles." in row
    assert "Sudah lama" not in row


def test_a_number_leads_to_its_report(client: Client, some: dict[str, str]) -> None:
    for typed in (some["open"], some["open"].replace("-", " "), f"no. {some['open']}"):
        page = client.get("/keluhan").form("Cari").fill(q=typed).submit("Cari")
        assert page.path == f"/keluhan/{some['open']}"
    assert "Tidak ada yang cocok" in client.get("/keluhan?q=2611-9999").main


def test_the_form_filters_and_its_address_can_be_passed_on(
    client: Client, app: Flask, some: dict[str, str]
) -> None:
    form = client.get("/keluhan").form("Terapkan")
    page = form.fill(urusan="road_damage", kecamatan="12.71.11").submit("Terapkan")
    assert set(numbers(page)) == {some["open"], some["done"], some["new"]}
    again = page.form("Terapkan").fill(kelurahan=KELURAHAN, status="open").submit("Terapkan")
    assert set(numbers(again)) == {some["open"], some["new"]}
    passed_on = Client(app, language="id").get(again.url)
    assert numbers(passed_on) == numbers(again)
    assert passed_on.form("Terapkan").values["kelurahan"] == [KELURAHAN]


def test_kelurahan_are_offered_for_a_kecamatan(client: Client) -> None:
    assert list(client.get("/keluhan").form("Terapkan").options("kelurahan")) == [""]
    offered = client.get("/keluhan?kecamatan=12.71.11").form("Terapkan").options("kelurahan")
    assert KELURAHAN in offered


def test_each_filter_can_be_taken_off(client: Client, some: dict[str, str]) -> None:
    page = client.get("/keluhan?urusan=drainage&kecamatan=12.71.11&status=assigned")
    assert "Tidak ada laporan dengan saringan ini." in page.main
    assert numbers(page.follow("Hapus saringan: Parit")) == [some["hidden"]]
    assert numbers(page.follow("Hapus saringan: Medan Johor")) == [some["drain"]]
    assert len(numbers(page.follow("Hapus saringan"))) <= 5


def test_what_was_not_found_can_be_reported(client: Client) -> None:
    page = client.get(f"/keluhan?urusan=drainage&kelurahan={KELURAHAN}").follow("Buat laporan")
    assert page.form("Kirim laporan").values["category"] == ["drainage"]
    assert page.form("Kirim laporan").values["village"] == [KELURAHAN]


@pytest.mark.parametrize(
    ("tab", "there"),
    [
        ("Semua", {"open", "done", "new", "drain", "hidden"}),
        ("Masih terbuka", {"open", "new", "drain", "hidden"}),
        ("Selesai", {"done"}),
    ],
)
def test_tabs_ask_the_common_questions(
    client: Client, some: dict[str, str], tab: str, there: set[str]
) -> None:
    page = client.get("/keluhan?status=rejected")
    links = {link.get_text(" ", strip=True): link["href"] for link in page.select(".find .tabs a")}
    page = client.get(str(links[tab]))
    assert set(numbers(page)) == {some[name] for name in there}
    assert page.words(".find .tabs [aria-current]") == tab


@pytest.mark.parametrize(
    ("query", "remark"),
    [
        ("urusan=x", "Satu saringan di alamat ini tidak dikenal dan kami abaikan."),
        ("q=x", "Tulis paling sedikit 2 huruf untuk mencari."),
        ("q=" + "x" * 200, "Pendekkan pencarian sampai 100 huruf."),
        ("q=%00", "Satu saringan di alamat ini tidak dikenal dan kami abaikan."),
    ],
)
def test_an_address_that_is_not_understood_says_so(
    client: Client, some: dict[str, str], query: str, remark: str
) -> None:
    page = client.get(f"/keluhan?{query}")
    assert remark in page.main
    assert len(numbers(page)) == len(some)


def test_the_list_speaks_english(client: Client, some: dict[str, str]) -> None:
    page = client.get("/keluhan?lang=en&urusan=road_damage")
    assert page.h1 == "All reports"
    assert "3 reports" in page.main
    assert "Confidential report in Medan Johor" in client.get("/keluhan").main


def test_search_engines_keep_the_list_and_no_part_of_it(
    client: Client, some: dict[str, str]
) -> None:
    assert not client.get("/keluhan").select("meta[name=robots]")
    assert client.get("/keluhan?status=open").select("meta[name=robots]")


# ---------------------------------------------------------------- pages


def test_pages_lead_back_and_forth(
    client: Client, write: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    with write() as session:
        there = [filed(session, START + timedelta(minutes=n)).number for n in range(7)][::-1]
    first = client.get("/keluhan")
    second = first.follow("Lebih lama")
    third = second.follow("Lebih lama")
    assert [numbers(page) for page in (first, second, third)] == [
        there[:3], there[3:6], there[6:]
    ]  # fmt: skip
    assert "Lebih lama" not in third.links()
    assert numbers(third.follow("Lebih baru")) == there[3:6]
    assert numbers(third.follow("Lebih baru").follow("Lebih baru")) == there[:3]
    assert "Lebih baru" not in first.links()
    assert "7 laporan" in third.main


def test_pages_keep_filters_and_view(
    client: Client, write: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    with write() as session:
        for _ in range(2):
            filed(session, START)
        filed(session, START, category_slug="drainage")
    page = client.get("/keluhan?urusan=road_damage&tampilan=peta")
    older = page.follow("Lebih lama")
    assert "urusan=road_damage" in older.url
    assert "tampilan=peta" in older.url
    assert len(numbers(older)) == 1


# ---------------------------------------------------------------- whatever is asked

ADDRESSES = (
    "",
    "status=open",
    "terlambat=1",
    "q=lubang",
    "q=2611-9999",
    f"urusan=road_damage&kelurahan={KELURAHAN}&dinas=sdabmbk&status=merged",
    "tampilan=peta",
)


@pytest.fixture
def many(write: Block, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Reports that fill several pages, merged ones among them."""
    monkeypatch.setattr(listing, "PAGE", 2)
    with write() as session:
        cases: list[Case] = [brought_to(session, "merged", START) for _ in range(3)]
        cases += [brought_to(session, "assigned", START) for _ in range(4)]
        return [case.number for case in cases]


@pytest.mark.parametrize("query", ADDRESSES)
def test_a_page_of_the_list_needs_few_queries(
    app: Flask, client: Client, many: list[str], query: str
) -> None:
    for end in ("", f"&setelah={many[2]}", f"&sebelum={many[5]}", f"&sebelum={many[0]}"):
        with statements(app) as asked:
            client.get(f"/keluhan?{query}{end}")
        made = queries(asked)
        assert 1 <= len(made) <= MOST_QUERIES, "\n\n".join(made)


names = st.sampled_from([*NAMES.values(), "setelah", "sebelum", "tampilan", "bbox", "zoom", "lang"])
values = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["1", "road_damage", "12.71.11", KELURAHAN, "open", "sdabmbk", "peta", "lubang", "'\"", "*",
         "2611-0001", "2026-11-27.2611-0001", "NOT", 'a"b', "a'b\\", ":*&|!", "98.6,3.5,98.7,3.6"]
    ),
)  # fmt: skip


@examples(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=st.lists(st.tuples(names, values), max_size=5))
@example(query=[("q", 'NEAR("a" b)')])
@example(query=[("q", "jalan & !rusak <-> x:*")])
@example(query=[("q", "ß²Ⅷ")])
def test_no_address_breaks_the_list(
    app: Flask, client: Client, many: list[str], query: list[tuple[str, str]]
) -> None:
    address = urlencode(query, errors="surrogatepass")
    with statements(app) as asked:
        client.get(f"/keluhan?{address}", status=200)
    made = queries(asked)
    assert len(made) <= MOST_QUERIES, "\n\n".join(made)
    client.get(f"/keluhan/peta.json?{address}", status=200)
