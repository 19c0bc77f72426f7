"""``flask audit``: seal the event log, walk it, prove where a case stands in it."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.cases import queries, seals
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
def verify_command() -> None:
    """Walk every chain and every seal; the first problem ends with exit code 1."""
    with transaction("read"):
        session = db.session()
        if problem := seals.verify(session):
            click.echo(f"NOT WHOLE  {problem}")
            raise SystemExit(1)
        last = session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))
        newest = session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0
    sealed = f"sealed up to event {last.last_event} of {newest}" if last else "nothing sealed yet"
    click.echo(f"whole: every chain and every seal holds, {sealed}")


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
