"""Issuing, revoking and replacing letters. Who may do so is decided by whoever calls.

Numbers have no gaps and no doubles: a series is counted from its own rows, by one transaction at a
time, and the row is written in that transaction. What is rolled back was never counted. Issue one
letter in a transaction, before anything else that is written to the city's chain of events: the
order in which both are held must be the same for everybody.
"""

import hashlib
import secrets
from dataclasses import dataclass
from dataclasses import replace as with_changes
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases.events import by, record
from app.civic.codes import CODE_BYTES, encode
from app.civic.identity import mask_name
from app.civic.promises import local_date
from app.core.database import serialise
from app.core.files import FileStore, new_key
from app.core.vault import Vault
from app.letters import paper
from app.letters.models import Letter
from app.letters.queries import PURPOSE
from app.letters.signing import Signer, SigningFailed
from app.places.facts import City, Text, Unit
from app.staff.models import Staff

ISSUED, REVOKED = "letter_issued", "letter_revoked"
SERIAL_DIGITS: Final = 4


class AlreadyRevoked(ValueError):
    """A letter is revoked once, with one reason."""


@dataclass(frozen=True)
class Content:
    """What a unit puts on paper. ``body`` is label and value, in the language of the paper."""

    unit_code: str
    service_code: str
    name: Text  # what the letter is
    holder: str
    body: tuple[tuple[str, str], ...]
    position: str  # of the officer who signs for the unit
    site: str  # address of the site
    language: Literal["id", "en"] = "id"
    valid_until: date | None = None


def issue(
    session: Session,
    vault: Vault,
    files: FileStore,
    signer: Signer,
    city: City,
    content: Content,
    officer: Staff,
    now: datetime,
) -> Letter:
    """Number a letter, draw, sign and keep its paper, and log it without personal data.

    The number is `0001/UNIT/2026`: serial, short name of the unit, year. The classification codes
    by which the city numbers its letters on paper are not known to us, so none is printed.

    Raises ValueError for an unknown unit, an empty name, or a date of validity that is over,
    ``paper.Unprintable`` for a character the font lacks, and ``SigningFailed``; then nothing was
    kept. Rolling back leaves an encrypted file that no row names, and no gap.
    """
    today = local_date(now, city.zone)
    unit = city.unit(content.unit_code)
    holder = " ".join(content.holder.split())
    if not unit.known:
        raise ValueError(f"no unit {content.unit_code!r}")
    if not holder:
        raise ValueError("a letter is issued to somebody")
    if content.valid_until is not None and content.valid_until < today:
        raise ValueError("a letter cannot end before it begins")
    series = f"{unit.code}/{today.year}"
    serial = _next(session, series)
    number = f"{serial:0{SERIAL_DIGITS}}/{unit.short_on(today).id.upper()}/{today.year}"
    code = encode(secrets.token_bytes(CODE_BYTES))
    drawn = paper.draw(
        _sheet(city, unit, with_changes(content, holder=holder), officer, number, code, today)
    )
    reason = f"{content.name.in_(content.language)} {number}"
    signed = _signed(signer, drawn, reason, city.short_name, now)
    letter = Letter(
        series=series,
        serial=serial,
        number=number,
        code_hash=vault.keyed_hash(PURPOSE, code),
        unit_code=unit.code,
        service_code=content.service_code,
        name_id=content.name.id,
        name_en=content.name.en,
        holder=vault.encrypt(holder),
        holder_masked=mask_name(holder),
        issued_at=now,
        issued_by=officer,
        valid_until=content.valid_until,
        digest=hashlib.sha256(signed).hexdigest(),
        file_key=new_key("letters"),
    )
    files.put(letter.file_key, vault.encrypt_bytes(signed))
    session.add(letter)
    session.flush()
    facts = {"letter": letter.id, "number": number, "digest": letter.digest}
    record(session, None, ISSUED, by(officer), now, facts=facts)
    return letter


def revoke(session: Session, letter: Letter, officer: Staff, reason: str, now: datetime) -> None:
    """Say that a letter is no longer good. The reason is public: it must name nobody.

    Raises AlreadyRevoked, and ValueError for an empty reason.
    """
    _revoke(session, _held(session, letter), officer, _said(reason), now, None)


def replace(
    session: Session,
    vault: Vault,
    files: FileStore,
    signer: Signer,
    city: City,
    letter: Letter,
    content: Content,
    officer: Staff,
    reason: str,
    now: datetime,
) -> Letter:
    """Issue a letter in place of another, which is revoked and names the new one.

    Raises what ``issue`` and ``revoke`` raise.
    """
    said, old = _said(reason), _held(session, letter)
    new = issue(session, vault, files, signer, city, content, officer, now)
    _revoke(session, old, officer, said, now, new)
    return new


def _next(session: Session, series: str) -> int:
    """The number after the last of a series; nobody else gets one until this transaction ends."""
    serialise(session, f"letter:{series}")
    last = session.scalar(select(func.max(Letter.serial)).where(Letter.series == series))
    return (last or 0) + 1


def _signed(signer: Signer, drawn: bytes, reason: str, place: str, now: datetime) -> bytes:
    """The paper with its signature. Raises SigningFailed, also for an answer that is no PDF."""
    signed = signer.sign(drawn, reason=reason, location=place, at=now)
    if not signed.startswith(b"%PDF-") or signed == drawn:
        raise SigningFailed(f"{signer.name} sent back no signed PDF.")
    return signed


def _sheet(
    city: City, unit: Unit, content: Content, officer: Staff, number: str, code: str, day: date
) -> paper.Sheet:
    language = content.language
    return paper.Sheet(
        language=language,
        city=city.name.in_(language),
        unit=unit.name_on(day).in_(language),
        title=content.name.in_(language),
        number=number,
        holder=content.holder,
        body=content.body,
        place=city.short_name,
        day=day,
        valid_until=content.valid_until,
        officer=officer.name,
        position=content.position,
        code=code,
        address=f"{content.site}/verifikasi",
    )


def _said(reason: str) -> str:
    if not (said := " ".join(reason.split())):
        raise ValueError("say why the letter is revoked")
    return said


def _held(session: Session, letter: Letter) -> Letter:
    """The letter as it is now, for this transaction alone. Raises AlreadyRevoked."""
    session.refresh(letter, with_for_update=True)
    if letter.revoked_at is not None:
        raise AlreadyRevoked(letter.number)
    return letter


def _revoke(
    session: Session,
    letter: Letter,
    officer: Staff,
    reason: str,
    now: datetime,
    by_letter: Letter | None,
) -> None:
    letter.revoked_at, letter.revoked_by_id, letter.revoke_reason = now, officer.id, reason
    letter.replaced_by = by_letter
    session.flush()
    facts = {"letter": letter.id, "number": letter.number}
    if by_letter is not None:
        facts["replaced_by"] = by_letter.id
    record(session, None, REVOKED, by(officer), now, facts=facts)
