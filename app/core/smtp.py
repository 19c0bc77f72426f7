"""The way out for mails: a mail server by ``SMTP_URL``, or the console of a development run."""

import re
import smtplib
import ssl
import sys
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal, Protocol, TextIO
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20.0
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")

Security = Literal["smtp", "smtp+starttls", "smtps"]


class Unsent(Exception):
    """Not sent now, may work later. The message holds codes only, no address."""


class Unreachable(Unsent):
    """The server does not answer or takes nothing from us: the next mail would fare alike."""


class Refused(Exception):
    """The server will never take this message for this reader (5xx). Codes only, no address."""


class Transport(Protocol):
    """Sends one message after the other."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises Unsent, Unreachable or Refused."""

    def close(self) -> None:
        """End the connection, if there is one."""


@dataclass(frozen=True)
class Server:
    """A mail server as ``SMTP_URL`` names it."""

    security: Security
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def parse_url(url: str) -> Server:
    """Read ``smtp://``, ``smtp+starttls://`` or ``smtps://[user:password@]host[:port]``.

    Raises ValueError with what to write instead.
    """
    address = urlsplit(url)
    if address.scheme not in PORTS or not address.hostname or address.path.strip("/"):
        raise ValueError(
            "SMTP_URL: write smtp://host, smtp+starttls://user:password@host:587 or smtps://…"
        )
    return Server(
        address.scheme,  # type: ignore[arg-type]
        address.hostname,
        address.port or PORTS[address.scheme],
        unquote(address.username or ""),
        unquote(address.password or ""),
    )


def transport(url: str) -> Transport:
    """The transport for ``SMTP_URL``; the console when it is empty."""
    return SmtpTransport(parse_url(url)) if url else Console(sys.stdout)


class SmtpTransport:
    """One connection, opened for the first message and again after a fault."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises Unsent, Unreachable or Refused."""
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            raise _answer(*next(iter(refused.recipients.values()))) from None
        except smtplib.SMTPDataError as error:
            raise _answer(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            raise Refused("address not supported") from None
        except smtplib.SMTPResponseException as error:  # sender, sign-in, greeting: ours to mend
            self.close()
            raise Unreachable(_codes(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(type(error).__name__) from None

    def close(self) -> None:
        """End the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = _connect(self._server)
        return self._connection


def _connect(server: Server) -> smtplib.SMTP:
    if server.security == "smtps":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.security == "smtp+starttls":
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _answer(code: int, text: bytes | str) -> Unsent | Refused:
    """5yz is a permanent refusal, 4yz a transient one (RFC 5321, section 4.2.1)."""
    return (Refused if code >= 500 else Unsent)(_codes(code, text))


def _codes(code: int, text: bytes | str) -> str:
    """``550 5.1.1``: the rest of an answer may repeat the address."""
    enhanced = ENHANCED.match(text.encode() if isinstance(text, str) else text)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)


class Console:
    """Shows mails instead of sending them: for development only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, message: EmailMessage) -> None:
        """Print head and text of a message."""
        text = message.get_body(("plain",))
        lines = [f"{name}: {message[name]}" for name in ("To", "Subject", "Message-ID")]
        body = text.get_content() if text else ""
        rule = "─" * 72
        self._stream.write("\n".join([rule, *lines, "", body.rstrip(), rule, ""]))
        self._stream.flush()

    def close(self) -> None:
        """Nothing to end."""
