"""What the reporter's own page says: each state in plain sentences, each step in its words.

A sentence stands only while it is true: that somebody was told follows from the escalation, that
something can still be done from its guard.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from app.cases import deadlines
from app.cases.events import THE_HOLDER
from app.cases.guards import Situation, is_contested, may_object, may_reopen
from app.cases.kinds import kind_of, kinds
from app.cases.mail_values import without_gaps
from app.cases.models import Case, Event
from app.cases.telling import ERASED_WITHIN
from app.civic.promises import local_date
from app.core.i18n import LazyString, _, _l, _n, date_long, language
from app.places.facts import VISIBILITIES, City

WORDS_MIN: Final = 10
"""Characters of an objection, and of what else must convince somebody."""


@dataclass(frozen=True)
class Here:
    """A case at one moment with its whole history, oldest first."""

    case: Case
    city: City
    now: datetime
    events: Sequence[Event]

    @cached_property
    def today(self) -> date:
        """The city's local date."""
        return local_date(self.now, self.city.zone)

    @cached_property
    def is_late(self) -> bool:
        """Whether the city's promise is broken."""
        city_clock = kind_of(self.case).lifecycle.city_clock
        return deadlines.days_late(self.case, city_clock, self.city, self.today) > 0

    @cached_property
    def days_late(self) -> int:
        """Working days gone since the broken promise, as the clock counts: none on a weekend."""
        due = self.case.due_on
        return self.city.calendar.between(due, self.today) if due and self.is_late else 0

    @cached_property
    def situation(self) -> Situation:
        """What the guards of the holder's steps look at."""
        return Situation(self.case, THE_HOLDER, self.city, self.today)

    def newest(self, *names: str) -> Event | None:
        """The newest event of one of these names."""
        return next((event for event in reversed(self.events) if event.name in names), None)

    def value(self, name: str) -> str:
        """What a placeholder of these texts stands for."""
        return SOURCES[name](self)

    def fill(self, text: LazyString | str) -> str:
        """A text with what it names of the case, in the language spoken now."""
        spoken = str(text)
        return spoken % _Values(self) if "%(" in spoken else spoken


class _Values(dict[str, str]):
    """The placeholders of these texts, made as they are asked for."""

    def __init__(self, here: Here) -> None:
        super().__init__()
        self._here = here

    def __missing__(self, name: str) -> str:
        return self._here.value(name)


# ---------------------------------------------------------------- what sentences name


def _unit(here: Here) -> str:
    code = here.case.unit_code
    return here.city.unit(code).short.in_(language()) if code else _("verifikator kota")


def _agency(here: Here) -> str:
    return here.city.agency(here.case.agency_code or "").name.in_(language())


def _agency_contact(here: Here) -> str:
    return here.city.agency(here.case.agency_code or "").contact.in_(language())


def _since(here: Here) -> str:
    return _day(here, here.case.unit_since or here.case.state_since)


def _ended(here: Here) -> str:
    return _day(here, here.case.closed_at or here.case.state_since)


def _day(here: Here, instant: datetime) -> str:
    return date_long(local_date(instant, here.city.zone))


def _due(here: Here) -> str:
    return date_long(here.case.due_on or here.today)


def _reopen_until(here: Here) -> str:
    """Of a case that is not closed yet: as if it closed by itself, on the day after its last."""
    until = deadlines.reopen_until(here.case, here.city)
    if until is None:
        closes = (here.case.due_on or here.today) + timedelta(days=1)
        until = here.city.calendar.add(closes, here.city.promises.reopen_days)
    return date_long(until)


def _erase_by(here: Here) -> str:
    asked = here.case.erase_asked_at or here.now
    return _day(here, asked + ERASED_WITHIN)


def _objected_on(here: Here) -> str:
    event = here.newest("object", "object_referral")
    return _day(here, event.at) if event else ""


