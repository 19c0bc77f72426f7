"""/segel: the seals over the event log, for everybody to look at and to keep."""

from flask import (
    Blueprint,
    abort,
    current_app,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response

from app.cases import seal_copies
from app.core.access import public
from app.extensions import db

seals = Blueprint("seals", __name__)


@seals.get("/segel")
@public
def latest() -> str:
    """The latest seals, what they prove, and how to check."""
    before = _number("sebelum")
    found, more = seal_copies.latest(db.session(), before)
    return render_template(
        "cases/seals.html",
        seals=found,
        older=url_for("seals.latest", sebelum=found[-1].id) if more else None,
        newest=url_for("seals.latest") if before is not None else None,
    )


@seals.get("/segel/semua.jsonl")
@public
def everything() -> Response:
    """All seals, a line each; ``setelah`` leaves out those somebody has already."""
    lines = seal_copies.lines(db.session(), _number("setelah") or 0)
    response = current_app.response_class(stream_with_context(lines), mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="segel.jsonl"'
    return response


def _number(name: str) -> int | None:
    """The number of a seal in the address; 404 for what cannot be one."""
    typed = request.args.get(name)
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        abort(404)
    return int(typed)
