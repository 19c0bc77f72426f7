"""Setting a password by a mailed link: invited, or because the old one is forgotten."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from app.core.access import public
from app.core.clock import now
from app.core.database import transaction
from app.core.forms import csrf_in_form
from app.core.i18n import _
from app.core.limits import waiting
from app.core.pages import no_store, please_wait
from app.core.running import the_settings
from app.extensions import db
from app.staff import actions, attempts, passwords, queries
from app.staff.catalogue import INVITE
from app.staff.forms import ForgottenForm, NewPasswordForm
from app.staff.links import PasswordLink, read_token
from app.staff.log import event_sink

links = Blueprint("links", __name__)

Answer = str | tuple[str, int] | tuple[str, int, dict[str, str]] | Response


# ---------------------------------------------------------------- asking for a link


@links.route("/lupa", methods=["GET", "POST"])
@csrf_in_form
@public
def forgotten() -> Answer:
    """Ask for a link to a new password; the answer tells nobody who has an account."""
    form = ForgottenForm()
    if not form.is_submitted():
        return _forgotten_page(form, 200)
    if not form.validate():
        return _forgotten_page(form, 422)
    typed = form.who.data or ""
    if seconds := attempts.seconds_to_wait_for_link(typed, now()):
        form.form_errors = [
            _("Terlalu banyak permintaan. Coba lagi setelah %(wait)s.", wait=waiting(seconds))
        ]
        return please_wait(_forgotten_page(form, 429), seconds)
    passwords.matches(None, typed)  # so slow that what follows does not show
    for account in queries.forgetful(db.session(), typed):
        actions.ask_for_password_link(db.session(), event_sink(), account, now())
    return redirect(url_for(".forgotten", terkirim=1), 303)


def _forgotten_page(form: ForgottenForm, status: int) -> tuple[str, int]:
    asked = "terkirim" in request.args
    return render_template("staff/forgotten.html", form=form, asked=asked), status


# ---------------------------------------------------------------- opening it


@links.route("/tautan/<token>", methods=["GET", "POST"])
@csrf_in_form
@public
def set_password(token: str) -> Answer:
    """Set a password by a mailed link. Opening it changes nothing: mail programs open links too."""
    no_store()
    link = read_token(the_settings().secret_key, token)
    username = _username(link) if link else None
    if link is None or username is None:
        return _over(link)
    form = NewPasswordForm(username)
    if not form.is_submitted():
        return _page(form, link, username, 200)
    if not form.validate():
        return _page(form, link, username, 422)
    hashed = passwords.hashed(form.password.data)  # before the write transaction begins
    _leave()
    if not actions.set_password_by_link(db.session(), event_sink(), link, hashed, now()):
        return _over(link)
    attempts.right(username)
    return redirect(url_for("staff.sign_in", baru=1), 303)


def _username(link: PasswordLink) -> str | None:
    """Whose password the link still sets, read in a transaction of its own."""
    with transaction("read"):
        account = queries.opened_by(db.session(), link, now())
        username = account.username if account else None
        db.session.rollback()
    return username


def _leave() -> None:
    """End the session of whoever was signed in at this browser."""
    if current_user.is_authenticated:
        actions.end_session(db.session(), current_user.staff.id, current_user.session_id)
    logout_user()
    session.clear()


def _page(form: NewPasswordForm, link: PasswordLink, username: str, status: int) -> tuple[str, int]:
    page = render_template(
        "staff/new_password.html", form=form, username=username, invited=link.mail == INVITE
    )
    return page, status


def _over(link: PasswordLink | None) -> tuple[str, int]:
    invited = link is not None and link.mail == INVITE
    return render_template("staff/link_over.html", invited=invited), 410
