"""Forms of the reporter's own page: one class for each set of needs, made once from the lifecycle.

Beside what a step needs, a form carries what of the case its page showed (``version``, ``seen``),
so that nobody answers what they have not read.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from wtforms import (
    EmailField,
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.cases.actions import Given
from app.cases.holder_words import RATINGS, VISIBILITY, Here, tighter
from app.cases.kinds import kind_of
from app.cases.lifecycle import Action, Move, Need
from app.cases.reasons import DISPUTES
from app.civic.codes import CODE_LENGTH, compact, is_form_key, new_form_key, parse_number
from app.civic.text import length
from app.core.emails import is_email
from app.core.forms import BaseForm, Required
from app.core.i18n import _, _l

NO_ANSWER: Final = "no_answer"
"""The dispute that says nothing without words."""


class CodeForm(BaseForm):
    """A tracking code."""

    code = StringField(
        _l("Kode lacak"),
        description=_l(
            "12 huruf dan angka di tanda terima. Huruf besar kecil, spasi, dan tanda hubung tidak"
            " masalah; O dan 0 juga tidak."
        ),
    )

    def validate_code(self, field: Field) -> None:
        """Twelve characters, whichever; whether they open a report is not asked here."""
        typed = compact(field.data or "")
        if not typed:
            raise ValidationError(_("Tulis kode lacak dari tanda terima."))
        if len(typed) != CODE_LENGTH:
            raise ValidationError(
                _(
                    "Kode lacak terdiri atas 12 huruf dan angka. Yang Anda tulis %(n)s."
                    " Periksa lagi.",
                    n=len(typed),
                )
            )


class NumberForm(BaseForm):
    """A report number, in an address: it is public."""

    class Meta(BaseForm.Meta):
        """No token: it changes nothing."""

        csrf = False

    nomor = StringField(_l("Nomor laporan"))

    @property
    def number(self) -> str | None:
        """The number somebody meant."""
        return parse_number(self.nomor.data or "")

    def validate_nomor(self, _field: Field) -> None:
        """A number as we give them."""
        if self.number is None:
            raise ValidationError(_("Tulis nomor seperti di tanda terima, misalnya 2611-0902."))


class AddressForm(BaseForm):
    """The address somebody left with what they brought."""

    email = EmailField(
        _l("Email"), description=_l("Alamat yang Anda tulis di laporan atau permohonan.")
    )

    def validate_email(self, field: Field) -> None:
        """A whole address; whether any case carries it is not asked here."""
        if not is_email(field.data or ""):
            raise ValidationError(_("Tulis alamat email lengkap, misalnya nama@contoh.id."))


class LeaveForm(BaseForm):
    """Nothing but a button."""


# ---------------------------------------------------------------- steps


class StepForm(BaseForm):
    """The form of one step of the holder."""

    version = HiddenField()
    seen = HiddenField()  # the newest event on the page it stood on
    key = HiddenField()  # to which form kept photos belong

    def __init__(self, row: Move | Action, here: Here) -> None:
        super().__init__()
        self.row, self.here = row, here
        self.words_of_step = kind_of(here.case).steps[row.name]
        for field in self:  # several forms stand on one page
            field.id = field.label.field_id = f"{self.words_of_step.slug}-{field.short_name}"
        if "words" in self:
            self.words.label.text = here.fill(self.words_of_step.label)
        for name, offered in CHOICES.items():
            if name in self:
                self[name].choices = [SelectChoice(*pair) for pair in offered(here)]
        if not is_form_key(self.key.data or ""):
            self.key.data = new_form_key()

    # ---------------------------------------------------------------- what it saw

    def show(self) -> None:
        """Let the form say what of the case the page around it shows."""
        self.version.data = str(self.here.case.version)
        self.seen.data = str(self.here.events[-1].id)

    @property
    def stale(self) -> bool:
        """Whether the case has changed since the page was made."""
        return _whole(self.version.data) != self.here.case.version

    @property
    def seen_id(self) -> int:
        """Row id of the newest event on the page; 0 when it cannot be read."""
        return _whole(self.seen.data) or 0

    @property
    def own_key(self) -> str:
        """To which form kept photos belong."""
        return self.key.data or ""

    # ---------------------------------------------------------------- checking

    def validate_words(self, field: Field) -> None:
        """Enough of them, and not too many."""
        size, most = length(field.data or ""), self.here.city.limits.text_max
        if size > most:
            raise ValidationError(
                _("Pendekkan sampai %(max)s huruf. Sekarang %(n)s.", max=most, n=size)
            )
        if Need.WORDS in self.row.needs and size < self.words_of_step.least:
            raise ValidationError(self.here.fill(self.words_of_step.missing))
        if "code" in self and self.code.data == NO_ANSWER and not size:
            raise ValidationError(self.here.fill(self.words_of_step.missing))

    def validate_number(self, field: Field) -> None:
        """The number of this case, to be sure."""
        if parse_number(field.data or "") != self.here.case.number:
            raise ValidationError(
                _("Tulis %(number)s persis seperti di atas.", number=self.here.case.number)
            )

    def check_anything(self, photos: int) -> bool:
        """Whether words or photos came, where one of them must; says so at the words if not."""
        if Need.WORDS_OR_PHOTOS not in self.row.needs or photos or self.words.data:
            return True
        self.words.errors = [self.here.fill(self.words_of_step.missing)]
        return False

    # ---------------------------------------------------------------- results

    @property
    def given(self) -> Given:
        """What a valid form gives, without its photos."""
        return Given(
            words=self._value("words"),
            code=self._value("code"),
            rating=_whole(self._value("rating")),
            visibility=self._value("visibility"),
        )

    def _value(self, name: str) -> str:
        return (self[name].data or "") if name in self else ""


def _whole(typed: str | None) -> int | None:
    """A row id or version as a page gave it; None for anything else."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _words() -> dict[str, Any]:
    return {"words": TextAreaField()}


