"""Writing the city's codes into the database, so that cases can refer to them."""

from sqlalchemy.orm import Session

from app.core.database import insert_or
from app.places.facts import City
from app.places.models import Area, Category, Unit


def sync(session: Session, city: City) -> int:
    """Bring the mirror tables up to the city folder; the number of rows written.

    Codes that left the folder stay: cases may still refer to them.
    """
    areas = [{"code": d.code, "name": d.name, "parent_code": None} for d in city.districts]
    areas += [
        {"code": v.code, "name": v.name, "parent_code": v.district_code} for v in city.villages
    ]
    units = [{"code": u.code, "name": u.name.id} for u in city.units]
    categories = [{"slug": c.slug, "name": c.name.id} for c in city.categories]
    for model, key, rows in (
        (Area, "code", areas),
        (Unit, "code", units),
        (Category, "slug", categories),
    ):
        statement = insert_or(session, model.__table__)
        changed = {name: statement.excluded[name] for name in rows[0] if name != key}
        session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed), rows)
    return len(areas) + len(units) + len(categories)
