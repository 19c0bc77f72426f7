"""/petugas: the queue and the case page of the people who answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from app.cases import desk_queries
from app.cases.desk_here import Here
from app.cases.desk_queries import Place, Row
from app.cases.desk_sheet import Answer, Sheet, closed_page, fresh_form, not_found
from app.cases.desk_showing import (
    PART_WORDS,
    desk_title,
    grouped,
    histories,
    queue_row,
    reporter,
    unanswered,
    works_on,
)
from app.cases.desk_steps import at_once, leads_on, sorted_steps
from app.cases.forms import form_class
from app.cases.guards import is_contested
from app.cases.kinds import kind_of, kinds
from app.cases.lifecycle import Need
from app.cases.models import Case, Event
from app.cases.showing import clock_view, history, marked, picture, promise_of
from app.cases.step_photos import StepPhotos
from app.civic.codes import parse_number
from app.civic.promises import local_date
from app.core import access, outbox
from app.core.access import Permission, may, scope_of
from app.core.forms import csrf_in_form
from app.core.i18n import _, language, number
from app.core.mail import Mails
from app.core.models import Outbox
from app.core.promise_view import Tag, state_tag
from app.core.replies import Replies
from app.core.running import the_vault
from app.core.wording import PLACEHOLDER
from app.extensions import db
from app.places.city import current_city

desk = Blueprint("desk", __name__, url_prefix="/petugas")
desk.add_app_template_filter(marked)

NUMBER_MAX = 40
ADDRESS = re.compile(r"\S+@\S+")


@desk.record_once
def _make_forms(_state: BlueprintSetupState) -> None:
    """Make the form of every step at start: a step nobody could fill in must show at once."""
    permissions = set(Permission)
    for kind in kinds():
        for row in kind.lifecycle.rows():
            if row.who in permissions:
                form_class(row.needs)


# ---------------------------------------------------------------- the queue


@desk.get("")
@access.staff(Permission.DESK)
def queue() -> Answer:
    """What waits for this person, the most pressing first."""
    here = Here.asked()
    if scope_of(here.staff, Permission.CASE_READ) is None:
        return render_template("cases/desk_no_cases.html")
    typed = request.args.get("nomor", "").strip()[:NUMBER_MAX]
    if typed and (found := here.case(typed)):
        return redirect(url_for(".case", number=found.number))
    rows = desk_queries.page(here.session, here.queue, _after())
    shown = rows[: desk_queries.PAGE]
    last = desk_queries.place_of(shown[-1].case) if len(rows) > len(shown) else None
    return render_template(
        "cases/desk_queue.html",
        here=here,
        counts=desk_queries.counts(here.session, here.queue),
        parts=PART_WORDS,
        groups=grouped(here.session, shown, here.queue, here.city),
        more=".".join(map(str, last)) if last else None,
        later="setelah" in request.args,
        typed=typed,
        done=_done_elsewhere(),
        onward=_onward(),
    )


def _after() -> Place | None:
    """The place a page starts behind; None for the first page and for anything else."""
    try:
        calm, day, case_id = request.args.get("setelah", "").split(".")
        return Place(int(calm) % 2, date.fromisoformat(day), int(case_id) % 2**31)
    except ValueError:
        return None


def _onward() -> str:
    """Number of the case to go on with after a step."""
    return parse_number(request.args.get("lanjut", "")) or ""


def _done_elsewhere() -> dict[str, str] | None:
    """A step just taken by which a case left this person's reach."""
    of = parse_number(request.args.get("dari", ""))
    rows = (kind.lifecycle.row(request.args.get("selesai", "")) for kind in kinds())
    row = next((row for row in rows if row is not None and row.done), None)
    if not of or row is None or "%(" in row.done:
        return None
    return {"number": of, "what": _(row.done)}


# ---------------------------------------------------------------- the page of a case


@desk.get("/kasus/<number>")
@access.staff(Permission.CASE_READ)
def case(number: str) -> str:
    """Everything about a case this person may know, and every step open to them."""
    here = Here.asked()
    case = here.case(number) or abort(404)
    session, staff, city = here.session, here.staff, here.city
    events = here.events(case)
    before, after = desk_queries.neighbours(session, here.queue, desk_queries.place_of(case))
    rows, kind = here.open_steps(case), kind_of(case)
    steps = sorted_steps([row for row in rows if row.name not in kind.apart], case)
    verifies = may(staff, Permission.CASE_VERIFY, case)
    reveals = may(staff, Permission.PERSON_REVEAL, case)
    private = case.visibility == access.PRIVATE
    loose = [photo for photo in case.attachments if photo.message_id is None]
    return render_template(
        "cases/desk_case.html",
        here=here,
        case=case,
        row=queue_row(Row(case, None), here.queue, city),
        title=desk_title(case, staff, city),
        works=works_on(staff, case),
        brief=kind.brief(session, case),
        apart={row.name for row in rows} & kind.apart,
        private=private,
        names=kind.names,
        over=kind.lifecycle.states[case.state].final,
        clock=clock_view(case, city, here.now),
        histories=histories(session, events, case, staff, city),
        unanswered=unanswered(events, case, staff, city),
        photos=[picture(photo, "staff") for photo in loose if not photo.hidden],
        withheld=[picture(photo, "staff") for photo in loose if photo.hidden],
        steps=steps,
        at_once=at_once,
        leads_on=leads_on,
        note=fresh_form(here, case, steps.note) if steps.note else None,
        seen=events[-1].id if events else 0,
        person=reporter(case, the_vault()) if reveals and not private else None,
        alike=_alike(here, case) if verifies else [],
        merges=any(Need.TARGET in row.needs for row in steps.main),
        suggestion=here.suggestion(case) if verifies else None,
        threatened=verifies and case.threatened_at is not None,
        contested=verifies and is_contested(case),
        officer=desk_queries.names(session, [case.officer_id]).get(case.officer_id or 0, ""),
        before=before,
        after=_onward() or after,
        done=_just_done(here, events, case),
    )


