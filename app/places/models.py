"""Mirrors of the city folder's codes, so that cases can refer to them; names live in the folder."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class Area(Base):
    """A kecamatan, or a kelurahan with its kecamatan as parent, by Kemendagri code."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))


class Unit(Base):
    """A unit of the city that can hold a case."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))


class Category(Base):
    """What a complaint can be about."""

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
