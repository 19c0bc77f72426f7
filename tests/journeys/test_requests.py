"""Requests in a browser: filled in on a phone, handed in, checked at a desk, sent back, mended,
issued as a letter whose QR code is read, and revoked.

axe looks at every kind of page on the way, and none scrolls sideways. Without script axe cannot
run, and the width is looked at. Every service of the city is walked in test_every_service.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect
from reportlab.pdfgen.canvas import Canvas

from app.core.clock import now
from tests import cast, filing
from tests.conftest import Block
from tests.journeys.conftest import Visitor, check_accessible, check_width
from tests.journeys.test_desk import sign_in
from tests.letters import text_of
from tests.reports import photo

NIK = "1271015708920003"
LATELY = f"{now() - timedelta(days=9):%-d %-m %Y}"

#: What is filled in, section by section, by the names of the inputs.
APPLICANT = {
    "name": "Yanti Br. Siregar",
    "nik": NIK,
    "phone": "0812 3456 7890",
    "address": "Jalan Brigjen Katamso 12",
    "area": "12.71.01.1001",
}
BIRTH: Mapping[str, Mapping[str, str]] = {
    "applicant": APPLICANT,
    "birth": {"place_kind": "hospital", "letter": "yes", "parents": "recorded"},
    "child": {
        "name": "Putri Nasution",
        "sex": "female",
        "place": "Medan",
        "date": LATELY,
        "time": "05.40",
        "weight": "3200",
        "order": "1",
    },
    "mother": {"name": "Yanti Br. Siregar", "nik": NIK},
    "father": {"name": "Rahmat Nasution", "nik": "1271012809900004"},
    "helper": {"who": "midwife"},
    "witness": {
        "name-1": "Sahat Lubis",
        "nik-1": "1271010101800001",
        "name-2": "Nur Aini",
        "nik-2": "1271014202850002",
    },
    "delivery": {"how": "office"},
}
BIRTH_PAPERS = ("birth_letter", "marriage_paper", "family_card")
LOST: Mapping[str, Mapping[str, str]] = {
    "applicant": APPLICANT,
    "loss": {"what": "lost", "letter_number": "SKTLK/112/XI", "letter_date": LATELY},
    "delivery": {"how": "office"},
}


@pytest.fixture
def sari(write: Block) -> None:
    """An officer of the civil registry."""
    with write() as session:
        person = cast.Person("sari", "Sari Ginting", "officer", "disdukcapil")
        cast.hire_one(session, person, now())


@pytest.fixture
def office(write: Block) -> None:
    filing.hire(write)


def jpg(colour: str = "white") -> FilePayload:
    """A paper as a phone photographs it."""
    data = photo((900, 1200), colour=colour)
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": data}


def pdf() -> FilePayload:
    """A paper scanned at home."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, "Surat keterangan lahir")
    canvas.save()
    return {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}


@dataclass
class Citizen:
    """Somebody with a form; its pages are the same in every language, so names of inputs lead."""

    page: Page
    axe: bool = True

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()
        self.look()

    def look(self) -> None:
        (check_accessible if self.axe else check_width)(self.page)

    @property
    def h1(self) -> str:
        return self.page.locator("h1").inner_text()

    def value(self, attribute: str) -> str:
        """What the page says in a data attribute."""
        return self.page.locator(f"[{attribute}]").first.get_attribute(attribute) or ""

    def begin(self, service: str, language: str = "id") -> str:
        """Begin the form of a service; its code."""
        self.go(f"{service}?lang={language}")
        self.press('main a[href*="/permohonan/baru/"]')
        self.press("main form button")
        return self.value("data-application-code")

    def open(self, code: str, language: str = "id") -> None:
        self.go(f"/lacak?lang={language}")
        self.page.locator("[name=code]").fill(code)
        self.press("main form button")

    def fill(self, answers: Mapping[str, Mapping[str, str]], sections: Iterable[str]) -> None:
        """Fill in sections one after the other, as "save and go on" leads from each to the next."""
        for section in sections:
            expect(self.page.locator(f'main form[action$="/isi/{section}"]')).to_be_visible()
            put(self.page, answers[section])
            self.press("main button[name=do][value=next]")

    def attach(self, *files: tuple[str, FilePayload]) -> None:
        """On the page of the papers."""
        for key, file in files:
            self.page.set_input_files(f"[name=file_{key}]", file)
        self.press("main form > .row button")
        expect(self.page.get_by_role("status")).to_be_visible()

    def hand_in(self) -> str:
        """Go to the last page, once without the declaration, then with it; the number."""
        self.go("/permohonan")
        self.press('main a[href$="/permohonan/kirim"]')
        self.press('main form[action$="/kirim"] button')
        expect(self.page.get_by_role("alert")).to_be_focused()
        self.page.locator("[name=true]").check()
        self.press('main form[action$="/kirim"] button')
        return self.value("data-report-number")


