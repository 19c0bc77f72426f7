"""What stands in a mail: every placeholder of mails.toml, made from the facts of an outbox row.

All texts are in the language spoken now, which is the reader's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import publicity
from app.cases.kinds import kind_named, kind_of
from app.cases.links import COPY_WITHIN, OWN_LIST_WITHIN, Links
from app.cases.models import Case, Message, Subscription
from app.cases.reasons import DISPUTES
from app.cases.telling import BREACH, CONFIRM, CONFIRM_WITHIN, EXPORT_READY, OWN_LIST, SEARCH_NEWS
from app.core.access import PRIVATE
from app.core.i18n import _, _n, date_long, date_short, datetime_local, language, number
from app.core.outbox import Letter
from app.core.status_look import STATUS
from app.places.facts import PLACEHOLDER, City, Text
from app.staff.catalogue import LINK_LIFETIMES, ROLES
from app.staff.links import PasswordLink

MOST_NEWS = 20
"""Reports listed in a mail of a day; the rest stand on the list."""
SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Facts:
    """Everything a mail to one reader may say. `to` is the reader's kind: reporter, staff, …

    `choice_url` is the page on which this reader starts or stops mails, `mark` binds a link to the
    address.
    """

    session: Session
    city: City
    links: Links
    letter: Letter
    to: str
    about: Case | None
    choice_url: str = ""
    mark: str = ""

    @property
    def case(self) -> Case:
        """The case the mail is about. Raises LookupError for a mail about none."""
        if self.about is None:
            raise LookupError(f"{self.letter.mail} is about no case")
        return self.about

    @property
    def is_open(self) -> bool:
        """Whether title, unit and words of the case may stand in anybody's mailbox."""
        return self.case.visibility == "publik"

    @property
    def names_unit(self) -> bool:
        """Whether the unit may: everybody asks a request of the office that gives the service."""
        return self.is_open or self.case.visibility == PRIVATE

    @cached_property
    def news(self) -> list[Case]:
        """The reports of a mail of a day, asked for once."""
        return fresh_cases(self.session, self.letter)

    def code(self, name: str) -> str:
        """A code of the row; empty when it has none."""
        return str(self.letter.values.get(name) or "")


Source = Callable[[Facts], str]


def values_of(facts: Facts, uses: Iterable[str]) -> dict[str, object]:
    """A value for each placeholder. Raises LookupError when the row lacks a fact it needs."""
    words = facts.city.words_in(language())
    return {**words, **{use: SOURCES[use](facts) for use in uses if use not in words}}


# ---------------------------------------------------------------- dates, numbers, names


def _day(name: str) -> Source:
    return lambda facts: date_long(date.fromisoformat(facts.letter.values[name]))


def _figure(name: str) -> Source:
    return lambda facts: number(facts.letter.values[name])


def _given(name: str) -> Source:
    return lambda facts: facts.code(name) or _("tidak diketahui")


def _moment(facts: Facts) -> str:
    return datetime_local(datetime.fromisoformat(facts.letter.values["datetime"]))


def _title(facts: Facts) -> str:
    return _title_of(facts.case, facts.city)


def _title_of(case: Case, city: City) -> str:
    """The title of a case as it may stand in anybody's mailbox."""
    if case.visibility != "publik":
        return str(kind_of(case).names.numbered) % {"number": case.number}
    return kind_of(case).title(case, city).in_(language())


def _role(name: str) -> Source:
    return lambda facts: _(ROLES[facts.code(name)].label)


def _unit(facts: Facts) -> str:
    code = facts.code("unit")
    if facts.about is None:
        words = facts.city.words_in(language())
        return facts.city.unit(code).short.in_(language()) if code else words["city"]
    if not code:
        return _("Verifikator kota")
    if not facts.names_unit:
        return _("dinas penanggung jawab")
    return facts.city.unit(code).short.in_(language())


def _agency(facts: Facts) -> str:
    return facts.city.agency(facts.code("agency")).name.in_(language())


