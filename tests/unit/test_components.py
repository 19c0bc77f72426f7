"""Macros and frame, rendered without a database: valid, named, in both languages, words kept."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user, login_user
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Form,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from app.core import access, i18n, looks
from app.core.error_texts import ERRORS, error_text
from app.core.promise_view import EventView, Picture, Promise, clock_of, row_of
from app.core.status_look import STATUS
from app.places.city import load_city
from tests.html import problems, soup_of, words

ROOT = Path(__file__).resolve().parents[2]
CITY = load_city(Path("no-such-folder"))
TODAY = date(2026, 11, 24)
DUE = date(2026, 11, 19)
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PAGES = {
    "/": "home",
    "/keluhan": "list",
    "/keluhan/baru": "new",
    "/lacak": "track",
    "/bantuan": "help",
    "/petugas": "desk",
    "/petugas/akun": "accounts",
    "/petugas/sesi": "staff.sessions",
}


SUBJECTS: Any = ["parit", "lain"]
PLACES: Any = ["Aur"]


class Report(Form):
    """One field of each kind."""

    token = HiddenField(default="secret")
    text = TextAreaField("Ceritakan", [Length(min=20, message="Tulis minimal 20 huruf.")])
    category = RadioField("Urusan", [InputRequired("Pilih urusan.")], choices=SUBJECTS)
    place = SelectField("Kelurahan", [InputRequired("Pilih kelurahan.")], choices=PLACES)
    since = DateField("Sejak kapan?", [Optional()], format="%d %m %Y", description="27 11 2026")
    photos = MultipleFileField("Tambah foto (boleh kosong)", [Optional()])
    named = BooleanField("Tampilkan nama", description="Semua orang membacanya.")
    phone = StringField("Nomor ponsel", [Optional()])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The templates with what the real site gives them, and pages that say nothing."""
    app = Flask("look", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_env.undefined = StrictUndefined
    i18n.init_app(
        app,
        Babel(),
        translations=ROOT / "translations",
        compiled=tmp_path_factory.mktemp("i18n"),
        zone=CITY.zone,
    )
    app.secret_key = "secret"
    manager = LoginManager()
    manager.user_loader(lambda _: None)
    manager.init_app(app, add_context_processor=False)
    looks.init_app(app)
    app.jinja_env.globals.update(
        asset=lambda name: f"/static/{name}",
        city=CITY,
        csrf_token=lambda: "token",
        current_user=current_user,
        demo_mode=True,
        today=TODAY,
    )
    for address, name in PAGES.items():
        app.add_url_rule(address, name, lambda: "")
    app.add_url_rule("/petugas/keluar", "staff.sign_out", lambda: "", methods=["POST"])
    for name, permission in (("desk", "case.read"), ("accounts", "staff.manage")):
        app.view_functions[name] = access.staff(access.Permission(permission))(lambda: "")
    return app


@pytest.fixture(params=["id", "en"])
def spoken(site: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    """A request in one language."""
    with site.test_request_context(f"/keluhan?lang={request.param}"):
        yield request.param


PAGE = """{% extends "base.html" %}{% import "components/form.html" as f %}
{% from "components/action.html" import bar, button, go, link_button, moves %}
{% from "components/icon.html" import icon %}
{% from "components/list.html" import empty, facts, num, pager, reps %}
{% from "components/promise.html" import by_date, clock, leaf %}
{% from "components/status.html" import supporters, tag, tags %}
{% from "components/story.html" import hist, pair, pictures %}
{% block title %}Uji{% endblock %}{% block main %}<h1>Uji</h1><h2>Isi</h2>"""


def page(source: str, **values: Any) -> str:
    return render_template_string(PAGE + source + "{% endblock %}", **values)


def promise(state: str) -> Promise:
    return Promise(
        state, TODAY, DUE, date(2026, 10, 30), DUE, unit="SDABMBK", agency="PLN", target="2611-0001"
    )


# ---------------------------------------------------------------- the promise


@pytest.mark.parametrize("state", STATUS)
def test_clock_and_row_of_every_state(spoken: str, state: str) -> None:
    view = clock_of(promise(state), CITY.calendar, holder="SDABMBK", since=NOW, age_days=29)
    row = row_of(
        promise(state),
        CITY.calendar,
        url="/keluhan/2611-0001",
        title="<b>Parit</b>",
        place="Aur",
        number="2611-0001",
        holder="SDABMBK",
        supporters=1,
        age_days=29,
    )
    html = page("{{ clock(view, wide=true) }}{{ reps([row]) }}", view=view, row=row)
    assert problems(html) == []
    assert "&lt;b&gt;Parit" in html
    soup = soup_of(html)
    assert all(one.get("aria-hidden") for one in soup.select(".leaf, .shoots svg"))
    assert words(soup.select_one(".clock-now"))


def test_the_clock_says_its_dates_in_words(spoken: str) -> None:
    view = clock_of(promise("in_progress"), CITY.calendar, holder="SDABMBK", since=NOW)
    text = words(soup_of(page("{{ clock(view) }}", view=view)).select_one(".clock"))
    if spoken == "id":
        assert "Kamis, 19 November 2026" in text
        assert "24 November 2026 pukul 10.00 WIB" in text
    else:
        assert "Thursday, 19 November 2026" in text
        assert "24 November 2026, 10.00 am WIB" in text


def test_three_sizes_of_leaf(spoken: str) -> None:
    html = page(
        "{{ leaf(view) }}{{ leaf(view, 's') }}{{ leaf(view, 'in') }}",
        view={"date": DUE, "word": "Janji", "tone": "late"},
    )
    large, small, inline = (words(one) for one in soup_of(html).select(".leaf.late"))
    weekday, short = ("Kamis", "Kam") if spoken == "id" else ("Thursday", "Thu")
    assert large == f"Janji 19 November 2026 {weekday}"
    assert small == "Janji 19 Nov"
    assert inline == f"{short} 19 Nov"


# ---------------------------------------------------------------- forms

FIELDS = """{{ f.error_summary(form) }}<form method="post">
<input type="hidden" name="csrf_token" value="t">{{ f.hidden(form) }}
{% call f.part(1, "Apa") %}{{ f.textarea(form.text, hint="Sehari-hari saja", max=40) }}
{{ f.pick(form.category, notes={"parit": "ke SDABMBK"}, icons={"parit": "parit"}) }}{% endcall %}
{{ f.select(form.place) }}{{ f.date_parts(form.since) }}{{ f.file(form.photos, multiple=true) }}
{{ f.checkbox(form.named) }}{{ f.text(form.phone, inputmode="tel", data_x="1") }}
{{ button("Kirim", "big", "sent", name="do", value="send") }}</form>"""
WRONG = MultiDict(
    [("text", "pendek & <i>"), ("since", "31"), ("since", "2"), ("since", "2026"), ("phone", "08")]
)


def test_an_untouched_form(spoken: str) -> None:
    html = page(FIELDS, form=Report())
    assert problems(html) == []
    soup = soup_of(html)
    assert not soup.select(".sum, .bad, .err, [aria-invalid]")
    assert soup.select_one("[name=token]")
    assert [one["name"] for one in soup.select(".parts input")] == ["since"] * 3
    optional = "(boleh kosong)" if spoken == "id" else "(optional)"
    assert words(soup.select_one("label[for=phone]")).endswith(optional)
    assert optional not in words(soup.select_one("label[for=text]"))


def test_optional_is_not_said_twice(site: Flask) -> None:
    with site.test_request_context("/"):
        label = soup_of(page(FIELDS, form=Report())).select_one("label[for=photos]")
    assert words(label) == "Tambah foto (boleh kosong)"


def test_errors_stand_at_the_field_and_above_in_the_same_words(spoken: str) -> None:
    form = Report(WRONG)
    assert not form.validate()
    html = page(FIELDS, form=form)
    assert problems(html) == []
    soup = soup_of(html)
    summary = soup.select_one(".sum")
    assert summary
    assert summary.has_attr("autofocus")
    assert summary["tabindex"] == "-1"
    above = [words(one) for one in summary.select("li a")]
    below = [words(one) for one in soup.select(".field .err")]
    assert (
        above == below == [form[name].errors[0] for name in ("text", "category", "place", "since")]
    )
    for link in summary.select("li a"):
        assert soup.select_one(str(link["href"]))


def test_what_was_typed_stays(site: Flask) -> None:
    with site.test_request_context("/"):
        form = Report(WRONG)
        form.validate()
        soup = soup_of(page(FIELDS, form=form))
    area = soup.select_one("textarea")
    assert area
    assert area.get_text().strip() == "pendek & <i>"
    assert [one["value"] for one in soup.select(".parts input")] == ["31", "2", "2026"]
    phone = soup.select_one("#phone")
    assert phone
    assert (phone["value"], phone["inputmode"], phone["data-x"]) == ("08", "tel", "1")


def test_hint_and_error_describe_their_field(site: Flask) -> None:
    with site.test_request_context("/"):
        form = Report(WRONG)
        form.validate()
        soup = soup_of(page(FIELDS, form=form))
    area, dates = soup.select_one("#text"), soup.select_one("fieldset#since")
    assert area
    assert area["aria-describedby"] == "text-h text-e"
    assert area["aria-invalid"] == "true"
    assert dates
    assert dates["aria-describedby"] == "since-h since-e"


# ---------------------------------------------------------------- lists, stories, actions


def test_history_keeps_line_breaks_and_escapes(spoken: str) -> None:
    picture = Picture("/foto/1", "Lubang", "Foto 9 Nov")
    events = [
        EventView("up", "Naik", NOW, "otomatis", late=True),
        EventView("answer", "Menulis", NOW, text="Satu\n<script>", pictures=[picture]),
    ]
    html = page("{{ hist(events) }}{{ pair(one, none) }}", events=events, one=picture)
    assert problems(html) == []
    soup = soup_of(html)
    said = soup.select_one(".said")
    assert said
    assert said.get_text() == "Satu\n<script>"
    assert len(soup.select("figure img")) == 2
    assert soup.select_one("li.late h3")


def test_the_small_macros(spoken: str) -> None:
    html = page(
        """{{ pager("/a?x=1&y", none) }}{{ pager(none, none) }}{{ bar(73.4) }}
        {{ empty("Kosong", "Coba lagi", ("Buat", "/keluhan/baru")) }}
        {{ facts([("Nama", "A & B")]) }}<dl class="nums">{{ num(12, "laporan") }}</dl>
        {{ icon("eye", "Terlihat") }}{{ by_date(day) }}{{ go("Semua", "/keluhan") }}
        {{ link_button("Buat", "/keluhan/baru", "gold big", "you", rel="next") }}
        {{ moves([{"label": "Jawab", "icon": "answer", "url": "#isi", "tone": "line"}]) }}
        {{ supporters(1200) }}{{ pictures([]) }}""",
        day=DUE,
    )
    assert problems(html) == []
    assert ("1.200 ikut" if spoken == "id" else "1,200 more people") in html
    assert 'class="v low" d="M0 0h73v8H0z"' in html
    assert html.count("<nav") == 2  # the menu and one pager


# ---------------------------------------------------------------- frame and pages


def test_the_menu_shows_only_pages_that_exist(spoken: str) -> None:
    soup = soup_of(page(""))
    menu = soup.select(".nav a")
    assert [one["href"] for one in menu] == ["/keluhan/baru", "/lacak", "/keluhan"]
    assert [one.get("aria-current") for one in menu] == [None, None, "page"]
    assert soup.select_one(".skip[href='#isi']")
    assert soup.select_one(".demo")


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/keluhan/baru", {"/keluhan/baru": "page"}),
        ("/keluhan/2611-0001", {"/keluhan": "true"}),
        ("/keluhan-lain", {}),
        ("/", {}),
    ],
)
def test_the_current_page_is_marked(site: Flask, path: str, current: dict[str, str]) -> None:
    with site.test_request_context(path):
        menu = soup_of(page("")).select(".nav a[aria-current]")
    assert {str(one["href"]): str(one["aria-current"]) for one in menu} == current


