"""Forms of the desk: one class for each step of a lifecycle, made once from what the step needs.

A step says what must be given (``Need``); the table ``PARTS`` says which fields ask for it, what
may be chosen, and what of it goes into ``Given``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Protocol

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from app.cases.actions import Given
from app.cases.lifecycle import Action, Move, Need
from app.cases.models import Attachment, Case
from app.civic.redaction import BULLET, redact
from app.core.forms import BaseForm, Required, Size
from app.core.i18n import LazyString, _, _l, _n, date_long, tr
from app.core.replies import open_slots
from app.places.facts import VISIBILITIES, City, Unit
from app.staff.models import Staff

WORDS_MIN: Final = 10
WORDS_MAX: Final = 4000
RUPIAH_MAX: Final = 2_000_000_000

VISIBILITY_NOTES: Final = {
    "anonim": (_l("Anonim"), _l("Nama pelapor tidak tampil di mana pun. Isi tetap dibaca publik.")),
    "rahasia": (
        _l("Rahasia"),
        _l("Publik hanya melihat nomor, kecamatan, bulan, dan keadaannya."),
    ),
}


class Wrong(ValueError):
    """Something given cannot be: the field it came from, and what to do about it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Ground:
    """What the choices and checks of one step's form rest on."""

    row: Move | Action
    case: Case
    city: City
    today: date
    copies: Sequence[str] = ()  # what the public may come to read of the case
    units: Sequence[Unit] = ()  # that may hold the case
    suggested: str = ""  # code of one of them
    officers: Sequence[Staff] = ()
    find: Callable[[str], Case | None] = lambda _typed: None  # a case by its number

    @property
    def photos(self) -> list[Attachment]:
        """The photos this step may be about: shown ones to hide, hidden ones to show."""
        wanted = self.row.name == "show_photo"
        return [photo for photo in self.case.attachments if photo.hidden == wanted]


class StepForm(BaseForm):
    """The form of one step: what of the case its writer saw, then the fields of its needs."""

    version = HiddenField()
    seen = HiddenField()  # the newest event on the page it stood on
    key = HiddenField()  # to which form kept photos belong
    template = HiddenField()  # the reply template used last


# ---------------------------------------------------------------- checks


class NoSlots:
    """Refuses a text in which a slot of a template is still open."""

    def __call__(self, _form: Any, field: Any) -> None:
        slots = open_slots(field.data or "")
        if slots:
            raise ValidationError(
                _n(
                    "Isi atau hapus %(n)s bagian yang masih bertanda, mulai dari %(slot)s.",
                    "Isi atau hapus %(n)s bagian yang masih bertanda, mulai dari %(slot)s.",
                    len(slots),
                    n=len(slots),
                    slot=slots[0],
                )
            )


def words_to_hide(copies: Sequence[str], typed: str) -> list[str]:
    """The words typed, one a line. Raises Wrong for one that stands in no public copy."""
    words = [line for line in map(str.strip, typed.splitlines()) if line]
    for word in words:
        if not any(redact(copy, [word]).spans for copy in copies):
            message = _("“%(word)s” tidak ada di salinan publik. Salin persis.", word=word)
            raise Wrong("hide", message)
    return words


# ---------------------------------------------------------------- what each need asks for

Pairs = list[tuple[str, str]]
Choices = Pairs | dict[str, Pairs]


class Values(Protocol):
    """The fields of a form, by name."""

    def __getitem__(self, name: str) -> Any: ...


@dataclass(frozen=True)
class Part:
    """What one need puts on the form.

    ``choices`` are those of the field ``chosen``; without any the step is not open. ``given`` says
    what of the form goes into ``Given``, or raises Wrong.
    """

    fields: Mapping[str, Any]
    given: Callable[[Values, Ground], dict[str, Any]]
    choices: Callable[[Ground], Choices] | None = None
    chosen: str = ""
    possible: Callable[[Ground], bool] = lambda _ground: True


def _plain(field: str, key: str) -> Callable[[Values, Ground], dict[str, Any]]:
    return lambda form, _ground: {key: form[field].data}


def _words(label: LazyString, hint: LazyString, missing: LazyString) -> Part:
    too_short = _l("Tulis sedikitnya satu kalimat.")
    checks = [Required(missing), Size(WORDS_MIN, WORDS_MAX, too_short), NoSlots()]
    area = TextAreaField(label, description=hint, validators=checks)
    return Part({"words": area}, _plain("words", "words"))


