"""How migrations run, on SQLite and PostgreSQL alike.

SQLite changes a table by copying it. With foreign keys on, dropping the old copy would delete
the rows of its children without a word, so they are off while migrating and checked afterwards.
"""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from app.core.database import Base, is_search_table, transaction


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the search indexes out: they are no models."""
    return not (kind == "table" and is_search_table(name))


def migrate(connection: Connection) -> None:
    """Run the migrations in one transaction."""
    settings = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        transactional_ddl=True,  # SQLite's DDL does roll back, given a real BEGIN
        **settings,
    )
    with context.begin_transaction():
        context.run_migrations()


def on_sqlite(connection: Connection) -> None:
    """Migrate with foreign keys off, then check them."""
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, so before it
    try:
        with connection.begin():
            migrate(connection)
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration would orphan rows: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Migrate the database of the application."""
    engine = current_app.extensions["migrate"].db.engine
    with transaction("write"), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            on_sqlite(connection)
        else:
            with connection.begin():
                migrate(connection)


run()
