"""The request's states, moves and actions: one table, the same for every service of every room.

Its states have names of their own, so that a word, a mail or a queue never mistakes a request for a
complaint. Days run from a complete file: until then only the time to check it is promised.
"""

from functools import partial
from typing import Final

from app.cases.lifecycle import (
    CLOCK,
    HOLDER,
    N_,
    OPERATOR,
    PUBLIC,
    Action,
    Clock,
    Lifecycle,
    Move,
    Need,
    State,
)

WORK, ISSUE = "case.work", "case.issue"
NOTE, HAND_OVER, EXTEND = "case.note", "case.hand_over", "case.extend"

RECEIVED = "received"
CHECKING = "checking"
NEEDS_FIX = "needs_fix"
IN_REVIEW = "in_review"
FEE_SET = "fee_set"
FEE_SENT = "fee_sent"
FEE_PAID = "fee_paid"
ISSUED = "issued"
REFUSED = "refused"
CANCELLED = "cancelled"

STATES: Final = (
    State(RECEIVED, Clock.VERIFY, "city"),
    State(CHECKING, Clock.VERIFY, "city"),
    State(NEEDS_FIX, Clock.WAIT, "holder"),
    State(IN_REVIEW, Clock.SOLVE, "city"),
    State(FEE_SET, Clock.WAIT, "holder"),
    State(FEE_SENT, Clock.SOLVE, "city"),
    State(FEE_PAID, Clock.SOLVE, "city"),
    State(ISSUED, final=True),
    State(REFUSED, final=True),
    State(CANCELLED, final=True),
)
ALL: Final = tuple(state.name for state in STATES)
OPEN: Final = tuple(state.name for state in STATES if not state.final)
OVER: Final = (ISSUED, REFUSED, CANCELLED)
CITY: Final = (RECEIVED, CHECKING, IN_REVIEW, FEE_SENT, FEE_PAID)

_Move = partial(Move, public=False)
"""Nothing of a request is ever in a public history."""

# fmt: off
MOVES: Final = (
    _Move("open", (RECEIVED,), CHECKING, WORK, Clock.KEEP, N_("Buka dan periksa berkas"), N_("Berkas mulai diperiksa"), icon="eye"),
    _Move("ask_fix", (CHECKING,), NEEDS_FIX, WORK, Clock.WAIT, N_("Minta perbaikan"), N_("Ada yang perlu diperbaiki"), tells=("request_needs_fix",), guard="something_wrong", icon="you"),
    _Move("fix", (NEEDS_FIX,), CHECKING, HOLDER, Clock.RESUME, N_("Perbaiki berkas"), N_("Pemohon mengirim perbaikan"), tells=("request_fixed",), icon="answer"),
    _Move("complete", (CHECKING,), IN_REVIEW, WORK, Clock.SOLVE, N_("Nyatakan berkas lengkap"), N_("Berkas lengkap"), tells=("request_complete",), guard="all_right", icon="done"),
    _Move("set_fee", (IN_REVIEW,), FEE_SET, WORK, Clock.WAIT, N_("Tetapkan biaya"), N_("Biaya ditetapkan"), (Need.AMOUNT,), ("request_fee",), guard="may_charge", icon="you"),
    _Move("pay", (FEE_SET,), FEE_SENT, HOLDER, Clock.RESUME, N_("Kirim bukti bayar"), N_("Pemohon mengirim bukti bayar"), tells=("request_written",), icon="sent"),
    _Move("payment", (FEE_SET,), FEE_PAID, WORK, Clock.RESUME, N_("Catat pembayaran"), N_("Pembayaran diterima"), (Need.PROOF,), ("request_paid",), icon="done"),
    _Move("payment_proved", (FEE_SENT,), FEE_PAID, WORK, Clock.KEEP, N_("Catat pembayaran"), N_("Pembayaran diterima"), (Need.PROOF,), ("request_paid",), icon="done"),
    _Move("not_paid", (FEE_SENT,), FEE_SET, WORK, Clock.WAIT, N_("Bukti bayar tidak cocok"), N_("Bukti bayar tidak cocok"), (Need.NEWS,), ("request_fee",), icon="undo"),
    _Move("issue", (IN_REVIEW, FEE_PAID), ISSUED, ISSUE, Clock.STOP, N_("Terbitkan"), N_("Diterbitkan"), tells=("request_issued",), guard="may_issue", icon="done"),
    _Move("correct", (ISSUED,), CHECKING, ISSUE, Clock.VERIFY, N_("Perbaiki dan ganti surat"), N_("Surat diperbaiki dan akan diganti"), (Need.PUBLIC_REASON,), ("request_news",), guard="has_letter", icon="undo"),
    _Move("refuse", (CHECKING, IN_REVIEW), REFUSED, WORK, Clock.STOP, N_("Tolak dengan alasan"), N_("Ditolak"), (Need.REASON,), ("request_refused",), icon="no", stop=True),
    _Move("uphold", (REFUSED,), CHECKING, ISSUE, Clock.VERIFY, N_("Terima keberatan"), N_("Keberatan diterima, diperiksa lagi"), tells=("request_reopened",), guard="may_decide_objection", icon="undo"),
    _Move("expire", (NEEDS_FIX, FEE_SET), CANCELLED, CLOCK, Clock.STOP, N_("Tutup: tidak dilanjutkan"), N_("Ditutup karena tidak dilanjutkan pemohon"), tells=("request_lapsed",), icon="no"),
    _Move("cancel", (RECEIVED, CHECKING, NEEDS_FIX, IN_REVIEW, FEE_SET, FEE_SENT), CANCELLED, HOLDER, Clock.STOP, N_("Batalkan permohonan"), N_("Dibatalkan pemohon"), tells=("request_cancelled",), icon="undo", stop=True),
)

