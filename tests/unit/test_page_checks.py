"""The page checks find what they are for: a check that cannot fail protects nobody."""

from typing import Any

import pytest
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from tests.html import problems
from tests.pages import Client

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
GOOD = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>Lapor</title></head><body>
<a href="#isi">Ke isi</a>
<main id="isi"><h1>Lapor</h1>
<img src="/a.jpg" alt="" width="10" height="10">
<svg aria-hidden="true"><use href="/icons.svg#done"/></svg>
<form method="post" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="x">
<label for="text">Cerita</label><p id="text-e" class="err">Tulis dulu.</p>
<textarea id="text" name="text" aria-describedby="text-e" aria-invalid="true">
lama</textarea>
<label>Kelurahan <select name="area"><option value="">–</option><option value="7">Kota</option>
</select></label>
<label><input type="radio" name="who" value="publik" checked> Publik</label>
<label><input type="radio" name="who" value="anonim"> Anonim</label>
<label><input type="checkbox" name="agree" value="y"> Setuju</label>
<label>Foto <input type="file" name="photos" multiple></label>
<button name="do" value="check">Periksa</button><button name="do" value="send">Kirim</button>
</form></main></body></html>"""

BROKEN = {
    "second h1": ("<main", "<h1>Dua</h1><main", "2 h1"),
    "no title": ("<title>Lapor</title>", "<title></title>", "no title"),
    "no language": ('lang="id"', 'lang="xx"', "lang"),
    "unclosed tag": ("</h1>", "", "HTML error"),
    "doubled id": ('<p id="text-e"', '<p id="text"', "2 times"),
    "lost description": ('id="text-e"', 'id="other"', "aria-describedby='text-e' has no target"),
    "lost label": ('for="text"', 'for="txt"', "for='txt' has no target"),
    "no label": ('<label for="text">Cerita</label>', "", "'text'> has no label"),
    "lost anchor": ('href="#isi"', 'href="#tidak"', "href='#tidak' has no target"),
    "empty link": (">Ke isi<", "><", "has no name"),
    "no alt": ('alt=""', "", "has no alt"),
    "no size": ('width="10"', "", "has no size"),
    "no such icon": ("#done", "#undrawn", "icon 'undrawn' is not drawn"),
    "inline script": ("<main", "<script>1</script><main", "inline script"),
    "inline style": ("<h1>", '<h1 style="color:red">', "inline style"),
    "inline handler": ("<h1>", '<h1 onclick="x()">', "inline onclick"),
    "script address": ('href="#isi"', 'href="javascript:x()"', "runs its address"),
    "no token": ('name="csrf_token"', 'name="token"', "no csrf_token"),
    "placeholder": ("<h1>Lapor", "<h1>Lapor %(nomor)s", "leftover '%(nomor'"),
    "template": ("<h1>Lapor", "<h1>Lapor {{ x }}", "leftover '{{'"),
    "brace": ("<h1>Lapor", "<h1>Lapor {nomor}", "leftover '{nomor}'"),
    "none": ('value="x"', 'value="None"', "'None' stands where a value should"),
    "control character": ("Lapor</h1>", "Lapor\x01</h1>", "leftover"),
    "heavy": ("<h1>", "".join(f"<i>{n * 7919 % 10007}</i>" for n in range(9000)) + "<h1>", "bytes"),
}


def test_a_good_page_has_no_problems() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_found(name: str) -> None:
    old, new, expected = BROKEN[name]
    assert old in GOOD
    assert any(expected in problem for problem in problems(GOOD.replace(old, new, 1)))


@pytest.fixture
def mirror() -> Flask:
    """An application that shows a form and answers with what was sent."""
    app = Flask(__name__)
    app.testing = True

    @app.route("/", methods=["GET", "POST"])
    def form() -> tuple[str, int, dict[str, str]]:
        return GOOD, 422 if request.method == "POST" and not request.form["area"] else 200, HEADERS

    @app.post("/sent")
    def sent() -> dict[str, Any]:
        files = [(f.filename, len(f.read()), f.mimetype) for f in request.files.getlist("photos")]
        return {"form": request.form.to_dict(flat=False), "files": files}

    @app.get("/bare")
    def bare() -> str:
        return GOOD

    @app.post("/wrong-redirect")
    def wrong() -> Response:
        return redirect("/", 302)

    return app


def test_a_form_starts_as_the_page_gives_it_and_sends_what_a_browser_would(mirror: Flask) -> None:
    form = Client(mirror).get("/").form("Kirim")
    form.action = "/sent"
    form.fill(area="7", who="anonim", agree=True).attach("photos", ("a.jpg", b"123"))
    answer = form.submit("Kirim").response.json
    assert answer is not None
    assert answer["files"] == [["a.jpg", 3, "image/jpeg"]]
    assert answer["form"] == {
        "csrf_token": ["x"],
        "text": ["lama"],
        "area": ["7"],
        "who": ["anonim"],
        "agree": ["y"],
        "do": ["send"],
    }


def test_an_untouched_form_sends_its_first_button_and_an_empty_file(mirror: Flask) -> None:
    form = Client(mirror).get("/").form()
    form.action = "/sent"
    answer = form.submit().response.json
    assert answer is not None
    assert answer["form"]["do"] == ["check"]
    assert "agree" not in answer["form"]
    assert answer["files"] == [["", 0, "application/octet-stream"]]


@pytest.mark.parametrize(
    "values", [{"area": "99"}, {"who": "rahasia"}, {"missing": "x"}, {"csrf_token": "y"}]
)
def test_nobody_can_choose_what_is_not_offered(mirror: Flask, values: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        Client(mirror).get("/").form().fill(**values)


def test_errors_stand_at_their_field(mirror: Flask) -> None:
    page = Client(mirror).get("/").form().submit()
    assert page.status == 422
    assert page.errors() == {"text": "Tulis dulu."}


def test_missing_headers_and_wrong_redirects_fail(mirror: Flask) -> None:
    with pytest.raises(AssertionError, match="Content-Security-Policy"):
        Client(mirror).get("/bare")
    with pytest.raises(AssertionError, match="303"):
        Client(mirror).post("/wrong-redirect")
    with pytest.raises(AssertionError, match="404"):
        Client(mirror).get("/nowhere")
