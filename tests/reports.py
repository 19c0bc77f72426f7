"""Filing a report through the page, as tests of any room need it."""

from io import BytesIO

from PIL import Image

from tests.pages import Client, Form, Page

TEXT = "Parit di depan gang tersumbat sampah, air naik ke jalan setiap hujan."
#: A report about a blocked drain; every value is offered by the page without script.
PLAIN = {
    "text": TEXT,
    "district": "12.71.09",
    "village": "unsure",
    "landmark": "Gang Rukun, seberang musala",
    "category": "drainage",
}
#: The same about an office, as somebody fills it in who fears it.
LEVY = {
    **PLAIN,
    "text": "Di loket kantor itu saya diminta uang untuk surat domisili.",
    "category": "extortion",
    "visibility": "rahasia",
}


def blank(client: Client, query: str = "") -> Form:
    """The form as somebody finds it."""
    return client.get(f"/keluhan/baru{query}").form("Kirim laporan")


def filled(client: Client, **changes: str | bool) -> Form:
    """The form filled in with a plain report; `changes` as `Form.fill` takes them."""
    return blank(client).fill(**(PLAIN | changes))


def send(form: Form) -> Page:
    """Press "send", and go on past what is shown once before sending."""
    page = form.submit("Kirim laporan")
    for word in ("Bukan ini, lanjutkan laporan saya", "Lanjutkan laporan"):
        if page.path == "/keluhan/baru" and page.status == 200:
            again = page.form("Kirim laporan")
            page = again.submit(next((b for b in again.buttons() if word in b), "Kirim laporan"))
    return page


def file_report(client: Client, **changes: str | bool) -> Page:
    """File a report and give its receipt."""
    page = send(filled(client, **changes))
    assert page.path.endswith("/tanda-terima"), (page.errors(), page.main[:300])
    return page


def photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG", colour: str = "teal") -> bytes:
    """A small photo."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()
