"""``flask city``: look after the city folder."""

import click
from flask.cli import AppGroup

from app.extensions import db
from app.places.actions import sync
from app.places.city import current_city

city_group = AppGroup("city", help="The city folder.")


@city_group.command("sync")
def sync_command() -> None:
    """Write the codes of areas, units and categories into the database."""
    written = sync(db.session(), current_city())
    db.session.commit()
    click.echo(f"{current_city().name.id}: {written} codes")