class Person(UserMixin):  # type: ignore[misc]
    """Somebody signed in."""

    def __init__(self, role: str) -> None:
        self.id = "1"
        self.staff = SimpleNamespace(role=role, unit_code="sdabmbk", name="Rina")


DESK = """{% extends "desk.html" %}{% block title %}A{% endblock %}
{% block main %}<h1>A</h1>{% endblock %}"""


@pytest.mark.parametrize(
    ("role", "menu"), [("officer", ["/petugas"]), ("admin", ["/petugas/akun"])]
)
def test_the_desk_shows_what_one_may_open(spoken: str, role: str, menu: list[str]) -> None:
    login_user(Person(role))
    html = render_template_string(DESK)
    assert problems(html) == []
    soup = soup_of(html)
    assert soup.select_one("body.desk")
    assert [one["href"] for one in soup.select(".nav a")] == menu
    assert words(soup.select_one(".util a")) == "Rina"
    assert soup.select_one(".util form[method=post] button")


def test_the_desk_shows_nothing_to_a_stranger(spoken: str) -> None:
    html = render_template_string(DESK)
    assert problems(html) == []
    assert not soup_of(html).select(".nav a, .util form")


class FrontPage:
    """What the home page is given, on a busy or a first day."""

    def __init__(self, *, busy: bool) -> None:
        row = row_of(
            promise("in_progress"),
            CITY.calendar,
            url="/keluhan/2611-0001",
            title="Parit di Aur",
            place="Aur",
            number="2611-0001",
            holder="SDABMBK",
        )
        self.received_30, self.closed_30 = (1284, 1) if busy else (0, 0)
        self.on_time_percent = 83 if busy else None
        self.disputed_percent = 4.5 if busy else None
        self.late = [row] if busy else []
        self.fixed = [(row, "/foto/1", "/foto/2"), (row, None, None)] if busy else []


