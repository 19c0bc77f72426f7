"""/permohonan: a service's form, page by page, saved as one goes and opened again by its code.

What is filled in here is handed in (``hand_in_views``), or taken to the office by its code. Its
papers are in ``paper_views``.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.cases import doors
from app.cases import queries as case_queries
from app.cases.doors import Door
from app.cases.holding import hold as hold_case
from app.cases.models import Case
from app.civic.codes import to_look_up
from app.civic.promises import local_date
from app.core.access import public
from app.core.clock import now
from app.core.database import transaction
from app.core.files import file_store
from app.core.forms import csrf_in_form
from app.core.i18n import _, _l
from app.core.limits import limits, network_key, too_many_codes, waiting
from app.core.pages import no_store, please_wait
from app.core.running import the_settings, the_vault
from app.core.sealed_cookie import SealedCookie
from app.extensions import db
from app.places.city import current_city
from app.requests import actions
from app.requests.answers import Ground, read_section, reread
from app.requests.forms import CodeForm, ConfirmForm, SectionPage, Told, section_page, told
from app.requests.models import Application, Paper
from app.requests.papers import asked_papers, asked_slots, papers_by_slot, remove
from app.requests.questions import Answers, Section
from app.requests.services import ROOMS, Document, Service
from app.requests.views import the_services

applications = Blueprint("applications", __name__, url_prefix="/permohonan")

LIFETIME: Final = timedelta(hours=2)
"""How long a device may open the form after its last page; then the code is asked for again."""
_cookie = SealedCookie("permohonan", "permohonan", LIFETIME, parts=1)
MESSAGES: Final = {
    "habis": _l("Demi keamanan, formulir Anda sudah ditutup. Masukkan kode lagi."),
    "tutup": _l("Formulir sudah ditutup di perangkat ini. Isinya tetap tersimpan."),
    "hapus": _l("Formulir dan semua isinya sudah dihapus."),
    "kurang": _l("Masih ada yang kurang. Lengkapi dulu, lalu kirim."),
}

Answer = str | Response | tuple[str, int]


# ---------------------------------------------------------------- whose form


@dataclass(frozen=True)
class Held:
    """The form this browser holds."""

    code: str
    application: Application
    service: Service

    @property
    def answers(self) -> Answers:
        """What was filled in so far, as far as the questions of now go."""
        return self.service.questions.kept(actions.answers_of(the_vault(), self.application))

    @property
    def ground(self) -> Ground:
        """What answers are measured against today."""
        city = current_city()
        return Ground(city, local_date(now(), city.zone))


def hold(response: Response, code: str) -> Response:
    """Let this browser hold a form for two hours from now."""
    return _cookie.put(response, code, path=url_for("applications.index"))


def forget(response: Response) -> Response:
    """Close the form on this device."""
    return _cookie.drop(response, url_for("applications.index"))


def _let_go(message: str) -> Response:
    response = redirect(url_for("applications.index", pesan=message), 303)
    return doors.closed(response)


def code_held() -> str:
    """The code in the cookie, "" without one or with a forged or old one."""
    found = _cookie.read()
    return str(found[0]) if found else ""


def held_form(*, lock: bool = False) -> Held | None:
    """The form this browser holds; ``lock`` it to change it."""
    no_store()
    code = code_held()
    return open_form(code, lock=lock) if code else None


def open_form(code: str, *, lock: bool = False) -> Held | None:
    """The form of a code, if its time is not up and its service is still offered here."""
    found = actions.find(db.session(), the_vault(), code, now(), lock=lock)
    service = the_services().find(found.room, found.service_code) if found else None
    return Held(code, found, service) if found and service else None


def ended() -> Response:
    """To the field for the code: this browser holds no form."""
    return redirect(url_for("applications.index", pesan="habis"), 303)


# ---------------------------------------------------------------- beginning, opening again


@applications.route("/baru/<room>/<code>", methods=["GET", "POST"])
@public
def new(room: str, code: str) -> Answer:
    """What will happen with what is written, and a button to begin."""
    service = the_services().find(room, code)
    if service is None or not service.questions.sections:
        abort(404)
    if request.method == "GET":
        return render_template("requests/begin.html", service=service, days=actions.LIFE.days)
    no_store()
    most, network = the_settings().reports_per_hour, network_key(now())
    if seconds := limits().wait("application", most, network):
        page = render_template(
            "requests/begin.html", service=service, days=actions.LIFE.days, wait=waiting(seconds)
        )
        return please_wait(page, seconds)
    begun = actions.begin(db.session(), the_vault(), service, now())
    limits().count("application", most, network)
    return hold(redirect(url_for(".index"), 303), begun)


@applications.route("", methods=["GET", "POST"])
@csrf_in_form
@public
def index() -> Answer:
    """The form this browser holds, whole; without one, a field for its code."""
    form = CodeForm()
    if form.is_submitted():
        return _open(form)
    if (found := held_form()) is None:
        if case := handed_in(code_held()):
            return to_case(case)
        return _resume(form, 200, MESSAGES.get(request.args.get("pesan", "")))
    return hold(make_response(_whole(found)), found.code)


def _open(form: CodeForm) -> Answer:
    no_store()
    if not form.validate():
        return _resume(form, 422)
    most, network = the_settings().wrong_codes_per_hour, network_key(now())
    if seconds := limits().wait("code", most, network):
        form.code.errors = [too_many_codes(seconds)]
        return please_wait(_resume(form, 429), seconds)
    code = to_look_up(form.code.data or "")
    with transaction("read"):
        opened = _door(code)
        if opened is None and (case := handed_in(code)):
            opened = to_case(case)
        db.session.rollback()
    if opened:
        return opened
    limits().count("code", most, network)
    form.code.errors = [
        _("Kode ini tidak kami temukan. Periksa huruf yang mirip: 8 dan B, 5 dan S, 2 dan Z.")
    ]
    return _resume(form, 422)


def _door(code: str) -> Response | None:
    return hold(redirect(url_for("applications.index"), 303), code) if open_form(code) else None


DOOR: Final = Door(_door, forget)
"""The tracking page opens forms too, and its button closes them."""


def handed_in(code: str) -> Case | None:
    """What a form of this code became."""
    case = case_queries.by_code(db.session(), the_vault(), code) if code else None
    return case if case is not None and case.kind in ROOMS else None


def to_case(case: Case) -> Response:
    """To one's own page of a request."""
    return hold_case(redirect(url_for("cases.mine", number=case.number), 303), case)


