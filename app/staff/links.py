"""The link by which an invited person sets the first password, and anybody a forgotten one.

It is signed and stands nowhere in the database. It names what the account was when it was asked
for: another password or another address, set by this link or otherwise, ends it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from app.staff.catalogue import LINK_LIFETIMES
from app.staff.models import Staff

_SALT = "link to a password"


@dataclass(frozen=True)
class PasswordLink:
    """What a link says: the mail it came with, whose password, as of when."""

    mail: str
    staff_id: int
    mark: str
    asked_at: datetime

    def opens(self, account: Staff | None, now: datetime) -> bool:
        """Whether it still sets the password of this account."""
        return (
            account is not None
            and account.id == self.staff_id
            and account.disabled_at is None
            and mark_of(account) == self.mark
            and now < self.asked_at + LINK_LIFETIMES[self.mail]
        )

    def token(self, secret_key: str) -> str:
        """The link's part of an address."""
        payload = [self.mail, self.staff_id, self.mark, self.asked_at.isoformat()]
        return str(URLSafeSerializer(secret_key, salt=_SALT).dumps(payload))


def mark_of(account: Staff) -> str:
    """What binds a link to password and address as they are; it opens nothing by itself."""
    bound = f"{account.password_hash}\n{account.email}"
    return hashlib.sha256(bound.encode()).hexdigest()[:32]


def read_token(secret_key: str, token: str) -> PasswordLink | None:
    """The link behind a token, over or not; None when it was not made here."""
    try:
        mail, staff_id, mark, asked_at = URLSafeSerializer(secret_key, salt=_SALT).loads(token)
    except BadData:
        return None
    return PasswordLink(mail, staff_id, mark, datetime.fromisoformat(asked_at))
