"""The catalogue's keeper: what it takes from the code, what it keeps, what it complains about."""

from pathlib import Path

import pytest

from scripts import strings

PYTHON = """
_("Cari")
_l("Kirim laporan")
_n("%(n)s hari", "%(n)s hari", n, n=n)
_p("reports", "Kecamatan")
_("Kecamatan")
"""
TEMPLATE = '{{ _("Ke %(unit)s", unit=unit) }} {{ _n("%(n)s hari", "%(n)s hari", 2, n=2) }}'
ENGLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "%(n)s hari"
msgid_plural "%(n)s hari"
msgstr[0] "one day"
msgstr[1] "%(n)s days"

msgid "Cari"
msgstr "Search"

msgid "Kecamatan"
msgstr "District (kecamatan)"

msgctxt "reports"
msgid "Kecamatan"
msgstr "District"

msgid "Ke %(unit)s"
msgstr "To %(unit)s"

msgid "Kirim laporan"
msgstr "Send report"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("app", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "babel.cfg").write_text(
        (strings.ROOT / "babel.cfg").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "app" / "views.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "templates" / "list.html").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "messages.po").write_text(ENGLISH, encoding="utf-8")
    return tmp_path


def report(root: Path) -> list[str]:
    return strings.problems(strings.uses(root), strings.read(root / "messages.po"))


def add(root: Path, python: str = "", english: str = "") -> None:
    for file, more in (("app/views.py", python), ("messages.po", english)):
        with (root / file).open("a", encoding="utf-8") as stream:
            stream.write(f"\n{more}\n")


def change(root: Path, old: str, new: str) -> None:
    file = root / "messages.po"
    words = file.read_text(encoding="utf-8")
    assert old in words
    file.write_text(words.replace(old, new), encoding="utf-8")


def test_complete_english_has_no_problems(root):
    assert report(root) == []


def test_a_new_text_needs_english(root):
    add(root, python='_("Batal")')
    assert report(root) == ["'Batal': English is missing"]


def test_both_forms_of_a_number_are_needed(root):
    change(root, 'msgstr[0] "one day"', 'msgstr[0] ""')
    assert report(root) == ["'%(n)s hari': English is missing"]


def test_a_context_has_english_of_its_own(root):
    change(root, 'msgstr "District"', 'msgstr ""')
    assert report(root) == ["[reports] 'Kecamatan': English is missing"]


def test_placeholders_agree(root):
    change(root, "To %(unit)s", "To %(agency)s")
    change(root, "%(n)s days", "many days")
    assert report(root) == [
        "'%(n)s hari': placeholders differ",
        "'Ke %(unit)s': placeholders differ",
    ]


@pytest.mark.parametrize("text", ["7 % tepat waktu", "Ke %s", "%d laporan"])
def test_only_named_placeholders_and_doubled_percent_signs(root, text):
    add(root, python=f'_("{text}")', english=f'msgid "{text}"\nmsgstr "{text}"')
    assert report(root) == [f"{text!r}: write %(name)s for a placeholder and %% for a percent sign"]


def test_what_nobody_says_any_more_is_named(root):
    add(root, english='msgid "Lama"\nmsgstr "Old"')
    assert report(root) == ["'Lama': not used any more"]


def test_a_guess_is_named(root):
    change(root, 'msgid "Cari"', '#, fuzzy\nmsgid "Cari"')
    assert report(root) == ["'Cari': marked fuzzy"]


def test_a_text_with_two_forms_is_always_asked_with_its_number(root):
    add(root, python='_("%(n)s hari", n=2)')
    assert report(root) == [
        "app/views.py:8: '%(n)s hari' needs its number here too (ngettext), as elsewhere"
    ]


def test_a_template_that_cannot_be_parsed_is_named(root):
    (root / "templates" / "list.html").write_text("{{ _( }}", encoding="utf-8")
    with pytest.raises(SyntaxError, match=r"templates/list\.html"):
        report(root)


def test_an_update_keeps_english_and_drops_the_unused(root):
    add(root, python='_("Batal")', english='msgid "Lama"\nmsgstr "Old"')
    path = root / "messages.po"
    strings.write(path, strings.updated(strings.uses(root), strings.read(path)))
    words = path.read_text(encoding="utf-8")
    assert 'msgid "Batal"\nmsgstr ""' in words
    assert 'msgid "Cari"\nmsgstr "Search"' in words
    assert "Lama" not in words
    strings.write(path, strings.updated(strings.uses(root), strings.read(path)))
    assert path.read_text(encoding="utf-8") == words


def test_the_file_says_texts_only(root):
    """No dates, no line numbers: a moved line of code changes nothing."""
    path = root / "messages.po"
    strings.write(path, strings.read(path))
    before = path.read_bytes()
    (root / "app" / "views.py").write_text("\n" * 9 + PYTHON, encoding="utf-8")
    strings.write(path, strings.updated(strings.uses(root), strings.read(path)))
    assert path.read_bytes() == before
    assert b"views.py" not in before
    assert b"Date" not in before


def test_the_site_s_english_is_complete():
    found = strings.uses()
    assert strings.problems(found, strings.read(strings.ROOT / strings.CATALOGUE)) == []
