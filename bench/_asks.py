"""What people ask of the site, as bytes that are ready to be sent again and again."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.civic.codes import new_form_key
from bench._citizen import Citizen, multipart
from bench._filing import Area, Receipt, blank
from bench._forms import Form
from bench._wire import Answer, Wire, request

Ask = Callable[[Wire, int], None]
"""Does something on a connection; no number is given twice."""

SUBJECTS = ("road_damage", "garbage", "street_light", "drainage", "traffic", "trees_parks")
SEARCHES = ("lubang", "sampah menumpuk", "lampu jalan", "banjir")
WORDS = (
    "Laporan {n}: lubang besar di depan gang, sudah dua minggu dan makin dalam. Kemarin malam ada"
    " motor yang jatuh karena lampunya juga mati. Mohon segera ditutup sebelum ada korban lagi."
)
PAGES_READ = 12
SEEN = re.compile(rb'name="seen" value="(\w+)"')


def wanted(answer: Answer, status: int) -> None:
    """Raise RuntimeError with what came instead of the right kind of answer."""
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}: {answer.body[:300]!r}")


def visits(port: int, paths: Sequence[str], cookies: str = "") -> Ask:
    """Open these addresses in turn."""
    headers = {"Cookie": cookies} if cookies else {}
    return _in_turn([request("GET", path, port, headers) for path in paths], 200)


def tracking(citizen: Citizen, receipts: Sequence[Receipt]) -> Ask:
    """Open reports by their codes: the request that looks a code up and lets its holder in."""
    form = citizen.get("/lacak").expect().form(field="code")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": citizen.cookies_for(form.action),
    }
    bodies = [
        urlencode(form.fill(code=receipt.code).pairs(form.button())).encode()
        for receipt in receipts
    ]
    return _in_turn([request("POST", form.action, citizen.port, headers, b) for b in bodies], 303)


def _in_turn(requests: Sequence[bytes], status: int) -> Ask:
    def ask(wire: Wire, n: int) -> None:
        wanted(wire.ask(requests[n % len(requests)]), status)

    return ask


# ---------------------------------------------------------------- filing


@dataclass(frozen=True)
class Sheet:
    """A report form as one browser got it, to be sent again and again under fresh form keys."""

    port: int
    form: Form
    cookies: str
    areas: Sequence[Area]

    @classmethod
    def of(cls, citizen: Citizen, areas: Sequence[Area]) -> "Sheet":
        """Fetch the form."""
        form = blank(citizen)
        return cls(citizen.port, form, citizen.cookies_for(form.action), areas)

    def ask(self, wire: Wire, n: int) -> None:
        """File report n; where similar ones are offered they are not the same."""
        fields = self.form.fields | written(n, self.areas) | {"form_key": [new_form_key()]}
        answer = wire.ask(self._request(fields))
        if answer.status == 200:
            seen = [name.decode() for name in SEEN.findall(answer.body)]
            answer = wire.ask(self._request(fields | {"seen": seen}))
        wanted(answer, 303)

    def _request(self, fields: dict[str, list[str]]) -> bytes:
        pairs = [(name, value) for name, values in fields.items() for value in values]
        body, kind = multipart([*pairs, ("do", "send")], self.form.files)
        headers = {"Content-Type": kind, "Cookie": self.cookies}
        return request("POST", self.form.action, self.port, headers, body)


def written(n: int, areas: Sequence[Area]) -> dict[str, list[str]]:
    """What somebody writes into the form for report n: one kelurahan and subject after another."""
    district, village = areas[n % len(areas)]
    return {
        "text": [WORDS.format(n=n)],
        "district": [district],
        "village": [village],
        "landmark": [f"Gang {n}, dekat pos ronda"],
        "category": [SUBJECTS[n % len(SUBJECTS)]],
    }


# ---------------------------------------------------------------- addresses of the list


def first_pages(citizen: Citizen) -> list[str]:
    """The first pages of the list, as one follows them."""
    pages = ["/keluhan"]
    while len(pages) < PAGES_READ:
        body = citizen.get(pages[-1]).expect().text
        older = re.search(r'href="(/keluhan\?[^"]*\bsetelah=[^"#]+)', body)
        if older is None:
            break
        pages.append(html.unescape(older[1]))
    return pages


def searches() -> list[str]:
    """Searches for one word and for two."""
    return [f"/keluhan?q={quote(words)}" for words in SEARCHES]


def filtered(areas: Sequence[Area]) -> list[str]:
    """A page of the list for every filter, and for some together."""
    district, village = areas[0]
    filters = (
        f"urusan={SUBJECTS[0]}",
        f"kecamatan={district}",
        f"kecamatan={district}&kelurahan={village}",
        "status=open",
        "status=closed",
        "dinas=sdabmbk",
        "terlambat=1",
        f"q=lubang&urusan={SUBJECTS[0]}&status=open&terlambat=1",
        "tampilan=peta",
    )
    return [f"/keluhan?{query}" for query in filters]


def numbers_on(citizen: Citizen, pages: Sequence[str]) -> list[str]:
    """The reports these pages lead to."""
    bodies = (citizen.get(page).expect().text for page in pages)
    found = (re.findall(r'href="/keluhan/(\d{4}-\d+)"', body) for body in bodies)
    return list(dict.fromkeys(number for numbers in found for number in numbers))
