"""What a page shows of a case's promise: leaf, tags, clock and one shoot per working day.

Built from plain dates, without Flask or the database; the macros in templates/components draw it.
All dates are the city's local dates; `today` is handed in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from app.civic.working_days import Calendar
from app.core.i18n import _, _n
from app.core.status_look import STATUS, LeafTone, Tone

PER_ROW = 20
MOST_SHOOTS = 5 * PER_ROW
STEP, GAP, ROW = 10, 6, 24
KEPT = frozenset({"closed", "issued"})
"""States in which a promise was kept or missed."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the wall calendar: a date with the word that says what it is."""

    date: date
    word: str
    tone: LeafTone = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A status: icon and word, never colour alone."""

    icon: str
    word: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line under the clock: a text, a local day or an instant."""

    label: str
    text: str = ""
    day: date | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shoots:
    """The row of bamboo shoots: its SVG size and one path per class, in the order to paint."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClockView:
    """The promise clock: who holds a case, since when, until when, how far the days have run."""

    leaf: Leaf | None
    tag: Tag | None
    before: str
    now: str
    late: bool
    shoots: Shoots | None
    note: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One case in a list; `said` is the beginning of its words, where they may be read."""

    url: str
    title: str
    place: str
    number: str
    holder: str
    holder_word: str
    leaf: Leaf | None
    tags: tuple[Tag, ...]
    supporters: int = 0
    age: str | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored photo as the page shows it; the size in pixels keeps its place while it loads.

    `full` is the address of the same photo in full size, if it can be opened.
    """

    url: str
    alt: str
    caption: str = ""
    width: int = 640
    height: int = 480
    full: str = ""


@dataclass(frozen=True, slots=True)
class EventView:
    """One entry of a case's history, in the words of the reader."""

    icon: str
    title: str
    at: datetime
    by: str = ""
    text: str = ""
    pictures: Sequence[Picture] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """What must be known of a case to draw its promise.

    `start` is day 0 of the promise and `due` its last day. `ended` is the day the work ended: the
    unit's last answer, or the day the case was closed, refused or passed on. `mine` is true on the
    reporter's own page. The names fill the state's word; ``holder`` and ``you`` are what whoever
    brought it is called there and on their own page.
    """

    state: str
    today: date
    due: date | None = None
    start: date | None = None
    ended: date | None = None
    mine: bool = False
    unit: str = ""
    agency: str = ""
    target: str = ""
    holder: str = ""
    you: str = ""

    @property
    def word(self) -> str:
        """The state in words, with the unit, body or report it names."""
        names = {"unit": self.unit, "agency": self.agency, "target": self.target}
        return str(STATUS[self.state].word) % names

    @property
    def late(self) -> bool:
        """Tell whether the city's promise is over: computed, never stored."""
        return self._city_due is not None and self._city_due < self.today

    @property
    def due_today(self) -> bool:
        """Tell whether today is the last day of the city's promise."""
        return self._city_due == self.today

    @property
    def _city_due(self) -> date | None:
        return self.due if STATUS[self.state].clock == "city" else None


def leaf_of(promise: Promise) -> Leaf | None:
    """The date a case stands for: what is promised, what was missed, or when it ended."""
    look = STATUS[promise.state]
    day = promise.ended if look.clock == "none" else promise.due
    if day is None or look.leaf is None:
        return None
    if promise.late:
        return Leaf(day, _("Lewat"), "late")
    if promise.mine and look.clock == "reporter":
        return Leaf(day, _("Sampai"))
    return Leaf(day, str(look.leaf), look.leaf_tone)


def tags_of(promise: Promise, calendar: Calendar) -> tuple[Tag, ...]:
    """The status of a case for a list: what presses first, then the state."""
    look = STATUS[promise.state]
    if promise.state in KEPT:
        return (_closing_tag(promise, calendar),)
    state = Tag(look.icon, str(look.brief), look.tone)
    pressing = pressing_tag(promise, calendar)
    return (pressing, state) if pressing else (state,)


def pressing_tag(promise: Promise, calendar: Calendar) -> Tag | None:
    """The second tag beside the state: late by so many working days, or due today."""
    if promise.late:
        return Tag("late", _late_words(promise, calendar), "late")
    if promise.due_today:
        return Tag("due", _("Batas waktu hari ini"), "wait")
    return None


def state_tag(promise: Promise) -> Tag:
    """The state itself with its whole word, for the page of one case."""
    look = STATUS[promise.state]
    late = promise.state in KEPT and _missed(promise)
    return Tag("late" if late else look.icon, promise.word, "late" if late else look.tone)


