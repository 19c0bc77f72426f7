"""Forms of the staff room."""

from datetime import date
from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import Email, Optional
from wtforms.widgets import PasswordInput

from app.core.forms import BaseForm, Required, Size
from app.core.i18n import _, _l, tr
from app.places.facts import City
from app.staff import passwords
from app.staff.actions import Profile
from app.staff.catalogue import ROLES
from app.staff.models import Staff

LANGUAGE_NAMES = {"id": "Indonesia", "en": "English"}


def _lower(value: str | None) -> str | None:
    return value and value.lower()


class SecretField(Field):
    """A password: taken exactly as typed, never shown again."""

    widget = PasswordInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    def _value(self) -> str:
        return ""


class SignInForm(BaseForm):
    """Account name and password."""

    username = StringField(
        _l("Nama akun"),
        [Required(_l("Tulis nama akun Anda."))],
        filters=[_lower],
    )
    password = SecretField(_l("Kata sandi"), [Required(_l("Tulis kata sandi Anda."))])
    next = HiddenField()


class PasswordForm(BaseForm):
    """Another password for oneself."""

    current = SecretField(
        _l("Kata sandi sekarang"), [Required(_l("Tulis kata sandi yang Anda pakai sekarang."))]
    )
    password = SecretField(
        _l("Kata sandi baru"),
        [Required(_l("Tulis kata sandi baru."))],
        description=_l("Paling sedikit 12 huruf, angka, atau tanda. Empat kata biasa sudah cukup."),
    )
    again = SecretField(
        _l("Ulangi kata sandi baru"), [Required(_l("Tulis kata sandi baru sekali lagi."))]
    )

    def __init__(self, username: str) -> None:
        super().__init__()
        self._username = username

    def validate_password(self, field: Field) -> None:
        """Refuse what is short or easy, and what was used until now."""
        if problem := passwords.problem(field.data, self._username):
            raise ValidationError(_(problem))
        if self.current is not None and field.data == self.current.data:
            raise ValidationError(_("Ini kata sandi yang sekarang. Pilih yang lain."))

    def validate_again(self, field: Field) -> None:
        """The same twice, because nobody sees what is typed."""
        if field.data != self.password.data:
            raise ValidationError(_("Dua kata sandi baru ini berbeda. Tulis lagi keduanya."))


class NewPasswordForm(PasswordForm):
    """A password for whoever came by a mailed link and has no other."""

    current = None  # type: ignore[assignment]  # WTForms leaves the field out


class ForgottenForm(BaseForm):
    """Who forgot the password."""

    who = StringField(
        _l("Nama akun atau email"),
        [Required(_l("Tulis nama akun atau email Anda.")), Size(maximum=254)],
        filters=[_lower],
    )


class AccountForm(BaseForm):
    """What an administrator decides about an account."""

    name = StringField(
        _l("Nama lengkap"), [Required(_l("Tulis nama orang ini.")), Size(maximum=120)]
    )
    email = StringField(
        _l("Email"),
        [
            Optional(),
            Size(maximum=254),
            Email(_l("Tulis alamat email lengkap, misalnya nama@contoh.id, atau kosongkan.")),
        ],
        description=_l("Untuk tugas baru, batas waktu, dan kabar tentang akun ini."),
    )
    role = RadioField(_l("Peran"), [Required(_l("Pilih satu peran."))])
    unit_code = SelectField(_l("Dinas"))
    language = SelectField(_l("Bahasa kabar"), choices=LANGUAGE_NAMES)

    def __init__(self, city: City, today: date, account: Staff | None = None, **more: Any) -> None:
        super().__init__(obj=account, **more)
        self.role.choices = {role.name: _(role.label) for role in ROLES.values()}
        kept = account.unit_code if account else None
        self.unit_code.choices = {"": _("Tidak terikat dinas"), **_units(city, today, kept)}
        if not self.is_submitted() and account is None:
            self.language.data = city.locale

    def validate_unit_code(self, field: Field) -> None:
        """Whoever works for one unit needs one."""
        role = ROLES.get(self.role.data or "")
        if role and role.needs_unit and not field.data:
            raise ValidationError(_("Pilih dinas tempat orang ini bekerja."))

    def profile(self) -> Profile:
        """What was filled in."""
        return Profile(
            self.name.data or "",
            self.email.data or "",
            self.role.data,
            self.unit_code.data or None,
            self.language.data,
        )


class NewAccountForm(AccountForm):
    """An account that does not exist yet."""

    username = StringField(
        _l("Nama akun"),
        [Required(_l("Tulis nama akun."))],
        filters=[_lower],
        description=_l("Untuk masuk, misalnya rina.siregar. Tidak bisa diganti."),
    )


class ConfirmForm(BaseForm):
    """Nothing but a button."""


def _units(city: City, today: date, kept: str | None) -> dict[str, str]:
    units = (unit for unit in city.units if unit.valid_on(today) or unit.code == kept)
    names = {unit.code: tr(unit.name) for unit in units}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))
