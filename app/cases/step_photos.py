"""The photos that come with a step's form."""

from typing import Final

from flask import request

from app.civic.codes import is_form_key
from app.core.drafts import drafts
from app.core.photos import PhotoError, read_photos
from app.core.sent_photos import SentPhotos
from app.places.facts import City

MOST_KEPT: Final = 20


class StepPhotos(SentPhotos):
    """See ``SentPhotos``; of the field names that steps use."""

    @classmethod
    def sent(cls, city: City) -> "StepPhotos":
        """Read them before the first query, so that nobody waits for a lock meanwhile."""
        key = request.form.get("key", "")
        asked = request.form.getlist("kept")[:MOST_KEPT] if is_form_key(key) else []
        kept = drafts().still_kept(asked, key)
        new, errors = read_photos(request.files.getlist("photos"), city.limits, len(kept))
        if len(kept) < len(set(asked)):
            errors.append(PhotoError("gone"))
        return cls(new, errors, kept)
