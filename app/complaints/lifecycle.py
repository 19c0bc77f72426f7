"""The complaint's states, moves and actions: one table. Labels follow what citizens know from SP4N-LAPOR!.

Day counts behind the clocks are the city's (``city.toml``); SP4N-LAPOR! practice is 3 working days to
verify, 5 to follow up, 10 to reply, and 5, 14 or 60 to put right by class.
"""

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

VERIFY, WORK = "case.verify", "case.work"
NOTE, HAND_OVER, EXTEND, REVEAL = "case.note", "case.hand_over", "case.extend", "person.reveal"

SUBMITTED = "submitted"
NEEDS_INFO = "needs_info"
ASSIGNED = "assigned"
IN_PROGRESS = "in_progress"
ANSWERED = "answered"
DISPUTED = "disputed"
CLOSED = "closed"
REJECTED = "rejected"
REFERRED = "referred"
MERGED = "merged"
WITHDRAWN = "withdrawn"

STATES = (
    State(SUBMITTED, Clock.VERIFY, "city"),
    State(NEEDS_INFO, Clock.WAIT, "holder"),
    State(ASSIGNED, Clock.ANSWER, "city"),
    State(IN_PROGRESS, Clock.SOLVE, "city"),
    State(ANSWERED, Clock.CONFIRM, "holder"),
    State(DISPUTED, Clock.DISPUTE, "city"),
    State(CLOSED, final=True),
    State(REJECTED, final=True),
    State(REFERRED, final=True),
    State(MERGED, final=True),
    State(WITHDRAWN, final=True),
)
OPEN = tuple(state.name for state in STATES if not state.final)
ALL = tuple(state.name for state in STATES)

