"""How the desk shows cases: the rows of a queue and the parts of a case page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.cases import desk_queries, publicity
from app.cases.desk_queries import Queue, Row
from app.cases.forms import VISIBILITY_NOTES
from app.cases.guards import is_contested
from app.cases.kinds import kind_of, kinds
from app.cases.lifecycle import HOLDER, Clock, Lifecycle, Move
from app.cases.models import Case, Event, Message
from app.cases.publicity import Publicity
from app.cases.showing import history, promise_of, staff_reads_copy, title_of
from app.civic.identity import mask_email, mask_name, mask_phone
from app.civic.promises import local_date
from app.core.access import PRIVATE, Permission, may
from app.core.i18n import LazyString, _, _l, _n, date_long, language, tr
from app.core.promise_view import EventView, Leaf, Tag, age_words, tags_of
from app.core.status_look import LeafTone
from app.core.vault import Vault
from app.places.facts import City
from app.staff.models import Staff


def works_on(staff: Staff, case: Case) -> bool:
    """Whether somebody decides or works on a case, and so may read what the reporter wrote."""
    return may(staff, Permission.CASE_VERIFY, case) or may(staff, Permission.CASE_WORK, case)


def desk_title(case: Case, staff: Staff, city: City) -> str:
    """The title for a member of staff: of a rahasia case only to those who work on it."""
    if works_on(staff, case):
        return kind_of(case).title(case, city).in_(language())
    return title_of(case, city)


# ---------------------------------------------------------------- the queue


@dataclass(frozen=True)
class PartWords:
    """What a part of the queue is called, how its tab looks, and what stands there when empty."""

    label: LazyString
    nothing: LazyString
    icon: str = ""
    tone: str = ""


PART_WORDS: Final[Mapping[str, PartWords]] = {
    "kerjakan": PartWords(_l("Kerjakan dulu"), _l("Tidak ada yang menunggu Anda.")),
    "terancam": PartWords(
        _l("Pelapor terancam"), _l("Tidak ada pelapor yang merasa terancam."), "lock", "late"
    ),
    "lewat": PartWords(_l("Terlambat"), _l("Tidak ada yang terlambat."), "late", "late"),
    "hari-ini": PartWords(
        _l("Batas hari ini"), _l("Tidak ada yang batas waktunya hari ini."), "due", "wait"
    ),
    "baru": PartWords(_l("Baru"), _l("Tidak ada yang baru.")),
    "dikembalikan": PartWords(_l("Dikembalikan"), _l("Tidak ada yang dikembalikan dinas."), "undo"),
    "keberatan": PartWords(_l("Keberatan"), _l("Tidak ada keberatan yang menunggu."), "dispute"),
    "bukan-sama": PartWords(
        _l("Bukan masalah yang sama"), _l("Tidak ada penggabungan yang dibantah."), "merge"
    ),
    "dibantah": PartWords(_l("Dibantah"), _l("Tidak ada yang dibantah pelapor."), "dispute"),
    "saya": PartWords(_l("Milik saya"), _l("Tidak ada yang diserahkan kepada Anda.")),
    "tanpa-petugas": PartWords(_l("Tanpa petugas"), _l("Semua sudah ada petugasnya.")),
    "menunggu-pelapor": PartWords(
        _l("Menunggu warga"), _l("Tidak ada yang menunggu warga."), "you"
    ),
    "terbuka": PartWords(_l("Semua terbuka"), _l("Tidak ada laporan terbuka.")),
}


@dataclass(frozen=True)
class QueueRow:
    """One case in a queue."""

    case: Case
    title: str
    icon: str
    place: str
    leaf: Leaf
    note: str
    late: bool
    state: Tag
    age: str
    holder: str
    secret: bool
    glimpse: str = ""


@dataclass(frozen=True)
class Group:
    """Rows of a queue under one heading."""

    label: str
    late: bool
    rows: list[QueueRow]


def grouped(session: Session, rows: Sequence[Row], queue: Queue, city: City) -> list[Group]:
    """Rows in the order of their promises, under headings that say how much time is left."""
    groups: list[Group] = []
    glimpses = _glimpses(session, [row.case for row in rows if row.case.visibility != "rahasia"])
    for row in rows:
        label, late = _heading(row.case, queue)
        if not groups or groups[-1].label != label:
            groups.append(Group(label, late, []))
        view = queue_row(row, queue, city)
        groups[-1].rows.append(replace(view, glimpse=glimpses.get(row.case.id, "")))
    return groups


def _glimpses(session: Session, cases: Iterable[Case]) -> dict[int, str]:
    """How each case begins. Of rahasia ones nothing stands in a list that others may pass by."""
    by_kind: dict[str, list[int]] = {}
    for case in cases:
        by_kind.setdefault(case.kind, []).append(case.id)
    found: dict[int, str] = {}
    for kind in kinds():
        if ids := by_kind.get(kind.lifecycle.kind):
            found |= kind.glimpses(session, ids)
    return found


def _heading(case: Case, queue: Queue) -> tuple[str, bool]:
    if case.threatened_at and queue.verifies:
        return _("Pelapor merasa terancam, jawab dulu"), True
    today = queue.today
    due = case.due_on or today
    sunday = today + timedelta(days=6 - today.weekday())
    if due < today:
        return _("Lewat batas waktu"), True
    if due == today:
        return _("Hari ini, %(day)s", day=date_long(today)), False
    if due <= sunday:
        return _("Pekan ini"), False
    if due <= sunday + timedelta(days=7):
        return _("Pekan depan"), False
    return _("Sesudah itu"), False


def queue_row(row: Row, queue: Queue, city: City) -> QueueRow:
    """A case as its desk sees it."""
    case, today = row.case, queue.today
    open_to_reader = works_on(queue.staff, case) or case.visibility != "rahasia"
    late = is_owed(case) and case.due_on is not None and case.due_on < today
    return QueueRow(
        case=case,
        title=desk_title(case, queue.staff, city),
        icon=kind_of(case).icon(case, city) if open_to_reader else "lock",
        place=_place(case, city) if open_to_reader else city.district(case.district).name,
        leaf=_leaf(case, late),
        note=_due_note(case, city, today),
        late=late,
        state=_threat_tag(case, queue) or _state_tag(case, city, today),
        age=age_words((today - local_date(case.created_at, city.zone)).days),
        holder=_holder(row, queue, city),
        secret=case.visibility == "rahasia",
    )


def _place(case: Case, city: City) -> str:
    district = city.district(case.district).name
    return f"{city.village(case.village_code).name}, {district}" if case.village_code else district


def is_owed(case: Case) -> bool:
    """Whether the city owes the next step: by its state, or by words that wait for a decision."""
    owed = case.state in kind_of(case).lifecycle.city_clock
    waits = case.objection == "open" or is_contested(case) or case.threatened_at is not None
    return owed or waits


def _leaf(case: Case, late: bool) -> Leaf:
    running: LeafTone = "" if is_owed(case) else "off"
    return Leaf(case.due_on or date.min, _("Janji"), "late" if late else running)


def _due_note(case: Case, city: City, today: date) -> str:
    if not is_owed(case):
        waits = kind_of(case).lifecycle.states[case.state].clock is Clock.WAIT
        return _("jam berhenti") if waits else _("giliran warga")
    if case.due_on is None:
        return ""
    days = city.calendar.between(today, case.due_on)
    if case.due_on < today:
        late = -days
        return _n("lewat %(n)s hari", "lewat %(n)s hari", late, n=late) if late else _("lewat")
    return _n("sisa %(n)s hari", "sisa %(n)s hari", days, n=days) if days else _("hari ini")


def _threat_tag(case: Case, queue: Queue) -> Tag | None:
    """Only for verifiers."""
    if case.threatened_at is None or not queue.verifies:
        return None
    return Tag("lock", _("Pelapor merasa terancam"), "late")


def _state_tag(case: Case, city: City, today: date) -> Tag:
    if case.objection == "open":
        return Tag("dispute", _("Keberatan"), "late")
    if is_contested(case):
        return Tag("merge", _("Pelapor: bukan masalah yang sama"), "late")
    if case.visibility == PRIVATE:
        return tags_of(promise_of(case, city, today), city.calendar)[-1]
    clock = kind_of(case).lifecycle.states[case.state].clock
    if clock is Clock.VERIFY and case.assigned_at is not None:
        return Tag("undo", _("Dikembalikan, verifikasi lagi"), "wait")
    if clock is Clock.ANSWER:
        accepted = case.accepted_at is not None
        words = _("Diterima, belum dijawab") if accepted else _("Baru, belum diterima")
        return Tag("sent", words, "move")
    if clock is Clock.SOLVE:
        return Tag("work", _("Sedang dikerjakan"), "move")
    if clock is Clock.DISPUTE:
        return Tag("dispute", _("Dibantah pelapor"), "late")
    return tags_of(promise_of(case, city, today), city.calendar)[-1]


def _holder(row: Row, queue: Queue, city: City) -> str:
    if queue.verifies:
        unit = row.case.unit_code
        return tr(city.unit(unit).short) if unit else _("Verifikator")
    return row.officer or _("belum ada")


# ---------------------------------------------------------------- the page of a case


@dataclass(frozen=True)
class Histories:
    """What happened, apart by who may know it."""

    public: list[EventView]
    inside: list[EventView]


def histories(
    session: Session, events: Sequence[Event], case: Case, staff: Staff, city: City
) -> Histories:
    """The public history as the public reads it, and beside it what only staff may see."""
    people = desk_queries.names(session, (event.staff_id for event in events))
    if case.visibility == PRIVATE:
        audience = "staff" if works_on(staff, case) else "public"
        return Histories([], history(events, case, city, audience=audience, people=people))
    public = history(events, case, city, audience="public", people=people)
    if not works_on(staff, case):
        return Histories(public, [])
    seen = publicity.by_events(case, events)
    inside = [event for event in events if not event.public or _has_more(event.message, seen)]
    return Histories(public, history(inside, case, city, audience="staff", people=people))


def unanswered(events: Sequence[Event], case: Case, staff: Staff, city: City) -> EventView | None:
    """What the reporter wrote last if no step of the staff that they could read has followed it."""
    if not works_on(staff, case):
        return None
    lifecycle = kind_of(case).lifecycle
    answered = max((e.id for e in events if _speaks_to_reporter(e, lifecycle)), default=0)
    newer = [e for e in events if e.actor == HOLDER and e.message and e.id > answered]
    return next(iter(history(newer[-1:], case, city, audience="staff")), None)


def _speaks_to_reporter(event: Event, lifecycle: Lifecycle) -> bool:
    """A step of the staff that everybody reads, or one that brings words or, of a request, mail."""
    told = event.message is not None and event.message.audience != "internal"
    row = lifecycle.row(event.name)
    mailed = row is not None and not row.public and bool(row.tells) and isinstance(row, Move)
    return event.actor == "staff" and (event.public or told or mailed)


def _has_more(message: Message | None, seen: Publicity) -> bool:
    """Whether the words of an event are more than the public reads."""
    if message is None:
        return False
    more = message.body != message.public_body and not staff_reads_copy(message)
    return more or not seen.shows(message)


@dataclass(frozen=True)
class Person:
    """What staff may know of the reporter: masked, or nothing at all."""

    note: str
    facts: list[tuple[str, str]]


def reporter(case: Case, vault: Vault, *, masked: bool = True) -> Person:
    """The reporter of a publik case; of anonim and rahasia ones nobody learns who it is."""
    names = {"publik": _l("Publik")} | {
        key: name for key, (name, _note) in VISIBILITY_NOTES.items()
    }
    facts = [(_("Sifat"), str(names[case.visibility]))]
    if case.erased_at is not None:
        return Person(_("Data pribadi pelapor sudah dihapus."), facts)
    if case.visibility != "publik":
        return Person(
            _(
                "Siapa pelapornya tidak bisa dilihat siapa pun di sini. "
                "Jawaban tetap sampai ke halamannya."
            ),
            facts,
        )
    if case.contact is None:
        return Person(_("Pelapor tidak meninggalkan nama atau kontak."), facts)
    held = (
        (_("Nama"), case.contact.name, mask_name),
        (_("Ponsel"), case.contact.phone, mask_phone),
        (_("Email"), case.contact.email, mask_email),
    )
    for label, secret, mask in held:
        if secret:
            plain = vault.decrypt(secret)
            facts.append((label, mask(plain) if masked else plain))
    shown = _("Nama tampil di halaman publik.") if case.contact.show_name else ""
    return Person(shown, facts)