def _resume(form: CodeForm, status: int, message: object = None) -> tuple[str, int]:
    page = render_template(
        "requests/resume.html", form=form, message=message, days=actions.LIFE.days
    )
    return page, status


# ---------------------------------------------------------------- the whole form


@dataclass(frozen=True)
class Chapter:
    """A section in the overview: what was answered, and whether something is missing."""

    section: Section
    told: list[Told]
    begun: bool
    complete: bool


def chapters(held: Held) -> list[Chapter]:
    """Every section these answers lead to."""
    answers, ground = held.answers, held.ground
    return [
        Chapter(
            section,
            told(section, answers, ground.city),
            begun=section.key in answers,
            complete=section.key in answers and not reread(section, answers, ground).errors,
        )
        for section in held.service.questions.open_sections(answers)
    ]


@dataclass(frozen=True)
class Slot:
    """A paper to hand in, and the files that stand for it so far."""

    document: Document
    papers: list[Paper]

    @property
    def lacking(self) -> bool:
        """Whether it must be there and is not."""
        return not self.papers and not self.document.optional


def slots(held: Held) -> list[Slot]:
    """The papers to hand in as files, by these answers."""
    there = papers_by_slot(db.session(), held.application)
    asked = asked_slots(held.service, held.answers)
    return [Slot(one, there.get(one.key, [])) for one in asked]


