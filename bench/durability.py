"""No report is lost, doubled or half written, whatever dies.

Four clients file reports, with photos and mail addresses, while every process of the site is killed
with -9 again and again. Who gets no answer sends the same form once more, as people do. Then the
database is held against the receipts, and every code on them is tried.

    python -m bench.durability [--kills 5]
"""

import sys
from pathlib import Path

sys.path.pop(0)  # run as a file, this folder would hide the standard library's http
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import argparse
import io
import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from PIL import Image

from app.core.files import LocalStore
from bench._citizen import LOST, Citizen
from bench._filing import Area, Receipt, areas_of, blank, send, track
from bench._forms import Form
from bench._report import Report, say
from scripts.site import Site

CLIENTS = 4
UP_SECONDS = (2.0, 4.0)
"""How long the site lives between two deaths."""
LONGEST_SECONDS = 60
"""After this no more deaths: the run stays bounded on a busy machine."""
GIVE_UP_SECONDS = 40
PAUSE = 0.1
SUBJECTS = ("road_damage", "garbage", "street_light", "drainage", "traffic")

Result = TypeVar("Result")


@dataclass
class Filed:
    """One report of a client: what makes it findable, and what came back."""

    mark: str
    email: bool
    photo: bool
    sendings: int = 0
    receipt: Receipt | None = None


@dataclass
class Client:
    """Somebody who files one report after the other and does not give up."""

    port: int
    name: int
    areas: list[Area]
    stop: threading.Event
    filed: list[Filed] = field(default_factory=list)
    fault: str = ""

    def run(self) -> None:
        """File until told to stop."""
        citizen = Citizen(self.port)
        try:
            while not self.stop.is_set():
                self._file(citizen, len(self.filed))
        except Exception as error:  # whatever it was belongs into the result
            self.fault = f"client {self.name}: {type(error).__name__}: {error}"

    def _file(self, citizen: Citizen, n: int) -> None:
        report = Filed(f"tanda{self.name}x{n}x", email=n % 2 == 0, photo=n % 5 == 0)
        form = patiently(lambda: blank(citizen))
        fill(form, report, self.areas[(7 * n + self.name) % len(self.areas)], n)
        self.filed.append(report)

        def once() -> Receipt:
            report.sendings += 1
            return send(citizen, form)

        report.receipt = patiently(once)


