"""``flask catalogue``: look after the services of the city."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.requests import standard
from app.requests.services import Services

catalogue_group = AppGroup("catalogue", help="The services of the city.")


@catalogue_group.command("check")
def check_command() -> None:
    """Say of every service how much of its standard is known.

    A file with a mistake stops the site from starting, this command too; it says what to mend.
    """
    services: Services = current_app.extensions["services"]
    for service in services:
        known = sum(bool(one.said) for one in standard.components(service))
        doubt = f"; not confirmed: {standard.unverified(service)}" if service.unverified else ""
        click.echo(f"{service.code}: {known} of 14 components{doubt}")
    click.echo(f"{len(services)} services, no problem found")
