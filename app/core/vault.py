"""Secrets kept by key: encryption of personal data, tracking codes, and keyed hashes.

``DATA_KEYS`` lists keys newest first. New data uses the newest; older keys still open what they
closed, until ``app.core.turning`` has brought it to the newest. A tracking code is derived from
its form key and stored only as a keyed hash: the database alone yields no code, and a retry within
the form key's life shows the same one. A hash cannot be made anew without its code: ``CODE_KEYS``
lists keys that find codes of their time and open nothing.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.civic.codes import encode

CODE_BYTES = 8  # 60 of these 64 bits make the twelve characters


class Unreadable(ValueError):
    """A ciphertext that none of the keys opens."""


def _derive(key: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(key.encode())


class Vault:
    """All use of ``DATA_KEYS`` and ``CODE_KEYS``."""

    def __init__(self, keys: Sequence[str], code_keys: Sequence[str] = ()) -> None:
        self._fernets = [
            Fernet(urlsafe_b64encode(_derive(key, "tanggap encryption"))) for key in keys
        ]
        self._fernet = MultiFernet(self._fernets)
        self._code_keys = [_derive(key, "tanggap codes") for key in (*keys, *code_keys)]

    def encrypt(self, text: str) -> str:
        """Ciphertext under the newest key."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, ciphertext: str, ttl: int | None = None) -> str:
        """The text again. ``ttl`` in seconds refuses older ciphertexts. Raises Unreadable."""
        try:
            return self._fernet.decrypt(ciphertext.encode("ascii"), ttl=ttl).decode()
        except (InvalidToken, UnicodeError) as error:
            raise Unreadable("no key opens this") from error

    def encrypt_bytes(self, data: bytes) -> bytes:
        """Ciphertext under the newest key, hardly longer than the data: for files."""
        return urlsafe_b64decode(self._fernet.encrypt(data))

    def decrypt_bytes(self, ciphertext: bytes) -> bytes:
        """The data again. Raises Unreadable."""
        try:
            return self._fernet.decrypt(urlsafe_b64encode(ciphertext))
        except InvalidToken as error:
            raise Unreadable("no key opens this") from error

    def rotate(self, ciphertext: str) -> str:
        """The same text under the newest key. Raises Unreadable."""
        try:
            return self._fernet.rotate(ciphertext.encode("ascii")).decode("ascii")
        except (InvalidToken, UnicodeError) as error:
            raise Unreadable("no key opens this") from error

    def age(self, ciphertext: str) -> int:
        """Which data key closed this: 0 is the newest, 1 the one before. Raises Unreadable."""
        for age, fernet in enumerate(self._fernets):
            with suppress(InvalidToken, UnicodeError):
                fernet.decrypt(ciphertext.encode("ascii"))
                return age
        raise Unreadable("no key opens this")

    def tracking_code(self, form_key: str) -> str:
        """The tracking code of a new report (12 characters, 60 bits)."""
        return self.tracking_codes(form_key)[0]

    def tracking_codes(self, form_key: str) -> list[str]:
        """The code this form key has under each key, newest first: a report filed just before
        a rotation keeps the code on its receipt."""
        return [encode(_mac(key, f"track:{form_key}")[:CODE_BYTES]) for key in self._code_keys]

    def keyed_hash(self, purpose: str, value: str) -> str:
        """The hash to store, under the newest key."""
        return self.keyed_hashes(purpose, value)[0]

    def keyed_hashes(self, purpose: str, value: str) -> list[str]:
        """The hashes to look for: one for each key."""
        return [_mac(key, f"{purpose}:{value}").hex() for key in self._code_keys]


def _mac(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()
