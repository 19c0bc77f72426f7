"""``flask demo``: made-up reports to look at, clearly marked, and away again."""

from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.complaints import demo
from app.complaints.demo_grammar import Grammar
from app.core.clock import now
from app.core.files import file_store
from app.core.i18n import speaking
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.places.city import city_file, current_city
from app.places.facts import City
from app.staff import passwords
from app.staff.models import Staff

TOGETHER = 100  # reports a transaction
PASSWORD = "contoh-untuk-dilihat"  # noqa: S105 - printed on purpose; refused in production


@click.command("demo")
@click.option("--complaints", "count", default=1000, show_default=True, help="How many reports.")
@click.option("--remove", is_flag=True, help="Take all made-up reports away.")
@with_appcontext
def demo_command(count: int, remove: bool) -> None:
    """Fill the site with made-up reports over two years; safe to run twice."""
    settings = the_settings()
    if settings.production:
        raise click.ClickException("Made-up reports have no place on a production site.")
    mark = settings.instance_path / demo.MARK
    if remove:
        click.echo(f"Removed {demo.remove(db.session(), current_city())} made-up reports.")
        db.session.commit()
        mark.unlink(missing_ok=True)
        return
    mark.touch()
    _fill(db.session(), count, settings.city_dir)
    click.echo(f"Sign in at /petugas as demo.verifikator or demo.<unit>, password {PASSWORD}")


def _fill(session: Session, count: int, folder: Path) -> None:
    city, until = current_city(), _until(session)
    grammar = Grammar.load(city_file(folder, "demo.toml"))
    with speaking("id"):
        crew = _crew(session, city, until)
        made = demo.reports(
            session,
            the_vault(),
            city,
            crew,
            grammar,
            file_store(),
            count,
            until,
        )
        fresh = 0
        with click.progressbar(length=count, label="Reports", show_pos=True) as bar:
            while some := list(islice(made, TOGETHER)):
                session.commit()
                fresh += sum(some)
                bar.update(len(some))
    click.echo(f"{fresh} new made-up reports, {count - fresh} were there.")


def _until(session: Session) -> datetime:
    """The end of the stories: when the first of them were made, so that a second run fits."""
    first = session.scalars(select(Staff.created_at).where(Staff.demo).limit(1)).first()
    session.commit()
    return first + timedelta(days=demo.DAYS_BACK) if first else now()


def _crew(session: Session, city: City, until: datetime) -> demo.Crew:
    """Made-up staff: a verifier and an officer for each unit."""
    hired = until - timedelta(days=demo.DAYS_BACK)
    password = passwords.hashed(PASSWORD)
    there = {account.username: account for account in session.scalars(select(Staff))}

    def account(username: str, name: str, role: str, unit: str | None) -> Staff:
        if username not in there:
            there[username] = Staff(
                username=username, name=name, email="", role=role, unit_code=unit, language="id",
                password_hash=password, password_changed_at=hired, created_at=hired, demo=True,
            )  # fmt: skip
            session.add(there[username])
        return there[username]

    verifier = account("demo.verifikator", "Verifikator contoh", "verifier", None)
    officers = {
        unit.code: account(
            f"demo.{unit.code}", f"Petugas contoh {unit.short.id}", "officer", unit.code
        )
        for unit in city.units
    }
    session.commit()
    return demo.Crew(verifier, officers)