FIELDS: Final[Mapping[Need, Mapping[str, Any]]] = {
    Need.WORDS: _words(),
    Need.WORDS_OR_PHOTOS: _words(),
    Need.PHOTOS: {"photos": MultipleFileField(_l("Foto (boleh kosong)"))},
    Need.DISPUTE: {
        "code": RadioField(
            _l("Pilih yang paling cocok"), [Required(_l("Pilih apa yang belum selesai."))]
        ),
        **_words(),
    },
    Need.RATING: {
        "rating": RadioField(_l("Nilai"), [Required(_l("Pilih nilai 1 sampai 5."))]),
        **_words(),
    },
    Need.VISIBILITY: {
        "visibility": RadioField(
            _l("Siapa yang boleh melihat laporan ini?"),
            [Required(_l("Pilih salah satu."))],
        )
    },
    Need.NUMBER: {"number": StringField(_l("Tulis nomor laporan untuk memastikan"))},
}
"""What each need of a holder's step asks for."""
CHOICES: Final[Mapping[str, Callable[[Here], Iterable[tuple[str, str]]]]] = {
    "code": lambda _here: ((code, _(text)) for code, text in DISPUTES.items()),
    "rating": lambda _here: ((str(value), str(text)) for value, text in RATINGS.items()),
    "visibility": lambda here: ((name, str(VISIBILITY[name][0])) for name in tighter(here.case)),
}
"""Value and words of what a field offers."""


@cache
def form_class(needs: tuple[Need, ...]) -> type[StepForm]:
    """The form that asks for these, made once. Raises KeyError for a need no field asks for."""
    fields = {name: field for need in needs for name, field in FIELDS[need].items()}
    return type("HolderStep", (StepForm,), fields)


def step_form(row: Move | Action, here: Here) -> StepForm:
    """The form of a step on a case, filled with what was sent if anything was."""
    return form_class(row.needs)(row, here)