ACTIONS: Final = (
    # the holder of the code
    Action("write", OPEN, HOLDER, N_("Tulis kepada petugas"), N_("Pemohon menulis"), (Need.WORDS,), ("request_written",), icon="you"),
    Action("object_refusal", (REFUSED,), HOLDER, N_("Ajukan keberatan"), N_("Pemohon mengajukan keberatan"), (Need.WORDS,), ("request_written",), guard="may_still_object", icon="dispute"),
    Action("forget", OVER, HOLDER, N_("Hapus isian dan berkas saya"), N_("Pemohon minta datanya dihapus"), (Need.NUMBER,), ("erasure_received",), guard="may_forget", icon="no"),
    # staff
    Action("open_again", (CHECKING, NEEDS_FIX, IN_REVIEW, FEE_SET, FEE_SENT, FEE_PAID, ISSUED, REFUSED), WORK, N_("Buka berkas"), N_("Berkas dibuka petugas"), guard="not_erased", icon="eye"),
    Action("check", (CHECKING,), WORK, N_("Periksa berkas"), icon="work"),
    Action("tell", OPEN, WORK, N_("Kirim kabar kepada pemohon"), N_("Kabar dari dinas"), (Need.NEWS,), ("request_news",), icon="answer"),
    Action("change_fee", (FEE_SET,), WORK, N_("Ubah biaya"), N_("Biaya diubah"), (Need.AMOUNT,), ("request_fee",), icon="work"),
    Action("extend", (IN_REVIEW, FEE_PAID), EXTEND, N_("Perpanjang batas waktu"), N_("Batas waktu diperpanjang sampai %(new_date)s"), (Need.DATE, Need.REASON), ("request_extended",), guard="may_extend", icon="wait"),
    Action("hand_over", CITY, HAND_OVER, N_("Serahkan kepada petugas"), N_("Diserahkan kepada petugas"), (Need.OFFICER,), ("request_assigned",), icon="sent"),
    Action("note", ALL, NOTE, N_("Simpan catatan dalam"), N_("Catatan dalam"), (Need.NOTE,), icon="lock"),
    Action("refuse_objection", (REFUSED,), ISSUE, N_("Tolak keberatan"), N_("Keberatan tidak diterima"), (Need.REASON,), ("request_objection_refused",), guard="may_decide_objection", icon="no"),
    Action("hand_out", (ISSUED,), WORK, N_("Catat penyerahan"), N_("Hasil diserahkan kepada pemohon"), guard="not_handed_out", icon="done"),
    Action("revoke", ALL, ISSUE, N_("Cabut surat"), N_("Surat dicabut"), (Need.PUBLIC_REASON,), ("request_revoked",), guard="has_valid_letter", icon="no"),
    Action("breach", ALL, OPERATOR, "", N_("Kebocoran data menyangkut permohonan ini"), icon="no"),
    # time
    Action("remind_reporter", (NEEDS_FIX, FEE_SET), CLOCK, "", tells=("request_reminder",)),
    Action("remind_officer", CITY, CLOCK, "", tells=("request_reminder_officer",)),
    Action("overdue", CITY, CLOCK, "", N_("Batas waktu lewat; kepala dinas diberi tahu"), tells=("request_late", "request_overdue_officer", "request_overdue_head"), icon="up"),
    Action("objection_late", (REFUSED,), CLOCK, "", N_("Jawaban keberatan lewat batas waktu; kepala dinas diberi tahu"), tells=("request_late", "request_overdue_head"), icon="up"),
    Action("escalate", CITY, CLOCK, "", N_("Naik ke Sekretariat Daerah"), tells=("request_overdue_secretary",), icon="up"),
    Action("erased", ALL, CLOCK, "", N_("Isian dan berkas dihapus"), tells=("erasure_done",), icon="no"),
)
# fmt: on


def lifecycle_of(room: str) -> Lifecycle:
    """The lifecycle of the requests of a room."""
    return Lifecycle(
        room,
        RECEIVED,
        {state.name: state for state in STATES},
        MOVES,
        ACTIONS,
        filed=Action(
            "hand_in",
            (),
            PUBLIC,
            N_("Kirim permohonan"),
            N_("Permohonan masuk"),
            tells=("request_receipt",),
            icon="wait",
        ),
    )
