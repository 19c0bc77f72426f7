"""Made-up complaints with whole histories, through the same actions the pages call.

Report *i* depends on the grammar's seed and *i* alone, so that running twice makes nothing
twice. Silence and lateness belong in it: a city without them would teach nothing. Every report
carries the demo mark.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.cases import queries as case_queries
from app.cases.actions import Given, take
from app.cases.events import THE_CLOCK, THE_HOLDER, Actor, by
from app.cases.kinds import kind_of
from app.cases.models import Case
from app.cases.recount import recount
from app.civic.promises import local_date
from app.complaints.actions import Draft, file
from app.complaints.demo_grammar import Grammar, Place
from app.complaints.demo_photos import picture
from app.complaints.models import Complaint
from app.core import database
from app.core.files import FileStore
from app.core.i18n import date_plain
from app.core.photos import StoredPhoto, store
from app.core.vault import Vault
from app.places.facts import City, District, Village
from app.staff.models import Staff

MARK = "demo"  # file of the instance folder while made-up reports are there
DAYS_BACK = 730
RECENT_SHARE, RECENT_DAYS = 0.55, 28  # use grew: half came in the last four weeks
WEEKDAYS = (22, 18, 17, 16, 15, 7, 5)  # Mondays lead
VISIBILITY = {"publik": 0.80, "anonim": 0.15, "rahasia": 0.05}
HIDDEN_VISIBILITY = {"anonim": 0.3, "rahasia": 0.7}  # where publik is not offered
OUTCOMES = {"answered": 0.86, "merged": 0.06, "referred": 0.04, "rejected": 0.03, "withdrawn": 0.01}
LATE_SHARE, SILENT_SHARE, RETURN_SHARE, DISPUTE_SHARE = 0.12, 0.05, 0.04, 0.08
PHOTO_SHARE = 0.25  # of the reports that have a drawing
PIN_SHARE, PIN_SPREAD = 0.6, 0.012  # degrees around the centre of the kecamatan
REASONS = ("tidak_jelas", "terlalu_umum", "tidak_lengkap", "bukan_pelayanan_publik")


@dataclass(frozen=True)
class Crew:
    """The made-up staff that answer."""

    verifier: Staff
    officers: dict[str, Staff]


@dataclass
class Story:
    """One report on its way through the lifecycle, until the story reaches the present."""

    session: Session
    city: City
    crew: Crew
    grammar: Grammar
    dice: Random
    case: Case
    clock: datetime
    until: datetime
    files: FileStore
    pictured: bool

    def wait(self, least: int, most: int) -> bool:
        """Let some working days pass; False when that would be after the present."""
        day = local_date(self.clock, self.city.zone)
        day = self.city.calendar.add(day, self.dice.randint(least, most))
        moment = _office_hour(self.dice, day, self.city)
        self.clock = max(moment, self.clock + timedelta(minutes=self.dice.randint(20, 200)))
        return self.clock < self.until

    def do(self, name: str, actor: Actor, given: Given | None = None) -> None:
        """Make a move or do an action now."""
        given = given or Given()
        take(self.session, self.case, name, actor, given, self.city, self.clock)

    @property
    def verifier(self) -> Actor:
        """Who verifies."""
        return by(self.crew.verifier)

    @property
    def officer(self) -> Actor:
        """Who answers for the unit that holds the report."""
        return by(self.crew.officers[self.case.unit_code or ""])

    def words(self, kind: str = "progress") -> Given:
        """An answer of the unit."""
        today = local_date(self.clock, self.city.zone)
        promised = self.city.calendar.add(today, self.dice.randint(2, 6))
        unit = self.city.unit(self.case.unit_code).name.id if self.case.unit_code else "kami"
        names = {"unit": unit, "tgl_dekat": date_plain(today), "tgl_janji": date_plain(promised)}
        text = self.grammar.answer(self.dice, self.case.category, names, kind)
        return Given(words=text)

    def done(self) -> Given:
        """The unit's final answer, with a picture where the report had one."""
        photos = _photos(self.files, self.case.category, self.dice, after=True)
        return replace(self.words(), photos=photos if self.pictured else ())


# ---------------------------------------------------------------- making


