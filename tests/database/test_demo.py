"""Made-up reports: the same each time, made once, whole, and away without a trace."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from app.cases import seals
from app.cases.models import Attachment, Case, Event, Message, Tally
from app.cases.recount import counts
from app.complaints import demo
from app.complaints.demo_grammar import Grammar, Place
from app.complaints.models import Complaint
from app.places.city import SHIPPED, current_city
from tests.conftest import Block

COUNT = 40


@pytest.fixture
def filled(app: Flask) -> FlaskCliRunner:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["demo", "--complaints", str(COUNT)])
    assert result.exit_code == 0, result.output
    assert f"{COUNT} new made-up reports" in result.output
    return runner


def test_a_second_run_makes_nothing_twice(filled: FlaskCliRunner, read: Block) -> None:
    again = filled.invoke(args=["demo", "--complaints", str(COUNT)])
    assert f"0 new made-up reports, {COUNT} were there" in again.output
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == COUNT


def test_every_report_is_marked_and_whole(filled: FlaskCliRunner, read: Block) -> None:
    with read() as session:
        assert set(session.scalars(select(Case.demo))) == {True}
        assert session.scalar(select(func.count()).select_from(Complaint)) == COUNT
        assert seals.verify(session) is None
        assert len(set(session.scalars(select(Case.state)))) > 3


def test_the_figures_are_those_of_the_events(filled: FlaskCliRunner, read: Block) -> None:
    with read() as session:
        tallied = {(row.day, row.metric): row.n for row in session.scalars(select(Tally))}
        assert tallied == dict(counts(session, current_city()))


def test_removing_takes_everything_away(
    filled: FlaskCliRunner, read: Block, instance: Path
) -> None:
    assert (instance / demo.MARK).exists()
    assert f"Removed {COUNT}" in filled.invoke(args=["demo", "--remove"]).output
    assert not (instance / demo.MARK).exists()
    with read() as session:
        for table in (Case, Complaint, Message, Attachment, Tally):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table
        assert session.scalar(select(func.count()).where(Event.case_id.is_not(None))) == 0


def test_every_page_says_that_the_data_are_made_up(filled: FlaskCliRunner, app: Flask) -> None:
    for address in ("/", "/keluhan", "/keluhan/baru", "/lacak", "/petugas/masuk", "/nowhere"):
        page = app.test_client().get(address, base_url="http://127.0.0.1:8000").text
        assert "Ini data contoh." in page, address


def test_the_same_number_is_the_same_text() -> None:
    grammar = Grammar.load(SHIPPED / "demo.toml")
    place = Place("Durian", "Medan Timur")
    texts = [grammar.report(grammar.dice("report", i), "flood", place) for i in range(200)]
    again = [grammar.report(grammar.dice("report", i), "flood", place) for i in range(200)]
    assert texts == again
    assert len(set(texts)) > 195
