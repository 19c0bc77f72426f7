"""Searches of the public list that somebody follows by mail.

A search is kept as the parameters of the list's address, without state and lateness: what is new
has neither behind it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.civic.promises import local_date
from app.civic.redaction import redact
from app.complaints import listing
from app.complaints.listing import Asked, Wanted
from app.core.i18n import _, tr
from app.places.facts import City

_WORD = re.compile(r"\w+")


def search_of(wanted: Wanted) -> dict[str, str]:
    """What of a list can be followed, to be kept."""
    return replace(wanted, state="", late=False).query


def words_of(search: Mapping[str, str], city: City) -> str:
    """What a search is about, to be read by anybody.

    Whoever asked may have typed anything for somebody else's mailbox: of the words only letters
    and digits are said, which makes no address of a page, and no number of a person.
    """
    wanted = Asked.read(search, city).wanted
    said = redact(" ".join(_WORD.findall(wanted.words))).text
    place = city.village(wanted.village) if wanted.village else city.district(wanted.district)
    parts = [
        f"“{said}”" if said else "",
        tr(city.category(wanted.category).name) if wanted.category else "",
        tr(city.unit(wanted.unit).short) if wanted.unit else "",
        place.name if wanted.district else "",
    ]
    return ", ".join(filter(None, parts)) or _("semua laporan")


def fresh(
    session: Session, city: City, search: Mapping[str, str], since: datetime, until: datetime
) -> Sequence[int]:
    """Row ids of the reports of a search that the public came to read in a span of time.

    None for a search whose subject, place or unit the city has dropped: it would find everything.
    """
    asked = Asked.read(search, city)
    if asked.remarks:
        return []
    return listing.published(session, asked.wanted, local_date(until, city.zone), since, until)
