"""/lacak: whoever holds a tracking code follows and answers the case. /foto: stored photos."""

from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.cases import copies, doors, holder_queries, publicity, queries
from app.cases.holder_copy import copy_of
from app.cases.holder_forms import CodeForm, NumberForm, StepForm, step_form
from app.cases.holder_showing import (
    Row,
    arranged,
    done_words,
    looks,
    may_be_unhappy,
    my_history,
    outcome_of,
    own_photos,
    public_version,
    question_of,
    reachable,
    step_links,
)
from app.cases.holder_steps import Sent, here_now, mine_url, open_rows, step_page
from app.cases.holder_words import (
    STEPS,
    VISIBILITY,
    Here,
    by_slug,
    is_slug,
    late_of,
    meaning_of,
    next_of,
)
from app.cases.holding import held, hold, holds, stands
from app.cases.kinds import kind_of, page_of
from app.cases.lifecycle import HOLDER
from app.cases.links import PATHS, open_link
from app.cases.models import Case
from app.cases.showing import clock_view, marked, picture, title_of
from app.cases.step_photos import StepPhotos
from app.civic.codes import to_look_up
from app.core.access import Permission, may, public
from app.core.clock import now
from app.core.database import transaction
from app.core.files import is_key
from app.core.forms import csrf_in_form
from app.core.i18n import _, _l
from app.core.limits import limits, network_key, too_many_codes
from app.core.pages import error_page, no_store, please_wait
from app.core.photos import photo_response
from app.core.promise_view import Picture
from app.core.running import the_settings, the_vault
from app.extensions import db
from app.places.city import current_city

cases = Blueprint("cases", __name__)
cases.add_app_template_filter(marked)

Answer = str | Response | tuple[str, int]

MESSAGES: Final = {
    "habis": _l("Demi keamanan, halaman Anda sudah ditutup. Masukkan kode lagi."),
    "tutup": _l("Sudah ditutup di perangkat ini."),
}
"""What the tracking page says to those who come from a closed one."""


# ---------------------------------------------------------------- in and out


@cases.route("/lacak", methods=["GET", "POST"])
@csrf_in_form
@public
def track() -> Answer:
    """Open one's report by its tracking code, or anybody's public page by its number."""
    form = CodeForm()
    if form.is_submitted():
        return _open(form)
    if "nomor" in request.args:
        return _to_public_page()
    message = MESSAGES.get(request.args.get("pesan", ""))
    return _track_page(form, NumberForm(formdata=None), 200, message)


def _open(form: CodeForm) -> Answer:
    """Whatever has twelve characters takes the same way: one lookup, one answer."""
    if not form.validate():
        return _track_page(form, NumberForm(formdata=None), 422)
    most, network = the_settings().wrong_codes_per_hour, network_key(now())
    if seconds := limits().wait("code", most, network):
        return _slow_down(form, seconds)
    if response := _opened(to_look_up(form.code.data or "")):
        return response
    limits().count("code", most, network)
    form.code.errors = [
        _("Kode ini tidak kami temukan. Periksa huruf yang mirip: 8 dan B, 5 dan S, 2 dan Z.")
    ]
    return _track_page(form, NumberForm(formdata=None), 422)


def _opened(code: str) -> Response | None:
    with transaction("read"):  # looking up must not wait for those who write
        case = queries.by_code(db.session(), the_vault(), code)
        response = hold(_to_case(case), case) if case else doors.opened(code)
        db.session.rollback()
    return response


def _to_case(case: Case) -> Response:
    return redirect(url_for("cases.mine", number=case.number), 303)


def _slow_down(form: CodeForm, seconds: int) -> Answer:
    form.code.errors = [too_many_codes(seconds)]
    return please_wait(_track_page(form, NumberForm(formdata=None), 429), seconds)


def _to_public_page() -> Answer:
    form = NumberForm(request.args)
    if not form.validate():
        return _track_page(CodeForm(formdata=None), form, 422)
    return redirect(PATHS["report"].format(number=form.number))


def _track_page(
    form: CodeForm, by_number: NumberForm, status: int, message: Any = None, typed: str = ""
) -> tuple[str, int]:
    page = render_template(
        "cases/track.html", form=form, by_number=by_number, message=message, typed=typed
    )
    return page, status


@cases.get("/lacak/tautan/<token>")
@public
def link(token: str) -> Answer:
    """Open one's report by the link of a mail."""
    no_store()
    case_id = open_link(db.session(), token)
    case = queries.by_id(db.session(), case_id) if case_id else None
    return hold(_to_case(case), case) if case else error_page(410)


@cases.post("/lacak/<number>/tutup")
@public
def leave(number: str) -> Response:
    """Close on this device the report, the list it was opened from, and what other rooms hold."""
    return doors.closed(redirect(url_for("cases.track", pesan="tutup"), 303))


def _signed_out() -> Response:
    """To the tracking page; with what was typed meanwhile, so that it can be copied."""
    typed = request.form.get("words", "").strip()[: current_city().limits.text_max]
    if not typed:
        return redirect(url_for("cases.track", pesan="habis"), 303)
    forms = CodeForm(formdata=None), NumberForm(formdata=None)
    return make_response(_track_page(*forms, 403, MESSAGES["habis"], typed))


# ---------------------------------------------------------------- one's own page


