"""Bodies of the wrong kind at every address that takes one, as everybody: never a fault."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.cases.holder_words import STEPS as HOLDER_STEPS
from app.complaints.lifecycle import LIFECYCLE
from app.requests.holder_words import STEPS as REQUEST_STEPS
from app.requests.lifecycle import lifecycle_of
from tests.conftest import Block
from tests.holders import holder_of, told
from tests.pages import Client

pytestmark = pytest.mark.once

_NAMES = (
    "about_unit again agency_code attachment_id category category_slug code current day district do"
    " email form_key hide key kept klass landmark language latitude longitude name next number"
    " officer_id password phone photos private rating role seen since target templat template text"
    " unit_code username version village visibility visibility_for website who words"
)
FIELDS = _NAMES.split()
ROWS = (*LIFECYCLE.rows(), *lifecycle_of("permits").rows())
STEPS = sorted({row.name for row in ROWS})
SLUGS = sorted({words.slug for words in (*HOLDER_STEPS.values(), *REQUEST_STEPS.values())})


def addresses(app: Flask, number: str) -> list[str]:
    """Every address a form may be sent to, with the steps of desk and holder one by one."""
    found = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        for step in STEPS if "name" in rule.arguments else SLUGS:
            known = {"number": number, "name": step, "slug": step, "token": "x"}
            built = rule.build({name: known.get(name, 1) for name in rule.arguments})
            assert built, rule
            found.append(built[1])
    return sorted(set(found))


def bodies(token: str) -> list[dict[str, Any]]:
    """What is no form, and a form with a file in place of every text."""
    files = {field: (BytesIO(b"a file"), "text.txt") for field in FIELDS}
    return [
        {"json": dict.fromkeys(FIELDS, 5)},
        {"json": [1]},
        {"data": {**files, "csrf_token": token}},
    ]


LONG = [pytest.param(who, marks=pytest.mark.long) for who in ("siti", "rina", "ayu")]


@pytest.mark.parametrize("who", ["holder", "budi", *LONG])
def test_a_body_of_the_wrong_kind_is_no_fault(
    app: Flask, write: Block, request: pytest.FixtureRequest, who: str
) -> None:
    case = told(write, "closed" if who == "holder" else "assigned")
    client: Client = holder_of(app, case) if who == "holder" else request.getfixturevalue(who)
    token = client.get("/lacak").form(field="code").values["csrf_token"][0]
    for address in addresses(app, case.number):
        for body in bodies(token):
            answer = client.http.post(address, **body)
            assert answer.status_code < 500, (address, body)


def test_a_rating_that_is_none_of_the_five_on_an_old_page(app: Flask, write: Block) -> None:
    case = told(write, "closed")
    client = holder_of(app, case)
    page = client.get(f"/lacak/{case.number}")
    form = page.form(field="rating").force("rating", "five").force("version", "1")
    assert form.submit().status == 409
