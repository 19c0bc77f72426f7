"""Every page of every service of Medan in Chromium, in both languages: valid HTML with labels, axe
finds nothing, none scrolls sideways. What is asked is in tests/web/test_applications.py.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.core.clock import now
from app.places.city import load_city
from app.requests.actions import find, save
from app.requests.papers import asked_slots
from app.requests.questions import Condition, Value
from app.requests.service_files import load_services
from app.requests.services import EVENTS, ROOMS, Service
from tests.conftest import Block
from tests.html import problems
from tests.journeys.conftest import Visitor, check_accessible
from tests.shipped import NO_CITY

SERVICES = load_services(NO_CITY, load_city(NO_CITY))
FORMS = [one for one in SERVICES if one.questions.sections]

Filled = dict[str, list[dict[str, Value]]]


def leading_to(service: Service, condition: Condition | None) -> Filled:
    """Answers that lead to what hangs on a condition, and to what that hangs on in turn."""
    answers: Filled = {}
    while condition:
        section_key, _dot, key = condition.question.partition(".")
        section = next(one for one in service.questions.sections if one.key == section_key)
        question = next(one for one in section.questions if one.key == key)
        entry = answers.setdefault(section_key, [{}])[0]
        answer = next(one for one in question.answers if one in condition.among)
        entry[key] = (answer,) if question.kind == "many" else answer
        condition = question.condition or section.condition
    return answers


def pages(service: Service) -> Iterator[tuple[Filled, str]]:
    """Every page of a form with answers that lead there; the papers until each was asked for."""
    yield {}, ""
    for section in service.questions.sections:
        answers = leading_to(service, section.condition)
        assert section in service.questions.open_sections(answers), section.key
        yield answers, f"/isi/{section.key}"
    seen: set[str] = set()
    for document in service.documents:
        answers = leading_to(service, document.condition)
        if document.key and document.key not in seen:
            seen |= {one.key for one in asked_slots(service, answers)}
            assert document.key in seen
            yield answers, "/berkas"


def begun(page: Page, service: Service) -> str:
    """Begin the form as anybody does; its code."""
    page.goto(f"/permohonan/baru/{service.room}/{service.code}")
    page.get_by_role("button", name="Mulai mengisi").click()
    return page.locator("[data-application-code]").inner_text()


def fill(app: Flask, write: Block, code: str, service: Service, answers: Filled) -> None:
    """Answer what leads to a page, as if earlier pages had been sent."""
    with write() as session:
        vault = app.extensions["vault"]
        application = find(session, vault, code, now(), lock=True)
        assert application
        for section in service.questions.sections:
            if section.key in answers:
                save(vault, application, service, section.key, answers[section.key], now())


def look(page: Page, path: str, language: str) -> None:
    """Open a page and fail with whatever is wrong with it."""
    answer = page.goto(path)
    assert answer
    assert answer.ok
    assert problems(answer.text()) == []
    assert page.locator("html").get_attribute("lang") == language
    assert page.url.endswith(path)  # not led elsewhere
    check_accessible(page)


def leading_there() -> Iterator[str]:
    """What is read before a form: search, the events of a life, the rooms, the standards."""
    yield "/layanan?"
    yield "/layanan?q=ktp+hilang&"
    yield "/layanan?q=tidakadasamasekali&"
    for event in EVENTS:
        yield f"/layanan?peristiwa={event}&"
    for name, room in ROOMS.items():
        yield f"{room.address}?"
        for service in SERVICES:
            if service.room == name:
                yield f"{room.address}/{service.code}?"


@pytest.mark.long
@pytest.mark.parametrize("path", tuple(leading_there()))
def test_axe_finds_nothing_on_the_way_to_a_form(visitor: Visitor, path: str) -> None:
    page = visitor()
    for language in ("en", "id"):
        look(page, f"{path}lang={language}", language)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", FORMS, ids=lambda one: one.code)
def test_axe_finds_nothing_on_any_page(
    app: Flask, write: Block, visitor: Visitor, service: Service
) -> None:
    page = visitor()
    code = begun(page, service)
    for answers, path in pages(service):
        fill(app, write, code, service, answers)
        for language in ("en", "id"):
            look(page, f"/permohonan{path}?lang={language}", language)
