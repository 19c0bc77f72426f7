"""Reply templates for officers: which fit a move and a category, and what is left to write.

The words are app/city/replies.toml; its head explains the form.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.wording import WordingError, fill, names, read

LANGUAGES = ("id", "en")
BOTH = ("title", "when_not")
REPLY_KEYS = {"moves", "categories", "audience", *BOTH, *LANGUAGES}
EVERY_CATEGORY = "*"
AUDIENCES = ("public", "private")
OPEN_SLOT = re.compile(r"\[\[[^\[\]]*\]\]|\[\[|\]\]")


def open_slots(text: str) -> list[str]:
    """What an officer has not filled yet: every [[slot]], and brackets that lost their partner."""
    return OPEN_SLOT.findall(text)


@dataclass(frozen=True)
class Reply:
    """A starting point for an answer; `private` ones never go to the public page."""

    name: str
    moves: frozenset[str]
    categories: frozenset[str]
    private: bool
    title: Mapping[str, str]
    when_not: Mapping[str, str]
    body: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]

    def fits(self, move: str, category: str) -> bool:
        """Whether it may be offered for this move of a case of this category."""
        return move in self.moves and not self.categories.isdisjoint({EVERY_CATEGORY, category})

    def text(self, language: str, values: Mapping[str, object]) -> str:
        """The words to start from; a value that is missing or empty is left as a slot."""
        body = self.body[language]
        given = {name: str(values.get(name) or "").strip() for name in names(body)}
        return fill(
            body, {name: given[name] or f"[[{self.labels[name][language]}]]" for name in given}
        )


@dataclass(frozen=True)
class Replies:
    """All reply templates, in the order of the file."""

    replies: Mapping[str, Reply]

    @classmethod
    def load(cls, file: Path) -> "Replies":
        """Read the templates; WordingError names all problems at once."""
        data = read(file)
        if problems := [f"{file.name}: {problem}" for problem in _problems(data)]:
            raise WordingError(problems)
        labels = data["placeholders"]
        return cls({name: _reply(name, table, labels) for name, table in data["reply"].items()})

    def fitting(self, move: str, category: str) -> list[Reply]:
        """What to offer for this move; templates made for the category come first."""
        found = [reply for reply in self.replies.values() if reply.fits(move, category)]
        return sorted(found, key=lambda reply: category not in reply.categories)


def _reply(name: str, table: dict[str, Any], labels: Mapping[str, Mapping[str, str]]) -> Reply:
    return Reply(
        name=name,
        moves=frozenset(table["moves"]),
        categories=frozenset(table["categories"]),
        private=table.get("audience") == "private",
        title=table["title"],
        when_not=table["when_not"],
        body={language: table[language] for language in LANGUAGES},
        labels=labels,
    )


def _problems(data: dict[str, Any]) -> Iterator[str]:
    labels = data.get("placeholders", {})
    for name, label in labels.items():
        yield from _missing(f"placeholders.{name}", label)
    for name, table in data.get("reply", {}).items():
        where = f"reply.{name}"
        yield from (f"{where}: unknown key {key}" for key in sorted(table.keys() - REPLY_KEYS))
        yield from (
            f"{where}: {key} is missing" for key in ("moves", "categories") if not table.get(key)
        )
        if table.get("audience", "public") not in AUDIENCES:
            yield f"{where}: audience is one of {', '.join(AUDIENCES)}"
        for key in BOTH:
            yield from _missing(f"{where}.{key}", table.get(key, {}))
        yield from _missing(where, table)
        yield from _body_problems(where, table, set(labels))


def _missing(where: str, texts: Mapping[str, str]) -> Iterator[str]:
    for language in LANGUAGES:
        if not texts.get(language, "").strip():
            yield f"{where}.{language}: missing"


def _body_problems(where: str, table: dict[str, Any], known: set[str]) -> Iterator[str]:
    texts = [table.get(language, "") for language in LANGUAGES]
    found = [names(text) for text in texts]
    yield from (
        f"{where}: {{{name}}} is not explained" for name in sorted(set().union(*found) - known)
    )
    yield from (
        f"{where}: {{{name}}} stands in one language only" for name in sorted(found[0] ^ found[1])
    )
    for language, text in zip(LANGUAGES, texts, strict=True):
        if {"[[", "]]"} & set(open_slots(text)):
            yield f"{where}.{language}: a [[slot]] is not closed"
