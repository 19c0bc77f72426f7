"""What a city is: frozen facts, read once from the city folder by `app.places.city.load_city`.

Codes that rows of the database carry may outlive the folder they came from. Looking one up for
display therefore never fails: an unknown code gives a stand-in whose `known` is False. A write
must check `known`, or choose from the lists.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from app.civic.geo import Bounds, haversine
from app.civic.similarity import suggest_by_keywords
from app.civic.text import search_terms
from app.civic.working_days import Calendar
from app.core.search import stem

VISIBILITIES = ("publik", "anonim", "rahasia")
DEADLINE_CLASSES = ("information", "plain", "examination")
UNIT_KINDS = ("dinas", "badan", "bagian", "kecamatan", "office")
HOLIDAY_KINDS = ("national", "joint", "local")
NOTICE_KINDS = ("danger", "flood", "fire", "medical", "police", "power", "child", "none")
NOTICE_LEVELS = ("stop", "notice", "tip")

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the site."""

    id: str
    en: str

    def in_(self, lang: str) -> str:
        """Return the text in `lang`; Indonesian for anything but English."""
        return self.en if lang.startswith("en") else self.id

    def fill(self, values: "Mapping[str, Text | str]") -> "Text":
        """Replace each `{name}` found in `values`, and leave the others as they are."""

        def filled(template: str, lang: str) -> str:
            def word(match: re.Match[str]) -> str:
                value = values.get(match[1], match[0])
                return value.in_(lang) if isinstance(value, Text) else value

            return PLACEHOLDER.sub(word, template)

        return Text(filled(self.id, "id"), filled(self.en, "en"))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names in braces, in order of first appearance in the Indonesian text."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(self.id)))

    @classmethod
    def same(cls, text: str) -> "Text":
        """Make a text that reads the same in both languages, such as a proper name."""
        return cls(text, text)


def _valid(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True, slots=True)
class StartView:
    """What a map shows before anybody has moved it."""

    lat: float
    lon: float
    zoom: int


@dataclass(frozen=True, slots=True)
class District:
    """A kecamatan with its Kemendagri code and the point its label stands on."""

    code: str
    name: str
    lat: float
    lon: float
    known: bool = True


@dataclass(frozen=True, slots=True)
class Village:
    """A kelurahan of one kecamatan."""

    code: str
    name: str
    district_code: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class EarlierName:
    """A name a unit bore through `valid_to`."""

    name: Text
    short: Text
    valid_to: date


@dataclass(frozen=True, slots=True)
class Unit:
    """A service unit of the city that can hold a case."""

    code: str
    name: Text
    short: Text
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None
    district_code: str | None = None
    mailbox: str = ""
    earlier_names: tuple[EarlierName, ...] = ()
    known: bool = True

    def valid_on(self, day: date) -> bool:
        """Tell whether the unit exists on `day`."""
        return _valid(day, self.valid_from, self.valid_to)

    def name_on(self, day: date) -> Text:
        """Return the full name the unit bore on `day`."""
        return next((old.name for old in self.earlier_names if day <= old.valid_to), self.name)

    def short_on(self, day: date) -> Text:
        """Return the short name the unit bore on `day`."""
        return next((old.short for old in self.earlier_names if day <= old.valid_to), self.short)