def patiently(attempt: Callable[[], Result]) -> Result:
    """Try until there is an answer. Raises what the last attempt did after a while."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            return attempt()
        except LOST:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


def fill(form: Form, report: Filed, area: Area, n: int) -> None:
    """Write a report that can be told from all others."""
    district, village = area
    form.fill(
        text=f"Laporan uji {report.mark} tentang jalan di depan rumah warga.",
        district=district,
        landmark=f"Gang {n}, dekat pos ronda",
        category=SUBJECTS[n % len(SUBJECTS)],
        email=f"{report.mark}@contoh.id" if report.email else "",
    ).set("village", village)
    if report.photo:
        form.attach("photos", (f"{report.mark}.jpg", picture(n), "image/jpeg"))


def picture(n: int) -> bytes:
    """A small photo unlike the others."""
    made = io.BytesIO()
    Image.new("RGB", (640, 480), (n % 256, n // 256, 90)).save(made, "JPEG")
    return made.getvalue()


# ---------------------------------------------------------------- killing


def kill_and_start(site: Site, clients: list[Client], kills: int) -> int:
    """Let it run, kill it while reports are under way, start it; reports under way when it died."""
    dice, caught, until = random.Random(2026), 0, time.monotonic() + LONGEST_SECONDS
    for n in range(1, kills + 1):
        if time.monotonic() > until:
            say(f"  the machine is busy: {n - 1} deaths must do")
            break
        time.sleep(dice.uniform(*UP_SECONDS))
        site.kill()
        under_way = sum(1 for c in clients if c.filed and c.filed[-1].receipt is None)
        caught += under_way
        receipts = sum(1 for c in clients for f in c.filed if f.receipt)
        say(f"  killed {n} of {kills}: {receipts} receipts so far, {under_way} reports under way")
        site.start()
    return caught


# ---------------------------------------------------------------- the first answer dropped


def answer_dropped(report: Report, site: Site, areas: list[Area]) -> Filed:
    """Send a form, hang up before the answer, send it again: one report, and a code that opens."""
    citizen, mine = Citizen(site.port), Filed("tandaputusx", email=True, photo=True)
    form = blank(citizen)
    fill(form, mine, areas[0], 1)
    # "Periksa dulu" has shown what similar ones there are: the next sending files
    form = citizen.submit(form, "check").expect().form(id="laporan")
    citizen.send_and_hang_up(form, "send")
    time.sleep(1)  # it is stored by now, and nobody read that it was
    mine.receipt = send(citizen, form)
    report.check("a dropped answer, sent again, is the same report", mine.receipt.again)
    return mine


def codes_open(report: Report, site: Site, receipts: list[Receipt]) -> None:
    """Try the code of every receipt at /lacak."""
    citizen = Citizen(site.port)
    opened = sum(track(citizen, r.code).path == f"/lacak/{r.number}" for r in receipts)
    report.equal("codes on receipts that open their report", opened, len(receipts))


# ---------------------------------------------------------------- holding the books against it


class Books:
    """What the database and the folder of files hold once all is over."""

    def __init__(self, folder: Path) -> None:
        self.uploads = folder / "uploads"
        self.connection = sqlite3.connect(f"file:{folder / 'tanggap.sqlite'}?mode=ro", uri=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(statement).fetchall()

    def numbers(self, where: str) -> set[str]:
        """Numbers of the cases ``c`` for which a condition holds."""
        return {number for (number,) in self.rows(f"SELECT number FROM cases c WHERE {where}")}

    def without(self, what: str) -> set[str]:
        """Numbers of the cases ``c`` for which a query finds nothing."""
        return self.numbers(f"NOT EXISTS (SELECT 1 FROM {what})")

    def marks(self) -> list[tuple[str, str]]:
        """Mark and number of every report."""
        rows = self.rows("SELECT text, number FROM complaint JOIN cases ON id = case_id")
        return [(text.split()[2], number) for text, number in rows]

    def broken_photos(self) -> list[str]:
        """Keys of photos whose stored file is missing or not the one that was drawn."""
        store = LocalStore(self.uploads)
        rows = self.rows("SELECT key, thumb_key, digest FROM attachment")
        return [key for key, thumb, digest in rows if not _whole(store, key, thumb, digest)]


def _whole(store: LocalStore, key: str, thumb: str, digest: str) -> bool:
    try:
        return bool(store.get(thumb)) and sha256(store.get(key)).hexdigest() == digest
    except FileNotFoundError:
        return False


#: What every report must have, as what follows SELECT 1 FROM in a query on its case ``c``.
PARTS = {
    "words": "complaint WHERE case_id = c.id",
    "a first event": "event WHERE case_id = c.id AND name = 'file'",
    "its number in the series": (
        "series WHERE name = substr(c.number, 1, 4) AND n >= CAST(substr(c.number, 6) AS integer)"
    ),
}


def hold_against(report: Report, books: Books, filed: list[Filed]) -> None:
    """Compare the database with what the clients were told, then with itself."""
    marks = books.marks()
    stored, copies = dict(marks), Counter(mark for mark, _ in marks)
    told = {f.mark: f.receipt.number for f in filed if f.receipt}
    report.check("receipts handed out", bool(told), len(told))
    report.none("lost", [n for mark, n in told.items() if stored.get(mark) != n])
    report.none("doubled", [mark for mark, n in copies.items() if n > 1])
    report.none("of nobody", sorted(stored.keys() - {f.mark for f in filed}))

    for part, what in PARTS.items():
        report.none(f"without {part}", books.without(what))
    mailed = {stored[f.mark] for f in filed if f.email and f.mark in stored}
    pictured = {stored[f.mark] for f in filed if f.photo and f.mark in stored}
    for part, wanted in {"contact": mailed, "outbox": mailed, "attachment": pictured}.items():
        found = books.numbers(f"EXISTS (SELECT 1 FROM {part} WHERE case_id = c.id)")
        report.none(f"{part} rows just where one is due", found ^ wanted)
    report.none("photos without their file", books.broken_photos())
    (((counted,),), ((cases,),)) = (
        books.rows("SELECT coalesce(sum(n), 0) FROM tally WHERE metric = 'received'"),
        books.rows("SELECT count(*) FROM cases"),
    )
    report.equal("reports counted", counted, cases)
    report.equal("integrity_check", books.rows("PRAGMA integrity_check"), [("ok",)])
    report.none("foreign_key_check", books.rows("PRAGMA foreign_key_check"))


# ---------------------------------------------------------------- the whole run


def run(folder: Path, kills: int) -> int:
    """File, kill, compare. 0 when nothing was lost."""
    report, stop = Report(), threading.Event()
    with Site(folder, worker=True, RATE_LIMITS="off") as site:
        areas = areas_of(Citizen(site.port))
        clients = [Client(site.port, n, areas, stop) for n in range(CLIENTS)]
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        caught = kill_and_start(site, clients, kills)
        stop.set()
        for thread in threads:
            thread.join()
        filed = [f for client in clients for f in client.filed]
        report.check("reports under way when the site died", caught > 0, caught)
        report.none("clients that gave up", [c.fault for c in clients if c.fault])
        again = sum(f.receipt.again for f in filed if f.receipt)
        sendings = sum(f.sendings for f in filed)
        say(f"  {len(filed)} reports in {sendings} sendings; {again} were there already")
        filed.append(answer_dropped(report, site, areas))
        codes_open(report, site, [f.receipt for f in filed if f.receipt])
    hold_against(report, Books(folder), filed)
    whole = site.flask("audit", "verify").strip()
    report.check("flask audit verify", whole.startswith("whole"), whole)
    return report.code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tanggap-durability-") as folder:
        return run(Path(folder), arguments.kills)


if __name__ == "__main__":
    sys.exit(main())
