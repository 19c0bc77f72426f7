"""What mails are promised to whoever asks for them: said where they ask, and where they say yes."""

from app.core.i18n import _


def of_report(number: str) -> str:
    """Mails about one report."""
    return _("Kami kirim email saat status laporan %(number)s berubah.", number=number)


def of_search(query: str) -> str:
    """Mails about a search, in words fit for anybody's mailbox."""
    return _("Satu email sehari berisi laporan baru untuk: %(query)s.", query=query)
