"""The report form: what a citizen sends, checked, with what to do about each mistake.

It holds no database and no photos; those are the view's. Choices are the city's of today.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)

from app.civic.codes import is_form_key, new_form_key
from app.civic.identity import normalise_phone
from app.civic.text import length
from app.complaints.actions import Draft
from app.core.emails import is_email
from app.core.forms import BUILT_IN, EXPIRED, BaseForm
from app.core.i18n import _, _l, language, tr
from app.places.facts import Category, City, District, Unit, Village

UNSURE: Final = "unsure"
"""The kelurahan of somebody who does not know it: a real answer."""
OTHER: Final = "other"
"""The slug of the category for everything else, where a city has one."""
PLAIN_CLASS: Final = "pengaduan"
PLAIN_VISIBILITY: Final = "publik"
STORED_LANDMARK: Final = 300
"""Code points the column of a landmark holds."""

CLASSES: Final = {
    PLAIN_CLASS: _l("Pengaduan: ada yang rusak atau tidak beres"),
    "aspirasi": _l("Aspirasi: usul atau saran"),
    "informasi": _l("Permintaan informasi: saya ingin tahu"),
}
SINCE: Final = {
    "today": _l("Hari ini"),
    "week": _l("Beberapa hari ini"),
    "month": _l("Beberapa minggu"),
    "longer": _l("Lebih dari sebulan"),
}
VISIBILITY_LABELS: Final = {
    "publik": _l("Publik"),
    "anonim": _l("Anonim"),
    "rahasia": _l("Rahasia"),
}

_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?", re.ASCII)
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_LETTERS_BESIDE_LINKS: Final = 10
_MOBILE: Final = "+628"
_HIDDEN_WORDS: Final = 20


def _not_offered() -> str:
    return str(BUILT_IN["Not a valid choice."])


def _choose(field: Field, offered: Iterable[str], missing: str = "") -> None:
    """Raise what is wrong with the choice of a list or of radio buttons."""
    if not field.data:
        raise ValidationError(missing)
    if field.data not in offered:
        raise ValidationError(_not_offered())


class ReportForm(BaseForm):
    """One page, in the order people tell it: what, where, photos, subject, who may see, contact."""

    form_key = HiddenField()
    text = TextAreaField(_l("Ceritakan masalahnya"))
    since = SelectField(_l("Sejak kapan?"), validate_choice=False)
    district = SelectField(_l("Kecamatan"), validate_choice=False)
    village = SelectField(_l("Kelurahan"), validate_choice=False)
    landmark = StringField(_l("Patokan"))
    latitude = HiddenField(id="pin")  # an error leads to the part of the page it belongs to
    longitude = HiddenField()
    photos = MultipleFileField(_l("Tambah foto (boleh kosong)"))
    category = RadioField(_l("Urusan"), validate_choice=False)
    klass = SelectField(_l("Jenis laporan"), validate_choice=False)
    about_unit = SelectField(_l("Kantor yang Anda laporkan"), validate_choice=False)
    visibility_for = HiddenField()  # the subject for which the page offered the next field
    visibility = RadioField(_l("Siapa yang boleh melihat laporan ini?"), validate_choice=False)
    name = StringField(_l("Nama (boleh kosong)"))
    show_name = BooleanField(_l("Tampilkan nama saya di halaman publik"))
    phone = TelField(_l("Nomor ponsel (boleh kosong)"))
    email = EmailField(_l("Email (boleh kosong)"))
    hide = TextAreaField(_l("Ada kata lain yang ingin Anda tutup? Tulis satu per baris."))
    website = StringField(_l("Biarkan kosong"))  # people do not see it; programs fill it in

    def __init__(self, city: City, today: date, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(formdata=sent)
        self.genuine = False  # whether it came from a page of ours; known once it was checked
        self.city = city
        self.today = today
        if sent is None:
            self.form_key.data = new_form_key()
            self.klass.data = PLAIN_CLASS
            self.visibility.data = self.default_visibility

    # ---------------------------------------------------------------- what is offered

    def offer(self) -> None:
        """Name the choices, for a form that is about to be drawn."""
        nothing = ("", _("Pilih"))
        self.since.choices = [("", _("Tidak ingat")), *_choices(SINCE)]
        self.klass.choices = _choices(CLASSES)
        self.district.choices = [nothing, *((d.code, d.name) for d in self.city.districts)]
        self.village.choices = [
            nothing,
            *((village.code, village.name) for village in self.villages),
            (UNSURE, _("Tidak yakin")),
        ]
        self.about_unit.choices = [
            ("", _("Kantor lain, atau tidak tahu")),
            *((unit.code, tr(unit.name)) for unit in self.offices),
        ]

    @property
    def villages(self) -> tuple[Village, ...]:
        """The kelurahan of the chosen kecamatan."""
        return self.city.villages_of(self.district.data or "")

    @property
    def offices(self) -> tuple[Unit, ...]:
        """The offices a report can be about, where it is about one."""
        return self.city.units_on(self.today) if self.about_an_office else ()

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The subjects of today, in the city's order."""
        return self.city.categories_on(self.today)

    @property
    def chosen(self) -> Category | None:
        """The subject chosen, if it is offered."""
        return next((c for c in self.categories if c.slug == self.category.data), None)

    @property
    def visibilities(self) -> tuple[str, ...]:
        """Who may be allowed to see a report about the chosen subject."""
        return self.chosen.visibilities if self.chosen else tuple(VISIBILITY_LABELS)

    @property
    def default_visibility(self) -> str:
        """What the city chose for the subject."""
        return self.chosen.visibility if self.chosen else PLAIN_VISIBILITY

    @property
    def about_an_office(self) -> bool:
        """Whether the subject is the conduct of an office, which must then not receive it."""
        return self.chosen is not None and self.chosen.bypass_place

    @property
    def hidden(self) -> bool:
        """Whether nothing of this form may be left anywhere: rahasia, or about an office."""
        return self.visibility.data not in {"publik", "anonim"} or self.about_an_office

    # ---------------------------------------------------------------- beginning

    def begin_with(self, wanted: Mapping[str, str]) -> None:
        """Fill in what the address asked for: ``category`` (or ``urusan`` in words), ``kelurahan``.

        What does not exist is passed over.
        """
        slug = wanted.get("category", "")
        if not slug and (words := wanted.get("urusan", "")[:80].replace("-", " ")):
            slug = next((c.slug for c in self.city.suggest_categories(words, self.today, 1)), "")
        if slug in {category.slug for category in self.categories}:
            self.category.data = slug
        village = self.city.village(wanted.get("kelurahan", ""))
        if village.known:
            self.district.data, self.village.data = village.district_code, village.code
        self.visibility.data = self.default_visibility

    def settle(self) -> None:
        """Make a form that is not being sent yet fit to be shown again."""
        if not is_form_key(self.key):
            self.form_key.data = new_form_key()
        if self.visibility.data not in self.visibilities:
            self.visibility.data = self.default_visibility
        self.suggest_district()

    def suggest_district(self) -> District | None:
        """Choose the kecamatan nearest to the pin where none was chosen; it may be changed."""
        place = self.place
        if place is None or self.district.data:
            return None
        nearest = self.city.nearest_district(*place)
        self.district.data = nearest.code
        return nearest

    # ---------------------------------------------------------------- checking

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything. What is wrong with a hidden field is said above the form."""
        valid = super().validate(extra_validators=extra_validators)
        self.genuine = not self.csrf_token.errors
        if not self.genuine:
            self.form_errors.append(str(EXPIRED))
        self.form_errors.extend(self.form_key.errors)
        self.csrf_token.errors = self.form_key.errors = []
        return valid

    def came_from_here(self) -> bool:
        """Whether the CSRF token is right: for steps that check nothing else."""
        self.genuine = bool(self.csrf_token.validate(self))
        self.csrf_token.errors = []
        if not self.genuine:
            self.form_errors.append(str(EXPIRED))
        return self.genuine

    def validate_form_key(self, field: Field) -> None:
        """A form without its key could become two reports: send it once more with a fresh one."""
        if not is_form_key(field.data or ""):
            field.data = new_form_key()
            raise ValidationError(
                _("Isian ini tidak lengkap terkirim. Kirim sekali lagi; laporan tidak akan ganda.")
            )

    def validate_text(self, field: Field) -> None:
        """Long enough to be understood, in words."""
        text, limits = self.words, self.city.limits
        size = length(text)
        if not size:
            raise ValidationError(
                _("Ceritakan masalahnya, minimal %(min)s huruf.", min=limits.text_min)
            )
        if size < limits.text_min:
            raise ValidationError(
                _(
                    "Tambahkan sedikit lagi: apa yang rusak atau tidak beres? Minimal %(min)s"
                    " huruf.",
                    min=limits.text_min,
                )
            )
        if size > limits.text_max:
            raise ValidationError(
                _(
                    "Pendekkan cerita sampai %(max)s huruf. Sekarang %(n)s. Rincian bisa ditambah"
                    " nanti dengan kode lacak.",
                    max=limits.text_max,
                    n=size,
                )
            )
        words = _LINK.sub("", text)
        if words != text and sum(map(str.isalpha, words)) < _LETTERS_BESIDE_LINKS:
            raise ValidationError(_("Tulis masalahnya dengan kata-kata, bukan tautan saja."))

    def validate_since(self, field: SelectField) -> None:
        """A rough answer, or none."""
        if field.data:
            _choose(field, SINCE)

    def validate_district(self, field: SelectField) -> None:
        """A kecamatan of this city."""
        codes = {district.code for district in self.city.districts}
        _choose(field, codes, _("Pilih kecamatan tempat masalahnya."))

    def validate_village(self, field: SelectField) -> None:
        """A kelurahan of the chosen kecamatan, or "not sure"."""
        village = self.city.village(field.data or "")
        district = self.city.district(self.district.data or "")
        if village.known and district.known and village.district_code != district.code:
            raise ValidationError(
                _(
                    "%(kelurahan)s tidak berada di %(kecamatan)s. Pilih kelurahan dari daftar"
                    " %(kecamatan)s.",
                    kelurahan=village.name,
                    kecamatan=district.name,
                )
            )
        codes = {UNSURE, *(village.code for village in self.villages)}
        _choose(field, codes, _("Pilih kelurahan, atau pilih “Tidak yakin”."))

    def validate_landmark(self, field: Field) -> None:
        """Enough to find the place."""
        landmark, limits = field.data or "", self.city.limits
        size = length(landmark)
        if not size:
            raise ValidationError(_("Tulis patokan supaya petugas bisa menemukan tempatnya."))
        if size < limits.landmark_min:
            raise ValidationError(
                _("Tambah patokan: nama jalan atau gang dan benda yang mudah dilihat.")
            )
        if size > limits.landmark_max or len(landmark) > STORED_LANDMARK:
            raise ValidationError(
                _("Pendekkan patokan sampai %(max)s huruf.", max=limits.landmark_max)
            )

    def validate_latitude(self, _field: Field) -> None:
        """A pin inside the city, or none."""
        if not (self.latitude.data or self.longitude.data):
            return
        if self.place is None:
            raise ValidationError(
                _("Tanda peta tidak terbaca. Taruh lagi, atau lanjutkan tanpa peta.")
            )
        if not self.city.bounds.contains(*self.place):
            raise ValidationError(
                _(
                    "Tanda peta berada di luar %(city)s. Geser tandanya, atau hapus dan pakai"
                    " patokan.",
                    city=tr(self.city.name),
                )
            )

    def validate_category(self, field: SelectField) -> None:
        """A subject of today."""
        slug = field.data or ""
        if slug and self.city.category(slug).known and self.chosen is None:
            raise ValidationError(_("Urusan itu sudah tidak dipakai. Pilih yang lain dari daftar."))
        slugs = {category.slug for category in self.categories}
        _choose(field, slugs, _("Pilih urusan, atau pilih “Lainnya”."))

    def validate_klass(self, field: SelectField) -> None:
        """Complaint, suggestion or question."""
        _choose(field, CLASSES, _("Pilih jenis laporan."))

    def validate_about_unit(self, field: SelectField) -> None:
        """An office of the city, or none; asked only about the conduct of one."""
        if not self.about_an_office:
            field.data = ""
        elif field.data:
            _choose(field, {unit.code for unit in self.offices})

    def validate_visibility(self, field: SelectField) -> None:
        """One the subject allows. The safe one is chosen when it does not."""
        if field.data in VISIBILITY_LABELS and field.data not in self.visibilities:
            field.data = self.default_visibility
            raise ValidationError(_("Untuk urusan ini pilih Anonim atau Rahasia."))
        _choose(field, self.visibilities, _("Pilih siapa yang boleh melihat laporan ini."))
        self._say_the_default(field)

    def _say_the_default(self, field: SelectField) -> None:
        """A page without script did not know the subject when it chose for the reporter."""
        default = self.default_visibility
        preset = field.data == PLAIN_VISIBILITY and self.visibility_for.data != self.category.data
        if preset and default != PLAIN_VISIBILITY:
            field.data = default
            raise ValidationError(
                _(
                    "Untuk urusan ini kami pilihkan %(field)s. Anda boleh mengubahnya.",
                    field=VISIBILITY_LABELS[default],
                )
            )

    def validate_name(self, field: Field) -> None:
        """A name, where it is to be shown."""
        if length(field.data or "") > self.city.limits.name_max:
            raise ValidationError(
                _("Pendekkan nama sampai %(max)s huruf.", max=self.city.limits.name_max)
            )
        if self.show_name.data and not field.data and self.visibility.data == "publik":
            raise ValidationError(_("Tulis nama Anda, atau hapus centang “Tampilkan nama saya”."))

    def validate_phone(self, field: Field) -> None:
        """An Indonesian mobile number, or none."""
        if field.data and not (normalise_phone(field.data) or "").startswith(_MOBILE):
            raise ValidationError(
                _("Tulis nomor ponsel 10–13 angka yang diawali 08 atau +62, atau kosongkan.")
            )

    def validate_email(self, field: Field) -> None:
        """A whole address, or none."""
        if field.data and not is_email(field.data):
            raise ValidationError(
                _("Tulis alamat email lengkap, misalnya nama@contoh.id, atau kosongkan.")
            )

    def validate_hide(self, field: Field) -> None:
        """A few words."""
        limit = self.city.limits.name_max
        if len(self.words_to_hide) > _HIDDEN_WORDS or any(
            length(word) > limit for word in self.words_to_hide
        ):
            raise ValidationError(
                _(
                    "Tulis paling banyak %(n)s baris, masing-masing paling banyak %(max)s huruf.",
                    n=_HIDDEN_WORDS,
                    max=limit,
                )
            )

    # ---------------------------------------------------------------- results

    @property
    def key(self) -> str:
        """The form key; "" when it did not arrive."""
        return self.form_key.data or ""

    @property
    def words(self) -> str:
        """What was told; "" when nothing was."""
        return self.text.data or ""

    @property
    def opening(self) -> str:
        """As much of it as a report may hold: advice and suggestions need no more."""
        return self.words[: self.city.limits.text_max]

    @property
    def words_to_hide(self) -> tuple[str, ...]:
        """What the reporter wants masked beyond what the rules find."""
        return tuple(filter(None, map(str.strip, (self.hide.data or "").splitlines())))

    @property
    def place(self) -> tuple[float, float] | None:
        """The pin as it was sent, if it can be read; six decimals are a hand's breadth."""
        typed = (self.latitude.data or "", self.longitude.data or "")
        if not all(map(_DEGREES.fullmatch, typed)):
            return None
        latitude, longitude = (round(float(degrees), 6) for degrees in typed)
        return latitude, longitude

    @property
    def draft(self) -> Draft:
        """What is to be stored. Only of a valid form."""
        latitude, longitude = self.place or (None, None)
        village = self.village.data
        return Draft(
            text=self.words,
            klass=self.klass.data,
            category_slug=self.category.data,
            visibility=self.visibility.data,
            district_code=self.district.data,
            village_code=None if village == UNSURE else village,
            landmark=self.landmark.data or "",
            latitude=latitude,
            longitude=longitude,
            since=self.since.data or "",
            hide=self.words_to_hide,
            about_unit=self.about_unit.data or None,
            name=self.name.data or "",
            show_name=self.show_name.data,
            phone=normalise_phone(self.phone.data or "") or "",
            email=self.email.data or "",
            language=language(),
        )