def to_bring(held: Held) -> list[Document]:
    """The papers to bring along, by these answers."""
    return [one for one in asked_papers(held.service, held.answers) if not one.key]


def _whole(held: Held) -> str:
    found = chapters(held)
    return render_template(
        "requests/application.html",
        held=held,
        service=held.service,
        chapters=found,
        next=next((one for one in found if not one.complete), None),
        slots=slots(held),
        bring=to_bring(held),
        expires=held.application.expires_at,
        saved=request.args.get("simpan") == "1",
        message=MESSAGES["kurang"] if request.args.get("pesan") == "kurang" else None,
    )


# ---------------------------------------------------------------- one section


@applications.route("/isi/<key>", methods=["GET", "POST"])
@csrf_in_form
@public
def section(key: str) -> Answer:
    """One page of the form. Saving it leads on; "later" saves what is right so far."""
    found = held_form(lock=request.method == "POST")
    if found is None:
        return ended()
    answers = found.answers
    sections = {one.key: one for one in found.service.questions.open_sections(answers)}
    if key not in sections:
        return redirect(url_for(".index"), 303)
    asked = sections[key]
    if request.method == "GET":
        page = section_page(asked, answers, current_city())
        return hold(make_response(_section(found, asked, page)), found.code)
    return hold(_save(found, asked, answers), found.code)


def _save(found: Held, asked: Section, answers: Answers) -> Response:
    typed, do = request.form.getlist, request.form.get("do")
    page = section_page(asked, answers, current_city(), typed)
    page.form.validate()
    reading = read_section(asked, typed, answers, found.ground)
    if do == "later":  # what was left empty may wait, what is wrong would be lost
        reading.errors = {name: said for name, said in reading.errors.items() if any(typed(name))}
    page.show(reading)
    if page.form.expired or reading.errors:
        return make_response(_section(found, asked, page), 422)
    actions.save(the_vault(), found.application, found.service, asked.key, reading.entries, now())
    if do == "later":
        return redirect(url_for(".index", simpan=1), 303)
    if reading.warnings and not request.form.get("warned"):
        return make_response(_section(found, asked, page, reading.warnings))
    return redirect(
        url_for(".section", key=asked.key) if do == "more" else _next(found, asked), 303
    )


def _next(found: Held, done: Section) -> str:
    """The section after this one; after the last the papers, or the overview without any."""
    keys = [one.key for one in found.service.questions.open_sections(found.answers)]
    after = keys[keys.index(done.key) + 1 :] if done.key in keys else []
    if after:
        return url_for(".section", key=after[0])
    if asked_slots(found.service, found.answers):
        return url_for(".papers")
    return url_for(".index", simpan=1)


def _section(
    found: Held, asked: Section, page: SectionPage, warnings: dict[str, str] | None = None
) -> str:
    answers = found.answers
    keys = [one.key for one in found.service.questions.open_sections(answers)]
    return render_template(
        "requests/section.html",
        held=found,
        service=found.service,
        section=asked,
        page=page,
        warnings=warnings or {},
        number=keys.index(asked.key) + 1,
        count=len(keys) + bool(asked_slots(found.service, answers)),
    )


# ---------------------------------------------------------------- leaving


@applications.post("/tutup")
@public
def close() -> Response:
    """Close the form on this device; its answers stay."""
    return _let_go("tutup")


@applications.route("/hapus", methods=["GET", "POST"])
@csrf_in_form
@public
def discard() -> Answer:
    """Delete the form with all its answers, once more asked."""
    found = held_form(lock=request.method == "POST")
    if found is None:
        return ended()
    form = ConfirmForm()
    if not form.is_submitted() or not form.validate():
        page = render_template("requests/discard.html", form=form, service=found.service)
        return hold(make_response(page, 422 if form.errors else 200), found.code)
    for papers in papers_by_slot(db.session(), found.application).values():
        for paper in papers:
            remove(db.session(), file_store(), paper)
    db.session.delete(found.application)
    return _let_go("hapus")
