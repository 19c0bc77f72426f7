"""All of somebody's reports and requests, found by their e-mail address: no account, no password.

Whoever asks is sent a link that works once; the page answers the same for every address. That the
link was used stands in the outbox row it was sent by, and nowhere else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.cases import queries
from app.cases.contacts import email_hashes
from app.cases.links import Links
from app.cases.mail_actions import is_meant
from app.cases.models import Case, Contact
from app.cases.telling import OWN_LIST
from app.civic.codes import parse_number
from app.core import outbox
from app.core.outbox import enqueue
from app.core.vault import Vault

MOST: Final = 50
"""Cases that are listed."""
NOBODY: Final = 0
"""Stands for a row id in the outbox where an address is known of no case."""


def ask(session: Session, vault: Vault, email: str, now: datetime) -> None:
    """Send the link to an address, if a case carries it.

    An unknown one takes the same way, to a row nobody reads: neither answer nor time tells it.
    """
    case_id = session.scalar(_of(vault, email).with_only_columns(Case.id).limit(1))
    enqueue(session, OWN_LIST, f"reporter:{case_id or NOBODY}", now, case_id=case_id)


def opens(session: Session, vault: Vault, links: Links, token: str) -> bool:
    """Whether a link still opens a list. Looking uses nothing up: scanners of mails do."""
    letter, mark = links.read_own_list(token) or ("", "")
    return _email_of(session, vault, outbox.unused(session, letter), mark) is not None


def use(session: Session, vault: Vault, links: Links, token: str) -> str | None:
    """The address a link was sent to, and from now on the link is used; None for a forged, old or
    used one, or where the case it was found by has another address by now, or none.
    """
    letter, mark = links.read_own_list(token) or ("", "")
    return _email_of(session, vault, outbox.use(session, letter), mark)


def _email_of(session: Session, vault: Vault, case_id: int | None, mark: str) -> str | None:
    case = queries.by_id(session, case_id) if case_id else None
    if case is None or case.erased_at is not None or case.contact is None:
        return None
    email = case.contact.email
    return vault.decrypt(email) if email and is_meant(vault, email, mark) else None


def all_of(session: Session, vault: Vault, email: str) -> Sequence[Case]:
    """The cases of an address, newest first; one more than are listed tells that there are more."""
    statement = _of(vault, email).options(joinedload(Case.merged_into)).limit(MOST + 1)
    return session.scalars(statement).all()


def one_of(session: Session, vault: Vault, email: str, number: str) -> Case | None:
    """The case of this number, if it is of this address."""
    return session.scalars(_of(vault, email).where(Case.number == parse_number(number))).first()


def _of(vault: Vault, email: str) -> Select[Case]:
    return (
        select(Case)
        .join(Contact, Contact.case_id == Case.id)
        .where(
            Contact.email_hash.in_(email_hashes(vault, email)),
            Case.erased_at.is_(None),
            Case.demo.is_(False),
        )
        .order_by(Case.created_at.desc(), Case.id.desc())
    )