def _choice(field: str, label: LazyString, missing: LazyString, choices: Any, given: Any) -> Part:
    select = SelectField(label, validators=[Required(missing)])
    return Part({field: select}, given, choices, field)


def _picked(field: str, label: LazyString, missing: LazyString, choices: Any, given: Any) -> Part:
    radio = RadioField(label, validators=[Required(missing)])
    return Part({field: radio}, given, choices, field)


def _photos(label: LazyString, hint: LazyString) -> Part:
    field = MultipleFileField(label, description=hint, validators=[Optional()])
    return Part({"photos": field}, lambda _form, _ground: {})


def _suggested_first(pairs: Pairs, suggested: Sequence[str], nothing: str) -> Choices:
    """Suggested ones in a group of their own; without any, nothing is chosen yet."""
    first = [pair for code in suggested for pair in pairs if pair[0] == code]
    rest = [pair for pair in pairs if pair not in first]
    if not first:
        return [("", nothing), *rest] if rest else []
    return {_("Disarankan"): first} | ({_("Lainnya"): rest} if rest else {})


def _units(ground: Ground) -> Choices:
    pairs = [(u.code, tr(u.name)) for u in ground.units if u.code != ground.case.unit_code]
    return _suggested_first(pairs, [ground.suggested], _("Pilih dinas"))


def _agencies(ground: Ground) -> Choices:
    pairs = [(agency.code, tr(agency.name)) for agency in ground.city.agencies]
    suggested = ground.city.category(ground.case.category).agency_codes
    return _suggested_first(pairs, suggested, _("Pilih badan"))


def _reasons(ground: Ground) -> Choices:
    return [(reason.code, tr(reason.label)) for reason in ground.city.reject_reasons]


def _officers(ground: Ground) -> Choices:
    others = [one for one in ground.officers if one.id != ground.case.officer_id]
    return _suggested_first([(str(one.id), one.name) for one in others], [], _("Pilih petugas"))


def _categories(ground: Ground) -> Choices:
    offered = ground.city.categories_on(ground.today)
    pairs = [(c.slug, tr(c.name)) for c in offered if c.slug != ground.case.category]
    return _suggested_first(pairs, [], _("Pilih urusan"))


def _tighter(ground: Ground) -> Choices:
    tighter = VISIBILITIES[VISIBILITIES.index(ground.case.visibility) + 1 :]
    return [(name, str(VISIBILITY_NOTES[name][0])) for name in tighter]


def _photo_choices(ground: Ground) -> Choices:
    return [(str(photo.id), _("Foto %(n)s", n=n)) for n, photo in enumerate(ground.photos, start=1)]


def _officer(form: Values, ground: Ground) -> dict[str, Any]:
    chosen = form["officer_id"].data
    return {"officer": next(one for one in ground.officers if str(one.id) == chosen)}


def _target(form: Values, ground: Ground) -> dict[str, Any]:
    target = ground.find(form["target"].data)
    if target is None:
        raise Wrong("target", _("Tidak ada laporan dengan nomor ini. Periksa lagi."))
    if target.id == ground.case.id:
        raise Wrong("target", _("Ini nomor laporan ini sendiri. Tulis nomor laporan yang lain."))
    if target.visibility == "rahasia" and ground.case.visibility != "rahasia":
        message = _(
            "Laporan itu rahasia: kalau digabung, urusan dan tempatnya terbaca di sini."
            " Pilih laporan lain."
        )
        raise Wrong("target", message)
    return {"target": target}


def _category(form: Values, ground: Ground) -> dict[str, Any]:
    slug, case = form["category_slug"].data, ground.case
    allowed = ground.city.assignable_units(slug, case.district, ground.today)
    if case.unit_code and case.unit_code not in {unit.code for unit in allowed}:
        raise Wrong(
            "category_slug",
            _(
                "%(unit)s tidak boleh memegang urusan ini. Pindahkan dulu ke dinas lain, lalu ganti"
                " urusannya.",
                unit=tr(ground.city.unit(case.unit_code).short),
            ),
        )
    return {"category_slug": slug}


