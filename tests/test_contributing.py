"""The table "what to touch for which change" is true: each change is made on a copy, and works."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Column, Integer, Table

from app.cases.lifecycle import Clock, Move
from app.complaints.lifecycle import LIFECYCLE
from app.core import access, turning
from app.core.database import Base, Ciphertext
from app.core.i18n import _l
from app.core.mail import Mails
from app.core.replies import Replies
from app.places.city import SHIPPED, load_city
from app.requests.service_files import load_services
from app.requests.services import ROOMS, Room
from app.requests.views import add_rooms

GUIDE = Path("CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!change|---)(.+?) \| (.+?) \|$", GUIDE, re.M)
DAY = date(2026, 11, 24)

Change = Callable[[str], str]


def added(text: str) -> Change:
    return lambda old: f"{old}\n{text}"


def swapped(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


@pytest.fixture
def shadow(tmp_path: Path) -> Callable[[str, Change], Path]:
    """Change one file in a folder that shadows the shipped city."""

    def make(name: str, change: Change) -> Path:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(change((SHIPPED / name).read_text(encoding="utf-8")), encoding="utf-8")
        return tmp_path

    return make


def test_the_table_names_files_that_exist() -> None:
    named = {path for _change, touch in ROWS for path in re.findall(r"`([\w./-]+[/.]\w*)`", touch)}
    assert len(named) > 20
    assert [path for path in sorted(named) if not Path(path).exists()] == []


def test_a_category(shadow: Callable[[str, Change], Path]) -> None:
    entry = """
[[category]]
slug = "stray_dogs"
name = { id = "Anjing lepas", en = "Stray dogs" }
hint = { id = "Anjing tanpa pemilik di jalan.", en = "Dogs without an owner." }
icon = "lain"
unit = "satpol_pp"
deadline = "plain"
visibility = "publik"
keywords = ["anjing lepas", "anjing galak"]
source = "test"
"""
    city = load_city(shadow("categories.toml", added(entry)))
    assert "stray_dogs" in {category.slug for category in city.categories_on(DAY)}
    assert city.suggest_categories("Ada anjing lepas di gang kami", DAY)[0].slug == "stray_dogs"


def test_a_unit(shadow: Callable[[str, Change], Path]) -> None:
    entry = """
[[unit]]
code = "dinas_baru"
kind = "dinas"
name = { id = "Dinas Baru", en = "Dinas Baru (new agency)" }
short = { id = "Dinas Baru", en = "Dinas Baru" }
mailbox = ""
source = "test"
"""
    city = load_city(shadow("units.toml", added(entry)))
    assert city.unit("dinas_baru").known


def test_a_kelurahan(shadow: Callable[[str, Change], Path]) -> None:
    row = "12.71.01,Medan Kota,3.56943,98.69479,12.71.01.1999,Kelurahan Baru\n"
    folder = shadow("areas.csv", lambda old: old.rstrip("\n") + "\n" + row)
    assert "Kelurahan Baru" in {v.name for v in load_city(folder).villages_of("12.71.01")}


def test_a_local_day_off(shadow: Callable[[str, Change], Path]) -> None:
    def insert(old: str) -> str:
        head, *rows = old.strip().splitlines()
        return "\n".join([head, *sorted([*rows, "2026-11-25,Pilkada,Election,local"])]) + "\n"

    city = load_city(shadow("holidays.csv", insert))
    assert city.calendar.add(date(2026, 11, 24), 1) == date(2026, 11, 26)


def test_a_reason_of_rejection(shadow: Callable[[str, Change], Path]) -> None:
    entry = """
[[reason]]
code = "uji"
label = { id = "Uji coba", en = "A trial" }
text = { id = "Laporan ini uji coba.", en = "This report is a trial." }
"""
    assert load_city(shadow("reject.toml", added(entry))).reject_reason("uji").known


def test_how_many_days_a_step_may_take(
    shadow: Callable[[str, Change], Path], tmp_path: Path
) -> None:
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    city = load_city(shadow("city.toml", swapped("verify_days = 3", "verify_days = 2")))
    assert city.promises.verify_days == 2


def test_the_words_of_a_mail(shadow: Callable[[str, Change], Path]) -> None:
    said = Mails.load(SHIPPED / "mails.toml", Path("templates")).mails["withdrawn"].subject["id"]
    folder = shadow("mails.toml", swapped(said, f"{said} baru"))
    mails = Mails.load(folder / "mails.toml", Path("templates"))
    assert mails.mails["withdrawn"].subject["id"] == f"{said} baru"


def test_a_reply_template(shadow: Callable[[str, Change], Path]) -> None:
    entry = """
[reply.uji]
moves = ["answer"]
categories = ["*"]
title = { id = "Uji", en = "Trial" }
when_not = { id = "bukan uji", en = "it is no trial" }
id = "Selesai pada [[tanggal]]."
en = "Done on [[date]]."
"""
    replies = Replies.load(shadow("replies.toml", added(entry)) / "replies.toml")
    assert "uji" in {reply.name for reply in replies.fitting("answer", "road_damage")}


def test_a_standing_page(shadow: Callable[[str, Change], Path]) -> None:
    city = load_city(SHIPPED)
    title = city.pages["help"].title.id
    folder = shadow("texts/help.toml", swapped(title, f"{title} baru"))
    assert load_city(folder).pages["help"].title.id == f"{title} baru"


def test_another_city() -> None:
    assert load_city(Path("tests/cities/muara")).code != load_city(SHIPPED).code


def test_a_move() -> None:
    row = Move("pause", ("in_progress",), "assigned", "case.work", Clock.ANSWER, "Tunda", "Ditunda")
    changed = replace(LIFECYCLE, moves=(*LIFECYCLE.moves, row))
    assert changed.step("pause", "in_progress") is row


def test_a_right_of_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = access.GRANTS[access.Role.VIEWER]
    monkeypatch.setitem(viewer, access.Permission.CASE_NOTE, access.Scope.UNIT)

    class Viewer:
        role, unit_code = "viewer", "dishub"

    assert access.may(Viewer(), access.Permission.CASE_NOTE)


def test_a_column_of_personal_data() -> None:
    columns = Column("id", Integer, primary_key=True), Column("phone", Ciphertext)
    table = Table("trial", Base.metadata, *columns)
    try:
        names = {place.name for place in turning.places(None, None)}  # type: ignore[arg-type]
    finally:
        Base.metadata.remove(table)
    assert "trial.phone" in names


def test_a_room_of_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROOMS, "trial", Room(_l("Perizinan"), _l("Perizinan"), "lain", "/uji"))
    (tmp_path / "services" / "trial").mkdir(parents=True)
    shutil.copy(SHIPPED / "services/permits/krm.toml", tmp_path / "services/trial/krm.toml")
    (found,) = load_services(tmp_path, load_city(tmp_path)).of_room("trial")
    pages, app = Blueprint("trial", __name__), Flask(__name__)
    add_rooms(pages)
    app.register_blueprint(pages)
    address = app.url_map.bind("x").build("trial.trial_service", {"code": found.code})
    assert address == f"/uji/{found.code}"


def test_a_dependency_must_be_explained() -> None:
    assert Path("docs/dependencies.md").exists()
    assert shutil.which("make") is not None
