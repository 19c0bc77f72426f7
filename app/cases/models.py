"""The spine: one case for complaints and requests alike, with its events, messages and files.

Everything a list filters or sorts by stands on the ``cases`` row, so that one index serves it;
what a kind of case asks beyond that hangs beside it one to one.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Ciphertext, UTCDateTime

TO_ERASE = text("erase_asked_at IS NOT NULL AND erased_at IS NULL")


class Case(Base):
    """A matter a citizen brought: what it is, who holds it, and until when."""

    __tablename__ = "cases"  # ``case`` is a reserved word in SQL

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # complaint, or the room of a request
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    form_key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime] = mapped_column(UTCDateTime)
    visibility: Mapped[str] = mapped_column(String(10))  # publik, anonim, rahasia; pribadi
    language: Mapped[str] = mapped_column(String(2), default="id")
    channel: Mapped[str] = mapped_column(String(20), default="web")
    demo: Mapped[bool] = mapped_column(default=False)

    category_slug: Mapped[str | None] = mapped_column(ForeignKey("category.slug"))  # of complaints
    service_code: Mapped[str | None] = mapped_column(String(40))  # of requests
    district_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    village_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    unit_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    agency_code: Mapped[str | None] = mapped_column(String(40))  # outside body, when referred

    # The running promise: a local date. Lateness is computed from it, never stored.
    due_on: Mapped[date | None]
    class_days: Mapped[int]
    solve_by: Mapped[date | None]  # class time, from the first assignment
    paused_days: Mapped[int] = mapped_column(
        default=0
    )  # working days spent waiting for the reporter
    clock_left: Mapped[int | None]  # working days left on a stopped clock
    extended: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # a verifier passed it on
    assigned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # class time began
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by the unit that holds it
    answered_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime
    )  # first public reply of a unit
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # last final answer of a unit
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(10))  # reporter, clock, staff
    close_reason: Mapped[str | None] = mapped_column(String(40))  # reject code or "incomplete"
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who said no
    objection: Mapped[str | None] = mapped_column(String(10))  # open, upheld, refused: once
    # since when the reporter feels threatened and no verifier has answered
    threatened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    state_before_merge: Mapped[str | None] = mapped_column(String(20))
    supporters: Mapped[int] = mapped_column(default=0)
    rating: Mapped[int | None]
    escalation: Mapped[int] = mapped_column(default=0)  # 0 none, 1 unit head, 2 city secretariat
    reminded_on: Mapped[date | None]  # local date of the last reminder about the running promise
    erase_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    link_version: Mapped[int] = mapped_column(default=1)  # raising it revokes mailed links
    event_count: Mapped[int] = mapped_column(default=0)  # the end of its chain stands here
    last_hash: Mapped[str] = mapped_column(String(64), default="")

    merged_into: Mapped["Case | None"] = relationship(remote_side=[id])
    contact: Mapped["Contact | None"] = relationship(
        back_populates="case", cascade="all, delete-orphan"
    )
    messages: Mapped[list["Message"]] = relationship(
        back_populates="case", order_by="Message.id", cascade="all, delete-orphan"
    )
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="case", order_by="Attachment.id", cascade="all, delete-orphan"
    )

    @property
    def category(self) -> str:
        """Category of a complaint; "" of a request, which has none."""
        return self.category_slug or ""

    @property
    def district(self) -> str:
        """Kecamatan; "" of a request from elsewhere."""
        return self.district_code or ""

    # A move is one conditional UPDATE: … WHERE id = ? AND version = ?
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_cases_newest", "created_at", "id"),
        Index("ix_cases_state", "state", "created_at", "id"),
        Index("ix_cases_category", "category_slug", "created_at", "id"),
        Index("ix_cases_district", "district_code", "created_at", "id"),
        Index("ix_cases_village", "village_code", "created_at", "id"),
        Index("ix_cases_unit", "unit_code", "created_at", "id"),
        Index("ix_cases_unit_due", "unit_code", "state", "due_on", "id"),
        Index("ix_cases_state_due", "state", "due_on", "id"),
        Index("ix_cases_closed_at", "closed_at", "id"),
        Index("ix_cases_published_at", "published_at", "id"),
        Index(  # the few the worker must erase, found without reading all
            "ix_cases_to_erase", "erase_asked_at", sqlite_where=TO_ERASE, postgresql_where=TO_ERASE
        ),
    )


class Contact(Base):
    """How to reach the reporter, encrypted. Deleted on erasure; never joined into a desk list."""

    __tablename__ = "contact"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str | None] = mapped_column(Ciphertext)
    phone: Mapped[str | None] = mapped_column(Ciphertext)
    email: Mapped[str | None] = mapped_column(Ciphertext)
    # what the address is found by, there as long as the address is
    email_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    show_name: Mapped[bool] = mapped_column(default=False)

    case: Mapped[Case] = relationship(back_populates="contact")


class Event(Base):
    """Something that happened, append-only and chained by hash.

    ``facts`` is hashed and holds no personal data; texts stand in ``message`` and are bound by
    salted digest.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))  # "case:<id>" or "city"
    sequence: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))  # name of the move or action
    actor: Mapped[str] = mapped_column(String(10))  # holder, staff, clock, public
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    public: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    message: Mapped["Message | None"] = relationship(back_populates="event", uselist=False)

    __table_args__ = (
        UniqueConstraint("chain", "sequence"),
        Index("ix_event_case_id", "case_id", "id"),
        Index("ix_event_name", "name", "id"),
    )


