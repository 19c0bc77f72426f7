"""The check-list of a request: every answer and every paper, right or wrong because of something.

An item is named ``section.number.question`` or ``paper.slot``. What was found of it is "" for
right, or the reason why it is wrong; an item that is missing was not looked at yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.places.facts import Text
from app.requests.questions import Answers, Question, Section, Value
from app.requests.services import Document, Service

PAPER: Final = "paper"
"""Stands where the section would: no section of a file may be called so."""
PAYMENT: Final = "payment"
"""Slot of the proofs of payment: no document of a file may be called so."""
RIGHT, WRONG, OPEN = "right", "wrong", ""

Checks = Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """One thing to look at. ``question`` and ``value`` for an answer, ``document`` for a paper."""

    key: str
    label: Text
    section: Section | None = None
    number: int = 1
    question: Question | None = None
    value: Value = ""
    document: Document | None = None


def answer_items(service: Service, answers: Answers) -> Iterator[Item]:
    """Every answer that was given, in the order it was asked."""
    for section in service.questions.open_sections(answers):
        for number, entry in enumerate(answers.get(section.key, ()), start=1):
            for question in section.asked(dict(entry), answers):
                if question.key in entry:
                    yield Item(
                        f"{section.key}.{number}.{question.key}",
                        question.label,
                        section,
                        number,
                        question,
                        entry[question.key],
                    )


def paper_items(slots: Sequence[Document]) -> Iterator[Item]:
    """Every paper that was asked for."""
    for one in slots:
        yield Item(f"{PAPER}.{one.key}", one.name, document=one)


def verdict_of(items: Sequence[Item], checks: Checks) -> str:
    """Whether all is right, something is wrong, or something was not looked at."""
    found = [checks.get(item.key) for item in items]
    if any(found):
        return WRONG if None not in found else OPEN
    return RIGHT if found and None not in found else OPEN


def wrong_items(items: Sequence[Item], checks: Checks) -> list[Item]:
    """The items that must be mended."""
    return [item for item in items if checks.get(item.key)]