@pytest.mark.parametrize("busy", [True, False])
def test_the_home_page(spoken: str, busy: bool) -> None:
    html = render_template("site/home.html", home=FrontPage(busy=busy))
    assert problems(html) == []
    soup = soup_of(html)
    assert len(soup.select(".empty")) == (0 if busy else 3)
    assert ("Jumat, 27 November 2026" if spoken == "id" else "Friday, 27 November 2026") in words(
        soup.select_one(".give")
    )
    if busy:
        figures = words(soup.select_one(".nums"))
        expected = ("1.284", "83\N{NO-BREAK SPACE}%", "4,5") if spoken == "id" else ("1,284", "83%")
        assert all(" ".join(figure.split()) in figures for figure in expected)


@pytest.mark.parametrize("name", CITY.pages)
def test_standing_pages(spoken: str, name: str) -> None:
    html = render_template("site/page.html", page=CITY.pages[name], name=name)
    assert problems(html) == []


@pytest.mark.parametrize("code", ERRORS)
def test_error_pages_say_what_to_do(spoken: str, code: int) -> None:
    html = render_template("errors/page.html", error=error_text(code))
    assert problems(html) == []
    assert soup_of(html).select_one("main a.btn[href]")


def test_an_unknown_status_speaks_as_its_family() -> None:
    assert (error_text(418).code, error_text(507).code) == (400, 500)


@pytest.mark.parametrize(
    ("referrer", "leads"),
    [
        ("http://localhost/keluhan/baru?a=1", "/keluhan/baru?a=1"),
        ("http://evil.example/keluhan", "/"),
        ("http://localhost//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_back_leads_only_to_our_own_pages(site: Flask, referrer: str, leads: str) -> None:
    with site.test_request_context("/lacak", headers={"Referer": referrer}):
        assert looks.back_url() == leads


# ---------------------------------------------------------------- every template

MACRO_FILES = sorted((ROOT / "templates" / "components").glob("*.html"))


@pytest.mark.parametrize("path", MACRO_FILES, ids=lambda path: path.stem)
def test_macros_stand_in_the_list_at_the_top_of_their_file(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    head = source[: source.index("#}")]
    for name in re.findall(r"{% macro (\w+)\(", source):
        users = source.count(f"{name}(") - head.count(f"{name}(")
        assert f"{name}(" in head or users > 1, f"{name} is neither explained nor used in its file"
