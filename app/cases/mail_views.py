"""/surel: the page behind "stop these e-mails", and behind a supporter's first yes."""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from app.cases import mail_actions
from app.cases.links import the_links
from app.cases.mail_actions import Following
from app.cases.telling import CONFIRM_WITHIN
from app.core.access import public
from app.core.clock import now
from app.core.i18n import _
from app.core.pages import no_store
from app.core.running import the_vault
from app.extensions import db

mails = Blueprint("mails", __name__)


@mails.route("/surel/<token>", methods=["GET", "POST"])
@public
def choice(token: str) -> str | Response:
    """Say how it stands; a button starts or stops. Opening the link alone changes nothing."""
    no_store()
    vault = the_vault()
    read = the_links().read_choice(token)
    following = mail_actions.following(db.session(), vault, *read) if read else None
    if following is None:
        abort(404)
    if request.method == "GET":
        return _page(following, fresh=_is_fresh(token))
    if request.form.get("do") == "stop":
        mail_actions.stop(db.session(), following)
    elif _is_fresh(token):
        mail_actions.start(db.session(), following, now())
    return redirect(request.path, 303)


def _is_fresh(token: str) -> bool:
    """Whether a link is young enough to say yes by."""
    return the_links().read_choice(token, CONFIRM_WITHIN) is not None


def _page(following: Following, *, fresh: bool) -> str:
    number = following.case.number
    if not following.has_address:
        words, button = _("Langganan dihentikan. Alamat Anda sudah dihapus."), None
    elif following.is_on:
        words = _("Langganan aktif. Tautan berhenti ada di setiap email.")
        button = ("stop", _("Hentikan langganan"))
    elif fresh:
        words = _("Kami kirim email saat status laporan %(number)s berubah.", number=number)
        button = ("start", _("Mulai berlangganan"))
    else:
        words = _("Tautan ini sudah lewat waktunya. Minta tautan baru di halaman laporan.")
        button = None
    return render_template("cases/mail_choice.html", number=number, words=words, button=button)