def put(page: Page, answers: Mapping[str, str]) -> None:
    """Fill in what stands on a page: typed, tapped, chosen from a list, or day, month and year."""
    for name, answer in answers.items():
        fields = page.locator(f'main [name="{name}"]')
        kind, count = fields.first.evaluate("it => it.type"), fields.count()
        if kind == "radio":
            page.locator(f'label:has([name="{name}"][value="{answer}"])').click()
        elif kind == "select-one":
            fields.select_option(answer)
        else:
            parts = answer.split() if count > 1 else [answer]
            for box, part in zip(fields.all(), parts, strict=True):
                box.fill(part)


# ---------------------------------------------------------------- the journeys


def test_a_birth_certificate_is_asked_for_from_two_phones(visitor: Visitor) -> None:
    """Begun on one, saved for later, finished on another with two witnesses and three papers."""
    first = Citizen(visitor())
    code = first.begin("/adminduk/LHR-01")
    first.press('main a[href$="/isi/applicant"].btn')
    first.fill(BIRTH, ("applicant", "birth"))
    put(first.page, {"name": "Putri Nasution"})
    first.press("main button[name=do][value=later]")
    expect(first.page.get_by_role("status")).to_contain_text("Tersimpan.")

    yanti = Citizen(visitor())
    yanti.open(code.lower().replace("-", " "))
    expect(yanti.page.get_by_text("Putri Nasution")).to_be_visible()
    yanti.press('main a[href$="/isi/child"].btn')
    yanti.fill(BIRTH, tuple(BIRTH)[2:])
    assert yanti.h1 == "Berkas"
    yanti.attach(("birth_letter", pdf()), ("marriage_paper", jpg("gray")), ("family_card", jpg()))
    number = yanti.hand_in()
    assert yanti.h1 == "Permohonan Anda sudah kami terima"
    assert yanti.value("data-tracking-code") == code
    yanti.press(f'main a[href$="/lacak/{number}"]')

    first.open(code)  # the phone on which it was begun
    assert urlsplit(first.page.url).path == f"/lacak/{number}"
    for one in first.page.locator("details").all():
        one.locator("summary").click()
    for words in ("Nur Aini", "Sahat Lubis"):
        expect(first.page.get_by_text(words)).to_be_visible()
    expect(first.page.get_by_text(NIK)).to_have_count(0)
    first.look()


def test_a_birth_certificate_is_asked_for_in_english_without_script(visitor: Visitor) -> None:
    john = Citizen(visitor(language="en", javascript=False), axe=False)
    code = john.begin("/adminduk/LHR-01", "en")
    john.press('main a[href$="/isi/applicant"].btn')
    john.fill(BIRTH, BIRTH)
    assert john.h1 == "Papers"
    john.attach(*((key, jpg()) for key in BIRTH_PAPERS))
    number = john.hand_in()
    assert john.h1 == "We have received your request"
    assert (john.value("data-tracking-code"), bool(number)) == (code, True)
    expect(john.page.locator("html")).to_have_attribute("lang", "en")
    john.open(code, "en")
    assert urlsplit(john.page.url).path == f"/lacak/{number}"


def test_a_lost_identity_card_is_asked_for_and_checked(visitor: Visitor, sari: None) -> None:
    """Handed in on a phone; its unit opens it, looks at the photos and finds all of it right."""
    yanti = Citizen(visitor(), axe=False)  # its pages are those of the first journey
    yanti.begin("/adminduk/KTP-02")
    yanti.press('main a[href$="/isi/applicant"].btn')
    yanti.fill(LOST, LOST)
    yanti.attach(("loss_letter", jpg("gray")), ("family_card", jpg()))
    number = yanti.hand_in()

    desk = Citizen(visitor(width=1280), axe=False)
    sign_in(desk.page, "sari")
    desk.press(f'a[href*="/petugas/kasus/{number}"]')
    expect(desk.page.get_by_text(NIK)).to_have_count(0)
    desk.page.get_by_role("button", name="Buka dan periksa berkas").click()
    check_accessible(desk.page)
    expect(desk.page.get_by_text(NIK)).to_be_visible()
    for thumb in desk.page.locator("img.thumb").all():
        thumb.scroll_into_view_if_needed()
        expect(thumb).to_have_js_property("complete", True)
        assert thumb.evaluate("it => it.naturalWidth") > 0
    rest_is_right(desk)
    desk.press("main button[name=do][value=done]")
    expect(desk.page.get_by_role("status")).to_contain_text("Tercatat:")

    yanti.go(f"/lacak/{number}")
    expect(yanti.page.get_by_text("Berkas lengkap").first).to_be_visible()
    expect(yanti.page.get_by_text("Disdukcapil,").first).to_be_visible()


