"""From an outbox row to a mail somebody can read: address, language, words, and sending it.

Sending happens outside of any transaction. A row whose reader has no address any more is done.
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formataddr, parseaddr

from sqlalchemy.orm import Session

from app.cases.erasure import forget_address
from app.cases.kinds import kind_of
from app.cases.links import Links
from app.cases.mail_actions import forget_stopped, mark_of
from app.cases.mail_values import Facts, fresh_cases, values_of
from app.cases.models import Case, Subscription, Support
from app.cases.telling import CONFIRM, ERASURE_DONE, OWN_LIST, SEARCH_NEWS, UNSUBSCRIBED, discreet
from app.core import outbox
from app.core.database import transaction
from app.core.i18n import LANGUAGES, SOURCE_LANGUAGE, Language, speaking
from app.core.mail import Mails, build_message
from app.core.outbox import Letter
from app.core.smtp import Refused, Transport, Unreachable, Unsent
from app.core.vault import Vault
from app.places.facts import City
from app.staff.models import Staff

log = logging.getLogger("tanggap")

SPARE = timedelta(minutes=2)
"""A letter is no longer tried when less than this is left of its lease."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Office:
    """What delivery needs of the site. `sender` is ``MAIL_FROM``."""

    city: City
    mails: Mails
    vault: Vault
    links: Links
    sender: str

    @property
    def signature(self) -> str:
        """The From header: the site's name when the setting gives none."""
        name, address = parseaddr(self.sender)
        return formataddr((name or self.city.site, address))

    def message_id(self, letter: Letter) -> str:
        """The same for every attempt, so that a mail that arrives twice is seen once."""
        return f"<{letter.message_id}@{parseaddr(self.sender)[1].partition('@')[2]}>"


@dataclass(frozen=True)
class Reader:
    """Whom a mail goes to."""

    address: str
    language: Language


# ---------------------------------------------------------------- who reads it


Find = Callable[[Session, Office, Letter, Case | None, str], Reader | None]


def _reporter(
    _session: Session, office: Office, letter: Letter, case: Case | None, _key: str
) -> Reader | None:
    if case is None or case.contact is None or case.contact.email is None:
        return None
    if case.erased_at is not None and letter.mail != ERASURE_DONE:
        return None
    return Reader(office.vault.decrypt(case.contact.email), _language(case.language))


def _staff(
    session: Session, _office: Office, _letter: Letter, _case: Case | None, key: str
) -> Reader | None:
    person = session.get(Staff, int(key))
    if person is None or person.disabled_at is not None or not person.email:
        return None
    return Reader(person.email, _language(person.language))


def _supporter(
    session: Session, office: Office, letter: Letter, case: Case | None, key: str
) -> Reader | None:
    support = session.get(Support, int(key))
    if support is None or support.email is None or case is None or case.visibility == "rahasia":
        return None
    if support.confirmed_at is None and letter.mail != CONFIRM:
        return None
    return Reader(office.vault.decrypt(support.email), _language(support.language))


def _subscriber(
    session: Session, office: Office, letter: Letter, case: Case | None, key: str
) -> Reader | None:
    row = session.get(Subscription, int(key))
    if row is None or not _wants(session, row, letter, case):
        return None
    return Reader(office.vault.decrypt(row.email), _language(row.language))


def _wants(session: Session, row: Subscription, letter: Letter, case: Case | None) -> bool:
    """Whether a follower is to get this mail now, and everybody may read what it tells of."""
    if letter.mail == UNSUBSCRIBED:
        return row.stopped_at is not None
    if row.stopped_at is not None or (row.confirmed_at is None and letter.mail != CONFIRM):
        return False
    if letter.mail == SEARCH_NEWS:
        return bool(fresh_cases(session, letter))
    return row.case_id is None or (case is not None and kind_of(case).readable(case))


def _unit(
    _session: Session, office: Office, _letter: Letter, _case: Case | None, key: str
) -> Reader | None:
    return _institution(office, office.city.unit(key).mailbox)


def _agency(
    _session: Session, office: Office, _letter: Letter, case: Case | None, key: str
) -> Reader | None:
    if case is None or case.visibility == "rahasia":
        return None
    return _institution(office, office.city.agency(key).email)


def _institution(office: Office, address: str) -> Reader | None:
    return Reader(address, _language(office.city.locale)) if address else None


