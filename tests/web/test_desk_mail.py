"""Lost mail is seen and tried again without showing an address; reply templates can be read."""

import pytest

from app.core.models import Outbox
from app.core.outbox import enqueue
from tests.conftest import START, Block
from tests.desks import make
from tests.pages import Client


def lost(write: Block, mail: str = "assigned", **changes: object) -> tuple[str, int]:
    """A mail that was given up, and the number of its case."""
    number = make(write)
    with write() as session:
        row = enqueue(session, mail, "reporter:1", START, case_id=1)
        row.dead_at, row.attempts = START, 8
        row.last_error = "550 no such user <siti@contoh.test> (siti@contoh.test)"
        for name, value in changes.items():
            setattr(row, name, value)
        return number, row.id


def test_lost_mail_is_listed_without_addresses(write: Block, budi: Client, ayu: Client) -> None:
    number, _id = lost(write)
    for client in (budi, ayu):
        page = client.get("/petugas/surat")
        row = page.words("main li.card")
        assert number in row
        assert "pelapor" in row
        assert "24 November 2026 pukul 10.00 WIB" in row
        assert "550 no such user" in row
        assert "contoh.test" not in page.html


def test_lost_mail_is_tried_again(write: Block, budi: Client, read: Block) -> None:
    _number, row_id = lost(write)
    page = budi.get("/petugas/surat").form("Coba lagi").submit()
    assert "Surat itu dicoba lagi." in page.main
    assert "Semua surat sampai." in page.main
    with read() as session:
        row = session.get_one(Outbox, row_id)
        assert (row.dead_at, row.attempts) == (None, 0)


def test_mail_that_is_not_lost_cannot_be_tried_again(write: Block, budi: Client) -> None:
    _number, row_id = lost(write, dead_at=None)
    csrf = budi.get("/petugas").form("Keluar").values["csrf_token"][0]
    for one in (row_id, 999, 2147483647):
        answer = budi.post(f"/petugas/surat/{one}/lagi", data={"csrf_token": csrf})
        assert answer.status == 404


def test_mail_nobody_knows_any_more(write: Block, budi: Client) -> None:
    lost(write, mail="of_an_older_version", reader="nobody:1", last_error=None)
    page = budi.get("/petugas/surat")
    assert "of_an_older_version" in page.main
    assert "tidak diketahui" in page.main


@pytest.mark.parametrize("who", ["rina", "tono", "dewi"])
def test_units_do_not_see_the_citys_mail(request: pytest.FixtureRequest, who: str) -> None:
    client: Client = request.getfixturevalue(who)
    client.get("/petugas/surat", status=403)
    assert "Surat keluar" not in client.get("/petugas").links()


def test_templates_can_be_read(budi: Client, rina: Client, ayu: Client) -> None:
    for client in (budi, rina):
        page = client.get("/petugas/templat")
        assert "Jalan sudah ditambal" in page.main
        assert "Jangan dipakai kalau belum ada foto sesudahnya." in page.main
        assert "Jawab bantahan" in page.main
    assert "Road patched" in rina.get("/petugas/templat?lang=en").main
    ayu.get("/petugas/templat", status=403)
