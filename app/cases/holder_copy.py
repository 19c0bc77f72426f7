"""The file in which reporters take all of their data along."""

import json
from base64 import b64encode
from typing import Any

from flask import make_response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.cases.holder_showing import everything
from app.cases.holder_words import Here
from app.cases.models import Attachment
from app.core.files import file_store
from app.core.running import the_vault


def copy_of(session: Session, here: Here) -> Response:
    """All data of a case that are the reporter's own, as a file to keep."""
    found = everything(session, here, the_vault(), _photo_data)
    response = make_response(json.dumps(found, ensure_ascii=False, indent=2))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="laporan-{here.case.number}.json"'
    )
    return response


def _photo_data(photo: Attachment) -> dict[str, Any]:
    try:
        jpeg = b64encode(file_store().get(photo.key)).decode("ascii")
    except FileNotFoundError:
        jpeg = None
    return {"at": photo.at.isoformat(), "by": photo.author, "sha256": photo.digest, "jpeg": jpeg}