def _language(code: str) -> Language:
    return next((known for known in LANGUAGES if known == code), SOURCE_LANGUAGE)


FIND: Mapping[str, Find] = {
    "reporter": _reporter,
    "staff": _staff,
    "supporter": _supporter,
    "subscriber": _subscriber,
    "unit": _unit,
    "agency": _agency,
}


STOPPABLE = frozenset({"reporter", "supporter", "subscriber"})
"""Readers who may stop their mails with one tap; staff and offices get them by duty."""
NOTHING_TO_STOP = frozenset({CONFIRM, ERASURE_DONE, OWN_LIST, UNSUBSCRIBED})
"""Mails before the first yes and after the last, and one that was asked for and names no case."""


# ---------------------------------------------------------------- what it says


def compose(session: Session, office: Office, letter: Letter, now: datetime) -> EmailMessage | None:
    """The message for a letter; None when nobody is left to read it.

    A report that was tightened after the mail was queued gets the discreet one.
    """
    case = session.get(Case, letter.case_id) if letter.case_id else None
    kind, _, key = letter.reader.partition(":")
    reader = FIND[kind](session, office, letter, case, key)
    if reader is None:
        return None
    name = discreet(letter.mail, case) if case and kind == "reporter" else letter.mail
    mark = mark_of(office.vault, reader.address)
    choice_url = office.links.choice(letter.reader, mark)
    facts = Facts(session, office.city, office.links, letter, kind, case, choice_url, mark)
    with speaking(reader.language):
        values = values_of(facts, office.mails.mails[name].uses)
        if kind in STOPPABLE and letter.mail not in NOTHING_TO_STOP:
            values["stop_url"] = choice_url
        rendered = office.mails.render(name, reader.language, values)
    return build_message(rendered, office.signature, reader.address, office.message_id(letter), now)


# ---------------------------------------------------------------- sending


def drain(
    session: Session,
    office: Office,
    transport: Transport,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due until nothing is left, the server fails or `stopping` says so.

    Returns how many were dealt with. `session` must not be in a transaction; each step takes its
    own.
    """
    count = 0
    try:
        while letters := _claim(session, clock()):
            for position, letter in enumerate(letters):
                if stopping() or not _deliver(session, office, transport, clock, letter):
                    _release(session, letters[position:])
                    return count
                count += 1
    finally:
        transport.close()
    return count


def _claim(session: Session, now: datetime) -> list[Letter]:
    with transaction("write"):
        letters = outbox.claim(session, now)
        session.commit()
    return letters


def _release(session: Session, letters: list[Letter]) -> None:
    with transaction("write"):
        outbox.release(session, letters)
        session.commit()


def _deliver(
    session: Session, office: Office, transport: Transport, clock: Clock, letter: Letter
) -> bool:
    """Send one letter and write down how it went; False when no other need be tried now."""
    if clock() + SPARE > letter.locked_until:
        return False
    error, for_good, go_on = "", False, True
    try:
        if message := _composed(session, office, letter, clock()):
            transport.send(message)
    except Refused as refused:
        error, for_good = str(refused), True
    except Unsent as unsent:
        error, go_on = str(unsent), not isinstance(unsent, Unreachable)
    except Exception as fault:
        error = _place_of(fault)
        log.error("mail not made: %s", error, extra={"job": letter.mail})
    _write_down(session, letter, clock(), error, for_good=for_good)
    return go_on


def _place_of(fault: Exception) -> str:
    """Kind and place of a fault; its message may hold an address."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {frame.name}, line {frame.lineno}"


def _composed(
    session: Session, office: Office, letter: Letter, now: datetime
) -> EmailMessage | None:
    with transaction("read"):
        try:
            return compose(session, office, letter, now)
        finally:
            session.rollback()


def _write_down(
    session: Session, letter: Letter, now: datetime, error: str, *, for_good: bool
) -> None:
    with transaction("write"):
        if error:
            over = outbox.failed(session, letter, now, error, for_good=for_good)
        else:
            outbox.sent(session, letter, now)
            over = True
        if over and letter.mail == ERASURE_DONE and letter.case_id:
            forget_address(session, letter.case_id)
        if over and letter.mail == UNSUBSCRIBED:
            forget_stopped(session, int(letter.reader.partition(":")[2]))
        session.commit()