def row_of(
    promise: Promise,
    calendar: Calendar,
    *,
    url: str,
    title: str,
    place: str,
    number: str,
    holder: str,
    supporters: int = 0,
    age_days: int | None = None,
    said: str = "",
) -> RowView:
    """A case as one row of a list; `holder` (a unit's name) counts while the city holds it."""
    return RowView(
        url=url,
        title=title,
        place=place,
        number=number,
        holder=_holder(promise, holder),
        holder_word=_holder_word(promise),
        leaf=leaf_of(promise),
        tags=tags_of(promise, calendar),
        supporters=supporters,
        age=None if age_days is None else age_words(age_days),
        said=said,
    )


def clock_of(
    promise: Promise,
    calendar: Calendar,
    *,
    holder: str,
    since: datetime | None = None,
    age_days: int | None = None,
    before: str = "",
    now: str = "",
    note: str = "",
    more: Sequence[Fact] = (),
) -> ClockView:
    """The promise clock of a case.

    `holder` is the unit's name, read only while the city holds the case; `since` the instant it
    took it. `before` stands in place of the state on a page without a case yet, such as the filing
    form; `now` and `note` replace the computed line and caption; `more` facts follow the usual.
    """
    reached = promise.ended or promise.today
    drawn = caption = None
    stopped = promise.state in {"needs_info", "needs_fix", "fee_set"}
    if promise.start and promise.due and not stopped:
        mark = promise.ended is None
        drawn = shoots(calendar, promise.start, promise.due, reached, mark=mark)
        caption = drawn and _caption(promise, calendar)
    facts = [Fact(_holder_word(promise), _holder(promise, holder)), *_dates(promise, since)]
    if age_days is not None:
        facts.append(Fact(_("Umur"), age_words(age_days)))
    return ClockView(
        leaf=leaf_of(promise),
        tag=None if before else state_tag(promise),
        before=before,
        now=now or now_words(promise, calendar),
        late=promise.late,
        shoots=drawn,
        note=note or caption or "",
        facts=(*(fact for fact in facts if fact.text or fact.day or fact.at), *more),
    )


