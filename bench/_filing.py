"""Filing a report and opening it by its code, as both are done in a browser."""

import json
from dataclasses import dataclass, replace

from bench._citizen import Citizen, Page, Unexpected
from bench._forms import Form

FORM = "/keluhan/baru"
MOST_PAGES = 4

Area = tuple[str, str]
"""Codes of a kecamatan and of a kelurahan in it."""


@dataclass(frozen=True)
class Receipt:
    """What the citizen takes home."""

    number: str
    code: str
    again: bool  # the page says that this report was there already
    alike: bool = False  # similar ones were offered first, and were not the same


def areas_of(citizen: Citizen) -> list[Area]:
    """Every kelurahan with its kecamatan, as the form's script reads them."""
    listed = json.loads(citizen.get("/keluhan/wilayah.json").expect().text)
    return [(area["code"], village[0]) for area in listed for village in area["villages"]]


def blank(citizen: Citizen) -> Form:
    """A fresh report form."""
    return citizen.get(FORM).expect().form(id="laporan")


def send(citizen: Citizen, form: Form) -> Receipt:
    """Send a report, "not the same" being the answer where similar ones are offered.

    Raises Unexpected when the form comes back with errors.
    """
    page = citizen.submit(form, "send")
    alike = False
    for _ in range(MOST_PAGES):
        if page.path.endswith("/tanda-terima"):
            return replace(receipt_on(page), alike=alike)
        alike = alike or 'id="h-mirip"' in page.text
        again = page.expect().form(id="laporan")
        if "kept" not in again.fields:
            again.uploads = form.uploads
        page = citizen.submit(again, "send")
    raise Unexpected(f"no receipt after {MOST_PAGES} pages: {page.complaint}")


def receipt_on(page: Page) -> Receipt:
    """The receipt of a page."""
    number = page.expect().value("data-report-number")
    return Receipt(number, page.value("data-tracking-code"), "Tidak ada laporan ganda" in page.text)


def track(citizen: Citizen, code: str) -> Page:
    """Open one's report by its code; raises Unexpected when that does not lead to it."""
    form = citizen.get("/lacak").expect().form(field="code")
    page = citizen.submit(form.fill(code=code)).expect()
    if not page.path.startswith("/lacak/"):
        raise Unexpected(f"the code leads to {page.path}: {page.complaint}")
    return page
