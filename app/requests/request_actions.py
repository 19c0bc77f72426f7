"""Writing requests: handing in, looking, checking, mending, issuing. Callers commit."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import queries as case_queries
from app.cases.actions import Given, open_case, take
from app.cases.contacts import forget_email, new_contact, normalised
from app.cases.events import THE_HOLDER, by, digest_of
from app.cases.kinds import kind_of
from app.cases.models import Case, Contact, Event
from app.cases.telling import tell
from app.core.access import PRIVATE
from app.core.database import insert_or
from app.core.files import FileStore
from app.core.vault import Vault
from app.letters import actions as letters
from app.letters.actions import Content
from app.letters.models import Letter
from app.letters.signing import Signer
from app.places.facts import City
from app.requests.actions import answers_of
from app.requests.checklist import OPEN, Checks, verdict_of
from app.requests.lifecycle import RECEIVED
from app.requests.models import Application, Paper, Request, ServiceVersion
from app.requests.papers import asked_slots
from app.requests.questions import Answers
from app.requests.request_queries import Filed, packed
from app.requests.services import Service
from app.staff.models import Staff

LEGAL_DAYS: Final = 5
"""Working days from a complete file where a service promises none: UU 30/2014 Pasal 53 ayat (2), as
changed by UU 6/2023.
"""
NAME, AREA = "applicant.name", "applicant.area"
CONTACT: Final = {"name": NAME, "phone": "applicant.phone", "email": "applicant.email"}
"""Who asks, in the questions of a room: the city's files call them so (docs/city.md)."""
EMAIL_ITEM: Final = "applicant.1.email"
"""The e-mail address in the check-list."""


# ---------------------------------------------------------------- handing in


def hand_in(
    session: Session,
    vault: Vault,
    city: City,
    service: Service,
    application: Application,
    code: str,
    language: str,
    now: datetime,
) -> Case:
    """Make a request of a whole form: a case with answers and papers; the form is gone with it.

    Its tracking code is the code of the form. Whoever calls has made sure that nothing is missing.
    """
    answers = service.questions.kept(answers_of(vault, application))
    papers = _kept_papers(session, service, answers, application)
    salt = secrets.token_hex(16)
    case = _case(vault, city, service, answers, code, language, now)
    facts = {"unit": service.unit.code, "service": service.code} | _bound(salt, answers, papers)
    open_case(session, case, city, now, facts=facts)
    session.add(
        Request(
            case_id=case.id,
            version_digest=_version(session, service),
            answers=vault.encrypt(packed(answers)),
            salt=salt,
            checks=vault.encrypt("{}"),
            verdict=OPEN,
        )
    )
    for paper in papers:
        paper.application_id, paper.case_id = None, case.id
    session.flush()  # before the form goes: what still hung on it would go along
    session.delete(application)
    session.flush()
    tell(session, kind_of(case).lifecycle.filed.tells, case, city, now)
    return case


def _case(
    vault: Vault,
    city: City,
    service: Service,
    answers: Answers,
    code: str,
    language: str,
    now: datetime,
) -> Case:
    area = city.village(_answer(answers, AREA))
    return Case(
        kind=service.room,
        service_code=service.code,
        code_hash=vault.keyed_hash("code", code),
        form_key_hash=vault.keyed_hash("form", code),
        visibility=PRIVATE,
        language=language,
        district_code=area.district_code if area.known else None,
        village_code=area.code if area.known else None,
        unit_code=service.unit.code,
        unit_since=now,
        class_days=service.days or LEGAL_DAYS,
        contact=_contact(vault, answers),
    )


def _answer(answers: Answers, question: str) -> str:
    section, _dot, key = question.partition(".")
    found = (answers.get(section) or ({},))[0].get(key, "")
    return found if isinstance(found, str) else ""


def _contact(vault: Vault, answers: Answers) -> Contact | None:
    found = {name: _answer(answers, key) for name, key in CONTACT.items()}
    return new_contact(vault, name=found["name"], phone=found["phone"], email=found["email"])


def _kept_papers(
    session: Session, service: Service, answers: Answers, application: Application
) -> list[Paper]:
    """The papers of a form that its answers ask for; the others are forgotten."""
    slots = {slot.key for slot in asked_slots(service, answers)}
    found = session.scalars(
        select(Paper).where(Paper.application_id == application.id).order_by(Paper.id)
    ).all()
    for paper in found:
        if paper.slot not in slots:
            session.delete(paper)
    return [paper for paper in found if paper.slot in slots]


def _bound(salt: str, answers: Answers, papers: Sequence[Paper]) -> dict[str, Any]:
    """What an event vouches for: the answers by a salted digest, the papers by theirs."""
    return {
        "answers": digest_of(salt, packed(answers)),
        "papers": [f"{paper.slot}:{paper.digest}" for paper in papers],
    }


