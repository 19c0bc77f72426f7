"""The planner of SQLite is told what its indexes are worth; PostgreSQL finds out by itself."""

from flask import Flask
from sqlalchemy import text

from app.core.database import dialect_of
from app.worker import Worker
from tests.conftest import START, Block
from tests.histories import filed


def test_the_worker_refreshes_the_statistics(app: Flask, write: Block, read: Block) -> None:
    with write() as session:
        filed(session, START)
    with app.app_context():
        assert Worker(app).round()
    with read() as session:
        if dialect_of(session) == "sqlite":
            known = session.scalars(text("SELECT idx FROM sqlite_stat1 WHERE tbl = 'cases'")).all()
            assert "ix_cases_newest" in known
