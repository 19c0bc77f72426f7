"""Forms on their way, and what of a request does not stand with its case."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.models import Case
from app.core.database import Base, Ciphertext, UTCDateTime
from app.letters.models import Letter


class Application(Base):
    """The answers of one form, encrypted, for whoever holds its code; gone when its time is up."""

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    room: Mapped[str] = mapped_column(String(20))
    service_code: Mapped[str] = mapped_column(String(40))
    answers: Mapped[str] = mapped_column(Ciphertext)  # JSON
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # last opened at the counter


class Paper(Base):
    """A paper of a form or of a request, kept as one encrypted file with its thumbnail."""

    __tablename__ = "paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int | None] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), index=True
    )  # until it is handed in
    case_id: Mapped[int | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )  # from then on
    slot: Mapped[str] = mapped_column(String(40))  # key of the document it was asked for as
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(4))  # jpeg or pdf
    pages: Mapped[int]
    size: Mapped[int]  # bytes, before encryption
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256, before encryption
    file_key: Mapped[str] = mapped_column(String(80), unique=True)
    thumb_key: Mapped[str] = mapped_column(String(80), unique=True)


class ServiceVersion(Base):
    """A service as its file described it when somebody asked for it.

    A request is read, checked and mended by the questions it was asked, whatever the file says now.
    """

    __tablename__ = "service_version"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the source
    room: Mapped[str] = mapped_column(String(20))
    source: Mapped[dict[str, Any]] = mapped_column(JSON)  # the file, with what its room asks


class Request(Base):
    """The part of a case that only requests have. Gone with erasure: answers and checks."""

    __tablename__ = "request"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    version_digest: Mapped[str] = mapped_column(ForeignKey("service_version.digest"))
    answers: Mapped[str | None] = mapped_column(Ciphertext)  # JSON; None once erased
    salt: Mapped[str] = mapped_column(String(32))  # of their digest in the events
    checks: Mapped[str | None] = mapped_column(Ciphertext)  # JSON: what was found of each item
    verdict: Mapped[str] = mapped_column(String(10), default="")  # right, wrong, "" while checking
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    fee: Mapped[int | None]  # rupiah
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    handed_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship()
    version: Mapped[ServiceVersion] = relationship()
    letter: Mapped[Letter | None] = relationship()
