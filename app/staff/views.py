"""Signing in and out, one's own password and sessions."""

import re

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.core import access
from app.core.access import Permission, public
from app.core.clock import now
from app.core.database import transaction
from app.core.forms import csrf_in_form
from app.core.i18n import _, _l
from app.core.limits import waiting
from app.core.pages import please_wait
from app.extensions import db
from app.staff import actions, attempts, passwords, queries
from app.staff.actions import Refused
from app.staff.desk import accounts
from app.staff.devices import device_of
from app.staff.forms import PasswordForm, SignInForm
from app.staff.link_views import links
from app.staff.log import event_sink
from app.staff.queries import Credentials
from app.staff.signed_in import Token

staff = Blueprint("staff", __name__, url_prefix="/petugas")
staff.register_blueprint(accounts)
staff.register_blueprint(links)

Answer = str | tuple[str, int] | tuple[str, int, dict[str, str]] | Response

OWN_PAGE = re.compile(r"/petugas(?:/[\w~-][\w.~-]*)*/?(?:\?[\w.~%&=+-]*)?", re.ASCII)
"""Where a sign-in may lead: the desk's own addresses, as the site writes them."""

ARRIVED = {
    "keluar": _l("Anda sudah keluar."),
    "baru": _l("Kata sandi baru tersimpan. Masuk dengan kata sandi itu."),
}
"""What the sign-in page says to those who come from elsewhere."""


# ---------------------------------------------------------------- in and out


@staff.route("/masuk", methods=["GET", "POST"])
@csrf_in_form
@public
def sign_in() -> Answer:
    """Sign in with account name and password."""
    form = SignInForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        if current_user.is_authenticated:
            return redirect(landing())
        return _sign_in_page(form, 200)
    if not form.validate():
        return _sign_in_page(form, 422)
    username = form.username.data or ""
    if seconds := attempts.seconds_to_wait(username, now()):
        return _too_quick(form, seconds)
    checked = _checked(username, form.password.data)
    token = checked and actions.sign_in(
        db.session(),
        event_sink(),
        checked,
        _device(),
        now(),
        fresh_hash=_fresh_hash(checked, form.password.data),
    )
    if not token:
        attempts.wrong(now())
        form.password.errors = [
            _("Nama akun atau kata sandi tidak cocok. Periksa keduanya, lalu coba lagi.")
        ]
        return _sign_in_page(form, 422)
    attempts.right(username)
    _let_in(token)
    return redirect(_next(form.next.data or ""), 303)


@staff.post("/keluar")
@access.staff(Permission.DESK, while_password_expired=True)
def sign_out() -> Response:
    """End this session, on the server too."""
    actions.end_session(db.session(), current_user.staff.id, current_user.session_id)
    return _out()


def _checked(username: str, password: str) -> Credentials | None:
    """The account if this is its password. Slow, and so outside any transaction.

    A name that is unknown, disabled or whose temporary password is stale costs the same time.
    """
    with transaction("read"):
        found = queries.credentials(db.session(), username, now())
        db.session.rollback()
    usable = found if found and found.usable else None
    right = passwords.matches(usable.password_hash if usable else None, password)
    return usable if right else None


def _fresh_hash(checked: Credentials, password: str) -> str | None:
    return passwords.hashed(password) if passwords.outdated(checked.password_hash) else None


def _let_in(token: str) -> None:
    session.clear()  # nothing of what the browser brought may live on
    login_user(Token(token))


def _out() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in", keluar=1), 303)


def _next(address: str) -> str:
    inside = OWN_PAGE.fullmatch(address) and not address.startswith("/petugas/masuk")
    return address if inside else landing()


def landing() -> str:
    """Where one arrives after signing in: the queue."""
    return url_for("desk.queue" if "desk.queue" in current_app.view_functions else "staff.sessions")


def _device() -> str:
    return device_of(request.user_agent.string)


def _sign_in_page(form: SignInForm, status: int) -> tuple[str, int]:
    message = next((words for name, words in ARRIVED.items() if name in request.args), None)
    return render_template("staff/sign_in.html", form=form, message=message), status


def _too_quick(form: SignInForm, seconds: int) -> Response:
    form.form_errors = [too_many(seconds)]
    return please_wait(_sign_in_page(form, 429), seconds)


def too_many(seconds: int) -> str:
    """What to do after too many wrong passwords."""
    return _(
        "Terlalu banyak percobaan. Coba lagi setelah %(wait)s, "
        "atau buat kata sandi baru lewat “Lupa kata sandi?” di halaman masuk.",
        wait=waiting(seconds),
    )


# ---------------------------------------------------------------- one's own password


@staff.route("/kata-sandi", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.DESK, while_password_expired=True)
def change_password() -> Answer:
    """Choose another password; every session but this one ends."""
    person = current_user.staff
    form = PasswordForm(person.username)
    if not form.is_submitted():
        return _password_page(form, 200)
    if not form.validate():
        return _password_page(form, 422)
    if seconds := attempts.seconds_to_wait(person.username, now()):
        form.form_errors = [too_many(seconds)]
        return please_wait(_password_page(form, 429), seconds)
    if not passwords.matches(person.password_hash, form.current.data):
        attempts.wrong(now())
        form.current.errors = [_("Ini bukan kata sandi Anda yang sekarang. Tulis lagi.")]
        return _password_page(form, 422)
    attempts.right(person.username)
    fresh = passwords.hashed(form.password.data)
    try:
        token = actions.change_own_password(
            db.session(), event_sink(), person, fresh, _device(), now()
        )
    except Refused as refused:
        form.form_errors = [_(refused.reason)]
        return _password_page(form, 422)
    _let_in(token)
    return redirect(landing(), 303)


def _password_page(form: PasswordForm, status: int) -> tuple[str, int]:
    return render_template("staff/password.html", form=form), status


# ---------------------------------------------------------------- one's own sessions


@staff.get("/sesi")
@access.staff(Permission.DESK)
def sessions() -> str:
    """Where one is signed in."""
    mine = queries.sessions_of(db.session(), current_user.staff.id, now())
    return render_template("staff/sessions.html", sessions=mine)


@staff.post("/sesi/<int(max=2147483647):session_id>/akhiri")
@access.staff(Permission.DESK)
def end_session(session_id: int) -> Response:
    """End one of one's own sessions."""
    if not actions.end_session(db.session(), current_user.staff.id, session_id):
        abort(404)
    if session_id == current_user.session_id:
        return _out()
    return redirect(url_for("staff.sessions"), 303)


@staff.post("/sesi/akhiri-lain")
@access.staff(Permission.DESK)
def end_other_sessions() -> Response:
    """End all of one's sessions but this."""
    actions.end_other_sessions(
        db.session(), event_sink(), current_user.staff, current_user.session_id, now()
    )
    return redirect(url_for("staff.sessions"), 303)
