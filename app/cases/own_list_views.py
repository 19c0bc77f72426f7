"""/lacak/punya-saya: all of one's reports and requests by a link sent to one's address."""

from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.cases import doors, own_list
from app.cases.holder_forms import AddressForm
from app.cases.holding import hold
from app.cases.kinds import kind_of
from app.cases.links import OWN_LIST_WITHIN, the_links
from app.cases.models import Case
from app.cases.own_list_cookie import keep, listed_email
from app.cases.showing import promise_of, title_of
from app.civic.identity import mask_email
from app.civic.promises import local_date
from app.core.access import public
from app.core.clock import now
from app.core.database import transaction
from app.core.forms import csrf_in_form
from app.core.i18n import _, _n
from app.core.limits import limits, network_key, waiting
from app.core.pages import no_store, please_wait
from app.core.promise_view import RowView, row_of
from app.core.running import the_vault
from app.extensions import db
from app.places.city import current_city

own_lists = Blueprint("own_lists", __name__)
own_lists.add_app_template_global(lambda: listed_email() is not None, "list_is_open")

PER_NETWORK: Final = 10
"""Links an hour asked for from one network."""
PER_ADDRESS: Final = 3
"""Links an hour to one address, whoever asks and whether any case carries it."""


# ---------------------------------------------------------------- asking


@own_lists.route("/lacak/punya-saya", methods=["GET", "POST"])
@csrf_in_form
@public
def mine() -> Response:
    """The list where it is open, else the form that asks for the link to it."""
    no_store()
    form = AddressForm()
    if request.method == "POST":
        return _ask(form)
    email = listed_email()
    if "kirim" in request.args:
        return _asking(form, sent=True)
    return _listed(email) if email else _asking(form)


def _ask(form: AddressForm) -> Response:
    if not form.validate():
        return _asking(form, 422)
    email = form.email.data or ""
    network, address = network_key(now()), _counted(email)
    if seconds := limits().wait("own_list", PER_NETWORK, network):
        words = _(
            "Terlalu banyak permintaan dari jaringan ini. Coba lagi setelah %(wait)s.",
            wait=waiting(seconds),
        )
        return _slow_down(form, words, seconds)
    if seconds := limits().wait("own_list_to", PER_ADDRESS, address):
        words = _(
            "Tautan untuk alamat ini sudah diminta %(n)s kali. Pakai yang terbaru di email Anda,"
            " atau coba lagi setelah %(wait)s.",
            n=PER_ADDRESS,
            wait=waiting(seconds),
        )
        return _slow_down(form, words, seconds)
    limits().count("own_list", PER_NETWORK, network)
    limits().count("own_list_to", PER_ADDRESS, address)
    own_list.ask(db.session(), the_vault(), email, now())
    return redirect(url_for(".mine", kirim=1), 303)


def _counted(email: str) -> str:
    return the_vault().keyed_hash("links", email.casefold())


def _slow_down(form: AddressForm, words: str, seconds: int) -> Response:
    form.email.errors = [words]
    return please_wait(_asking(form, 429), seconds)


def _asking(form: AddressForm, status: int = 200, *, sent: bool = False) -> Response:
    page = render_template("cases/own_list_ask.html", form=form, sent=sent, wait=_lifetime())
    return make_response(page, status)


def _lifetime() -> str:
    minutes = int(OWN_LIST_WITHIN.total_seconds()) // 60
    return _n("%(n)s menit", "%(n)s menit", minutes, n=minutes)


# ---------------------------------------------------------------- the link


@own_lists.route("/lacak/punya-saya/<token>", methods=["GET", "POST"])
@public
def link(token: str) -> Response:
    """A button that opens the list, once. Opening the link alone uses nothing up."""
    no_store()
    session, links = db.session(), the_links()
    if request.method == "POST":
        if email := own_list.use(session, the_vault(), links, token):
            return keep(redirect(url_for(".mine"), 303), email)
        works = False
    else:
        works = own_list.opens(session, the_vault(), links, token)
    page = render_template("cases/own_list_link.html", works=works)
    return make_response(page, 200 if works else 410)


# ---------------------------------------------------------------- the list


def _listed(email: str) -> Response:
    found = own_list.all_of(db.session(), the_vault(), email)
    page = render_template(
        "cases/own_list.html",
        rows=[_row(case) for case in found[: own_list.MOST]],
        most=own_list.MOST if len(found) > own_list.MOST else None,
        email=mask_email(email),
    )
    return make_response(page)


def _row(case: Case) -> RowView:
    city = current_city()
    return row_of(
        promise_of(case, city, local_date(now(), city.zone), mine=True),
        city.calendar,
        url="",
        title=title_of(case, city),
        place=str(kind_of(case).names.numbered) % {"number": case.number},
        number=case.number,
        holder="",
    )


@own_lists.post("/lacak/punya-saya/buka")
@public
def open_one() -> Response:
    """Hold one case of the list: a button, so that no other site's link closes what is open."""
    no_store()
    email, number = listed_email(), request.form.get("number", "")
    with transaction("read"):  # looking up must not wait for those who write
        found = own_list.one_of(db.session(), the_vault(), email, number) if email else None
        response = _opened(found) if found else redirect(url_for(".mine"), 303)
        db.session.rollback()
    return response


def _opened(case: Case) -> Response:
    return hold(redirect(url_for("cases.mine", number=case.number), 303), case)


@own_lists.post("/lacak/punya-saya/tutup")
@public
def leave() -> Response:
    """Close the list on this device, and the case that was opened from it."""
    return doors.closed(redirect(url_for("cases.track", pesan="tutup"), 303))
