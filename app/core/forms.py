"""The base of all forms: our messages in both languages, clean text, CSRF errors at the form."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from flask import request
from flask_babel import LazyString
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, ValidationError
from wtforms.validators import StopValidation

from app.civic.text import clean_text, length, unreadable
from app.core.i18n import _, _l

View = TypeVar("View", bound=Callable[..., Any])

# WTForms brings no Indonesian; English would leak through its own messages.
BUILT_IN: dict[str, LazyString] = {
    "Not a valid choice": _l("Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."),
    "Not a valid choice.": _l("Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."),
    "Invalid Choice: could not coerce": _l(
        "Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."
    ),
    "Invalid Choice: could not coerce.": _l(
        "Pilihan itu tidak ada di daftar. Pilih lagi dari daftar."
    ),
    "Not a valid integer value": _l("Tulis dengan angka saja, misalnya 3."),
    "Not a valid integer value.": _l("Tulis dengan angka saja, misalnya 3."),
    "This field is required.": _l("Isi bagian ini."),
}
EXPIRED = _l("Halaman ini sudah terbuka terlalu lama. Isian Anda masih ada; kirim sekali lagi.")


class _Messages:
    """Stands where WTForms expects gettext translations."""

    def gettext(self, string: str) -> str:
        return str(BUILT_IN.get(string, string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(BUILT_IN.get(singular if n == 1 else plural, singular))


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form whose text fields come in clean and whose errors speak the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Settings WTForms reads."""

        def get_translations(self, _form: Any) -> _Messages:
            return _Messages()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed. Files are read apart from it, and what is no form (JSON) is empty."""
            if formdata is None or isinstance(formdata, MultiDict):
                return super().wrap_formdata(form, formdata)
            return request.form if form.is_submitted() else None

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            if issubclass(unbound_field.field_class, StringField):
                filters = [clean_field, *unbound_field.kwargs.get("filters", ())]
                unbound_field.kwargs["filters"] = tuple(dict.fromkeys(filters))
            field: Field = unbound_field.bind(form=form, **options)
            return field

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators=extra_validators))
        if self.expired:
            self.csrf_token.errors = [str(EXPIRED)]
        return self._readable() and valid

    def _readable(self) -> bool:
        readable = True
        for field in self:
            if isinstance(field, StringField) and any(map(unreadable, _texts(field.raw_data))):
                field.errors = [_("Hapus tanda atau huruf yang tidak terbaca, lalu kirim lagi.")]
                field.data = "".join(filter(_showable, field.data or ""))
                readable = False
        return readable

    @property
    def expired(self) -> bool:
        """Whether the page was open too long (or came from elsewhere): send once more."""
        return bool(self.errors.get("csrf_token"))


def _texts(values: Iterable[object] | None) -> Iterator[str]:
    return (value for value in values or () if isinstance(value, str))


def _showable(character: str) -> bool:
    return not unreadable(character)


def clean_field(value: object) -> object:
    """Text in Unicode form NFC with plain line ends and no blanks around it."""
    return clean_text(value) if isinstance(value, str) else value


def csrf_in_form(view: View) -> View:
    """Mark a view whose form checks the CSRF token itself, so that an old page keeps what was
    typed.
    """
    view.csrf_in_form = True  # type: ignore[attr-defined]
    return view


class Required:
    """The field must hold something; the message says what to do, never "wajib diisi"."""

    field_flags = {"required": True}

    def __init__(self, message: LazyString | str) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation(str(self.message))


class Size:
    """Length of a text in characters, after cleaning."""

    def __init__(
        self, minimum: int = 0, maximum: int = 0, too_short: LazyString | None = None
    ) -> None:
        self.minimum, self.maximum, self.too_short = minimum, maximum, too_short
        self.field_flags = {"maxlength": maximum} if maximum else {}

    def __call__(self, _form: Any, field: Field) -> None:
        size = length(field.data or "")
        if size < self.minimum:
            raise ValidationError(
                str(self.too_short or _("Tulis paling sedikit %(min)s huruf.", min=self.minimum))
            )
        if self.maximum and size > self.maximum:
            raise ValidationError(
                _("Pendekkan sampai %(max)s huruf. Sekarang %(n)s.", max=self.maximum, n=size)
            )
