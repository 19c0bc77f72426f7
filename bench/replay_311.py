"""A real city's 311 file through the whole site: filed, tracked, answered, confirmed.

A city folder is made out of the file, the site is started with it, and every row goes through the
web pages: four clients file and track it; verifier and officers, signed in at the desk, do what the
file says became of it; the holder of the code confirms or withdraws. Then states, counts and places
are held against the file.

    python -m bench.replay_311 [FILE] [--rows 1000]
"""

import sys
from pathlib import Path

sys.path.pop(0)  # run as a file, this folder would hide the standard library's http
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import argparse
import html
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench import _city as cities
from bench._citizen import LOST, Citizen, Page, Unexpected
from bench._city import AGENCY, City, Row
from bench._desk import hire, sign_in, step
from bench._filing import blank, send, track
from bench._report import Report, progress, say
from scripts.site import Site
from scripts.steps import ROOT

FILE = ROOT.parent / "shared" / "data" / "myla311-2017-subset.csv"
CLIENTS = 4
VERIFIER = "verifikator"

STATES = {
    "Closed": "closed",
    "Cancelled": "withdrawn",
    "Referred Out": "referred",
    "Open": "assigned",
}
"""State of this site by the file's word; a word not among them is a row skipped."""
WORDS = {
    "closed": "Selesai",
    "withdrawn": "Dicabut",
    "referred": "Diteruskan ke",
    "assigned": "Terdisposisi ke",
}
"""What the tracking page says in each state."""
BEGUN = "Laporan sudah kami terima dan petugas berangkat hari ini."
DONE = "Sudah kami kerjakan di tempat itu dan kami periksa lagi sesudahnya."


@dataclass
class Filed:
    """A row on its way through the site."""

    row: Row
    number: str = ""
    code: str = ""
    alike: bool = False  # similar reports were offered first
    faults: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Where the file says it went."""
        return STATES[self.row.status]


class Client:
    """One of those who share the work: a citizen, and at the desk whoever a step needs."""

    def __init__(self, port: int, city: City) -> None:
        self.port = port
        self.city = city
        self.citizen = Citizen(port)
        self.staff: dict[str, Citizen] = {}

    def close(self) -> None:
        """End all connections."""
        for browser in (self.citizen, *self.staff.values()):
            browser.close()

    # ---------------------------------------------------------------- the reporter

    def file(self, filed: Filed) -> None:
        """File a row as its reporter would, and open it by its code."""
        row, form = filed.row, blank(self.citizen)
        form.fill(
            text=row.text,
            district=row.district,
            landmark=row.landmark,
            category=row.category,
            visibility="anonim" if row.anonymous else "publik",
        ).set("village", row.village)
        if row.place:
            form.fill(latitude=f"{row.place[0]:.6f}", longitude=f"{row.place[1]:.6f}")
        receipt = send(self.citizen, form)
        filed.number, filed.code, filed.alike = receipt.number, receipt.code, receipt.alike
        if receipt.again:
            raise Unexpected(f"{receipt.number} was filed before")
        self._page_of(filed)

    def follow(self, filed: Filed) -> None:
        """Read what became of it on the page the code opens, and where it is on the public one."""
        row = filed.row
        self._reads(self._page_of(filed), WORDS[filed.state], row.landmark)
        page = self.citizen.get(f"/keluhan/{filed.number}").expect()
        names = self.city.villages[row.village][0], self.city.districts[row.district]
        self._reads(page, WORDS[filed.state], *names)

    @staticmethod
    def _reads(page: Page, *wanted: str) -> None:
        words = html.unescape(page.text)
        if missing := [one for one in wanted if one not in words]:
            raise Unexpected(f"{page.path} does not say {missing}")

    def _page_of(self, filed: Filed) -> Page:
        page = track(self.citizen, filed.code)
        if page.path != f"/lacak/{filed.number}":
            raise Unexpected(f"the code of {filed.number} leads to {page.path}")
        return page

    def _as_holder(self, filed: Filed, slug: str) -> None:
        """Take a step from the page the code opens, or from the step's own."""
        page, address = self._page_of(filed), f"/lacak/{filed.number}/{slug}"
        if not any(form.action == address for form in page.forms):
            page = self.citizen.get(address).expect()
        after = self.citizen.submit(page.form(action=address)).expect()
        if f"langkah={slug}" not in after.path:
            raise Unexpected(f"{address} leads to {after.path}: {after.complaint}")

    # ---------------------------------------------------------------- the desk

    def work(self, filed: Filed) -> None:
        """Bring a row to where the file says it went."""
        if filed.state == "withdrawn":
            self._as_holder(filed, "cabut")
        elif filed.state == "referred":
            self._step(VERIFIER, filed, "refer", agency_code=AGENCY)
        else:
            self._step(VERIFIER, filed, "assign", unit_code=filed.row.unit)
        if filed.state == "closed":
            self._step(filed.row.unit, filed, "start", words=BEGUN)
            self._step(filed.row.unit, filed, "answer", words=DONE)
            self._as_holder(filed, "selesai")

    def _step(self, username: str, filed: Filed, name: str, **given: str) -> None:
        if username not in self.staff:
            self.staff[username] = sign_in(self.port, username)
        step(self.staff[username], filed.number, name, **given)


