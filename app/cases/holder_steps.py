"""Taking a step on the reporter's own page: what was typed stays, and nothing happens twice.

The page says which version of the case it showed. When another stands, the reporter reads what
changed and sends again; when that change is the very step they sent, it is done already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.cases import queries
from app.cases.actions import SomebodyWasFaster, open_steps, take
from app.cases.events import THE_HOLDER
from app.cases.holder_forms import StepForm, form_class, step_form
from app.cases.holder_showing import Row, changes_since
from app.cases.holder_words import TWINS, VISIBILITY, Here
from app.cases.holding import held_case, hold
from app.cases.kinds import kind_of
from app.cases.lifecycle import HOLDER, NotAllowed
from app.cases.models import Event
from app.cases.step_photos import StepPhotos
from app.core.clock import now
from app.core.i18n import _
from app.core.limits import limits, waiting
from app.core.pages import please_wait
from app.core.photos import PhotoError
from app.core.promise_view import EventView
from app.places.city import current_city

STEPS_PER_HOUR: Final = 30
"""Of one case: nobody writes more, and each may send mails."""


def here_now(session: Session, number: str, *, lock: bool = False) -> Here | None:
    """The case of this number with its history, if this request holds it."""
    case = held_case(session, number, lock=lock)
    if case is None:
        return None
    events = queries.events_of(session, case, public_only=False)
    return Here(case, current_city(), now(), events)


def open_rows(here: Here) -> list[Row]:
    """What the holder can do now, in the order of the table."""
    return open_steps(here.case, THE_HOLDER, here.city, here.today)


def mine_url(here: Here, slug: str = "") -> str:
    """The reporter's own page; ``slug`` names the step that was just taken."""
    return url_for("cases.mine", number=here.case.number, langkah=slug or None)


@dataclass
class Sent:
    """A step as it was sent."""

    session: Session
    here: Here
    row: Row
    photos: StepPhotos
    form: StepForm = field(init=False)

    def __post_init__(self) -> None:
        self.form = step_form(self.row, self.here)
        if "photos" not in self.form:
            self.photos = StepPhotos()  # nobody asked for any

    @property
    def slug(self) -> str:
        """The part of an address this step stands at."""
        return kind_of(self.here.case).steps[self.row.name].slug

    # ---------------------------------------------------------------- taking it

    def answer(self) -> Response:
        """Take the step, or say what must be done first."""
        self._settle()
        valid = self.form.validate()
        if self.form.expired:
            return self._again(422)
        stale = self.form.stale and self.row.name not in TWINS  # of these nothing else can be meant
        if stale or self.row not in open_rows(self.here):
            return self._changed()
        if self.photos.errors:
            self.form.photos.errors = [error.message for error in self.photos.errors]
            valid = False
        if not (self.form.check_anything(len(self.photos)) and valid):
            return self._again(422)
        if seconds := limits().wait("holder", STEPS_PER_HOUR, str(self.here.case.id)):
            return self._too_many(seconds)
        return self._take()

    def _settle(self) -> None:
        """Of a button with two rows take the one that is open now."""
        rows = {row.name: row for row in open_rows(self.here)}
        if self.row.name not in rows:
            self.row = rows.get(TWINS.get(self.row.name, ""), self.row)

    def _take(self) -> Response:
        here = self.here
        try:
            stored = self.photos.stored(self.form.own_key)
        except PhotoError as error:
            self.photos.kept, self.photos.errors = [], [error]
            self.form.photos.errors = [error.message]
            return self._again(422)
        given = replace(self.form.given, photos=stored)
        try:
            take(
                self.session, here.case, self.row.name, THE_HOLDER, given, here.city, here.now,
                version=here.case.version,
            )  # fmt: skip
        except (SomebodyWasFaster, NotAllowed):
            return self._overtaken()
        limits().count("holder", STEPS_PER_HOUR, str(here.case.id))
        return self._done()

    def _done(self) -> Response:
        return hold(redirect(mine_url(self.here, self.slug), 303), self.here.case)

    # ---------------------------------------------------------------- not yet

    def _again(self, status: int) -> Response:
        self.photos.keep(self.form.own_key, secret=self.here.case.visibility == "rahasia")
        return step_page(self.here, self.row, self.form, self.photos, status=status)

    def _too_many(self, seconds: int) -> Response:
        self.form.form_errors.append(
            _(
                "Terlalu banyak balasan dalam waktu singkat. Kirim lagi setelah %(wait)s.",
                wait=waiting(seconds),
            )
        )
        return please_wait(self._again(429), seconds)

    # ---------------------------------------------------------------- somebody was faster

    def _overtaken(self) -> Response:
        number = self.here.case.number
        self.session.rollback()
        here = here_now(self.session, number, lock=True)
        if here is None:  # erased meanwhile
            return redirect(url_for("cases.track", pesan="habis"), 303)
        self.here = here
        self._settle()
        return self._changed()

    def _changed(self) -> Response:
        if any(self._is_this(event) for event in self.here.events):
            return self._done()
        changes = changes_since(self.here, self.form.seen_id)
        words = self.form.given.words
        row = self._still_possible()
        if row is None:
            return step_page(self.here, self.row, None, status=409, changes=changes, typed=words)
        form = step_form(row, self.here)
        form.show()
        secret = self.here.case.visibility == "rahasia"
        self.photos.keep(form.own_key, secret=secret)
        photos = self.photos if "photos" in form else StepPhotos()
        return step_page(self.here, row, form, photos, status=409, changes=changes)

    def _still_possible(self) -> Row | None:
        """This step if it is open still, else one that takes the same words."""
        rows = open_rows(self.here)
        if self.row in rows:
            return self.row
        if not self.form.given.words:
            return None
        takers = (row for row in rows if row.name in kind_of(self.here.case).steps)
        return next((row for row in takers if hasattr(form_class(row.needs), "words")), None)

    def _is_this(self, event: Event) -> bool:
        """Whether an event is this very step, sent before: a double click, or a lost answer."""
        given, facts = self.form.given, event.facts
        return (
            event.id > self.form.seen_id
            and (event.actor, event.name) == (HOLDER, self.row.name)
            and (event.message.body if event.message else "") == given.words
            and facts.get("code", "") == given.code
            and facts.get("rating") == given.rating
            and facts.get("visibility", "") == given.visibility
            and len(facts.get("photos", ())) == len(self.photos)
        )


def step_page(
    here: Here,
    row: Row,
    form: StepForm | None,
    photos: StepPhotos | None = None,
    *,
    status: int = 200,
    changes: Sequence[EventView] | None = None,
    typed: str = "",
) -> Response:
    """The page of one step. ``changes`` when somebody was faster; without a form, ``typed`` is
    shown to be copied.
    """
    body = render_template(
        "cases/holder_step.html",
        here=here,
        case=here.case,
        row=row,
        words=kind_of(here.case).steps[row.name],
        names=kind_of(here.case).names,
        notes={name: str(told) for name, (_name, told) in VISIBILITY.items()},
        form=form,
        photos=StepPhotos() if photos is None else photos,
        changes=changes,
        typed=typed,
    )
    return hold(make_response(body, status), here.case)