def reports(
    session: Session,
    vault: Vault,
    city: City,
    crew: Crew,
    grammar: Grammar,
    files: FileStore,
    count: int,
    until: datetime,
) -> Iterator[bool]:
    """Make reports in the order they came in; yields whether each was new. Only flushes."""
    births = sorted((_birth(grammar.dice("birth", i), city, until), i) for i in range(count))
    for born, i in births:
        key = _form_key(grammar, i)
        if case_queries.by_form_key(session, vault, key) is not None:
            yield False
            continue
        dice = grammar.dice("report", i)
        draft = _draft(grammar, dice, city, local_date(born, city.zone))
        pictured = draft.visibility != "rahasia" and dice.random() < PHOTO_SHARE
        photos = _photos(files, draft.category_slug, dice, after=False) if pictured else ()
        case = file(session, vault, city, draft, key, photos, born, demo=True)
        _live(Story(session, city, crew, grammar, dice, case, born, until, files, pictured))
        session.flush()
        yield True


def _photos(
    files: FileStore, category: str, dice: Random, *, after: bool
) -> tuple[StoredPhoto, ...]:
    drawn = picture(category, after, dice)
    return (store(files, drawn),) if drawn else ()


def _form_key(grammar: Grammar, i: int) -> str:
    digest = hashlib.sha256(f"demo/{grammar.rules['meta']['seed']}/{i}".encode()).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _birth(dice: Random, city: City, until: datetime) -> datetime:
    recent = dice.random() < RECENT_SHARE
    back = dice.randint(0, RECENT_DAYS) if recent else dice.randint(RECENT_DAYS, DAYS_BACK)
    day = local_date(until, city.zone) - timedelta(days=back)
    day += timedelta(days=dice.choices(range(7), WEEKDAYS)[0] - day.weekday())
    moment = datetime.combine(day, time(dice.choice(range(6, 22)), dice.randint(0, 59)), city.zone)
    return min(moment.astimezone(UTC), until - timedelta(minutes=dice.randint(5, 600)))


def _office_hour(dice: Random, day: date, city: City) -> datetime:
    moment = time(dice.randint(8, 15), dice.randint(0, 59), dice.randint(0, 59))
    return datetime.combine(day, moment, city.zone).astimezone(UTC)


def _draft(grammar: Grammar, dice: Random, city: City, day: date) -> Draft:
    slug = dice.choices(*grammar.categories)[0]
    category = city.category(slug)
    district: District = dice.choice(city.districts)
    village: Village = dice.choice(city.villages_of(district.code))
    shares = VISIBILITY if "publik" in category.visibilities else HIDDEN_VISIBILITY
    visibility = dice.choices(list(shares), list(shares.values()))[0]
    place = Place(village.name, district.name)
    lane = dice.choice(grammar.rules["slots"]["gang"])
    draft = Draft(
        text=grammar.report(dice, slug, place),
        klass=dice.choices(("pengaduan", "aspirasi", "informasi"), (88, 7, 5))[0],
        category_slug=slug,
        visibility=visibility,
        district_code=district.code,
        village_code=village.code if dice.random() < 0.93 else None,
        landmark=grammar.fill(lane, slug, place, dice),
        since=dice.choice(("", "today", "week", "month", "longer")),
    )
    return _pinned(draft, district, city, dice) if dice.random() < PIN_SHARE else draft


def _pinned(draft: Draft, district: District, city: City, dice: Random) -> Draft:
    latitude = round(district.lat + dice.gauss(0, PIN_SPREAD / 2), 6)
    longitude = round(district.lon + dice.gauss(0, PIN_SPREAD / 2), 6)
    if not city.bounds.contains(latitude, longitude):
        return draft
    return replace(draft, latitude=latitude, longitude=longitude)


# ---------------------------------------------------------------- what becomes of a report


def _live(story: Story) -> None:
    outcome = story.dice.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    if not story.wait(0, 3 if story.dice.random() > LATE_SHARE / 2 else 6):
        return
    _ENDINGS[outcome](story)


def _withdrawn(story: Story) -> None:
    story.do("withdraw", THE_HOLDER)


def _rejected(story: Story) -> None:
    code = story.dice.choice(REASONS)
    reason = story.city.reject_reason(code).text.id
    story.do("reject", story.verifier, Given(code=code, words=reason))


def _referred(story: Story) -> None:
    own = story.city.category(story.case.category).agency_codes
    code = own[0] if own else story.dice.choice(story.city.agencies).code
    story.do("refer", story.verifier, Given(agency_code=code))