# ---------------------------------------------------------------- sharing the rows

Do = Callable[[Client, Filed], None]


def share(site: Site, city: City, rows: Sequence[Filed], what: str, do: Do) -> None:
    """Let the clients do something with every row; a fault stays with its row."""
    waiting, lock, started = iter(rows), threading.Lock(), time.monotonic()
    done = 0

    def run() -> None:
        nonlocal done
        client = Client(site.port, city)
        while True:
            with lock:
                filed = next(waiting, None)
            if filed is None:
                return client.close()
            try:
                do(client, filed)
            except (Unexpected, KeyError, *LOST) as error:
                filed.faults.append(f"{what} {filed.row.source}: {error}")
            with lock:
                done += 1
                progress(done, len(rows), what)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    say(f"  {what}: {len(rows):,} rows in {seconds:.0f} s, {len(rows) / seconds:.1f} a second")


# ---------------------------------------------------------------- holding it against the file

STORED = """
    SELECT number, state, coalesce(unit_code, ''), category_slug, district_code, village_code,
           latitude, longitude, visibility, text, landmark
    FROM cases JOIN complaint ON case_id = id
"""


def compare(report: Report, folder: Path, rows: Sequence[Filed]) -> None:
    """Hold what the site stored against the file, row by row."""
    database = sqlite3.connect(f"file:{folder / 'tanggap.sqlite'}?mode=ro", uri=True)
    stored = {row[0]: row[1:] for row in database.execute(STORED)}
    database.close()
    wanted = {filed.number: expected(filed) for filed in rows if filed.number}
    report.equal("rows filed", len(wanted), len(rows))
    report.equal("reports stored", len(stored), len(rows))
    pairs = [(stored.get(number), row) for number, row in wanted.items()]
    for name, part in PARTS.items():
        right = sum(found is not None and found[part] == row[part] for found, row in pairs)
        report.equal(f"{name} as in the file", right, len(rows))
    for status, state in STATES.items():
        in_file = sum(filed.row.status == status for filed in rows)
        report.equal(f"{status} → {state}", sum(r[0] == state for r in stored.values()), in_file)


PARTS = {
    "state": slice(0, 1),
    "unit": slice(1, 2),
    "category": slice(2, 3),
    "kecamatan and kelurahan": slice(3, 5),
    "pin": slice(5, 7),
    "visibility": slice(7, 8),
    "text and landmark": slice(8, 10),
}


def expected(filed: Filed) -> tuple[object, ...]:
    """What the site should have stored of a row, in the order of STORED."""
    row = filed.row
    held = filed.state in {"closed", "assigned"}
    return (
        filed.state,
        row.unit if held else "",
        row.category,
        row.district,
        row.village,
        *(row.place or (None, None)),
        "anonim" if row.anonymous else "publik",
        row.text,
        row.landmark,
    )


# ---------------------------------------------------------------- the whole run


def replay(folder: Path, file: Path, count: int) -> int:
    """Send the rows through the site. 0 when everything is as in the file."""
    report, city = Report(), cities.read(file, count)
    rows = [Filed(row) for row in city.rows if row.status in STATES]
    cities.write(city, folder / "city")
    say(
        f"  {file.name}: {len(city.rows):,} rows, {len(city.districts)} kecamatan,"
        f" {len(city.villages)} kelurahan, {len(city.units)} units,"
        f" {len(city.categories)} categories"
    )
    with Site(folder, RATE_LIMITS="off") as site:
        hire(site, VERIFIER, "verifier")
        for unit in city.units:
            hire(site, unit, "officer", unit)
        share(site, city, rows, "filed and tracked", Client.file)
        filed = [one for one in rows if not one.faults]
        say(f"  similar ones offered {sum(one.alike for one in filed):,} times, never the same")
        share(site, city, filed, "worked", Client.work)
        share(site, city, filed, "followed", Client.follow)
        whole = site.flask("audit", "verify").strip()
    compare(report, folder, rows)
    report.none("rows skipped", [row.source for row in city.rows if row.status not in STATES])
    report.none("faults", [fault for one in rows for fault in one.faults])
    report.check("flask audit verify", whole.startswith("whole"), whole)
    return report.code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--rows", type=int, default=1000)
    arguments = parser.parse_args()
    if not arguments.file.is_file():
        say(f"  SKIPPED: there is no {arguments.file}.")
        say("  Give a MyLA311 file: python -m bench.replay_311 FILE [--rows 1000]")
        return 0
    with tempfile.TemporaryDirectory(prefix="tanggap-replay-") as folder:
        return replay(Path(folder), arguments.file, arguments.rows)


if __name__ == "__main__":
    sys.exit(main())