def _version(session: Session, service: Service) -> str:
    """Keep the service as it is asked for now, once."""
    source = json.dumps(service.source, sort_keys=True, default=str)
    digest = hashlib.sha256(f"{service.room}:{source}".encode()).hexdigest()
    statement = insert_or(session, ServiceVersion.__table__).values(
        digest=digest, room=service.room, source=json.loads(source)
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    return digest


# ---------------------------------------------------------------- looking, checking


def open_file(session: Session, case: Case, staff: Staff, city: City, now: datetime) -> Event:
    """Note that somebody opens answers and papers; the first to do so begins the check.

    Raises NotAllowed.
    """
    name = "open" if case.state == RECEIVED else "open_again"
    return take(session, case, name, by(staff), Given(), city, now)


def save_checks(
    session: Session,
    vault: Vault,
    case: Case,
    found: Filed,
    checks: Checks,
    staff: Staff,
    city: City,
    now: datetime,
) -> str:
    """Keep what was found of the items; the verdict over all of them. Raises NotAllowed."""
    request = found.request
    known = {item.key for item in found.items}
    request.checks = vault.encrypt(json.dumps({k: v for k, v in checks.items() if k in known}))
    request.verdict = verdict_of(found.items, checks)
    request.checked_by_id = staff.id
    take(session, case, "check", by(staff), Given(), city, now)
    return request.verdict


def _reach(
    session: Session, vault: Vault, case: Case, answers: Answers, mended: Sequence[str]
) -> None:
    """Put what was mended of name, phone and address where mails look it up.

    Who has stopped the mails gets none by mending something else. Links that went to an address
    that was wrong open nothing any more.
    """
    old, new = case.contact, _contact(vault, answers)
    stopped = old is not None and old.email is None
    if stopped and new is not None and EMAIL_ITEM not in mended:
        forget_email(new)
    before = vault.decrypt(old.email) if old and old.email else ""
    after = _answer(answers, CONTACT["email"])
    if before and normalised(before) != normalised(after):
        case.link_version += 1
    case.contact = None
    session.flush()  # the row goes before another takes its key
    case.contact = new


def keep_checks(vault: Vault, found: Filed) -> None:
    """Keep the findings as they stand in ``found``: what was mended was taken out of them."""
    found.request.checks = vault.encrypt(json.dumps(found.checks))


def mend(
    session: Session,
    vault: Vault,
    case: Case,
    found: Filed,
    answers: Answers,
    mended: Sequence[str],
    city: City,
    now: datetime,
) -> None:
    """Put in what was mended; the items of these names are to be looked at again.

    Papers were replaced before. Raises NotAllowed.
    """
    request = found.request
    kept = found.service.questions.kept(answers)
    request.answers = vault.encrypt(packed(kept))
    checks = {key: said for key, said in found.checks.items() if key not in mended}
    request.checks, request.verdict = vault.encrypt(json.dumps(checks)), OPEN
    _reach(session, vault, case, kept, mended)
    case.village_code = case.district_code = None
    if (area := city.village(_answer(kept, AREA))).known:
        case.district_code, case.village_code = area.district_code, area.code
    facts = _bound(request.salt, kept, found.papers)
    take(session, case, "fix", THE_HOLDER, Given(facts=facts), city, now)


# ---------------------------------------------------------------- issuing


def issue(
    session: Session,
    vault: Vault,
    files: FileStore,
    signer: Signer,
    city: City,
    case: Case,
    request: Request,
    content: Content | None,
    staff: Staff,
    now: datetime,
) -> Letter | None:
    """Issue what was asked for; with ``content`` as a signed letter, in place of the one before if
    there is a valid one. The letter comes before everything else that is written, see
    ``letters.actions``.

    Raises NotAllowed, and what ``letters.actions.issue`` raises.
    """
    letter, old = None, request.letter
    if content is not None and old is not None and old.revoked_at is None:
        letter = request.letter = letters.replace(
            session, vault, files, signer, city, old, content, staff, _why(session, case), now
        )
    elif content is not None:
        letter = request.letter = letters.issue(
            session, vault, files, signer, city, content, staff, now
        )
    facts = {"letter": letter.id, "letter_number": letter.number} if letter else {}
    take(session, case, "issue", by(staff), Given(facts=facts), city, now)
    return letter


def _why(session: Session, case: Case) -> str:
    """Why the letter of a request is replaced: the words of whoever took it back for that."""
    events = case_queries.events_of(session, case, public_only=False)
    words = [one.message.body for one in events if one.name == "correct" and one.message]
    return words[-1] if words else case.number
