"""Reading `services/<room>/*.toml` of a city folder; docs/city.md explains the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.places.city import SHIPPED
from app.places.city_files import Folder, Table
from app.places.facts import City, Text
from app.requests.question_files import Reading, read_questions
from app.requests.questions import Question, Questions
from app.requests.services import (
    COMPONENTS,
    EVENTS,
    FEES,
    PARTS,
    ROOMS,
    CalendarSpec,
    Document,
    Elsewhere,
    LetterSpec,
    Service,
    Services,
)

MOST_FILES: Final = 5
"""Files that may stand for one paper."""
OPEN_KINDS: Final = frozenset({"text", "number", "date", "time", "choice", "many", "yes_no"})
"""Kinds of answers that a public calendar may show: none that says who somebody is."""
APPLICANT: Final = "applicant"
"""The section of who asks, in the files of rooms."""


def load_services(folder: Path, city: City, fallback: Path = SHIPPED) -> Services:
    """Read and check the services of a city folder; a city may have none.

    Raises CityError naming every problem at once, each with file, key and mend.
    """
    files = Folder(folder, fallback, ())
    services = read_services(files, city)
    files.check()
    return services


def read_services(files: Folder, city: City) -> Services:
    """Build the services from their files, noting problems there."""
    services = tuple(
        _service(files.toml(name), room, common, city)
        for room, common in ((room, _common(files, room)) for room in ROOMS)
        for name in files.names(f"services/{room}", ".toml")
    )
    for room in ROOMS:
        codes = (one.code.casefold() for one in services if one.room == room)
        files.unique(f"services/{room}", "code", codes)
    return Services(services)


def service_of(source: Mapping[str, Any], room: str, city: City) -> Service:
    """A service as it was when ``source`` was kept; what it says wrongly by now is passed over."""
    files = Folder(SHIPPED, SHIPPED, ())
    return _service(files.table("", "", "", source, quiet=True), room, Common(), city)


@dataclass(frozen=True)
class Common:
    """What every service of a room asks, before and after its own questions."""

    first: Sequence[Table] = ()
    last: Sequence[Table] = ()


def _common(files: Folder, room: str) -> Common:
    name = f"services/{room}.toml"
    if name not in files.names("services", ".toml"):
        return Common()
    table = files.toml(name)
    return Common(table.tables("first", "key"), table.tables("last", "key"))


def _service(table: Table, room: str, common: Common, city: City) -> Service:
    unit = city.unit(table.string("unit"))
    if not unit.known:
        table.problem("unit", f'"{unit.code}" is not a unit. Use a code of units.toml.')
    elsewhere = _elsewhere(table.optional_table("elsewhere"))
    steps = tuple(one.text("text") for one in table.tables("step", "text"))
    if bool(steps) == bool(elsewhere):
        table.problem("step", "write the steps, or [elsewhere] where another system has them.")
    time, fee = table.optional_table("time"), table.optional_table("fee")
    own = table.tables("section", "key")
    if table.flag("alone"):
        common = Common()
    if own and elsewhere:
        table.problem("section", "nothing is asked here of what is done elsewhere. Remove it.")
    reading = Reading()
    questions = Questions()
    if not elsewhere:
        questions = read_questions((*common.first, *own, *common.last), reading)
    rules = tuple(one.text("name") for one in table.tables("rule", "name"))
    if not rules:
        table.problem("rule", "name the law it rests on. Write at least one [[rule]].")
    return Service(
        room=room,
        code=table.string("code"),
        name=table.text("name"),
        unit=unit,
        product=table.optional_text("product"),
        fee=fee.choice("kind", tuple(FEES)) if fee else "",
        fee_note=fee.optional_text("note") if fee else None,
        days=time.integer("days", 1, 366) if time else None,
        days_note=time.optional_text("note") if time else None,
        documents=tuple(_document(one, reading) for one in table.tables("document", "name")),
        questions=questions,
        steps=steps,
        rules=rules,
        lead=table.optional_text("lead"),
        who=table.optional_text("who"),
        form=table.string("form", ""),
        elsewhere=elsewhere,
        events=table.choices("events", EVENTS),
        words=table.strings("words"),
        components=_components(table.optional_table("components")),
        unverified=frozenset(_parts(table)),
        letter=_letter(table.optional_table("letter"), questions),
        calendar=_calendar(table.optional_table("calendar"), questions),
        source={
            **table.data,
            "section": [one.data for one in (*common.first, *own, *common.last)],
        },
    )


def _letter(table: Table | None, questions: Questions) -> LetterSpec | None:
    if table is None:
        return None
    shows = table.strings("shows")
    known = questions.by_name
    for one in shows:
        if one not in known:
            table.problem("shows", f'"{one}" is no question. Write section.field, none repeated.')
    years = table.integer("years", 1, 50) if table.has("years") else None
    return LetterSpec(table.text("name"), shows, years)


def _calendar(table: Table | None, questions: Questions) -> CalendarSpec | None:
    if table is None:
        return None
    known = questions.by_name
    day, shows = table.string("day"), table.strings("shows")
    if day not in known or known[day].kind != "date" or _is_personal(day, known[day]):
        table.problem("day", f'"{day}" is no date. Write section.field of kind date, not repeated.')
    if not shows:
        table.problem("shows", "say what the public reads. Write at least one section.field.")
    for one in shows:
        if one not in known:
            table.problem("shows", f'"{one}" is no question. Write section.field, none repeated.')
        elif _is_personal(one, known[one]):
            table.problem(
                "shows",
                f'"{one}" must not be public. Use kinds {", ".join(sorted(OPEN_KINDS))}, and'
                f" nothing of the section {APPLICANT}.",
            )
    return CalendarSpec(table.text("name"), day, shows)


def _is_personal(name: str, question: Question) -> bool:
    return name.partition(".")[0] == APPLICANT or question.kind not in OPEN_KINDS


def _document(table: Table, reading: Reading) -> Document:
    handed_in = table.has("key")
    most = table.integer("most", 1, MOST_FILES) if table.has("most") else 1
    if table.has("most") and not handed_in:
        table.problem("most", "belongs to a paper with a key. Give it one, or remove this.")
    return Document(
        table.text("name"),
        table.optional_text("note"),
        table.optional_text("when"),
        key=reading.key(table, "document") if handed_in else table.string("key", ""),
        optional=table.flag("optional"),
        condition=reading.condition(table),
        most=most,
    )


def _elsewhere(table: Table | None) -> Elsewhere | None:
    if table is None:
        return None
    url = table.string("url")
    if urlsplit(url).scheme != "https":
        table.problem("url", "must be an address that begins with https://.")
    return Elsewhere(table.string("name"), url, table.text("text"))


def _components(table: Table | None) -> dict[str, Text]:
    if table is None:
        return {}
    found = {key: table.optional_text(key) for key in COMPONENTS}
    return {key: text for key, text in found.items() if text is not None}


def _parts(table: Table) -> tuple[str, ...]:
    """Keys such as `time.days`, each of a part the page has a word for."""
    keys = table.strings("unverified")
    for key in keys:
        if key.partition(".")[0] not in PARTS:
            table.problem("unverified", f'"{key}" is unknown. Use keys of: {", ".join(PARTS)}.')
    return keys
