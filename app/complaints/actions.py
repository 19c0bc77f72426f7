"""Writing complaints: filing one, and "Saya juga"."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.cases import queries as case_queries
from app.cases.actions import allowed, count, open_case
from app.cases.contacts import new_contact
from app.cases.events import ANYBODY, digest_of
from app.cases.kinds import kind_of
from app.cases.lifecycle import NotAllowed
from app.cases.models import Case, Contact, Support
from app.cases.telling import CONFIRM, tell
from app.civic.promises import local_date
from app.civic.redaction import redact
from app.complaints.kind import class_days
from app.complaints.models import Complaint
from app.core.database import insert_or, serialise
from app.core.outbox import enqueue
from app.core.photos import StoredPhoto
from app.core.vault import Vault
from app.places.facts import City

PUBLIC_LANDMARK = 300  # code points its column holds; a mask may be longer than what it hides


@dataclass(frozen=True)
class Draft:
    """A complaint as it was written, already checked by the form."""

    text: str
    klass: str
    category_slug: str
    visibility: str
    district_code: str
    village_code: str | None = None
    landmark: str = ""
    latitude: float | None = None
    longitude: float | None = None
    since: str = ""
    hide: tuple[str, ...] = ()  # words the reporter wants masked in public
    about_unit: str | None = None
    name: str = ""
    show_name: bool = False
    phone: str = ""
    email: str = ""
    language: str = "id"


def file(
    session: Session,
    vault: Vault,
    city: City,
    draft: Draft,
    form_key: str,
    photos: tuple[StoredPhoto, ...],
    now: datetime,
    *,
    demo: bool = False,
) -> Case:
    """Store a complaint with its public copy, first event, promise and receipt mail, in the
    caller's commit.

    The same form key is the same complaint: a double click, a retry or a "back" gives the one
    there is.
    """
    serialise(session, f"form:{form_key}")
    if (earlier := case_queries.by_form_key(session, vault, form_key)) is not None:
        return earlier
    case = _case(vault, city, draft, form_key, demo)
    salt = secrets.token_hex(16)
    facts = {
        "klass": draft.klass,
        "category": draft.category_slug,
        "visibility": draft.visibility,
        "district": draft.district_code,
        "words": digest_of(salt, draft.text),
        "photos": [photo.digest for photo in photos],
    }
    open_case(session, case, city, now, photos=photos, facts=facts)
    count(session, local_date(now, city.zone), "received")
    session.add(_complaint(case, draft, salt))
    session.flush()
    tell(session, kind_of(case).lifecycle.filed.tells, case, city, now)
    return case


def _case(vault: Vault, city: City, draft: Draft, form_key: str, demo: bool) -> Case:
    return Case(
        kind="complaint",
        code_hash=vault.keyed_hash("code", vault.tracking_code(form_key)),
        form_key_hash=vault.keyed_hash("form", form_key),
        visibility=draft.visibility,
        language=draft.language,
        category_slug=draft.category_slug,
        district_code=draft.district_code,
        village_code=draft.village_code,
        latitude=draft.latitude,
        longitude=draft.longitude,
        class_days=class_days(city, draft.klass, draft.category_slug),
        contact=_contact(vault, draft),
        demo=demo,
    )


def _contact(vault: Vault, draft: Draft) -> Contact | None:
    """What the reporter left, encrypted. Who files anonim or rahasia leaves no name at all."""
    name = draft.name if draft.visibility == "publik" else ""
    return new_contact(
        vault, name=name, phone=draft.phone, email=draft.email, show_name=draft.show_name
    )


def _complaint(case: Case, draft: Draft, salt: str) -> Complaint:
    return Complaint(
        case_id=case.id,
        klass=draft.klass,
        text=draft.text,
        public_text=redact(draft.text, draft.hide).text,
        landmark=draft.landmark,
        public_landmark=redact(draft.landmark, draft.hide).text[:PUBLIC_LANDMARK],
        since=draft.since,
        about_unit=draft.about_unit,
        salt=salt,
    )


def support(session: Session, city: City, case: Case, key: str, now: datetime) -> bool:
    """Count one more "Saya juga"; False when this key was counted before. Raises NotAllowed.

    ``key`` is a hash of the day and the network or device; no address is kept.
    """
    today = local_date(now, city.zone)
    row = kind_of(case).lifecycle.step("support", case.state)
    if not allowed(row, case, ANYBODY, city, today):
        raise NotAllowed("support")
    statement = insert_or(session, Support.__table__).values(
        case_id=case.id, key=key, at=now, language="id"
    )
    added = session.execute(
        statement.on_conflict_do_nothing(index_elements=["case_id", "key"]).returning(Support.id)
    ).first()
    if added is None:
        return False
    # Past the version: a supporter must not make an officer's answer collide.
    session.execute(update(Case).where(Case.id == case.id).values(supporters=Case.supporters + 1))
    session.refresh(case, ["supporters"])
    count(session, today, "supports")
    return True


def take_back(session: Session, case: Case, key: str) -> bool:
    """Uncount a "Saya juga"; False when this key was not counted."""
    removed = session.execute(
        delete(Support).where(Support.case_id == case.id, Support.key == key).returning(Support.id)
    ).first()
    if removed is None:
        return False
    session.execute(update(Case).where(Case.id == case.id).values(supporters=Case.supporters - 1))
    session.refresh(case, ["supporters"])
    return True


def follow(
    session: Session,
    vault: Vault,
    case: Case,
    key: str,
    email: str,
    language: str,
    now: datetime,
) -> None:
    """Ask an address a supporter leaves whether it wants news; it gets none before it says yes."""
    support_id = session.scalar(
        update(Support)
        .where(Support.case_id == case.id, Support.key == key)
        .values(email=vault.encrypt(email), language=language, confirmed_at=None)
        .returning(Support.id)
    )
    if support_id is not None:
        enqueue(session, CONFIRM, f"supporter:{support_id}", now, case_id=case.id)
