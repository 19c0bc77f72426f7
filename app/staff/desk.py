"""Administration of accounts, for those who may manage staff."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.civic.text import unreadable
from app.core import access
from app.core.access import Permission
from app.core.clock import now
from app.core.forms import csrf_in_form
from app.core.i18n import _, local
from app.extensions import db
from app.places.city import current_city
from app.staff import actions, passwords, queries
from app.staff.actions import Refused
from app.staff.catalogue import ROLES, TEMPORARY_PASSWORD_LIFETIME
from app.staff.forms import AccountForm, ConfirmForm, NewAccountForm
from app.staff.log import event_sink
from app.staff.models import Staff

accounts = Blueprint("accounts", __name__, url_prefix="/akun")

Answer = str | tuple[str, int] | Response

ONE = "/<int(max=2147483647):staff_id>"


@accounts.get("")
@access.staff(Permission.STAFF_MANAGE)
def index() -> str:
    """The accounts, by account name."""
    words = _asked("cari")
    found = queries.accounts(db.session(), words, _asked("setelah"))
    page = found[: queries.PAGE]
    return render_template(
        "staff/accounts.html",
        accounts=page,
        words=words,
        more=page[-1].username if len(found) > len(page) else None,
        roles=ROLES,
        now=now(),
    )


@accounts.route("/baru", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.STAFF_MANAGE)
def add() -> Answer:
    """Make an account. Its owner is invited by mail; without an address, its first password is
    shown once.
    """
    form = NewAccountForm(current_city(), local(now()).date())
    if not form.is_submitted():
        return _form_page(form, None, 200)
    if not form.validate():
        return _form_page(form, None, 422)
    return _add_invited(form) if form.email.data else _add_with_password(form)


def _add_invited(form: NewAccountForm) -> Answer:
    try:
        account = actions.add_invited(
            db.session(),
            event_sink(),
            current_user.staff,
            form.username.data or "",
            form.profile(),
            now(),
        )
    except Refused as refused:
        return _refused(form, None, refused)
    return redirect(url_for(".change", staff_id=account.id), 303)


def _add_with_password(form: NewAccountForm) -> Answer:
    password = passwords.temporary()
    hashed = passwords.hashed(password)
    try:
        account = actions.add(
            db.session(),
            event_sink(),
            current_user.staff,
            form.username.data or "",
            form.profile(),
            hashed,
            now(),
            temporary=True,
        )
    except Refused as refused:
        return _refused(form, None, refused)
    return _password_page(account, password)


@accounts.route(ONE, methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.STAFF_MANAGE)
def change(staff_id: int) -> Answer:
    """Change an account."""
    account = _account(staff_id)
    form = AccountForm(current_city(), local(now()).date(), account)
    if not form.is_submitted():
        return _form_page(form, account, 200)
    if not form.validate():
        return _form_page(form, account, 422)
    try:
        actions.change(
            db.session(), event_sink(), current_user.staff, account, form.profile(), now()
        )
    except Refused as refused:
        return _refused(form, account, refused)
    return redirect(url_for(".index"), 303)


@accounts.post(f"{ONE}/undang")
@access.staff(Permission.STAFF_MANAGE)
def invite(staff_id: int) -> Answer:
    """Invite once more somebody who has no password yet; the old link is dead."""
    account = _account(staff_id)
    try:
        actions.invite(db.session(), event_sink(), current_user.staff, account, now())
    except Refused as refused:
        form = AccountForm(current_city(), local(now()).date(), account, formdata=None)
        return _refused(form, account, refused)
    return redirect(url_for(".change", staff_id=staff_id), 303)


@accounts.post(f"{ONE}/kata-sandi")
@access.staff(Permission.STAFF_MANAGE)
def reset_password(staff_id: int) -> Answer:
    """Give an account a temporary password, shown once; its sessions end."""
    password = passwords.temporary()
    hashed = passwords.hashed(password)  # before the write transaction begins
    account = _account(staff_id)
    actions.set_password(
        db.session(), event_sink(), current_user.staff, account, hashed, now(), temporary=True
    )
    return _password_page(account, password)


@accounts.route(f"{ONE}/nonaktif", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.STAFF_MANAGE)
def disable(staff_id: int) -> Answer:
    """Ask once more, then shut an account."""
    account = _account(staff_id)
    form = ConfirmForm()
    if not form.is_submitted():
        return _disable_page(form, account, 200)
    if not form.validate():
        return _disable_page(form, account, 422)
    try:
        actions.disable(db.session(), event_sink(), current_user.staff, account, now())
    except Refused as refused:
        form.form_errors = [_(refused.reason)]
        return _disable_page(form, account, 422)
    return redirect(url_for(".index"), 303)


@accounts.post(f"{ONE}/aktif")
@access.staff(Permission.STAFF_MANAGE)
def enable(staff_id: int) -> Response:
    """Open a disabled account again."""
    account = _account(staff_id)
    actions.enable(db.session(), event_sink(), current_user.staff, account, now())
    return redirect(url_for(".change", staff_id=staff_id), 303)


def _asked(name: str) -> str:
    text = request.args.get(name, "")
    return "" if unreadable(text) else text.strip()


def _account(staff_id: int) -> Staff:
    return queries.account(db.session(), staff_id) or abort(404)


def _form_page(form: AccountForm, account: Staff | None, status: int) -> tuple[str, int]:
    page = render_template("staff/account.html", form=form, account=account, roles=ROLES, now=now())
    return page, status


def _disable_page(form: ConfirmForm, account: Staff, status: int) -> tuple[str, int]:
    return render_template("staff/disable.html", form=form, account=account), status


def _password_page(account: Staff, password: str) -> str:
    until = account.password_changed_at + TEMPORARY_PASSWORD_LIFETIME
    return render_template(
        "staff/temporary_password.html", account=account, password=password, until=until
    )


def _refused(form: AccountForm, account: Staff | None, refused: Refused) -> tuple[str, int]:
    if refused.field:
        form[refused.field].errors = [_(refused.reason)]
    else:
        form.form_errors = [_(refused.reason)]
    return _form_page(form, account, 422)
