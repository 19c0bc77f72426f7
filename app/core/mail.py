"""Mails: checked when loaded, rendered as text, HTML made from the text, built as messages.

Sending is the outbox's matter. The words are app/city/mails.toml; its head explains the form.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.wording import WordingError, fill, names, read

LANGUAGES = ("id", "en")
FRAME_TEXTS = ("greeting", "closing", "why", "warning", "reply", "reply_without_link", "until")
MAIL_KEYS = {"to", "when", "uses", "leaf", "reason_codes", "reason_from", *LANGUAGES}
QUOTED = {"answer", "question", "reason"}  # somebody's own words
LISTED = "lines"  # a list made by the program
STOP = "stop_url"
PRIVATE = {"title", "query", LISTED, *QUOTED}
LINK_LINE = re.compile(r"^(?:(?P<before>.+[.?!]) )?(?P<label>[^.?!]+): \{(?P<link>\w+_url|link)\}$")
ALONE = re.compile(r"^\{(\w+)\}$")
LEAF_DATE = re.compile(r"^(?P<weekday>\w+), (?P<day>\d{1,2}) (?P<month>.+)$")
ADDRESS = re.compile(r"https?://\S+")


# ---------------------------------------------------------------- what the file holds


@dataclass(frozen=True)
class Mail:
    """One notification: whom it is for, when it goes out, what it says in each language."""

    name: str
    to: str
    when: str
    uses: frozenset[str]
    leaf: str | None
    subject: Mapping[str, str]
    body: Mapping[str, str]

    @property
    def has_link(self) -> bool:
        """Whether the reader can answer through a link in the mail."""
        return any(_is_link(name) and name != STOP for name in self.uses)


@dataclass(frozen=True)
class Block:
    """A piece of a paragraph, in the form it has in text and in HTML."""

    kind: Literal["text", "list", "quote", "link"]
    lines: tuple[str, ...]
    href: str = ""

    @property
    def text(self) -> str:
        """The piece as plain text."""
        if self.kind == "link":
            return f"{self.lines[0]}: {self.href}"
        mark = {"text": "", "list": "- ", "quote": "> "}[self.kind]
        return "\n".join(f"{mark}{line}".rstrip() for line in self.lines)


Paragraph = tuple[Block, ...]


@dataclass(frozen=True)
class Leaf:
    """The promised date as a leaf of a wall calendar."""

    word: str
    weekday: str
    day: str
    month: str


@dataclass(frozen=True)
class Rendered:
    """A mail ready to be sent to one reader."""

    language: str
    subject: str
    text: str
    html: str
    stop_url: str | None


# ---------------------------------------------------------------- rendering


@dataclass(frozen=True)
class Mails:
    """All notifications and the frame around each."""

    mails: Mapping[str, Mail]
    frame: Mapping[str, Mapping[str, str]]
    frame_uses: frozenset[str]
    templates: Path

    @classmethod
    def load(cls, file: Path, templates: Path) -> "Mails":
        """Read the mails and the folder of templates; WordingError names all problems at once."""
        data = read(file)
        if problems := [f"{file.name}: {problem}" for problem in _problems(data)]:
            raise WordingError(problems)
        return cls(
            mails={name: _mail(name, table) for name, table in data["mail"].items()},
            frame={language: data["frame"][language] for language in LANGUAGES},
            frame_uses=frozenset(data["frame"]["uses"]),
            templates=templates,
        )

    @cached_property
    def _page(self) -> Environment:
        loader = FileSystemLoader(self.templates)
        return Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, language: str, values: Mapping[str, object]) -> Rendered:
        """One mail in one language.

        `values` gives each placeholder of the mail and of the frame; `stop_url` may be left out
        where nothing can be stopped. KeyError for a mail or value that is missing, ValueError for
        a link that is no web address.
        """
        mail = self.mails[name]
        optional = {STOP} if values.get(STOP) else set()
        given = _values(values, mail.uses | (self.frame_uses - {STOP}) | optional)
        subject = fill(mail.subject[language], {key: _one_line(given[key]) for key in given})
        paragraphs = tuple(_paragraphs(mail.body[language], given))
        frame = self.frame[language]
        foot = tuple(self._foot(mail, frame, given))
        closing = fill(frame["closing"], given)
        parts = [frame["greeting"], *map(_plain, paragraphs), closing]
        return Rendered(
            language=language,
            subject=subject,
            text="\n\n".join(parts) + "\n\n-- \n" + "\n".join(map(_plain, foot)) + "\n",
            html=self._page.get_template("mail/frame.html").render(
                language=language,
                subject=subject,
                sender=f"{given['site']} {given['city']}",
                greeting=frame["greeting"],
                paragraphs=paragraphs,
                main=_main_link(paragraphs, given.get(STOP)),
                leaf=_leaf(mail, frame["until"], given),
                closing=closing.split("\n"),
                foot=foot,
            ),
            stop_url=given.get(STOP),
        )

    def _foot(
        self, mail: Mail, frame: Mapping[str, str], given: Mapping[str, str]
    ) -> Iterator[Paragraph]:
        yield from _paragraphs(frame["warning"], given)
        yield from _paragraphs(frame["reply" if mail.has_link else "reply_without_link"], given)
        if STOP in given and STOP not in mail.uses:
            yield from _paragraphs(frame["why"], given)


def _values(values: Mapping[str, object], wanted: frozenset[str]) -> dict[str, str]:
    if missing := sorted(wanted - values.keys()):
        raise KeyError(f"values are missing: {', '.join(missing)}")
    given = {name: _printable(str(values[name])) for name in wanted}
    for name in filter(_is_link, wanted):
        if not ADDRESS.fullmatch(given[name]):
            raise ValueError(f"{name} is no web address")
    return given


def _paragraphs(body: str, values: Mapping[str, str]) -> Iterator[Paragraph]:
    for paragraph in body.strip().split("\n\n"):
        blocks: list[Block] = []
        for line in paragraph.split("\n"):
            for block in _blocks(line, values):
                _append(blocks, block)
        yield tuple(blocks)


def _blocks(line: str, values: Mapping[str, str]) -> Iterator[Block]:
    """Take one line of a template apart before its values can pretend to be part of the form."""
    if alone := ALONE.match(line):
        yield _own_words(alone[1], values[alone[1]])
    elif link := LINK_LINE.match(line):
        if link["before"]:
            yield Block("text", (_filled(link["before"], values),))
        yield Block("link", (_filled(link["label"], values),), values[link["link"]])
    elif line.startswith("- "):
        yield Block("list", (_filled(line[2:], values),))
    else:
        yield Block("text", (_filled(line, values),))


def _own_words(name: str, value: str) -> Block:
    lines = tuple(line.strip() for line in value.strip().split("\n"))
    if name == LISTED:
        return Block("list", tuple(line.removeprefix("- ") for line in lines if line))
    return Block("quote" if name in QUOTED else "text", lines)


def _append(blocks: list[Block], block: Block) -> None:
    """Lines of one kind that follow each other are one piece."""
    if blocks and blocks[-1].kind == block.kind in {"text", "list"}:
        blocks[-1] = Block(block.kind, blocks[-1].lines + block.lines)
    else:
        blocks.append(block)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return fill(text, {name: _one_line(values[name]) for name in names(text)})


def _plain(paragraph: Paragraph) -> str:
    return "\n".join(block.text for block in paragraph)


def _main_link(paragraphs: tuple[Paragraph, ...], stop_url: str | None) -> Block | None:
    links = (block for blocks in paragraphs for block in blocks if block.kind == "link")
    return next((link for link in links if link.href != stop_url), None)


def _leaf(mail: Mail, word: str, values: Mapping[str, str]) -> Leaf | None:
    date = LEAF_DATE.match(values[mail.leaf]) if mail.leaf else None
    return Leaf(word, date["weekday"], date["day"], date["month"]) if date else None


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _printable(value: str) -> str:
    """Drop what is not seen: control characters, and marks that turn the direction of writing."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or not _is_unseen(c))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip


