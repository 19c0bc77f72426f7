"""The city as loaded from its folder, and the one the running site serves.

`load_city` reads app/city or a folder that replaces or shadows it; docs/city.md explains each file.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

from app.civic.geo import Bounds
from app.places.city_files import CityError, Folder, Table
from app.places.facts import (
    DEADLINE_CLASSES,
    HOLIDAY_KINDS,
    NOTICE_KINDS,
    NOTICE_LEVELS,
    UNIT_KINDS,
    VISIBILITIES,
    Agency,
    Category,
    City,
    Contacts,
    District,
    EarlierName,
    Holiday,
    Limits,
    Notice,
    Page,
    Promises,
    RejectReason,
    Retention,
    Section,
    StartView,
    Text,
    Unit,
    Village,
    stems_in_order,
)

__all__ = [
    "PAGES",
    "SHIPPED",
    "VISIBILITIES",
    "Agency",
    "Category",
    "City",
    "CityError",
    "Contacts",
    "District",
    "Holiday",
    "Notice",
    "Page",
    "Promises",
    "RejectReason",
    "Section",
    "Text",
    "Unit",
    "Village",
    "city_file",
    "current_city",
    "load_city",
]

SHIPPED = Path(__file__).resolve().parent.parent / "city"
PAGES = ("privacy", "help", "about", "accessibility")
SHARED = {"holidays.csv", "reject.toml", *(f"texts/{page}.toml" for page in PAGES)}
CASE_WORDS = {"target", "agency", "agency_contact"}  # filled when a report is rejected
AREA_COLUMNS = (
    "district_code",
    "district_name",
    "district_lat",
    "district_lon",
    "village_code",
    "village_name",
)
HOLIDAY_COLUMNS = ("date", "name_id", "name_en", "kind")


def current_city() -> City:
    """Return the city the running application serves."""
    city: City = current_app.extensions["city"]
    return city


def city_file(folder: Path, name: str, fallback: Path = SHIPPED) -> Path:
    """Return the city's own file of wording (mails.toml, replies.toml), else the shipped one."""
    own = folder / name
    return own if own.is_file() else fallback / name


def load_city(folder: Path, fallback: Path = SHIPPED) -> City:
    """Read and check a city folder.

    A folder with its own city.toml replaces `fallback`, but for what holds in any Indonesian city
    (holidays, reasons of rejection, long texts), which it may leave out. A folder without one, or
    one that does not exist, shadows `fallback` file by file.

    Raises CityError naming every problem at once, each with file, key and mend.
    """
    files = Folder(folder, fallback, SHARED)
    city = read_city(files)
    files.check()
    return city


def read_city(files: Folder) -> City:
    """Build the city from its files, noting problems there; only usable when none was noted."""
    main = files.toml("city.toml")
    bounds = _bounds(main.table("bounds"))
    contacts = _contacts(main.table("contacts"))
    promises = _promises(main.table("promises"))
    retention = _retention(main.table("retention"))
    districts, villages = _areas(files, bounds)
    units, agencies = _units(files, districts)
    name, short_name, site = main.text("name"), main.string("short_name"), main.string("site")
    words = _words(site, name, short_name, contacts, promises, retention)
    notice = main.table("privacy_notice")
    secretariat = main.string("secretariat")
    if units and secretariat and secretariat not in {unit.code for unit in units}:
        main.problem("secretariat", f'"{secretariat}" is not a unit. Use a code of units.toml.')
    return City(
        code=main.string("code"),
        site=site,
        name=name,
        short_name=short_name,
        province=main.text("province"),
        zone=_zone(main),
        zone_label=main.string("zone_label"),
        locale="en" if main.choice("locale", ("id", "en")) == "en" else "id",
        bounds=bounds,
        start=_start(main.table("start"), bounds),
        contacts=contacts,
        promises=promises,
        retention=retention,
        limits=_limits(main.table("limits")),
        notice_version=notice.string("version"),
        notice_since=_required_day(notice, "since"),
        secretariat_code=secretariat,
        districts=districts,
        villages=villages,
        units=units,
        agencies=agencies,
        categories=_categories(files, units, agencies, words),
        reject_reasons=_reject_reasons(files, words),
        holidays=_holidays(files),
        pages={page: _page(files.toml(f"texts/{page}.toml"), words) for page in PAGES},
        words=words,
    )


