"""The link in a mail opens one report, for a while, until it is revoked."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from app.cases.links import LIFETIME, Links, open_link, the_links
from app.cases.models import Case
from app.core.clock import now
from tests.histories import filed


@pytest.fixture
def case(session: Session) -> Case:
    return filed(session, now())


def token(case: Case) -> str:
    return the_links().manage(case).rpartition("/")[2]


def test_it_opens_the_report_for_thirty_days(
    session: Session, case: Case, clock: time_machine.Traveller
) -> None:
    link = token(case)
    assert open_link(session, link) == case.id
    clock.shift(LIFETIME - timedelta(minutes=1))
    assert open_link(session, link) == case.id
    clock.shift(timedelta(minutes=2))
    assert open_link(session, link) is None


def test_it_can_be_revoked(session: Session, case: Case) -> None:
    link = token(case)
    case.link_version += 1
    session.flush()
    assert open_link(session, link) is None
    assert open_link(session, token(case)) == case.id


def test_it_ends_with_erasure(session: Session, case: Case) -> None:
    case.erased_at = now()
    session.flush()
    assert open_link(session, token(case)) is None


@pytest.mark.parametrize("forged", ["", "x", "WzEsMV0", "WzEsMV0.aaaaaa.bbbbbbbbbbb", "ü" * 50])
def test_a_forged_one_opens_nothing(session: Session, case: Case, forged: str) -> None:
    assert open_link(session, forged) is None


def test_another_sites_link_opens_nothing(session: Session, case: Case) -> None:
    other = Links("another-secret-key-of-some-length-aaaa", "https://lain.example")
    assert open_link(session, other.manage(case).rpartition("/")[2]) is None
