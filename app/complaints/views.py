"""/keluhan: see, search and follow the public complaints. Filing one is in ``filing_views``."""

from pathlib import Path
from typing import Final

from flask import (
    Blueprint,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response

from app.cases import queries as case_queries
from app.cases.holding import holds
from app.cases.links import the_links
from app.cases.models import Case
from app.civic.codes import parse_number
from app.civic.promises import local_date
from app.complaints import listing, queries
from app.complaints.device import known_key
from app.complaints.forms import SubscribeForm
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.list_view import AFTER, BEFORE, features, list_page
from app.complaints.listing import NAMES, Asked
from app.complaints.public_page import confidential_page, public_page
from app.core.access import public
from app.core.clock import now
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.places.city import current_city

complaints = Blueprint("complaints", __name__, url_prefix="/keluhan")

POINTS_SECONDS: Final = 60
OUTLINES: Final = "districts.geojson"
"""File of the city folder with the outlines of the kecamatan, if the city has one."""
OUTLINES_SECONDS: Final = 24 * 3600


# ---------------------------------------------------------------- list and map


@complaints.get("", strict_slashes=False)
@public
def index() -> Response:
    """The public list and map: filters, search, pages."""
    city, session = current_city(), db.session()
    asked = Asked.read(request.args, city)
    number = _asked_number()
    case = case_queries.by_number(session, number) if number else None
    if case is not None and case.kind == LIFECYCLE.kind:  # of other kinds nobody learns of one
        return redirect(url_for(".show", number=case.number))
    page = list_page(session, city, request.args, asked, now())
    outlines = url_for(".outlines") if _outlines().is_file() else ""
    return make_response(
        render_template(
            "complaints/list.html", page=page, settings=the_settings(), outlines=outlines
        )
    )


def _asked_number() -> str | None:
    """A report number typed into the search box: who knows it wants that report."""
    typed = request.args.get(NAMES["words"], "")
    paged = request.args.get(AFTER) or request.args.get(BEFORE)
    return None if paged else parse_number(typed)


@complaints.get("/peta.json")
@public
def points() -> Response:
    """What the map shows inside a box, with the filters of the list."""
    city, instant = current_city(), now()
    view = listing.on_map(
        db.session(),
        Asked.read(request.args, city).wanted,
        local_date(instant, city.zone),
        listing.read_box(request.args.get("bbox", ""), city),
        listing.read_zoom(request.args.get("zoom", ""), city),
    )
    response = jsonify(features(view, city, instant))
    response.headers["Cache-Control"] = f"public, max-age={POINTS_SECONDS}"
    return response


def _outlines() -> Path:
    return the_settings().city_dir / OUTLINES


@complaints.get("/batas.json")
@public
def outlines() -> Response:
    """The outlines of the kecamatan, for a map without tiles."""
    path = _outlines()
    if not path.is_file():
        abort(404)
    return send_file(path.resolve(), "application/geo+json", max_age=OUTLINES_SECONDS)


# ---------------------------------------------------------------- one report


@complaints.get("/<number>")
@public
def show(number: str) -> Response | tuple[str, int]:
    """The public page of a report, by its number however it was typed."""
    known = parse_number(number)
    if known is None:
        abort(404)
    if known != number:
        return redirect(url_for(".show", number=known))
    report = listing.report(db.session(), known)
    if report is None:
        return render_template("complaints/unknown.html", number=known), 404
    city, address = current_city(), the_links().to("report", number=known)
    if report.case.visibility == "rahasia":
        page = confidential_page(report.case, city)
        return make_response(render_template("complaints/confidential.html", page=page))
    vault, session = the_vault(), db.session()
    shown = public_page(session, vault, city, report, now(), address)
    return make_response(
        render_template(
            "complaints/show.html",
            page=shown,
            follow=SubscribeForm() if shown.may_follow and not _takes_part(report.case) else None,
            address=address,
        )
    )


def _takes_part(case: Case) -> bool:
    """Whether this browser filed or supports a report, and so has its own way to hear of it."""
    if holds(case.number):
        return True
    key = known_key(case)
    return bool(key) and queries.place_in_line(db.session(), case, key) is not None