# -------------------------------------------------------------------- city.toml


def _zone(main: Table) -> ZoneInfo:
    name = main.string("zone")
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        main.problem("zone", f'"{name}" is not a time zone. Use a name such as Asia/Jakarta.')
        return ZoneInfo("UTC")


def _required_day(table: Table, key: str) -> date:
    day = table.day(key)
    if day is None:
        table.problem(key, "the date is missing. Write it as 2026-11-24, without quotes.")
    return day or date.min


def _bounds(table: Table) -> Bounds:
    bounds = Bounds(
        west=table.number("west", -180, 180),
        south=table.number("south", -90, 90),
        east=table.number("east", -180, 180),
        north=table.number("north", -90, 90),
    )
    if bounds.west >= bounds.east or bounds.south >= bounds.north:
        table.problem("", "west must be less than east, and south less than north.")
    return bounds


def _start(table: Table, bounds: Bounds) -> StartView:
    start = StartView(
        lat=table.number("lat", -90, 90),
        lon=table.number("lon", -180, 180),
        zoom=table.integer("zoom", 1, 19),
    )
    if not bounds.contains(start.lat, start.lon):
        table.problem("lat, lon", "the first map view lies outside [bounds]. Correct one of them.")
    return start


def _contacts(table: Table) -> Contacts:
    def value(key: str) -> str:
        return table.table(key).string("value")

    def text(key: str) -> Text:
        return table.table(key).text("value")

    return Contacts(
        phone_emergency=value("phone_emergency"),
        phone_police=value("phone_police"),
        phone_fire=value("phone_fire"),
        phone_ambulance=value("phone_ambulance"),
        phone_women_children=value("phone_women_children"),
        wa_women_children=value("wa_women_children"),
        phone_ombudsman=value("phone_ombudsman"),
        phone_corruption=value("phone_corruption"),
        phone_electricity=value("phone_electricity"),
        phone_water=value("phone_water"),
        contact_email=value("contact_email"),
        contact_address=value("contact_address"),
        controller=text("controller"),
        dpo=text("dpo"),
    )


def _promises(table: Table) -> Promises:
    days = table.table("class_days")
    return Promises(
        verify_days=table.integer("verify_days", 1, 366),
        answer_days=table.integer("answer_days", 1, 366),
        confirm_days=table.integer("confirm_days", 1, 366),
        reopen_days=table.integer("reopen_days", 1, 366),
        dispute_days=table.integer("dispute_days", 1, 366),
        object_days=table.integer("object_days", 1, 366),
        needs_info_days=table.integer("needs_info_days", 1, 366),
        needs_info_reminder_days=table.integer("needs_info_reminder_days", 1, 366),
        closing_reminder_days=table.integer("closing_reminder_days", 1, 366),
        reminder_percent=table.integer("reminder_percent", 1, 100),
        escalation_grace_days=table.integer("escalation_grace_days", 1, 366),
        class_days={key: days.integer(key, 1, 366) for key in DEADLINE_CLASSES},
    )


def _retention(table: Table) -> Retention:
    return Retention(
        closed_months=table.integer("closed_months", 1, 1200),
        logs_months=table.integer("logs_months", 1, 1200),
        backup_days=table.integer("backup_days", 1, 3660),
    )


def _limits(table: Table) -> Limits:
    limits = Limits(
        text_min=table.integer("text_min", 1, 1000),
        text_max=table.integer("text_max", 100, 20_000),
        landmark_min=table.integer("landmark_min", 0, 100),
        landmark_max=table.integer("landmark_max", 20, 1000),
        name_max=table.integer("name_max", 20, 200),
        photos_max=table.integer("photos_max", 0, 10),
        photo_max_mb=table.integer("photo_max_mb", 1, 50),
        photos_total_mb=table.integer("photos_total_mb", 1, 200),
        paper_max_mb=table.integer("paper_max_mb", 1, 20),
    )
    if limits.text_min >= limits.text_max or limits.landmark_min >= limits.landmark_max:
        table.problem("", "each least length must be smaller than its greatest.")
    return limits


