"""The form of one step on its way between an officer and a case. Nothing typed is ever lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from flask import abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.cases import desk_queries
from app.cases.actions import Given, NotAssignable, SomebodyWasFaster, take
from app.cases.desk_here import Here, Row
from app.cases.desk_queries import Place
from app.cases.desk_showing import desk_title, reporter, unanswered, works_on
from app.cases.desk_steps import aftermath, sorted_steps
from app.cases.events import by
from app.cases.forms import (
    VISIBILITY_NOTES,
    Ground,
    StepForm,
    Wrong,
    field_names,
    form_class,
    given_in,
    step_form,
)
from app.cases.kinds import kind_of
from app.cases.lifecycle import Need, NotAllowed
from app.cases.mail_values import without_gaps
from app.cases.models import Case
from app.cases.showing import clock_view, history, picture, promise_of
from app.cases.step_photos import StepPhotos
from app.civic.codes import is_form_key, new_form_key
from app.civic.redaction import redact
from app.core.access import PRIVATE, Permission, may
from app.core.i18n import Language, _, date_long, number, speaking
from app.core.photos import PhotoError
from app.core.promise_view import EventView, Picture, Tag, state_tag
from app.core.replies import Replies, Reply
from app.core.running import the_vault

Answer = str | tuple[str, int] | Response

PREFILLED_MAX: Final = 40
BEGUN_BY_TEMPLATE: Final = frozenset({Need.REPLY, Need.REASON, Need.QUESTION})
FIELD_OF: Final[Mapping[Need, str]] = {
    Need.UNIT: "unit_code",
    Need.AGENCY: "agency_code",
    Need.OFFICER: "officer_id",
    Need.TARGET: "target",
    Need.DATE: "day",
    Need.VISIBILITY: "visibility",
    Need.CATEGORY: "category_slug",
    Need.PUBLIC_TEXT: "hide",
    Need.PHOTO: "attachment_id",
}
"""Where it is said that what was chosen cannot be."""


# ---------------------------------------------------------------- pages without a form


def fresh_form(here: Here, case: Case, row: Row) -> StepForm:
    """The empty form of a step for a page that shows the case as it is now."""
    form = form_class(row.needs)(formdata=None)
    _stamp(form, here, case)
    return form


def _stamp(form: StepForm, here: Here, case: Case) -> None:
    form.version.data = str(case.version)
    form.seen.data = str(desk_queries.last_event(here.session, case))
    if not is_form_key(form.key.data or ""):
        form.key.data = new_form_key()


def not_found() -> Answer:
    """No such case, or not this person's: one answer, but what was typed is not lost."""
    typed = _typed()
    if not typed:
        abort(404)
    return render_template("cases/desk_gone.html", typed=typed), 404


def closed_page(here: Here, case: Case, row: Row) -> tuple[str, int]:
    """The step is not open any more: what changed, what was typed, what is open now."""
    page = render_template(
        "cases/desk_closed.html",
        here=here,
        case=case,
        row=row,
        title=desk_title(case, here.staff, here.city),
        state=_state(here, case),
        names=kind_of(case).names,
        changes=_changes(here, case),
        typed=_typed(),
        steps=sorted_steps(here.open_steps(case), case),
    )
    return page, 409


def _typed() -> str:
    return (request.form.get("words") or request.form.get("hide") or "").strip()


def _state(here: Here, case: Case) -> Tag:
    return state_tag(promise_of(case, here.city, here.today))


def _changes(here: Here, case: Case) -> list[EventView]:
    """What happened after the page was made that this form stood on."""
    typed = request.form.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() else 0
    events = here.events(case)
    newer = [event for event in events if event.id > seen] if seen else events[-1:]
    people = desk_queries.names(here.session, (event.staff_id for event in newer))
    audience = "staff" if works_on(here.staff, case) else "public"
    return history(newer, case, here.city, audience=audience, people=people)


# ---------------------------------------------------------------- the form itself


