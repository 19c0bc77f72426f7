"""The steps of a case as the desk offers them: in which order, and what each will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.cases import deadlines
from app.cases.kinds import kind_of
from app.cases.lifecycle import HOLDER, Action, Clock, Move, Need
from app.cases.models import Case
from app.core.access import PRIVATE, Permission
from app.core.i18n import LazyString, _, _l, date_long
from app.places.facts import City

TIDYING: Final = frozenset({Need.CATEGORY, Need.VISIBILITY, Need.PUBLIC_TEXT, Need.PHOTO})
FORWARD: Final = frozenset({Clock.ANSWER, Clock.SOLVE, Clock.CONFIRM})


@dataclass(frozen=True)
class Steps:
    """The open steps of a case by where they stand on its page."""

    main: list[Move | Action]
    tidying: list[Move | Action]
    note: Move | Action | None
    reveal: Move | Action | None


def sorted_steps(rows: Sequence[Move | Action], case: Case) -> Steps:
    """Put the steps where they are looked for; the one that brings the case forward comes first."""
    note = next((row for row in rows if row.needs == (Need.NOTE,)), None)
    reveal = next((row for row in rows if row.who == Permission.PERSON_REVEAL), None)
    others = [row for row in rows if row not in (note, reveal)]
    tidying = [row for row in others if not TIDYING.isdisjoint(row.needs)]
    main = [row for row in others if row not in tidying]
    return Steps(sorted(main, key=lambda row: not leads_on(row, case)), tidying, note, reveal)


def leads_on(row: Move | Action, case: Case) -> bool:
    """Whether this is the step the case waits for; whoever feels threatened is answered first."""
    if case.threatened_at is not None:
        return row.guard == "threat_waits"
    return isinstance(row, Move) and row.clock in FORWARD and row.to != case.state


def at_once(row: Move | Action) -> bool:
    """Whether a step needs no page of its own: nothing is asked and nothing turns."""
    return isinstance(row, Action) and not row.needs


# ---------------------------------------------------------------- what a step will do

AFTER_MOVE: Final[Mapping[Clock, LazyString]] = {
    Clock.VERIFY: _l("Laporan kembali ke verifikator, yang memutuskan paling lambat %(due)s."),
    Clock.ANSWER: _l("Dinas yang dipilih memberi jawaban pertama paling lambat %(due)s."),
    Clock.SOLVE: _l("Jam berganti: masalahnya diselesaikan paling lambat %(due)s."),
    Clock.CONFIRM: _l("Jam berpindah ke pelapor, %(days)s hari kerja sampai %(due)s."),
    Clock.WAIT: _l("Jam berhenti. Pelapor bisa menjawab sampai %(due)s."),
    Clock.BEFORE: _l("Laporan kembali seperti sebelum digabung. Batas waktunya %(due)s."),
}
AFTER_PRIVATE_MOVE: Final[Mapping[Clock, LazyString]] = {
    Clock.VERIFY: _l("Berkas diperiksa lagi paling lambat %(due)s."),
    Clock.SOLVE: _l("Janji berjalan: selesai paling lambat %(due)s."),
    Clock.WAIT: _l("Jam berhenti. Pemohon bisa melanjutkan sampai %(due)s."),
    Clock.RESUME: _l("Jam berjalan lagi: selesai paling lambat %(due)s."),
}
"""The same for requests, which go from no office to another."""
STILL_LATE: Final = _l("Batas waktunya %(due)s sudah lewat; ini tetap tercatat terlambat.")
AFTER_ACTION: Final[Mapping[Need, LazyString]] = {
    Need.DATE: _l("Batas waktu sekarang %(due)s. Perpanjangan hanya bisa satu kali."),
    Need.REPLY: _l("Kabar ini tampil di halaman laporan. Batas waktu tetap %(due)s."),
    Need.OFFICER: _l("Petugas yang dipilih diberi tahu. Batas waktu tetap %(due)s."),
    Need.CATEGORY: _l("Pelapor dan warga melihat urusan yang baru. Batas waktu tetap %(due)s."),
    Need.VISIBILITY: _l("Petugas tidak bisa melonggarkannya lagi."),
    Need.PUBLIC_TEXT: _l("Yang ditutup tidak bisa dibuka lagi. Tulisan aslinya tetap tersimpan."),
    Need.PHOTO: _l("Pelapor dan petugas tetap bisa melihat foto ini."),
    Need.NEWS: _l("Pemohon membacanya di riwayat permohonannya."),
    Need.PUBLIC_REASON: _l("Surat ini langsung tidak berlaku, dan tidak bisa dipulihkan."),
    Need.AMOUNT: _l("Pemohon diberi tahu jumlah yang baru. Batas waktu membayar tetap %(due)s."),
    Need.TO_HOLDER: _l("Pelapor membaca jawaban ini di riwayat laporannya."),
    Need.REASON: _l("Keputusan semula tetap berlaku dan tidak bisa dibantah lagi di sini."),
}


def aftermath(row: Move | Action, case: Case, city: City, today: date) -> list[str]:
    """What happens once a step is taken, with the date: shown before it is sent."""
    if isinstance(row, Action):
        words = next((AFTER_ACTION[need] for need in row.needs if need in AFTER_ACTION), None)
        due = date_long(case.due_on) if case.due_on else _("belum ada")
        return [str(words) % {"due": due}] if words else []
    due_on = _due_after(row, case, city, today)
    told = []
    after = AFTER_PRIVATE_MOVE if case.visibility == PRIVATE else AFTER_MOVE
    if row.clock in after and due_on is not None:
        days = city.calendar.between(today, due_on)
        words = STILL_LATE if due_on < today else after[row.clock]
        told.append(str(words) % {"due": date_long(due_on), "days": days})
    if Need.PUBLIC_REASON in row.needs:
        told.append(
            _("Surat yang lama, kalau belum dicabut, tetap berlaku sampai penggantinya terbit.")
        )
    if row.clock is Clock.STOP:
        told.append(_("Jam berhenti dan %(one)s ditutup.", one=kind_of(case).names.one))
    return told + _rights_after(row, case, city, today)


def _due_after(move: Move, case: Case, city: City, today: date) -> date | None:
    """The promise that would run: worked out on a copy that belongs to no session."""
    copied = ("due_on", "clock_left", "solve_by", "class_days", "paused_days", "state_since")
    copy = Case(**{name: getattr(case, name) for name in copied})
    deadlines.start(move.clock, copy, city, today)
    return copy.due_on


def _rights_after(move: Move, case: Case, city: City, today: date) -> list[str]:
    """What the reporter can still do, and until when."""
    lifecycle = kind_of(case).lifecycle
    state = move.to or case.state_before_merge or case.state
    rows: list[Move | Action] = [*lifecycle.moves_from(state), *lifecycle.actions_in(state)]
    guards = {row.guard for row in rows if row.who == HOLDER}
    told = []
    if "may_reopen" in guards and case.unit_code is not None:
        until = city.calendar.add(today, city.promises.reopen_days)
        told.append(_("Pelapor bisa membukanya lagi sampai %(until)s.", until=date_long(until)))
    if "may_object" in guards and case.objection is None:
        until = city.calendar.add(today, city.promises.object_days)
        told.append(
            _(
                "%(who)s bisa berkeberatan satu kali, sampai %(until)s.",
                who=kind_of(case).names.holder,
                until=date_long(until),
            )
        )
    return told