@dataclass(frozen=True, slots=True)
class Agency:
    """A body outside the city to which a report can be referred."""

    code: str
    name: Text
    phone: str = ""
    web: str = ""
    email: str = ""
    address: str = ""
    known: bool = True

    @property
    def contact(self) -> Text:
        """How a citizen reaches the body, in one phrase without a full stop."""
        ways_id = [f"telepon {self.phone}"] if self.phone else []
        ways_en = [f"phone {self.phone}"] if self.phone else []
        rest = [way for way in (self.web, self.email, self.address) if way]
        return Text(", ".join(ways_id + rest), ", ".join(ways_en + rest))


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said about danger when a category is chosen.

    `level`: stop = the call comes before the form; notice = one line in it; tip = a small line.
    `phones` names the contacts the text mentions, the first one first.
    """

    kind: str
    level: str
    text: Text
    phones: tuple[str, ...] = ()

    @property
    def call_first(self) -> bool:
        """Whether the citizen is pointed to the telephone before the form."""
        return self.level == "stop"


@dataclass(frozen=True, slots=True)
class Category:
    """A subject a report can be about, and where such reports go.

    `unit_code` None: the verifier decides. `only_units`, when not empty, are the only units that
    may hold such a report; `bypass_place` bars the office of the place from holding it.
    """

    slug: str
    name: Text
    hint: Text
    icon: str
    unit_code: str | None
    agency_codes: tuple[str, ...]
    outside: bool
    deadline: str
    visibility: str
    visibilities: tuple[str, ...]
    only_units: tuple[str, ...]
    bypass_place: bool
    notice: Notice | None
    keywords: tuple[str, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    known: bool = True

    def valid_on(self, day: date) -> bool:
        """Tell whether the category is offered on `day`."""
        return _valid(day, self.valid_from, self.valid_to)


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why a report cannot be processed; `text` may hold placeholders of the case."""

    code: str
    label: Text
    text: Text
    known: bool = True


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which the service does not work. Kind: national, joint (cuti bersama) or local."""

    day: date
    name: Text
    kind: str


@dataclass(frozen=True, slots=True)
class Promises:
    """How many days each step may take: working days, except `needs_info_days` (calendar days)."""

    verify_days: int
    answer_days: int
    confirm_days: int
    reopen_days: int
    dispute_days: int
    object_days: int
    needs_info_days: int
    needs_info_reminder_days: int
    closing_reminder_days: int
    reminder_percent: int
    escalation_grace_days: int
    class_days: Mapping[str, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of what a citizen may send. Lengths in characters, sizes in megabytes."""

    text_min: int
    text_max: int
    landmark_min: int
    landmark_max: int
    name_max: int
    photos_max: int
    photo_max_mb: int
    photos_total_mb: int
    paper_max_mb: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long personal data are kept."""

    closed_months: int
    logs_months: int
    backup_days: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """Numbers and addresses printed on pages. Phone numbers are as one dials them."""

    phone_emergency: str
    phone_police: str
    phone_fire: str
    phone_ambulance: str
    phone_women_children: str
    wa_women_children: str
    phone_ombudsman: str
    phone_corruption: str
    phone_electricity: str
    phone_water: str
    contact_email: str
    contact_address: str
    controller: Text
    dpo: Text


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of a standing page."""

    key: str
    heading: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Page:
    """A standing page: its lead, the points that say it in short, and its sections."""

    title: Text
    lead: Text | None
    points: tuple[Text, ...]
    sections: tuple[Section, ...]
    closing: Text | None


