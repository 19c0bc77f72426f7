"""Following a report, or a search of the list, by mail.

An address gets one mail with a link and, before it says yes on the page behind that
(``app.cases.mail_views``), nothing else. The answer is the same whoever was asked for.
"""

from dataclasses import dataclass

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.cases import mail_actions, mail_promises
from app.cases.mail_actions import Matter
from app.cases.telling import CONFIRM_WITHIN
from app.complaints import asking, searches
from app.complaints.filing_views import complaints, public_case
from app.complaints.forms import SubscribeForm, empty_trap
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.listing import Asked
from app.complaints.public_page import may_follow
from app.core.access import public
from app.core.clock import now
from app.core.forms import csrf_in_form
from app.core.i18n import _, _n, language
from app.core.limits import waiting
from app.core.pages import no_store, please_wait
from app.core.running import the_vault
from app.extensions import db
from app.places.city import current_city

__all__ = ["complaints"]


@dataclass(frozen=True)
class Page:
    """What is followed: its words, and the addresses around its page."""

    matter: Matter
    lead: str
    hint: str
    here: str
    back: tuple[str, str]
    done: str


@complaints.route("/<number>/ikuti", methods=["GET", "POST"])
@public
@csrf_in_form
def follow_report(number: str) -> Response:
    """Follow one report that everybody may read."""
    case = public_case(number)
    if not may_follow(case):
        abort(404)
    return _answer(
        Page(
            Matter(case.kind, case.id),
            mail_promises.of_report(case.number),
            "",
            url_for(".follow_report", number=case.number),
            (_("Buka halaman publik"), url_for(".show", number=case.number)),
            url_for(".follow_report", number=case.number, kirim=1),
        )
    )


@complaints.route("/ikuti", methods=["GET", "POST"])
@public
@csrf_in_form
def follow_search() -> Response:
    """Follow what is new in the list with these filters."""
    city = current_city()
    search = searches.search_of(Asked.read(request.args, city).wanted)
    return _answer(
        Page(
            Matter(LIFECYCLE.kind, search=search),
            mail_promises.of_search(searches.words_of(search, city)),
            _("Hanya kalau ada laporan baru. Tidak ada iklan."),
            url_for(".follow_search", **search),  # type: ignore[arg-type]
            (_("Semua laporan"), url_for(".index", **search)),  # type: ignore[arg-type]
            url_for(".follow_search", **search, kirim="1"),  # type: ignore[arg-type]
        )
    )


def _answer(page: Page) -> Response:
    no_store()
    form = SubscribeForm()
    if request.method == "GET":
        return _drawn(page, form, sent="kirim" in request.args)
    valid = form.validate()
    if form.website.data:
        return _refuse_program(page, form)
    if not valid:
        return _drawn(page, form, 422)
    return _slow_down(page, form) or _subscribe(page, form.email.data or "")


def _subscribe(page: Page, email: str) -> Response:
    """Each try is a mail to whatever address was typed, and so is counted."""
    asking.asked(email)
    mail_actions.subscribe(db.session(), the_vault(), page.matter, email, language(), now())
    return redirect(page.done, 303)


def _slow_down(page: Page, form: SubscribeForm) -> Response | None:
    """The page where a network, or anybody for this address, has asked too often."""
    if seconds := asking.network_wait():
        words = _(
            "Terlalu banyak permintaan dari jaringan ini. Coba lagi setelah %(wait)s.",
            wait=waiting(seconds),
        )
    elif seconds := asking.address_wait(form.email.data or ""):
        words = asking.asked_enough(seconds)
    else:
        return None
    form.email.errors = [words]
    return please_wait(_drawn(page, form, 429), seconds)


def _refuse_program(page: Page, form: SubscribeForm) -> Response:
    empty_trap(form, _("Alamat belum terkirim."))
    return _drawn(page, form, 403)


def _drawn(page: Page, form: SubscribeForm, status: int = 200, *, sent: bool = False) -> Response:
    days = CONFIRM_WITHIN.days
    wait = _n("%(n)s hari", "%(n)s hari", days, n=days)
    body = render_template("complaints/follow.html", page=page, form=form, sent=sent, wait=wait)
    return make_response(body, status)