class Seal(Base):
    """A Merkle root over the events since the last seal, chained to it; public, made every hour."""

    __tablename__ = "seal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    first_event: Mapped[int]
    last_event: Mapped[int] = mapped_column(unique=True)
    count: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Message(Base):
    """Words on a case. ``public_body`` is the redacted copy; ``audience`` says who may read it."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[str] = mapped_column(String(10))  # holder, staff, clock
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    audience: Mapped[str] = mapped_column(String(10))  # public, holder, internal
    body: Mapped[str] = mapped_column(Text)
    public_body: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))  # binds the text to its event; gone with the text

    case: Mapped[Case] = relationship(back_populates="messages")
    event: Mapped[Event] = relationship(back_populates="message")


class Attachment(Base):
    """A re-encoded photo, kept in the file store under two random names (full and thumbnail)."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(10))  # report, reply, before, after
    author: Mapped[str] = mapped_column(String(10))  # holder, staff
    key: Mapped[str] = mapped_column(String(80), unique=True)
    thumb_key: Mapped[str] = mapped_column(String(80), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]  # bytes
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the stored file
    hidden: Mapped[bool] = mapped_column(default=False)  # a verifier withheld it from the public

    case: Mapped[Case] = relationship(back_populates="attachments")


class Support(Base):
    """One "Saya juga": counted once a day and network under a hash that changes daily."""

    __tablename__ = "support"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    email: Mapped[str | None] = mapped_column(Ciphertext)
    language: Mapped[str] = mapped_column(String(2), default="id")
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("case_id", "key"),)


class Subscription(Base):
    """An address that asked for news of one case, or of what is new in a search.

    Gone with its row: one that never said yes, and one that stopped once it has been told. The
    key is a hash of address and matter, so that a second asking is the same row.
    """

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # of the case, or of those searched
    case_id: Mapped[int | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )
    search: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # without a case
    key: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(Ciphertext)
    language: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(UTCDateTime)  # asked for last
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of a search: up to here
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # Mails on their way name the row: no later one may get its number.
    __table_args__ = ({"sqlite_autoincrement": True},)


class Series(Base):
    """A growing number, such as the reports of one month; gaps are allowed."""

    __tablename__ = "series"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]


class Tally(Base):
    """How often something happened on a local day, so that figures need no count over all cases."""

    __tablename__ = "tally"

    day: Mapped[date] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]
