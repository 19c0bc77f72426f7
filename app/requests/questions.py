"""What a form asks, as the file of the service says it: sections of questions, some only sometimes.

Answers are kept by section and question: ``{"child": [{"name": "Ani"}]}``. A section that is asked
once has one entry, a repeated one (witnesses) as many as were given. Standard library and the
city's facts only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.places.facts import Text

Value = str | tuple[str, ...]
"""An answer in its normal form; several of ``many``."""
Entry = Mapping[str, Value]
Answers = Mapping[str, Sequence[Entry]]

CHOOSING: Final = frozenset({"choice", "many", "yes_no"})
"""Kinds whose answer another question may hang on."""
KINDS: Final = (
    "text", "long", "number", "date", "time", "choice", "many", "yes_no", "nik", "kk", "phone",
    "email", "area",
)  # fmt: skip
YES_NO: Final = ("yes", "no")
DATES: Final = ("", "past", "future")
"""Whether a date may lie on both sides of today, or only up to it, or only from it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Asked only when another question, written ``section.question``, got one of these answers."""

    question: str
    among: frozenset[str]

    def holds(self, answers: Answers) -> bool:
        """Whether these answers fulfil it; an answer that is missing does not."""
        section, _dot, key = self.question.partition(".")
        entries = answers.get(section) or ({},)
        value = entries[0].get(key, ())
        return not self.among.isdisjoint((value,) if isinstance(value, str) else value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers there are."""

    key: str
    name: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``least`` and ``most`` bound a number; ``most`` characters a text."""

    key: str
    kind: str
    label: Text
    hint: Text | None = None
    optional: bool = False
    condition: Condition | None = None
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    unit: Text | None = None
    when: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers to choose from, by their keys."""
        return YES_NO if self.kind == "yes_no" else tuple(one.key for one in self.choices)


@dataclass(frozen=True, slots=True)
class Repeat:
    """How often a section is answered, and what one answer is about."""

    least: int
    most: int
    one: Text


@dataclass(frozen=True, slots=True)
class Section:
    """The questions on one page, about one topic."""

    key: str
    title: Text
    questions: tuple[Question, ...]
    note: Text | None = None
    repeat: Repeat | None = None
    condition: Condition | None = None

    def asked(self, entry: Entry, answers: Answers) -> Iterator[Question]:
        """The questions open after these answers; ``entry`` holds those of this section.

        Question by question in order: an answer may be added to ``entry`` on the way.
        """
        for question in self.questions:
            here = answers if self.repeat else {**answers, self.key: (entry,)}
            if question.condition is None or question.condition.holds(here):
                yield question


@dataclass(frozen=True, slots=True)
class Questions:
    """All a service asks, in order."""

    sections: tuple[Section, ...] = ()

    @property
    def by_name(self) -> dict[str, Question]:
        """The questions that are asked once, by ``section.question``."""
        return {
            f"{section.key}.{one.key}": one
            for section in self.sections
            if not section.repeat
            for one in section.questions
        }

    def find(self, name: str) -> Question | None:
        """The question of this name, ``section.question``; None when there is none."""
        key, _dot, question = name.partition(".")
        found = (
            one for section in self.sections if section.key == key for one in section.questions
        )
        return next((one for one in found if one.key == question), None)

    def open_sections(self, answers: Answers) -> Iterator[Section]:
        """The sections that these answers lead to."""
        kept = self.kept(answers)
        for section in self.sections:
            if section.condition is None or section.condition.holds(kept):
                yield section

    def open_sections_by(self, answers: Callable[[], Answers]) -> Iterator[Section]:
        """The same while answers grow: each section is judged by those there are when it comes."""
        for section in self.sections:
            if section.condition is None or section.condition.holds(answers()):
                yield section

    def kept(self, answers: Answers) -> dict[str, list[dict[str, Value]]]:
        """The answers to what is asked. Whatever a later change of mind hid is left out, and with
        it what hung on that.
        """
        kept: dict[str, list[dict[str, Value]]] = {}
        for section in self.sections:
            if section.key in answers and (
                section.condition is None or section.condition.holds(kept)
            ):
                kept[section.key] = [_kept(section, one, kept) for one in answers[section.key]]
        return kept


def _kept(section: Section, entry: Entry, before: Answers) -> dict[str, Value]:
    kept: dict[str, Value] = {}
    for question in section.asked(kept, before):
        if question.key in entry:
            kept[question.key] = entry[question.key]
    return kept