@dataclass
class Sheet:
    """One step's form with what was sent in it."""

    here: Here
    case: Case
    row: Row
    photos: StepPhotos

    def __post_init__(self) -> None:
        self.ground: Ground = self.here.ground(self.case, self.row)
        self.form: StepForm = step_form(self.ground)

    def begin(self) -> Answer:
        """The page with the form as it starts."""
        if "target" in self.form:
            self.form["target"].data = request.args.get("target", "")[:PREFILLED_MAX]
        if "unit_code" in self.form:
            self.form["unit_code"].data = self.ground.suggested
        return self.page()

    def send(self) -> Answer:
        """Take the step, or show the form again with everything in it."""
        if request.form.get("templat"):
            self._begin_with(request.form["templat"])
            return self.page()
        if request.form.get("do") == "buka":  # words carried over from a step that was closed
            return self.page()
        if self.form.version.data != str(self.case.version):
            return self._conflict()
        given = self._given()
        if given is None:
            return self.page(422)
        if request.form.get("do") == "lihat":
            return self.page(preview=self._preview(given))
        return self._take(given)

    # ------------------------------------------------------------ what was given

    def _given(self) -> Given | None:
        """What the form gives; None with the reason at a field."""
        valid = self.form.validate()
        valid = self._kept_private() and valid
        valid = self._photos_well() and valid
        if not valid:
            return None
        try:
            return given_in(self.form, self.ground)
        except Wrong as wrong:
            self.form[wrong.field].errors = [wrong.message]
            return None

    def _kept_private(self) -> bool:
        """Whether a template meant for the reporter alone stays off the public page."""
        used = _replies().replies.get(self.form.template.data or "")
        exposed = self.case.visibility != "rahasia" and "private" in self.form
        if not (used and used.private and exposed) or self.form["private"].data:
            return True
        self.form["private"].errors = [
            _("Templat ini hanya untuk pelapor. Centang ini, atau tulis jawaban sendiri.")
        ]
        return False

    def _photos_well(self) -> bool:
        if "photos" not in self.form or not self.photos.errors:
            return True
        self.form["photos"].errors = [error.message for error in self.photos.errors]
        return False

    # ------------------------------------------------------------ taking the step

    def _take(self, given: Given) -> Answer:
        here, place = self.here, desk_queries.place_of(self.case)
        try:
            if "photos" in self.form:
                given = replace(given, photos=self.photos.stored(self.form.key.data or ""))
            take(
                here.session, self.case, self.row.name, by(here.staff), given, here.city, here.now,
                version=self.case.version,
            )  # fmt: skip
        except (SomebodyWasFaster, NotAllowed):
            self._start_over()
            return self._conflict()
        except PhotoError as error:
            return self._refused("photos", error.message)
        except NotAssignable:
            return self._refused(self._chosen(), _("Ini tidak bisa memegang laporan ini."))
        except ValueError:
            return self._refused(self._chosen(), _("Pilihan ini tidak bisa untuk laporan ini."))
        if self.row.who == Permission.PERSON_REVEAL:
            return self._revealed()
        return self._onward(place)

    def _chosen(self) -> str:
        return next(FIELD_OF[need] for need in self.row.needs if need in FIELD_OF)

    def _refused(self, name: str, message: str) -> Answer:
        self._start_over()
        self.form[name].errors = [message]
        return self.page(422)

    def _start_over(self) -> None:
        """Forget a step that failed half way, so that the page shows the case as it is."""
        self.here.session.rollback()
        self.case = self.here.case(self.case.number, lock=True) or abort(404)
        self.ground = self.here.ground(self.case, self.row)

    def _conflict(self) -> Answer:
        """Somebody was faster: what changed, and the form ready to be sent again."""
        if self.row not in self.here.open_steps(self.case):
            return closed_page(self.here, self.case, self.row)
        return self.page(409, changes=_changes(self.here, self.case))

    def _onward(self, place: Place | None) -> Response:
        here, case = self.here, self.case
        onward = desk_queries.next_to_do(here.session, here.queue, place)
        args: dict[str, Any] = here.back | {"selesai": self.row.name}
        if onward and onward != case.number:
            args["lanjut"] = onward
        if may(here.staff, Permission.CASE_READ, case):
            return redirect(url_for("desk.case", number=case.number, **args), 303)
        return redirect(url_for("desk.queue", dari=case.number, **args), 303)

    def _revealed(self) -> str:
        return render_template(
            "cases/desk_reveal.html",
            here=self.here,
            case=self.case,
            title=desk_title(self.case, self.here.staff, self.here.city),
            person=reporter(self.case, the_vault(), masked=False),
        )

    # ------------------------------------------------------------ the page

    def page(self, status: int = 200, **more: Any) -> tuple[str, int]:
        """The page of the form with whatever is in it.

        Photos are kept for the next sending, never those of a rahasia case.
        """
        here, case, row = self.here, self.case, self.row
        _stamp(self.form, here, case)
        events = here.events(case)
        self.photos.keep(self.form.key.data or "", secret=case.visibility == "rahasia")
        page = render_template(
            "cases/desk_step.html",
            here=here,
            case=case,
            row=row,
            title=desk_title(case, here.staff, here.city),
            form=self.form,
            fields=field_names(row.needs),
            works=works_on(here.staff, case),
            names=kind_of(case).names,
            private=case.visibility == PRIVATE,
            apart=frozenset(),
            brief=kind_of(case).brief(here.session, case),
            copies=self.ground.copies,
            unanswered=unanswered(events, case, here.staff, here.city),
            clock=clock_view(case, here.city, here.now),
            aftermath=aftermath(row, case, here.city, here.today),
            templates=self._templates(),
            spoken=self._spoken,
            kept=self.photos.kept,
            lost=self.photos.lost,
            pictures=self._pictures(),
            notes=self._notes(),
            **more,
        )
        return page, status

    def _pictures(self) -> dict[str, Picture]:
        """What each photo to choose from looks like."""
        photos = self.ground.photos if Need.PHOTO in self.row.needs else []
        return {str(photo.id): picture(photo, "staff") for photo in photos}

    def _notes(self) -> dict[str, str]:
        """A line beside each choice of a radio group."""
        if Need.REASON_CODE in self.row.needs:
            reasons = self.here.city.reject_reasons
            return {reason.code: without_gaps(reason.text, {}) for reason in reasons}
        return {name: str(note) for name, (_label, note) in VISIBILITY_NOTES.items()}

    def _preview(self, given: Given) -> dict[str, Any]:
        """What others will read once this is sent."""
        masks = Need.PUBLIC_TEXT in self.row.needs
        public = redact(given.words).text
        closed = self.case.visibility in {"rahasia", PRIVATE}
        open_to_all = not (closed or given.private or masks)
        target = given.target
        return {
            "words": "" if masks else given.words,
            "after": self._hidden(given.words.splitlines()) if masks else [],
            "public": public if open_to_all and public != given.words else "",
            "target": target,
            "target_title": desk_title(target, self.here.staff, self.here.city) if target else "",
            "target_state": _state(self.here, target) if target else None,
        }

    def _hidden(self, words: Sequence[str]) -> list[str]:
        return [redact(copy, words).text for copy in self.ground.copies]

    # ------------------------------------------------------------ reply templates

    @property
    def _spoken(self) -> Language:
        """The language of the reporter, in which a template is written."""
        return "en" if self.case.language == "en" else "id"

    def _templates(self) -> list[tuple[Reply, str]]:
        """The templates for this step with their words, what is known of the case filled in."""
        if BEGUN_BY_TEMPLATE.isdisjoint(self.row.needs):
            return []
        fitting = _replies().fitting(self.row.name, self.case.category)
        with speaking(self._spoken):
            values = self._values(self._spoken)
        return [(reply, reply.text(self._spoken, values)) for reply in fitting]

    def _begin_with(self, name: str) -> None:
        """Put a template's words, in the reporter's language, under what is written already."""
        offered = {reply.name: (reply, words) for reply, words in self._templates()}
        reply, words = offered.get(name) or abort(400)
        written = (self.form["words"].data or "").strip()
        self.form["words"].data = f"{written}\n\n{words}" if written else words
        self.form.template.data = name
        if "private" in self.form:
            self.form["private"].data = bool(self.form["private"].data or reply.private)

    def _values(self, spoken: Language) -> dict[str, object]:
        """What a template may name of the case; the rest is left for the officer to fill."""
        here, case = self.here, self.case
        calendar, days = here.city.calendar, here.city.promises
        day = self.form["day"].data if "day" in self.form else None
        return {
            "number": case.number,
            "unit": here.city.unit(case.unit_code).name.in_(spoken) if case.unit_code else "",
            "kelurahan": here.city.village(case.village_code).name if case.village_code else "",
            "landmark": kind_of(case).brief(here.session, case).public_place,
            "due_date": date_long(case.due_on) if case.due_on else "",
            "new_date": date_long(day) if day else "",
            "close_on": date_long(calendar.add(here.today, days.confirm_days)),
            "object_until": date_long(calendar.add(here.today, days.object_days)),
            "n": number(case.supporters + 1),
        }


def _replies() -> Replies:
    return cast(Replies, current_app.extensions["replies"])
