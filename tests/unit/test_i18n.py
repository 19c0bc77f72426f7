"""Languages: which one is chosen, what texts say in it, how dates and numbers are written."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel

from app.core import i18n
from app.core.i18n import Language, _, _l, _lp, _n, _p, compile_catalogues, language, speaking

FRIDAY = date(2026, 11, 27)
INSTANT = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)  # 14.30 in Medan
ENGLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Cari"
msgstr "Search"

msgid "Kecamatan"
msgstr "District (kecamatan)"

msgctxt "reports"
msgid "Kecamatan"
msgstr "District"

msgid "Ke %(unit)s"
msgstr "To %(unit)s"

msgid "%(n)s hari"
msgid_plural "%(n)s hari"
msgstr[0] "%(n)s day"
msgstr[1] "%(n)s days"

msgid "100 %%"
msgstr "100%%"
"""


@dataclass(frozen=True)
class Pair:
    id: str
    en: str

    def in_(self, language: Language, /) -> str:
        return self.en if language == "en" else self.id


def make_app(folder: Path, zone: str = "Asia/Jakarta", default: Language = "id") -> Flask:
    source = folder / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(ENGLISH, encoding="utf-8")
    app = Flask(__name__)
    i18n.init_app(
        app,
        Babel(),
        translations=folder / "translations",
        compiled=folder / "i18n",
        zone=ZoneInfo(zone),
        default=default,
    )

    @app.get("/cari")
    def search() -> str:
        return language()

    @app.post("/kirim")
    @app.get("/lain")
    def other() -> str:
        return i18n.switch_language_url()

    @app.post("/hanya-kirim")
    def only_post() -> str:
        return i18n.switch_language_url()

    return app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path)


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


# ---------------------------------------------------------------- which language


def test_the_city_s_language_is_spoken_when_nobody_asks(tmp_path):
    assert make_app(tmp_path).test_client().get("/cari").text == "id"
    assert make_app(tmp_path, default="en").test_client().get("/cari").text == "en"


def test_a_language_once_asked_for_is_kept(app):
    client = app.test_client()
    assert client.get("/cari?lang=en").text == "en"
    assert client.get("/cari").text == "en"
    assert client.get("/cari?lang=id").text == "id"
    assert client.get("/cari").text == "id"


def test_an_unknown_language_changes_nothing(app):
    client = app.test_client()
    client.get("/cari?lang=en")
    answer = client.get("/cari?lang=../../etc")
    assert answer.text == "en"
    assert "Set-Cookie" not in answer.headers


def test_the_cookie_is_host_only_lax_and_lasts_a_year(app):
    cookie = app.test_client().get("/cari?lang=en").headers["Set-Cookie"].split("; ")
    assert cookie[0] == "bahasa=en"
    assert {"Max-Age=31536000", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie)
    assert not any(part.startswith("Domain") for part in cookie)


def test_pages_name_their_language(app):
    answer = app.test_client().get("/cari?lang=en")
    assert answer.headers["Content-Language"] == "en"


def test_the_switch_keeps_the_query(app):
    client = app.test_client()
    assert client.get("/lain?q=a%26b&q=c&lang=id").text == "?q=a%26b&q=c&lang=en"
    assert client.get("/lain?lang=en").text == "?lang=id"


def test_the_switch_leaves_pages_that_cannot_be_opened(app):
    client = app.test_client()
    assert client.post("/hanya-kirim").text == "/?lang=en"


def test_the_switch_never_names_another_host(app):
    app.register_error_handler(404, lambda _error: i18n.switch_language_url())
    assert app.test_client().get("//jahat.example/").text.startswith("?")


def test_a_language_can_be_spoken_outside_a_request(context):
    with speaking("en"):
        assert (language(), _("Cari")) == ("en", "Search")
        with speaking("id"):
            assert _("Cari") == "Cari"
        assert _("Cari") == "Search"
    assert (language(), _("Cari")) == ("id", "Cari")


def test_without_an_application_the_source_is_spoken():
    assert language() == "id"
    assert _("Ke %(unit)s", unit="Dishub") == "Ke Dishub"
    with pytest.raises(RuntimeError), speaking("en"):
        pass


# ---------------------------------------------------------------- texts


def test_texts_in_both_languages(context):
    assert _("Ke %(unit)s", unit="Dishub") == "Ke Dishub"
    with speaking("en"):
        assert _("Ke %(unit)s", unit="Dishub") == "To Dishub"
        assert _p("reports", "Kecamatan") == "District"
        assert _("Kecamatan") == "District (kecamatan)"


@pytest.mark.parametrize(
    ("spoken", "n", "text"),
    [("id", 1, "1 hari"), ("id", 2, "2 hari"), ("en", 1, "1 day"), ("en", 0, "0 days")],
)
def test_numbers_choose_the_form(context, spoken, n, text):
    with speaking(spoken):
        assert _n("%(n)s hari", "%(n)s hari", n, n=n) == text