def _merged(story: Story) -> None:
    statement = (
        select(Case)
        .where(
            Case.category_slug == story.case.category,
            Case.state.in_(kind_of(story.case).lifecycle.open_states),
            Case.visibility != "rahasia",
            Case.id != story.case.id,
            Case.demo.is_(True),
        )
        .order_by(Case.district_code != story.case.district, Case.id.desc())
        .limit(1)
    )
    target = story.session.scalars(statement).first()
    if target is None:
        _answered(story)
    else:
        story.do("merge", story.verifier, Given(target=target))


def _answered(story: Story) -> None:
    if story.city.category(story.case.category).outside and story.dice.random() < 0.9:
        _referred(story)
        return
    if not _assigned(story):
        return
    if story.dice.random() < SILENT_SHARE and (not _overdue(story) or not story.wait(3, 45)):
        return
    late = story.dice.random() < LATE_SHARE
    if not story.wait(*((6, 9) if late else (0, 5))):
        return
    story.do("start", story.officer, story.words())
    if late and story.dice.random() < 0.5 and not _overdue(story):
        return
    if not story.wait(1, max(2, min(story.case.class_days, 20) - 4)):
        return
    story.do("answer", story.officer, story.done())
    _judged(story)


def _assigned(story: Story) -> bool:
    day = local_date(story.clock, story.city.zone)
    slug, district = story.case.category, story.case.district
    fitting = story.city.assignable_units(slug, district, day)
    unit = story.city.default_unit(slug, district, day) or story.dice.choice(fitting)
    story.do("assign", story.verifier, Given(unit_code=unit.code))
    if story.dice.random() < RETURN_SHARE:
        if not story.wait(1, 3):
            return False
        story.do("return", story.officer, story.words("returned"))
        if not story.wait(0, 2):
            return False
        story.do("assign", story.verifier, Given(unit_code=unit.code))
    return True


def _overdue(story: Story) -> bool:
    """What the worker says the days after a broken promise; False when the present comes first."""
    due = story.case.due_on
    grace = story.city.promises.escalation_grace_days
    if due is None or not _at_night_after(story, due):
        return False
    story.do("overdue", THE_CLOCK)
    story.case.escalation = 1
    story.case.reminded_on = due + timedelta(days=1)
    if not _at_night_after(story, story.city.calendar.add(due, grace)):
        return False
    story.case.escalation = 2
    story.do("escalate", THE_CLOCK)
    return True


def _at_night_after(story: Story, day: date) -> bool:
    """Go to five past midnight after a day, when the worker finds it over."""
    night = datetime.combine(day + timedelta(days=1), time(0, 5), story.city.zone)
    story.clock = max(story.clock, night.astimezone(UTC))
    return story.clock < story.until


def _judged(story: Story) -> None:
    if story.dice.random() < DISPUTE_SHARE:
        if not story.wait(1, 5):
            return
        code = story.dice.choice(("not_done", "partly", "broken_again", "wrong_place"))
        words = story.dice.choice(story.grammar.rules["parts"]["history"])
        story.do("dispute", THE_HOLDER, Given(code=code, words=_plain(words)))
        if not story.wait(1, 5):
            return
        story.do("answer_dispute", story.officer, story.done())
    if story.dice.random() < 0.55:
        if story.wait(0, 9):
            story.do("confirm", THE_HOLDER)
            _rated(story)
    elif story.case.due_on is not None and _at_night_after(story, story.case.due_on):
        story.do("auto_close", THE_CLOCK)


def _plain(template: str) -> str:
    """A sentence of the grammar without its slots."""
    return re.sub(r"\s*\{[^}]*\}\s*", " ", template).strip().capitalize()


def _rated(story: Story) -> None:
    if story.dice.random() < 0.4:
        rating = story.dice.choices((1, 2, 3, 4, 5), (1, 2, 5, 9, 8))[0]
        story.do("rate", THE_HOLDER, Given(rating=rating))


_ENDINGS = {
    "answered": _answered,
    "merged": _merged,
    "referred": _referred,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
}


# ---------------------------------------------------------------- removing


def remove(session: Session, city: City) -> int:
    """Take all made-up reports away whole, and their share of the figures; how many there were."""
    ids = session.scalars(select(Case.id).where(Case.demo.is_(True))).all()
    for case_id in ids:
        database.forget_words(session, case_id)
        database.forget_place(session, case_id)
    session.execute(update(Case).where(Case.demo.is_(True)).values(merged_into_id=None))
    session.execute(
        delete(Complaint).where(Complaint.case_id.in_(select(Case.id).where(Case.demo.is_(True))))
    )
    session.execute(delete(Case).where(Case.demo.is_(True)))
    recount(session, city)
    return len(ids)
