"""Servers that misbehave in one way each, for a moment, on loopback.

A server is a function that is handed each request and the socket to answer on, and says whether the connection goes on.
All of them end when their `with` block does, whatever they are doing.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self, TypeAlias

from assay.liberties.private_ca import SHIPPED, Certificates

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["CA_BUNDLE", "Behaviour", "Misbehaving", "answer", "answering", "hanging"]

_CERTIFICATES = Certificates.within(SHIPPED)
CA_BUNDLE = str(_CERTIFICATES.ca_bundle)
"""The authority to trust where a server speaks TLS."""

Behaviour: TypeAlias = Callable[[socket.socket, bytes], bool]
"""Answers a request on a socket; True where the connection stays open for another."""


class Misbehaving:
    """A server on a free port of loopback; `requests` and `connections` are what it has seen.

    One that speaks `tls` shows a certificate that `CA_BUNDLE` vouches for.
    """

    def __init__(self, behaviour: Behaviour, *, host: str = "127.0.0.1", tls: bool = False) -> None:
        self._behaviour = behaviour
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls is not None:
            self._tls.load_cert_chain(_CERTIFICATES.certificate, _CERTIFICATES.key)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.ended = threading.Event()
        port = self._listener.getsockname()[1]
        scheme, place = "https" if tls else "http", f"[{host}]" if ":" in host else host
        self.url = f"{scheme}://{place}:{port}"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all conversations."""
        self.ended.set()
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            goes_on = True
            while goes_on and not self.ended.is_set():
                request = _request(connection)
                if not request:
                    break
                self.requests.append(request)
                goes_on = self._behaviour(connection, request)
        except OSError:
            pass
        finally:
            connection.close()


def answer(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """An answer as bytes; `length` lies about its length."""
    fields = ["Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, *fields, "", ""]).encode() + body


def answering(*answers: bytes) -> Behaviour:
    """Gives these answers in turn, the last one for ever, and keeps the connection open."""
    waiting = list(answers)

    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])
        return True

    return behave


def hanging(connection: socket.socket, request: bytes) -> bool:
    """Never answers."""
    connection.recv(1)
    return False


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0:
        more = connection.recv(missing)
        if not more:
            return b""
        data, missing = data + more, missing - len(more)
    return data
