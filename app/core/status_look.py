"""How every state of a case looks: word, icon, tone and calendar leaf, one row each.

The words of complaints are the states of SP4N-LAPOR!, which citizens know. Late and due today are
no states but facts computed from the promise; they stand beside the state as a second tag.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.core.i18n import LazyString, _l

Tone = Literal["", "wait", "you", "move", "done", "late"]
LeafTone = Literal["", "late", "kept", "off"]
Clock = Literal["city", "reporter", "none"]


@dataclass(frozen=True, slots=True)
class StatusLook:
    """The look of one state.

    `word` may name %(unit)s, %(agency)s or %(target)s; `brief` never does, for lists and filters.
    `clock` says whose time runs, so that only the city can be late. `leaf` is the word on the
    calendar leaf, None where no date is promised.
    """

    word: LazyString
    brief: LazyString
    icon: str
    tone: Tone
    clock: Clock
    leaf: LazyString | None
    leaf_tone: LeafTone = ""


_PROMISE = _l("Janji")
_UNTIL = _l("Sampai")
_REPORTER = _l("Warga")
_ENDED = _l("Ditutup")


def _plain(word: LazyString, icon: str, tone: Tone, clock: Clock, leaf: LazyString) -> StatusLook:
    return StatusLook(word, word, icon, tone, clock, leaf)


STATUS: Mapping[str, StatusLook] = MappingProxyType(
    {
        "submitted": _plain(_l("Menunggu verifikasi"), "wait", "wait", "city", _PROMISE),
        "needs_info": StatusLook(
            _l("Perlu dilengkapi"), _l("Perlu dilengkapi"), "you", "you", "reporter", _UNTIL, "off"
        ),
        "assigned": StatusLook(
            _l("Terdisposisi ke %(unit)s"), _l("Terdisposisi"), "sent", "move", "city", _PROMISE
        ),
        "in_progress": _plain(_l("Sedang ditindaklanjuti"), "work", "move", "city", _PROMISE),
        "answered": _plain(
            _l("Ditindaklanjuti oleh instansi"), "answer", "move", "reporter", _REPORTER
        ),
        "disputed": _plain(
            _l("Ditanggapi pelapor, belum selesai"), "dispute", "late", "city", _PROMISE
        ),
        "closed": StatusLook(
            _l("Selesai"), _l("Selesai"), "done", "done", "none", _l("Selesai"), "kept"
        ),
        "rejected": StatusLook(
            _l("Tidak dapat diproses"), _l("Tidak dapat diproses"), "no", "", "none", _ENDED, "off"
        ),
        "referred": StatusLook(
            _l("Diteruskan ke %(agency)s"), _l("Diteruskan"), "pass", "", "none", _ENDED, "off"
        ),
        "merged": StatusLook(
            _l("Digabung dengan %(target)s"), _l("Digabung"), "merge", "", "none", _ENDED, "off"
        ),
        "withdrawn": StatusLook(_l("Dicabut"), _l("Dicabut"), "undo", "", "none", None),
        # of requests
        "received": _plain(_l("Menunggu diperiksa"), "wait", "wait", "city", _PROMISE),
        "checking": _plain(_l("Berkas diperiksa"), "eye", "move", "city", _PROMISE),
        "needs_fix": StatusLook(
            _l("Perlu diperbaiki"), _l("Perlu diperbaiki"), "you", "you", "reporter", _UNTIL, "off"
        ),
        "in_review": _plain(_l("Diproses"), "work", "move", "city", _PROMISE),
        "fee_set": StatusLook(
            _l("Menunggu pembayaran"),
            _l("Menunggu pembayaran"),
            "you",
            "you",
            "reporter",
            _UNTIL,
            "off",
        ),
        "fee_sent": _plain(_l("Bukti bayar diperiksa"), "eye", "move", "city", _PROMISE),
        "fee_paid": _plain(_l("Sudah dibayar, diproses"), "work", "move", "city", _PROMISE),
        "issued": StatusLook(
            _l("Terbit"), _l("Terbit"), "done", "done", "none", _l("Terbit"), "kept"
        ),
        "refused": StatusLook(_l("Ditolak"), _l("Ditolak"), "no", "", "none", _ENDED, "off"),
        "cancelled": StatusLook(_l("Dibatalkan"), _l("Dibatalkan"), "undo", "", "none", None),
    }
)