def _reason(here: Here) -> str:
    """The reason chosen from the list, then the words written to it."""
    event = here.newest("reject", "refuse")
    if event is None:
        return ""
    code, written = event.facts.get("code", ""), event.message.body if event.message else ""
    listed = without_gaps(here.city.reject_reason(code).text, {}) if code else ""
    return "\n\n".join(filter(None, (listed, written)))


SOURCES: Final[Mapping[str, Callable[[Here], str]]] = {
    "number": lambda here: here.case.number,
    "unit": _unit,
    "agency": _agency,
    "agency_contact": _agency_contact,
    "target": lambda here: here.case.merged_into.number if here.case.merged_into else "",
    "since": _since,
    "date": _ended,
    "due_date": _due,
    "close_on": _due,
    "reopen_until": _reopen_until,
    "object_until": lambda here: date_long(deadlines.object_until(here.case, here.city)),
    "objected_on": _objected_on,
    "erase_by": _erase_by,
    "reason": _reason,
    "visibility": lambda here: str(VISIBILITY[here.case.visibility][0]),
    "min": lambda _here: str(WORDS_MIN),
    "confirm_days": lambda here: str(here.city.promises.confirm_days),
    "phone_ombudsman": lambda here: here.city.contacts.phone_ombudsman,
    "phone_police": lambda here: here.city.contacts.phone_police,
}
"""Placeholder → where it comes from."""


# ---------------------------------------------------------------- who may see

VISIBILITY: Final[Mapping[str, tuple[LazyString, LazyString]]] = {
    "publik": (
        _l("Publik"),
        _l(
            "Semua orang bisa membaca isinya setelah diperiksa; nama Anda hanya tampil kalau Anda"
            " mencentangnya, dan nomor Anda tidak pernah tampil."
        ),
    ),
    "anonim": (
        _l("Anonim"),
        _l(
            "Semua orang bisa membaca isinya setelah diperiksa, tetapi tidak ada petugas maupun"
            " dinas yang melihat nama dan nomor Anda; balasan disampaikan lewat situs ini."
        ),
    ),
    "rahasia": (
        _l("Rahasia"),
        _l(
            "Isinya tidak tampil ke publik; hanya verifikator dan satu unit yang ditugasi yang"
            " membacanya, dan publik hanya melihat nomor, kecamatan, bulan, dan status."
        ),
    ),
}
"""Name and meaning of each visibility."""


def tighter(case: Case) -> tuple[str, ...]:
    """The visibilities more closed than the one that stands."""
    return VISIBILITIES[VISIBILITIES.index(case.visibility) + 1 :]


# ---------------------------------------------------------------- states

