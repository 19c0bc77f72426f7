"""``flask audit``: seal the event log, walk it, prove where a case stands in it. ``flask privacy``:
tell reporters of a breach.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import breach, queries, seal_copies, seals
from app.cases.models import Event, Seal
from app.core.clock import now
from app.core.database import transaction
from app.extensions import db
from app.places.city import current_city

audit_group = AppGroup("audit", help="The event log: its chains and seals.")


@audit_group.command("seal")
def seal_command() -> None:
    """Seal all events that no seal covers yet, without waiting for the hour."""
    session, count = db.session(), 0
    while made := seals.seal(session, now()):
        session.commit()
        count += 1
        click.echo(f"seal {made.id}: {made.count} events, root {made.root}")
    session.commit()
    if not count:
        click.echo("nothing new to seal")


@audit_group.command("verify")
@click.option(
    "--seals",
    "kept",
    type=click.File(encoding="utf-8", errors="replace"),
    help="A copy of the seals kept elsewhere (from /segel/semua.jsonl) to compare with.",
)
def verify_command(kept: TextIO | None) -> None:
    """Walk every chain and every seal; the first problem ends with exit code 1."""
    compared = ""
    with transaction("read"):
        session = db.session()
        if problem := seals.verify(session):
            _not_whole(problem)
        if kept is not None:
            compared = f", {_compared(session, kept)} compared with {kept.name}"
        last = session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))
        newest = session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0
    sealed = f"sealed up to event {last.last_event} of {newest}" if last else "nothing sealed yet"
    click.echo(f"whole: every chain and every seal holds, {sealed}{compared}")


def _compared(session: Session, kept: TextIO) -> int:
    try:
        count, problem = seal_copies.compare(session, kept)
    except seal_copies.NotACopy as error:
        raise click.ClickException(f"{kept.name} is no copy of the seals: {error}") from error
    if problem:
        _not_whole(problem)
    return count


def _not_whole(problem: seals.Problem) -> NoReturn:
    click.echo(f"NOT WHOLE  {problem}")
    raise SystemExit(1)


@audit_group.command("proof")
@click.argument("number")
def proof_command(number: str) -> None:
    """Show under which seal each event of a case stands, and that it does."""
    with transaction("read"):
        session = db.session()
        case = queries.by_number(session, number)
        if case is None:
            raise click.ClickException(f"no case {number}")
        for event in queries.events_of(session, case, public_only=False):
            click.echo(f"{event.at:%Y-%m-%d %H:%M} {event.name:<16} {_standing(event)}")


def _standing(event: Event) -> str:
    standing = seals.standing_of(db.session(), event)
    if standing is None:
        return "not sealed yet"
    verdict = "stands" if standing.proves(event) else "DOES NOT STAND"
    seal = standing.seal
    return f"{verdict} in seal {seal.id}, {standing.index + 1} of {seal.count}, root {seal.root}"


# ---------------------------------------------------------------- a breach

privacy_group = AppGroup("privacy", help="Duties towards those whose data are kept.")


class _Words(click.ParamType[str]):
    """A file of UTF-8 text that is not empty."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Its text, without blanks around it."""
        try:
            text = Path(value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.fail(f"{value}: {error}", param, ctx)
        return text or self.fail(f"{value} is empty", param, ctx)


_TIMES = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


@privacy_group.command("breach")
@click.option("--numbers", type=_Words(), required=True, help="Report numbers, one a line.")
@click.option("--at", type=click.DateTime(_TIMES), required=True, help="When, in local time.")
@click.option("--what", type=_Words(), required=True, help="Which data leaked, and how.")
@click.option("--done", type=_Words(), required=True, help="What was done and is to be done.")
@click.option("--dry-run", is_flag=True, help="Only say how many would be told.")
def breach_command(numbers: str, at: datetime, what: str, done: str, dry_run: bool) -> None:
    """Tell the reporters whose data leaked; the words are files. Nobody is told twice."""
    moment = at.replace(tzinfo=current_city().zone)
    if moment > now():
        raise click.BadParameter("lies in the future", param_hint="--at")
    incident = breach.Incident(moment, what, done)
    listed = [line.strip() for line in numbers.splitlines()]
    wanted = [line for line in listed if line and not line.startswith("#")]
    session = db.session()
    with transaction("read" if dry_run else "write"):
        try:
            told = breach.tell_breach(session, wanted, incident, now(), dry=dry_run)
        except breach.Unknown as error:
            session.rollback()
            raise click.ClickException(f"no report, nobody told: {error}") from error
        session.rollback() if dry_run else session.commit()
    verb = "would be told" if dry_run else "told"
    click.echo(f"{len(told.mailed)} {verb} by mail, {len(told.before)} told before")
    for number in told.without_address:
        click.echo(f"no address: {number} (reads it on the report's own page)")


COMMANDS: tuple[click.Command, ...] = (audit_group, privacy_group)
