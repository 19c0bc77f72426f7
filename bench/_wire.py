"""Bytes to a server and back on one kept connection: as little work as Python can do for it."""

import re
import socket
from typing import NamedTuple

PATIENCE = 30
CHUNK = 262_144
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back."""

    status: int
    head: bytes
    body: bytes


class Wire:
    """One connection. Raises OSError when the server says nothing more."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send a whole request, read the whole answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._read(self._socket)
        if b"\r\nConnection: close" in answer.head:
            self.close()  # the worker has served its share and makes room for another
        return answer

    def _read(self, wire: socket.socket) -> Answer:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more(wire)
        head = data[:end]
        length = _LENGTH.search(head)
        if length is None:
            raise OSError(f"an answer without its length: {head[:200]!r}")
        whole = end + 4 + int(length[1])
        while len(data) < whole:
            data += self._more(wire)
        return Answer(int(head[9:12]), head, data[end + 4 :])

    @staticmethod
    def _more(wire: socket.socket) -> bytes:
        if not (more := wire.recv(CHUNK)):
            raise ConnectionResetError("the server ended the connection")
        return more

    def close(self) -> None:
        """End the connection; the next question opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def request(
    method: str, path: str, port: int, headers: dict[str, str], body: bytes | None = None
) -> bytes:
    """A request as bytes."""
    lines = {"Host": f"127.0.0.1:{port}", "Accept-Language": "id", **headers}
    if body is not None:
        lines["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b"")