# fmt: off
MOVES = (
    Move("ask", (SUBMITTED,), NEEDS_INFO, VERIFY, Clock.WAIT, N_("Tanya pelapor"), N_("Verifikator bertanya kepada pelapor"), (Need.QUESTION,), ("needs_info",), icon="you"),
    Move("complete", (NEEDS_INFO,), SUBMITTED, HOLDER, Clock.RESUME, N_("Jawab pertanyaan"), N_("Pelapor menjawab pertanyaan"), (Need.WORDS, Need.PHOTOS), icon="answer"),
    Move("expire", (NEEDS_INFO,), CLOSED, CLOCK, Clock.STOP, N_("Tutup: tidak dilengkapi"), N_("Ditutup karena tidak dilengkapi"), tells=("needs_info_expired",), icon="done"),
    Move("assign", (SUBMITTED, NEEDS_INFO), ASSIGNED, VERIFY, Clock.ANSWER, N_("Teruskan ke dinas"), N_("Diteruskan ke %(unit)s"), (Need.UNIT,), ("assigned", "staff_assigned"), guard="no_threat_waits", publishes=True, icon="sent"),
    Move("reassign", (ASSIGNED,), ASSIGNED, VERIFY, Clock.ANSWER, N_("Pindahkan ke dinas lain"), N_("Dipindahkan ke %(unit)s"), (Need.UNIT,), ("assigned", "staff_assigned"), icon="sent"),
    Move("refer", (SUBMITTED, ASSIGNED), REFERRED, VERIFY, Clock.STOP, N_("Rujuk ke badan lain"), N_("Diteruskan ke %(agency)s"), (Need.AGENCY,), ("referred", "referred_outside"), guard="no_threat_waits", publishes=True, icon="pass"),
    Move("reject", (SUBMITTED,), REJECTED, VERIFY, Clock.STOP, N_("Tolak dengan alasan"), N_("Tidak dapat diproses"), (Need.REASON_CODE, Need.REASON), ("rejected",), icon="no", stop=True),
    Move("merge", (SUBMITTED, ASSIGNED, IN_PROGRESS), MERGED, VERIFY, Clock.STOP, N_("Gabung dengan laporan lain"), N_("Digabung dengan %(target)s"), (Need.TARGET,), ("merged",), guard="no_threat_waits", icon="merge"),
    Move("unmerge", (MERGED,), None, VERIFY, Clock.BEFORE, N_("Batalkan penggabungan"), N_("Penggabungan dibatalkan"), tells=("unmerged",), icon="undo"),
    Move("return", (ASSIGNED,), SUBMITTED, WORK, Clock.VERIFY, N_("Kembalikan ke verifikator"), N_("Dikembalikan ke verifikator"), (Need.REASON,), icon="undo", stop=True),
    Move("start", (ASSIGNED,), IN_PROGRESS, WORK, Clock.SOLVE, N_("Jawab pelapor, mulai dikerjakan"), N_("Jawaban pertama dinas"), (Need.REPLY, Need.PHOTOS), ("first_answer",), icon="work"),
    Move("answer", (IN_PROGRESS,), ANSWERED, WORK, Clock.CONFIRM, N_("Jawab pelapor, selesai dikerjakan"), N_("Dinas menyatakan selesai"), (Need.REPLY, Need.AFTER_PHOTOS), ("answered",), icon="answer"),
    Move("answer_dispute", (DISPUTED,), ANSWERED, WORK, Clock.CONFIRM, N_("Jawab bantahan"), N_("Dinas menjawab bantahan"), (Need.REPLY, Need.AFTER_PHOTOS), ("answered",), icon="answer"),
    Move("close", (IN_PROGRESS,), CLOSED, VERIFY, Clock.STOP, N_("Tutup dengan alasan"), N_("Ditutup petugas dengan alasan"), (Need.REASON,), ("closed_staff",), icon="done", stop=True),
    Move("confirm", (ANSWERED, DISPUTED), CLOSED, HOLDER, Clock.STOP, N_("Nyatakan sudah selesai"), N_("Pelapor menyatakan selesai"), tells=("closed_reporter",), icon="done"),
    Move("dispute", (ANSWERED,), DISPUTED, HOLDER, Clock.DISPUTE, N_("Nyatakan belum selesai"), N_("Pelapor menyatakan belum selesai"), (Need.DISPUTE, Need.PHOTOS), ("disputed", "staff_disputed"), icon="dispute"),
    Move("auto_close", (ANSWERED,), CLOSED, CLOCK, Clock.STOP, N_("Tutup otomatis"), N_("Selesai otomatis tanpa tanggapan pelapor"), tells=("closed_auto",), icon="done"),
    Move("reopen", (CLOSED,), IN_PROGRESS, HOLDER, Clock.DISPUTE, N_("Buka lagi"), N_("Dibuka lagi oleh pelapor"), (Need.WORDS, Need.PHOTOS), ("reopened", "staff_reply"), guard="may_reopen", icon="dispute"),
    Move("uphold", (REJECTED, REFERRED), SUBMITTED, VERIFY, Clock.VERIFY, N_("Terima keberatan"), N_("Keberatan diterima, laporan dibuka lagi"), (), ("objection_granted",), guard="may_decide_objection", icon="undo"),
    Move("withdraw", (SUBMITTED, NEEDS_INFO, ASSIGNED, IN_PROGRESS), WITHDRAWN, HOLDER, Clock.STOP, N_("Cabut laporan"), N_("Dicabut pelapor"), tells=("withdrawn",), icon="undo", stop=True),
    # Whoever feels threatened is out of the unit's sight at once, and nothing is passed on before a verifier has answered.
    Move("threatened", (ASSIGNED, IN_PROGRESS, ANSWERED, DISPUTED, MERGED), SUBMITTED, HOLDER, Clock.VERIFY, N_("Saya merasa terancam karena laporan ini"), N_("Pelapor merasa terancam; laporan dirahasiakan"), tells=("reporter_threatened",), guard="may_seek_shelter", public=False, icon="lock", verifiers_only=True),
)

