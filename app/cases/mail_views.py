"""/surel: the page behind "stop these e-mails", and behind the first yes of an address."""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from app.cases import mail_actions, mail_promises
from app.cases.kinds import kind_named
from app.cases.links import the_links
from app.cases.mail_actions import Following
from app.cases.telling import CONFIRM_WITHIN
from app.core.access import public
from app.core.clock import now
from app.core.i18n import _
from app.core.pages import no_store
from app.core.running import the_vault
from app.extensions import db
from app.places.city import current_city

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
        mail_actions.stop(db.session(), following, now())
    elif _is_fresh(token):
        mail_actions.start(db.session(), following, now())
    return redirect(request.path, 303)


def _is_fresh(token: str) -> bool:
    """Whether a link is young enough to say yes by."""
    return the_links().read_choice(token, CONFIRM_WITHIN) is not None


def _page(following: Following, *, fresh: bool) -> str:
    button = None
    if following.is_leaving:
        words = _(
            "Langganan dihentikan. Alamat Anda kami hapus setelah satu email terakhir terkirim."
        )
    elif not following.has_address:
        words = _("Langganan dihentikan. Alamat Anda sudah dihapus.")
    elif following.is_on:
        words = _("Langganan aktif. Tautan berhenti ada di setiap email.")
        button = ("stop", _("Hentikan langganan"))
    elif following.is_silent:
        words = _("Laporan ini tidak lagi terbuka untuk umum, jadi tidak ada kabar yang dikirim.")
    elif fresh:
        words = _promise(following)
        button = ("start", _("Mulai berlangganan"))
    elif following.search:
        words = _("Tautan ini sudah lewat waktunya. Minta tautan baru di daftar laporan.")
    else:
        words = _("Tautan ini sudah lewat waktunya. Minta tautan baru di halaman laporan.")
    return render_template("cases/mail_choice.html", words=words, button=button)


def _promise(following: Following) -> str:
    """What will be sent after a yes."""
    if followed := following.search:
        query = kind_named(followed.kind).search_words(followed.search, current_city())
        return mail_promises.of_search(query)
    return mail_promises.of_report(following.case.number if following.case else "")