def _later_day(form: Values, ground: Ground) -> dict[str, Any]:
    day, due = form["day"].data, ground.case.due_on
    if due is not None and day <= due:
        raise Wrong(
            "day", _("Pilih hari sesudah batas waktu sekarang, %(due)s.", due=date_long(due))
        )
    if not ground.city.calendar.is_working_day(day):
        raise Wrong("day", _("%(day)s bukan hari kerja. Pilih hari kerja.", day=date_long(day)))
    if (day - ground.today).days > 366:
        raise Wrong("day", _("Pilih hari dalam satu tahun ini."))
    return {"day": day}


def _rupiah(form: Values) -> int:
    typed = "".join(form["amount"].data.split()).removeprefix("Rp").replace(".", "")
    digits = typed.isascii() and typed.isdigit() and len(typed) <= len(str(RUPIAH_MAX))
    if not digits or not 0 < int(typed) <= RUPIAH_MAX:
        raise Wrong("amount", _("Tulis jumlah dalam rupiah dengan angka, misalnya 150.000."))
    return int(typed)


PARTS: Final[Mapping[Need, Part]] = {
    Need.QUESTION: _words(
        _l("Pertanyaan kepada pelapor"),
        _l("Hanya pelapor yang membaca ini. Tanyakan satu hal yang bisa ia jawab dari tempatnya."),
        _l("Tulis pertanyaannya."),
    ),
    Need.REPLY: Part(
        {
            **_words(
                _l("Jawaban"),
                _l("Pelapor dan warga membaca ini. Tulis apa yang dikerjakan, kapan, oleh siapa."),
                _l("Tulis jawabannya."),
            ).fields,
            "private": BooleanField(
                _l("Hanya untuk pelapor"),
                description=_l("Jawaban dan fotonya tidak tampil di halaman publik."),
            ),
        },
        lambda form, _ground: {"words": form["words"].data, "private": form["private"].data},
    ),
    Need.REASON: _words(
        _l("Alasan"),
        _l("Pelapor dan warga membaca ini. Keputusannya, sebabnya, lalu siapa yang bisa membantu."),
        _l("Tulis alasannya."),
    ),
    Need.TO_HOLDER: _words(
        _l("Jawaban kepada pelapor"),
        _l("Hanya pelapor yang membaca ini."),
        _l("Tulis jawabannya."),
    ),
    Need.INTERNAL_REASON: _words(
        _l("Alasan, hanya untuk petugas"),
        _l("Tidak pernah tampil untuk pelapor atau warga."),
        _l("Tulis alasannya."),
    ),
    Need.AMOUNT: Part(
        {
            "amount": StringField(
                _l("Jumlah dalam rupiah"),
                description=_l("Tanpa sen, misalnya 150.000."),
                validators=[Required(_l("Tulis jumlahnya dengan angka."))],
            ),
            **_words(
                _l("Dasar hitungan dan cara membayar"),
                _l("Hanya pemohon yang membaca ini. Sebut peraturannya dan ke mana membayar."),
                _l("Tulis dasar hitungan dan cara membayar."),
            ).fields,
        },
        lambda form, _ground: {"amount": _rupiah(form), "words": form["words"].data},
    ),
    Need.NEWS: _words(
        _l("Kabar kepada pemohon"),
        _l("Hanya pemohon yang membaca ini."),
        _l("Tulis kabarnya."),
    ),
    Need.PUBLIC_REASON: _words(
        _l("Alasan, dibaca siapa pun"),
        _l(
            "Tampil di halaman verifikasi surat dan di halaman pemohon. Jangan menyebut nama atau"
            " data pribadi."
        ),
        _l("Tulis alasannya."),
    ),
    Need.PROOF: _words(
        _l("Bukti pembayaran"),
        _l("Nomor bukti, tanggal, dan tempat membayar. Hanya petugas yang membaca ini."),
        _l("Tulis nomor bukti dan tanggalnya."),
    ),
    Need.NOTE: Part(
        {
            "words": TextAreaField(
                _l("Catatan dalam"),
                description=_l("Tidak pernah tampil untuk pelapor atau warga."),
                validators=[Required(_l("Tulis catatannya.")), Size(0, WORDS_MAX)],
            )
        },
        _plain("words", "words"),
    ),
    Need.REASON_CODE: _picked(
        "code",
        _l("Mengapa tidak dapat diproses?"),
        _l("Pilih satu alasan."),
        _reasons,
        _plain("code", "code"),
    ),
    Need.UNIT: _choice(
        "unit_code",
        _l("Dinas"),
        _l("Pilih dinas yang menangani."),
        _units,
        _plain("unit_code", "unit_code"),
    ),
    Need.AGENCY: _choice(
        "agency_code",
        _l("Badan di luar kota"),
        _l("Pilih badan yang berwenang."),
        _agencies,
        _plain("agency_code", "agency_code"),
    ),
    Need.TARGET: Part(
        {
            "target": StringField(
                _l("Nomor laporan yang sama"),
                description=_l("Laporan ini berhenti, pelapornya mengikuti laporan itu."),
                validators=[Required(_l("Tulis nomor laporan, misalnya 2611-0902."))],
            )
        },
        _target,
    ),
    Need.OFFICER: _choice(
        "officer_id", _l("Petugas"), _l("Pilih petugas di dinas ini."), _officers, _officer
    ),
    Need.DATE: Part(
        {
            "day": DateField(
                _l("Batas waktu baru"),
                format="%d %m %Y",
                validators=[Required(_l("Tulis tanggal dengan angka, misalnya 27 11 2026."))],
            )
        },
        _later_day,
    ),
    Need.CATEGORY: _choice(
        "category_slug",
        _l("Urusan yang benar"),
        _l("Pilih urusan."),
        _categories,
        _category,
    ),
    Need.VISIBILITY: _picked(
        "visibility",
        _l("Setertutup apa?"),
        _l("Pilih satu."),
        _tighter,
        _plain("visibility", "visibility"),
    ),
    Need.PUBLIC_TEXT: Part(
        {
            "hide": TextAreaField(
                _l("Kata yang ditutup, satu per baris"),
                description=_l("Salin persis dari salinan publik. Yang ditutup tidak dibuka lagi."),
                validators=[Required(_l("Tulis kata yang harus ditutup.")), Size(0, WORDS_MAX)],
            )
        },
        lambda form, ground: {"words": "\n".join(words_to_hide(ground.copies, form["hide"].data))},
        possible=lambda ground: any(copy.strip(f"{BULLET} \n") for copy in ground.copies),
    ),
    Need.PHOTO: _picked(
        "attachment_id",
        _l("Foto yang mana?"),
        _l("Pilih satu foto."),
        _photo_choices,
        lambda form, _ground: {"attachment_id": int(form["attachment_id"].data)},
    ),
    Need.PHOTOS: _photos(_l("Foto"), _l("Jangan tampilkan wajah orang, pelat nomor, atau nama.")),
    Need.AFTER_PHOTOS: _photos(
        _l("Foto sesudah"),
        _l("Dari tempat berdiri yang sama. Jangan tampilkan wajah orang, pelat nomor, atau nama."),
    ),
}


