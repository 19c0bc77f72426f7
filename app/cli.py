"""Commands: ``flask city sync``, ``flask staff add`` … Each room brings its own."""

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from app.cases.commands import COMMANDS as CASE_COMMANDS
from app.cases.vault_commands import vault_group
from app.complaints.commands import demo_command
from app.config import ROOT
from app.core.backup import backup
from app.core.clock import now
from app.core.database import NotHere
from app.core.running import the_settings
from app.extensions import db
from app.letters.commands import letters_group
from app.places.commands import city_group
from app.requests.commands import catalogue_group
from app.staff.commands import staff_group
from app.worker import COMMANDS as WORKER_COMMANDS


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def backup_command(folder: Path) -> None:
    """Copy database and photos into FOLDER while the site runs."""
    settings = the_settings()
    try:
        made = backup(settings.database_url, Path(settings.upload_dir), folder, now())
    except (NotHere, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB). The keys are not in it.")


def init_app(app: Flask) -> None:
    """Bind all commands; migrations are only loaded when a command runs."""
    for command in (
        city_group,
        catalogue_group,
        staff_group,
        letters_group,
        demo_command,
        backup_command,
        vault_group,
        *CASE_COMMANDS,
        *WORKER_COMMANDS,
    ):
        app.cli.add_command(command)
    if _under_flask_command():
        from flask_migrate import Migrate

        folder = str(ROOT / "migrations")
        Migrate(app, db, directory=folder, render_as_batch=True, compare_type=True)


def _under_flask_command() -> bool:
    """Whether ``flask …`` runs: the web process stays small without Alembic."""
    return click.get_current_context(silent=True) is not None
