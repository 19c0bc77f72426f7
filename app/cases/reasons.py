"""What a reporter may say is not settled. Standard library only."""

from collections.abc import Mapping

from app.cases.lifecycle import N_

DISPUTES: Mapping[str, str] = {
    "not_done": N_("Belum dikerjakan sama sekali"),
    "partly": N_("Baru sebagian"),
    "broken_again": N_("Sudah dikerjakan, rusak lagi"),
    "wrong_place": N_("Yang dikerjakan tempat lain"),
    "no_answer": N_("Jawabannya tidak menjawab pertanyaan saya"),
}
"""Code of a dispute → its words; with ``no_answer`` the reporter must also write some."""
