"""Mails: the shipped file, the rendering, the message."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from app.core.mail import LANGUAGES, PRIVATE, Mails, build_message
from app.core.wording import WordingError, names

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "app" / "city" / "mails.toml"
TEMPLATES = ROOT / "templates"
LINK = "https://tanggap.example/lacak/tautan/" + "a" * 90
STOP = "https://tanggap.example/surel/" + "e" * 120
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOSTILE = (
    '<script>alert(1)</script>\r\nBcc: x@y.id\n\n- "a"\n'
    "Buka: https://jahat.example/ \u202egpj.exe\x00"
)


@pytest.fixture(scope="module")
def mails() -> Mails:
    return Mails.load(SHIPPED, TEMPLATES)


def value(name: str) -> str:
    if name == "stop_url":
        return STOP
    if name == "link" or name.endswith("_url"):
        return LINK
    return "Senin, 7 Desember 2026" if name.endswith(("_by", "_date", "_on")) else f"‹{name}›"


def values(mails: Mails, name: str) -> dict[str, str]:
    return {use: value(use) for use in mails.mails[name].uses | mails.frame_uses}


def only(page: BeautifulSoup, selector: str) -> Tag:
    (found,) = page.select(selector)
    return found


def load(tmp_path: Path, changes: Mapping[str, str]) -> Mails:
    words = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in words
        words = words.replace(old, new, 1)
    file = tmp_path / "mails.toml"
    file.write_text(words, encoding="utf-8")
    return Mails.load(file, TEMPLATES)


# ---------------------------------------------------------------- every shipped mail


def test_every_mail_says_the_same_as_text_and_as_html(mails):
    for name in mails.mails:
        given = values(mails, name)
        for language in LANGUAGES:
            mail = mails.render(name, language, given)
            page = BeautifulSoup(mail.html, "html5lib")
            assert only(page, "html")["lang"] == language
            seen = only(page, "body").get_text(" ")
            for use in mails.mails[name].uses:
                assert given[use] in mail.text + mail.subject, (name, use)
                if use != "link" and not use.endswith("_url"):
                    assert given[use] in seen, (name, use)
            assert not names(mail.subject + mail.text), name


def test_every_mail_leads_where_its_first_link_leads(mails):
    for name, mail in mails.mails.items():
        if mail.has_link:
            page = BeautifulSoup(mails.render(name, "id", values(mails, name)).html, "html.parser")
            assert [link["href"] for link in page.select(".btn a")] == [LINK], name


def test_no_subject_holds_what_is_private(mails):
    for name, mail in mails.mails.items():
        for language in LANGUAGES:
            assert not names(mail.subject[language]) & PRIVATE, name


def test_discreet_mails_name_nothing_but_number_and_date(mails):
    for name in ("receipt_discreet", "update_discreet"):
        assert mails.mails[name].uses <= {"number", "verify_by", "manage_url"}


# ---------------------------------------------------------------- rendering


def test_the_text_part(mails):
    given = values(mails, "answered") | {
        "number": "2611-0517",
        "unit": "Dinas Perhubungan",
        "answer": "Lampu sudah diganti.\nMohon dicek.",
        "close_on": "Senin, 7 Desember 2026",
        "site": "Tanggap",
        "city": "Kota Medan",
        "contact_email": "tanggap@medan.example",
    }
    assert mails.render("answered", "id", given).text == (
        "Halo,\n\n"
        "Dinas Perhubungan menyatakan masalahnya selesai dan menulis:\n\n"
        "> Lampu sudah diganti.\n> Mohon dicek.\n\n"
        "Benarkah sudah beres? Anda yang menentukan.\n"
        f"Jawab dengan satu ketukan: {LINK}\n"
        "- Ya, sudah selesai\n"
        "- Belum selesai: laporan terbuka lagi dan kepala Dinas Perhubungan ikut melihat\n\n"
        "Kalau Anda tidak menjawab, laporan ditutup sendiri pada Senin, 7 Desember 2026.\n\n"
        "Salam,\nTanggap, Kota Medan\n\n"
        "-- \n"
        "Layanan ini gratis. Kami tidak pernah meminta uang, kode lacak, kata sandi, "
        "atau kode OTP.\n"
        "Email ini tidak dibaca petugas. Balas lewat tautan di atas, atau tulis ke "
        "tanggap@medan.example.\n"
        "Anda menerima email ini karena alamat ini dipakai untuk mengikuti satu laporan. "
        "Bukan Anda? Abaikan saja.\n"
        f"Berhenti menerima email: {STOP}\n"
    )


def test_the_promised_date_is_a_leaf(mails):
    page = BeautifulSoup(
        mails.render("answered", "id", values(mails, "answered")).html, "html.parser"
    )
    assert only(page, ".leaf").get_text(" ", strip=True) == "Sampai 7 Desember 2026 Senin"
    assert only(page, "table")["aria-hidden"] == "true"  # the text says it too


def test_no_leaf_without_a_date(mails):
    given = values(mails, "answered") | {"close_on": "hari ini"}
    assert "leaf" not in mails.render("answered", "id", given).html.split("</style>")[1]


def test_somebody_s_words_cannot_pretend_to_be_the_city_s(mails):
    given = values(mails, "first_answer") | {"answer": HOSTILE, "unit": HOSTILE}
    mail = mails.render("first_answer", "id", given)
    page = BeautifulSoup(mail.html, "html.parser")
    assert [link["href"] for link in page.select("a")] == [LINK, STOP]
    assert not page.select("script, li")
    assert "jahat.example" in only(page, "blockquote").get_text()
    quoted = mail.text.split("menulis:\n\n")[1].split("\n\nDiselesaikan")[0]
    assert all(line.startswith(">") for line in quoted.split("\n"))
    assert "\x00" not in mail.text
    assert "\u202e" not in mail.text


def test_braces_in_a_value_stay(mails):
    given = values(mails, "first_answer") | {"answer": "{manage_url} {tidak_ada}"}
    assert "> {manage_url} {tidak_ada}" in mails.render("first_answer", "id", given).text


def test_a_list_made_by_the_program(mails):
    lines = f"2611-0517, terlambat: {LINK}\n- 2611-0518, hari ini: {LINK}\n"
    mail = mails.render("staff_digest", "id", values(mails, "staff_digest") | {"lines": lines})
    assert (
        f"Kerjakan dulu:\n- 2611-0517, terlambat: {LINK}\n- 2611-0518, hari ini: {LINK}\n\n"
        in mail.text
    )
    page = BeautifulSoup(mail.html, "html.parser")
    assert [link["href"] for link in page.select("li a")] == [LINK, LINK]


def test_a_missing_value_raises(mails):
    given = values(mails, "answered")
    del given["close_on"], given["site"]
    with pytest.raises(KeyError, match="close_on, site"):
        mails.render("answered", "id", given)


def test_an_unknown_mail_raises(mails):
    with pytest.raises(KeyError):
        mails.render("tidak_ada", "id", {})


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/lacak", "https://a.example/ b", ""])
def test_a_link_is_a_web_address(mails, address):
    with pytest.raises(ValueError, match="manage_url"):
        mails.render("answered", "id", values(mails, "answered") | {"manage_url": address})


def test_a_mail_that_cannot_be_stopped_says_nothing_of_it(mails):
    given = values(mails, "staff_assigned") | {"stop_url": None}
    mail = mails.render("staff_assigned", "id", given)
    assert mail.stop_url is None
    assert "Berhenti" not in mail.text


def test_a_mail_without_a_link_does_not_speak_of_one(mails):
    assert "tautan" not in mails.render("withdrawn", "id", values(mails, "withdrawn")).text


# ---------------------------------------------------------------- the message


def message_of(mails: Mails, name: str = "assigned", **changes: object):
    mail = mails.render(name, "id", values(mails, name) | changes)
    message = build_message(
        mail, "Tanggap <t@medan.example>", "siti@contoh.id", "<7@tanggap.example>", NOW
    )
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def test_the_message(mails):
    message = message_of(
        mails, unit="Dinas Perhubungan – Bidang Lalu Lintas dan Angkutan Jalan Raya"
    )
    assert message["To"] == "siti@contoh.id"
    assert message["From"] == "Tanggap <t@medan.example>"
    assert message["Subject"].endswith(
        "Dinas Perhubungan – Bidang Lalu Lintas dan Angkutan Jalan Raya"
    )
    assert message["Message-ID"] == "<7@tanggap.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "id"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert LINK in message.get_body(("plain",)).get_content()


def test_a_long_stop_address_stays_whole(mails):
    """The standard library would cut it into encoded words, which no mail program reads."""
    mail = mails.render("assigned", "id", values(mails, "assigned"))
    message = build_message(mail, "t@medan.example", "siti@contoh.id", "<7@tanggap.example>", NOW)
    assert f"List-Unsubscribe: <{STOP}>\r\n".encode() in message.as_bytes()


def test_no_value_adds_a_header(mails):
    message = message_of(mails, number=HOSTILE, unit=HOSTILE)
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert len(message.get_all("Subject")) == 1


@pytest.mark.parametrize(
    "recipient",
    ["", "bukan alamat", "a@b.id, c@d.id", "a@b.id\nBcc: x@y.id", "Siti <a@b.id>", "<a@b.id>"],
)
def test_a_message_goes_to_exactly_one_address(mails, recipient):
    mail = mails.render("withdrawn", "id", values(mails, "withdrawn"))
    with pytest.raises(ValueError):  # noqa: PT011 - each in its own words
        build_message(mail, "t@medan.example", recipient, "<7@tanggap.example>", NOW)


# ---------------------------------------------------------------- a city's own file


def test_all_problems_are_named_at_once(tmp_path):
    with pytest.raises(WordingError) as caught:
        load(
            tmp_path,
            {
                '"Laporan {number} sudah kami terima"': '"{title} {manage_url}"',
                "Buka: {manage_url}": "Buka {manage_url} sekarang",
                'leaf = "close_on"': 'leaf = "besok"',
                'when = "withdrawn by the reporter"': 'whem = "withdrawn"',
                "Download it within {wait}, once: {link}": "Download it: {link}",
                'greeting = "Hello,"': 'greeting = " "',
                'closing = "Regards,': 'closing = "{number}',
                "{unit} wrote:\n\n{answer}": "{unit} wrote: {answer}",
                'uses = ["site"]': 'uses = ["site", "salah"]',
            },
        )
    assert caught.value.problems == [
        "mails.toml: " + problem
        for problem in (
            "frame.en.greeting: missing",
            "frame.en.closing: not in uses: number",
            "mail.receipt.id.subject: a link ends its line, after a label and a colon: "
            "{title} {manage_url}",
            "mail.receipt.id.subject: {manage_url} is private",
            "mail.receipt.id.subject: {title} is private",
            "mail.receipt_discreet.id.body: a link ends its line, after a label and a colon: "
            "Buka {manage_url} sekarang",
            "mail.first_answer.en.body: somebody's words need a line of their own: "
            "{unit} wrote: {answer}",
            "mail.answered: the leaf besok is not used",
            "mail.withdrawn: when is missing",
            "mail.withdrawn: unknown key whem",
            "mail.export_ready.en: {wait} is in uses but not used",
            "mail.unsubscribed: {salah} is not explained",
            "mail.unsubscribed.id: {salah} is in uses but not used",
            "mail.unsubscribed.en: {salah} is in uses but not used",
        )
    ]


def test_a_missing_language_is_named(tmp_path):
    with pytest.raises(WordingError, match=r"mail\.withdrawn\.en\.subject: missing"):
        load(tmp_path, {"[mail.withdrawn.en]": "[mail.withdrawn.fr]"})


def test_a_broken_file_is_named(tmp_path):
    with pytest.raises(WordingError, match=r"^mails\.toml: .*line 1"):
        load(tmp_path, {"# Every": "Every"})