MEANING: Final[Mapping[str, LazyString]] = {
    "submitted": _l(
        "Laporan sudah tersimpan. Isinya belum bisa dibaca orang lain, hanya verifikator."
    ),
    "needs_info": _l(
        "Ada yang belum jelas, jadi belum bisa diteruskan. Pertanyaannya ada di bawah. Waktu kami"
        " berhenti dulu."
    ),
    "assigned": _l("Laporan sudah diperiksa dan diserahkan kepada %(unit)s pada %(since)s."),
    "in_progress": _l("%(unit)s menerima laporan ini dan sudah memberi jawaban pertama."),
    "answered": _l(
        "%(unit)s sudah memberi jawaban akhir. Anda yang menentukan apakah masalahnya beres."
    ),
    "disputed": _l("Laporan terbuka lagi di %(unit)s. Kepala %(unit)s ikut melihat."),
    "closed": _l("Tidak ada pekerjaan lagi pada laporan ini."),
    "rejected": _l("Alasannya: %(reason)s"),
    "referred": _l(
        "Yang berwenang adalah %(agency)s, bukan kota. Kami meneruskan isi laporan tanpa nama dan"
        " nomor Anda pada %(date)s."
    ),
    "merged": _l("Masalah yang sama ditangani lewat laporan %(target)s."),
    "withdrawn": _l("Dinas berhenti menanganinya. Isi tidak tampil ke publik."),
}
NEXT: Final[Mapping[str, LazyString]] = {
    "submitted": _l(
        "Verifikator meneruskannya ke dinas yang berwenang atau bertanya kepada Anda, paling"
        " lambat %(due_date)s."
    ),
    "needs_info": _l(
        "Jawab sampai %(due_date)s. Begitu Anda menjawab, laporan lanjut hari kerja itu juga."
    ),
    "assigned": _l(
        "%(unit)s memberi jawaban pertama paling lambat %(due_date)s. Kalau bukan tugasnya,"
        " laporan dikembalikan dengan alasan tertulis."
    ),
    "in_progress": _l(
        "Selesai paling lambat %(due_date)s. Kalau perlu lebih lama, alasan dan tanggal barunya"
        " tampil di sini."
    ),
    "answered": _l(
        "Kalau Anda tidak menjawab, laporan ditutup sendiri pada %(close_on)s. Setelah itu masih"
        " bisa dibuka lagi sampai %(reopen_until)s."
    ),
    "disputed": _l("%(unit)s menjawab bantahan ini paling lambat %(due_date)s."),
    "closed": _l("Kalau ternyata belum beres, buka lagi sampai %(reopen_until)s."),
    "rejected": _l(
        "Anda boleh mengajukan keberatan satu kali sampai %(object_until)s. Verifikator lain yang"
        " membacanya."
    ),
    "referred": _l(
        "Hubungi %(agency)s: %(agency_contact)s. Sebut nomor %(number)s. Kota tidak bisa mengatur"
        " batas waktunya."
    ),
    "merged": _l("Batas waktu mengikuti laporan %(target)s."),
    "withdrawn": _l("Tidak ada langkah lagi. Masalahnya muncul lagi? Buat laporan baru."),
}
CLOSED_BY: Final[Mapping[str, LazyString]] = {
    "reporter": _l("Selesai menurut pelapor, %(date)s"),
    "clock": _l("Selesai otomatis setelah %(confirm_days)s hari kerja tanpa tanggapan, %(date)s"),
    "staff": _l("Ditutup petugas dengan alasan, %(date)s"),
    "incomplete": _l("Ditutup karena tidak dilengkapi, %(date)s"),
}


def meaning_of(here: Here) -> str:
    """What the state means for the reporter."""
    case, text = here.case, here.fill(MEANING[here.case.state])
    if case.state == "submitted" and case.published_at is not None:
        return _("Laporan ini diperiksa lagi oleh verifikator.")
    if case.state == "closed":
        how = case.close_reason if case.close_reason == "incomplete" else case.closed_by
        return f"{here.fill(CLOSED_BY[how or 'staff'])}. {text}"
    return text


def next_of(here: Here) -> str:
    """What comes next, and until when; never a date that has passed."""
    case = here.case
    if here.is_late:
        return _late_next(here)
    if case.state == "closed" and not may_reopen(here.situation):
        return here.fill(
            _l("Masalahnya muncul lagi? Buat laporan baru dan sebut nomor %(number)s.")
        )
    if case.state in {"rejected", "referred"} and case.objection is not None:
        return here.fill(OBJECTION[case.objection])
    if is_contested(case):
        return here.fill(CONTESTED[case.due_on is not None and case.due_on < here.today])
    if case.state == "rejected" and not may_object(here.situation):
        return here.fill(_l("Waktu keberatan berakhir %(object_until)s."))
    if case.state == "referred" and not here.city.agency(case.agency_code or "").contact.id:
        return here.fill(
            _l("Hubungi %(agency)s dan sebut nomor %(number)s. Kota tidak mengatur batas waktunya.")
        )
    return here.fill(NEXT[case.state])


