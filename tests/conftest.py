"""Fixtures of all tests. `--database=postgres` runs the same tests on PostgreSQL.

Nothing here is slow unless it is asked for: the database is made once and copied for each test.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.core.database import Mode, transaction
from app.extensions import db
from tests import cast
from tests.databases import KINDS, Database, quick_folder
from tests.mailbox import Mailbox
from tests.pages import Client
from tests.shipped import NO_CITY, ROOT, Shipped

#: A Tuesday, 10.00 in Medan; the vectors of the promise arithmetic start here.
START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

# The same examples on every run, and no deadline: the machine may be busy.
hypothesis.settings.register_profile("tanggap", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("tanggap")

Block = Callable[[], AbstractContextManager[Session]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=tuple(KINDS), default="sqlite")
    parser.addoption("--whole", action="store_true", help="with what is marked `once` or `long`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long`, and on PostgreSQL what is marked `once`."""
    if config.getoption("--whole"):
        return
    marks = ("long",) if config.getoption("--database") == "sqlite" else ("long", "once")
    left_out = {item for item in items if any(map(item.get_closest_marker, marks))}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


# ---------------------------------------------------------------- databases


def environ_for(url: str, instance: Path, **more: str) -> dict[str, str]:
    """The environment of a site of its own, with nothing of the developer's."""
    return {
        "DATABASE_URL": url,
        "INSTANCE_DIR": str(instance),
        "SECRET_KEY": "test-secret-key-".ljust(40, "s"),
        "DATA_KEYS": "test-data-key-".ljust(40, "d"),
        "CITY_DIR": str(NO_CITY),
        "RATE_LIMITS": "off",
        **more,
    }


def settings_for(url: str, instance: Path, **more: str) -> Settings:
    return Settings.from_environ(environ_for(url, instance, **more), instance_path=instance)


def run_flask(environ: Mapping[str, str], *command: str) -> str:
    """What `flask …` says when an operator runs it; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env={**environ, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"flask {' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def make_tables(url: str) -> None:
    """What an operator does on the first day, by the same commands, and the cast's accounts."""
    with quick_folder() as folder:
        environ = environ_for(url, Path(folder))
        run_flask(environ, "db", "upgrade")
        run_flask(environ, "city", "sync")
        app = create_app(settings_for(url, Path(folder)))
        with session_block(app, "write")() as session:
            cast.hire(session, START)
        close(app)


@pytest.fixture(scope="session")
def shipped() -> Iterator[Shipped]:
    files = Shipped()
    yield files
    files.close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Hands out fresh databases of the kind chosen on the command line."""
    kind = KINDS[request.config.getoption("--database")](make_tables)
    yield kind
    kind.stop()


@pytest.fixture
def database_url(databases: Database) -> Iterator[str]:
    """A database with tables, the city and the cast, for this test alone."""
    url = databases.fresh()
    yield url
    databases.drop(url)


# ---------------------------------------------------------------- the application


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock runs from START; `clock.move_to(…)` and `clock.shift(…)` set it."""
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def instance() -> Iterator[Path]:
    """The folder that is `instance/` on a server."""
    with quick_folder() as folder:
        yield Path(folder)


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, instance: Path) -> Settings:
    """Override it in a test file with `dataclasses.replace` to change one.

    A test that uses `mailbox` sends its mails there.
    """
    more = {}
    if "mailbox" in request.fixturenames:
        more["SMTP_URL"] = request.getfixturevalue("mailbox").url
    return settings_for(database_url, instance, **more)


@pytest.fixture
def app(settings: Settings, shipped: Shipped, clock: time_machine.Traveller) -> Iterator[Flask]:
    """The site; faults are raised instead of shown."""
    app = shipped.make_app(settings)
    app.testing = True
    yield app
    close(app)


def close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def session_block(app: Flask, mode: Mode) -> Block:
    @contextmanager
    def block() -> Iterator[Session]:
        with app.app_context(), transaction(mode):
            yield db.session()
            if mode == "write":
                db.session.commit()

    return block


@pytest.fixture
def read(app: Flask) -> Block:
    """`with read() as session:` looks into the database."""
    return session_block(app, "read")


@pytest.fixture
def write(app: Flask) -> Block:
    """`with write() as session:` changes it and commits; do not use `client` inside the block."""
    return session_block(app, "write")


@pytest.fixture
def session(write: Block) -> Iterator[Session]:
    """One write transaction around the whole test, for tests of actions without pages."""
    with write() as session:
        yield session


@pytest.fixture(scope="session")
def post_office() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.stop()


@pytest.fixture
def mailbox(post_office: Mailbox) -> Mailbox:
    """The mails this test sends, by a real mail server on loopback."""
    post_office.clear()
    return post_office


# ---------------------------------------------------------------- people


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor nobody knows, in Indonesian."""
    return Client(app, language="id")


@pytest.fixture
def siti(app: Flask) -> Client:
    """The reporter: a citizen with a phone and no account."""
    return Client(app, language="id")


@pytest.fixture
def budi(app: Flask) -> Client:
    """The verifier, signed in."""
    return cast.signed_in(app, "budi")


@pytest.fixture
def rina(app: Flask) -> Client:
    """The officer of the public works unit, signed in."""
    return cast.signed_in(app, "rina")


@pytest.fixture
def dewi(app: Flask) -> Client:
    """The officer of the transport unit, signed in."""
    return cast.signed_in(app, "dewi")


@pytest.fixture
def tono(app: Flask) -> Client:
    """The head of the public works unit, signed in."""
    return cast.signed_in(app, "tono")


@pytest.fixture
def ayu(app: Flask) -> Client:
    """The administrator, signed in."""
    return cast.signed_in(app, "ayu")
