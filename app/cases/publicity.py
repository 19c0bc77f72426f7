"""What of the words, photos and place of a case everybody may know.

Nothing shows before a verifier has passed the report on. What the reporter adds later shows once a
member of staff, who had it before their eyes, has taken a public step after it
(docs/decisions/0020-later-words-of-the-reporter.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases.kinds import kind_of
from app.cases.models import Attachment, Case, Event, Message
from app.civic.geo import Point, coarse


@dataclass(frozen=True)
class Publicity:
    """How far the public may read a case now.

    ``readable``: the report may be read at all. ``last_step``: row id of the newest public step of
    the staff; what the reporter wrote before it has been looked at.
    """

    readable: bool
    last_step: int

    def shows(self, message: Message) -> bool:
        """Whether everybody may read the public copy of these words."""
        if not self.readable or message.audience != "public":
            return False
        return message.author != "holder" or message.event_id < self.last_step

    def shows_photo(self, photo: Attachment, message: Message | None) -> bool:
        """Whether everybody may see a photo; ``message`` is what it came with after filing."""
        if photo.hidden or not self.readable:
            return False
        return message is None or self.shows(message)


def by_events(case: Case, events: Iterable[Event]) -> Publicity:
    """The publicity of a case whose events are at hand; the public ones are enough."""
    steps = (event.id for event in events if event.public and event.actor == "staff")
    return Publicity(kind_of(case).readable(case), max(steps, default=0))


def of(session: Session, case: Case) -> Publicity:
    """The publicity of a case."""
    step = select(func.max(Event.id)).where(
        Event.case_id == case.id, Event.actor == "staff", Event.public
    )
    return Publicity(kind_of(case).readable(case), session.scalar(step) or 0)


def place_of(case: Case) -> Point | None:
    """Where everybody may see a case: at its pin, an anonim one in the middle of a cell around it.

    A pin in front of a house would tell who wrote. None of a rahasia case, or without a pin.
    """
    if case.latitude is None or case.longitude is None or case.visibility == "rahasia":
        return None
    pin = Point(case.latitude, case.longitude)
    return pin if case.visibility == "publik" else coarse(*pin)
