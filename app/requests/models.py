"""What somebody has filled in for a service and not handed in yet, and the papers with it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Ciphertext, UTCDateTime


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
