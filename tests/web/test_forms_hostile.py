"""Random files of services and random answers: never a fault, whatever is asked and typed."""

import copy
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.places.city import current_city
from app.requests.service_files import service_of
from app.requests.services import Service, Services
from tests import filing
from tests.pages import Client
from tests.unit.test_service_versions import ANYTHING, places

KINDS = (
    "text", "long", "number", "date", "time", "choice", "many", "yes_no", "nik", "kk", "phone",
    "email", "area",
)  # fmt: skip
TYPED = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ("yes", "no", "a", "1271015708920003", "2026-11-24", "07.30", "0812345678", "9" * 30)
    ),
)


@st.composite
def random_source(draw: st.DrawFn) -> dict[str, Any]:
    """A file with sections of all kinds of questions, then something in it made strange."""

    def text(words: str) -> dict[str, str]:
        return {"id": words, "en": words}

    sections = []
    for number in range(draw(st.integers(1, 3))):
        questions = []
        for which in range(draw(st.integers(1, 4))):
            kind = draw(st.sampled_from(KINDS))
            question: dict[str, Any] = {"key": f"q{which}", "kind": kind, "label": text(kind)}
            if kind in {"choice", "many"}:
                question["choice"] = [{"key": key, "id": key, "en": key} for key in "ab"]
            question["optional"] = draw(st.booleans())
            questions.append(question)
        section: dict[str, Any] = {
            "key": f"s{number}", "title": text("Bagian"), "field": questions,
        }  # fmt: skip
        if draw(st.booleans()):
            section["repeat"] = {"min": 0, "max": 2, "one": text("saksi")}
        if number and draw(st.booleans()):
            section["show_if"] = {"field": "s0.q0", "is": ["a", "yes"]}
        sections.append(section)
    source: dict[str, Any] = {
        "code": "ACAK-01", "name": text("Layanan acak"), "unit": "dpmptsp", "section": sections,
        "document": [{"key": "paper", "name": text("Berkas"), "optional": draw(st.booleans())}],
        "step": [{"text": text("Isi.")}], "rule": [{"name": text("Perda acak")}],
    }  # fmt: skip
    for _n in range(draw(st.integers(0, 2))):
        container, key = draw(st.sampled_from(places(source["section"])))
        container[key] = draw(ANYTHING)
    return source


def offered(app: Flask, source: dict[str, Any]) -> Service:
    """The service as the only one of the running site."""
    with app.app_context():
        service = service_of(copy.deepcopy(source), "permits", current_city())
    app.extensions["services"] = Services((service,))
    return service


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=random_source(), data=st.data())
def test_no_file_and_no_answer_gives_a_fault(
    app: Flask, source: dict[str, Any], data: st.DataObject
) -> None:
    service = offered(app, source)
    keys = [one.key for one in service.questions.sections]
    assume(len(set(keys)) == len(keys) and all(map(str.isidentifier, keys)))  # as the loader asks
    client = Client(app, language="id")
    client.check = False
    client.get("/izin/ACAK-01")
    if not service.questions.sections:
        return
    client.get("/permohonan/baru/permits/ACAK-01").form("Mulai mengisi").submit()
    for section in service.questions.sections:
        page = client.get(f"/permohonan/isi/{section.key}")
        if not page.path.endswith(f"/isi/{section.key}"):
            continue  # these answers do not lead there
        form = page.form("Simpan dan lanjut")
        for name in sorted(form.names() - {"csrf_token"}):
            form.force(name, *data.draw(st.lists(TYPED, max_size=3)))
        form.submit(data.draw(st.sampled_from(("Simpan dan lanjut", "Simpan dulu"))))
    form = client.get("/permohonan/berkas").form("Simpan berkas")
    form.attach("file_paper", ("a.jpg", filing.jpeg())).submit("Simpan berkas")
    for address in ("/permohonan", "/permohonan/kirim", "/lacak"):
        client.get(address)
