"""Whatever is sent to the forms of the desk: never a fault, and nothing happens that should not."""

from typing import Any

import pytest

from tests.conftest import Block
from tests.desks import WORDS, address, case_of, make
from tests.pages import Client

pytestmark = pytest.mark.once

UNREADABLE = {
    "NUL": "Sudah kami\x00 tambal pagi ini.",
    "right-to-left override": "Sudah kami \u202egnp.exe tambal",
    "pile of marks": "Sudah kami tambal Z" + "\u0300" * 60,
    "lone surrogate": "Sudah kami tambal \ud800 pagi",
}
ODD = {
    **UNREADABLE,
    "markup": "<script>alert(1)</script> dan lagi",
    "SQL": "' OR 1=1; DROP TABLE cases; --",
    "template": "{{ 7 * 7 }}%(x)s{0} dan lagi",
    "emoji": "👨‍👩‍👧‍👦🇮🇩 sudah kami tambal",
    "path": "../../../etc/passwd",
    "number": "1e400",
    "full-width": "１２３４５６７８９０",
    "nothing": "",
    "blank": " \t\n ",
    "long": "x" * 100_000,
}
#: Step by step: who takes it, in which state, and its fields of choice.
CHOICES = (
    ("budi", "submitted", "assign", ("unit_code",)),
    ("budi", "submitted", "refer", ("agency_code",)),
    ("budi", "submitted", "reject", ("code",)),
    ("budi", "submitted", "merge", ("target",)),
    ("budi", "submitted", "refile", ("category_slug",)),
    ("budi", "submitted", "close_in", ("visibility",)),
    ("tono", "in_progress", "hand_over", ("officer_id",)),
    ("tono", "in_progress", "extend", ("day",)),
)


def base(client: Client, number: str, name: str) -> dict[str, Any]:
    """What the untouched form would send."""
    client.check = False
    form = client.get(address(number, name)).form(field="version")
    return {**form.values, "words": [WORDS], "day": ["15", "01", "2027"]}


def printable(value: str) -> str:
    """As a browser can send it: a lone surrogate becomes three bytes that are no UTF-8."""
    return value.encode("utf-8", "surrogatepass").decode("latin-1") if "\ud800" in value else value


@pytest.mark.parametrize(("who", "state", "name", "fields"), CHOICES, ids=lambda part: str(part))
def test_no_choice_of_a_list_is_refused(
    request: pytest.FixtureRequest,
    write: Block,
    who: str,
    state: str,
    name: str,
    fields: tuple[str, ...],
) -> None:
    client: Client = request.getfixturevalue(who)
    number = make(write, state)
    data = base(client, number, name)
    for label, value in ODD.items():
        for field in fields:
            for sent in ([printable(value)], [printable(value)] * 3, None):
                answer = client.post(address(number, name), data=data | {field: sent or []})
                assert answer.status in {413, 422}, (label, field, answer.status)
    with write() as session:
        assert case_of(session, number).state == state


@pytest.mark.parametrize("label", list(ODD))
def test_words_are_kept_as_text_or_refused(write: Block, rina: Client, label: str) -> None:
    number = make(write, "in_progress")
    data = base(rina, number, "answer")
    value = printable(ODD[label])
    answer = rina.post(address(number, "answer"), data=data | {"words": value, "do": "lihat"})
    readable = label in {"markup", "SQL", "template", "emoji", "path", "full-width"}
    assert answer.status == (200 if readable else 422), answer.errors()
    assert "<script>alert(1)" not in answer.html


@pytest.mark.parametrize(
    "field", ["seen", "key", "template", "kept", "private", "do", "photos", "x"]
)
def test_what_nobody_types_does_no_harm(write: Block, rina: Client, field: str) -> None:
    number = make(write, "in_progress")
    data = base(rina, number, "answer") | {"do": "lihat"}
    for label, value in ODD.items():
        answer = rina.post(address(number, "answer"), data=data | {field: printable(value)})
        ordinary = {302, 303} if field == "do" else {200}
        assert answer.status in {200, 404, 409, 413, 422} | ordinary, (label, answer.status)


@pytest.mark.parametrize(
    "field",
    ["antrean", "urusan", "kecamatan", "setelah", "lanjut", "selesai", "dari", "nomor", "target"],
)
def test_odd_addresses_are_pages_all_the_same(write: Block, budi: Client, field: str) -> None:
    number = make(write)
    for value in (
        *ODD.values(),
        "2026-11-24.99999999999999999999999",
        "0000-00-00.1",
        "2026-11-24.-5",
    ):
        if "\ud800" in value or len(value) > 1000:
            continue
        for path in ("/petugas", address(number), address(number, "merge")):
            budi.check = False
            page = budi.http.get(path, query_string={field: value})
            assert page.status_code == 200, (field, value, path)
            assert "<script>alert" not in page.get_data(as_text=True)
