"""What is decided about accounts: roles in words, what happens to them and which mail tells of it.

Rights stand in ``app.core.access``. Standard library only.
"""

from dataclasses import dataclass
from datetime import timedelta

SESSION_LIFETIME = timedelta(hours=12)
"""From sign-in, however busy: one long working day."""
TEMPORARY_PASSWORD_LIFETIME = timedelta(days=3)
"""A password somebody else has seen opens the account only this long."""
INVITE, PASSWORD_LINK = "invite", "sign_in_link"
LINK_LIFETIMES = {INVITE: timedelta(days=3), PASSWORD_LINK: timedelta(hours=1)}
"""The mails by whose link a password is set, and how long it works from when it was asked for."""
INVITED_HASH = "invited$"
"""How the password hash of an account begins whose owner was invited and has not set one."""
LINKS_PER_NAME = 3
"""Links to a forgotten password an hour for one name or address, whether it exists or not."""
LINKS_PER_NETWORK = 20
"""Such links an hour from one network."""
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
    """Something that happened to an account: its name in the log, its words, the mails it sends.

    ``by_anybody``: whoever did it did not prove to be anybody.
    """

    name: str
    done: str
    tells: tuple[str, ...] = ()
    by_anybody: bool = False


ACCOUNT_EVENTS = {
    event.name: event
    for event in (
        AccountEvent("account_added", N_("Akun petugas dibuat")),
        AccountEvent("account_invited", N_("Petugas diundang"), (INVITE,)),
        AccountEvent("invitation_accepted", N_("Undangan diterima")),
        AccountEvent("account_changed", N_("Akun petugas diubah")),
        AccountEvent("account_disabled", N_("Akun petugas dinonaktifkan")),
        AccountEvent("account_enabled", N_("Akun petugas diaktifkan lagi")),
        AccountEvent("password_changed", N_("Kata sandi diganti"), ("password_changed",)),
        AccountEvent(
            "password_link_asked",
            N_("Tautan kata sandi diminta"),
            (PASSWORD_LINK,),
            by_anybody=True,
        ),
        AccountEvent("signed_in", N_("Petugas masuk")),
        AccountEvent("new_device", N_("Petugas masuk dari perangkat baru"), ("new_device",)),
        AccountEvent("sessions_ended", N_("Petugas dikeluarkan dari perangkat lain")),
    )
}