# ---------------------------------------------------------------- forms


@cache
def form_class(needs: tuple[Need, ...]) -> type[StepForm]:
    """The form that asks for these, made once. Raises KeyError for a need no part asks for."""
    fields = {name: field for need in needs for name, field in PARTS[need].fields.items()}
    return type("Step", (StepForm,), fields)


def field_names(needs: tuple[Need, ...]) -> list[str]:
    """The fields of a step's form in the order they are asked: photos of the work come first."""
    ordered = sorted(needs, key=lambda need: need is not Need.AFTER_PHOTOS)
    return [name for need in ordered for name in PARTS[need].fields]


def possible(ground: Ground) -> bool:
    """Whether there is something to give: a photo to hide, a colleague to hand over to."""
    return all(
        part.possible(ground) and (part.choices is None or bool(part.choices(ground)))
        for part in _parts(ground)
    )


def step_form(ground: Ground) -> StepForm:
    """The form of a step on a case, filled with what was sent if anything was."""
    form = form_class(ground.row.needs)()
    for part in _parts(ground):
        if part.choices is not None:
            form[part.chosen].choices = part.choices(ground)
    return form


def given_in(form: StepForm, ground: Ground) -> Given:
    """What a valid form gives. Raises Wrong where it cannot be."""
    values: dict[str, Any] = {}
    for part in _parts(ground):
        values |= part.given(form, ground)
    return Given(**values)


def _parts(ground: Ground) -> list[Part]:
    return [PARTS[need] for need in ground.row.needs]