class FollowForm(BaseForm):
    """An address for news of a report somebody supports."""

    email = EmailField(
        _l("Email"), description=_l("Kami mengirim kabar saat status berubah. Tidak ada iklan.")
    )

    def validate_email(self, field: Field) -> None:
        """A whole address."""
        if not is_email(field.data or ""):
            raise ValidationError(_("Tulis alamat email lengkap, misalnya nama@contoh.id."))


class SubscribeForm(FollowForm):
    """An address of somebody who neither filed nor supports what they want news of."""

    website = StringField(_l("Biarkan kosong"))  # people do not see it; programs fill it in

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything. What is wrong with a hidden field is said above the form."""
        valid = super().validate(extra_validators=extra_validators)
        if self.csrf_token.errors:
            self.form_errors.append(str(EXPIRED))
            self.csrf_token.errors = []
        return valid


def empty_trap(form: "ReportForm | SubscribeForm", unsent: str) -> None:
    """Empty the field people do not see, and say so after `unsent`: it was filled in by a program,
    or by a browser that fills forms.
    """
    form.website.data = ""
    form.form_errors.append(
        _(
            "%(unsent)s Ada kotak tersembunyi yang terisi sendiri, biasanya oleh pengisi otomatis"
            " peramban. Kotak itu sudah kami kosongkan: kirim sekali lagi.",
            unsent=unsent,
        )
    )


def _choices(labels: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in labels.items()]
