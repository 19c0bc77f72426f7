"""A service as it was kept with a request is read again, whatever has become of the format."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.places.city import load_city
from app.requests.checklist import answer_items, paper_items, verdict_of
from app.requests.papers import asked_slots
from app.requests.service_files import load_services, service_of
from app.requests.services import Service
from tests.filing import ANSWERS
from tests.shipped import NO_CITY

MEDAN = load_city(NO_CITY)
SERVICES = load_services(NO_CITY, MEDAN)
DOCTOR = SERVICES.find("permits", "SIP-DOK")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.text(max_size=12),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=8), one, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("service", list(SERVICES), ids=lambda one: one.code)
def test_a_service_is_read_back_as_it_was(service: Service) -> None:
    kept = json.loads(json.dumps(service.source, default=str))
    again = service_of(kept, service.room, MEDAN)
    for part in ("code", "name", "unit", "fee", "days", "documents", "questions", "letter"):
        assert getattr(again, part) == getattr(service, part), part


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place of a nested value where another could stand: its container and key."""
    keys = data.keys() if isinstance(data, dict) else range(len(data))
    found = [(data, key) for key in keys]
    for key in keys:
        if isinstance(data[key], dict | list):
            found += places(data[key])
    return found


@settings(max_examples=150)
@given(st.data())
def test_a_version_of_another_format_never_fails_to_be_read(data: st.DataObject) -> None:
    assert DOCTOR
    source = copy.deepcopy(dict(DOCTOR.source))
    for _n in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(source)))
        if data.draw(st.booleans()):
            container[key] = data.draw(ANYTHING)
        else:
            del container[key]
    service = service_of(source, "permits", MEDAN)
    kept = service.questions.kept(ANSWERS)
    items = [*answer_items(service, kept), *paper_items(asked_slots(service, kept))]
    verdict_of(items, {})
    if service.letter:
        assert all(isinstance(one, str) for one in service.letter.shows)
