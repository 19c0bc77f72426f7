"""/verifikasi: whether a letter is one of the city's, and still good. Open to everybody."""

from typing import Final

from flask import Blueprint, render_template, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.civic.codes import normalise, to_look_up
from app.civic.promises import local_date
from app.core.access import public
from app.core.clock import now
from app.core.database import transaction
from app.core.forms import csrf_in_form
from app.core.i18n import _, tr
from app.core.limits import limits, network_key, too_many_codes
from app.core.pages import no_store, please_wait
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.letters.forms import CodeForm
from app.letters.models import Letter
from app.letters.queries import by_code
from app.places.city import current_city
from app.places.facts import Text

letters = Blueprint("letters", __name__)

Answer = str | Response | tuple[str, int]

LIMIT: Final = "letter"


@letters.route("/verifikasi", methods=["GET", "POST"])
@csrf_in_form
@public
def verify() -> Answer:
    """Type the code of a letter."""
    no_store()
    form = CodeForm()
    if not form.is_submitted():
        return _page(form, 200)
    if not form.validate():
        return _page(form, 422)
    found = _looked_up(form, 422)
    if not isinstance(found, Letter):
        return found
    return redirect(url_for(".letter", code=normalise(form.code.data or "")), 303)


@letters.get("/verifikasi/<code>")
@public
def letter(code: str) -> Answer:
    """What the city knows of the letter with this code; its QR code leads here."""
    no_store()
    form = CodeForm(MultiDict({"code": code}), meta={"csrf": False})
    if not form.validate():
        return _page(_sendable(form), 404)
    found = _looked_up(form, 404)
    return _letter(found) if isinstance(found, Letter) else found


def _looked_up(form: CodeForm, status: int) -> Letter | Answer:
    """The letter, or what to answer: wrong codes are counted, and too many must wait."""
    most, network = the_settings().wrong_codes_per_hour, network_key(now())
    if seconds := limits().wait(LIMIT, most, network):
        form.code.errors = [too_many_codes(seconds)]
        return please_wait(_page(_sendable(form), 429), seconds)
    with transaction("read"):
        found = by_code(db.session(), the_vault(), to_look_up(form.code.data or ""))
        db.session.rollback()
    if found is None:
        limits().count(LIMIT, most, network)
        form.code.errors = [
            _(
                "Tidak ada surat kota dengan kode ini. Periksa huruf yang mirip: 8 dan B, 5 dan S,"
                " 2 dan Z. Kalau kodenya memang begitu, surat itu bukan dari kami."
            )
        ]
        return _page(_sendable(form), status)
    return found


def _sendable(form: CodeForm) -> CodeForm:
    """The same form, with the token its next sending needs."""
    fresh = CodeForm(formdata=None, data={"code": form.code.data})
    fresh.code.errors = form.code.errors
    return fresh


def _page(form: CodeForm, status: int) -> tuple[str, int]:
    return render_template("letters/verify.html", form=form), status


def _letter(found: Letter) -> str:
    city = current_city()
    issued_on = local_date(found.issued_at, city.zone)
    return render_template(
        "letters/letter.html",
        letter=found,
        name=tr(Text(found.name_id, found.name_en)),
        unit=tr(city.unit(found.unit_code).name_on(issued_on)),
        issued_on=issued_on,
        revoked_on=local_date(found.revoked_at, city.zone) if found.revoked_at else None,
        expired=_expired(found),
        new=found.replaced_by,
    )


def _expired(found: Letter) -> bool:
    today = local_date(now(), current_city().zone)
    return found.valid_until is not None and found.valid_until < today
