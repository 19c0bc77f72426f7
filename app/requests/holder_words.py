"""What the page of one's own request says: its state in plain sentences, its steps in words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from app.cases.guards import may_object
from app.cases.holder_words import OBJECTION_OPEN, OBJECTION_STEP, Here, StepWords
from app.core.i18n import LazyString, _, _l, _n
from app.requests.lifecycle import CANCELLED, ISSUED, REFUSED
from app.requests.models import Request

MEANING: Final[Mapping[str, LazyString]] = {
    "received": _l("Permohonan Anda tersimpan dan menunggu diperiksa %(unit)s."),
    "checking": _l("%(unit)s sedang memeriksa isian dan berkas satu per satu."),
    "needs_fix": _l(
        "Ada yang perlu diperbaiki. Semua alasannya ada di bawah, sekaligus. Waktu kami berhenti"
        " dulu."
    ),
    "in_review": _l("Berkas Anda lengkap. %(unit)s sedang memprosesnya."),
    "fee_set": _l("Biayanya sudah ditetapkan. Waktu kami berhenti sampai pembayaran masuk."),
    "fee_sent": _l("Bukti bayar Anda sudah sampai. %(unit)s mencocokkannya."),
    "fee_paid": _l("Pembayaran sudah diterima. %(unit)s menyiapkan hasilnya."),
    "issued": _l("Hasil permohonan ini sudah terbit pada %(date)s."),
    "refused": _l("Permohonan ini ditolak. Alasannya: %(reason)s"),
    "cancelled": _l("Permohonan ini tidak diproses lagi."),
}
NEXT: Final[Mapping[str, LazyString]] = {
    "received": _l(
        "Paling lambat %(due_date)s Anda tahu apakah berkasnya lengkap, atau apa yang kurang."
    ),
    "checking": _l(
        "Paling lambat %(due_date)s Anda tahu apakah berkasnya lengkap, atau apa yang kurang."
    ),
    "needs_fix": _l(
        "Perbaiki sampai %(due_date)s. Hanya yang salah yang diminta lagi, sisanya tetap."
    ),
    "in_review": _l("Selesai paling lambat %(due_date)s."),
    "fee_set": _l(
        "Bayar sampai %(due_date)s, lalu kirim buktinya di sini. Bayar hanya ke rekening atau loket"
        " resmi yang disebut di riwayat."
    ),
    "fee_sent": _l("Selesai paling lambat %(due_date)s."),
    "fee_paid": _l("Selesai paling lambat %(due_date)s."),
    "issued": _l("Simpan hasilnya. Siapa pun bisa memeriksa keaslian surat dengan kodenya."),
    "refused": _l(
        "Anda boleh mengajukan keberatan satu kali sampai %(object_until)s. Petugas lain yang"
        " membacanya."
    ),
    "cancelled": _l("Masih perlu? Ajukan lagi kapan saja."),
}
REVOKED: Final = _l("Surat itu jangan dipakai lagi. Masih perlu? Ajukan lagi kapan saja.")
NO_LETTER: Final = _l("Terima hasilnya dengan cara yang Anda pilih di formulir.")
HANDED_OUT: Final = _l("Tidak ada lagi: hasilnya sudah diserahkan.")
OBJECTION: Final[Mapping[str, LazyString]] = {
    "open": OBJECTION_OPEN,
    "upheld": _l(
        "Keberatan sudah pernah diajukan dan diterima. Langkah berikutnya: Ombudsman, telepon"
        " %(phone_ombudsman)s, atau Pengadilan Tata Usaha Negara."
    ),
    "refused": _l(
        "Keberatan Anda tidak diterima. Langkah berikutnya: Ombudsman, telepon %(phone_ombudsman)s,"
        " atau Pengadilan Tata Usaha Negara."
    ),
}


def meaning_of(here: Here) -> str:
    """What the state means for whoever asked."""
    if here.case.state == CANCELLED and here.case.close_reason == "incomplete":
        return _("Permohonan ini ditutup karena tidak dilanjutkan sampai batas waktunya.")
    return here.fill(MEANING[here.case.state])


def next_of(here: Here, request: Request) -> str:
    """What comes next, and until when; never a date that has passed."""
    case = here.case
    if case.state == ISSUED:
        return here.fill(_after_issue(request))
    if here.is_late:
        return here.fill(
            _l("Batas waktunya %(due_date)s sudah lewat. Maaf. Anda boleh melaporkannya.")
        )
    if case.objection == "open" and case.due_on is not None and case.due_on < here.today:
        return here.fill(_l("Jawaban keberatan lewat batas waktunya, %(due_date)s. Maaf."))
    if case.state == REFUSED and case.objection is not None:
        return here.fill(OBJECTION[case.objection])
    if case.state == REFUSED and not may_object(here.situation):
        return here.fill(_l("Waktu keberatan berakhir %(object_until)s."))
    return here.fill(NEXT[case.state])


def _after_issue(request: Request) -> LazyString:
    if request.letter:
        return REVOKED if request.letter.revoked_at else NEXT[ISSUED]
    return HANDED_OUT if request.handed_out_at else NO_LETTER


def late_of(here: Here) -> str:
    """By how much the promise is broken, and who has been told; "" while nothing is late."""
    if not here.days_late:
        return ""
    told = here.fill(_l("Kepala %(unit)s sudah diberi tahu.")) if here.case.escalation else ""
    days = here.days_late
    fact = _n(
        "%(unit)s melewati batas waktu %(days)s hari kerja.",
        "%(unit)s melewati batas waktu %(days)s hari kerja.",
        days,
        days=days,
        unit=here.value("unit"),
    )
    return " ".join(filter(None, (fact, told, _("Maaf."))))


STEPS: Final[Mapping[str, StepWords]] = {
    "write": StepWords(
        "tulis",
        _l("Tulis kepada petugas"),
        _l("Kirim"),
        _l("Tulisan Anda terkirim kepada %(unit)s."),
        label=_l("Tulisan Anda"),
        missing=_l("Tulis pertanyaan atau keterangannya."),
    ),
    "object_refusal": replace(
        OBJECTION_STEP,
        lead=(
            _l("Satu kali, sampai %(object_until)s. Dibaca petugas lain, bukan yang memutuskan."),
        ),
    ),
    "cancel": StepWords(
        "batalkan",
        _l("Batalkan permohonan %(number)s?"),
        _l("Ya, batalkan"),
        _l("Permohonan %(number)s dibatalkan."),
        lead=(_l("%(unit)s berhenti memprosesnya. Ini tidak bisa dikembalikan."),),
    ),
    "forget": StepWords(
        "hapus-isian",
        _l("Hapus isian dan berkas permohonan %(number)s?"),
        _l("Hapus data saya"),
        _l("Permintaan diterima. Data Anda dihapus paling lambat %(erase_by)s."),
        lead=(
            _l(
                "Semua isian, berkas, nama, nomor ponsel, dan email dihapus paling lambat"
                " %(erase_by)s. Nomor dan riwayat tetap ada tanpa Anda, dan kodenya tidak bisa"
                " dipakai lagi. Surat yang sudah terbit tetap tercatat supaya masih bisa"
                " diperiksa keasliannya. Ini tidak bisa dibatalkan."
            ),
        ),
    ),
}
"""Every row of the request's lifecycle that the holder carries out on the common page of a step."""
