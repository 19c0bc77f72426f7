"""Two languages: which one a request speaks, its texts, and how it writes dates and numbers.

Indonesian is the source: the text in the code is the msgid, English is a gettext catalogue. A
language is chosen by ``?lang=``, kept in the cookie ``bahasa``, else it is the city's. Placeholders
are ``%(name)s``; a percent sign is written ``%%``, in Python as in templates.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, Protocol, cast
from urllib.parse import urlencode

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, Response, current_app, g, has_app_context, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations, speaklater
from markupsafe import Markup, escape

Language = Literal["id", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
SOURCE_LANGUAGE: Final[Language] = "id"
COOKIE: Final = "bahasa"
YEAR_SECONDS: Final = 365 * 24 * 3600
NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"


class Bilingual(Protocol):
    """A text of the city's data, held in both languages."""

    def in_(self, language: Language, /) -> str:
        """The text in one language."""


@dataclass(frozen=True)
class _Habits:
    """What one application speaks when nobody asks for anything else."""

    language: Language
    zone: tzinfo
    secure: bool


# ---------------------------------------------------------------- set-up


def init_app(
    app: Flask,
    babel: Babel,
    *,
    translations: Path,
    compiled: Path,
    zone: tzinfo,
    default: str = SOURCE_LANGUAGE,
    secure: bool = False,
) -> None:
    """Teach `app` its languages.

    `translations` holds the catalogues, `compiled` takes what is made from them; `zone` is the
    city's time zone, `default` its language; `secure` keeps the cookie to TLS.
    """
    app.extensions["habits"] = _Habits(_known(default) or SOURCE_LANGUAGE, zone, secure)
    compile_catalogues(translations, compiled)
    babel.init_app(
        app,
        default_locale=default,
        default_translation_directories=str(compiled.resolve()),
        locale_selector=_select,
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _texts().gettext(text),
        ngettext=lambda one, many, n: _texts().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _texts().pgettext(context, text),
    )
    texts = app.jinja_env.globals
    texts.update(_n=texts["ngettext"], _p=texts["pgettext"])
    texts.update(language=language, switch_language_url=switch_language_url)
    app.jinja_env.filters.update(FILTERS)
    app.after_request(_remember)


def compile_catalogues(translations: Path, compiled: Path) -> None:
    """Make the binary catalogues that gettext reads; several processes may do so at once."""
    for source in translations.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalogue = read_po(file)
        content = BytesIO()
        write_mo(content, catalogue)
        _replace(compiled / source.relative_to(translations).with_suffix(".mo"), content.getvalue())


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def _habits() -> _Habits:
    return cast(_Habits, current_app.extensions["habits"])


# ---------------------------------------------------------------- which language


@dataclass(frozen=True)
class _Spoken:
    language: Language
    texts: NullTranslations


def _spoken() -> _Spoken:
    """The language spoken now and its texts, found once: Flask-Babel searches for every word."""
    if not has_app_context():
        return _Spoken(SOURCE_LANGUAGE, NullTranslations())
    spoken: _Spoken | None = g.get("spoken")
    if spoken is None:
        known = _known(str(get_locale())) or SOURCE_LANGUAGE
        spoken = g.spoken = _Spoken(known, get_translations())
    return spoken


def _texts() -> NullTranslations:
    return _spoken().texts


def language() -> Language:
    """The language spoken now; the source language outside an application."""
    return _spoken().language


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Speak one language inside the block, in a request or (for mail) in the worker."""
    if not has_app_context():
        raise RuntimeError("a language can only be spoken inside an application context")
    before = g.pop("spoken", None)
    try:
        with force_locale(chosen):
            yield
    finally:
        g.spoken = before


def switch_language_url() -> str:
    """This page in the other language: a relative address with the same query."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    query.append(("lang", _other(language())))
    rule = request.url_rule
    # A page that only answers POST cannot be opened by a link; the home page can.
    page = "" if rule is None or "GET" in (rule.methods or ()) else f"{request.root_path}/"
    return f"{page}?{urlencode(query)}"


def _other(spoken: Language) -> Language:
    return "en" if spoken == "id" else "id"


def _known(name: str | None) -> Language | None:
    return next((known for known in LANGUAGES if known == name), None)


def _select() -> Language:
    asked = None
    if has_request_context():
        asked = _known(request.args.get("lang")) or _known(request.cookies.get(COOKIE))
    return asked or _habits().language


