"""/petugas/permohonan: the counter opens what somebody filled in at home, by their code."""

from typing import Final

from flask import Blueprint, render_template
from flask_login import current_user

from app.cases.events import by, record
from app.civic.codes import to_look_up
from app.core import access
from app.core.access import Permission
from app.core.clock import now
from app.core.forms import csrf_in_form
from app.core.i18n import _
from app.core.limits import limits, waiting
from app.core.pages import please_wait
from app.core.running import the_settings
from app.extensions import db
from app.requests.form_views import Answer, Held, chapters, open_form, slots, to_bring
from app.requests.forms import CodeForm

counter = Blueprint("counter", __name__, url_prefix="/petugas/permohonan")

EVENT: Final = "application_opened"
"""In the city's log: which form was opened by whom; nothing of what stands in it."""


@counter.route("", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.CASE_WORK)
def index() -> Answer:
    """Open a form by its code. Only the unit that gives the service can, and each look is kept."""
    form = CodeForm()
    if not form.is_submitted():
        return _page(form, 200)
    if not form.validate():
        return _page(form, 422)
    most, who = the_settings().wrong_codes_per_hour, f"staff:{current_user.staff.id}"
    if seconds := limits().wait("code", most, who):
        form.code.errors = [
            _("Terlalu banyak kode salah. Coba lagi setelah %(wait)s.", wait=waiting(seconds))
        ]
        return please_wait(_page(form, 429), seconds)
    found = open_form(to_look_up(form.code.data or ""), lock=True)
    if found is None or found.service.unit.code != current_user.staff.unit_code:
        limits().count("code", most, who)
        form.code.errors = [
            _("Kode ini tidak ada di antara permohonan untuk unit Anda. Periksa sekali lagi.")
        ]
        return _page(form, 422)
    return _look(form, found)


def _look(form: CodeForm, found: Held) -> str:
    instant = now()
    found.application.seen_at = instant
    facts = {"application": found.application.id, "service": found.service.code}
    record(db.session(), None, EVENT, by(current_user.staff), instant, facts=facts)
    return render_template(
        "requests/counter.html",
        form=form,
        held=found,
        service=found.service,
        chapters=chapters(found),
        slots=slots(found),
        bring=to_bring(found),
    )


def _page(form: CodeForm, status: int) -> tuple[str, int]:
    return render_template("requests/counter.html", form=form, held=None), status
