"""/petugas/kasus/…: what the desk does with requests beyond the common steps of a case."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app.cases.actions import Given, SomebodyWasFaster, open_steps, take
from app.cases.desk_here import Here
from app.cases.desk_showing import desk_title
from app.cases.events import by
from app.cases.lifecycle import NotAllowed
from app.cases.models import Case
from app.core import access
from app.core.access import Permission, Role
from app.core.files import file_store
from app.core.forms import BaseForm, csrf_in_form
from app.core.i18n import Language, _, speaking, tr
from app.core.running import the_settings, the_vault
from app.letters.actions import Content
from app.letters.paper import Unprintable
from app.letters.signing import SigningFailed, the_signer
from app.places.facts import City
from app.requests import request_actions
from app.requests.checklist import PAYMENT, RIGHT, WRONG, Checks, Item
from app.requests.forms import answer_words, entry_heading
from app.requests.looking import asked_request, is_open, read
from app.requests.models import Paper
from app.requests.papers import shown
from app.requests.request_actions import NAME
from app.requests.request_queries import Filed, paper_of

log = logging.getLogger("tanggap")

desk_requests = Blueprint("desk_requests", __name__, url_prefix="/petugas/kasus/<number>")

Answer = str | Response | tuple[str, int]

LONGEST_REASON: Final = 500
SHORTEST_REASON: Final = 5


# ---------------------------------------------------------------- opening


@desk_requests.post("/open", endpoint="open")
@desk_requests.post("/open_again", endpoint="open_again")
@access.staff(Permission.CASE_WORK)
def open_file(number: str) -> Response:
    """Open answers and papers; the history says who did."""
    here = Here.asked()
    case = asked_request(here, number, lock=True)
    try:
        _open(here, case)
    except NotAllowed:
        return redirect(_case_url(here, case), 303)
    return redirect(_check_url(here, case), 303)


def _open(here: Here, case: Case) -> None:
    """Note the look, once for as long as it lasts. Raises NotAllowed."""
    if not is_open(here, case):
        request_actions.open_file(here.session, case, here.staff, here.city, here.now)


def _case_url(here: Here, case: Case, done: str = "") -> str:
    args: dict[str, Any] = {**here.back, "selesai": done or None}
    return url_for("desk.case", number=case.number, **args)


def _check_url(here: Here, case: Case, **more: Any) -> str:
    return url_for(".check", number=case.number, **{**here.back, **more})


@desk_requests.get("/berkas/<int(max=2147483647):paper_id>")
@access.staff(Permission.CASE_WORK)
def paper(number: str, paper_id: int) -> Response:
    """One paper in full."""
    return _paper(number, paper_id, thumb=False)


@desk_requests.get("/berkas/<int(max=2147483647):paper_id>/kecil")
@access.staff(Permission.CASE_WORK)
def thumb(number: str, paper_id: int) -> Response:
    """One paper, small."""
    return _paper(number, paper_id, thumb=True)


def _paper(number: str, paper_id: int, *, thumb: bool) -> Response:
    here = Here.asked()
    case = asked_request(here, number)
    found = paper_of(here.session, case, paper_id) if is_open(here, case) else None
    if found is None:
        abort(404)
    return shown(file_store(), the_vault(), found, thumb=thumb)


# ---------------------------------------------------------------- the check-list


class CheckForm(BaseForm):
    """What of the case the check-list was made from; its boxes are read by their own names."""

    version = HiddenField()


@dataclass(frozen=True)
class Line:
    """An item of the check-list as it is drawn: what stands there, and what was found."""

    item: Item
    words: str
    papers: Sequence[Paper]
    mark: str
    why: str
    error: str = ""

    @property
    def field(self) -> str:
        """Name of its inputs."""
        return self.item.key.replace(".", "-")


@dataclass(frozen=True)
class Part:
    """Lines under one heading."""

    key: str
    heading: str
    lines: Sequence[Line]


@desk_requests.route("/check", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.CASE_WORK)
def check(number: str) -> Answer:
    """Answers and papers, each with what was found; saving goes on to what follows from it."""
    here, sending = Here.asked(), request.method == "POST"
    case = asked_request(here, number, lock=sending)
    if not sending and not is_open(here, case):
        return _closed(here, case)
    found, form = read(here, case), CheckForm()
    rows = {row.name for row in open_steps(case, by(here.staff), here.city, here.today)}
    if not sending:
        return _check_page(here, case, found, form, found.checks, {}, rows)
    checks, errors = _marked(found)
    if not form.validate() or errors:
        return _check_page(here, case, found, form, checks, errors, rows), 422
    if form.version.data != str(case.version) or "check" not in rows:
        return _check_page(here, case, found, form, checks, {}, rows, overtaken=True), 409
    _open(here, case)  # a list that was begun before midnight is not lost after it
    return _saved(here, case, found, checks)


def _closed(here: Here, case: Case) -> str:
    return render_template(
        "requests/check_closed.html", here=here, case=case, title=_title(here, case)
    )


def _title(here: Here, case: Case) -> str:
    return desk_title(case, here.staff, here.city)


def _marked(found: Filed) -> tuple[dict[str, str], dict[str, str]]:
    """What was marked, and what is wrong with that. "The rest is right" marks a part at once."""
    rest = request.form.get("do", "").removeprefix("rest:")
    checks, errors = {}, {}
    for item in found.items:
        name = item.key.replace(".", "-")
        mark, why = (
            request.form.get(name, ""),
            " ".join(request.form.get(f"{name}-why", "").split()),
        )
        if mark == WRONG or (why and mark != RIGHT):
            checks[item.key] = why[:LONGEST_REASON]
            if len(why) < SHORTEST_REASON:
                errors[item.key] = _("Tulis apa yang salah dan bagaimana memperbaikinya.")
        elif mark == RIGHT or _part_of(item) == rest:
            checks[item.key] = ""
    return checks, errors


def _part_of(item: Item) -> str:
    return item.key.rpartition(".")[0]


def _saved(here: Here, case: Case, found: Filed, checks: Checks) -> Response:
    """Keep the marks. When all is looked at and the officer is done, go on to what follows."""
    verdict = request_actions.save_checks(
        here.session, the_vault(), case, found, checks, here.staff, here.city, here.now
    )
    do = request.form.get("do", "")
    if do.startswith("rest:"):
        anchor = "bagian-" + do.removeprefix("rest:").replace(".", "-")
        return redirect(_check_url(here, case, _anchor=anchor), 303)
    if do == "done" and verdict:
        name = "complete" if verdict == RIGHT else "ask_fix"
        take(here.session, case, name, by(here.staff), Given(), here.city, here.now)
        return redirect(_case_url(here, case, name), 303)
    return redirect(_check_url(here, case, disimpan=1), 303)


def _check_page(
    here: Here,
    case: Case,
    found: Filed,
    form: CheckForm,
    checks: Checks,
    errors: dict[str, str],
    rows: set[str],
    *,
    overtaken: bool = False,
) -> str:
    form.version.data = str(case.version)
    parts = list(_parts(here.city, found, checks, errors))
    items = len(found.items)
    return render_template(
        "requests/check.html",
        here=here,
        case=case,
        title=_title(here, case),
        service=found.service,
        form=form,
        parts=parts,
        errors=[line for part in parts for line in part.lines if line.error],
        left=items - sum(item.key in checks for item in found.items),
        wrong=sum(bool(checks.get(item.key)) for item in found.items),
        writable="check" in rows,
        overtaken=overtaken,
        saved="disimpan" in request.args,
        proofs=found.papers_in(PAYMENT),
    )


def _parts(city: City, found: Filed, checks: Checks, errors: dict[str, str]) -> Iterator[Part]:
    lines: dict[str, list[Line]] = {}
    headings: dict[str, str] = {}
    for item in found.items:
        part = _part_of(item)
        headings.setdefault(part, _heading(item))
        mark = "" if item.key not in checks else WRONG if checks[item.key] else RIGHT
        if item.key in errors:
            mark = WRONG
        words = answer_words(item.question, item.value, city) if item.question else ""
        papers = found.papers_in(item.document.key) if item.document else ()
        lines.setdefault(part, []).append(
            Line(item, words, papers, mark, checks.get(item.key, ""), errors.get(item.key, ""))
        )
    for part, found_lines in lines.items():
        yield Part(part, headings[part], found_lines)


def _heading(item: Item) -> str:
    if item.section is None:
        return _("Berkas")
    which = entry_heading(item.section, item.number)
    return f"{tr(item.section.title)}: {which}" if which else tr(item.section.title)


# ---------------------------------------------------------------- issuing


class IssueForm(BaseForm):
    """The button that issues."""

    version = HiddenField()


@desk_requests.route("/issue", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.CASE_ISSUE)
def issue(number: str) -> Answer:
    """What will be issued, once more to look at; then it is."""
    here, sending = Here.asked(), request.method == "POST"
    case = asked_request(here, number, lock=sending)
    rows = {row.name for row in open_steps(case, by(here.staff), here.city, here.today)}
    if "issue" not in rows:
        return redirect(_case_url(here, case), 303)
    if not is_open(here, case):
        return _closed(here, case)
    found, form = read(here, case), IssueForm()
    content = content_of(found, case, here) if found.service.letter else None
    if not sending:
        return _issue_page(here, case, found, form, content, _ready() if content else "")
    if not form.validate():
        return _issue_page(here, case, found, form, content), 422
    if form.version.data != str(case.version):
        return _issue_page(here, case, found, form, content, _OVERTAKEN), 409
    return _issue(here, case, found, form, content)


_OVERTAKEN: Final = "overtaken"


def _ready() -> str:
    """Load the signer before anything is locked; what keeps it from signing, "" for nothing."""
    try:
        the_signer()
    except SigningFailed as error:
        return _why(error)
    return ""


def _issue(
    here: Here, case: Case, found: Filed, form: IssueForm, content: Content | None
) -> Answer:
    try:
        request_actions.issue(
            here.session, the_vault(), file_store(), the_signer(), here.city, case,
            found.request, content, here.staff, here.now,
        )  # fmt: skip
    except (SomebodyWasFaster, NotAllowed):
        here.session.rollback()
        return redirect(_case_url(here, case), 303)
    except (SigningFailed, Unprintable, ValueError) as error:
        here.session.rollback()
        log.exception("a letter could not be issued", extra={"job": "letters"})
        again = asked_request(here, case.number)
        return _issue_page(here, again, read(here, again), form, content, _why(error)), 503
    return redirect(_case_url(here, case, "issue"), 303)


def _why(error: Exception) -> str:
    if isinstance(error, Unprintable):
        return _("Ada huruf yang tidak bisa dicetak di surat. Minta pemohon memperbaikinya.")
    if isinstance(error, SigningFailed):
        return _("Surat belum bisa ditandatangani. Hubungi pengelola situs.")
    return _("Dinas atau nama di surat ini tidak dikenal. Hubungi pengelola situs.")


def _issue_page(
    here: Here,
    case: Case,
    found: Filed,
    form: IssueForm,
    content: Content | None,
    problem: str = "",
) -> str:
    form.version.data = str(case.version)
    return render_template(
        "requests/issue.html",
        here=here,
        case=case,
        title=_title(here, case),
        service=found.service,
        form=form,
        content=content,
        problem=problem,
        overtaken=problem == _OVERTAKEN,
    )


def content_of(found: Filed, case: Case, here: Here) -> Content:
    """What the letter says, in the language in which it was asked for.

    Raises ValueError for a service that ends in no letter.
    """
    spec, spoken = found.service.letter, _spoken(case)
    if spec is None:
        raise ValueError(f"{found.service.code} ends in no letter")
    with speaking(spoken):
        body = tuple(_printed(found, spec.shows, here.city))
        position = _position(here)
    return Content(
        unit_code=found.service.unit.code,
        service_code=found.service.code,
        name=spec.name,
        holder=str(found.answer(NAME)),
        body=body,
        position=position,
        site=the_settings().public_url,
        language=spoken,
        valid_until=_valid_until(spec.years, here),
    )


def _spoken(case: Case) -> Language:
    return "en" if case.language == "en" else "id"


def _printed(found: Filed, shows: Sequence[str], city: City) -> Iterator[tuple[str, str]]:
    """Label and words of the answers that stand on the letter, as far as they were asked for."""
    for one in shows:
        question = found.service.questions.find(one)
        if question and (value := found.answer(one)):
            yield tr(question.label), answer_words(question, value, city)


def _position(here: Here) -> str:
    unit = tr(here.city.unit(here.staff.unit_code or "").name)
    head = here.staff.role == Role.HEAD
    return _("Kepala %(unit)s", unit=unit) if head else _("Petugas %(unit)s", unit=unit)


def _valid_until(years: int | None, here: Here) -> date | None:
    """The day before the same day in so many years; of 29 February the 28th."""
    if years is None:
        return None
    today, year = here.today, here.today.year + years
    leap = today.month == 2 and today.day == 29
    return date(year, 2, 28) if leap else today.replace(year=year) - timedelta(days=1)
