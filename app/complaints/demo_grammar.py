"""Made-up reports and answers from the grammar in ``demo.toml``. Pure: the same number, the same
text.

Parts become sentences, slots are filled, and the writing is made human: Medan words, SMS spelling,
typos, small letters, missing stops. The invented personal data in 4 % of the texts cannot exist.
"""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

SLOT = re.compile(r"\{(\w+)(?::(\d+):(\d+))?\}")
WORD = re.compile(r"[A-Za-z]+(?:-[a-z]+)?")
LONG_WORD = re.compile(r"[a-z]{5,}")
OWN_SENTENCES = 0.6  # share of sentences a category has of its own, where both exist


@dataclass(frozen=True)
class Place:
    """The names a text mentions."""

    village: str
    district: str


@dataclass(frozen=True)
class Grammar:
    """The rules of one city's made-up reports."""

    rules: Mapping[str, Any]

    @classmethod
    def load(cls, file: Path) -> "Grammar":
        """Read a grammar. Raises TOMLDecodeError."""
        return cls(tomllib.loads(file.read_text(encoding="utf-8")))

    @cached_property
    def categories(self) -> tuple[list[str], list[int]]:
        """Slugs and how often each comes."""
        return list(self.rules["mix"]), list(self.rules["mix"].values())

    def dice(self, *key: object) -> random.Random:
        """A source of chance that depends on the seed and the key only."""
        return random.Random("/".join(map(str, (self.rules["meta"]["seed"], *key))))  # noqa: S311

    # ------------------------------------------------------------ reports

    def report(self, dice: random.Random, category: str, place: Place) -> str:
        """The text of one report."""
        shapes = self.rules["shapes"]
        shape = dice.choices(shapes, [shape["weight"] for shape in shapes])[0]
        used: set[str] = set()
        sentences = [self._sentence(part, category, place, dice, used) for part in shape["parts"]]
        tail = ""
        if dice.random() < self.rules["meta"]["fake_share"]:
            fake = dice.choice(self.rules["fake"]["sentences"])
            tail = " " + self.fill(fake, category, place, dice)
        return self._written(" ".join(sentences), dice, tail)

    def _sentence(
        self, part: str, category: str, place: Place, dice: random.Random, used: set[str]
    ) -> str:
        own = self.rules["category"][category].get(part, [])
        common = self.rules["parts"].get(part, [])
        pool = own if own and (not common or dice.random() < OWN_SENTENCES) else common
        template = dice.choice([one for one in pool if one not in used] or pool)
        used.add(template)
        sentence = self.fill(template, category, place, dice)
        return sentence[0].upper() + sentence[1:]

    def fill(self, template: str, category: str, place: Place, dice: random.Random) -> str:
        """A template with all its slots filled."""

        def one(match: re.Match[str]) -> str:
            name, low, high = match.groups()
            if name == "int":
                return str(dice.randint(int(low), int(high)))
            if name == "kelurahan":
                named = dice.random() < self.rules["meta"]["kelurahan_prefix"]
                return ("Kelurahan " if named else "") + place.village
            if name == "kecamatan":
                return place.district
            value = self.fill(dice.choice(self._values(name, category)), category, place, dice)
            return re.sub("#", lambda _: str(dice.randint(0, 9)), value)

        return SLOT.sub(one, template)

    def _values(self, name: str, category: str) -> Sequence[str]:
        tables = (
            self.rules["category"].get(category, {}),
            *map(self.rules.get, ("slots", "parts", "fake")),
        )
        return next(table[name] for table in tables if table and name in table)

    # ------------------------------------------------------------ the writing

    def _written(self, text: str, dice: random.Random, tail: str) -> str:
        style = self.rules["style"]
        hit = {
            name: dice.random() < chance
            for name, chance in style.items()
            if not isinstance(chance, dict)
        }
        if hit["medan"]:
            text = _swap(text, style["medan_words"], 0.8, dice)
        if hit["sms"]:
            text = _swap(text, style["sms_words"], 0.7, dice)
        if hit["typo"]:
            text = _mistyped(text, dice)
        if hit["mixed"]:
            text += " " + dice.choice(self.rules["slots"]["english"])
        text += tail  # personal data stay readable, then share the letter case
        return _typed(text, hit, dice)

    # ------------------------------------------------------------ answers

    def answer(
        self, dice: random.Random, category: str, words: Mapping[str, str], kind: str = "progress"
    ) -> str:
        """An officer's words; ``words`` gives unit, tgl_dekat and tgl_janji.

        Kinds: progress, late, returned, refer.
        """
        rules, parts = self.rules["answer"], self.rules["answer"]["parts"]
        if kind == "progress":
            chosen = [dice.choice(parts["greet"])] if dice.random() < 0.5 else []
            chosen += [dice.choice(rules[table][category]) for table in ("fact", "act")]
            chosen.append(dice.choice(parts["date"]))
            chosen += [dice.choice(parts["ask_back"])] if dice.random() < 0.4 else []
        else:
            chosen = [dice.choice(parts[kind])]

        def one(match: re.Match[str]) -> str:
            name, low, high = match.groups()
            if name == "int":
                return str(dice.randint(int(low), int(high)))
            if name in words:
                return words[name]
            return SLOT.sub(one, dice.choice(parts.get(name) or rules["slots"][name]))

        return SLOT.sub(one, " ".join(chosen))


def _typed(text: str, hit: Mapping[str, bool], dice: random.Random) -> str:
    """Letter case and full stops as hands in a hurry leave them."""
    if hit["caps"]:
        text = text.upper()
    elif hit["lower"]:
        text = text.lower()
    if hit["no_stop"]:
        text = re.sub(r"\.(?=\s|$)", lambda _: dice.choice(("", "\n", ",")), text)
    elif hit["bang"]:
        text = text.rstrip(".") + "!!!"
    return re.sub(r"[ \t]+", " ", text).strip(" ,\n")


def _swap(
    text: str, table: Mapping[str, str | list[str]], chance: float, dice: random.Random
) -> str:
    def one(match: re.Match[str]) -> str:
        new = table.get(match[0].lower())
        if new is None or dice.random() > chance:
            return match[0]
        word = new if isinstance(new, str) else dice.choice(new)
        return word.capitalize() if match[0][0].isupper() else word

    return WORD.sub(one, text)


def _mistyped(text: str, dice: random.Random) -> str:
    words = list(LONG_WORD.finditer(text))
    chosen = dice.sample(words, min(len(words), dice.randint(1, 3)))
    for match in sorted(chosen, key=lambda m: -m.start()):
        text = text[: match.start()] + _typo(match[0], dice) + text[match.end() :]
    return text


def _typo(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    return dice.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )
