"""The form that takes the code of a letter."""

from wtforms import Field, StringField, ValidationError

from app.civic.codes import CODE_LENGTH, compact
from app.core.forms import BaseForm
from app.core.i18n import _, _l


class CodeForm(BaseForm):
    """The code printed below a letter."""

    code = StringField(
        _l("Kode surat"),
        description=_l(
            "12 huruf dan angka di bagian bawah surat, di samping kode QR. Huruf besar kecil,"
            " spasi, dan tanda hubung tidak masalah."
        ),
    )

    def validate_code(self, field: Field) -> None:
        """Twelve characters, whichever; whether they name a letter is not asked here."""
        typed = compact(field.data or "")
        if not typed:
            raise ValidationError(_("Tulis kode yang tercetak di surat."))
        if len(typed) != CODE_LENGTH:
            raise ValidationError(
                _(
                    "Kode surat terdiri atas 12 huruf dan angka. Yang Anda tulis %(n)s."
                    " Periksa lagi.",
                    n=len(typed),
                )
            )