def _agency_contact(facts: Facts) -> str:
    return facts.city.agency(facts.code("agency")).contact.in_(language())


# ---------------------------------------------------------------- somebody's words


def _words(facts: Facts) -> str:
    """The redacted copy of the words of this step, where the reader may have them by mail."""
    message_id = facts.letter.values.get("message")
    message = facts.session.get(Message, message_id) if message_id else None
    if message is None or message.audience == "internal":
        return ""
    among_all = facts.to in {"supporter", "subscriber"}
    if among_all and not publicity.of(facts.session, facts.case).shows(message):
        return ""
    return message.public_body if message.audience == "public" or facts.to == "reporter" else ""


def _question(facts: Facts) -> str:
    """The question the reporter has not answered: a reminder comes long after it was asked."""
    asked = select(Message.public_body).where(
        Message.case_id == facts.case.id, Message.author == "staff", Message.audience == "holder"
    )
    return facts.session.scalars(asked.order_by(Message.id.desc()).limit(1)).one()


def _reason(facts: Facts) -> str:
    """The reason chosen from a list, then the words written to it; of a breach, what leaked."""
    if facts.letter.mail == BREACH:
        return facts.code("reason")
    if facts.to != "reporter" and not facts.is_open:
        return _("Alasannya hanya ada di halaman laporan.")
    return "\n\n".join(filter(None, (_listed_reason(facts), _words(facts)))) or _(
        "Tanpa kata-kata."
    )


def _listed_reason(facts: Facts) -> str:
    code = facts.code("code")
    if not code:
        return ""
    if code in DISPUTES:
        return _(DISPUTES[code])
    return _without_gaps(facts.city.reject_reason(code).text, facts)


def _without_gaps(text: Text, facts: Facts) -> str:
    known: dict[str, str] = {}
    if facts.code("target"):
        known["target"] = facts.code("target")
    if facts.code("agency"):
        known |= {"agency": _agency(facts), "agency_contact": _agency_contact(facts)}
    return without_gaps(text, known)


def without_gaps(text: Text, known: Mapping[str, str]) -> str:
    """The text with what is known of the case, without sentences that name what is not."""
    filled = text.fill(known).in_(language())
    whole = [s for s in SENTENCE.split(filled) if not PLACEHOLDER.search(s)]
    return " ".join(whole)


def _answer(facts: Facts) -> str:
    """What there is to read: the report for an outside body, else the reply, else the new state;
    of a breach, what was done.
    """
    if facts.letter.mail == BREACH:
        return facts.code("answer")
    if facts.to == "agency":
        brief = kind_of(facts.case).brief(facts.session, facts.case)
        return "\n\n".join(filter(None, (brief.public_text, brief.public_place)))
    return _words(facts) or _state(facts)


def _state(facts: Facts) -> str:
    names = {
        "unit": _unit(facts),
        "agency": _agency(facts) if facts.code("agency") else "",
        "target": facts.code("target"),
    }
    return str(STATUS[facts.code("state")].word) % names


# ---------------------------------------------------------------- lists and links


def _lines(facts: Facts) -> str:
    if facts.letter.mail == SEARCH_NEWS:
        return _news_lines(facts)
    lines = [_line(facts, line) for line in facts.letter.values["lines"]]
    return "\n".join(lines) or _("Tidak ada yang mendesak hari ini.")


def _line(facts: Facts, line: Mapping[str, str]) -> str:
    state, due = STATUS[line["state"]].brief, date_short(date.fromisoformat(line["due_on"]))
    return f"{line['number']}, {state}, {due}: {facts.links.to('case', number=line['number'])}"


def fresh_cases(session: Session, letter: Letter) -> list[Case]:
    """The reports of a mail of a day that everybody may read still."""
    ids = letter.values.get("cases") or []
    found = session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id.desc()))
    return [case for case in found if kind_of(case).readable(case)]


