"""What is true of every page: host, headers, one commit, errors in the site's look, static
addresses.
"""

import hashlib
import logging
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.wrappers import Response

from app.config import Settings
from app.core.database import SAFE_METHODS
from app.core.error_texts import error_text
from app.core.running import the_settings
from app.extensions import csrf, db

HEALTH_ENDPOINTS = frozenset({"site.healthz", "site.readyz"})
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
log = logging.getLogger("tanggap")


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the rules of this module to an application."""
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="sesi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,  # a slow citizen must not lose the form
        WTF_CSRF_SSL_STRICT=False,  # careful people's browsers send no referrer; the token decides
        WTF_CSRF_CHECK_DEFAULT=False,  # _check_csrf below, so that a form may show the error itself
    )
    app.before_request(_refuse_foreign_host)
    app.before_request(_check_csrf)
    app.after_request(_finish_transaction)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(Exception, _fault)
    app.jinja_env.globals["asset"] = asset
    app.extensions["csp"] = _content_security_policy(settings.tile_url)


# ---------------------------------------------------------------- requests


def _refuse_foreign_host() -> None:
    settings = the_settings()
    if request.endpoint in HEALTH_ENDPOINTS or request.host == settings.public_host:
        return
    if not settings.production and request.host.rsplit(":", 1)[0] in LOCAL_HOSTS:
        return
    raise BadRequest("unknown host")


def _check_csrf() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return  # not found, or a wrong method: the error pages answer
    if request.method not in SAFE_METHODS and not getattr(view, "csrf_in_form", False):
        csrf.protect()


def _finish_transaction(response: Response) -> Response:
    """One commit a request: when a writing request went well. Everything else leaves no trace."""
    if request.method in SAFE_METHODS or response.status_code >= 400:
        db.session.rollback()
    else:
        db.session.commit()
    return response


# ---------------------------------------------------------------- answers


def _content_security_policy(tile_url: str) -> str:
    tiles = urlsplit(tile_url.replace("{s}.", ""))
    source = (
        f" {tiles.scheme}://{'*.' if '{s}.' in tile_url else ''}{tiles.netloc}"
        if tiles.netloc
        else ""
    )
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob:{source}; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )


def _headers(response: Response) -> Response:
    settings = the_settings()
    headers = response.headers
    headers.setdefault("Content-Security-Policy", current_app.extensions["csp"])
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers:
        private = request.method not in SAFE_METHODS or response.status_code >= 400
        headers["Cache-Control"] = (
            "no-store" if private or g.get("no_store") else "private, no-cache"
        )
    response.vary.add("Cookie")
    return response


def no_store() -> None:
    """Say that the answer to this request is for one person and may be kept nowhere."""
    g.no_store = True


# ---------------------------------------------------------------- errors


def please_wait(page: ResponseReturnValue, seconds: int) -> Response:
    """A page for somebody who was too quick: 429 (RFC 6585), with the seconds to wait."""
    response = make_response(page)
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response


def error_page(code: int) -> tuple[str, int]:
    """An error page in the site's look; needs no database."""
    return render_template("errors/page.html", error=error_text(code)), code


def _http_error(error: HTTPException) -> Response | tuple[str, int]:
    if error.code is None or error.response is not None or error.code < 400:
        return error.get_response()  # a redirect, or an answer somebody made
    if isinstance(error, CSRFError):
        error.code = 400
    body, code = error_page(error.code)
    headers = [(k, v) for k, v in error.get_headers() if k in {"Allow", "Retry-After"}]
    return Response(body, code, headers, mimetype="text/html")


def _database_busy(error: OperationalError) -> Response | tuple[str, int]:
    log.error("database not available", exc_info=error, extra={"request": g.get("request_id")})
    return _http_error(ServiceUnavailable())


def _fault(error: Exception) -> Response | tuple[str, int]:
    if current_app.testing or current_app.debug:
        raise error
    log.error("fault", exc_info=error, extra={"request": g.get("request_id")})
    return _http_error(InternalServerError())


# ---------------------------------------------------------------- static files


@lru_cache(maxsize=256)
def _version(path: Path, _modified: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Address of a static file, changing with its content so that browsers may keep it for ever."""
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_version(path, path.stat().st_mtime))
