"""/permohonan/kirim: a whole form becomes a request; /permohonan/tanda-terima: its receipt."""

from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField

from app.cases.holding import hold
from app.cases.showing import clock_view, title_of
from app.core.access import public
from app.core.clock import now
from app.core.forms import BaseForm, Required, csrf_in_form
from app.core.i18n import _, _l, language
from app.core.pages import no_store
from app.core.qr import qr_svg
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.places.city import current_city
from app.requests.form_views import (
    Answer,
    Held,
    chapters,
    code_held,
    ended,
    handed_in,
    open_form,
    slots,
)
from app.requests.form_views import hold as hold_form
from app.requests.request_actions import hand_in

handing_in = Blueprint("handing_in", __name__, url_prefix="/permohonan")

INCOMPLETE: Final = "kurang"


class DeclareForm(BaseForm):
    """The declaration that all is true: the last thing before a form is handed in."""

    true = BooleanField(
        _l("Saya menyatakan semua isian dan berkas ini benar."),
        description=_l("Memalsukan surat atau keterangan dapat dipidana."),
        validators=[Required(_l("Centang pernyataan ini kalau semuanya benar."))],
    )


@handing_in.route("/kirim", methods=["GET", "POST"])
@csrf_in_form
@public
def send() -> Answer:
    """What happens with it, a declaration, and the button. Sent twice, it is one request."""
    no_store()
    sending, code = request.method == "POST", code_held()
    found = open_form(code, lock=sending) if code else None
    if found is None:
        return _sent_already(code) or ended()
    if not _is_whole(found):
        return redirect(url_for("applications.index", pesan=INCOMPLETE), 303)
    form = DeclareForm()
    if not sending or not form.validate():
        page = render_template("requests/hand_in.html", form=form, service=found.service)
        return hold_form(make_response(page, 422 if sending else 200), code)
    return _hand_in(found)


def _is_whole(found: Held) -> bool:
    answered = all(chapter.complete for chapter in chapters(found))
    return answered and not any(slot.lacking for slot in slots(found))


def _hand_in(found: Held) -> Response:
    instant = now()
    case = hand_in(
        db.session(), the_vault(), current_city(), found.service, found.application, found.code,
        language(), instant,
    )  # fmt: skip
    return hold(redirect(url_for(".receipt"), 303), case)


def _sent_already(code: str) -> Response | None:
    """To the receipt of what this form became; None when it became nothing."""
    return redirect(url_for(".receipt"), 303) if handed_in(code) else None


@handing_in.get("/tanda-terima")
@public
def receipt() -> Answer:
    """Number, code and promised day of what this device has handed in."""
    no_store()
    code = code_held()
    case = handed_in(code)
    if case is None:
        return ended()
    city, track_url = current_city(), the_settings().public_url + url_for("cases.track")
    page = render_template(
        "requests/receipt.html",
        case=case,
        code=code,
        title=title_of(case, city),
        clock=clock_view(case, city, now(), mine=True),
        unit=city.unit(case.unit_code or ""),
        track_url=track_url,
        qr=qr_svg(track_url, _("Kode QR ke halaman lacak. Kode lacak tidak ada di dalam gambar.")),
    )
    return hold(make_response(page), case)
