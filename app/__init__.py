"""Tanggap: complaints first. ``create_app`` puts the rooms together."""

import os
from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import cli
from app.cases import doors, kinds
from app.cases.copy_views import copy_links
from app.cases.desk import desk
from app.cases.events import record_account_event
from app.cases.mail_views import mails
from app.cases.own_list_views import own_lists
from app.cases.seal_views import seals
from app.cases.views import cases
from app.civic.promises import local_date
from app.complaints import demo
from app.complaints.follow_views import complaints
from app.complaints.kind import COMPLAINTS
from app.config import ROOT, Settings
from app.core import access, database, i18n, limits, logs, looks, pages
from app.core.clock import now
from app.core.files import LocalStore
from app.core.mail import Mails
from app.core.replies import Replies
from app.core.vault import Vault
from app.extensions import babel, csrf, db, login
from app.letters.views import letters
from app.places.city import city_file, load_city
from app.places.facts import City
from app.requests.counter_views import counter
from app.requests.desk_views import desk_requests
from app.requests.form_views import DOOR
from app.requests.hand_in_views import handing_in
from app.requests.holder_page import my_page
from app.requests.holder_views import my_requests
from app.requests.kind import RequestKind
from app.requests.paper_views import applications
from app.requests.service_files import load_services
from app.requests.services import ROOMS as SERVICE_ROOMS
from app.requests.views import services
from app.site.views import site
from app.staff import signed_in
from app.staff.views import staff

ROOMS = (
    site, complaints, services, applications, handing_in, letters, my_requests, cases, copy_links,
    own_lists, seals, mails, desk_requests, desk, counter, staff,
)  # fmt: skip
STATIC_SECONDS = 365 * 24 * 3600


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Raises SettingsError or CityError with what to mend."""
    settings = settings or Settings.from_environ(os.environ)
    app = Flask(
        __name__,
        instance_path=str(settings.instance_path),
        template_folder="../templates",
        static_folder="../static",
    )
    app.config.update(SECRET_KEY=settings.secret_key, **_database(settings))
    city = load_city(settings.city_dir)
    app.extensions |= {
        "settings": settings,
        "city": city,
        "services": load_services(settings.city_dir, city),
        "vault": Vault(settings.data_keys, settings.code_keys),
        "files": LocalStore(settings.upload_dir),
        "event_sink": record_account_event,
        "mails": Mails.load(city_file(settings.city_dir, "mails.toml"), ROOT / "templates"),
        "replies": Replies.load(city_file(settings.city_dir, "replies.toml")),
        "limits": limits.Limits(
            settings.limits_url or limits.default_url(settings.instance_path),
            settings.secret_key,
            on=settings.rate_limits,
        ),
    }
    db.init_app(app)
    with app.app_context():
        database.install(db.engine)
    csrf.init_app(app)
    login.init_app(app, add_context_processor=False)  # error pages ask nobody who they are
    i18n.init_app(
        app,
        babel,
        translations=ROOT / "translations",
        compiled=settings.instance_path / "i18n",
        zone=city.zone,
        default=city.locale,
        secure=settings.secure,
    )
    for part in (logs, access, looks, signed_in):
        part.init_app(app)
    pages.init_app(app, settings)
    app.context_processor(partial(_frame, city, settings.instance_path / demo.MARK))
    kinds.register(COMPLAINTS)
    for name in SERVICE_ROOMS:
        kinds.register(RequestKind(name, app.extensions["services"]), my_page)
    doors.register(DOOR)
    for room in ROOMS:
        app.register_blueprint(room)
    cli.init_app(app)
    app.wsgi_app = _served(app, settings)  # type: ignore[method-assign]
    return app


def _frame(city: City, demo: Path) -> dict[str, object]:
    """What every template may use; nothing here asks the database, so error pages may too."""
    today = local_date(now(), city.zone)
    return {"city": city, "today": today, "demo_mode": demo.exists()}


def _database(settings: Settings) -> Mapping[str, object]:
    engine: dict[str, object] = {"hide_parameters": True}  # no personal data in error messages
    if settings.database_url.startswith("postgresql"):
        engine |= {"pool_pre_ping": True}
    return {"SQLALCHEMY_DATABASE_URI": settings.database_url, "SQLALCHEMY_ENGINE_OPTIONS": engine}


def _served(app: Flask, settings: Settings) -> WhiteNoise:
    """Static files in front of the application, the proxies' headers believed as often as said."""
    inner = app.wsgi_app
    if hops := settings.proxy_hops:
        inner = ProxyFix(inner, x_for=hops, x_proto=hops, x_host=hops)
    served = WhiteNoise(inner, max_age=STATIC_SECONDS)
    served.add_files(str(app.static_folder), prefix="static/")
    served.add_files(_leaflet(), prefix="static/leaflet/")
    return served


def _leaflet() -> str:
    """The folder of the unchanged Leaflet files in the installed package."""
    return str(files("js_lib_leaflet") / "static" / "js_lib_leaflet")