ACTIONS = (
    # the holder of the code
    Action("add", (SUBMITTED, ASSIGNED), HOLDER, N_("Tambah foto atau keterangan"), N_("Pelapor menambah keterangan"), (Need.WORDS_OR_PHOTOS, Need.PHOTOS), ("staff_reply",), public=True, icon="you"),
    Action("add_photos", (NEEDS_INFO,), HOLDER, N_("Tambah foto"), N_("Pelapor menambah foto"), (Need.WORDS_OR_PHOTOS, Need.PHOTOS), public=True, icon="you"),
    Action("reply", (IN_PROGRESS,), HOLDER, N_("Kirim balasan atau foto"), N_("Balasan pelapor"), (Need.WORDS_OR_PHOTOS, Need.PHOTOS), ("staff_reply",), public=True, icon="you"),
    Action("show_now", (ANSWERED,), HOLDER, N_("Kirim foto keadaan sekarang"), N_("Pelapor mengirim keadaan sekarang"), (Need.WORDS_OR_PHOTOS, Need.PHOTOS), ("staff_reply",), public=True, icon="you"),
    Action("show_dispute", (DISPUTED,), HOLDER, N_("Kirim foto atau keterangan"), N_("Pelapor menambah keterangan"), (Need.WORDS_OR_PHOTOS, Need.PHOTOS), ("staff_reply",), public=True, icon="you"),
    Action("tighten", ALL, HOLDER, N_("Buat lebih tertutup"), N_("Dibuat lebih tertutup"), (Need.VISIBILITY,), guard="may_tighten", icon="lock"),
    Action("rate", (CLOSED,), HOLDER, N_("Beri nilai 1–5"), N_("Pelapor memberi nilai"), (Need.RATING,), guard="may_rate", icon="done"),
    Action("object", (REJECTED,), HOLDER, N_("Ajukan keberatan"), N_("Pelapor mengajukan keberatan"), (Need.WORDS,), ("objection_received",), guard="may_object", public=True, icon="dispute"),
    Action("object_referral", (REFERRED,), HOLDER, N_("Ajukan keberatan kalau ini memang urusan kota"), N_("Pelapor mengajukan keberatan"), (Need.WORDS,), ("objection_received",), guard="may_object", public=True, icon="dispute"),
    Action("contest_merge", (MERGED,), HOLDER, N_("Bukan masalah yang sama? Beri tahu kami"), N_("Pelapor: bukan masalah yang sama"), (Need.WORDS,), guard="may_contest_merge", icon="dispute"),
    Action("erase", (CLOSED, REJECTED, REFERRED, MERGED, WITHDRAWN), HOLDER, N_("Hapus data pribadi saya"), N_("Pelapor minta data pribadinya dihapus"), (Need.NUMBER,), ("erasure_received",), guard="may_erase", icon="no"),
    # no unit works on these: the state stays as it is (a merged one stands alone again, see the moves)
    Action("threatened_here", (SUBMITTED, NEEDS_INFO, CLOSED, REJECTED, REFERRED, WITHDRAWN), HOLDER, N_("Saya merasa terancam karena laporan ini"), N_("Pelapor merasa terancam; laporan dirahasiakan"), tells=("reporter_threatened",), guard="may_seek_shelter", icon="lock", verifiers_only=True),
    Action("see_target", (MERGED,), HOLDER, N_("Lihat laporan %(target)s"), link=True, icon="merge"),
    Action("chronology", ALL, HOLDER, N_("Cetak kronologi untuk Ombudsman"), link=True, icon="print"),
    Action("take_along", (REFERRED,), HOLDER, N_("Cetak laporan untuk dibawa ke sana"), link=True, icon="print"),
    Action("new_report", (REJECTED, WITHDRAWN), HOLDER, N_("Buat laporan baru"), link=True, icon="you"),
    # anybody
    Action("support", OPEN, PUBLIC, N_("Saya juga"), N_("Warga ikut melaporkan"), guard="may_support", icon="too"),
    # staff
    Action("accept", (ASSIGNED,), WORK, N_("Terima tugas"), N_("Dinas menerima tugas"), guard="not_accepted", public=True, icon="done"),
    Action("update", (IN_PROGRESS, DISPUTED), WORK, N_("Beri kabar, masih dikerjakan"), N_("Kabar dari dinas"), (Need.REPLY, Need.PHOTOS), ("first_answer",), public=True, icon="work"),
    Action("extend", (IN_PROGRESS,), EXTEND, N_("Perpanjang batas waktu"), N_("Batas waktu diperpanjang sampai %(new_date)s"), (Need.DATE, Need.REASON), ("extended",), guard="may_extend", public=True, icon="wait"),
    Action("note", ALL, NOTE, N_("Simpan catatan dalam"), N_("Catatan dalam"), (Need.NOTE,), icon="lock"),
    Action("hand_over", (ASSIGNED, IN_PROGRESS, DISPUTED), HAND_OVER, N_("Serahkan kepada petugas"), N_("Diserahkan kepada petugas"), (Need.OFFICER,), ("staff_assigned",), icon="sent"),
    Action("refuse_objection", (REJECTED, REFERRED), VERIFY, N_("Tolak keberatan"), N_("Keberatan tidak diterima"), (Need.REASON,), ("objection_refused",), guard="may_decide_objection", public=True, icon="no"),
    Action("keep_merged", (MERGED,), VERIFY, N_("Tetap digabung, jelaskan kepada pelapor"), N_("Verifikator: tetap digabung"), (Need.TO_HOLDER,), ("merge_kept",), guard="merge_contested", icon="merge"),
    Action("answer_threat", ALL, VERIFY, N_("Jawab pelapor yang merasa terancam"), N_("Verifikator menjawab pelapor yang merasa terancam"), (Need.TO_HOLDER,), ("update_discreet",), guard="threat_waits", icon="lock", verifiers_only=True),
    Action("refile", (SUBMITTED, NEEDS_INFO, ASSIGNED), VERIFY, N_("Ganti urusan"), N_("Urusan diganti menjadi %(category)s"), (Need.CATEGORY,), public=True, icon="work"),
    Action("close_in", OPEN, VERIFY, N_("Buat lebih tertutup untuk publik"), N_("Dibuat lebih tertutup"), (Need.VISIBILITY,), guard="may_tighten", icon="lock"),
    Action("mask", ALL, VERIFY, N_("Tutup kata di halaman publik"), N_("Kata di halaman publik ditutup"), (Need.PUBLIC_TEXT,), icon="eye"),
    Action("hide_photo", ALL, VERIFY, N_("Sembunyikan foto dari publik"), N_("Foto disembunyikan dari publik"), (Need.PHOTO,), icon="eye"),
    Action("show_photo", ALL, VERIFY, N_("Tampilkan foto ke publik"), N_("Foto ditampilkan ke publik"), (Need.PHOTO,), icon="eye"),
    Action("reveal", ALL, REVEAL, N_("Tampilkan data pelapor, dicatat"), N_("Data pelapor dibuka petugas"), guard="has_contact", icon="eye"),
    Action("breach", ALL, OPERATOR, "", N_("Kebocoran data menyangkut laporan ini"), icon="no"),
    # time
    Action("remind_reporter", (NEEDS_INFO,), CLOCK, "", tells=("needs_info_reminder",)),
    Action("remind_confirm", (ANSWERED,), CLOCK, "", tells=("answered_reminder",)),
    Action("remind_officer", (ASSIGNED, IN_PROGRESS, DISPUTED), CLOCK, "", tells=("reminder_officer",)),
    Action("overdue", (ASSIGNED, IN_PROGRESS, DISPUTED), CLOCK, "", N_("Batas waktu lewat; kepala dinas diberi tahu"), tells=("late_notice", "overdue_officer", "overdue_head"), public=True, icon="up"),
    Action("escalate", (ASSIGNED, IN_PROGRESS, DISPUTED), CLOCK, "", N_("Naik ke Sekretariat Daerah"), tells=("overdue_secretary",), public=True, icon="up"),
    Action("overdue_verify", (SUBMITTED,), CLOCK, "", N_("Batas verifikasi lewat; sekretariat diberi tahu"), tells=("late_check", "verify_overdue"), public=True, icon="up"),
    Action("erased", ALL, CLOCK, "", N_("Data pribadi pelapor dihapus"), tells=("erasure_done",), public=True, icon="no"),
)
# fmt: on

LIFECYCLE = Lifecycle(
    "complaint",
    SUBMITTED,
    {state.name: state for state in STATES},
    MOVES,
    ACTIONS,
    filed=Action(
        "file",
        (),
        PUBLIC,
        N_("Kirim laporan"),
        N_("Laporan masuk"),
        tells=("receipt",),
        public=True,
        icon="wait",
    ),
)