def _n_of(facts: Facts) -> str:
    if facts.letter.mail == SEARCH_NEWS:
        return number(len(facts.news))
    return _figure("n")(facts)


def _news_lines(facts: Facts) -> str:
    cases = facts.news
    lines = [
        f"{_title_of(case, facts.city)}: {facts.links.to('report', number=case.number)}"
        for case in cases[:MOST_NEWS]
    ]
    if len(cases) > MOST_NEWS:
        address = f"{facts.links.to('list')}?{urlencode(_followed(facts).search)}"
        lines.append(_("Semuanya: %(url)s", url=address))
    return "\n".join(lines)


def _followed(facts: Facts) -> Subscription:
    return facts.session.get_one(Subscription, int(facts.letter.reader.partition(":")[2]))


def _query(facts: Facts) -> str:
    if facts.about is not None:
        return _("Laporan %(number)s", number=facts.case.number)
    followed = _followed(facts)
    return kind_named(followed.kind).search_words(followed.search, facts.city)


def _case_on_desk(facts: Facts) -> str:
    if facts.about is None:
        return facts.links.to("mails")
    return facts.links.to("case", number=facts.case.number)


#: How long the link of a mail works.
LIFETIMES = {
    CONFIRM: CONFIRM_WITHIN,
    EXPORT_READY: COPY_WITHIN,
    OWN_LIST: OWN_LIST_WITHIN,
    **LINK_LIFETIMES,
}


def _wait(facts: Facts) -> str:
    lifetime = LIFETIMES[facts.letter.mail]
    if lifetime > timedelta(days=1):
        return _n("%(n)s hari", "%(n)s hari", lifetime.days, n=lifetime.days)
    if lifetime < timedelta(hours=1):
        minutes = lifetime // timedelta(minutes=1)
        return _n("%(n)s menit", "%(n)s menit", minutes, n=minutes)
    hours = lifetime // timedelta(hours=1)
    return _n("%(n)s jam", "%(n)s jam", hours, n=hours)


def _link(facts: Facts) -> str:
    if facts.letter.mail == CONFIRM:
        return facts.choice_url
    if facts.letter.mail == EXPORT_READY:
        return facts.links.copy(facts.case, facts.letter.message_id)
    if facts.letter.mail == OWN_LIST:
        return facts.links.own_list(facts.letter.message_id, facts.mark)
    if facts.letter.mail in LINK_LIFETIMES:
        return facts.links.password(_password_link(facts.letter))
    return facts.links.to("account")


def _password_link(letter: Letter) -> PasswordLink:
    staff_id = int(letter.reader.partition(":")[2])
    asked_at = datetime.fromisoformat(letter.values["datetime"])
    return PasswordLink(letter.mail, staff_id, letter.values["mark"], asked_at)


SOURCES: Mapping[str, Source] = {
    **{
        name: _day(name)
        for name in (
            "verify_by", "answer_by", "solve_by", "due_date", "new_date", "close_on",
            "reopen_until", "object_until", "since", "date",
        )
    },
    **{
        name: _figure(name)
        for name in ("days", "due_today", "late", "disputed", "waiting", "new")
    },
    **{name: _given(name) for name in ("target", "device", "incident")},
    "number": lambda facts: facts.case.number,
    "datetime": _moment,
    "title": _title,
    **{name: _role(name) for name in ("role", "inviter")},
    "unit": _unit,
    "agency": _agency,
    "agency_contact": _agency_contact,
    "question": _question,
    "answer": _answer,
    "reason": _reason,
    "lines": _lines,
    "manage_url": lambda facts: facts.links.manage(facts.case),
    "public_url": lambda facts: facts.links.to("report", number=facts.case.number),
    "desk_url": _case_on_desk,
    "queue_url": lambda facts: facts.links.to("queue"),
    "link": _link,
    "n": _n_of,
    "query": _query,
    "stop_url": lambda facts: facts.choice_url,
    "wait": _wait,
}  # fmt: skip
"""Placeholder → where it comes from; the rest are the city's words."""
