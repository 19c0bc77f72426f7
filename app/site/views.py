"""The home page, the standing pages, and the two questions a machine asks."""

from flask import Blueprint, abort, current_app, render_template
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.complaints.showing import front_page
from app.core.access import public
from app.core.clock import now
from app.extensions import db
from app.places.city import current_city

site = Blueprint("site", __name__)


@site.get("/")
@public
def home() -> str:
    """Complain, track, what was put right lately, what is late, true numbers."""
    return render_template("site/home.html", home=front_page(db.session(), current_city(), now()))


def _standing_page(name: str) -> str:
    page = current_city().pages.get(name) or abort(404)
    return render_template("site/page.html", page=page, name=name)


@site.get("/privasi")
@public
def privacy() -> str:
    """What is kept, why, how long, and who sees it."""
    return _standing_page("privacy")


@site.get("/bantuan")
@public
def help_page() -> str:
    """Questions people ask."""
    return _standing_page("help")


@site.get("/tentang")
@public
def about() -> str:
    """What this site is and who answers for it."""
    return _standing_page("about")


@site.get("/aksesibilitas")
@public
def accessibility() -> str:
    """What was tested, how, and whom to tell when something does not work."""
    return _standing_page("accessibility")


@site.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return _plain("ok")


@site.get("/readyz")
@public
def readyz() -> Response:
    """The database answers, has the tables of this code, and the file store can be written."""
    db.session.execute(text("SELECT 1 FROM cases LIMIT 1")).first()
    return _plain("ready")


def _plain(word: str) -> Response:
    response = current_app.response_class(f"{word}\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
