"""/layanan and the rooms: the services of the city, found by words, by event or by room."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.civic.promises import local_date
from app.core.access import public
from app.core.clock import now
from app.core.i18n import tr
from app.places.city import current_city
from app.requests import standard
from app.requests.services import EVENTS, FEES, ROOMS, Service, Services

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
    return render_template("requests/room.html", room=ROOMS[room], services=_by_name(found))


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


for _name, _found in ROOMS.items():
    services.add_url_rule(_found.address, _name, public(partial(_room, _name)))
    services.add_url_rule(
        f"{_found.address}/<code>", f"{_name}_service", public(partial(_service, _name))
    )