def _remember(response: Response) -> Response:
    """Say which language a page is in and keep one that was asked for."""
    if response.mimetype == "text/html":
        response.content_language.add(language())
    if chosen := _known(request.args.get("lang")):
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            secure=_habits().secure,
            httponly=True,
            samesite="Lax",
        )
    return response


# ---------------------------------------------------------------- texts


class LazyString(speaklater.LazyString):  # type: ignore[misc]  # its library is untyped
    """A text looked up when it is shown.

    It may stand wherever a str is taken. Unlike its base it is escaped in HTML: its values may be
    anyone's.
    """

    def __html__(self) -> Markup:
        return escape(str(self))


def _(text: str, /, **values: object) -> str:
    """The text in the language spoken now."""
    return _filled(_texts().gettext(text), values)


def _n(singular: str, plural: str, number: int, /, **values: object) -> str:
    """The text for a number; Indonesian has one form, so both are the same there."""
    return _filled(_texts().ngettext(singular, plural, number), {"num": number, **values})


def _p(context: str, text: str, /, **values: object) -> str:
    """The text where the same Indonesian has different English in different places."""
    return _filled(_texts().pgettext(context, text), values)


def _l(text: str, /, **values: object) -> LazyString:
    """The text, looked up when it is shown: for labels made before any request."""
    return LazyString(_, text, **values)


def _lp(context: str, text: str, /, **values: object) -> LazyString:
    """`_p`, looked up when it is shown."""
    return LazyString(_p, context, text, **values)


def _filled(text: str, values: Mapping[str, object]) -> str:
    # Without values, placeholders are left for a later hand: WTForms fills its messages itself.
    return text % values if values or "%(" not in text else text


# ---------------------------------------------------------------- dates, times, numbers


def tr(text: Bilingual) -> str:
    """A text of the city's data in the language spoken now."""
    return text.in_(language())


def local(value: datetime) -> datetime:
    """An instant on the city's clock; ValueError for one without a zone."""
    if value.tzinfo is None:
        raise ValueError("a naive datetime names no instant")
    return value.astimezone(_habits().zone)


def _dated(value: date, pattern: str) -> str:
    day = local(value).date() if isinstance(value, datetime) else value
    return format_date(day, pattern, locale=language())


def date_long(value: date) -> str:
    """Jumat, 27 November 2026."""
    return _dated(value, "EEEE, d MMMM y")


def date_plain(value: date) -> str:
    """27 November 2026."""
    return _dated(value, "d MMMM y")


def date_short(value: date) -> str:
    """27 Nov 2026."""
    return _dated(value, "d MMM y")


def date_tiny(value: date) -> str:
    """Jum 27 Nov."""
    return _dated(value, "EEE d MMM")


def month_year(value: date) -> str:
    """November 2026."""
    return _dated(value, "MMMM y")


def month(value: date) -> str:
    """November."""
    return _dated(value, "MMMM")


def weekday(value: date) -> str:
    """Jumat."""
    return _dated(value, "EEEE")


def weekday_short(value: date) -> str:
    """Jum."""
    return _dated(value, "EEE")


def time_local(value: datetime) -> str:
    """14.30 WIB; in English 2.30 pm WIB."""
    moment = local(value)
    if language() == "id":
        return f"{moment:%H.%M} {moment.tzname()}"
    half = "am" if moment.hour < 12 else "pm"
    return f"{moment.hour % 12 or 12}.{moment:%M} {half} {moment.tzname()}"


def datetime_local(value: datetime) -> str:
    """27 November 2026 pukul 14.30 WIB; in English 27 November 2026, 2.30 pm WIB."""
    joint = " pukul " if language() == "id" else ", "
    return date_plain(value) + joint + time_local(value)


Number = int | float | Decimal


def number(value: Number) -> str:
    """2.546.452 or 82,61; in English 2,546,452 or 82.61."""
    return format_decimal(value, "#,##0.##", locale=language())


def percent(share: Number) -> str:
    """A share of one as a percentage: 0.079 is 7,9 %; in English 7.9%."""
    figure = format_decimal(share * 100, "#,##0.#", locale=language())
    return f"{figure}{NO_BREAK_SPACE}%" if language() == "id" else f"{figure}%"


def money(rupiah: int) -> str:
    """Rp12.000; in English Rp12,000."""
    return f"Rp{number(rupiah)}"


FILTERS: Final[dict[str, Callable[..., str]]] = {
    function.__name__: function
    for function in (
        tr,
        date_long,
        date_plain,
        date_short,
        date_tiny,
        month_year,
        month,
        weekday,
        time_local,
        datetime_local,
        number,
        percent,
        money,
    )
}
