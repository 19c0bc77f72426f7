"""The services of a city as their files describe them: what one gets, brings, pays and waits for.

A file may leave out what the city has not published. The page then says so; nothing is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from app.core.i18n import LazyString, _l
from app.core.search import stems
from app.places.facts import Text, Unit
from app.requests.questions import Condition, Question, Questions


@dataclass(frozen=True, slots=True)
class Room:
    """A family of services, and the address its pages begin with."""

    name: LazyString
    lead: LazyString
    icon: str
    address: str


ROOMS: Final[Mapping[str, Room]] = {
    "civil_registry": Room(
        _l("Administrasi kependudukan"),
        _l("KTP-el, kartu keluarga, akta, dan surat pindah."),
        "ktp",
        "/adminduk",
    ),
    "permits": Room(
        _l("Perizinan"),
        _l("Izin praktik, reklame, bangunan, penelitian, dan acara."),
        "izin",
        "/izin",
    ),
    "visits": Room(
        _l("Kunjungan belajar"),
        _l("Untuk rombongan yang ingin mempelajari perencanaan dan pelayanan kota."),
        "kantor",
        "/kunjungan",
    ),
}
EVENTS: Final[Mapping[str, LazyString]] = {
    "lahir": _l("Kelahiran"),
    "menikah": _l("Pernikahan"),
    "pindah": _l("Pindah"),
    "meninggal": _l("Kematian"),
    "usaha": _l("Usaha"),
    "bangun": _l("Bangunan"),
}
"""What happens in a life and leads to services."""

FEES: Final[Mapping[str, LazyString]] = {
    "gratis": _l("Gratis"),
    "retribusi": _l("Retribusi daerah"),
    "pajak": _l("Pajak daerah"),
    "pnbp": _l("Tarif negara (PNBP)"),
    "perda": _l("Tarif perda"),
}
"""Who sets the fee, or that there is none."""

PARTS: Final[Mapping[str, LazyString]] = {
    "unit": _l("unit yang menangani"),
    "who": _l("siapa yang boleh"),
    "lead": _l("anjuran di awal"),
    "time": _l("jangka waktu"),
    "fee": _l("biaya"),
    "form": _l("formulir"),
    "product": _l("produk"),
    "document": _l("persyaratan"),
    "step": _l("prosedur"),
    "section": _l("isian formulir"),
    "letter": _l("surat yang terbit"),
    "elsewhere": _l("tempat mengajukan"),
    "rule": _l("dasar hukum"),
}
"""What of a standard the unit may not have confirmed, by the first part of the key in its file."""

COMPONENTS: Final[Mapping[str, LazyString]] = {
    "facilities": _l("Sarana, prasarana, dan fasilitas"),
    "skills": _l("Kompetensi pelaksana"),
    "supervision": _l("Pengawasan internal"),
    "staff": _l("Jumlah pelaksana"),
    "guarantee": _l("Jaminan pelayanan"),
    "safety": _l("Jaminan keamanan dan keselamatan"),
    "evaluation": _l("Evaluasi kinerja pelaksana"),
}
"""Of the fourteen components those that only a text can say, in order."""


@dataclass(frozen=True, slots=True)
class Document:
    """A paper to bring, from where, and in which case.

    One that is handed in as up to ``most`` files has a ``key``; ``condition`` says after which
    answers it is asked for, as ``when`` says it in words.
    """

    name: Text
    note: Text | None
    when: Text | None
    key: str = ""
    optional: bool = False
    condition: Condition | None = None
    most: int = 1


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The system in which a service is asked for instead."""

    name: str
    url: str
    text: Text


@dataclass(frozen=True, slots=True)
class LetterSpec:
    """The letter a service ends in: its title, the answers printed on it, the years it holds.

    ``shows`` are ``section.question``; ``years`` is None for one that does not run out.
    """

    name: Text
    shows: tuple[str, ...]
    years: int | None


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """What of an issued request stands in a public calendar: its day and some answers.

    ``day`` and ``shows`` are ``section.question``.
    """

    name: Text
    day: str
    shows: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """One service. ``days`` are working days from a complete file, None when not published; ``fee``
    is one of ``FEES``, or "" then. ``letter`` is None where the result is made elsewhere, such as a
    card, ``calendar`` where nothing of a request is ever public. ``source`` is the file with what
    its room asks, to be read again in years.
    """

    room: str
    code: str
    name: Text
    unit: Unit
    product: Text | None
    fee: str
    fee_note: Text | None
    days: int | None
    days_note: Text | None
    documents: tuple[Document, ...]
    questions: Questions
    steps: tuple[Text, ...]
    rules: tuple[Text, ...]
    lead: Text | None = None
    who: Text | None = None
    form: str = ""
    elsewhere: Elsewhere | None = None
    events: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    components: Mapping[str, Text] = field(default_factory=dict)
    unverified: frozenset[str] = frozenset()
    letter: LetterSpec | None = None
    calendar: CalendarSpec | None = None
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def proposed(self) -> tuple[str, ...]:
        """The parts the unit has not confirmed."""
        firsts = {key.partition(".")[0] for key in self.unverified}
        return tuple(part for part in PARTS if part in firsts)

    @property
    def public_questions(self) -> tuple[tuple[str, Question], ...]:
        """The questions whose answers everybody reads once it is issued, by their names."""
        if self.calendar is None:
            return ()
        names = dict.fromkeys((self.calendar.day, *self.calendar.shows))
        known = self.questions.by_name
        return tuple((name, known[name]) for name in names if name in known)

    @property
    def is_free(self) -> bool:
        """Whether the unit has said that it costs nothing."""
        return self.fee == "gratis" and "fee" not in self.proposed

    @cached_property
    def phrases(self) -> tuple[frozenset[str], ...]:
        """The stems of each way to say it: its names, its code, the words of citizens."""
        said = (self.name.id, self.name.en, self.code, *self.words)
        return tuple(filter(None, (frozenset(stems(one)) for one in said)))

    def likeness(self, asked: frozenset[str]) -> float:
        """How well it fits the stems of a question, from 0 to 2.

        The share of the question that one way to say it covers, and the share of that way the
        question covers; nothing below half the question.
        """

        def fits(phrase: frozenset[str]) -> float:
            both = len(asked & phrase)
            return both / len(asked) + both / len(phrase) if 2 * both >= len(asked) else 0.0

        return max(map(fits, self.phrases), default=0.0)


class Services:
    """All services of a city, in the order of their files."""

    def __init__(self, services: tuple[Service, ...]) -> None:
        self._all = services
        self._by_address = {(one.room, one.code.casefold()): one for one in services}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def find(self, room: str, code: str) -> Service | None:
        """The service of this code, however it is capitalised."""
        return self._by_address.get((room, code.casefold()))

    def of_room(self, room: str) -> tuple[Service, ...]:
        """The services of one room."""
        return tuple(one for one in self if one.room == room)

    def of_event(self, event: str) -> tuple[Service, ...]:
        """The services that belong to something that happens in a life."""
        return tuple(one for one in self if event in one.events)

    def search(self, query: str, limit: int = 12) -> tuple[Service, ...]:
        """The services a citizen may mean, the best first; none that fits half as well as that."""
        asked = frozenset(stems(query))
        if not asked:
            return ()
        found = sorted(((one.likeness(asked), one) for one in self), key=lambda pair: -pair[0])
        best = max((likeness for likeness, _one in found), default=0.0)
        return tuple(one for likeness, one in found[:limit] if likeness > best / 2)
