"""Telling the reporters whose data leaked, within 3 × 24 hours (UU 27/2022, article 46).

The words stand on each reporter's own page, so that those without an address are told as well; who
left one gets a mail. Of an anonim or rahasia report that is the discreet one, which leads there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.events import THE_OPERATOR, Words, record
from app.cases.models import Case
from app.cases.telling import BREACH, discreet, has_address
from app.core.outbox import enqueue

EVENT: Final = "breach"


@dataclass(frozen=True)
class Incident:
    """What happened, to all of them: when, which data and how, what was done and is to be done."""

    at: datetime
    what: str
    done: str

    @property
    def key(self) -> str:
        """Tells one incident from another: its instant, so that its words can be mended."""
        return self.at.astimezone(UTC).isoformat(timespec="minutes")


@dataclass
class Told:
    """Numbers of the reports: mailed, only told on their page, and told before."""

    mailed: list[str] = field(default_factory=list)
    without_address: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)


class Unknown(LookupError):
    """Some numbers are of no report; ``numbers`` has them as they were written."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(", ".join(numbers))
        self.numbers = numbers


def tell_breach(
    session: Session, numbers: Iterable[str], incident: Incident, now: datetime, *, dry: bool
) -> Told:
    """Tell each reporter once, however often it is called; with ``dry`` only say whom.

    Raises Unknown before anything is written when a number is of no report.
    """
    told = Told()
    for case in _cases(session, numbers, lock=not dry):
        is_told = queries.happened(session, case, EVENT, "incident", incident.key)
        reachable = _is_reachable(case)
        if is_told:
            told.before.append(case.number)
        elif not dry:
            _tell(session, case, incident, now, by_mail=reachable)
        if not reachable:
            told.without_address.append(case.number)
        elif not is_told:
            told.mailed.append(case.number)
    return told


def _cases(session: Session, numbers: Iterable[str], *, lock: bool) -> Sequence[Case]:
    """The cases of these numbers, each once, in the order of their ids: nobody waits crosswise."""
    found: dict[int, str] = {}
    unknown = []
    for number in numbers:
        if case := queries.by_number(session, number):
            found[case.id] = number
        else:
            unknown.append(number)
    if unknown:
        raise Unknown(unknown)
    cases = (queries.by_id(session, case_id, lock=lock) for case_id in sorted(found))
    return [case for case in cases if case is not None]


def _is_reachable(case: Case) -> bool:
    """Whether there is an address: not of a made-up report, nor where data were erased."""
    return has_address(case) and not case.demo and case.erased_at is None


def _tell(
    session: Session, case: Case, incident: Incident, now: datetime, *, by_mail: bool
) -> None:
    words = f"{incident.what}\n\n{incident.done}"
    record(
        session, case, EVENT, THE_OPERATOR, now,
        facts={"incident": incident.key}, words=Words(words, words, "holder"),
    )  # fmt: skip
    if by_mail:
        values = {
            "datetime": incident.at.isoformat(), "reason": incident.what, "answer": incident.done,
        }  # fmt: skip
        mail = discreet(BREACH, case)
        enqueue(session, mail, f"reporter:{case.id}", now, case_id=case.id, values=values)
