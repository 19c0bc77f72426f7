"""Passwords: how they are kept, which are refused, and made-up ones.

A check takes a tenth of a second or more by design: never run it inside a write transaction.
"""

import re
import secrets
import unicodedata

from werkzeug.security import check_password_hash, generate_password_hash

from app.civic.text import unreadable
from app.staff.catalogue import INVITED_HASH, N_

METHOD = "scrypt:32768:8:3"
"""Werkzeug's notation. Another value here is taken over account by account, at the next sign-in."""
MINIMUM = 12
MAXIMUM = 200
FEWEST_DIFFERENT = 5
ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"  # nothing to mistake when read out
OBVIOUS = re.compile(
    "(?:admin|istrator|berkah|datang|indonesia|kasih|kata|kota|ku|letmein|medan|pagi|password|pemko"
    "|petugas|qwerty|uiop|rahasia|raya|sandi|selamat|sumatera|sumut|tanggap|terima|utara|welcome)*"
)
"""What guessers try first here; a password of nothing else (and digits and marks) is refused."""

TOO_SHORT = N_("Pakai paling sedikit 12 huruf, angka, atau tanda. Empat kata biasa sudah cukup.")
TOO_LONG = N_("Pakai paling banyak 200 huruf.")
TOO_EASY = N_(
    "Kata sandi ini mudah ditebak. Pilih yang lain, misalnya empat kata yang tidak terkait."
)
NOT_READABLE = N_("Hapus tanda atau huruf yang tidak terbaca, lalu kirim lagi.")

_NOT_A_LETTER = re.compile(r"[\W\d_]+")


def hashed(password: str) -> str:
    """The hash to keep."""
    return generate_password_hash(_normal(password), METHOD)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one hashed; without a hash (no such account) it takes as long."""
    if password_hash and password_hash.startswith(INVITED_HASH):
        password_hash = None
    if "\x00" in password:
        password_hash = None  # HMAC pads its key with NUL: one more at the end would go unnoticed
    return check_password_hash(password_hash or _dummy(), _normal(password))


def outdated(password_hash: str) -> bool:
    """Whether the hash was made another way than hashes are made now."""
    return not password_hash.startswith(f"{METHOD}$")


def problem(password: str, username: str = "") -> str | None:
    """Why a new password is refused, as a text of the catalogue; None when it may be used."""
    if unreadable(password):
        return NOT_READABLE
    if len(password) < MINIMUM:
        return TOO_SHORT
    if len(password) > MAXIMUM:
        return TOO_LONG
    plain = password.casefold()
    root = _NOT_A_LETTER.sub("", plain)
    easy = OBVIOUS.fullmatch(root) or root == _NOT_A_LETTER.sub("", username.casefold())
    return TOO_EASY if easy or len(set(plain)) < FEWEST_DIFFERENT else None


def temporary() -> str:
    """A password to be read out once and changed at the first sign-in (59 random bits)."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)  # keyboards differ in how they write an accent


def _dummy() -> str:
    return f"{METHOD}$nobody${'0' * 128}"
