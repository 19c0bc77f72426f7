"""Where a request of the desk stands: who asks, from which queue, and what of a case is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import request
from flask_login import current_user
from sqlalchemy.orm import Session

from app.cases import desk_queries, queries
from app.cases.actions import open_steps
from app.cases.desk_queries import PARTS, Queue
from app.cases.events import by
from app.cases.forms import Ground, possible
from app.cases.kinds import kind_of
from app.cases.lifecycle import Action, Move, Need
from app.cases.models import Case, Event
from app.civic.promises import local_date
from app.core.access import Permission, may
from app.core.clock import now
from app.core.i18n import _, tr
from app.extensions import db
from app.places.city import current_city
from app.places.facts import City, Unit
from app.staff.models import Staff

Row = Move | Action
FIRST_PART = next(iter(PARTS))


@dataclass(frozen=True)
class Suggestion:
    """The unit the city's rules propose, and the rule."""

    unit: Unit | None
    rule: str


@dataclass(frozen=True)
class Here:
    """One request of the desk."""

    session: Session
    staff: Staff
    city: City
    now: datetime
    queue: Queue

    @classmethod
    def asked(cls) -> "Here":
        """Read it from the request; what the address asks for wrongly is left out."""
        city, moment, staff = current_city(), now(), current_user.staff
        part = request.args.get("antrean", "")
        category = request.args.get("urusan", "")
        district = request.args.get("kecamatan", "")
        queue = Queue(
            staff,
            local_date(moment, city.zone),
            part if part in desk_queries.parts_for(staff) else FIRST_PART,
            category if city.category(category).known else "",
            district if city.district(district).known else "",
        )
        return cls(db.session(), staff, city, moment, queue)

    @property
    def today(self) -> date:
        """The city's local date."""
        return self.queue.today

    @property
    def back(self) -> dict[str, str]:
        """What addresses carry so that the queue one came from is not lost."""
        asked = {
            "antrean": "" if self.queue.part == FIRST_PART else self.queue.part,
            "urusan": self.queue.category,
            "kecamatan": self.queue.district,
        }
        return {name: value for name, value in asked.items() if value}

    # ------------------------------------------------------------ one case

    def case(self, typed: str, *, lock: bool = False) -> Case | None:
        """The case of this number, if this person may read it: others are not found."""
        case = queries.by_number(self.session, typed, lock=lock)
        readable = case is not None and may(self.staff, Permission.CASE_READ, case)
        return case if readable else None

    def events(self, case: Case) -> list[Event]:
        """The history of a case, oldest first, without what only verifiers may know."""
        events = queries.events_of(self.session, case, public_only=False)
        if may(self.staff, Permission.CASE_VERIFY, case):
            return list(events)
        hidden = {row.name for row in kind_of(case).lifecycle.rows() if row.verifiers_only}
        return [event for event in events if event.name not in hidden]

    def may(self, row: Row, case: Case) -> bool:
        """Whether a step is this person's to take, whatever the state."""
        return row.who in set(Permission) and may(self.staff, Permission(row.who), case)

    def open_steps(self, case: Case) -> list[Row]:
        """The steps open to this person for which there is something to give."""
        rows = open_steps(case, by(self.staff), self.city, self.today)
        return [row for row in rows if possible(self.ground(case, row))]

    def ground(self, case: Case, row: Row) -> Ground:
        """What a step's form rests on; only what it needs is looked up."""
        needs = row.needs
        masks = Need.PUBLIC_TEXT in needs
        hands_over = Need.OFFICER in needs
        units = self._assignable(case) if Need.UNIT in needs else ()
        return Ground(
            row,
            case,
            self.city,
            self.today,
            copies=self._public_copies(case) if masks else (),
            units=units,
            suggested=self._suggested(case, units),
            officers=desk_queries.officers(self.session, case.unit_code) if hands_over else (),
            find=self.case,
        )

    def suggestion(self, case: Case) -> Suggestion:
        """The unit to pass a case to, with the rule that says so."""
        category = self.city.category(case.category)
        code = self._suggested(case, self._assignable(case))
        if code:
            rule = _("Urusan “%(category)s” ditangani dinas ini.", category=tr(category.name))
        elif category.unit_code:
            rule = _("Dinas untuk urusan ini dilewati, karena laporan ini tentang dinas itu.")
        else:
            rule = _("Urusan ini tidak punya dinas tetap. Anda yang memutuskan.")
        if category.bypass_place or category.only_units:
            rule += " " + _("Kantor yang dilaporkan tidak menerima laporan ini.")
        return Suggestion(self.city.unit(code) if code else None, rule)

    def _public_copies(self, case: Case) -> list[str]:
        brief = kind_of(case).brief(self.session, case)
        replies = [one.public_body for one in case.messages if one.audience == "public"]
        return [copy for copy in (brief.public_text, brief.public_place, *replies) if copy]

    def _assignable(self, case: Case) -> Sequence[Unit]:
        return kind_of(case).assignable_units(self.session, case, self.city, self.today)

    def _suggested(self, case: Case, units: Sequence[Unit]) -> str:
        unit = self.city.default_unit(case.category, case.district, self.today)
        return unit.code if unit is not None and unit in units else ""
