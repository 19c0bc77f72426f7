"""Where the running application writes account events down."""

from flask import current_app

from app.staff.actions import EventSink


def event_sink() -> EventSink:
    """The log of account events, bound at start by the room that keeps the event log."""
    sink: EventSink = current_app.extensions["event_sink"]
    return sink
