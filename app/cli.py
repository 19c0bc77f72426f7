"""Commands: ``flask city sync``, ``flask staff add``, ``flask worker`` … Each room brings its own
group.
"""

from flask import Flask

from app.cases.commands import COMMANDS as CASE_COMMANDS
from app.complaints.commands import demo_command
from app.config import ROOT
from app.extensions import db
from app.places.commands import city_group
from app.staff.commands import staff_group
from app.worker import COMMANDS as WORKER_COMMANDS


def init_app(app: Flask) -> None:
    """Bind all commands; migrations are only loaded when a command runs."""
    for command in (city_group, staff_group, demo_command, *CASE_COMMANDS, *WORKER_COMMANDS):
        app.cli.add_command(command)
    if _under_flask_command():
        from flask_migrate import Migrate

        Migrate(
            app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True
        )


def _under_flask_command() -> bool:
    """Whether ``flask …`` runs: the web process stays small without Alembic."""
    import click

    return click.get_current_context(silent=True) is not None
