"""Choosing photos: the script previews, removes and shrinks; the form sends what it left."""

import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request
from PIL import Image
from PIL.Image import Transpose
from playwright.sync_api import Browser, FilePayload, Page, expect
from werkzeug.serving import make_server

from app.core.pages import _content_security_policy
from tests.unit.test_photos import MARK, exif, quarters, saved, shows_quarters

STATIC = Path(__file__).resolve().parents[2] / "static"
PAGE = """<!doctype html><html lang="{lang}"><title>Foto</title>
<link rel="stylesheet" href="/static/css/tokens.css">
<link rel="stylesheet" href="/static/css/site.css">
<script type="module" src="/static/js/photos.js"></script>
<form method="post" enctype="multipart/form-data"><div class="field">
<label for="foto">Tambah foto</label>
<input type="file" id="foto" name="foto" multiple accept="image/jpeg,image/png,image/webp"
 data-photos data-max="3" data-text-photo="Foto {{n}}" data-text-remove="Hapus foto {{n}}"
 data-text-removed="Foto {{n}} dihapus." data-text-shrinking="Mengecilkan foto {{n}}…"
 data-text-shrunk="Foto dikecilkan dari {{before}} jadi {{after}}."
 data-text-many="Pilih paling banyak {{max}} foto. Hapus {{n}} foto dulu.">
</div><button>Kirim</button></form></html>"""

Sent = list[tuple[str, bytes]]


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 60).convert("RGB")


def chosen(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


@pytest.fixture
def sent() -> Sent:
    return []


@pytest.fixture
def address(sent: Sent) -> Iterator[str]:
    """A page with nothing but the input, under the site's own policy."""
    app = Flask("photos", static_folder=str(STATIC))

    @app.route("/", methods=["GET", "POST"])
    def form() -> str:
        sent.extend((file.filename or "", file.read()) for file in request.files.getlist("foto"))
        return PAGE.format(lang=request.args.get("lang", "id"))

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _content_security_policy("")
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    context.set_default_timeout(10_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda note: faults.append(note.text) if note.type == "error" else None)
    page.goto("/")
    yield page
    context.close()
    assert [text for text in faults if "Failed to load resource" not in text] == []


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Tambah foto").set_input_files(list(files))


def send(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Kirim").click()


def small(name: str) -> FilePayload:
    return chosen(name, saved(quarters(), quality=50))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", r"^Foto dikecilkan dari \d,\d MB jadi \d+ kB\.$"),
        ("en", r"^Foto dikecilkan dari \d\.\d MB jadi \d+ kB\.$"),
    ],
)
def test_a_large_photo_is_shrunk_and_says_so(
    page: Page, sent: Sent, language: str, words: str
) -> None:
    page.goto(f"/?lang={language}")
    data = saved(noise(2400, 1800), quality=90)
    choose(page, chosen("parit.jpeg", data))
    expect(page.get_by_role("status")).to_have_text(re.compile(words))
    send(page)
    [(name, arrived)] = sent
    assert name == "parit.jpg"
    assert len(arrived) < len(data) / 2
    assert Image.open(io.BytesIO(arrived)).size == (1600, 1200)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_place_and_orientation_do_not_leave_the_phone(
    page: Page, sent: Sent, orientation: int
) -> None:
    turn = {3: Transpose.ROTATE_180, 6: Transpose.ROTATE_90}.get(orientation)
    held = quarters((2400, 1200))
    held = held.transpose(turn) if turn is not None else held
    choose(page, chosen("a.jpg", saved(held, exif=exif(orientation), quality=100)))
    expect(page.get_by_role("status")).to_contain_text("dikecilkan")
    send(page)
    [(_, arrived)] = sent
    assert shows_quarters(arrived)
    assert MARK not in arrived


def test_what_would_not_get_smaller_is_sent_as_it_is(page: Page, sent: Sent) -> None:
    photo, other = small("a.jpg"), chosen("b.jpg", b"not a photo")
    choose(page, photo, other)
    expect(page.get_by_role("status")).to_have_text("")
    send(page)
    assert sent == [("a.jpg", photo["buffer"]), ("b.jpg", b"not a photo")]


def test_previews_are_shown(page: Page) -> None:
    choose(page, small("a.jpg"), small("b.jpg"))
    image = page.get_by_role("img", name="Foto 2")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 80)


def test_choosing_again_adds(page: Page, sent: Sent) -> None:
    choose(page, small("a.jpg"))
    choose(page, small("b.jpg"))
    expect(page.get_by_role("button", name="Hapus foto 2")).to_be_visible()
    send(page)
    assert [name for name, _ in sent] == ["a.jpg", "b.jpg"]


def test_the_same_photo_twice_is_one_photo(page: Page, sent: Sent) -> None:
    """Tapped twice in the gallery, or handed over by `change` and by `pageshow` both."""
    choose(page, small("a.jpg"))
    expect(page.get_by_role("img")).to_have_count(1)
    page.evaluate("document.querySelector('input').dispatchEvent(new Event('change'))")
    choose(page, small("b.jpg"))
    expect(page.get_by_role("img")).to_have_count(2)
    send(page)
    assert [name for name, _ in sent] == ["a.jpg", "b.jpg"]


def test_too_many(page: Page, sent: Sent) -> None:
    choose(page, *(small(f"{n}.jpg") for n in range(5)))
    expect(page.get_by_role("status")).to_have_text(
        "Pilih paling banyak 3 foto. Hapus 2 foto dulu."
    )
    send(page)
    assert [name for name, _ in sent] == ["0.jpg", "1.jpg", "2.jpg"]


def test_removing_with_the_keyboard(page: Page, sent: Sent) -> None:
    choose(page, small("a.jpg"), small("b.jpg"), small("c.jpg"))
    expect(page.get_by_role("button", name="Hapus foto 3")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("")  # no longer shrinking
    page.get_by_role("button", name="Hapus foto 2").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Foto 2 dihapus.")
    expect(page.get_by_role("button", name="Hapus foto 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hapus foto 1")).to_be_focused()
    send(page)
    assert [name for name, _ in sent] == ["a.jpg"]


def test_removing_the_last_one_leads_back_to_the_input(page: Page, sent: Sent) -> None:
    choose(page, small("a.jpg"))
    page.get_by_role("button", name="Hapus foto 1").click()
    expect(page.get_by_label("Tambah foto")).to_be_focused()
    send(page)
    assert [name for name, _ in sent] == [""]


@pytest.mark.parametrize(
    "browser_lacks",
    [
        "delete window.DataTransfer",
        "delete window.createImageBitmap",
        # What browsers that guard against fingerprinting do to a canvas.
        """CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) => {
             const image = new ImageData(width, height);
             image.data.fill(255);
             return image;
           }""",
    ],
    ids=["no transfer", "no bitmaps", "guarded canvas"],
)
def test_without_support_the_input_works_as_it_is(
    page: Page, sent: Sent, browser_lacks: str
) -> None:
    page.add_init_script(browser_lacks)
    page.goto("/")
    photo = small("a.jpg")
    choose(page, photo)
    expect(page.get_by_role("status")).to_have_count(0)
    send(page)
    assert sent == [("a.jpg", photo["buffer"])]
