"""Reading the questions of a service from its file; docs/city.md explains the keys.

Conditions look back only: a question hangs on an answer given before it, so that the order of a
form is the order in which it can be asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from app.places.city_files import Table
from app.places.facts import Text
from app.requests.questions import (
    CHOOSING,
    DATES,
    KINDS,
    Choice,
    Condition,
    Question,
    Questions,
    Repeat,
    Section,
)

MOST_REPEATS: Final = 20
MOST_CHOICES: Final = 40
LONGEST: Final = 4000
RESERVED: Final = {("", "paper"), ("document", "payment")}
"""Names of sections and documents that check-list and proofs of payment use."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass
class Reading:
    """The questions read so far: what a condition may refer to, and which keys are taken."""

    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def key(self, table: Table, within: str = "") -> str:
        """The key of a section or question, its form and singleness checked."""
        key = table.string("key")
        if not _KEY.fullmatch(key):
            table.problem("key", "use small letters, digits and underscores, a letter first.")
        elif (within, key) in RESERVED:
            table.problem("key", f'"{key}" is taken by the site itself. Choose another.')
        elif f"{within}.{key}" in self.taken:
            table.problem("key", f'"{key}" stands twice. Rename one.')
        self.taken.add(f"{within}.{key}")
        return key

    def condition(self, table: Table) -> Condition | None:
        """Read ``show_if``; it must name an earlier question that offers these answers."""
        inner = table.optional_table("show_if")
        if inner is None:
            return None
        question, among = inner.string("field"), inner.strings("is")
        if question not in self.answers:
            inner.problem(
                "field",
                f'"{question}" is no earlier question to choose in. Write section.field of one'
                f" of the kinds {', '.join(sorted(CHOOSING))}, not in a repeated section.",
            )
        elif not among or not set(among) <= set(self.answers[question]):
            offered = ", ".join(self.answers[question])
            inner.problem("is", f"must be a list of some of: {offered}.")
        return Condition(question, frozenset(among))


def read_questions(tables: Iterable[Table], reading: Reading) -> Questions:
    """Build the sections, noting problems at their tables."""
    return Questions(tuple(_section(table, reading) for table in tables))


def _section(table: Table, reading: Reading) -> Section:
    key, condition, repeat = reading.key(table), reading.condition(table), _repeat(table)
    questions = tuple(
        _question(one, reading, key, repeated=repeat is not None)
        for one in table.tables("field", "key")
    )
    if not questions:
        table.problem(
            "field", f"a section asks something. Write at least one [[{table.pattern}.field]]."
        )
    return Section(
        key, table.text("title"), questions, table.optional_text("note"), repeat, condition
    )


def _repeat(table: Table) -> Repeat | None:
    inner = table.optional_table("repeat")
    if inner is None:
        return None
    least, most = inner.integer("min", 0, MOST_REPEATS), inner.integer("max", 1, MOST_REPEATS)
    if least > most:
        inner.problem("max", "must not be below min.")
    return Repeat(least, most, inner.text("one"))


def _question(table: Table, reading: Reading, section: str, *, repeated: bool) -> Question:
    key, kind = reading.key(table, section), table.choice("kind", KINDS)
    question = Question(
        key=key,
        kind=kind,
        label=table.text("label"),
        hint=table.optional_text("hint"),
        optional=table.flag("optional"),
        condition=reading.condition(table),
        choices=_choices(table, kind),
        least=table.integer("least", 0, 10**12) if table.has("least") else None,
        most=table.integer("most", 1, 10**12) if table.has("most") else None,
        unit=table.optional_text("unit"),
        when=table.choice("when", DATES, ""),
    )
    _check_bounds(table, question)
    if kind in CHOOSING and not repeated:
        reading.answers[f"{section}.{key}"] = question.answers
    return question


def _choices(table: Table, kind: str) -> tuple[Choice, ...]:
    choices = tuple(
        Choice(one.string("key"), Text(one.string("id"), one.string("en")))
        for one in table.tables("choice", "key")
    )
    wanted = kind in {"choice", "many"}
    if wanted != (len(choices) > 1) or len(choices) > MOST_CHOICES:
        table.problem("choice", f"2 to {MOST_CHOICES} of them belong to choice and many alone.")
    if len({one.key for one in choices}) < len(choices):
        table.problem("choice", "a key stands twice. Rename one.")
    return choices


def _check_bounds(table: Table, question: Question) -> None:
    """Bounds, units and sides of today belong to the kinds that know them."""
    if question.kind in {"text", "long"} and (question.most or 1) > LONGEST:
        table.problem("most", f"must be a whole number from 1 to {LONGEST}.")
    kinds = {"least": ("number",), "most": ("number", "text", "long"), "unit": ("number",)}
    for key, fitting in {**kinds, "when": ("date",)}.items():
        if table.has(key) and question.kind not in fitting:
            table.problem(key, f"belongs to {' and '.join(fitting)}, not to {question.kind}.")
