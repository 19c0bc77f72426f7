"""/lacak/…: what whoever holds a request does beyond the common steps: mend, pay, fetch."""

import logging
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from flask import (
    Blueprint,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.cases.actions import Given, take
from app.cases.events import THE_HOLDER
from app.cases.holder_showing import my_history
from app.cases.holder_steps import here_now, mine_url, open_rows
from app.cases.holder_words import Here
from app.cases.holding import hold, holds
from app.core.access import public
from app.core.database import transaction
from app.core.files import file_store
from app.core.forms import BaseForm, csrf_in_form
from app.core.i18n import _, tr
from app.core.pages import no_store
from app.core.running import the_vault
from app.core.vault import Unreadable
from app.extensions import db
from app.letters.queries import Damaged
from app.letters.queries import paper_of as letter_paper
from app.requests import request_actions
from app.requests.answers import Ground, Wrong, read_answer
from app.requests.checklist import PAYMENT, Item, paper_items
from app.requests.forms import item_name, mend_page
from app.requests.models import Paper
from app.requests.papers import (
    ACCEPT,
    StoredPaper,
    asked_slots,
    keep,
    remove,
    shown,
)
from app.requests.questions import Entry, Question, Section, Value
from app.requests.request_queries import Filed, filed, paper_of
from app.requests.services import ROOMS, Document
from app.requests.uploads import Upload

log = logging.getLogger("tanggap")

my_requests = Blueprint("my_requests", __name__, url_prefix="/lacak/<number>")

MOST_PROOFS: Final = 3


def _mine(number: str, *, lock: bool = False) -> Here | None:
    """The request of this number, if this browser holds it."""
    no_store()
    here = here_now(db.session(), number, lock=lock) if holds(number) else None
    if here is not None and here.case.kind not in ROOMS:
        abort(404)
    return here


def _signed_out() -> Response:
    return redirect(url_for("cases.track", pesan="habis"), 303)


def _filed(here: Here) -> Filed:
    return filed(db.session(), the_vault(), here.case, here.city)


def _open_to(number: str, name: str, *, lock: bool = False) -> Here | Response:
    """The request, if its holder may take this step now; if not, the way to where one may be."""
    here = _mine(number, lock=lock)
    if here is None:
        return _signed_out()
    is_open = any(row.name == name for row in open_rows(here))
    return here if is_open else redirect(mine_url(here), 303)


# ---------------------------------------------------------------- mending


class SeenForm(BaseForm):
    """The token of a page whose inputs are read by their own names."""


@dataclass
class Mending:
    """What must be mended of a request, what was sent for it, and what is wrong with that."""

    here: Here
    found: Filed
    items: list[Item]
    answers: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    papers_taken: bool = False

    @classmethod
    def begun(cls, here: Here, found: Filed) -> "Mending":
        """Everything that was found wrong."""
        return cls(here, found, found.wrong)

    def read(self) -> None:
        """Read what was sent, question by question in the order of the form.

        A new answer may ask for more, which then must be there too, or make a wrong one moot.
        """
        wrong = {item.key for item in self.items}
        self.items = [item for item in self.items if item.document]
        for section in self.found.service.questions.open_sections_by(lambda: self.answers):
            least = section.repeat.least if section.repeat else 1
            old = self.found.answers.get(section.key) or [{}] * least
            self.answers[section.key] = []
            for number, entry in enumerate(old, start=1):
                self.answers[section.key].append(self._entry(section, number, entry, wrong))

    def _entry(
        self, section: Section, number: int, old: Entry, wrong: Set[str]
    ) -> dict[str, Value]:
        entry: dict[str, Value] = {}
        for question in section.asked(entry, self.answers):
            key, there = f"{section.key}.{number}.{question.key}", question.key in old
            if key in wrong or not (there or question.optional):
                value = old.get(question.key, "")
                item = Item(key, question.label, section, number, question, value)
                self.items.append(item)
                self._put(item, question, entry)
            elif there:
                entry[question.key] = old[question.key]
        return entry

    def _put(self, item: Item, question: Question, entry: dict[str, Value]) -> None:
        typed = request.form.getlist(item_name(item))
        try:
            read = read_answer(question, typed, Ground(self.here.city, self.here.today))
        except Wrong as error:
            self.errors[item_name(item)] = str(error)
            return
        if read is not None:
            entry[question.key] = read.value

    def take_papers(self, upload: Upload) -> None:
        """Put in the papers that came, and say of which that must come none did."""
        self.papers_taken = True
        slots = asked_slots(self.found.service, self.answers)
        there = {paper.slot for paper in self.found.papers}
        wrong = {item.key for item in self.items}
        self.items = [item for item in self.items if not item.document]
        for item in paper_items(slots):
            slot = item.document
            if slot and (item.key in wrong or not (slot.optional or slot.key in there)):
                self.items.append(item)
                self._put_paper(item, slot, upload)

    def _put_paper(self, item: Item, document: Document, upload: Upload) -> None:
        name = item_name(item)
        sent = upload.stored.get(name, [])
        if name in upload.errors:
            self.errors[name] = upload.errors[name]
        elif not sent:
            self.errors[name] = _("Pilih berkas “%(name)s” yang baru.", name=tr(document.name))
        else:
            _replace(self.here, self.found.papers_in(document.key), document.key, sent)
            self.found.checks.pop(item.key, None)
            del upload.stored[name]


def _replace(here: Here, old: Sequence[Paper], slot: str, sent: Sequence[StoredPaper]) -> None:
    for paper in old:
        remove(db.session(), file_store(), paper)
    for stored in sent:
        keep(db.session(), stored, slot, here.now, case_id=here.case.id)


@my_requests.route("/perbaiki", methods=["GET", "POST"])
@csrf_in_form
@public
def mend(number: str) -> Response:
    """Only what was found wrong, each with the reason, to be given once more."""
    seen = SeenForm()
    with transaction("read"):
        here = _open_to(number, "fix")
    if isinstance(here, Response):
        return here
    if request.method == "GET" or not seen.validate():
        status = 200 if request.method == "GET" else 422
        return _mend_page(Mending.begun(here, _filed(here)), seen, status)
    upload = Upload.received(_papers_to_mend(here))
    return _mended(number, seen, upload)


def _papers_to_mend(here: Here) -> dict[str, int]:
    """How many files each paper takes, by the names of the inputs; a new answer may ask for any."""
    documents = _filed(here).service.documents
    return {item_name(item): one.most for item in paper_items(documents) if (one := item.document)}


def _mended(number: str, seen: SeenForm, upload: Upload) -> Response:
    here = _open_to(number, "fix", lock=True)
    if isinstance(here, Response):
        upload.forget()
        return here
    mending = Mending.begun(here, _filed(here))
    reasons = dict(mending.found.checks)
    mending.read()
    mending.take_papers(upload)
    upload.forget()
    if mending.errors:
        request_actions.keep_checks(the_vault(), mending.found)
        db.session.commit()  # the papers that were right need not be sent again
        return _mend_page(mending, seen, 422)
    _drop_unasked(here, mending)
    mended = [key for key, why in reasons.items() if why] + [item.key for item in mending.items]
    request_actions.mend(
        db.session(), the_vault(), here.case, _filed(here), mending.answers, mended, here.city,
        here.now,
    )  # fmt: skip
    return hold(redirect(mine_url(here, "perbaiki"), 303), here.case)


def _drop_unasked(here: Here, mending: Mending) -> None:
    """Forget the papers that the mended answers ask for no more."""
    found = _filed(here)
    slots = {one.key for one in asked_slots(found.service, mending.answers)} | {PAYMENT}
    for paper in found.papers:
        if paper.slot not in slots:
            remove(db.session(), file_store(), paper)


def _mend_page(mending: Mending, seen: SeenForm, status: int) -> Response:
    here, found = mending.here, mending.found
    page = mend_page(mending.items, here.city)
    papers = [
        item
        for item in mending.items
        if item.document and (not mending.papers_taken or item_name(item) in mending.errors)
    ]
    for name, message in mending.errors.items():
        if name in page.form:
            page.form[name].errors = [message]
    body = render_template(
        "requests/mend.html",
        here=here,
        case=here.case,
        service=found.service,
        seen=seen,
        page=page,
        papers=papers,
        why=found.checks,
        errors=mending.errors,
        name_of=item_name,
        accept=ACCEPT,
    )
    return hold(make_response(body, status), here.case)


# ---------------------------------------------------------------- paying


@my_requests.route("/bayar", methods=["GET", "POST"])
@csrf_in_form
@public
def pay(number: str) -> Response:
    """Send the proof of a payment, as photo or PDF."""
    seen = SeenForm()
    with transaction("read"):
        here = _open_to(number, "pay")
    if isinstance(here, Response):
        return here
    if request.method == "GET" or not seen.validate():
        return _pay_page(here, seen, 200 if request.method == "GET" else 422, "")
    upload = Upload.received({PAYMENT: MOST_PROOFS})
    here = _open_to(number, "pay", lock=True)
    if isinstance(here, Response):
        upload.forget()
        return here
    problem = _proofs_taken(here, upload)
    upload.forget()
    if problem:
        return _pay_page(here, seen, 422, problem)
    return hold(redirect(mine_url(here, "bayar"), 303), here.case)


def _proofs_taken(here: Here, upload: Upload) -> str:
    """Keep the proofs that came; what is wrong with them, "" for nothing."""
    if request.form.get("fee") != str(_filed(here).request.fee):
        return _("Biayanya berubah sejak halaman ini dibuka. Periksa jumlahnya, lalu kirim lagi.")
    if PAYMENT in upload.errors:
        return upload.errors[PAYMENT]
    sent = upload.stored.pop(PAYMENT, [])
    if not sent:
        return _("Pilih foto atau PDF bukti bayar.")
    for stored in sent:
        keep(db.session(), stored, PAYMENT, here.now, case_id=here.case.id)
    take(db.session(), here.case, "pay", THE_HOLDER, Given(), here.city, here.now)
    return ""


def _pay_page(here: Here, seen: SeenForm, status: int, problem: str) -> Response:
    found = _filed(here)
    body = render_template(
        "requests/pay.html",
        here=here,
        case=here.case,
        seen=seen,
        fee=found.request.fee,
        sent=found.papers_in(PAYMENT),
        problem=problem,
        accept=ACCEPT,
        name=PAYMENT,
    )
    return hold(make_response(body, status), here.case)


# ---------------------------------------------------------------- fetching


@my_requests.get("/berkas/<int(max=2147483647):paper_id>")
@public
def paper(number: str, paper_id: int) -> Response:
    """One of one's own papers."""
    return _paper(number, paper_id, thumb=False)


@my_requests.get("/berkas/<int(max=2147483647):paper_id>/kecil")
@public
def thumb(number: str, paper_id: int) -> Response:
    """One of one's own papers, small."""
    return _paper(number, paper_id, thumb=True)


def _paper(number: str, paper_id: int, *, thumb: bool) -> Response:
    here = _mine(number)
    found = paper_of(db.session(), here.case, paper_id) if here else None
    if found is None:
        abort(404)
    return shown(file_store(), the_vault(), found, thumb=thumb)


@my_requests.get("/surat")
@public
def letter(number: str) -> Response:
    """The letter that was issued, as a signed PDF."""
    here = _mine(number)
    if here is None:
        return _signed_out()
    issued = _filed(here).request.letter
    if issued is None:
        abort(404)
    try:
        response = make_response(letter_paper(file_store(), the_vault(), issued))
    except (FileNotFoundError, Unreadable, Damaged):
        log.exception("a letter cannot be shown", extra={"job": "letters"})
        abort(404)
    response.mimetype = "application/pdf"
    name = issued.number.replace("/", "-").replace(" ", "-")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return hold(response, here.case)


@my_requests.get("/permohonan.json")
@public
def data(number: str) -> Response:
    """All that was handed in, and the history, in one file; papers are fetched one by one."""
    here = _mine(number)
    if here is None:
        return _signed_out()
    found, case = _filed(here), here.case
    whole = {
        "request": {
            "number": case.number,
            "state": case.state,
            "service": found.service.code,
            "received": case.created_at.isoformat(),
            "closed": case.closed_at.isoformat() if case.closed_at else None,
            "fee": found.request.fee,
            "letter": found.request.letter.number if found.request.letter else None,
        },
        "answers": found.answers,
        "findings": {key: why for key, why in found.checks.items() if why},
        "papers": [
            {
                "slot": one.slot,
                "received": one.at.isoformat(),
                "kind": one.kind,
                "pages": one.pages,
                "sha256": one.digest,
                "url": url_for(".paper", number=case.number, paper_id=one.id, _external=True),
            }
            for one in found.papers
        ],
        "history": [
            {"at": view.at.isoformat(), "what": view.title, "by": view.by, "words": view.text}
            for view in my_history(here)[::-1]
        ],
    }
    response = jsonify(whole)
    response.headers["Content-Disposition"] = f'attachment; filename="{case.number}.json"'
    return hold(response, case)
