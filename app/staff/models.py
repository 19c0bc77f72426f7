"""Staff accounts and their sign-in sessions."""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, UTCDateTime
from app.staff.catalogue import INVITE, INVITED_HASH, LINK_LIFETIMES


class Staff(Base):
    """A member of staff. Accounts are disabled, never deleted: events name them."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), default="")
    role: Mapped[str] = mapped_column(String(20))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    language: Mapped[str] = mapped_column(String(2), default="id")
    password_hash: Mapped[str] = mapped_column(String(255))
    password_changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    digest_sent_on: Mapped[str | None] = mapped_column(String(10))
    demo: Mapped[bool] = mapped_column(default=False)

    @property
    def invited_until(self) -> datetime | None:
        """The end of the invitation; None once the owner has a password."""
        if not self.password_hash.startswith(INVITED_HASH):
            return None
        return self.password_changed_at + LINK_LIFETIMES[INVITE]


class StaffSession(Base):
    """A signed-in browser. Deleting the row ends it at once; the cookie holds only the token."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    device: Mapped[str] = mapped_column(String(80), default="")

    staff: Mapped[Staff] = relationship()

    __table_args__ = (Index("ix_staff_session_expires_at", "expires_at"),)

    @staticmethod
    def hash_of(token: str) -> str:
        """What is kept of a token: 256 random bits need no salt and no slow hash."""
        return hashlib.sha256(token.encode()).hexdigest()


class KnownDevice(Base):
    """A coarse kind of device an account has signed in from, so that a new one can be announced."""

    __tablename__ = "known_device"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(String(80), primary_key=True)
