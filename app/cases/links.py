"""Addresses that mails carry: the signed link of a holder, public pages, the desk.

A mailed link opens one case for 30 days. It is signed, stands nowhere in the database, and raising
the case's ``link_version`` revokes all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.core.running import the_settings
from app.staff.links import PasswordLink

LIFETIME = timedelta(days=30)
COPY_WITHIN = timedelta(hours=24)
"""How long a mailed link to the copy of one's data works."""
OWN_LIST_WITHIN = timedelta(minutes=30)
"""How long a mailed link to all of one's reports and requests works."""
PATHS: Mapping[str, str] = {
    "manage": "/lacak/tautan/{token}",
    "choice": "/surel/{token}",
    "copy": "/lacak/salinan/{token}",
    "own_list": "/lacak/punya-saya/{token}",
    "list": "/keluhan",
    "report": "/keluhan/{number}",
    "case": "/petugas/kasus/{number}",
    "queue": "/petugas",
    "account": "/petugas/sesi",
    "mails": "/petugas/surat",
    "password": "/petugas/tautan/{token}",
}


@dataclass(frozen=True)
class Links:
    """Makes addresses of this site, and opens the tokens in them."""

    secret_key: str
    public_url: str

    def to(self, name: str, **values: str) -> str:
        """The full address of a page of PATHS."""
        return self.public_url + PATHS[name].format(**values)

    def manage(self, case: Case) -> str:
        """The holder's own link to a case."""
        return self.to("manage", token=self._signer.dumps([case.id, case.link_version]))

    def read(self, token: str) -> tuple[int, int] | None:
        """Case id and link version of a token; None when it is forged or too old."""
        try:
            payload = self._signer.loads(token, max_age=int(LIFETIME.total_seconds()))
        except BadData:
            return None
        return cast(tuple[int, int], tuple(payload))

    def choice(self, reader: str, mark: str) -> str:
        """The page on which a reader of mails starts or stops them at the address of this mark."""
        return self.to("choice", token=self._chooser.dumps([reader, mark]))

    def read_choice(self, token: str, max_age: timedelta | None = None) -> tuple[str, str] | None:
        """Reader and mark of a token; None when it is forged or older than asked for."""
        try:
            payload = self._chooser.loads(
                token, max_age=int(max_age.total_seconds()) if max_age else None
            )
        except BadData:
            return None
        return cast(tuple[str, str], tuple(payload))

    def copy(self, case: Case, letter: str) -> str:
        """The page on which the reporter takes a copy of their data; `letter` names the mail."""
        return self.to("copy", token=self._copier.dumps([case.id, case.link_version, letter]))

    def read_copy(self, token: str) -> tuple[int, int, str] | None:
        """Case id, link version and mail of a token; None when it is forged or too old."""
        try:
            payload = self._copier.loads(token, max_age=int(COPY_WITHIN.total_seconds()))
        except BadData:
            return None
        return cast(tuple[int, int, str], tuple(payload))

    @property
    def _copier(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret_key, salt="copy of the data of a case")

    def own_list(self, letter: str, mark: str) -> str:
        """The page on which the reader of a mail opens the list of all that is theirs; `letter`
        names the mail, `mark` the address it went to: a case may come to have another.
        """
        return self.to("own_list", token=self._lister.dumps([letter, mark]))

    def read_own_list(self, token: str) -> tuple[str, str] | None:
        """Mail and mark of a token; None when it is forged or too old."""
        try:
            payload = self._lister.loads(token, max_age=int(OWN_LIST_WITHIN.total_seconds()))
        except BadData:
            return None
        return cast(tuple[str, str], tuple(payload))

    @property
    def _lister(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret_key, salt="all cases of an address")

    def password(self, link: PasswordLink) -> str:
        """The page on which whoever opens it sets a password."""
        return self.to("password", token=link.token(self.secret_key))

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret_key, salt="mailed link to a case")

    @property
    def _chooser(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret_key, salt="mails to one reader")


def the_links() -> Links:
    """The links of the running application."""
    settings = the_settings()
    return Links(settings.secret_key, settings.public_url)


def open_link(session: Session, token: str) -> int | None:
    """The case a mailed link opens; None for a forged, old or revoked one, or an erased case."""
    found = the_links().read(token)
    if found is None:
        return None
    case_id, version = found
    return session.scalar(
        select(Case.id).where(
            Case.id == case_id, Case.link_version == version, Case.erased_at.is_(None)
        )
    )
