"""Migrations on a database full of rows: nothing is lost, up or down, and the head is the models.

SQLite changes a table by copying it; a copied parent must not take its children with it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Inspector, create_engine, inspect, select, text

from app.cases import seals
from app.cases.actions import attach
from app.cases.events import THE_HOLDER
from app.cases.mail_actions import Matter, subscribe
from app.complaints.actions import follow, support
from app.core.database import Base
from app.core.photos import StoredPhoto
from app.places.city import current_city
from app.requests.actions import begin
from app.requests.models import Application
from app.requests.papers import StoredPaper, keep
from tests import filing
from tests.conftest import START, Block, close, environ_for, run_flask
from tests.databases import Database
from tests.histories import WAYS, brought_to, filed
from tests.letters import issued
from tests.pages import Client
from tests.shipped import ROOT

#: PostgreSQL's type of a place on the map is none that SQLAlchemy knows.
pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'point'")

PAPER = StoredPaper("pdf", 2, 1000, "d" * 64, "paper-" + "a" * 32, "paper-" + "b" * 32)
PHOTO = StoredPhoto("a" * 32, "b" * 32, 800, 600, 1000, "d" * 64)

#: Changes every table that other tables point to, as a later release might.
WIDER = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"

COLUMNS = {{"cases": "channel", "staff": "name", "event": "name", "message": "author",
           "area": "name", "unit": "name", "category": "name"}}


def upgrade():
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(), type_=sa.String(250))
            batch.add_column(sa.Column("extra", sa.Integer(), nullable=False, server_default="7"))


def downgrade():
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_column("extra")
            batch.alter_column(column, existing_type=sa.String(), type_=sa.String(200))
"""

#: Leaves rows without their parent, as a careless release might.
ORPHANING = """
from alembic import op

revision = "9001"
down_revision = "{head}"


def upgrade():
    op.execute("UPDATE cases SET supporters = 99")
    op.execute("DELETE FROM category")


def downgrade():
    pass
"""

Rows = dict[str, list[str]]
Shape = dict[str, dict[str, Any]]


