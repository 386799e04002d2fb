"""A small proxy on loopback: it opens tunnels, hands on requests with a whole URL, and writes down what it was asked.

Where a name leads is said in a table, so that no name is looked up and nothing leaves this machine.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SmallProxy", "small_proxy"]

_CHUNK: Final = 64 * 1024
_PATIENCE_S: Final = 30.0


@dataclass(slots=True)
class SmallProxy:
    """`places` maps the host and port that are asked for to a port of this machine; `first_lines` is what was asked.

    With `password`, it lets in only who says it.
    """

    places: Mapping[str, int]
    password: str | None = None
    first_lines: list[str] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    url: str = ""

    def serve(self, sock: socket.socket) -> None:
        """One connection, to its end."""
        with contextlib.suppress(OSError), sock:
            sock.settimeout(_PATIENCE_S)
            head = b""
            while b"\r\n\r\n" not in head:
                more = sock.recv(_CHUNK)
                if not more:
                    return
                head += more
            line, _, rest = head.partition(b"\r\n")
            method, target, version = line.decode("latin-1").split(" ", 2)
            self.first_lines.append(f"{method} {target}")
            said = [each for each in rest.split(b"\r\n") if each.lower().startswith(b"proxy-authorization:")]
            if self.password is not None and (not said or self.password.encode() not in said[0]):
                sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            self.let_in.extend(each.decode() for each in said)
            parts = urlsplit(target if "://" in target else f"//{target}")
            port = self.places.get(f"{parts.hostname}:{parts.port or 80}")
            if port is None:
                sock.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as far:
                if method == "CONNECT":
                    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    kept = [each for each in rest.split(b"\r\n\r\n", 1)[0].split(b"\r\n") if each not in said]
                    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                    own = [f"{method} {path} {version}".encode(), *kept, b"Connection: close"]
                    far.sendall(b"\r\n".join(own) + b"\r\n\r\n" + rest.split(b"\r\n\r\n", 1)[1])
                _both_ways(sock, far)


def _both_ways(near: socket.socket, far: socket.socket) -> None:
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(far, near), daemon=True)
    back.start()
    pump(near, far)
    back.join(_PATIENCE_S)


@contextlib.contextmanager
def small_proxy(places: Mapping[str, int], *, password: str | None = None) -> Iterator[SmallProxy]:
    """A proxy that serves, until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = SmallProxy(places, password, url=f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=proxy.serve, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
