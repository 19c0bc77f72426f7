"""What the public page of one report shows, and no more than everybody may know.

Text, photos and name stand on it once a verifier has passed the report on, and not of one that was
refused or withdrawn. Of a rahasia report it shows number, kecamatan, month and state, always.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.cases import actions, publicity
from app.cases import queries as case_queries
from app.cases.events import ANYBODY
from app.cases.lifecycle import NotAllowed
from app.cases.models import Attachment, Case, Event
from app.cases.showing import (
    HIDDEN_NUMBER,
    clock_view,
    history,
    marked,
    picture,
    promise_of,
    target_of,
    title_of,
)
from app.civic.promises import local_date
from app.civic.redaction import redact
from app.complaints import listing
from app.complaints.lifecycle import LIFECYCLE
from app.complaints.listing import NAMES, Report
from app.complaints.readable import is_readable
from app.complaints.showing import confidential_tag, confidential_title, row_view
from app.core.i18n import _, date_long, date_plain, month_year, tr
from app.core.promise_view import ClockView, EventView, Picture, Promise, RowView, Tag
from app.core.vault import Vault
from app.places.facts import Category, City


@dataclass(frozen=True)
class Confidential:
    """The page of a rahasia report: everything the public may know."""

    number: str
    title: str
    month: str
    tag: Tag


def confidential_page(case: Case, city: City) -> Confidential:
    """The page of a rahasia report."""
    return Confidential(
        case.number,
        confidential_title(case, city),
        month_year(case.created_at),
        confidential_tag(case),
    )


@dataclass(frozen=True)
class PublicPage:
    """The page of any other report."""

    case: Case
    title: str
    category: Category
    place: str
    district_url: str
    clock: ClockView
    sentence: str
    warning: EventView | None  # the last time it went up because nobody answered
    readable: bool
    text: Markup
    landmark: Markup
    reporter: str
    before: Picture | None
    after: Picture | None
    pictures: Sequence[Picture]
    withheld: int
    events: Sequence[EventView]
    related: Sequence[RowView]
    may_support: bool
    may_follow: bool
    target: str  # number of the report it was merged into
    ombudsman: bool  # late or disputed: there is somewhere else to turn to
    share_url: str


def public_page(
    session: Session, vault: Vault, city: City, report: Report, now: datetime, address: str
) -> PublicPage:
    """The page of a report that is not rahasia; ``address`` is its own, in full."""
    case, complaint = report
    today = local_date(now, city.zone)
    events = case_queries.events_of(session, case, public_only=True)
    promise = promise_of(case, city, today)
    readable, told = is_readable(case), history(events, case, city, audience="public")
    photos = _Photos.of(case, city, events)
    title = title_of(case, city)
    return PublicPage(
        case=case,
        title=title,
        category=city.category(case.category),
        place=_place(case, city),
        district_url=_district_url(case),
        clock=clock_view(case, city, now),
        sentence=_sentence(case, promise, city),
        warning=_warning(told, case) if promise.late else None,
        readable=readable,
        text=marked(complaint.public_text if readable else ""),
        landmark=marked(complaint.public_landmark if readable else ""),
        reporter=_reporter(case, vault),
        before=photos.before,
        after=photos.after,
        pictures=photos.others,
        withheld=photos.withheld,
        events=told,
        related=[row_view(one, city, today) for one in listing.related(session, case)],
        may_support=_may_support(case, city, today),
        may_follow=may_follow(case),
        target=_link_to(case),
        ombudsman=promise.late or case.state == "disputed",
        share_url=f"https://wa.me/?text={quote(f'{title} {address}')}",
    )


def _link_to(case: Case) -> str:
    """Number of the report it was merged into, if everybody may know which."""
    number = target_of(case) if case.state == "merged" else ""
    return "" if number == HIDDEN_NUMBER else number


def _place(case: Case, city: City) -> str:
    district = city.district(case.district).name
    return f"{city.village(case.village_code).name}, {district}" if case.village_code else district


def _district_url(case: Case) -> str:
    values: dict[str, Any] = {NAMES["district"]: case.district}
    return url_for("complaints.index", **values)


def _warning(told: Sequence[EventView], case: Case) -> EventView | None:
    return next((event for event in told if event.late and event.at >= case.state_since), None)


def _may_support(case: Case, city: City, today: date) -> bool:
    try:
        row = LIFECYCLE.step("support", case.state)
    except NotAllowed:
        return False
    return actions.allowed(row, case, ANYBODY, city, today)


def may_follow(case: Case) -> bool:
    """Whether mails about a report can be asked for: everybody may read it, and it goes on."""
    return is_readable(case) and case.closed_at is None


def _reporter(case: Case, vault: Vault) -> str:
    """Who wrote it, as far as they want it known; a name is text too and waits for the verifier."""
    if case.visibility == "anonim":
        return _("oleh pelapor anonim")
    contact = case.contact
    if contact and contact.show_name and contact.name and is_readable(case):
        return _("oleh %(field)s", field=redact(vault.decrypt(contact.name)).text)
    return _("nama pelapor tidak ditampilkan")


# ---------------------------------------------------------------- photos


@dataclass(frozen=True)
class _Photos:
    """The photos everybody may see: one from before the work, one from after it, and the others."""

    before: Picture | None
    after: Picture | None
    others: Sequence[Picture]
    withheld: int

    @classmethod
    def of(cls, case: Case, city: City, events: Sequence[Event]) -> "_Photos":
        shown = publicity.by_events(case, events)
        if not shown.readable:
            return cls(None, None, (), 0)
        messages = {event.message.id: event.message for event in events if event.message}

        def seen(role: str) -> list[Attachment]:
            return [
                photo
                for photo in case.attachments
                if photo.role == role
                and (photo.message_id is None or photo.message_id in messages)
                and shown.shows_photo(photo, messages.get(photo.message_id or 0))
            ]

        reported = [
            replace(picture(photo, "public"), alt=_photo_words(case, city, n))
            for n, photo in enumerate(seen("report"), 1)
        ]
        done = [picture(photo, "public") for photo in seen("after")]
        before = reported[0] if reported else None
        after = replace(done[-1], alt=_after_words(case, city)) if done else None
        others = reported[1:]
        hidden = [photo for photo in case.attachments if photo.hidden and photo.role == "report"]
        return cls(before, after, others, len(hidden))


def _photo_words(case: Case, city: City, n: int) -> str:
    place = city.village(case.village_code) if case.village_code else None
    return _(
        "Foto %(n)s dari pelapor: %(category)s di %(kelurahan)s",
        n=n,
        category=tr(city.category(case.category).name),
        kelurahan=(place or city.district(case.district)).name,
    )


def _after_words(case: Case, city: City) -> str:
    unit = tr(city.unit(case.unit_code).short) if case.unit_code else ""
    return _("Foto %(n)s dari %(unit)s setelah pekerjaan", n=1, unit=unit)


# ---------------------------------------------------------------- one sentence on where it stands


def _sentence(case: Case, promise: Promise, city: City) -> str:
    """Where the report stands, who holds it, and until when."""
    words = _late_words(case, promise) if promise.late else _words(case, promise)
    day = local_date(case.state_since, city.zone)
    since = local_date(case.unit_since, city.zone) if case.unit_since else day
    reason = city.reject_reason(case.close_reason) if case.close_reason else None
    return words % {
        "unit": tr(city.unit(case.unit_code).short) if case.unit_code else "",
        "agency": promise.agency,
        "target": promise.target,
        "since": date_plain(since),
        "date": date_plain(day),
        "due_date": date_long(case.due_on) if case.due_on else "",
        "confirm_days": city.promises.confirm_days,
        "reason": tr(reason.label) if reason else "",
    }


def _words(case: Case, promise: Promise) -> str:
    if case.state == "closed":
        return _closed_words(case)
    return {
        "submitted": _(
            "Laporan sudah masuk dan sedang diperiksa. Isi dan foto tampil setelah pemeriksaan."
        ),
        "needs_info": _("Menunggu keterangan tambahan dari pelapor."),
        "assigned": _(
            "Di tangan %(unit)s sejak %(since)s. Jawaban pertama paling lambat %(due_date)s."
        ),
        "in_progress": _("Sedang dikerjakan %(unit)s. Selesai paling lambat %(due_date)s."),
        "answered": _(
            "%(unit)s menyatakan sudah selesai. Menunggu tanggapan pelapor sampai %(close_on)s."
        ).replace("%(close_on)s", "%(due_date)s"),
        "disputed": _(
            "Pelapor menyatakan belum selesai. %(unit)s menjawab paling lambat %(due_date)s."
        ),
        "rejected": f"{_('Tidak dapat diproses. Isi tidak ditampilkan.')}"
        f" {_('Alasannya: %(reason)s')}.",
        "referred": _("Diteruskan ke %(agency)s pada %(date)s, karena %(agency)s yang berwenang."),
        "merged": _("Digabung dengan laporan %(target)s."),
        "withdrawn": _("Dicabut pelapor pada %(date)s."),
    }[promise.state]


def _closed_words(case: Case) -> str:
    if case.close_reason == "incomplete":
        return _("Ditutup karena tidak dilengkapi, %(date)s") + "."
    return {
        "reporter": _("Selesai menurut pelapor, %(date)s"),
        "clock": _(
            "Selesai otomatis setelah %(confirm_days)s hari kerja tanpa tanggapan, %(date)s"
        ),
        "staff": _("Ditutup petugas dengan alasan, %(date)s"),
    }[case.closed_by or "staff"] + "."


def _late_words(case: Case, promise: Promise) -> str:
    return {
        "submitted": _("Kami terlambat memeriksa laporan ini. Maaf."),
        "assigned": _("%(unit)s belum menjawab sejak %(since)s") + ".",
        "in_progress": _("%(unit)s belum menyelesaikannya. Batas waktunya %(due_date)s."),
        "disputed": _(
            "Pelapor menyatakan belum selesai. %(unit)s belum menjawab; batas waktunya"
            " %(due_date)s."
        ),
    }[promise.state]