def _is_link(name: str) -> bool:
    return name == "link" or name.endswith("_url")


# ---------------------------------------------------------------- building


class _AddressHeader(UnstructuredHeader, BaseHeader):
    """A web address: the standard folding would cut a long one into encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """The header on one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AddressHeader)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def build_message(
    rendered: Rendered, sender: str, recipient: str, message_id: str, date: datetime
) -> EmailMessage:
    """A message with a text and an HTML part. ValueError for an address that is none.

    `message_id` is the stable one of the outbox row, in angle brackets: a mail sent twice is seen
    once. The headers are those of RFC 5322, RFC 3834 (made by a program) and RFC 2369 (how to
    stop).
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = _address(recipient)
    message["Subject"] = rendered.subject
    message["Date"] = date
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    if rendered.stop_url:
        message["List-Unsubscribe"] = f"<{rendered.stop_url}>"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    message["Content-Language"] = rendered.language
    return message


def _address(text: str) -> Address:
    """Exactly one address, so that no text can add a second recipient or a header."""
    try:
        return Address(addr_spec=text)
    except (HeaderParseError, IndexError) as error:
        raise ValueError("the recipient is no e-mail address") from error


# ---------------------------------------------------------------- checking the file


def _mail(name: str, table: dict[str, Any]) -> Mail:
    return Mail(
        name=name,
        to=table["to"],
        when=table["when"],
        uses=frozenset(table["uses"]),
        leaf=table.get("leaf"),
        subject={language: table[language]["subject"] for language in LANGUAGES},
        body={language: table[language]["body"] for language in LANGUAGES},
    )


def _problems(data: dict[str, Any]) -> Iterator[str]:
    explained = data.get("placeholders", {}).keys()
    yield from _frame_problems(data.get("frame", {}))
    for name, table in data.get("mail", {}).items():
        uses = table.get("uses", [])
        yield from (
            f"mail.{name}: {key} is missing" for key in ("to", "when") if not table.get(key)
        )
        yield from (f"mail.{name}: unknown key {key}" for key in sorted(table.keys() - MAIL_KEYS))
        yield from (
            f"mail.{name}: {{{use}}} is not explained" for use in sorted({*uses} - explained)
        )
        if "leaf" in table and table["leaf"] not in uses:
            yield f"mail.{name}: the leaf {table['leaf']} is not used"
        for language in LANGUAGES:
            where = f"mail.{name}.{language}"
            yield from _language_problems(where, table.get(language, {}), set(uses))


def _frame_problems(frame: dict[str, Any]) -> Iterator[str]:
    uses = set(frame.get("uses", []))
    for language in LANGUAGES:
        texts = frame.get(language, {})
        for key in FRAME_TEXTS:
            where = f"frame.{language}.{key}"
            yield from _text_problems(where, texts.get(key, ""))
            if unknown := names(texts.get(key, "")) - uses:
                yield f"{where}: not in uses: {', '.join(sorted(unknown))}"


def _language_problems(where: str, texts: dict[str, Any], uses: set[str]) -> Iterator[str]:
    subject, body = texts.get("subject", ""), texts.get("body", "")
    yield from _text_problems(f"{where}.subject", subject)
    yield from _text_problems(f"{where}.body", body)
    found = names(subject) | names(body)
    for name in sorted(found ^ uses):
        yield f"{where}: {{{name}}} is {'not in uses' if name in found else 'in uses but not used'}"
    if "\n" in subject:
        yield f"{where}.subject: more than one line"
    for name in sorted(names(subject)):
        if name in PRIVATE or _is_link(name):
            yield f"{where}.subject: {{{name}}} is private"


def _text_problems(where: str, text: str) -> Iterator[str]:
    if not text.strip():
        yield f"{where}: missing"
    for line in text.split("\n"):
        found = names(line)
        if found & {LISTED, *QUOTED} and not ALONE.match(line):
            yield f"{where}: somebody's words need a line of their own: {line}"
        if any(map(_is_link, found)) and not LINK_LINE.match(line):
            yield f"{where}: a link ends its line, after a label and a colon: {line}"
