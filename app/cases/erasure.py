"""Erasing the personal data of a case, so that its history and its figures stay.

What the public could already read stays in its redacted copy; original words, contact, the true
place and the reporter's photos go, and with them the addresses of those who followed the case. The
event chain stays whole: of a text it holds a salted digest, and the salt goes with the text.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.cases import mail_actions, publicity
from app.cases.actions import Given, take
from app.cases.events import THE_CLOCK
from app.cases.kinds import kind_of
from app.cases.models import Case, Contact, Message
from app.core.database import overwrite
from app.core.files import FileStore
from app.places.facts import City

GRACE = timedelta(hours=24)
"""Time to think again between asking and erasing; 3 × 24 hours are promised."""


def erase(session: Session, case: Case, city: City, store: FileStore, now: datetime) -> None:
    """Erase now. The e-mail address alone stays until the notice that it is done has gone out."""
    overwrite(session)
    _drop_photos(session, case, store)
    shown = publicity.of(session, case)
    for message in case.messages:
        _redact(message, public=shown.shows(message))
    kind = kind_of(case)
    kind.erase(session, case)
    place = publicity.place_of(case) if shown.readable else None
    case.latitude, case.longitude = place or (None, None)
    _strip(session, case)
    mail_actions.forget_followers(session, case)
    case.erased_at = now
    case.link_version += 1
    kind.publish(session, case, city, now)
    take(session, case, "erased", THE_CLOCK, Given(), city, now)


def forget_address(session: Session, case_id: int) -> None:
    """Drop the last of the contact: the notice was sent, or never can be."""
    overwrite(session)
    session.execute(delete(Contact).where(Contact.case_id == case_id))


def _drop_photos(session: Session, case: Case, store: FileStore) -> None:
    """Files first: should the transaction fail, the next round finds the rows and goes on."""
    for attachment in [a for a in case.attachments if a.author == "holder"]:
        store.delete(attachment.key)
        store.delete(attachment.thumb_key)
        case.attachments.remove(attachment)
    session.flush()


def _redact(message: Message, *, public: bool) -> None:
    if not public:
        message.public_body = ""
    message.body, message.salt = message.public_body, ""


def _strip(session: Session, case: Case) -> None:
    contact = case.contact
    if contact is None:
        return
    if contact.email is None:
        case.contact = None
    else:
        contact.name = contact.phone = None
        contact.show_name = False
    session.flush()
