"""The papers of one sending to a request, stored before anything is asked or locked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from app.core.clock import now
from app.core.files import file_store
from app.core.i18n import _
from app.core.limits import limits, network_key, waiting
from app.core.running import the_vault
from app.extensions import db
from app.places.city import current_city
from app.requests.papers import (
    MOST_PAPERS,
    PAPERS_PER_HOUR,
    PaperError,
    StoredPaper,
    discard,
    read_paper,
    store,
)


@dataclass
class Upload:
    """What came, by the names of the inputs: stored papers that no row names yet, and errors."""

    stored: dict[str, list[StoredPaper]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def received(cls, wanted: Mapping[str, int]) -> "Upload":
        """Read and store the files of these inputs, of each as many as it takes.

        The database is let go first: it takes its time, and nobody should wait for it.
        """
        db.session.rollback()
        upload, network, count = cls(), network_key(now()), 0
        files = [(name, one) for name in wanted for one in request.files.getlist(name)]
        for name, sent in files:
            if not sent.filename:
                continue
            if len(upload.stored.get(name, ())) >= wanted[name]:
                upload.errors.setdefault(name, PaperError("many", max=wanted[name]).message)
                continue
            if seconds := limits().wait("paper", PAPERS_PER_HOUR, network):
                upload.errors[name] = _(
                    "Terlalu banyak berkas dari jaringan ini dalam satu jam. Kirim lagi setelah"
                    " %(wait)s.",
                    wait=waiting(seconds),
                )
                break
            limits().count("paper", PAPERS_PER_HOUR, network)
            count += 1
            try:
                if count > MOST_PAPERS:
                    raise PaperError("full", max=MOST_PAPERS)
                ready = read_paper(sent, current_city().limits)
            except PaperError as error:
                upload.errors.setdefault(name, error.message)
                if error.reason == "full":
                    break
                continue
            stored = store(file_store(), the_vault(), ready)
            upload.stored.setdefault(name, []).append(stored)
        return upload

    def forget(self) -> None:
        """Delete what no row came to name."""
        for papers in self.stored.values():
            for paper in papers:
                discard(file_store(), paper)
