"""The worker: once a minute it moves the clocks, sends what is due and seals the event log.

The database is the record of everything to be done; huey only says when to look. Its file may be
lost without losing anything, and any number of workers may run: mails are taken by lease, steps
once.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.cases import clocks, digests, mail_actions, queries, seals
from app.cases.delivery import Office, drain
from app.cases.links import Links
from app.config import Settings
from app.core import outbox
from app.core.clock import now
from app.core.database import refresh_statistics, shorten_log, transaction
from app.core.drafts import purge_drafts, purge_orphans
from app.core.files import FileStore
from app.core.heartbeat import beat
from app.core.smtp import transport
from app.extensions import db
from app.letters.queries import kept_papers
from app.places.facts import City
from app.requests import actions as applications
from app.requests.papers import kept_keys
from app.staff.models import StaffSession

if TYPE_CHECKING:
    from huey import SqliteHuey

log = logging.getLogger("tanggap")

STALE = timedelta(seconds=50)
"""A round that could not start within this time is left to the next one."""
CLEANING = timedelta(hours=1)
KEEP_SENT = timedelta(days=30)
"""How long the outbox remembers what was sent."""
STOP_SECONDS = 25
"""How long a stop waits for the mail that is just being sent."""

Stopping = Callable[[], bool]


class Worker:
    """One worker of an application. Use it inside the application's context.

    Raises ValueError when ``SMTP_URL`` names no mail server.
    """

    def __init__(self, app: Flask) -> None:
        settings: Settings = app.extensions["settings"]
        self._settings = settings
        self._city: City = app.extensions["city"]
        self._store: FileStore = app.extensions["files"]
        self.office = Office(
            self._city,
            app.extensions["mails"],
            app.extensions["vault"],
            Links(settings.secret_key, settings.public_url),
            settings.mail_from,
        )
        self._way_out = transport(settings.smtp_url)
        self._cleaned_at: datetime | None = None

    def round(self, stopping: Stopping = lambda: False) -> bool:
        """Do everything that is due; whether all of it went well.

        A part that fails is logged and tried again in the next round; the others go on.
        """
        session = db.session()
        parts = {
            "clocks": lambda: clocks.run(session, self._city, self._store, now()),
            "mail": lambda: self._send(session, stopping),
            "seal": lambda: _seal(session),
            "clean": lambda: self._clean(session),
        }
        failed = [
            name
            for name, part in parts.items()
            if not stopping() and not _done(session, name, part)
        ]
        if not failed and not stopping():
            beat(self._settings.instance_path, now())
        return not failed

    def _send(self, session: Session, stopping: Stopping) -> dict[str, int]:
        return {"mails": drain(session, self.office, self._way_out, now, stopping)}

    def _clean(self, session: Session) -> dict[str, int]:
        """Once an hour, remove what has had its time; once a day, files that nobody names."""
        moment = now()
        if self._cleaned_at is not None and moment - self._cleaned_at < CLEANING:
            return {}
        with transaction("write"):
            session.execute(delete(StaffSession).where(StaffSession.expires_at <= moment))
            outbox.purge(session, moment - KEEP_SENT)
            mail_actions.forget_unconfirmed(session, moment)
            papers = applications.purge(session, moment)
            refresh_statistics(session)
            session.commit()
        shorten_log(session)
        for key in papers:
            self._store.delete(key)
        removed = purge_drafts(self._store, moment) + len(papers)
        if digests.first_today(session, digests.Day(session, self._city, moment).today, "orphans"):
            with transaction("read"):
                removed += purge_orphans(
                    self._store, lambda keys: queries.stored(session, keys), moment
                )
                removed += purge_orphans(
                    self._store, lambda keys: kept_papers(session, keys), moment, "letters"
                )
                removed += purge_orphans(
                    self._store, lambda keys: kept_keys(session, keys), moment, "papers"
                )
                session.rollback()
        self._cleaned_at = moment
        return {"files": removed} if removed else {}


def _seal(session: Session) -> dict[str, int]:
    with transaction("read"):
        due = seals.is_due(session, now())
        session.rollback()
    return {"seals": seal_all(session)} if due else {}


def seal_all(session: Session) -> int:
    """Seal all events there are; how many seals that took."""
    made = 0
    while True:
        with transaction("write"):
            seal = seals.seal(session, now())
            session.commit()
        if seal is None:
            return made
        made += 1


def _done(session: Session, name: str, part: Callable[[], dict[str, int]]) -> bool:
    try:
        counts = part()
    except Exception:
        session.rollback()
        log.exception("round failed", extra={"job": name})
        return False
    for what, count in counts.items():
        if count:
            log.info("done", extra={"job": what, "count": count})
    return True


# ---------------------------------------------------------------- commands


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run the clocks and send mails until told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = threading.Event()
    consumer = _huey(app, stop).create_consumer(
        workers=1, periodic=True, max_delay=1.0, shutdown_timeout=STOP_SECONDS
    )
    consumer.start()
    _stop_on_signal(stop)
    log.info("worker started")
    while not stop.wait(10):
        consumer.check_worker_health()
    consumer.stop(graceful=True)
    log.info("worker stopped")


@click.command("tick")
@click.option("--once", is_flag=True, expose_value=False, help="A tick is one round anyway.")
@with_appcontext
def tick_command() -> None:
    """Do one round of the worker, for cron or a timer; exit code 1 when a part failed."""
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    raise SystemExit(0 if worker.round() else 1)


def _huey(app: Flask, stop: threading.Event) -> "SqliteHuey":
    """The schedule, with a first round waiting. Lost with its file, it is made anew."""
    # Imported here, because the web process has no use for it.
    from huey import SqliteHuey, crontab

    path = app.extensions["settings"].instance_path / "jobs.sqlite"
    huey = SqliteHuey("tanggap", filename=str(path), fsync=False, results=False)
    worker = Worker(app)

    @huey.periodic_task(crontab(minute="*"), expires=STALE)  # type: ignore[untyped-decorator]
    def tick() -> None:
        with app.app_context():
            worker.round(stop.is_set)

    tick()
    return huey


def _stop_on_signal(stop: threading.Event) -> None:
    def told(_signal: int, _frame: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


COMMANDS: tuple[click.Command, ...] = (worker_command, tick_command)