def _just_done(here: Here, events: Sequence[Event], case: Case) -> str:
    """The words of this person's step this page was opened after."""
    name = request.args.get("selesai", "")
    own = [event for event in events if event.staff_id == here.staff.id and event.name == name]
    views = history(own[-1:], case, here.city, audience="staff")
    return views[0].title if views else ""


@dataclass(frozen=True)
class AlikeRow:
    """A case that may be the same, as the verifier weighs it."""

    number: str
    title: str
    state: Tag
    metres: str
    age: int


def _alike(here: Here, case: Case) -> list[AlikeRow]:
    found = kind_of(case).alike(here.session, case, here.now)
    return [
        AlikeRow(
            one.case.number,
            desk_title(one.case, here.staff, here.city),
            state_tag(promise_of(one.case, here.city, here.today)),
            "" if one.metres is None else number(round(one.metres)),
            (here.today - local_date(one.case.created_at, here.city.zone)).days,
        )
        for one in found
        if may(here.staff, Permission.CASE_READ, one.case)
    ]


# ---------------------------------------------------------------- one step


@desk.route("/kasus/<number>/<name>", methods=["GET", "POST"])
@csrf_in_form
@access.staff(Permission.CASE_READ)
def step(number: str, name: str) -> Answer:
    """The form of one step, and the step itself."""
    sending = request.method == "POST"
    photos = StepPhotos.sent(current_city()) if sending else StepPhotos()
    here = Here.asked()
    case = here.case(number, lock=sending)
    if case is None:
        return not_found()
    row = kind_of(case).lifecycle.row(name)
    if row is None or row.who not in set(Permission):
        abort(404)
    if not here.may(row, case):
        abort(403)
    if row not in here.open_steps(case):
        return closed_page(here, case, row)
    sheet = Sheet(here, case, row, photos)
    return sheet.send() if sending else sheet.begin()


# ---------------------------------------------------------------- reply templates, lost mail


@desk.get("/templat")
@access.staff(Permission.CASE_READ)
def templates() -> str:
    """The reply templates, to read."""
    replies = cast(Replies, current_app.extensions["replies"])
    labels = {row.name: row.label for kind in kinds() for row in kind.lifecycle.rows()}
    return render_template(
        "cases/desk_templates.html", replies=replies.replies.values(), labels=labels
    )


@dataclass(frozen=True)
class Lost:
    """A mail that was given up: what it was, for whom, and why it did not arrive."""

    row: Outbox
    subject: str
    reader: str
    number: str
    error: str


@desk.get("/surat")
@access.staff(Permission.MAIL_READ)
def mail() -> str:
    """The mails that could not be delivered."""
    session = db.session()
    rows = outbox.dead(session)
    numbers = desk_queries.numbers(session, (row.case_id for row in rows))
    letters = [_lost(row, numbers.get(row.case_id or 0, "")) for row in rows]
    return render_template("cases/desk_mail.html", letters=letters)


@desk.post("/surat/<int(max=2147483647):row_id>/lagi")
@access.staff(Permission.MAIL_READ)
def mail_again(row_id: int) -> Answer:
    """Try a lost mail again."""
    if not outbox.revive(db.session(), row_id):
        abort(404)
    return redirect(url_for(".mail", dikirim=1), 303)


def _lost(row: Outbox, number: str) -> Lost:
    mails = cast(Mails, current_app.extensions["mails"]).mails
    known = mails.get(row.mail)
    words = known.subject[language()] if known else row.mail
    readers = {
        "reporter": _("pelapor"),
        "supporter": _("pendukung"),
        "staff": _("petugas"),
        "unit": _("kotak surat dinas"),
        "agency": _("badan di luar kota"),
    }
    return Lost(
        row,
        PLACEHOLDER.sub(lambda found: number if found[1] == "number" and number else "…", words),
        readers.get(row.reader.partition(":")[0], _("penerima lain")),
        number,
        ADDRESS.sub("…", row.last_error or "")[:300],
    )
