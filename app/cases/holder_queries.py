"""Reads of the holder's pages: one photo, who looked, whether the history is sealed."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.cases.models import Attachment, Case, Event, Message, Seal
from app.staff.models import Staff


class Photo(NamedTuple):
    """A stored photo, its case, and the words it came with if it came after filing."""

    attachment: Attachment
    case: Case
    message: Message | None


def photo(session: Session, key: str) -> Photo | None:
    """The photo a file name of the store belongs to, full or thumbnail."""
    statement = (
        select(Attachment, Case, Message)
        .join(Case, Case.id == Attachment.case_id)
        .outerjoin(Message, Message.id == Attachment.message_id)
        .where((Attachment.key == key) | (Attachment.thumb_key == key))
    )
    row = session.execute(statement).first()
    return Photo(*row) if row else None


def is_sealed(session: Session, event: Event) -> bool:
    """Whether an hourly seal covers this event, and so all of its case before it."""
    over = exists().where(Seal.first_event <= event.id, Seal.last_event >= event.id)
    return bool(session.scalar(select(over)))


def units_of(session: Session, staff_ids: Iterable[int]) -> dict[int, str | None]:
    """Code of the unit of each of these members of staff; None for those of the city."""
    rows = session.execute(select(Staff.id, Staff.unit_code).where(Staff.id.in_(set(staff_ids))))
    return {row.id: row.unit_code for row in rows}
