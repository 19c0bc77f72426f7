"""/layanan and the rooms: the services of the city, found by words, by event or by room."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.civic.promises import local_date
from app.core.access import public
from app.core.clock import now
from app.core.i18n import tr, weekday_short
from app.core.promise_view import Leaf
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.places.city import current_city
from app.requests import ics, standard
from app.requests.calendar_queries import Calendar, Day, calendar
from app.requests.forms import answer_words
from app.requests.services import EVENTS, FEES, ROOMS, CalendarSpec, Service, Services

services = Blueprint("services", __name__)

LONGEST_QUERY: Final = 100
ILLEGAL_LEVIES: Final = "extortion"
"""Category of reports about money asked for; a form of a city without it passes it over."""


@dataclass(frozen=True)
class Found:
    """What the index shows: services under a heading, and what was asked."""

    query: str
    event: str
    services: tuple[Service, ...]

    @classmethod
    def asked(cls, catalogue: Services) -> "Found":
        """Read it from the address; what it asks for wrongly is left out."""
        query = " ".join(request.args.get("q", "").split())[:LONGEST_QUERY]
        event = request.args.get("peristiwa", "")
        if query:
            return cls(query, "", catalogue.search(query))
        if event in EVENTS:
            return cls("", event, _by_name(catalogue.of_event(event)))
        return cls("", "", ())


def the_services() -> Services:
    """The catalogue of the running site."""
    catalogue: Services = current_app.extensions["services"]
    return catalogue


@services.get("/layanan")
@public
def index() -> str:
    """Search in one's own words, what happens in a life, and the rooms."""
    catalogue = the_services()
    rooms = {room: catalogue.of_room(room) for room in ROOMS}
    return render_template(
        "requests/index.html",
        found=Found.asked(catalogue),
        rooms={room: found for room, found in rooms.items() if found},
        ROOMS=ROOMS,
        EVENTS={event: name for event, name in EVENTS.items() if catalogue.of_event(event)},
    )


def _room(room: str) -> str:
    """All services of a room."""
    found = the_services().of_room(room) or abort(404)
    calendars = _calendars(found)
    return render_template(
        "requests/room.html",
        room=ROOMS[room],
        services=_by_name(found),
        calendars=calendars,
        feed_url=url_for(f".{room}_calendar") if calendars else None,
        answer_words=answer_words,
        leaf_of=_leaf,
    )


def _calendars(found: tuple[Service, ...]) -> list[Calendar]:
    city, vault = current_city(), the_vault()
    today = local_date(now(), city.zone)
    return [
        calendar(db.session(), vault, city, service, service.calendar, today)
        for service in _by_name(found)
        if service.calendar
    ]


def _leaf(day: date, *, past: bool = False) -> Leaf:
    return Leaf(day, weekday_short(day), "off" if past else "")


def _feed(room: str) -> Response:
    """The calendars of a room as one file that a phone follows."""
    found = _calendars(the_services().of_room(room)) or abort(404)
    url = the_settings().public_url + url_for(f".{room}")
    entries = (
        _entry(one, each.spec, url)
        for each in found
        for one in (*reversed(each.past), *each.coming)
    )
    return current_app.response_class(ics.write(entries), mimetype="text/calendar")


def _entry(found: Day, spec: CalendarSpec, url: str) -> ics.Entry:
    city = current_city()
    said = [(tr(asked.label), answer_words(asked, value, city)) for asked, value in found.shown]
    return ics.Entry(
        uid=f"{found.uid}@{the_settings().public_host}",
        stamp=found.issued_at,
        day=found.day,
        summary=" · ".join(words for _label, words in said) or tr(spec.name),
        description="\n".join(f"{label}: {words}" for label, words in said),
        url=url,
    )


def _by_name(found: tuple[Service, ...]) -> tuple[Service, ...]:
    return tuple(sorted(found, key=lambda service: tr(service.name).casefold()))


def _service(room: str, code: str) -> str | Response:
    """The standard of one service."""
    service = the_services().find(room, code) or abort(404)
    if service.code != code:
        return redirect(url_for(f".{room}_service", code=service.code), 308)
    city = current_city()
    return render_template(
        "requests/service.html",
        service=service,
        room=ROOMS[room],
        room_url=url_for(f".{room}"),
        components=tuple(standard.components(service)),
        fee=FEES.get(service.fee),
        levy_url=url_for("complaints.new", category=ILLEGAL_LEVIES),
        unverified=standard.unverified(service),
        repeat_words=standard.repeat_words,
        promise=standard.promise(service, city, local_date(now(), city.zone)),
    )


def add_rooms(blueprint: Blueprint) -> None:
    """Give every room its pages: its services, its calendars as a file, the standard of each."""
    add = blueprint.add_url_rule
    for name, room in ROOMS.items():
        add(room.address, name, public(partial(_room, name)))
        add(f"{room.address}/kalender.ics", f"{name}_calendar", public(partial(_feed, name)))
        add(f"{room.address}/<code>", f"{name}_service", public(partial(_service, name)))


add_rooms(services)