OBJECTION_OPEN: Final = _l("Keberatan diterima. Jawaban paling lambat %(due_date)s.")
OBJECTION: Final[Mapping[str, LazyString]] = {
    "open": OBJECTION_OPEN,
    "upheld": _l("Keberatan sudah pernah diajukan pada %(objected_on)s dan diterima."),
    "refused": _l(
        "Keberatan sudah pernah diajukan pada %(objected_on)s. Langkah berikutnya: Ombudsman,"
        " telepon %(phone_ombudsman)s."
    ),
}


CONTESTED: Final[Mapping[bool, LazyString]] = {
    False: _l(
        "Verifikator membaca keterangan Anda tentang laporan %(target)s dan menjawab paling lambat"
        " %(due_date)s."
    ),
    True: _l(
        "Verifikator belum menjawab keterangan Anda tentang laporan %(target)s. Batas waktunya"
        " %(due_date)s. Maaf."
    ),
}
"""Of a contested merge, by whether the answer is late."""


# ---------------------------------------------------------------- lateness

SECRETARIAT: Final = 2
"""The escalation at which a broken promise has gone up beyond the unit's head."""


def late_of(here: Here) -> str:
    """The fact with its number, who has been told, and one apology; empty while nothing is late."""
    if not here.days_late:
        return ""
    sentences = [_late_fact(here), _who_was_told(here), _("Maaf.")]
    return " ".join(filter(None, sentences))


def _late_fact(here: Here) -> str:
    days = here.days_late
    if here.case.state == "submitted":
        return _n(
            "Kami terlambat %(days)s hari kerja memeriksa laporan ini.",
            "Kami terlambat %(days)s hari kerja memeriksa laporan ini.",
            days,
            days=days,
        )
    if here.case.state == "in_progress":
        return _n(
            "%(unit)s melewati batas waktu %(days)s hari kerja.",
            "%(unit)s melewati batas waktu %(days)s hari kerja.",
            days,
            days=days,
            unit=_unit(here),
        )
    if here.case.state == "disputed":
        return _n(
            "%(unit)s belum menjawab bantahan ini, lewat %(days)s hari kerja.",
            "%(unit)s belum menjawab bantahan ini, lewat %(days)s hari kerja.",
            days,
            days=days,
            unit=_unit(here),
        )
    return _n(
        "%(unit)s belum menjawab, lewat %(days)s hari kerja.",
        "%(unit)s belum menjawab, lewat %(days)s hari kerja.",
        days,
        days=days,
        unit=_unit(here),
    )


def _late_next(here: Here) -> str:
    stays = here.fill(
        _l("Batas waktunya %(due_date)s. Laporan ini tampil sebagai terlambat sampai dijawab.")
    )
    if here.case.state == "submitted" or here.case.escalation >= SECRETARIAT:
        return stays
    return f"{stays} {_('Kalau tetap tidak dijawab, laporan naik ke Sekretariat Daerah.')}"


def _who_was_told(here: Here) -> str:
    if here.case.escalation == 0:
        return ""
    if here.case.state == "submitted":
        return _("Sekretariat Daerah sudah diberi tahu.")
    if here.case.escalation >= SECRETARIAT:
        return here.fill(_l("Kepala %(unit)s dan Sekretariat Daerah sudah diberi tahu."))
    return here.fill(_l("Kepala %(unit)s sudah diberi tahu."))


# ---------------------------------------------------------------- steps


_LABEL = _l("Keterangan")
_MISSING = _l("Tulis balasan atau pilih foto.")


@dataclass(frozen=True)
class StepWords:
    """A step of the holder in words. Its page stands at ``slug``.

    ``lead`` stands above the form, ``label`` and ``missing`` belong to the words asked for,
    ``done`` is said after it. ``least``: characters the words must have.
    """

    slug: str
    title: LazyString
    button: LazyString
    done: LazyString
    lead: tuple[LazyString, ...] = ()
    label: LazyString = _LABEL
    missing: LazyString = _MISSING
    least: int = 1


