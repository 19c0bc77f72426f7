"""Keep the English catalogue in step with the Indonesian texts in the code.

    python scripts/strings.py           add new texts, drop unused ones, keep every translation
    python scripts/strings.py --check   fail unless every text has complete, fitting English

Indonesian is the source language: a text in the code is its own msgid. The catalogue is written
without line numbers and dates and sorted by msgid, so that its diffs show texts only.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from babel.util import pathmatch

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("translations/en/LC_MESSAGES/messages.po")
SOURCES = ("app", "templates")
CONTEXT, SINGULAR, PLURAL = (1, "c"), 2, 3
KEYWORDS = {
    **dict.fromkeys(("_", "_l", "N_", "gettext", "lazy_gettext"), (1,)),
    **dict.fromkeys(("_n", "ngettext", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("_p", "_lp", "pgettext", "lazy_pgettext"), (CONTEXT, SINGULAR)),
    **dict.fromkeys(("npgettext", "lazy_npgettext"), (CONTEXT, SINGULAR, PLURAL)),
}
PERCENT = re.compile(r"%(?:\((\w+)\)s|%)")
HEADER = """\
# English texts of the site. The msgid is the Indonesian text as it stands in the code.
# Kept by scripts/strings.py; only the msgstr lines are meant to be edited.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class Use(NamedTuple):
    """One call with a text in the code."""

    place: str
    context: str | None
    singular: str
    plural: str | None


def uses(root: Path = ROOT) -> Iterator[Use]:
    """Every text below `root`, file by file; a file that cannot be parsed raises SyntaxError."""
    with (root / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    for path in _source_files(root):
        name = path.relative_to(root).as_posix()
        for pattern, method in methods:
            if pathmatch(pattern, name):
                yield from _uses_in(path, name, method, options.get(pattern, {}))
                break


def _source_files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        yield from sorted(path for path in (root / source).rglob("*") if path.is_file())


def _uses_in(path: Path, name: str, method: str, options: dict[str, str]) -> Iterator[Use]:
    try:
        found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    except Exception as error:  # Jinja and Python each raise their own kind
        raise SyntaxError(f"{name}: {error}") from error
    for line, text, _comments, context in found:
        singular, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, None)
        yield Use(f"{name}:{line}", context, singular, plural)


def read(path: Path) -> Catalog:
    """The catalogue in the file `path`; an empty one if there is none."""
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def write(path: Path, catalogue: Catalog) -> None:
    """Write `catalogue` to `path` at once, so that a reader never sees half of it."""
    body = BytesIO()
    write_po(body, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(HEADER.encode() + body.getvalue())
    fresh.replace(path)


def updated(found: Iterable[Use], known: Catalog) -> Catalog:
    """A catalogue of exactly the texts `found`, with the English that is `known`."""
    catalogue = Catalog(locale="en")
    for use in found:
        text = use.singular if use.plural is None else (use.singular, use.plural)
        catalogue.add(text, context=use.context)
    for message in _texts(catalogue):
        old = known.get(message.id, message.context)
        if old is not None and old.pluralizable == message.pluralizable:
            message.string = old.string
    return catalogue


def problems(found: Iterable[Use], catalogue: Catalog) -> list[str]:
    """What keeps `catalogue` from being complete English for the texts `found`."""
    found = list(found)
    wanted = updated(found, catalogue)
    report = [f"{use.place}: {fault}" for use in found if (fault := _fault_of_use(use, wanted))]
    for message in _texts(wanted):
        report += [f"{_name(message)}: {fault}" for fault in _faults_of_english(message)]
    for message in _texts(catalogue):
        if wanted.get(message.id, message.context) is None:
            report.append(f"{_name(message)}: not used any more")
        if message.fuzzy:
            report.append(f"{_name(message)}: marked fuzzy")
    return report


def _fault_of_use(use: Use, wanted: Catalog) -> str | None:
    message = wanted.get(use.singular, use.context)
    if use.plural is None and message is not None and message.pluralizable:
        return f"{use.singular!r} needs its number here too (ngettext), as elsewhere"
    return None


def _faults_of_english(message: Message) -> Iterator[str]:
    sources, english = _forms(message.id), _forms(message.string)
    if len(english) != len(sources) or not all(text.strip() for text in english):
        yield "English is missing"
        return
    try:
        names = placeholders(sources[-1])
        if any(placeholders(text) != names for text in (*sources[:-1], english[-1])):
            yield "placeholders differ"
        elif not placeholders(english[0]) <= names:  # "one report" may leave the number out
            yield "placeholders differ in the singular"
    except ValueError as error:
        yield str(error)


def placeholders(text: str) -> set[str]:
    """The names of the %(name)s placeholders; ValueError for any other percent sign but %%."""
    if "%" in PERCENT.sub("", text):
        raise ValueError("write %(name)s for a placeholder and %% for a percent sign")
    return {name for name in PERCENT.findall(text) if name}


def _texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _name(message: Message) -> str:
    context = f"[{message.context}] " if message.context else ""
    return f"{context}{_forms(message.id)[0]!r}"


def main() -> int:
    """Run the command line; the exit status is 1 when something is left to do."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing, fail on any gap")
    arguments = parser.parse_args()
    path = ROOT / CATALOGUE
    found = list(uses())
    catalogue = read(path)
    if not arguments.check:
        catalogue = updated(found, catalogue)
        write(path, catalogue)
    report = problems(found, catalogue)
    print(*report, sep="\n", end="\n" if report else "")
    print(f"{len(_texts(catalogue))} texts, {len(report)} to put right")
    return 1 if report else 0


if __name__ == "__main__":
    sys.exit(main())
