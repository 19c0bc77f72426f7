"""“Bukan masalah yang sama”: what the reporter of a merged report says reaches the verifier."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests import cast
from tests.conftest import START, Block
from tests.desks import address, case_of, open_on
from tests.holders import form_of, holder_of, mine, told
from tests.pages import Client, Page

DIFFERENT = "Itu lubang di jalan raya, punya saya saluran tersumbat di dalam gang."
WHY = "Saluran dan lubangnya satu pekerjaan; regu yang sama membuka keduanya pekan ini."
PART = "/petugas?antrean=bukan-sama"


def numbers(page: Page) -> list[str]:
    return [tag.get_text() for tag in page.select("table.queue .no")]


def tabs(page: Page) -> dict[str, int]:
    found = (tag.get_text(" ").split() for tag in page.select("nav.tabs a"))
    return {" ".join(words[:-1]): int(words[-1]) for words in found}


@pytest.fixture
def contested(app: Flask, write: Block) -> tuple[str, Client]:
    """A report merged after a unit had it, whose reporter says it is something else."""
    case = told(write, "assigned", ("budi", "merge"))
    client = holder_of(app, case)
    form_of(client, case, "bukan-sama").fill(words=DIFFERENT).submit()
    return case.number, client


def test_it_waits_in_the_verifiers_queue_with_the_reporters_words(
    contested: tuple[str, Client], budi: Client
) -> None:
    number, _holder = contested
    page = budi.get("/petugas")
    assert number in numbers(page)  # among what a verifier does first
    assert tabs(page)["Bukan masalah yang sama"] == 1
    assert numbers(page.follow("Bukan masalah yang sama")) == [number]
    page = budi.get(address(number))
    assert DIFFERENT in page.main
    assert "Batalkan penggabungannya, atau jelaskan" in page.main
    assert "Dijawab paling lambat" in page.main
    assert {"unmerge", "keep_merged"} <= open_on(page, number)


def test_the_unit_that_had_it_is_not_asked(
    contested: tuple[str, Client], rina: Client, clock: time_machine.Traveller
) -> None:
    number, _holder = contested
    for part in ("", "terbuka", "lewat", "hari-ini", "tanpa-petugas", "bukan-sama"):
        assert number not in numbers(rina.get(f"/petugas?antrean={part}")), part
    assert "Bukan masalah yang sama" not in tabs(rina.get("/petugas"))
    assert "keep_merged" not in open_on(rina.get(address(number)), number)


def test_kept_with_a_reason_the_reporter_alone_reads(
    contested: tuple[str, Client], budi: Client, client: Client, read: Block
) -> None:
    number, holder = contested
    page = budi.get(address(number)).follow("Tetap digabung, jelaskan kepada pelapor")
    assert "Dibaca pelapor dan publik" not in page.main
    form = page.form(field="words").submit()
    assert form.status == 422
    page = form.form(field="words").fill(words=WHY).submit("Tetap digabung")
    assert "Tercatat: Verifikator: tetap digabung." in page.main
    assert "Menunggu jawaban Anda" not in page.main
    assert numbers(budi.get(PART)) == []
    assert number not in numbers(budi.get("/petugas?antrean=terbuka"))
    page = holder.get(f"/lacak/{number}")
    assert WHY in page.main
    assert "Verifikator: tetap digabung" in page.main
    public = client.get(f"/keluhan/{number}").html
    assert WHY not in public
    assert DIFFERENT not in public
    with read() as session:
        case = case_of(session, number)
        assert (case.state, case.due_on) == ("merged", None)


def test_undone_it_leaves_the_queue(contested: tuple[str, Client], budi: Client) -> None:
    number, holder = contested
    page = budi.get(address(number)).follow("Batalkan penggabungan").form(field="version").submit()
    assert "Tercatat: Penggabungan dibatalkan." in page.main
    assert numbers(budi.get(PART)) == []
    assert "Penggabungan dibatalkan" in holder.get(f"/lacak/{number}").main


def test_the_reporter_is_told_until_when_and_when_that_is_over(
    app: Flask, write: Block, clock: time_machine.Traveller, client: Client
) -> None:
    case = told(write, "merged", ("holder", "contest_merge"))
    page = mine(holder_of(app, case), case)
    assert "menjawab paling lambat Jumat, 27 November 2026" in page.main
    assert "Beri tahu kami" not in page.main  # said already
    assert "Jumat, 27 November" not in client.get(f"/keluhan/{case.number}").main
    clock.move_to(START + timedelta(days=6))
    page = mine(holder_of(app, case), case)
    assert "Verifikator belum menjawab keterangan Anda" in page.main
    assert case.number in numbers(cast.signed_in(app, "budi").get("/petugas?antrean=lewat"))
