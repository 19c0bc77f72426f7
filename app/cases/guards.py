"""Conditions of moves and actions beyond the state, by the names the lifecycle rows use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.cases import deadlines
from app.cases.events import Actor
from app.cases.models import Case
from app.places.facts import City


@dataclass(frozen=True)
class Situation:
    """What a guard may look at."""

    case: Case
    actor: Actor
    city: City
    today: date


def may_reopen(here: Situation) -> bool:
    """Closed with a unit to go back to, within the days to reopen, and not about to be erased."""
    until = deadlines.reopen_until(here.case, here.city)
    if here.case.unit_code is None or here.case.erase_asked_at is not None:
        return False
    return until is not None and here.today <= until


def may_object(here: Situation) -> bool:
    """One objection, within its days."""
    return here.case.objection is None and here.today <= deadlines.object_until(
        here.case, here.city
    )


def may_decide_objection(here: Situation) -> bool:
    """An objection is open, and another verifier than the one who said no reads it."""
    return here.case.objection == "open" and here.actor.staff_id != here.case.decided_by_id


def may_contest_merge(here: Situation) -> bool:
    """Nobody is weighing the reporter's words about the merge already."""
    return not is_contested(here.case)


def merge_contested(here: Situation) -> bool:
    """The reporter says that it is not the same problem, and waits for an answer."""
    return is_contested(here.case)


def is_contested(case: Case) -> bool:
    """Whether a merge is contested: a merged case runs no promise but that of an answer to this."""
    return case.state_before_merge is not None and case.due_on is not None


def may_seek_shelter(here: Situation) -> bool:
    """Not said already, and no merge is given up whose personal data are about to be erased."""
    case = here.case
    leaves_merge = case.state_before_merge is not None
    return case.threatened_at is None and not (leaves_merge and case.erase_asked_at)


def threat_waits(here: Situation) -> bool:
    """The reporter feels threatened, and no verifier has answered."""
    return here.case.threatened_at is not None


def no_threat_waits(here: Situation) -> bool:
    """Nobody who feels threatened waits for an answer: until then nothing is passed on."""
    return not threat_waits(here)


def may_tighten(here: Situation) -> bool:
    """Something is left to tighten."""
    return here.case.visibility != "rahasia"


def may_rate(here: Situation) -> bool:
    """A unit worked on it, and it has not been rated."""
    return here.case.rating is None and here.case.unit_code is not None


def may_erase(here: Situation) -> bool:
    """Not asked for before."""
    return here.case.erase_asked_at is None


def may_support(here: Situation) -> bool:
    """Only what others may see can be supported."""
    return here.case.visibility != "rahasia"


def not_accepted(here: Situation) -> bool:
    """The unit that holds it has not accepted yet."""
    return here.case.accepted_at is None


def may_extend(here: Situation) -> bool:
    """Once, and before the promise is broken."""
    case = here.case
    return not case.extended and case.due_on is not None and here.today <= case.due_on


def has_contact(here: Situation) -> bool:
    """Only the reporter of a public report can be revealed: anonim and rahasia never."""
    return here.case.visibility == "publik" and here.case.contact is not None


GUARDS: Mapping[str, Callable[[Situation], bool]] = {
    guard.__name__: guard
    for guard in (
        may_reopen,
        may_object,
        may_decide_objection,
        may_contest_merge,
        merge_contested,
        may_seek_shelter,
        threat_waits,
        no_threat_waits,
        may_tighten,
        may_rate,
        may_erase,
        may_support,
        not_accepted,
        may_extend,
        has_contact,
    )
}
