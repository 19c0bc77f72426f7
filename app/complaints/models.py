"""What a complaint holds beyond its case: the words, and the copy the public may read."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.models import Case
from app.core.database import Base


class Complaint(Base):
    """The report as it was written and its redacted copy."""

    __tablename__ = "complaint"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    klass: Mapped[str] = mapped_column(String(12))  # pengaduan, aspirasi, informasi
    text: Mapped[str] = mapped_column(Text)
    public_text: Mapped[str] = mapped_column(Text)
    landmark: Mapped[str] = mapped_column(String(300), default="")
    public_landmark: Mapped[str] = mapped_column(String(300), default="")
    since: Mapped[str] = mapped_column(String(20), default="")  # today, week, month, longer
    salt: Mapped[str] = mapped_column(String(32))  # binds the text to its first event
    about_unit: Mapped[str | None] = mapped_column(String(40))  # the office complained about

    case: Mapped[Case] = relationship(lazy="joined", innerjoin=True)
