"""``flask vault``: under which keys personal data stand, and bringing them to the newest."""

from collections.abc import Iterator, Sequence
from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.cases.address_hashes import address_hashes
from app.cases.events import THE_OPERATOR, record
from app.core.clock import now
from app.core.database import shorten_log, transaction
from app.core.files import file_store
from app.core.running import the_vault
from app.core.turning import Found, Place, places, walk
from app.extensions import db

EVENT: Final = "data_keys_turned"
NAMED: Final = 20
"""Unreadable values that are named in one place; the rest are only counted."""

MOST_WALKS: Final = 5
"""The last one finds nothing to do, unless somebody still writes under another key."""

vault_group = AppGroup("vault", help="The keys of DATA_KEYS and what they close.")


@vault_group.command("status")
def status_command() -> None:
    """Say how many values stand under which key; exit code 1 when some can be read by none."""
    found = list(_walked(_places(), renew=False))
    _show(found)
    raise SystemExit(1 if _unreadable(found) else 0)


@vault_group.command("rotate")
def rotate_command() -> None:
    """Bring everything to the newest key while the site runs; may be broken off and run again.

    Exit code 1 when something is left under an older key, or can be read by none.
    """
    session, renewed = db.session(), 0
    for _turn in range(MOST_WALKS):
        found = list(_walked(_places(), renew=True))
        if not (count := sum(one.renewed for one in found)):
            break  # what others held or wrote meanwhile was seen, too
        _log(session, found)
        renewed += count
    shorten_log(session)
    _show(found)
    left = sum(one.older for one in found)
    click.echo(f"{renewed} renewed, {left} left under an older key.")
    raise SystemExit(1 if left or _unreadable(found) else 0)


def _places() -> list[Place]:
    session = db.session()
    # Last, because they read the addresses.
    return [*places(session, file_store()), *address_hashes(session)]


def _walked(places: Sequence[Place], *, renew: bool) -> Iterator[Found]:
    vault = the_vault()
    for place in places:
        with click.progressbar(length=place.size(), label=place.name, show_pos=True) as bar:
            found = walk(place, vault, bar.update, renew=renew)
        yield found


def _log(session: Session, found: Sequence[Found]) -> None:
    facts = {
        "renewed": {one.place: one.renewed for one in found if one.renewed},
        "unreadable": _unreadable(found),
    }
    with transaction("write"):
        record(session, None, EVENT, THE_OPERATOR, now(), facts=facts)
        session.commit()


def _unreadable(found: Sequence[Found]) -> int:
    return sum(len(one.unreadable) for one in found)


def _show(found: Sequence[Found]) -> None:
    for one in found:
        click.echo(f"{one.place}: {', '.join(_counts(one)) or 'nothing'}")
        for row in one.unreadable[:NAMED]:
            click.echo(f"  UNREADABLE {one.place} {row}")
        if (more := len(one.unreadable) - NAMED) > 0:
            click.echo(f"  UNREADABLE … and {more} more")


def _counts(one: Found) -> Iterator[str]:
    for age, count in sorted(one.ages.items()):
        yield f"{count} under key {age + 1}" if age else f"{count} under the newest key"
    if one.unreadable:
        yield f"{len(one.unreadable)} unreadable"