def _words(
    site: str,
    name: Text,
    short_name: str,
    contacts: Contacts,
    promises: Promises,
    retention: Retention,
) -> dict[str, Text]:
    """Values of the placeholders that stand for the city in any text."""
    words = {"site": Text.same(site), "city": name, "city_short": Text.same(short_name)}
    for key in Contacts.__dataclass_fields__:
        value = getattr(contacts, key)
        words[key] = value if isinstance(value, Text) else Text.same(value)
    for key in ("verify_days", "answer_days", "confirm_days", "reopen_days", "needs_info_days"):
        words[key] = Text.same(str(getattr(promises, key)))
    words["grace_days"] = Text.same(str(promises.escalation_grace_days))
    words["solve_days"] = _either([str(n) for n in sorted(set(promises.class_days.values()))])
    words["retention_closed"] = _months(retention.closed_months)
    words["retention_logs"] = _months(retention.logs_months)
    words["retention_backup"] = _amount(retention.backup_days, "hari", "day")
    return words


def _either(items: list[str]) -> Text:
    """Join alternatives: `5, 14, atau 60`, `5, 14 or 60`."""
    if len(items) < 2:
        return Text.same("".join(items))
    head = ", ".join(items[:-1])
    comma = "," if len(items) > 2 else ""
    return Text(f"{head}{comma} atau {items[-1]}", f"{head} or {items[-1]}")


