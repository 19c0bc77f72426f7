"""What the frame of every page needs: menus of the pages that exist, and where "back" leads.

A menu entry names a public address. It shows once some blueprint answers there, so that a new room
appears in the menu by being registered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from markupsafe import Markup

from app.core.access import Mark, may
from app.core.i18n import LazyString, _l
from app.core.status_look import STATUS


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of a menu, the address it leads to, and addresses that belong to it."""

    address: str
    word: LazyString
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A menu entry as drawn; `current` is "page" on its page, "true" below it, else ""."""

    url: str
    word: LazyString
    current: str


MAIN = (
    Entry("/keluhan/baru", _l("Lapor")),
    Entry("/lacak", _l("Lacak")),
    Entry("/keluhan", _l("Semua laporan")),
    Entry("/layanan", _l("Layanan"), ("/adminduk", "/izin", "/kunjungan", "/permohonan")),
    Entry("/data", _l("Data kota")),
)
FOOT = (
    Entry("/bantuan", _l("Bantuan")),
    Entry("/privasi", _l("Privasi")),
    Entry("/aksesibilitas", _l("Aksesibilitas")),
    Entry("/data-terbuka", _l("Data terbuka")),
    Entry("/tentang", _l("Tentang")),
    Entry("/petugas", _l("Masuk petugas")),
)

DESK = (
    Entry("/petugas", _l("Antrean")),
    Entry("/petugas/permohonan", _l("Loket")),
    Entry("/petugas/templat", _l("Templat")),
    Entry("/petugas/surat", _l("Surat keluar")),
    Entry("/petugas/akun", _l("Akun")),
)


def init_app(app: Flask) -> None:
    """Give the templates what the frame and the components use."""
    app.jinja_env.globals.update(
        main_menu=lambda: menu(MAIN),
        foot_menu=lambda: menu(FOOT),
        desk_menu=desk_menu,
        page_url=page_url,
        back_url=back_url,
        STATUS=STATUS,
    )
    app.jinja_env.filters["breakable"] = breakable


def breakable(text: str) -> Markup:
    """A number like 0001/UNIT/2026, which a narrow page may break after its slashes only."""
    return Markup("/<wbr>").join(text.split("/"))


def menu(entries: tuple[Entry, ...]) -> list[Link]:
    """The entries whose page exists; current is the one with the longest address above this."""
    there = [(entry, url) for entry in entries if (url := page_url(entry.address))]
    above = {
        address: entry
        for entry, _url in there
        for address in (entry.address, *entry.rooms)
        if _covers(address, request.path)
    }
    nearest = above[max(above, key=len)] if above else None
    return [Link(url, entry.word, _current(entry, nearest)) for entry, url in there]


def desk_menu() -> list[Link]:
    """The desk's entries that the person signed in may open, by the mark on each page."""
    if not current_user.is_authenticated:
        return []
    return menu(tuple(entry for entry in DESK if _may_open(entry.address)))


def _may_open(address: str) -> bool:
    view = current_app.view_functions.get(_pages().get(address, ""))
    mark: Mark | None = getattr(view, "access", None)
    if mark is None or mark.permission is None:
        return mark is not None
    return may(current_user.staff, mark.permission)


def page_url(address: str) -> str | None:
    """The link to a page by its public address, None while nothing answers there."""
    endpoint = _pages().get(address)
    return url_for(endpoint) if endpoint else None


def back_url() -> str:
    """The page one came from if it is ours, else the home page: for "back to the form"."""
    came = urlsplit(request.referrer or "")
    inside = came.path.startswith("/") and not came.path.startswith("//")  # that is another host
    if came.netloc == request.host and inside:
        return came.path + (f"?{came.query}" if came.query else "")
    return page_url("/") or "/"


def _current(entry: Entry, nearest: Entry | None) -> str:
    if entry is not nearest:
        return ""
    return "page" if request.path.rstrip("/") == entry.address else "true"


def _covers(address: str, path: str) -> bool:
    return path == address or path.startswith(f"{address}/")


def _pages() -> Mapping[str, str]:
    """Endpoint of every address without a variable part that can be opened by a link."""
    pages: dict[str, str] | None = current_app.extensions.get("pages")
    if pages is None:
        rules = current_app.url_map.iter_rules()
        pages = {
            rule.rule.rstrip("/") or "/": rule.endpoint
            for rule in rules
            if not rule.arguments and "GET" in (rule.methods or ())
        }
        current_app.extensions["pages"] = pages
    return pages
