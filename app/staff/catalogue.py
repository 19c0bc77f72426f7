"""What is decided about accounts: roles in words, what happens to them and which mail tells of it.

Rights stand in ``app.core.access``. Standard library only.
"""

from dataclasses import dataclass
from datetime import timedelta

SESSION_LIFETIME = timedelta(hours=12)
"""From sign-in, however busy: one long working day."""
TEMPORARY_PASSWORD_LIFETIME = timedelta(days=3)
"""A password somebody else has seen opens the account only this long."""
FAILURES_PER_ACCOUNT = 10
"""Wrong passwords an hour for one account name, whether it exists or not."""
FAILURES_PER_NETWORK = 50
"""Wrong passwords an hour from one network; a whole office may share one address."""


def N_(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class RoleWords:
    """A role as the administrator chooses it."""

    name: str
    label: str
    note: str
    needs_unit: bool = False


ROLES = {
    role.name: role
    for role in (
        RoleWords(
            "verifier",
            N_("Verifikator"),
            N_("Memeriksa laporan baru dan meneruskannya ke dinas."),
        ),
        RoleWords(
            "officer",
            N_("Petugas dinas"),
            N_("Menjawab dan menyelesaikan laporan dinasnya."),
            needs_unit=True,
        ),
        RoleWords(
            "head",
            N_("Kepala dinas"),
            N_("Seperti petugas, juga membagi tugas dan memperpanjang batas waktu."),
            needs_unit=True,
        ),
        RoleWords(
            "viewer",
            N_("Pembaca"),
            N_("Membaca laporan dinasnya, tidak mengubah apa pun."),
            needs_unit=True,
        ),
        RoleWords(
            "admin",
            N_("Admin"),
            N_("Mengurus akun petugas. Tidak membaca laporan."),
        ),
    )
}


@dataclass(frozen=True)
class AccountEvent:
    """Something that happened to an account: its name in the log, its words, the mails it sends."""

    name: str
    done: str
    tells: tuple[str, ...] = ()


ACCOUNT_EVENTS = {
    event.name: event
    for event in (
        AccountEvent("account_added", N_("Akun petugas dibuat")),
        AccountEvent("account_changed", N_("Akun petugas diubah")),
        AccountEvent("account_disabled", N_("Akun petugas dinonaktifkan")),
        AccountEvent("account_enabled", N_("Akun petugas diaktifkan lagi")),
        AccountEvent("password_changed", N_("Kata sandi diganti"), ("password_changed",)),
        AccountEvent("signed_in", N_("Petugas masuk")),
        AccountEvent("new_device", N_("Petugas masuk dari perangkat baru"), ("new_device",)),
        AccountEvent("sessions_ended", N_("Petugas dikeluarkan dari perangkat lain")),
    )
}

WITH_SECOND_FACTOR = ("invite", "sign_in_link")
"""Mails that promise a second factor and wait for it; until then an administrator helps."""
