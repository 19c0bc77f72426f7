"""The page of one's own request: where it is, what is wanted, what was handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for

from app.cases import holder_queries
from app.cases.holder_showing import (
    Look,
    done_words,
    my_history,
    reachable,
    step_links,
)
from app.cases.holder_steps import open_rows
from app.cases.holder_words import Here
from app.cases.showing import clock_view, title_of
from app.core.i18n import LazyString, _l, language
from app.core.running import the_vault
from app.extensions import db
from app.requests.checklist import PAYMENT
from app.requests.forms import Told, told
from app.requests.holder_words import late_of, meaning_of, next_of
from app.requests.lifecycle import FEE_SET, NEEDS_FIX, REFUSED
from app.requests.looking import LOOKS
from app.requests.models import Paper
from app.requests.questions import Section
from app.requests.request_queries import Filed, filed
from app.requests.services import Document

OWN_PAGES = {"fix": "my_requests.mend", "pay": "my_requests.pay"}
"""Steps whose page is not the common one of a step."""
ABOUT_DATA = frozenset({"forget"})


@dataclass(frozen=True)
class HandedIn:
    """A section as it was handed in."""

    section: Section
    told: list[Told]
    begun: bool = True


@dataclass(frozen=True)
class Sent:
    """A paper that was asked for, and the files sent for it."""

    document: Document
    papers: Sequence[Paper]


def my_page(here: Here) -> str:
    """Everything about one's own request."""
    session, case, city = db.session(), here.case, here.city
    found = filed(session, the_vault(), case, city)
    rows = open_rows(here)
    common = [row for row in rows if row.name not in OWN_PAGES]
    return render_template(
        "requests/mine.html",
        here=here,
        case=case,
        found=found,
        service=found.service,
        title=title_of(case, city),
        clock=clock_view(case, city, here.now, mine=True),
        done=_done(here),
        meaning=meaning_of(here),
        next=next_of(here, found.request),
        late=late_of(here),
        wrong=[(item, found.checks[item.key]) for item in found.wrong]
        if case.state == NEEDS_FIX
        else [],
        fee=found.request.fee if case.state == FEE_SET else None,
        steps=step_links([row for row in common if row.name not in ABOUT_DATA], here),
        data_steps=step_links([row for row in common if row.name in ABOUT_DATA], here),
        handed_in=handed_in(found, here),
        sent=sent_papers(found),
        proofs=found.papers_in(PAYMENT),
        history=my_history(here),
        sealed=holder_queries.is_sealed(session, here.events[-1]),
        contact=reachable(here, the_vault()),
        looks=_looks(here),
        unhappy=here.is_late or case.state == REFUSED,
        complain_url=url_for("complaints.new", tentang=case.number) if here.is_late else "",
    )


DONE: Final[Mapping[str, tuple[str, LazyString]]] = {
    "perbaiki": ("fix", _l("Perbaikan terkirim. %(unit)s memeriksanya lagi.")),
    "bayar": ("pay", _l("Bukti bayar terkirim kepada %(unit)s.")),
}
"""What is said after a step with a page of its own, while nothing else has happened since."""


def _done(here: Here) -> str:
    slug = request.args.get("langkah", "")
    if slug not in DONE:
        return done_words(here, slug)
    name, words = DONE[slug]
    return here.fill(words) if here.events[-1].name == name else ""


def handed_in(found: Filed, here: Here) -> list[HandedIn]:
    """All answers in words, identity numbers masked: somebody else may hold the phone now."""
    return [
        HandedIn(section, told(section, found.answers, here.city, masked=True))
        for section in found.service.questions.open_sections(found.answers)
    ]


def sent_papers(found: Filed) -> list[Sent]:
    """The papers that were asked for, with what was sent."""
    return [Sent(slot, found.papers_in(slot.key)) for slot in found.slots]


def _looks(here: Here) -> list[Look]:
    """When the unit opened answers and papers, newest first: the unit, never the person."""
    unit = here.city.unit(here.case.unit_code or "").short.in_(language())
    return [Look(event.at, unit) for event in reversed(here.events) if event.name in LOOKS]
