"""How whoever brought a case can be reached: made in one place, and found again by the address.

An address is encrypted differently each time, so a keyed hash stands beside it to look it up by.
Both go together.
"""

from typing import Final

from app.cases.models import Contact
from app.core.vault import Vault

_PURPOSE: Final = "email"


def new_contact(
    vault: Vault, *, name: str = "", phone: str = "", email: str = "", show_name: bool = False
) -> Contact | None:
    """What somebody left, encrypted; None when that is nothing."""
    if not (name or phone or email):
        return None
    return Contact(
        name=vault.encrypt(name) if name else None,
        phone=vault.encrypt(phone) if phone else None,
        email=vault.encrypt(email) if email else None,
        email_hash=email_hashes(vault, email)[0] if email else None,
        show_name=bool(name) and show_name,
    )


def forget_email(contact: Contact) -> None:
    """Send nothing more there, and find nothing by it."""
    contact.email = contact.email_hash = None


def normalised(email: str) -> str:
    """The address as it is compared: people write theirs in capitals at times."""
    return email.strip().casefold()


def email_hashes(vault: Vault, email: str) -> list[str]:
    """What an address is found by, under each key, newest first."""
    return vault.keyed_hashes(_PURPOSE, normalised(email))
