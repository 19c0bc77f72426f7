"""The whole loop: Siti files, Budi passes on, Rina answers, Siti disputes, Rina answers again, Siti
agrees.

Once on a phone in Indonesian with script, where axe looks at every page on the way; once in English
without, where axe cannot run and the width is looked at.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.cast import PASSWORD
from tests.journeys.conftest import Visitor, check_accessible, check_width

TEXT = (
    "Lubang besar selebar meja di depan pangkalan becak, sudah dua minggu. Kemarin ada yang jatuh."
)
#: Pages that do not change on the way: looked at once a person.
SAME_EACH_TIME = {"/", "/lacak", "/petugas", "/petugas/masuk"}
DISTRICT, VILLAGE = "12.71.11", "12.71.11.1005"


def photo(colour: str, name: str) -> FilePayload:
    """A photo as a phone makes it: large, turned, with its position in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    data = BytesIO()
    Image.new("RGB", (2400, 1600), colour).save(data, "JPEG", exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


@dataclass
class Person:
    """Somebody at a browser, in one language, with or without script."""

    page: Page
    language: str
    script: bool
    looked_at: set[str] = field(default_factory=set)

    def go(self, address: str) -> None:
        self.page.goto(f"{address}?lang={self.language}")
        self.look()

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        self.look()

    def look(self) -> None:
        """No barrier on the page, and it speaks the person's language."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)
        path = urlsplit(self.page.url).path
        if path in SAME_EACH_TIME and path in self.looked_at:
            return None
        self.looked_at.add(path)
        return check_accessible(self.page) if self.script else check_width(self.page)

    def sign_in(self, username: str) -> None:
        self.go("/petugas/masuk")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.press("main form button")

    def open_case(self, number: str) -> None:
        self.go("/petugas")
        self.press(f'a[href*="/petugas/kasus/{number}"]')

    def step(self, name: str) -> None:
        self.press(f'a[href*="/{name}"]')


@pytest.fixture(params=[("id", True), ("en", False)], ids=["id-script", "en-no-script"])
def hire(request: pytest.FixtureRequest, visitor: Visitor) -> object:
    """`hire(width)` gives a person a browser."""
    language, script = request.param

    def make(width: int) -> Person:
        page = visitor(width=width, javascript=script, language=language)
        return Person(page, language, script)

    return make


def file(siti: Person) -> tuple[str, str]:
    """File a report with a photo; its number and code."""
    siti.go("/")
    siti.press('a[href$="/keluhan/baru"]')
    page = siti.page
    page.locator("[name=text]").fill(TEXT)
    page.locator("[name=district]").select_option(DISTRICT)
    if not siti.script:
        siti.press("button[value=areas]")
    page.locator("[name=village]").select_option(VILLAGE)
    page.locator("[name=landmark]").fill("Gang Melati, depan pangkalan becak")
    page.locator("input[type=file]").set_input_files(photo("sienna", "lubang.jpg"))
    if not siti.script:
        siti.press("button[value=suggest]")
    choice = page.locator('[name=category][value="road_damage"]')
    expect(choice).to_be_visible()
    choice.check()
    siti.press("button[value=send].big")
    expect(page).to_have_url(re.compile("tanda-terima"))
    number = page.locator("[data-report-number]").get_attribute("data-report-number")
    code = page.locator("[data-tracking-code]").get_attribute("data-tracking-code")
    assert number
    assert code
    return number, code


def track(siti: Person, code: str) -> None:
    siti.go("/lacak")
    siti.page.locator("[name=code]").first.fill(code.lower().replace("-", " "))
    siti.press("main form button")


def answer(rina: Person, number: str, name: str, words: str, after: bool) -> None:
    rina.open_case(number)
    rina.step(name)
    rina.page.locator("[name=words]").fill(words)
    if after:
        rina.page.locator("input[type=file]").set_input_files(photo("darkgreen", "sesudah.jpg"))
    rina.press(f'main form[action*="/{name}"] p.band-s > button:not([name])')


def test_a_complaint_is_put_right(hire: object) -> None:
    siti, budi, rina = hire(360), hire(1280), hire(360)  # type: ignore[operator]
    number, code = file(siti)

    budi.sign_in("budi")
    budi.open_case(number)
    budi.step("assign")
    budi.page.locator("[name=unit_code]").select_option("sdabmbk")
    budi.press('main form[action*="/assign"] p.band-s > button:not([name])')

    rina.sign_in("rina")
    answer(rina, number, "start", "Petugas mengukur lubangnya pagi ini, ditambal Kamis.", False)
    answer(rina, number, "answer", "Lubangnya sudah kami tambal hari ini, 6 meter persegi.", True)

    track(siti, code)
    expect(siti.page.locator("main")).to_contain_text("Lubangnya sudah kami tambal")
    siti.press('main a[href$="/belum-selesai"]')
    siti.page.locator('[name=code][value="partly"]').check()
    siti.page.locator("[name=words]").fill("Baru separuh yang ditambal, di ujung masih dalam.")
    siti.press('main form[action$="/belum-selesai"] p.band-s > button')

    answer(rina, number, "answer_dispute", "Separuh lainnya selesai kami tambal pagi ini.", True)

    track(siti, code)
    siti.press('main form[action$="/selesai"] button')
    siti.go(f"/lacak/{number}/nilai")
    siti.page.locator('[name=rating][value="5"]').check()
    siti.press('main form[action$="/nilai"] p.band-s > button')

    siti.go(f"/keluhan/{number}")
    public = siti.page.locator("main")
    expect(public).to_contain_text(TEXT)
    expect(public).to_contain_text("Separuh lainnya selesai")
    assert siti.page.locator("main img").count() >= 2
    siti.go("/keluhan")
    expect(siti.page.locator("main")).to_contain_text(number)
    siti.go("/")
    expect(siti.page.locator("main")).to_contain_text("Gedung Johor")
