"""``flask staff``: accounts from the command line, the first one above all."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup

from app.core.clock import now
from app.core.i18n import _, speaking
from app.extensions import db
from app.places.city import current_city
from app.staff import actions, passwords, queries
from app.staff.actions import Profile, Refused
from app.staff.catalogue import ROLES, TEMPORARY_PASSWORD_LIFETIME
from app.staff.log import event_sink
from app.staff.models import Staff

staff_group = AppGroup("staff", help="Staff accounts.")

GENERATE = click.option(
    "--generate", is_flag=True, help="Make up a temporary password and print it."
)


@staff_group.command("add")
@click.argument("username")
@click.option("--name", prompt="Full name")
@click.option("--role", type=click.Choice(sorted(ROLES)), prompt=True)
@click.option("--unit", "unit_code", default="", help="Code of the unit, as in units.toml.")
@click.option("--email", default="")
@click.option("--language", type=click.Choice(["id", "en"]))
@GENERATE
def add_command(
    username: str,
    name: str,
    role: str,
    unit_code: str,
    email: str,
    language: str | None,
    generate: bool,
) -> None:
    """Add an account. The password is asked for, or made up with --generate."""
    if ROLES[role].needs_unit and not unit_code:
        unit_code = click.prompt("Unit")
    if unit_code and not current_city().unit(unit_code).known:
        raise click.BadParameter(f"{unit_code} is not in units.toml.", param_hint="--unit")
    profile = Profile(
        name.strip(), _email(email), role, unit_code or None, language or current_city().locale
    )
    password = _password(username, generate)
    hashed = passwords.hashed(password)
    with _refusals():
        account = actions.add(
            db.session(), event_sink(), None, username, profile, hashed, now(), temporary=generate
        )
    db.session.commit()
    click.echo(f"{account.username}: added as {account.role}.")
    _show(password, generate)


@staff_group.command("list")
def list_command() -> None:
    """List all accounts."""
    after = ""
    while page := queries.accounts(db.session(), after=after)[: queries.PAGE]:
        for account in page:
            unit = account.unit_code or "-"
            fields = (account.username, account.role, unit, _state(account), account.name)
            click.echo("\t".join(fields))
        after = page[-1].username


@staff_group.command("disable")
@click.argument("username")
def disable_command(username: str) -> None:
    """Shut an account; it is signed out everywhere."""
    account = _account(username)
    with _refusals():
        actions.disable(db.session(), event_sink(), None, account, now())
    db.session.commit()
    click.echo(f"{username}: disabled.")


@staff_group.command("enable")
@click.argument("username")
def enable_command(username: str) -> None:
    """Open a disabled account again."""
    actions.enable(db.session(), event_sink(), None, _account(username), now())
    db.session.commit()
    click.echo(f"{username}: enabled.")


@staff_group.command("password")
@click.argument("username")
@GENERATE
def password_command(username: str, generate: bool) -> None:
    """Give an account another password; it is signed out everywhere."""
    password = _password(username, generate)
    hashed = passwords.hashed(password)
    account = _account(username)
    actions.set_password(
        db.session(), event_sink(), None, account, hashed, now(), temporary=generate
    )
    db.session.commit()
    click.echo(f"{username}: password changed.")
    _show(password, generate)


def _state(account: Staff) -> str:
    if account.disabled_at:
        return "disabled"
    return "invited" if account.invited_until else "active"


def _account(username: str) -> Staff:
    account = queries.account_named(db.session(), username)
    if account is None:
        raise click.ClickException(f"There is no account {username}.")
    return account


def _password(username: str, generate: bool) -> str:
    if generate:
        return passwords.temporary()
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if problem := passwords.problem(password, username):
        with speaking("en"):
            raise click.ClickException(_(problem))
    return password


def _show(password: str, generate: bool) -> None:
    if generate:
        days = TEMPORARY_PASSWORD_LIFETIME.days
        click.echo(f"Temporary password, shown only now and good for {days} days: {password}")


def _email(address: str) -> str:
    if not address:
        return ""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="--email") from error


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        with speaking("en"):
            raise click.ClickException(_(refused.reason)) from refused
