"""Which complaints the public may read: the rule for one, and the same for a query."""

from sqlalchemy import ColumnElement, and_

from app.cases.models import Case

HIDDEN_STATES = frozenset({"rejected", "withdrawn"})


def is_readable(case: Case) -> bool:
    """Whether the public may read text and photos: passed on by a verifier, not rahasia, not
    refused.
    """
    return (
        case.published_at is not None
        and case.visibility != "rahasia"
        and case.state not in HIDDEN_STATES
    )


def readable_cases() -> ColumnElement[bool]:
    """The condition of ``is_readable`` on the table of cases."""
    return and_(
        Case.published_at.is_not(None),
        Case.visibility != "rahasia",
        Case.state.not_in(HIDDEN_STATES),
    )
