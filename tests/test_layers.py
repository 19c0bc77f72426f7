"""Imports point one way: views → forms, actions, queries → models → core → civic, room by room.

The site stays changeable because a rule never knows a page and a lower room never knows a higher
one. Read from the syntax tree, so that an import inside a function counts too.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"

#: A module may import from its own room and from rooms on a lower floor.
FLOORS = (
    {"civic"},
    {"core", "config", "extensions"},
    {"places"},
    {"staff"},
    {"cases"},
    {"letters"},
    {"complaints", "requests"},
    {"site", "open311", "insight"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

POLICY = {"lifecycle", "catalogue"}
PAGES = {"views", "desk"}
#: Kinds of file that must work without a request: in a job, a command, a test.
WITHOUT_WEB = {"models", "actions", "queries", *POLICY}
#: The differences between the databases, and the rate limiter's own small file.
NAME_A_DATABASE = {"app.core.database", "app.core.limits"}
WEB = {"flask", "flask_wtf", "flask_login", "flask_babel", "flask_limiter", "werkzeug", "wtforms"}


class Import(NamedTuple):
    """`file` imports `target`, both as dotted module names."""

    file: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.file.replace('.', '/')}.py:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> Iterator[Import]:
    for path in sorted(APP.rglob("*.py")):
        name = module_name(path)
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(name, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (Import(name, target, node.lineno) for target in targets(node, package))


def targets(node: ast.ImportFrom, package: str) -> Iterator[str]:
    """The full names a `from … import …` may mean: the module, or modules inside it."""
    base = node.module or ""
    if node.level:
        parents = package.split(".")
        base = ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [node.module])])
    for alias in node.names:
        inner = ROOT / Path(*base.split("."), f"{alias.name}.py")
        folder = ROOT / Path(*base.split("."), alias.name)
        yield f"{base}.{alias.name}" if inner.exists() or folder.is_dir() else base


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 else ""


def kind(module: str) -> str:
    """`models`, `views`, … : the last part of the name, `case_views` counting as `views`."""
    return module.rpartition(".")[2].rpartition("_")[2]


IMPORTS = tuple(imports())
INNER = tuple(found for found in IMPORTS if found.target.split(".")[0] == "app")


def explain(offenders: list[Import], rule: str) -> None:
    if offenders:
        pytest.fail("\n".join([f"{rule}:", *(f"  {found}" for found in offenders)]), pytrace=False)


def test_every_room_has_a_floor() -> None:
    rooms = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= FLOOR.keys()


def test_rooms_import_only_lower_rooms() -> None:
    def wrong(found: Import) -> bool:
        here, there = room(found.file), room(found.target)
        if here not in FLOOR or here == there:
            return False
        return there not in FLOOR or FLOOR[there] > FLOOR[here] or neighbours(here, there)

    def neighbours(here: str, there: str) -> bool:
        return FLOOR[here] == FLOOR[there] and FLOOR[here] != FLOOR["core"]

    explain([found for found in INNER if wrong(found)], "A room imports only from lower rooms")


def test_policy_uses_the_standard_library_only() -> None:
    def is_policy(module: str) -> bool:
        return room(module) == "civic" or kind(module) in POLICY

    def wrong(found: Import) -> bool:
        top = found.target.split(".")[0]
        return not is_policy(found.target) if top == "app" else top not in sys.stdlib_module_names

    found = [found for found in IMPORTS if is_policy(found.file) and wrong(found)]
    explain(found, "Policy imports the standard library and other policy only")


def test_nothing_but_pages_imports_pages() -> None:
    def wrong(found: Import) -> bool:
        in_a_room = bool(room(found.file)) and kind(found.file) not in PAGES
        return in_a_room and kind(found.target) in PAGES

    explain([found for found in INNER if wrong(found)], "Only the app and pages import pages")


def test_models_import_no_reads_writes_or_forms() -> None:
    higher = {"actions", "queries", "forms"}
    found = [
        found for found in INNER if kind(found.file) == "models" and kind(found.target) in higher
    ]
    explain(found, "Models import models, core and civic")


def test_actions_and_queries_know_no_forms() -> None:
    found = [
        found
        for found in INNER
        if kind(found.file) in {"actions", "queries"} and kind(found.target) == "forms"
    ]
    explain(found, "Actions and queries take plain values, never a form")


def test_actions_queries_and_models_know_no_web() -> None:
    found = [
        found
        for found in IMPORTS
        if kind(found.file) in WITHOUT_WEB and found.target.split(".")[0] in WEB
    ]
    explain(found, "Models, actions, queries and policy work without Flask")


def test_time_is_handed_in() -> None:
    found = [
        found
        for found in INNER
        if kind(found.file) in WITHOUT_WEB and found.target == "app.core.clock"
    ]
    explain(found, "Models, actions, queries and policy are told what time it is")


def test_one_file_names_the_databases() -> None:
    found = [
        found
        for found in IMPORTS
        if found.target.split(".")[0] in {"sqlite3", "psycopg"}
        or found.target.startswith("sqlalchemy.dialects")
    ]
    explain(
        [found for found in found if found.file not in NAME_A_DATABASE],
        "Only app/core/database.py knows the databases apart",
    )


def test_one_file_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in sorted(APP.rglob("*.py"))
        if any(
            isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert set(readers) <= {"app/config.py", "app/__init__.py"}  # the second hands it to the first
