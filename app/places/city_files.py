"""Reading the files of a city folder, with every problem kept for one message.

A reader gives a harmless stand-in for what is missing or wrong, notes the problem with its mend and
goes on, so that whoever edits a city sees all mistakes at once.
"""

import csv
import re
import tomllib
from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.places.facts import Text

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
ALWAYS_ALLOWED = {"source"}


class CityError(ValueError):
    """The city folder cannot be used; the message gives file, key and mend of every problem."""


class Folder:
    """The files of one city.

    A folder with its own city.toml stands alone, but for `shared` files, which hold in any
    Indonesian city; a folder without one shadows `fallback` file by file.
    """

    def __init__(self, folder: Path, fallback: Path, shared: Collection[str]) -> None:
        self.folder = folder
        self.fallback = fallback
        self.shared = shared
        self.alone = (folder / "city.toml").is_file()
        self.problems: list[str] = []
        self.keys: set[str] = set()
        self._tables: list[Table] = []

    def problem(self, file: str, where: str, mend: str) -> None:
        """Note a problem once: the file, the key or line, and how to mend it."""
        line = f"{file}: {where}: {mend}" if where else f"{file}: {mend}"
        if line not in self.problems:
            self.problems.append(line)

    def check(self) -> None:
        """Raise CityError if anything was noted or a file holds a key nobody asked for."""
        for table in self._tables:
            table.check_unknown_keys()
        if self.problems:
            count = len(self.problems)
            head = f"{self.folder}: {count} problem{'s' if count > 1 else ''} in the city's files"
            raise CityError("\n- ".join([head, *self.problems]))

    def toml(self, name: str) -> "Table":
        """Read a TOML file; an unreadable one gives an empty table that reports nothing more."""
        data: dict[str, Any] = {}
        content = self._read(name)
        try:
            data = tomllib.loads(content) if content is not None else {}
        except tomllib.TOMLDecodeError as error:
            self.problem(name, "", f"is not valid TOML ({error}). Mend that line.")
            content = None
        return self.table(name, "", "", data, quiet=content is None)

    def table(self, file: str, label: str, pattern: str, data: Any, *, quiet: bool) -> "Table":
        """Wrap one table of a file, and remember it for the check of unknown keys."""
        table = Table(self, file, label, pattern, data if isinstance(data, dict) else {}, quiet)
        self._tables.append(table)
        return table

    def names(self, folder: str, suffix: str) -> list[str]:
        """Names of the files in a folder, sorted; of the shipped one too unless it stands alone."""
        homes = [self.folder] if self.alone else [self.fallback, self.folder]
        found = {path.name for home in homes for path in (home / folder).glob(f"*{suffix}")}
        return [f"{folder}/{name}" for name in sorted(found)]

    def rows(self, name: str, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        """Read a CSV file with exactly these columns; each row comes with its line number."""
        self.keys |= {f"{name} {column}" for column in columns}
        content = self._read(name)
        if content is None:
            return []
        lines = csv.reader(content.splitlines())
        header = [cell.strip() for cell in next(lines, [])]
        if tuple(header) != columns:
            self.problem(name, "line 1", f"the columns must be {','.join(columns)}.")
            return []
        rows = []
        for number, cells in enumerate(lines, start=2):
            if not any(cells):
                continue
            if len(cells) != len(columns) or not all(cell.strip() for cell in cells):
                self.problem(name, f"line {number}", f"needs {len(columns)} filled columns.")
                continue
            rows.append((number, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
        return rows

    def unique(self, file: str, what: str, codes: Iterable[str]) -> None:
        """Note every code that is malformed or stands twice."""
        seen: set[str] = set()
        for code in codes:
            if not CODE.fullmatch(code):
                mend = "use 1 to 40 letters, digits, dots, dashes or underscores."
                self.problem(file, f'{what} "{code}"', mend)
            if code in seen:
                self.problem(file, f'{what} "{code}"', "stands twice. Remove or rename one.")
            seen.add(code)

    def _read(self, name: str) -> str | None:
        path = self.folder / name
        if not path.is_file() and (not self.alone or name in self.shared):
            path = self.fallback / name
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.problem(name, "", "is missing. A folder with its own city.toml needs it too.")
        except UnicodeDecodeError:
            self.problem(name, "", "is not UTF-8. Save it as UTF-8.")
        return None


class Table:
    """One TOML table: typed values by key, each asked key remembered.

    `label` says where the table stands in words a person finds again; `pattern` names it for docs.
    """

    def __init__(
        self, folder: Folder, file: str, label: str, pattern: str, data: dict[str, Any], quiet: bool
    ) -> None:
        self.folder = folder
        self.file = file
        self.label = label
        self.pattern = pattern
        self.data = data
        self.quiet = quiet
        self._asked: set[str] = set()

    def problem(self, key: str, mend: str) -> None:
        """Note a problem at one key of this table."""
        if not self.quiet:
            where = ", ".join(part for part in (self.label, key) if part)
            self.folder.problem(self.file, where, mend)

    def check_unknown_keys(self) -> None:
        """Note every key that nobody asked for: most likely a slip of the pen."""
        for key in self.data.keys() - self._asked - ALWAYS_ALLOWED:
            known = ", ".join(sorted(self._asked))
            self.problem(key, f"is not a key here. Known keys: {known}.")

    def names(self) -> list[str]:
        """Return the keys of a table whose keys are free to choose."""
        return [key for key in self.data if key not in ALWAYS_ALLOWED]

    def has(self, key: str) -> bool:
        """Tell whether the key is given."""
        return key in self.data

    def text(self, key: str) -> Text:
        """Read a text that must exist in both languages."""
        return self._text(key, self._take(key))

    def optional_text(self, key: str) -> Text | None:
        """Read a text that may be missing as a whole, but not in one language."""
        value = self._take(key)
        return None if value is None else self._text(key, value)

    def texts(self, key: str) -> tuple[Text, ...]:
        """Read a list of texts; none given is an empty list."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.problem(key, 'must be a list of { id = "…", en = "…" }.')
            return ()
        return tuple(self._text(f"{key} {n}", item) for n, item in enumerate(value, start=1))

    def string(self, key: str, default: str | None = None) -> str:
        """Read a string; without a default it must not be empty."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.problem(
                key, "must be a text in quotes" + ("." if default is not None else ", not empty.")
            )
            return ""
        return value.strip()

    def strings(self, key: str) -> tuple[str, ...]:
        """Read a list of strings; none given is an empty list."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(
            isinstance(item, str) and item.strip() for item in value
        ):
            self.problem(key, "must be a list of texts in quotes, none empty.")
            return ()
        return tuple(item.strip() for item in value)

    def choice(self, key: str, options: Collection[str], default: str | None = None) -> str:
        """Read one of a few words."""
        value = self.string(key, default)
        if value not in options and value:
            self.problem(key, f'"{value}" is unknown. Use one of: {", ".join(options)}.')
        return value if value in options else next(iter(options))

    def choices(self, key: str, options: Collection[str]) -> tuple[str, ...]:
        """Read a list of some of a few words; none given is an empty list."""
        words = self.strings(key)
        for word in words:
            if word not in options:
                self.problem(key, f'"{word}" is unknown. Use some of: {", ".join(options)}.')
        return words

    def integer(self, key: str, low: int = 0, high: int = 100_000) -> int:
        """Read a whole number from `low` to `high`."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.problem(key, f"must be a whole number from {low} to {high}.")
            return low
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """Read a number from `low` to `high`."""
        value = self._take(key)
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not low <= value <= high
        ):
            self.problem(key, f"must be a number from {low:g} to {high:g}.")
            return low
        return float(value)

    def flag(self, key: str) -> bool:
        """Read true or false; false when missing."""
        value = self._take(key)
        if value not in (None, True, False):
            self.problem(key, "must be true or false.")
        return value is True

    def day(self, key: str) -> date | None:
        """Read a date, or None when missing."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.problem(key, "must be a date such as 2026-11-24, without quotes.")
            return None
        return value

    def table(self, key: str) -> "Table":
        """Read a table inside this one; a missing one is a problem, said once."""
        value = self._take(key)
        if not isinstance(value, dict):
            self.problem(key, "this table is missing. See docs/city.md.")
        quiet = self.quiet or not isinstance(value, dict)
        return self._inner(key, key, value, quiet)

    def optional_table(self, key: str) -> "Table | None":
        """Read a table inside this one, or None when missing."""
        if self._take(key) is None:
            return None
        return self.table(key)

    def tables(self, key: str, name_key: str) -> list["Table"]:
        """Read a list of tables (`[[key]]`), each labelled by the value of `name_key`."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, f"must be written as [[{key}]].")
            return []
        return [
            self._inner(key, f'{key} "{item.get(name_key, n)}"', item, self.quiet)
            for n, item in enumerate(value, start=1)
        ]

    def _inner(self, key: str, label: str, value: Any, quiet: bool) -> "Table":
        labels = ", ".join(part for part in (self.label, label) if part)
        pattern = f"{self.pattern}.{key}" if self.pattern else key
        return self.folder.table(self.file, labels, pattern, value, quiet=quiet)

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        name = f"{self.pattern}.{key}" if self.pattern else key
        self.folder.keys.add(f"{self.file} {name}")
        return self.data.get(key)

    def _text(self, key: str, value: Any) -> Text:
        if not isinstance(value, dict):
            self.problem(key, 'must be { id = "…", en = "…" }.')
            return Text.same("")
        for lang, name in (("id", "Indonesian"), ("en", "English")):
            if not isinstance(value.get(lang), str) or not value[lang].strip():
                self.problem(f"{key}.{lang}", f"the {name} text is missing. Write it.")
        for extra in value.keys() - {"id", "en"}:
            self.problem(f"{key}.{extra}", "is not a language of the site. Use id and en.")
        return Text(str(value.get("id", "")).strip(), str(value.get("en", "")).strip())
