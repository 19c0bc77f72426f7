"""The mail server's address and its answers."""

import io
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller

from app.core.smtp import Console, Refused, Server, SmtpTransport, Unreachable, Unsent, parse_url
from tests.mailbox import Mailbox, free_port


def message(to: str = "siti@contoh.test") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "kota@medan.test", to, "Kabar"
    made["Message-ID"] = "<1@medan.test>"
    made.set_content("Halo,\n\nada kabar.")
    return made


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1", Server("smtp", "127.0.0.1", 25)),
        ("smtp://mail.example:2525", Server("smtp", "mail.example", 2525)),
        ("smtps://mail.example", Server("smtps", "mail.example", 465)),
        (
            "smtp+starttls://kota%40medan:p%3Aw%2Fd@mail.example",
            Server("smtp+starttls", "mail.example", 587, "kota@medan", "p:w/d"),
        ),
    ],
)
def test_the_setting_names_server_security_and_account(url: str, server: Server) -> None:
    assert parse_url(url) == server
    assert "p:w/d" not in repr(parse_url(url))


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://a/b"])
def test_a_setting_that_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        parse_url(url)


class Answers:
    """A mail server that gives one answer to RCPT."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802
        return self.answer

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802
        return "250 OK"


@pytest.mark.parametrize(
    ("answer", "fault", "kept"),
    [
        ("550 5.1.1 <siti@contoh.test> unknown", Refused, "550 5.1.1"),
        ("553 siti@contoh.test not allowed", Refused, "553"),
        ("450 4.2.1 siti@contoh.test is busy", Unsent, "450 4.2.1"),
    ],
)
def test_an_answer_keeps_its_codes_and_not_the_address(
    answer: str, fault: type[Exception], kept: str
) -> None:
    server = Controller(Answers(answer), hostname="127.0.0.1", port=free_port())
    server.start()
    way_out = SmtpTransport(Server("smtp", "127.0.0.1", server.port))
    try:
        with pytest.raises(fault, match=f"^{kept}$"):
            way_out.send(message())
    finally:
        way_out.close()
        server.stop()


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"^ConnectionRefusedError$"):
        SmtpTransport(Server("smtp", "127.0.0.1", free_port())).send(message())


def test_the_connection_is_used_again_and_made_anew_after_a_fault() -> None:
    box = Mailbox()
    way_out = SmtpTransport(parse_url(box.url))
    try:
        way_out.send(message())
        way_out.send(message())
        way_out.close()
        way_out.send(message())
        assert len(box.mails) == 3
    finally:
        way_out.close()
        box.stop()


def test_an_address_the_server_cannot_take_is_refused() -> None:
    server = Controller(
        Answers("250 OK"), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False
    )
    server.start()
    way_out = SmtpTransport(Server("smtp", "127.0.0.1", server.port))
    try:
        with pytest.raises(Refused, match=r"^address not supported$"):
            way_out.send(message("sití@contoh.test"))
    finally:
        way_out.close()
        server.stop()


def test_the_console_shows_head_and_text() -> None:
    shown = io.StringIO()
    Console(shown).send(message())
    assert "To: siti@contoh.test\nSubject: Kabar\nMessage-ID: <1@medan.test>\n" in shown.getvalue()
    assert "ada kabar." in shown.getvalue()