def _months(n: int) -> Text:
    return _amount(n // 12, "tahun", "year") if n % 12 == 0 else _amount(n, "bulan", "month")


def _amount(n: int, unit_id: str, unit_en: str) -> Text:
    return Text(f"{n} {unit_id}", f"{n} {unit_en}{'' if n == 1 else 's'}")


# -------------------------------------------------------------------- areas.csv


def _areas(files: Folder, bounds: Bounds) -> tuple[tuple[District, ...], tuple[Village, ...]]:
    file = "areas.csv"
    districts: dict[str, District] = {}
    villages: list[Village] = []
    for line, row in files.rows(file, AREA_COLUMNS):
        district = _district(files, file, line, row)
        first = districts.setdefault(district.code, district)
        if first != district:
            mend = f"district {district.code} has another name or centre above. Make them equal."
            files.problem(file, f"line {line}", mend)
        elif first is district and not bounds.contains(district.lat, district.lon):
            mend = f"the centre of {district.name} lies outside [bounds] of city.toml."
            files.problem(file, f"line {line}", mend)
        villages.append(Village(row["village_code"], row["village_name"], district.code))
    files.unique(file, "district_code", districts)
    files.unique(file, "village_code", (village.code for village in villages))
    return tuple(districts.values()), tuple(villages)


def _district(files: Folder, file: str, line: int, row: Mapping[str, str]) -> District:
    try:
        lat, lon = float(row["district_lat"]), float(row["district_lon"])
    except ValueError:
        mend = "district_lat and district_lon must be numbers with a decimal point."
        files.problem(file, f"line {line}", mend)
        lat = lon = 0.0
    return District(row["district_code"], row["district_name"], lat, lon)


# -------------------------------------------------------------------- units.toml


def _units(
    files: Folder, districts: tuple[District, ...]
) -> tuple[tuple[Unit, ...], tuple[Agency, ...]]:
    file = "units.toml"
    table = files.toml(file)
    units = tuple(_unit(entry, districts) for entry in table.tables("unit", "code"))
    agencies = tuple(_agency(entry) for entry in table.tables("agency", "code"))
    files.unique(file, "unit", (unit.code for unit in units))
    files.unique(file, "agency", (agency.code for agency in agencies))
    if not units:
        table.problem("unit", "the city has no unit. Write at least one [[unit]].")
    offices = [unit.district_code for unit in units if unit.district_code]
    for code in {code for code in offices if offices.count(code) > 1}:
        table.problem("unit", f'district "{code}" has two offices. Leave one.')
    return units, agencies


def _unit(entry: Table, districts: tuple[District, ...]) -> Unit:
    district = entry.string("district", "") or None
    if district and district not in {d.code for d in districts}:
        entry.problem("district", f'"{district}" is not a district_code of areas.csv.')
    start, end = _period(entry)
    earlier = tuple(
        EarlierName(old.text("name"), old.text("short"), _required_day(old, "valid_to"))
        for old in entry.tables("earlier", "valid_to")
    )
    if list(earlier) != sorted(earlier, key=lambda old: old.valid_to):
        entry.problem("earlier", "write the oldest name first.")
    return Unit(
        code=entry.string("code"),
        name=entry.text("name"),
        short=entry.text("short"),
        kind=entry.choice("kind", UNIT_KINDS),
        valid_from=start,
        valid_to=end,
        district_code=district,
        mailbox=entry.string("mailbox", ""),
        earlier_names=earlier,
    )


def _agency(entry: Table) -> Agency:
    agency = Agency(
        code=entry.string("code"),
        name=entry.text("name"),
        phone=entry.string("phone", ""),
        web=entry.string("web", ""),
        email=entry.string("email", ""),
        address=entry.string("address", ""),
    )
    if not agency.contact.id:
        entry.problem("phone", "say how to reach it: phone, web, email or address.")
    return agency


def _period(entry: Table) -> tuple[date | None, date | None]:
    start, end = entry.day("valid_from"), entry.day("valid_to")
    if start and end and start > end:
        entry.problem("valid_to", "must not be before valid_from.")
    return start, end


# -------------------------------------------------------------------- categories.toml


def _categories(
    files: Folder, units: tuple[Unit, ...], agencies: tuple[Agency, ...], words: Mapping[str, Text]
) -> tuple[Category, ...]:
    file = "categories.toml"
    table = files.toml(file)
    unit_codes = {unit.code for unit in units}
    agency_codes = {agency.code for agency in agencies}
    entries = table.tables("category", "slug")
    categories = tuple(_category(entry, unit_codes, agency_codes, words) for entry in entries)
    files.unique(file, "category", (category.slug for category in categories))
    if not categories:
        table.problem("category", "the city has no category. Write at least one [[category]].")
    _check_keywords(entries, categories)
    return categories


def _check_keywords(entries: list[Table], categories: tuple[Category, ...]) -> None:
    """Note keywords that mean the same: a word with its stem already there says nothing new."""
    owners: dict[tuple[str, ...], tuple[str, str]] = {}
    for entry, category in zip(entries, categories, strict=True):
        for word in category.keywords:
            key = tuple(stems_in_order(word))
            if not key:
                entry.problem("keywords", f'"{word}" holds no letter or digit. Remove it.')
            elif key in owners:
                owner, first = owners[key]
                mend = f'"{word}" is the same as "{first}" of category "{owner}". Keep one.'
                entry.problem("keywords", mend)
            else:
                owners[key] = (category.slug, word)


def _category(
    entry: Table, units: set[str], agencies: set[str], words: Mapping[str, Text]
) -> Category:
    unit = entry.string("unit", "") or None
    only_units = entry.strings("only_units")
    agency_codes = entry.strings("agencies")
    for key, codes in (("unit", (unit,) if unit else ()), ("only_units", only_units)):
        for code in codes:
            if code not in units:
                entry.problem(key, f'"{code}" is not a unit. Use a code of units.toml.')
    for code in agency_codes:
        if code not in agencies:
            entry.problem("agencies", f'"{code}" is not an [[agency]] of units.toml.')
    if unit and only_units and unit not in only_units:
        entry.problem("unit", f'"{unit}" must stand in only_units too.')
    outside = entry.flag("outside")
    if outside and not agency_codes:
        entry.problem("agencies", "name the outside body, or set outside = false.")
    visibility, visibilities = _visibility(entry)
    start, end = _period(entry)
    return Category(
        slug=entry.string("slug"),
        name=entry.text("name"),
        hint=_filled(entry, "hint", entry.text("hint"), words),
        icon=entry.string("icon", "lain"),
        unit_code=unit,
        agency_codes=agency_codes,
        outside=outside,
        deadline=entry.choice("deadline", DEADLINE_CLASSES, "plain"),
        visibility=visibility,
        visibilities=visibilities,
        only_units=only_units,
        bypass_place=entry.flag("bypass_place"),
        notice=_notice(entry.optional_table("notice"), words),
        keywords=entry.strings("keywords"),
        valid_from=start,
        valid_to=end,
    )


def _visibility(entry: Table) -> tuple[str, tuple[str, ...]]:
    offered = entry.choices("visibilities", VISIBILITIES) or VISIBILITIES
    default = entry.choice("visibility", VISIBILITIES, "publik")
    if default not in offered:
        entry.problem("visibility", f'"{default}" must be one of visibilities.')
    return default, offered


def _notice(table: Table | None, words: Mapping[str, Text]) -> Notice | None:
    if table is None:
        return None
    text = table.text("text")
    return Notice(
        kind=table.choice("kind", NOTICE_KINDS),
        level=table.choice("level", NOTICE_LEVELS),
        text=_filled(table, "text", text, words),
        phones=tuple(name for name in text.placeholders if name.startswith("phone_")),
    )


def _filled(
    table: Table,
    key: str,
    text: Text,
    words: Mapping[str, Text],
    later: frozenset[str] = frozenset(),
) -> Text:
    """Put the city's words into a text; `later` names what is filled when it is shown."""
    filled = text.fill(words)
    left = {*filled.placeholders, *Text(filled.en, "").placeholders} - later
    for name in sorted(left):
        table.problem(key, f"{{{name}}} is not a placeholder of the city. See docs/city.md.")
    return filled


# -------------------------------------------------------------------- reject, holidays, texts


def _reject_reasons(files: Folder, words: Mapping[str, Text]) -> tuple[RejectReason, ...]:
    table = files.toml("reject.toml")
    later = frozenset(CASE_WORDS)
    reasons = tuple(
        RejectReason(
            code=entry.string("code"),
            label=entry.text("label"),
            text=_filled(entry, "text", entry.text("text"), words, later),
        )
        for entry in table.tables("reason", "code")
    )
    files.unique("reject.toml", "reason", (reason.code for reason in reasons))
    if not reasons:
        table.problem("reason", "there is no reason. Write at least one [[reason]].")
    return reasons


def _holidays(files: Folder) -> tuple[Holiday, ...]:
    file = "holidays.csv"
    holidays: list[Holiday] = []
    for line, row in files.rows(file, HOLIDAY_COLUMNS):
        where = f"line {line}"
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            files.problem(file, where, f'"{row["date"]}" is not a date such as 2026-11-24.')
            continue
        if row["kind"] not in HOLIDAY_KINDS:
            mend = f'kind "{row["kind"]}" is unknown. Use one of: {", ".join(HOLIDAY_KINDS)}.'
            files.problem(file, where, mend)
        if holidays and day <= holidays[-1].day:
            files.problem(file, where, f"{day} must come after {holidays[-1].day}. Sort by date.")
        holidays.append(Holiday(day, Text(row["name_id"], row["name_en"]), row["kind"]))
    return tuple(holidays)


def _page(table: Table, words: Mapping[str, Text]) -> Page:
    own = table.table("values") if table.has("values") else None
    values = {**words, **({key: own.text(key) for key in own.names()} if own else {})}

    def filled(key: str, text: Text | None) -> Text | None:
        return None if text is None else _filled(table, key, text, values)

    sections = table.tables("section", "key")
    if not sections:
        table.problem("section", "the page is empty. Write at least one [[section]].")
    return Page(
        title=_filled(table, "title", table.text("title"), values),
        lead=filled("lead", table.optional_text("lead")),
        points=tuple(_filled(table, "points", text, values) for text in table.texts("points")),
        sections=tuple(
            Section(
                key=entry.string("key"),
                heading=_filled(entry, "heading", entry.text("heading"), values),
                body=_filled(entry, "body", entry.text("body"), values),
            )
            for entry in sections
        ),
        closing=filled("closing", table.optional_text("closing")),
    )