_SENT = _l("Balasan terkirim kepada %(unit)s.")
OBJECTION_STEP: Final = StepWords(
    "keberatan",
    _l("Ajukan keberatan"),
    _l("Kirim keberatan"),
    _l("Keberatan diterima. Jawaban paling lambat %(due_date)s."),
    lead=(
        _l("Satu kali, sampai %(object_until)s. Dibaca verifikator lain, bukan yang memutuskan."),
    ),
    label=_l("Mengapa menurut Anda keputusan ini keliru?"),
    missing=_l("Tulis alasan keberatan, minimal %(min)s huruf."),
    least=WORDS_MIN,
)
_THREATENED = StepWords(
    "terancam",
    _l("Anda merasa terancam karena laporan ini?"),
    _l("Ya, sembunyikan laporan ini sekarang"),
    _l(
        "Laporan ini disembunyikan dari publik mulai sekarang. Verifikator kami minta menjawab Anda"
        " lebih dulu. Kalau bahaya, telepon %(phone_police)s."
    ),
    lead=(
        _l("Kalau ada bahaya sekarang, telepon polisi %(phone_police)s dulu."),
        _l(
            "Laporan ini langsung menjadi rahasia. Isi dan foto hilang dari halaman publik, nama"
            " Anda kami hapus, dan dinas yang memegangnya tidak bisa membukanya."
        ),
        _l(
            "Verifikator diberi tahu sekarang juga dan menjawab Anda di halaman ini. Sebelum itu"
            " laporan tidak diteruskan ke mana pun. Sesudahnya verifikator memutuskan siapa yang"
            " menanganinya; tulis kepadanya kalau ada dinas yang tidak boleh."
        ),
        _l(
            "Menjadikannya publik kembali tidak bisa, dan laporan yang sudah ditutup tidak bisa"
            " dibuka lagi atau dinilai. Salinan yang sudah dibaca orang lain tidak bisa ditarik."
        ),
    ),
)
_DETAILS = StepWords("keterangan", _l("Tambah foto atau keterangan"), _l("Kirim keterangan"), _SENT)

TWINS: Final = {"threatened": "threatened_here", "threatened_here": "threatened"}
"""One button of two rows, by the state: who pressed the one means whichever is open now."""

