"""/lacak/…/data/email and /lacak/salinan: the copy of one's data by a mailed link."""

from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.cases import copies, queries
from app.cases.holder_copy import copy_of
from app.cases.holder_words import Here
from app.cases.holding import held_case, hold
from app.cases.links import the_links
from app.core.access import public
from app.core.clock import now
from app.core.limits import limits, waiting
from app.core.pages import no_store, please_wait
from app.extensions import db
from app.places.city import current_city

copy_links = Blueprint("copy_links", __name__)

PER_HOUR: Final = 3
"""Links sent about one case."""


@copy_links.post("/lacak/<number>/data/email")
@public
def ask(number: str) -> Response:
    """Send the reporter a link to all of their data."""
    no_store()
    case = held_case(db.session(), number)
    if case is None:
        return redirect(url_for("cases.track", pesan="habis"), 303)
    if not copies.may_ask(case):  # stopped the mails meanwhile
        return hold(redirect(url_for("cases.mine", number=case.number), 303), case)
    if seconds := limits().wait("copy", PER_HOUR, str(case.id)):
        page = render_template("cases/copy.html", wait=waiting(seconds), back=case.number)
        return hold(please_wait(page, seconds), case)
    copies.ask(db.session(), case, now())
    limits().count("copy", PER_HOUR, str(case.id))
    return hold(redirect(url_for("cases.mine", number=case.number, salinan="dikirim"), 303), case)


@copy_links.route("/lacak/salinan/<token>", methods=["GET", "POST"])
@public
def taking(token: str) -> Response:
    """A button that downloads, once. Opening the link alone uses nothing up: mail scanners do."""
    no_store()
    session, moment = db.session(), now()
    if request.method == "POST":
        case = copies.take_copy(session, the_links(), token, moment)
    else:
        case = copies.opened(session, the_links(), token)
    if case is None or request.method == "GET":
        page = render_template("cases/copy.html", number=case.number if case else None)
        return make_response(page, 200 if case else 410)
    events = queries.events_of(session, case, public_only=False)
    return copy_of(session, Here(case, current_city(), moment, events))