@pytest.fixture
def empty_url(databases: Database) -> Iterator[str]:
    """A database without any table."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def full_url(app: Flask, write: Block, budi: Client, database_url: str) -> str:
    """A database with rows in every table: budi's sign-in made those of sessions and devices."""
    with write() as session:
        for state in WAYS:
            brought_to(session, state, START, email="siti@contoh.id", name="Siti")
        case = filed(session, START, latitude=3.59, longitude=98.67)
        attach(session, case, (PHOTO,), THE_HOLDER, "report", START)
        assert support(session, current_city(), case, "k" * 64, START)
        follow(session, app.extensions["vault"], case, "k" * 64, "tetangga@contoh.id", "id", START)
        matter = Matter(case.kind, case.id)
        subscribe(session, app.extensions["vault"], matter, "warga@contoh.id", "id", START)
        service = next(iter(app.extensions["services"]))
        begin(session, app.extensions["vault"], service, START)
        form = session.scalars(select(Application)).one()
        keep(session, PAPER, "family_card", START, application=form)
        issued(app, session)
        filing.request(app, session)
    with write() as session:
        assert seals.seal(session, START + timedelta(days=1))
    close(app)
    return database_url


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A look into a database from outside the application."""
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows_of(url: str, columns: dict[str, list[str]]) -> Rows:
    """Every row of these tables, in no order."""
    found: Rows = {}
    with connected(url) as connection:
        for table, names in columns.items():
            listed = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(text(f'SELECT {listed} FROM "{table}"'))
            found[table] = sorted(repr(tuple(row)) for row in rows)
    return found


def columns_of(url: str) -> dict[str, list[str]]:
    """The columns of every table, those of the search indexes too."""
    with connected(url) as connection:
        inspector = inspect(connection)
        tables = set(inspector.get_table_names()) - {"alembic_version"}
        return {table: [c["name"] for c in inspector.get_columns(table)] for table in tables}


def shape_of(url: str) -> Shape:
    """Columns, keys and indexes of every table."""
    with connected(url) as connection:
        inspector = inspect(connection)
        return {table: _shape(inspector, table) for table in inspector.get_table_names()}


def _shape(inspector: Inspector, table: str) -> dict[str, Any]:
    columns = inspector.get_columns(table)
    return {
        "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in columns],
        "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
        "foreign keys": sorted(repr(sorted(k.items())) for k in inspector.get_foreign_keys(table)),
        "unique": sorted(repr(u["column_names"]) for u in inspector.get_unique_constraints(table)),
        "indexes": sorted(f"{i['name']} {i['column_names']}" for i in inspector.get_indexes(table)),
    }


def orphans(url: str) -> list[Any]:
    """Rows whose parent is gone. PostgreSQL never lets one come to be."""
    if not url.startswith("sqlite"):
        return []
    with connected(url) as connection:
        return list(connection.execute(text("PRAGMA foreign_key_check")))


def with_revision(folder: Path, source: str) -> str:
    """A copy of the migrations with one more revision at its end."""
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = sorted((folder / "versions").glob("*.py"))[-1].read_text(encoding="utf-8")
    head = last.partition('\nrevision = "')[2].partition('"')[0]
    (folder / "versions" / "9001_later.py").write_text(source.format(head=head), encoding="utf-8")
    return str(folder)


def test_head_is_the_models_and_every_step_can_be_taken_back(
    empty_url: str, instance: Path
) -> None:
    environ = environ_for(empty_url, instance)
    run_flask(environ, "db", "upgrade")
    assert "No new upgrade operations" in run_flask(environ, "db", "check")
    made = shape_of(empty_url)
    assert Base.metadata.tables.keys() < made.keys()
    run_flask(environ, "db", "downgrade", "base")
    assert shape_of(empty_url).keys() == {"alembic_version"}
    run_flask(environ, "db", "upgrade")
    assert shape_of(empty_url) == made


def test_a_change_of_every_parent_keeps_every_row(
    full_url: str, instance: Path, tmp_path: Path
) -> None:
    environ = environ_for(full_url, instance)
    folder = with_revision(tmp_path / "migrations", WIDER)
    columns, shape = columns_of(full_url), shape_of(full_url)
    before = rows_of(full_url, columns)
    bare = [table for table in Base.metadata.tables if not before[table]]
    assert not bare, f"without rows nothing is shown: {bare}"

    run_flask(environ, "db", "upgrade", "--directory", folder)
    after = rows_of(full_url, {"cases": ["extra"]})["cases"]
    assert after == ["(7,)"] * len(before["cases"])
    assert rows_of(full_url, columns) == before
    assert _keys(shape_of(full_url)) == _keys(shape)
    assert orphans(full_url) == []

    run_flask(environ, "db", "downgrade", "--directory", folder)
    assert rows_of(full_url, columns) == before
    assert columns_of(full_url) == columns
    assert _keys(shape_of(full_url)) == _keys(shape)
    assert orphans(full_url) == []
    assert run_flask(environ, "audit", "verify").startswith("whole")


def _keys(shape: Shape) -> Shape:
    """The shape without columns, which the change is about."""
    return {
        table: {name: part for name, part in parts.items() if name != "columns"}
        for table, parts in shape.items()
    }


def test_a_migration_that_would_orphan_rows_leaves_all_as_it_was(
    full_url: str, instance: Path, tmp_path: Path
) -> None:
    environ = environ_for(full_url, instance)
    folder = with_revision(tmp_path / "migrations", ORPHANING)
    columns = columns_of(full_url)
    before = rows_of(full_url, columns)
    with pytest.raises(AssertionError, match=r"orphan rows|ForeignKeyViolation"):
        run_flask(environ, "db", "upgrade", "--directory", folder)
    assert rows_of(full_url, columns) == before
    assert orphans(full_url) == []