STEPS: Final[Mapping[str, StepWords]] = {
    "complete": StepWords(
        "jawab",
        _l("Jawab pertanyaan"),
        _l("Kirim jawaban"),
        _l("Jawaban terkirim. Verifikator melanjutkan paling lambat %(due_date)s."),
        label=_l("Jawaban Anda"),
        missing=_l("Tulis jawabannya."),
    ),
    "add": _DETAILS,
    "add_photos": StepWords("foto", _l("Tambah foto"), _l("Kirim foto"), _SENT),
    "reply": StepWords(
        "balas", _l("Tulis balasan"), _l("Kirim balasan"), _SENT, label=_l("Balasan Anda")
    ),
    "show_now": StepWords(
        "keadaan-sekarang",
        _l("Kirim foto keadaan sekarang"),
        _l("Kirim foto"),
        _SENT,
        lead=(_l("Ini belum menjawab apakah masalahnya selesai."),),
    ),
    "show_dispute": StepWords(
        "keterangan-bantahan", _l("Kirim foto atau keterangan"), _l("Kirim keterangan"), _SENT
    ),
    "confirm": StepWords(
        "selesai",
        _l("Apakah masalahnya sudah beres?"),
        _l("Ya, sudah selesai"),
        _l(
            "Terima kasih. Laporan ini ditutup sebagai selesai. Masih bisa dibuka lagi sampai"
            " %(reopen_until)s."
        ),
    ),
    "dispute": StepWords(
        "belum-selesai",
        _l("Apa yang belum selesai?"),
        _l("Kirim: belum selesai"),
        _l(
            "Laporan dibuka kembali. %(unit)s menjawab paling lambat %(due_date)s. Kepala dinasnya"
            " ikut diberi tahu."
        ),
        label=_l("Ceritakan singkat (boleh kosong)"),
        missing=_l("Ceritakan apa yang ditanyakan dan belum terjawab."),
    ),
    "reopen": StepWords(
        "buka-lagi",
        _l("Buka lagi laporan ini"),
        _l("Buka lagi laporan ini"),
        _l("Laporan dibuka lagi. %(unit)s menjawab paling lambat %(due_date)s."),
        lead=(_l("Bisa dibuka lagi sampai %(reopen_until)s."),),
        label=_l("Apa yang ternyata belum beres?"),
        missing=_l("Tulis apa yang belum beres, minimal %(min)s huruf."),
        least=WORDS_MIN,
    ),
    "rate": StepWords(
        "nilai",
        _l("Bagaimana penanganannya?"),
        _l("Kirim nilai"),
        _l("Nilai Anda tercatat. Terima kasih."),
        label=_l("Apa yang perlu diperbaiki? (boleh kosong)"),
    ),
    "object": OBJECTION_STEP,
    "object_referral": replace(
        OBJECTION_STEP,
        slug="keberatan-rujukan",
        title=_l("Ajukan keberatan kalau ini memang urusan kota"),
    ),
    "contest_merge": StepWords(
        "bukan-sama",
        _l("Bukan masalah yang sama? Beri tahu kami"),
        _l("Kirim keterangan"),
        _l("Verifikator membaca keterangan Anda dan menjawab paling lambat %(due_date)s."),
        label=_l("Apa bedanya dengan laporan %(target)s?"),
        missing=_l("Tulis apa bedanya, minimal %(min)s huruf."),
        least=WORDS_MIN,
    ),
    "threatened": _THREATENED,
    "threatened_here": replace(_THREATENED, slug="merasa-terancam"),
    "withdraw": StepWords(
        "cabut",
        _l("Cabut laporan %(number)s?"),
        _l("Ya, cabut"),
        _l("Laporan %(number)s dicabut."),
        lead=(
            _l(
                "Dinas berhenti menanganinya. Halaman publik menulis “Dicabut pelapor” tanpa isi."
                " Ini tidak bisa dibatalkan."
            ),
        ),
    ),
    "tighten": StepWords(
        "lebih-tertutup",
        _l("Buat lebih tertutup"),
        _l("Buat lebih tertutup"),
        _l(
            "Laporan ini sekarang %(visibility)s. Salinan yang sudah dibaca orang lain tidak bisa"
            " ditarik."
        ),
        lead=(_l("Membukanya kembali tidak bisa."),),
    ),
    "erase": StepWords(
        "hapus-data",
        _l("Hapus data pribadi di laporan %(number)s?"),
        _l("Hapus data saya"),
        _l("Permintaan diterima. Data Anda dihapus paling lambat %(erase_by)s."),
        lead=(
            _l(
                "Nama, nomor, email, dan bagian tulisan yang bersifat pribadi dihapus paling"
                " lambat %(erase_by)s. Nomor, urusan, kelurahan, dan riwayat tetap ada tanpa Anda."
                " Kode lacak tidak bisa dipakai lagi. Ini tidak bisa dibatalkan."
            ),
        ),
    ),
}
"""Every row of the complaint's lifecycle that the holder carries out, by its name."""


def is_slug(text: str) -> bool:
    """Whether the page of some step stands at this part of an address."""
    return any(words.slug == text for kind in kinds() for words in kind.steps.values())


def by_slug(case: Case) -> dict[str, str]:
    """Names of a case's steps by the parts of an address their pages stand at."""
    return {words.slug: name for name, words in kind_of(case).steps.items()}


RATINGS: Final[Mapping[int, LazyString]] = {
    1: _l("1 – Buruk"),
    2: _l("2 – Kurang"),
    3: _l("3 – Cukup"),
    4: _l("4 – Baik"),
    5: _l("5 – Sangat baik"),
}