@dataclass(frozen=True)
class City:
    """Everything one city decides. Made by `load_city`, read by everybody, changed by nobody."""

    code: str
    site: str
    name: Text
    short_name: str
    province: Text
    zone: ZoneInfo
    zone_label: str
    locale: Literal["id", "en"]
    bounds: Bounds
    start: StartView
    contacts: Contacts
    promises: Promises
    retention: Retention
    limits: Limits
    notice_version: str
    notice_since: date
    secretariat_code: str
    districts: tuple[District, ...]
    villages: tuple[Village, ...]
    units: tuple[Unit, ...]
    agencies: tuple[Agency, ...]
    categories: tuple[Category, ...]
    reject_reasons: tuple[RejectReason, ...]
    holidays: tuple[Holiday, ...]
    pages: Mapping[str, Page]
    words: Mapping[str, Text]

    # ---------------------------------------------------------------- look-ups that never fail

    def category(self, slug: str) -> Category:
        """Return the category, or a confidential stand-in of the same slug."""
        return self._categories.get(slug) or Category(
            slug=slug,
            name=Text(f"Urusan lama ({slug})", f"Former subject ({slug})"),
            hint=Text.same(""),
            icon="lain",
            unit_code=None,
            agency_codes=(),
            outside=False,
            deadline="plain",
            visibility="rahasia",
            visibilities=("rahasia",),
            only_units=(),
            bypass_place=True,
            notice=None,
            keywords=(),
            known=False,
        )

    def unit(self, code: str) -> Unit:
        """Return the unit, or a stand-in that bears its code."""
        return self._units.get(code) or Unit(
            code,
            Text(f"Unit lama ({code})", f"Former unit ({code})"),
            Text.same(code),
            "office",
            known=False,
        )

    def agency(self, code: str) -> Agency:
        """Return the outside body, or a stand-in that bears its code."""
        return self._agencies.get(code) or Agency(
            code, Text(f"Badan lama ({code})", f"Former body ({code})"), known=False
        )

    def district(self, code: str) -> District:
        """Return the kecamatan, or a stand-in at the middle of the first map view."""
        return self._districts.get(code) or District(
            code, code, self.start.lat, self.start.lon, known=False
        )

    def village(self, code: str) -> Village:
        """Return the kelurahan, or a stand-in that belongs to no kecamatan."""
        return self._villages.get(code) or Village(code, code, "", known=False)

    def reject_reason(self, code: str) -> RejectReason:
        """Return the reason of rejection, or a stand-in that bears its code."""
        return self._reject_reasons.get(code) or RejectReason(
            code, Text.same(code), Text.same(code), known=False
        )

    # ---------------------------------------------------------------- places

    def villages_of(self, district_code: str) -> tuple[Village, ...]:
        """Return the kelurahan of a kecamatan in the order of the file."""
        return self._villages_of.get(district_code, ())

    def nearest_district(self, lat: float, lon: float) -> District:
        """Return the kecamatan whose centre is nearest: a suggestion, no boundary."""
        return min(self.districts, key=lambda d: haversine((d.lat, d.lon), (lat, lon)))

    # ---------------------------------------------------------------- who handles what

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """Return the units that exist on `day`, in the order of the file."""
        return tuple(unit for unit in self.units if unit.valid_on(day))

    def categories_on(self, day: date) -> tuple[Category, ...]:
        """Return the categories offered on `day`, in the order of the file."""
        return tuple(category for category in self.categories if category.valid_on(day))

    def suggest_categories(self, text: str, day: date, limit: int = 3) -> tuple[Category, ...]:
        """Return the categories offered on `day` whose keywords stand in `text`, best first."""
        words = stems_in_order(text)
        suggested = map(
            self.category, suggest_by_keywords(words, self._keywords, len(self.categories))
        )
        return tuple(category for category in suggested if category.valid_on(day))[:limit]

    def office_of(self, district_code: str) -> Unit | None:
        """Return the kecamatan office of a place, if the city has one."""
        return next((unit for unit in self.units if unit.district_code == district_code), None)

    def assignable_units(self, slug: str, district_code: str, day: date) -> tuple[Unit, ...]:
        """Return the units that may hold a report of this category from this place.

        A category may name the only units allowed, and may bar the office of the place, which the
        report is about ("complained_unit_bypassed").
        """
        category = self.category(slug)
        return tuple(
            unit
            for unit in self.units_on(day)
            if (not category.only_units or unit.code in category.only_units)
            and not (category.bypass_place and unit.district_code == district_code)
        )

    def default_unit(self, slug: str, district_code: str, day: date) -> Unit | None:
        """Return the unit proposed to the verifier, or None when the verifier decides alone."""
        code = self.category(slug).unit_code
        allowed = self.assignable_units(slug, district_code, day)
        return next((unit for unit in allowed if unit.code == code), None)

    # ---------------------------------------------------------------- days and words

    @cached_property
    def calendar(self) -> Calendar:
        """Working days of this city."""
        return Calendar(frozenset(holiday.day for holiday in self.holidays))

    def solve_days(self, slug: str) -> int:
        """Return the working days in which a complaint of this category is to be solved."""
        return self.promises.class_days[self.category(slug).deadline]

    def words_in(self, lang: str) -> dict[str, str]:
        """Return the values of the city's placeholders, such as `city` or `phone_police`."""
        return {name: text.in_(lang) for name, text in self.words.items()}

    # ---------------------------------------------------------------- indexes

    @cached_property
    def _keywords(self) -> dict[str, tuple[str, ...]]:
        return {
            c.slug: tuple(" ".join(stems_in_order(k)) for k in c.keywords) for c in self.categories
        }

    @cached_property
    def _categories(self) -> dict[str, Category]:
        return {category.slug: category for category in self.categories}

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def _agencies(self) -> dict[str, Agency]:
        return {agency.code: agency for agency in self.agencies}

    @cached_property
    def _districts(self) -> dict[str, District]:
        return {district.code: district for district in self.districts}

    @cached_property
    def _villages(self) -> dict[str, Village]:
        return {village.code: village for village in self.villages}

    @cached_property
    def _reject_reasons(self) -> dict[str, RejectReason]:
        return {reason.code: reason for reason in self.reject_reasons}

    @cached_property
    def _villages_of(self) -> dict[str, tuple[Village, ...]]:
        return {d.code: _members(d.code, self.villages) for d in self.districts}


def stems_in_order(text: str) -> list[str]:
    """Return the stems of a text as it goes on, so that keywords of several words can be found."""
    return [stem(word) for word in search_terms(text)]


def _members(district_code: str, villages: Iterable[Village]) -> tuple[Village, ...]:
    return tuple(village for village in villages if village.district_code == district_code)