def shoots(
    calendar: Calendar, start: date, due: date, reached: date, *, mark: bool = True
) -> Shoots | None:
    """Draw one bamboo shoot per working day after `start`, to `due` or beyond it to `reached`.

    Days up to `reached` are filled, days to come outlined, the promised day tall and gold, days
    past it upside down; `mark` underlines `reached`. Days off leave a gap. At most MOST_SHOOTS are
    drawn: the caption says the true number. None when no working day lies between.
    """
    paths = dict.fromkeys(("gone", "left", "due", "over"), "")
    x = y = width = 0
    previous = start
    for i, day in enumerate(islice(_working_days(calendar, start, max(due, reached)), MOST_SHOOTS)):
        if i % PER_ROW == 0:
            x, y = 1, ROW * (i // PER_ROW)
        else:
            x += STEP + (GAP if (day - previous).days > 1 else 0)
        kind = _kind(day, due, reached)
        paths[kind] += _SHAPES[kind].format(x=x, y=y + _BASE[kind])
        if mark and day == reached:
            paths["gone"] += f"M{x} {y + 20}h8v2h-8z"
        width = max(width, x + STEP)
        previous = day
    drawn = tuple((kind, d) for kind, d in paths.items() if d)
    return Shoots(width, y + ROW - 1, drawn) if drawn else None


_UPRIGHT = "M{x} {y}l4-12 4 12z"
_SHAPES = {
    "gone": _UPRIGHT,
    "left": _UPRIGHT,
    "due": "M{x} {y}l4-17 4 17z",
    "over": "M{x} {y}h8l-4 12z",
}
_BASE = {"gone": 18, "left": 18, "due": 18, "over": 6}


def _kind(day: date, due: date, reached: date) -> str:
    if day == due:
        return "due"
    if day > due:
        return "over"
    return "gone" if day <= reached else "left"


def _working_days(calendar: Calendar, start: date, end: date) -> Iterator[date]:
    day = start
    while day < end:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            yield day


def age_words(days: int) -> str:
    """An age in days, in words."""
    return _n("%(n)s hari", "%(n)s hari", days, n=days) if days else _("hari ini")


def now_words(promise: Promise, calendar: Calendar) -> str:
    """The one line that says where the promise stands."""
    if promise.late:
        return _late_words(promise, calendar)
    if promise.due_today:
        return _("Batas waktu hari ini")
    if promise.state in KEPT:
        return _kept_words(promise, calendar)
    return _turn_words(promise) or _left_words(promise, calendar)


def _turn_words(promise: Promise) -> str:
    """The line of a state in which the city's clock stands still."""
    if promise.state == "needs_info":
        if promise.mine:
            return _("Kami perlu satu jawaban dari Anda")
        return _("Menunggu keterangan tambahan dari pelapor.").removesuffix(".")
    if promise.state == "answered":
        return _("Giliran Anda menilai") if promise.mine else _("Giliran pelapor menilai")
    if promise.state == "rejected":
        return _("Laporan ini tidak dapat kami proses")
    if promise.state == "referred":
        return _("Ini urusan %(agency)s", agency=promise.agency)
    if promise.state == "merged":
        return _("Masalah yang sama sudah ditangani di %(target)s", target=promise.target)
    if promise.state == "withdrawn":
        return _("Anda mencabut laporan ini") if promise.mine else _("Dicabut pelapor")
    return _request_turn(promise)


def _request_turn(promise: Promise) -> str:
    """The same for the states of requests."""
    if promise.state == "needs_fix":
        return _("Kami perlu perbaikan dari Anda") if promise.mine else _("Menunggu perbaikan")
    if promise.state == "fee_set":
        return _("Menunggu pembayaran Anda") if promise.mine else _("Menunggu pembayaran")
    if promise.state == "refused":
        return _("Permohonan ini ditolak")
    if promise.state == "cancelled":
        return _("Permohonan ini tidak diproses lagi")
    return ""


def _left_words(promise: Promise, calendar: Calendar) -> str:
    if promise.due is None:
        return promise.word
    days = calendar.between(promise.today, promise.due)
    if promise.state == "submitted" and promise.start == promise.today:
        return _n(
            "Diperiksa dalam %(days)s hari kerja",
            "Diperiksa dalam %(days)s hari kerja",
            days,
            days=days,
        )
    return _n("Sisa %(days)s hari kerja", "Sisa %(days)s hari kerja", days, days=days)


def _late_words(promise: Promise, calendar: Calendar) -> str:
    """How late: a promise missed over a weekend is late, but by no working day yet."""
    days = calendar.between(promise.due or promise.today, promise.today)
    if not days:
        return _("Lewat batas waktu")
    return _n("Lewat %(days)s hari kerja", "Lewat %(days)s hari kerja", days, days=days)


def _missed(promise: Promise) -> bool:
    return bool(promise.ended and promise.due and promise.ended > promise.due)


def _kept_words(promise: Promise, calendar: Calendar) -> str:
    if promise.ended is None or promise.due is None:
        return _("Laporan ini selesai") if promise.state == "closed" else promise.word
    days = calendar.between(promise.ended, promise.due)
    if _missed(promise) and not days:
        return _("Selesai, lewat batas waktu")
    if _missed(promise):
        return _n(
            "Selesai, terlambat %(days)s hari kerja",
            "Selesai, terlambat %(days)s hari kerja",
            -days,
            days=-days,
        )
    if not days:
        return _("Ditepati pada hari janji")
    return _n(
        "Ditepati, %(days)s hari kerja lebih cepat",
        "Ditepati, %(days)s hari kerja lebih cepat",
        days,
        days=days,
    )


def _closing_tag(promise: Promise, calendar: Calendar) -> Tag:
    if promise.due is None or promise.ended is None:
        return Tag("done", str(STATUS[promise.state].word), "done")
    if _missed(promise):
        return Tag("late", _kept_words(promise, calendar), "late")
    return Tag("done", _kept_words(promise, calendar), "done")


def _caption(promise: Promise, calendar: Calendar) -> str:
    """The shoots in words, for those who do not see them."""
    if promise.start is None or promise.due is None:
        return ""
    total = calendar.between(promise.start, promise.due)
    day = calendar.between(promise.start, promise.ended or promise.today)
    legend = _("Satu pucuk satu hari kerja. Kuning hari janji.")
    if promise.ended and day < 1:
        return _("Selesai pada hari yang sama.")
    if promise.ended:
        return _("Selesai pada hari kerja ke-%(day)s dari %(total)s.", day=day, total=total)
    if promise.late:
        told = _("Hari kerja ke-%(day)s dari %(total)s yang dijanjikan.", day=day, total=total)
        return f"{told} {legend} {_('Terbalik: lewat janji.')}"
    if day < 1:
        return legend
    told = _("Hari kerja ke-%(day)s dari %(total)s.", day=day, total=total)
    if total > PER_ROW:
        return f"{told} {_('Libur dan cuti bersama tidak dihitung.')}"
    return told


def _holder(promise: Promise, unit: str) -> str:
    if STATUS[promise.state].clock == "reporter":
        return promise.you if promise.mine else promise.holder
    return unit


def _holder_word(promise: Promise) -> str:
    return _("Dikerjakan") if promise.state in KEPT else _("Di tangan")


def _dates(promise: Promise, since: datetime | None) -> list[Fact]:
    clock = STATUS[promise.state].clock
    if clock == "none":
        ended = Fact(str(STATUS[promise.state].leaf or promise.word), day=promise.ended)
        return [ended, Fact(_("Batas waktu"), day=promise.due)]
    until = _("Sampai") if clock == "reporter" else _("Batas waktu")
    return [Fact(_("Sejak"), at=since), Fact(until, day=promise.due)]
