"""What complaints bring to the spine of cases."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import publicity
from app.cases.actions import Step, counted
from app.cases.guards import Situation
from app.cases.holder_words import STEPS
from app.cases.kinds import Alike, Brief, Names, Written
from app.cases.models import Case
from app.civic.redaction import redact
from app.complaints import queries, searches
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.models import Complaint
from app.complaints.readable import is_readable
from app.core import database
from app.core.i18n import _l
from app.core.search import stems
from app.places.facts import City, Text, Unit

INFORMATION = "informasi"


class ComplaintKind:
    """The hooks of complaints; see ``app.cases.kinds.Kind``."""

    lifecycle = LIFECYCLE
    names = Names(
        one=_l("laporan ini"),
        numbered=_l("Laporan %(number)s"),
        mine=_l("Laporan saya %(number)s"),
        holder=_l("Pelapor"),
        you=_l("Anda, pelapor"),
        city=_l("Verifikator kota"),
    )
    apart: frozenset[str] = frozenset()
    steps = STEPS
    guards: Mapping[str, Callable[[Situation], bool]] = {}
    effects: Mapping[str, Callable[[Step], None]] = {
        "dispute": counted("disputes"),
        **dict.fromkeys(("confirm", "auto_close", "close", "expire"), counted("closed")),
    }

    def icon(self, case: Case, city: City) -> str:
        """That of the category."""
        return city.category(case.category).icon

    def title(self, case: Case, city: City) -> Text:
        """Category and kelurahan: "Lampu jalan padam di Durian"."""
        name = city.category(case.category).name
        place = (
            city.village(case.village_code) if case.village_code else city.district(case.district)
        )
        return Text(f"{name.id} di {place.name}", f"{name.en} in {place.name}")

    def class_days(self, session: Session, case: Case, city: City) -> int:
        """By class: information, or else by category plain or examination."""
        complaint = session.get(Complaint, case.id)
        return class_days(city, complaint.klass if complaint else "", case.category)

    def assignable_units(
        self, session: Session, case: Case, city: City, on: date
    ) -> tuple[Unit, ...]:
        """The units meant for the category and place, without the one complained about."""
        fitting = city.assignable_units(case.category, case.district, on)
        complaint = session.get(Complaint, case.id)
        about = complaint.about_unit if complaint else None
        return tuple(unit for unit in fitting if unit.code != about)

    def publish(self, session: Session, case: Case, city: City, now: datetime) -> None:
        """Keep search and map to what the public may see now."""
        complaint = session.get(Complaint, case.id)
        if complaint is None or not is_readable(case):
            database.forget_words(session, case.id)
            database.forget_place(session, case.id)
            return
        words = f"{self.title(case, city).id} {complaint.public_text} {complaint.public_landmark}"
        database.index_words(session, case.id, stems(words))
        if place := publicity.place_of(case):
            database.set_place(session, case.id, *place)

    def mask(self, session: Session, case: Case, words: Sequence[str]) -> int:
        """Hide words in the public copies of text and landmark."""
        complaint = session.get_one(Complaint, case.id)
        text = redact(complaint.public_text, words)
        place = redact(complaint.public_landmark, words)
        complaint.public_text, complaint.public_landmark = text.text, place.text
        return len(text.spans) + len(place.spans)

    def readable(self, case: Case) -> bool:
        """See ``is_readable``."""
        return is_readable(case)

    def written(self, session: Session, case: Case) -> Written:
        """The report as it was written, and its public copy."""
        complaint = session.get_one(Complaint, case.id)
        more = {
            "klass": complaint.klass,
            "since": complaint.since,
            "about_unit": complaint.about_unit or "",
        }
        return Written(
            complaint.text,
            complaint.landmark,
            complaint.public_text,
            complaint.public_landmark,
            more,
        )

    def brief(self, session: Session, case: Case) -> Brief:
        """The words of the report with its public copy."""
        complaint = session.get_one(Complaint, case.id)
        return Brief(
            "complaints/_summary.html",
            complaint,
            complaint.public_text,
            complaint.public_landmark,
            is_readable(case),
        )

    def glimpses(self, session: Session, case_ids: Sequence[int]) -> Mapping[int, str]:
        """The public copy of the text of each complaint."""
        rows = session.execute(
            select(Complaint.case_id, Complaint.public_text).where(Complaint.case_id.in_(case_ids))
        )
        return {row.case_id: row.public_text for row in rows}

    def alike(self, session: Session, case: Case, now: datetime) -> Sequence[Alike]:
        """Open public reports of the same subject near by."""
        place = queries.Place(
            case.category,
            case.district,
            case.village_code,
            case.latitude,
            case.longitude,
        )
        text = session.get_one(Complaint, case.id).text
        found = queries.similar(session, place, text, now, apart_from=case.id)
        return [Alike(one.case, one.metres) for one in found]

    def bound_words(
        self, session: Session, case_ids: Sequence[int]
    ) -> Mapping[int, tuple[str, str]]:
        """Salt and original text of each complaint."""
        rows = session.execute(
            select(Complaint.case_id, Complaint.salt, Complaint.text).where(
                Complaint.case_id.in_(case_ids)
            )
        )
        return {case_id: (salt, text) for case_id, salt, text in rows}

    def fresh(
        self,
        session: Session,
        city: City,
        search: Mapping[str, str],
        since: datetime,
        until: datetime,
    ) -> Sequence[int]:
        """See ``app.complaints.searches``."""
        return searches.fresh(session, city, search, since, until)

    def search_words(self, search: Mapping[str, str], city: City) -> str:
        """See ``app.complaints.searches``."""
        return searches.words_of(search, city)

    def erase(self, session: Session, case: Case) -> None:
        """The original words go; the public copy stays where the public could already read it."""
        complaint = session.get_one(Complaint, case.id)
        if not is_readable(case):
            complaint.public_text = complaint.public_landmark = ""
        complaint.text, complaint.landmark = complaint.public_text, complaint.public_landmark
        complaint.salt = ""


def class_days(city: City, klass: str, category_slug: str) -> int:
    """Working days a complaint may take."""
    days = city.promises.class_days
    if klass == INFORMATION:
        return days["information"]
    return days[city.category(category_slug).deadline]


COMPLAINTS = ComplaintKind()
