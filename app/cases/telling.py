"""Who is told what: the mails a lifecycle row names become outbox rows, in the same transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cases.models import Case
from app.places.facts import City


def tell(
    session: Session,
    mails: Iterable[str],
    case: Case,
    city: City,
    now: datetime,
    *,
    extra: dict[str, Any] | None = None,
) -> None:
    """Queue these mails about a case for everybody they are meant for."""
    raise NotImplementedError