@cases.get("/lacak/<number>")
@public
def mine(number: str) -> Response:
    """Everything about one's own report."""
    no_store()
    here = here_now(db.session(), number)
    if here is None:
        return _signed_out()
    page = page_of(here.case) or _page
    return hold(make_response(page(here)), here.case)


def _page(here: Here) -> str:
    session, case = db.session(), here.case
    steps, written = arranged(open_rows(here)), kind_of(case).written(session, case)
    return render_template(
        "cases/holder.html",
        here=here,
        case=case,
        title=title_of(case, here.city),
        clock=clock_view(case, here.city, here.now, mine=True),
        done=done_words(here, request.args.get("langkah", "")),
        meaning=meaning_of(here),
        next=next_of(here),
        late=late_of(here),
        question=question_of(here) if case.state == "needs_info" else "",
        outcome=outcome_of(here) if steps.confirm else None,
        confirm=_shown(steps.confirm, here),
        form=_shown(steps.inline, here),
        words=STEPS[steps.inline.name] if steps.inline else None,
        steps=step_links(steps.others, here),
        data_steps=step_links(steps.about_data, here),
        unhappy=may_be_unhappy(here),
        history=my_history(here),
        sealed=holder_queries.is_sealed(session, here.events[-1]),
        written=written,
        own_pictures=_own_pictures(here, you=True),
        public_version=public_version(here, written),
        public_url=PATHS["report"].format(number=case.number),
        visibility=VISIBILITY[case.visibility],
        contact=reachable(here, the_vault()),
        looks=looks(session, here),
        by_mail=copies.may_ask(case),
        photos=StepPhotos(),
    )


def _own_pictures(here: Here, *, you: bool) -> list[Picture]:
    return [picture(photo, "holder" if you else "public") for photo in own_photos(here)]


def _shown(row: Row | None, here: Here) -> StepForm | None:
    """The empty form of a step, if it is open."""
    if row is None:
        return None
    form = step_form(row, here)
    form.show()
    return form


@cases.route("/lacak/<number>/<slug>", methods=["GET", "POST"])
@csrf_in_form
@public
def step(number: str, slug: str) -> Response:
    """One step of the holder: its page, and taking it."""
    no_store()
    writes = request.method == "POST"
    if not is_slug(slug):
        abort(404)
    if holds(number) is None:
        return _signed_out()
    photos = StepPhotos.sent(current_city()) if writes else StepPhotos()
    here = here_now(db.session(), number, lock=writes)
    if here is None:
        return _signed_out()
    row = kind_of(here.case).lifecycle.row(by_slug(here.case).get(slug, ""))
    if row is None or row.who != HOLDER:
        abort(404)
    if writes:
        return Sent(db.session(), here, row, photos).answer()
    if row not in open_rows(here):
        return redirect(mine_url(here))
    return step_page(here, row, _shown(row, here))


# ---------------------------------------------------------------- to take along


@cases.get("/lacak/<number>/kronologi")
@public
def chronology(number: str) -> Response:
    """All dates and answers, to print and attach."""
    return _printed(number)


@cases.get("/lacak/<number>/cetak")
@public
def take_along(number: str) -> Response:
    """The report as it can be taken to the body in charge."""
    return _printed(number, only_in="referred")


def _printed(number: str, only_in: str = "") -> Response:
    no_store()
    here = here_now(db.session(), number)
    if here is None:
        return _signed_out()
    case = here.case
    if page_of(case) or (only_in and case.state != only_in):
        return redirect(mine_url(here))
    body = render_template(
        "cases/chronology.html",
        here=here,
        case=case,
        taken_along=bool(only_in),
        title=kind_of(case).title(case, here.city),
        clock=clock_view(case, here.city, here.now),
        late=late_of(here),
        written=kind_of(case).written(db.session(), case),
        own_pictures=_own_pictures(here, you=False),
        history=my_history(here, you=False)[::-1],
    )
    return hold(make_response(body), case)


@cases.get("/lacak/<number>/data.json")
@public
def data(number: str) -> Response:
    """All of one's own data in one file."""
    no_store()
    here = here_now(db.session(), number)
    if here is None:
        return _signed_out()
    if page_of(here.case):
        return redirect(mine_url(here))
    return copy_of(db.session(), here)


# ---------------------------------------------------------------- photos


@cases.get("/foto/<key>")
@public
def photo(key: str) -> Response:
    """A stored photo, for those who may see it; for everybody else there is none."""
    found = holder_queries.photo(db.session(), key) if is_key(key) else None
    if found is None:
        abort(404)
    shown = publicity.of(db.session(), found.case)
    for_all = shown.shows_photo(found.attachment, found.message)
    if not (for_all or _holds(found.case) or _works_on(found.case)):
        abort(404)
    return photo_response(key, public=for_all)


def _holds(case: Case) -> bool:
    found = held()
    return found is not None and stands(found, case)


def _works_on(case: Case) -> bool:
    """Whether a member of staff may see all photos of the case: of a rahasia one only those who
    decide or work on it.
    """
    if not current_user.is_authenticated or current_user.staff.must_change_password:
        return False
    rights = [Permission.CASE_VERIFY, Permission.CASE_WORK]
    if case.visibility != "rahasia":
        rights.append(Permission.CASE_READ)
    return any(may(current_user.staff, right, case) for right in rights)
