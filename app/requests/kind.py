"""What requests bring to the spine of cases: one kind for each room, all with the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session, object_session

from app.cases.actions import Step, put_objection
from app.cases.guards import Situation, may_erase, may_object
from app.cases.kinds import Alike, Brief, Names, Written
from app.cases.lifecycle import NotAllowed
from app.cases.models import Case
from app.core.i18n import _l
from app.core.running import the_vault
from app.letters.actions import revoke
from app.places.city import current_city
from app.places.facts import City, Text, Unit
from app.requests.checklist import OPEN, RIGHT, WRONG
from app.requests.holder_words import STEPS
from app.requests.lifecycle import FEE_PAID, lifecycle_of
from app.requests.models import Paper, Request
from app.requests.request_queries import filed
from app.requests.services import ROOMS, Services

NAMES: Final = Names(
    one=_l("permohonan ini"),
    numbered=_l("Permohonan %(number)s"),
    mine=_l("Permohonan saya %(number)s"),
    holder=_l("Pemohon"),
    you=_l("Anda, pemohon"),
    city=_l("Dinas"),
)
CHARGED: Final = frozenset({"retribusi", "pajak", "pnbp", "perda"})
"""Kinds of fee that must be settled before anything is issued."""


def own(case: Case) -> Request:
    """The request of a case."""
    session = object_session(case)
    if session is None:
        raise LookupError("a case without a session")
    return session.get_one(Request, case.id)


def fee_kind(request: Request) -> str:
    """Who sets its fee, or that there is none; "" when the file does not say."""
    return str(request.version.source.get("fee", {}).get("kind", ""))


# ---------------------------------------------------------------- guards


def something_wrong(here: Situation) -> bool:
    """All was looked at, and something must be mended."""
    return own(here.case).verdict == WRONG


def all_right(here: Situation) -> bool:
    """All was looked at and is right."""
    return own(here.case).verdict == RIGHT


def may_charge(here: Situation) -> bool:
    """What the file calls free stays free."""
    return fee_kind(own(here.case)) != "gratis"


def may_issue(here: Situation) -> bool:
    """Somebody else than who checked the file, and whatever must be paid is paid."""
    request = own(here.case)
    paid = here.case.state == FEE_PAID or request.paid_at is not None  # before a correction
    settled = paid or fee_kind(request) not in CHARGED
    return settled and here.actor.staff_id != request.checked_by_id


def not_handed_out(here: Situation) -> bool:
    """Not handed out yet."""
    return own(here.case).handed_out_at is None


def has_letter(here: Situation) -> bool:
    """A letter was issued, and its request is not to be erased."""
    case = here.case
    asked = case.erase_asked_at is not None or case.erased_at is not None
    return own(case).letter is not None and not asked


def has_valid_letter(here: Situation) -> bool:
    """A letter was issued and still holds."""
    letter = own(here.case).letter
    return letter is not None and letter.revoked_at is None


def may_still_object(here: Situation) -> bool:
    """One objection, within its days, and not about what is to be erased."""
    return may_object(here) and here.case.erase_asked_at is None


def may_forget(here: Situation) -> bool:
    """Not asked for before, and no objection waits: who answers it must still read the file."""
    return may_erase(here) and here.case.objection != "open"


def not_erased(here: Situation) -> bool:
    """There is still something to see."""
    return here.case.erased_at is None


GUARDS: Final[Mapping[str, Callable[[Situation], bool]]] = {
    guard.__name__: guard
    for guard in (
        something_wrong,
        all_right,
        may_charge,
        may_issue,
        not_handed_out,
        has_letter,
        has_valid_letter,
        may_still_object,
        may_forget,
        not_erased,
    )
}


# ---------------------------------------------------------------- effects


def _opened(step: Step) -> None:
    step.case.accepted_at = step.now


def _complete(step: Step) -> None:
    """The days of the service count from here; if it is found complete twice, from the first."""
    step.case.assigned_at = step.case.assigned_at or step.now


def _upheld(step: Step) -> None:
    """All is looked at anew, so that again two people stand behind what comes of it."""
    own(step.case).verdict = OPEN


def _corrected(step: Step) -> None:
    """Looked at anew like the first time, and the days of the service begin again."""
    request, case = own(step.case), step.case
    request.verdict, request.handed_out_at = OPEN, None
    case.assigned_at = case.solve_by = None
    case.extended, case.paused_days = False, 0


def _charge(step: Step) -> None:
    request = own(step.case)
    request.fee, request.paid_at = step.given.amount, None


def _paid(step: Step) -> None:
    own(step.case).paid_at = step.now


def _handed_out(step: Step) -> None:
    own(step.case).handed_out_at = step.now


def _refused(step: Step) -> None:
    step.case.decided_by_id = step.actor.staff_id


def _revoked(step: Step) -> None:
    """The reason is public, on the page that verifies the letter."""
    letter, staff = own(step.case).letter, step.actor.staff
    if letter is None or staff is None:
        raise NotAllowed(step.row.name)
    revoke(step.session, letter, staff, step.given.words, step.now)


EFFECTS: Final[Mapping[str, Callable[[Step], None]]] = {
    "open": _opened,
    "complete": _complete,
    "uphold": _upheld,
    "correct": _corrected,
    "set_fee": _charge,
    "change_fee": _charge,
    "payment": _paid,
    "payment_proved": _paid,
    "hand_out": _handed_out,
    "refuse": _refused,
    "revoke": _revoked,
    "object_refusal": put_objection,
}


# ---------------------------------------------------------------- the kind


@dataclass(frozen=True)
class Course:
    """How far a request is, and how the result is to be handed over: no other answer."""

    request: Request
    delivery: Text | None


def _delivery(session: Session, case: Case) -> Text | None:
    """What was chosen of ``delivery.how``, the question rooms ask for it (docs/city.md)."""
    found = filed(session, the_vault(), case, current_city())
    question, chosen = found.service.questions.find("delivery.how"), found.answer("delivery.how")
    choices = question.choices if question else ()
    return next((one.name for one in choices if one.key == chosen), None)


class RequestKind:
    """The hooks of the requests of one room; see ``app.cases.kinds.Kind``.

    Nothing of a request is ever public, so that everything about public copies is empty.
    """

    names = NAMES
    apart = frozenset({"open", "open_again", "check", "issue"})
    steps = STEPS
    guards = GUARDS
    effects = EFFECTS

    def __init__(self, room: str, services: Services) -> None:
        self.lifecycle = lifecycle_of(room)
        self._services = services

    def icon(self, case: Case, city: City) -> str:
        """That of the room."""
        return ROOMS[self.lifecycle.kind].icon

    def title(self, case: Case, city: City) -> Text:
        """The service, as it is called now; one that is no more as it was called then."""
        code = case.service_code or ""
        if service := self._services.find(case.kind, code):
            return service.name
        name = own(case).version.source.get("name", {})
        return Text(name.get("id") or code, name.get("en") or code)

    def class_days(self, session: Session, case: Case, city: City) -> int:
        """As promised when it was handed in."""
        return case.class_days

    def assignable_units(
        self, session: Session, case: Case, city: City, on: date
    ) -> tuple[Unit, ...]:
        """The unit that gives the service, and no other."""
        return tuple(unit for unit in city.units_on(on) if unit.code == case.unit_code)

    def publish(self, session: Session, case: Case, city: City, now: datetime) -> None:
        """Nothing."""

    def mask(self, session: Session, case: Case, words: Sequence[str]) -> int:
        """There is no public copy."""
        return 0

    def readable(self, case: Case) -> bool:
        """Never."""
        return False

    def written(self, session: Session, case: Case) -> Written:
        """No words but the answers, which have a page of their own."""
        return Written("", "", "", "", {})

    def brief(self, session: Session, case: Case) -> Brief:
        """How far the check is; no answer stands on a page that nobody opened on purpose."""
        course = Course(session.get_one(Request, case.id), _delivery(session, case))
        return Brief("requests/_summary.html", course, "", "", False)

    def glimpses(self, session: Session, case_ids: Sequence[int]) -> Mapping[int, str]:
        """None: answers do not stand in a list."""
        return {}

    def alike(self, session: Session, case: Case, now: datetime) -> Sequence[Alike]:
        """None."""
        return ()

    def bound_words(
        self, session: Session, case_ids: Sequence[int]
    ) -> Mapping[int, tuple[str, str]]:
        """None: the first event binds the answers as they were then."""
        return {}

    def fresh(
        self,
        session: Session,
        city: City,
        search: Mapping[str, str],
        since: datetime,
        until: datetime,
    ) -> Sequence[int]:
        """None: nobody follows requests."""
        return ()

    def search_words(self, search: Mapping[str, str], city: City) -> str:
        """None."""
        return ""

    def erase(self, session: Session, case: Case) -> None:
        """Answers, findings and papers go; the letter stays one of the city's letters."""
        request = session.get_one(Request, case.id)
        request.answers = request.checks = None
        request.salt = ""
        session.execute(delete(Paper).where(Paper.case_id == case.id))
