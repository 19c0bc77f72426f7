"""Letters the city issued: enough to verify a paper by its code, nothing that repeats it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Ciphertext, UTCDateTime
from app.staff.models import Staff


class Letter(Base):
    """An issued letter. Never deleted: the numbers of its series are counted from these rows.

    The paper lies encrypted in the file store; it holds the code, of which only a hash stands here.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(50))  # unit code and year: "disdukcapil/2026"
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(200))  # as printed
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    service_code: Mapped[str] = mapped_column(String(40))
    name_id: Mapped[str] = mapped_column(Text)  # what it is, as it was called when issued
    name_en: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Ciphertext)
    holder_masked: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    valid_until: Mapped[date | None]  # the last local day
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the signed paper
    file_key: Mapped[str] = mapped_column(String(80), unique=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    revoke_reason: Mapped[str | None] = mapped_column(Text)  # public
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))

    issued_by: Mapped[Staff] = relationship(foreign_keys=[issued_by_id])
    replaced_by: Mapped["Letter | None"] = relationship(remote_side=[id])

    __table_args__ = (UniqueConstraint("series", "serial"),)
