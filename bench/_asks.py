"""What people ask of the site, as bytes that are ready to be sent again and again."""

import html
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, urlencode

from app.civic.codes import new_form_key
from app.complaints.demo_grammar import Grammar, Place
from app.complaints.filing import advice_on
from app.places.city import SHIPPED, City, city_file, load_city
from bench._citizen import Citizen, multipart
from bench._filing import Area, Receipt, blank
from bench._forms import Form
from bench._wire import Answer, Wire, request

Ask = Callable[[Wire, int], None]
"""Does something on a connection; no number is given twice."""
Draft = dict[str, list[str]]
"""What is written into the report form, by field."""

SUBJECTS = ("road_damage", "garbage", "street_light", "drainage", "traffic", "trees_parks")
SEARCHES = ("lubang", "sampah menumpuk", "lampu jalan", "banjir")
DRAFTS = 2200
"""So many different reports are ready to be filed; then they come again."""
PAGES_READ = 12
SIMILAR = b'id="h-mirip"'
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


def drafts(count: int = DRAFTS) -> list[Draft]:
    """What people write into the form, in the words and the mix of the made-up reports.

    All have a pin, and none speaks of danger: nothing has to be read before they are sent.
    """
    city = load_city(SHIPPED)
    grammar = Grammar.load(city_file(SHIPPED, "demo.toml"))
    made = (_draft(grammar, city, grammar.dice("bench", n)) for n in itertools.count())
    plain = (d for d in made if not _advised(city, d))
    return [{name: [value] for name, value in d.items()} for d in itertools.islice(plain, count)]


def _draft(grammar: Grammar, city: City, dice: Random) -> dict[str, str]:
    slug = dice.choices(*grammar.categories)[0]
    district = dice.choice(city.districts)
    village = dice.choice(city.villages_of(district.code))
    return {
        "text": grammar.report(dice, slug, Place(village.name, district.name)),
        "district": district.code,
        "village": village.code,
        "landmark": dice.choice(grammar.rules["slots"]["gang"]),
        "latitude": f"{dice.uniform(city.bounds.south, city.bounds.north):.6f}",
        "longitude": f"{dice.uniform(city.bounds.west, city.bounds.east):.6f}",
        "category": slug,
        "visibility_for": slug,
        "visibility": city.category(slug).visibility,
    }


def _advised(city: City, draft: dict[str, str]) -> bool:
    return bool(advice_on(draft["text"], city.category(draft["category"])).topics)


@dataclass
class Sheet:
    """A report form as one browser got it, to be sent again and again under fresh form keys."""

    port: int
    form: Form
    cookies: str
    drafts: Sequence[Draft]
    twice: int = 0  # how often similar ones were offered first

    @classmethod
    def of(cls, citizen: Citizen, drafts: Sequence[Draft]) -> "Sheet":
        """Fetch the form, and leave out what the site already knows something similar of."""
        form = blank(citizen)
        sheet, wire = (
            cls(citizen.port, form, citizen.cookies_for(form.action), drafts),
            Wire(citizen.port),
        )
        previews = [wire.ask(sheet._request(sheet._filled(n), "check")) for n in range(len(drafts))]
        wire.close()
        alike = [SIMILAR in answer.body for answer in previews]
        sheet.drafts = [draft for draft, known in zip(drafts, alike, strict=True) if not known]
        return sheet

    def file(self, wire: Wire, n: int) -> None:
        """File report n; where similar ones are offered, it is sent again at once."""
        fields = self._filled(n)
        answer = wire.ask(self._request(fields, "send"))
        if answer.status == 200:
            self.twice += 1
            seen = [name.decode() for name in SEEN.findall(answer.body)]
            answer = wire.ask(self._request(fields | {"seen": seen}, "send"))
        wanted(answer, 303)

    def preview(self, wire: Wire, n: int) -> None:
        """Look at report n before it is sent."""
        wanted(wire.ask(self._request(self._filled(n), "check")), 200)

    def _filled(self, n: int) -> Draft:
        draft = self.drafts[n % len(self.drafts)]
        return self.form.fields | draft | {"form_key": [new_form_key()]}

    def _request(self, fields: Draft, press: str) -> bytes:
        pairs = [(name, value) for name, values in fields.items() for value in values]
        body, kind = multipart([*pairs, ("do", press)], self.form.files)
        headers = {"Content-Type": kind, "Cookie": self.cookies}
        return request("POST", self.form.action, self.port, headers, body)


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
