"""Reading requests: the part beside a case, the service as it was asked for, its answers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.core.vault import Vault
from app.places.facts import City
from app.requests.checklist import Item, answer_items, paper_items, wrong_items
from app.requests.models import Paper, Request
from app.requests.papers import asked_slots
from app.requests.questions import Answers, Value
from app.requests.service_files import service_of
from app.requests.services import Document, Service


@dataclass(frozen=True)
class Filed:
    """A request as it was handed in and mended since."""

    request: Request
    service: Service
    vault: Vault
    papers: Sequence[Paper]

    @cached_property
    def answers(self) -> Answers:
        """What was answered, nothing once erased. Raises Unreadable when no data key opens it."""
        stored = self.request.answers
        return unpacked(self.vault.decrypt(stored)) if stored else {}

    @cached_property
    def checks(self) -> dict[str, str]:
        """What was found of each item; see ``checklist``."""
        stored = self.request.checks
        found: dict[str, str] = json.loads(self.vault.decrypt(stored)) if stored else {}
        return found

    @cached_property
    def slots(self) -> tuple[Document, ...]:
        """The papers these answers ask for, in order."""
        return tuple(asked_slots(self.service, self.answers))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All there is to check: answers, then every paper that was asked for and may be there."""
        sent = {paper.slot for paper in self.papers}
        shown = [slot for slot in self.slots if slot.key in sent or not slot.optional]
        return (*answer_items(self.service, self.answers), *paper_items(shown))

    @property
    def wrong(self) -> list[Item]:
        """What must be mended."""
        return wrong_items(self.items, self.checks)

    def papers_in(self, slot: str) -> list[Paper]:
        """The files of one slot, the oldest first."""
        return [paper for paper in self.papers if paper.slot == slot]

    def answer(self, question: str) -> Value:
        """The answer to ``section.question``, "" without one."""
        section, _dot, key = question.partition(".")
        entries = self.answers.get(section) or ({},)
        return entries[0].get(key, "")


def filed(session: Session, vault: Vault, case: Case, city: City) -> Filed:
    """The request of a case. Raises NoResultFound for a case that is none."""
    request = session.get_one(Request, case.id)
    service = service_of(request.version.source, request.version.room, city)
    papers = session.scalars(select(Paper).where(Paper.case_id == case.id).order_by(Paper.id)).all()
    return Filed(request, service, vault, papers)


def paper_of(session: Session, case: Case, paper_id: int) -> Paper | None:
    """One file of a request, None where it belongs to another."""
    paper = session.get(Paper, paper_id)
    return paper if paper is not None and paper.case_id == case.id else None


# ---------------------------------------------------------------- stored answers


def packed(answers: Answers) -> str:
    """Answers as they are stored, always in the same order of keys."""
    return json.dumps(answers, sort_keys=True)


def unpacked(stored: str) -> dict[str, list[dict[str, Value]]]:
    """Stored answers again."""
    found: dict[str, list[dict[str, Any]]] = json.loads(stored)
    return {section: [_entry(one) for one in entries] for section, entries in found.items()}


def _entry(stored: dict[str, Any]) -> dict[str, Value]:
    return {key: tuple(one) if isinstance(one, list) else str(one) for key, one in stored.items()}