def test_a_percent_sign_is_doubled_everywhere(context):
    with speaking("en"):
        assert _("100 %%") == "100%"
        assert render_template_string('{{ _("100 %%") }}') == "100%"


def test_placeholders_wait_for_a_later_hand(context):
    """WTForms fills the placeholders of its messages itself."""
    assert _("Ke %(unit)s") % {"unit": "Dishub"} == "Ke Dishub"


def test_a_missing_value_is_noticed(context):
    with pytest.raises(KeyError):
        _("Ke %(unit)s", agency="PLN")


def test_lazy_texts_speak_when_shown(context):
    label, place = _l("Cari"), _lp("reports", "Kecamatan")
    assert (str(label), str(place)) == ("Cari", "Kecamatan")
    with speaking("en"):
        assert (str(label), str(place)) == ("Search", "District")


def test_values_are_escaped_in_templates(context):
    mean = "<b>&</b>"
    lazy = _l("Ke %(unit)s", unit=mean)
    page = render_template_string(
        '{{ lazy }}|{{ _("Ke %(unit)s", unit=mean) }}', lazy=lazy, mean=mean
    )
    assert page == "Ke &lt;b&gt;&amp;&lt;/b&gt;|Ke &lt;b&gt;&amp;&lt;/b&gt;"


def test_templates_have_the_same_short_names(context):
    with speaking("en"):
        page = render_template_string(
            '{{ _n("%(n)s hari", "%(n)s hari", 1, n=1) }} {{ _p("reports", "Kecamatan") }} '
            "{{ pair | tr }} {{ language() }}",
            pair=Pair("Jalan rusak", "Road damage"),
        )
    assert page == "1 day District Road damage en"


# ---------------------------------------------------------------- dates, times, numbers


@pytest.mark.parametrize(
    ("name", "value", "indonesian", "english"),
    [
        ("date_long", FRIDAY, "Jumat, 27 November 2026", "Friday, 27 November 2026"),
        ("date_plain", date(2026, 8, 4), "4 Agustus 2026", "4 August 2026"),
        ("date_short", FRIDAY, "27 Nov 2026", "27 Nov 2026"),
        ("date_short", date(2026, 8, 4), "4 Agu 2026", "4 Aug 2026"),
        ("date_tiny", FRIDAY, "Jum 27 Nov", "Fri 27 Nov"),
        ("month_year", date(2026, 12, 7), "Desember 2026", "December 2026"),
        ("month", date(2026, 5, 1), "Mei", "May"),
        ("weekday", date(2026, 12, 7), "Senin", "Monday"),
        ("time_local", INSTANT, "14.30 WIB", "2.30 pm WIB"),
        (
            "datetime_local",
            INSTANT,
            "27 November 2026 pukul 14.30 WIB",
            "27 November 2026, 2.30 pm WIB",
        ),
        ("number", 2546452, "2.546.452", "2,546,452"),
        ("number", Decimal("82.61"), "82,61", "82.61"),
        ("number", 7.9, "7,9", "7.9"),
        ("percent", 0.079, "7,9\N{NO-BREAK SPACE}%", "7.9%"),
        ("percent", 1, "100\N{NO-BREAK SPACE}%", "100%"),
        ("money", 12000, "Rp12.000", "Rp12,000"),
    ],
)
def test_written_forms(context, name, value, indonesian, english):
    write = i18n.FILTERS[name]
    assert write(value) == indonesian
    with speaking("en"):
        assert write(value) == english
        assert render_template_string(f"{{{{ value | {name} }}}}", value=value) == english


def test_instants_are_written_on_the_city_s_clock(tmp_path):
    late = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    with make_app(tmp_path).app_context():
        assert i18n.date_long(late) == "Sabtu, 28 November 2026"
        assert i18n.time_local(late) == "00.00 WIB"
        with speaking("en"):
            assert i18n.time_local(late) == "12.00 am WIB"
            assert i18n.time_local(datetime(2026, 11, 27, 5, 5, tzinfo=UTC)) == "12.05 pm WIB"
    with make_app(tmp_path, zone="Asia/Jayapura").app_context():
        assert i18n.time_local(late) == "02.00 WIT"


def test_a_naive_instant_is_refused(context):
    with pytest.raises(ValueError, match="naive"):
        i18n.time_local(INSTANT.replace(tzinfo=None))


# ---------------------------------------------------------------- compiled catalogues


def test_several_processes_may_compile_at_once(tmp_path):
    make_app(tmp_path)
    source, target = tmp_path / "translations", tmp_path / "together"
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=compile_catalogues, args=(source, target)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["messages.mo"]


def test_a_changed_catalogue_is_compiled_again(tmp_path):
    make_app(tmp_path)
    source = next((tmp_path / "translations").rglob("*.po"))
    source.write_text(ENGLISH.replace("Search", "Find"), encoding="utf-8")
    compile_catalogues(tmp_path / "translations", tmp_path / "i18n")
    assert b"Find" in next((tmp_path / "i18n").rglob("*.mo")).read_bytes()
