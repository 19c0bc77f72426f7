"""The page of the seals: for everybody, in pieces, and without a word of any report."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.cases import seal_copies
from app.cases.models import Case, Seal
from app.civic.chain import GENESIS, seal_hash
from app.core.clock import now
from app.worker import seal_all
from tests.conftest import START, Block
from tests.histories import brought_to, filed
from tests.holders import holder_of
from tests.pages import Client


@pytest.fixture
def case(write: Block) -> Case:
    """A report under a seal."""
    with write() as session:
        made = brought_to(session, "assigned", START)
    with write() as session:
        seal_all(session)
    return made


def many(write: Block, count: int) -> None:
    """That many seals over nothing, to turn pages."""
    with write() as session:
        for n in range(count):
            row = Seal(first_event=n, last_event=1000 + n, count=1, previous="0" * 64)
            row.root, row.hash, row.at = "ab" * 32, f"{n:064x}", START + timedelta(hours=n)
            session.add(row)
            session.flush()


@pytest.mark.parametrize("language", ["id", "en"])
def test_anybody_reads_the_seals(app: Flask, case: Case, read: Block, language: str) -> None:
    client = Client(app)
    page = client.get(f"/tentang?lang={language}")
    page = page.follow("Segel riwayat" if language == "id" else "Seals")
    with read() as session:
        (seal,) = session.query(Seal)
        assert seal.hash in page.main
    assert case.number not in page.html
    assert len(page.response.get_data()) < 20_000


def test_an_empty_site_has_no_seal_yet(client: Client) -> None:
    assert "Belum ada segel." in client.get("/segel").main
    assert client.get("/segel/semua.jsonl").html == ""


def test_a_day_stands_on_a_page(client: Client, write: Block) -> None:
    many(write, 50)
    page = client.get("/segel")
    assert len(page.select("li.card")) == seal_copies.ON_A_PAGE
    page = page.follow("Lebih lama").follow("Lebih lama")
    assert len(page.select("li.card")) == 50 - 2 * seal_copies.ON_A_PAGE
    assert "Lebih lama" not in page.links()
    assert page.follow("Lebih baru").path == "/segel"


@pytest.mark.parametrize("number", ["x", "-1", "٣", "9" * 30, ""])
def test_a_number_that_is_none_is_not_found(client: Client, number: str) -> None:
    client.get(f"/segel?sebelum={number}", status=404)
    client.get(f"/segel/semua.jsonl?setelah={number}", status=404)


def test_all_seals_in_one_file_that_proves_itself(client: Client, case: Case, write: Block) -> None:
    with write() as session:
        filed(session, now())
    with write() as session:
        seal_all(session)
    page = client.get("/segel/semua.jsonl")
    assert page.headers["Content-Type"].startswith("text/plain")
    seals = [json.loads(line) for line in page.html.splitlines()]
    assert len(seals) == 2
    previous = GENESIS
    for seal in seals:
        at, root = datetime.fromisoformat(seal["at"]), bytes.fromhex(seal["root"])
        assert seal["previous"] == previous.hex()
        previous = seal_hash(previous, root, seal["size"], at)
        assert seal["hash"] == previous.hex()
    newer = client.get(f"/segel/semua.jsonl?setelah={seals[0]['seal']}").html
    assert newer == page.html.splitlines(keepends=True)[1]


def test_the_file_comes_in_pieces(
    client: Client, write: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_copies, "AT_ONCE", 4)
    many(write, 10)
    page = client.get("/segel/semua.jsonl")
    numbers = [json.loads(line)["seal"] for line in page.html.splitlines()]
    assert len(numbers) == 10
    assert numbers == sorted(set(numbers))


def test_the_reporter_is_led_to_the_seals(app: Flask, case: Case) -> None:
    page = holder_of(app, case).get(f"/lacak/{case.number}").follow("Lihat segelnya")
    assert page.path == "/segel"
