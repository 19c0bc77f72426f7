"""/permohonan/berkas: the papers of a form, handed in by camera or as files.

Slow work comes first: what is asked for is looked up, the files are drawn anew and put on the disk,
and only then the form is locked and the rows are written. What is right is kept even when another
file of the same sending is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.core.access import public
from app.core.clock import now
from app.core.database import transaction
from app.core.files import file_store
from app.core.forms import csrf_in_form
from app.core.i18n import _, _l
from app.core.limits import limits, network_key, waiting
from app.core.pages import no_store, please_wait
from app.core.running import the_vault
from app.extensions import db
from app.places.city import current_city
from app.requests.actions import touch
from app.requests.form_views import (
    Held,
    Slot,
    applications,
    code_held,
    ended,
    held_form,
    hold,
    open_form,
    slots,
    to_bring,
)
from app.requests.forms import PapersForm, paper_input, papers_form
from app.requests.models import Paper
from app.requests.papers import (
    ACCEPT,
    MOST_PAGES,
    MOST_PAPERS,
    PAPERS_PER_HOUR,
    PaperError,
    StoredPaper,
    discard,
    keep,
    papers_by_slot,
    read_paper,
    remove,
    shown,
    store,
)
from app.requests.services import Document

__all__ = ["applications"]

MESSAGES: Final = {
    "simpan": _l("Berkas tersimpan."),
    "hapus": _l("Berkas sudah dihapus."),
    "sebagian": _l("Berkas lain yang Anda pilih sudah tersimpan."),
}


# ---------------------------------------------------------------- one paper


@applications.get("/berkas/<int(max=2147483647):paper_id>")
@public
def paper(paper_id: int) -> Response:
    """A paper of the form this browser holds, and of no other."""
    return _paper(paper_id, thumb=False)


@applications.get("/berkas/<int(max=2147483647):paper_id>/kecil")
@public
def paper_thumb(paper_id: int) -> Response:
    """Its first page, small."""
    return _paper(paper_id, thumb=True)


def _paper(paper_id: int, *, thumb: bool) -> Response:
    found = held_form()
    kept = db.session.get(Paper, paper_id) if found else None
    if found is None or kept is None or kept.application_id != found.application.id:
        abort(404)
    return shown(file_store(), the_vault(), kept, thumb=thumb)


# ---------------------------------------------------------------- all papers


@applications.route("/berkas", methods=["GET", "POST"])
@csrf_in_form
@public
def papers() -> Response:
    """Every paper these answers ask for, with what is there already."""
    if request.method == "POST":
        return _receive()
    found = held_form()
    if found is None:
        return ended()
    form = papers_form([one.document for one in slots(found)])
    message = MESSAGES.get(request.args.get("pesan", ""))
    return hold(make_response(_page(found, form, message)), found.code)


def _page(found: Held, form: PapersForm, message: object = None) -> str:
    return render_template(
        "requests/papers.html",
        held=found,
        service=found.service,
        slots=slots(found),
        bring=to_bring(found),
        form=form,
        input_name=paper_input,
        accept=ACCEPT,
        allowed=current_city().limits,
        max_pages=MOST_PAGES,
        count=_pages(found),
        message=message,
    )


def _pages(found: Held) -> int:
    """Pages of the whole form, this one the last."""
    return len(list(found.service.questions.open_sections(found.answers))) + 1


@dataclass
class Sending:
    """What came with one sending: files kept in the store, to be given their rows."""

    form: PapersForm
    stored: list[tuple[Document, StoredPaper]] = field(default_factory=list)
    dropped: int | None = None
    failed: bool = False

    def refuse(self, document: Document, error: PaperError) -> None:
        """Say at the field what is wrong with a file."""
        at = self.form[paper_input(document)]
        at.errors = [*at.errors, error.message]
        self.failed = True

    def refuse_all(self, words: str) -> None:
        """Say why nothing was taken."""
        self.form.form_errors.append(words)
        self.failed = True


def _receive() -> Response:
    no_store()
    code = code_held()
    with transaction("read"):
        found = open_form(code) if code else None
        room = {one.document: [paper.id for paper in one.papers] for one in _slots_of(found)}
        db.session.rollback()  # the writing begins anew
    if not found:
        return ended()
    sending = Sending(papers_form(list(room)))
    if not sending.form.validate():
        return _answer(code, sending, 422)
    uploads = {one: _uploads(one) for one in room}
    if any(uploads.values()) and (seconds := _seconds_to_wait()):
        sending.refuse_all(
            _(
                "Terlalu banyak berkas dari jaringan ini dalam satu jam. Kirim lagi setelah"
                " %(wait)s.",
                wait=waiting(seconds),
            )
        )
        return please_wait(_answer(code, sending, 429), seconds)
    sending.dropped = request.form.get("hapus", type=int)
    if sending.dropped is None and not any(uploads.values()):
        sending.refuse_all(_("Pilih foto atau PDF dulu, lalu simpan."))
        return _answer(code, sending, 422)
    _read(sending, room, uploads)
    return _write(code, sending)


def _slots_of(found: Held | None) -> list[Slot]:
    return slots(found) if found else []


def _uploads(document: Document) -> list[FileStorage]:
    return [one for one in request.files.getlist(paper_input(document)) if one.filename]


def _seconds_to_wait() -> int:
    return limits().wait("paper", PAPERS_PER_HOUR, network_key(now()))


def _read(
    sending: Sending, room: dict[Document, list[int]], uploads: dict[Document, list[FileStorage]]
) -> None:
    """Draw the files anew and store them; those for which there is no room are not looked at."""
    total = sum(len(there) for there in room.values())
    network, city = network_key(now()), current_city()
    for document, sent in uploads.items():
        there = [one for one in room[document] if one != sending.dropped]
        allowed = document.most - (len(there) if document.most > 1 else 0)
        for number, upload in enumerate(sent, start=1):
            try:
                if number > allowed:
                    raise PaperError("many", max=document.most)
                if total >= MOST_PAPERS:
                    raise PaperError("full", max=MOST_PAPERS)
                limits().count("paper", PAPERS_PER_HOUR, network)
                ready = read_paper(upload, city.limits)
            except PaperError as error:
                sending.refuse(document, error)
                if error.reason in {"many", "full"}:
                    break
                continue
            sending.stored.append((document, store(file_store(), the_vault(), ready)))
            total += 1


def _write(code: str, sending: Sending) -> Response:
    """Give the stored files their rows, as far as there still is room for them."""
    found = open_form(code, lock=True)
    if found is None:
        for _document, stored in sending.stored:
            discard(file_store(), stored)
        return ended()
    for old in _of(found):
        if old.id == sending.dropped:
            remove(db.session(), file_store(), old)
    sending.stored = [one for one in sending.stored if _placed(found, sending, *one)]
    touch(found.application, now())
    if sending.failed:
        db.session.commit()  # what was right stays, though the answer is that something was not
        return _answer(code, sending, 422)
    message = "simpan" if sending.stored else "hapus"
    return hold(redirect(url_for(".papers", pesan=message), 303), code)


def _of(found: Held) -> Iterator[Paper]:
    for there in papers_by_slot(db.session(), found.application).values():
        yield from there


def _placed(found: Held, sending: Sending, document: Document, stored: StoredPaper) -> bool:
    """Give a file its row, in place of the old one where only one stands for the paper.

    When another sending was quicker, there may be no room any more.
    """
    there = next((one.papers for one in slots(found) if one.document == document), None)
    if there is None or len(there) >= document.most > 1:
        discard(file_store(), stored)
        sending.refuse(document, PaperError("many", max=document.most))
        return False
    keep(db.session(), stored, document.key, now(), application=found.application)
    for old in there if document.most == 1 else ():
        remove(db.session(), file_store(), old)
    return True


def _answer(code: str, sending: Sending, status: int) -> Response:
    with transaction("read"):
        found = open_form(code)
        if found is None:
            return ended()
        page = _page(found, sending.form, MESSAGES["sebagian"] if sending.stored else None)
        db.session.rollback()
    return hold(make_response(page, status), code)