def test_a_doctors_permit_is_sent_back_mended_issued_and_revoked(
    app: Flask, write: Block, visitor: Visitor, office: None, tmp_path: Path
) -> None:
    number, code = filing.handed_in(app, write, at=now())
    lina = Citizen(visitor(width=1280), axe=False)  # pages of any case are in test_desk
    sign_in(lina.page, "lina")
    lina.go(f"/petugas/kasus/{number}")
    lina.page.get_by_role("button", name="Buka dan periksa berkas").click()
    expect(lina.page.locator("[name=paper-str-why]")).to_be_hidden()
    put(lina.page, {"paper-str": "wrong"})
    lina.press("main button[name=do][value=done]")
    check_accessible(lina.page)
    expect(lina.page.get_by_role("alert")).to_be_focused()
    why = "Fotonya buram, nomornya tidak terbaca. Potret lagi di tempat terang."
    put(lina.page, {"paper-str-why": why})
    rest_is_right(lina)
    lina.press("main button[name=do][value=done]")

    yanti = Citizen(visitor())
    yanti.open(code)
    expect(yanti.page.get_by_text(why).first).to_be_visible()
    yanti.press('main a[href$="/perbaiki"]')
    assert yanti.page.locator("main input[type=file]").count() == 1  # nothing else is asked again
    yanti.press("main form button")
    expect(yanti.page.get_by_role("alert")).to_be_focused()
    yanti.page.set_input_files("[name=paper-str]", jpg("teal"))
    yanti.press("main form button")
    expect(yanti.page.get_by_role("status")).to_contain_text("Perbaikan terkirim.")

    lina.go(f"/petugas/kasus/{number}/check")
    put(lina.page, {"paper-str": "right"})
    lina.press("main button[name=do][value=done]")

    joko = Citizen(visitor(width=1280), axe=False)
    sign_in(joko.page, "joko")
    joko.go(f"/petugas/kasus/{number}")
    joko.page.get_by_role("button", name="Buka berkas").click()
    joko.go(f"/petugas/kasus/{number}/issue")
    check_accessible(joko.page)
    joko.press("main form button")
    expect(joko.page.get_by_role("status")).to_contain_text("Tercatat:")

    yanti.go(f"/lacak/{number}")  # issued
    with yanti.page.expect_download() as fetched:
        yanti.page.get_by_role("link", name="Unduh surat (PDF)").click()
    fetched.value.save_as(tmp_path / "surat.pdf")
    letter = (tmp_path / "surat.pdf").read_bytes()
    assert filing.NAME in text_of(letter)
    stranger = Citizen(visitor())
    stranger.go(address_in(letter))
    expect(stranger.page.get_by_text("Surat ini dari kota dan masih berlaku.")).to_be_visible()
    expect(stranger.page.get_by_text(filing.NAME)).to_have_count(0)

    joko.go(f"/petugas/kasus/{number}")
    joko.press('main a[href*="/revoke"]')
    joko.page.locator("[name=words]").fill("Diterbitkan dengan data yang keliru.")
    joko.press("main form button:visible:has-text('Cabut surat')")
    stranger.go(address_in(letter))
    expect(stranger.page.get_by_text("tidak berlaku lagi")).to_be_visible()
    yanti.go(f"/lacak/{number}")
    expect(yanti.page.get_by_text("Surat ini sudah dicabut").first).to_be_visible()


def rest_is_right(desk: Citizen) -> None:
    """Press "the rest of this part is right" in every part that has something left."""
    parts = desk.page.locator("section.checks")
    for n in range(parts.count()):
        parts.nth(n).locator("button[value^='rest:']").click()
    expect(desk.page.get_by_text("Belum dilihat: 0.")).to_be_visible()


def address_in(letter: bytes) -> str:
    """Where the QR code on a letter leads, as a camera reads it from the page."""
    page = pypdfium2.PdfDocument(io.BytesIO(letter))[0]
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    return str(found.text)
