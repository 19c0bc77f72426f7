"""The home page, the standing pages, and the two questions a machine asks."""

import os

from flask import Blueprint, abort, current_app, render_template
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.complaints.showing import front_page
from app.core.access import public
from app.core.clock import now
from app.core.heartbeat import last_beat
from app.core.running import the_settings
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
    """Whether the site can take a report: the database answers and its folder can be written.

    Also says when the worker last went round, because mails and clocks hang on it.
    """
    settings = the_settings()
    beat = last_beat(settings.instance_path)
    try:
        db.session.execute(text("SELECT 1 FROM cases LIMIT 1")).first()
    except SQLAlchemyError:
        return _plain("not ready: database", 503)
    if not os.access(settings.instance_path, os.W_OK):
        return _plain("not ready: instance folder", 503)
    return _plain(f"ready; worker {beat.isoformat() if beat else 'not seen'}")


def _plain(word: str, status: int = 200) -> Response:
    response = current_app.response_class(f"{word}\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
