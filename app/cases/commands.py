"""``flask audit``: seal the event log, walk it, prove where a case stands in it."""

from typing import NoReturn, TextIO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import queries, seal_copies, seals
from app.cases.models import Event, Seal
from app.core.clock import now
from app.core.database import transaction
from app.extensions import db

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


COMMANDS: tuple[click.Command, ...] = (audit_group,)
