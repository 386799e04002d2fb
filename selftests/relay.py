"""A relay between assay and an endpoint, that does to requests and answers what networks and proxies do.

A schedule is data: one `Fault` for each request that comes, in the order in which they come, and nothing once they are
used up. So a run through a relay can be drawn, shrunk and repeated. What a fault does stands in `Fault`; which of them
leave the request without its effect, and which the caller without its answer, is what assay must never guess.

One thread serves one connection. What is framed in a way that this file does not read (chunks, no length) is passed on
as it comes, without a fault.
"""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from hypothesis import strategies as st

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["KINDS", "Fault", "Relay", "Schedule", "schedules"]

Kind: TypeAlias = Literal[
    "pass", "delay", "trickle", "hang", "cut-before", "cut-during", "cut-after", "cut-behind", "double-request",
    "double-answer", "away", "garbage", "server-error", "server-error-after", "unavailable", "retry-after", "throttle",
    "too-many",
]  # fmt: skip

KINDS: Final[tuple[Kind, ...]] = Kind.__args__  # type: ignore[attr-defined] # what a Literal has

_GARBAGE: Final = (
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    b"HTTP/1.1 2OO OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x00" * 300,
)
_SLICE_S: Final = 0.002  # between the pieces of a trickle
_PIECES: Final = 12
_DELAY_S: Final = 0.05
_LAST: Final = frozenset({"hang", "cut-after", "cut-during", "cut-behind", "double-answer"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request; `amount` lies between 0 and 1 and says how much.

    The request is forwarded, unless it is `cut-before`, `away` (the listener is closed for a while, and all connections
    with it), `garbage`, `server-error`, `unavailable`, `retry-after`, `throttle` or `too-many`. The answer comes whole
    where it passes, is delayed, trickles, comes twice (`double-answer`), is that to the first of two (`double-request`)
    or is the last on its connection (`cut-behind`).
    """

    kind: Kind = "pass"
    amount: float = 0.0


Schedule: TypeAlias = Sequence[Fault]


def schedules(*, longest: int = 40, kinds: Sequence[Kind] = KINDS) -> st.SearchStrategy[Schedule]:
    """Schedules of faults among requests that pass: a few anywhere, one, or bad weather for a while.

    Answers that come twice do not come in storms: an endpoint of which each answer does is told from no network.
    """
    fault = st.builds(Fault, st.sampled_from(kinds), st.floats(0, 1, width=16))
    often = st.lists(st.just(Fault()) | st.just(Fault()) | fault, max_size=longest)
    once = st.builds(lambda before, one: [Fault()] * before + [one], st.integers(0, longest), fault)
    storm = st.builds(
        lambda before, one, times: [Fault()] * before + [one] * times,
        st.integers(0, longest),
        fault.filter(lambda drawn: drawn.kind != "double-answer"),
        st.integers(2, 12),
    )
    return often | once | storm


class Relay:
    """Listens on a free port of loopback, in front of an endpoint; `met` are the faults that came to be."""

    def __init__(self, endpoint_url: str, schedule: Schedule = (), *, hang_s: float = 2.0, away_s: float = 0.3) -> None:
        parts = urlsplit(endpoint_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._behind = (parts.hostname, parts.port)
        self._hang_s, self._away_s = hang_s, away_s
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ended = threading.Event()
        self._schedule = iter(schedule)
        self.met: list[Fault] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._threads = [threading.Thread(target=self._listen, args=(self._listener,), daemon=True)]

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all conversations."""
        self._ended.set()
        self._hang_up()
        for thread in list(self._threads):
            thread.join(5)

    def _listen(self, listener: socket.socket) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            self._start(self._serve, connection)

    def _start(self, run: object, *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)  # type: ignore[arg-type] # a function
        self._threads.append(thread)
        thread.start()

    def _hang_up(self, *, but: socket.socket | None = None) -> None:
        """Close the listener and every connection."""
        with self._lock:
            for each in (self._listener, *self._open):
                if each is not but:
                    _close(each)

    def _go_away(self, seconds: float) -> None:
        """Close the listener for a while."""
        self._hang_up()
        self._ended.wait(seconds)
        if not self._ended.is_set():
            with suppress(OSError):
                self._listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
                self._start(self._listen, self._listener)

    def _serve(self, client: socket.socket) -> None:
        behind: socket.socket | None = None
        with suppress(OSError):
            behind = socket.create_connection(self._behind, 10)
            behind.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(behind)
            while not self._ended.is_set():
                request, is_framed = _message(client)
                if not request:
                    break
                if not is_framed:
                    behind.sendall(request)
                    self._start(_pipe, client, behind)
                    _pipe(behind, client)
                    break
                if not self._handle(request, client, behind):
                    break
        for each in (client, behind):
            if each is not None:
                with self._lock:
                    self._open.discard(each)
                _close(each)

    def _handle(self, request: bytes, client: socket.socket, behind: socket.socket) -> bool:
        """Let one fault happen to one request; does the connection go on?"""
        with self._lock:
            fault = next(self._schedule, Fault())
            self.met.append(fault)
        kind, amount = fault.kind, fault.amount
        answered = _own_answer(kind, amount)
        if answered is not None:
            client.sendall(answered)
            return kind != "garbage"
        if kind in {"cut-before", "away"}:
            if kind == "away":
                self._go_away(amount * self._away_s)
            return False
        behind.sendall(request)
        answer, is_framed = _message(behind)
        if kind == "double-request":
            behind.sendall(request)
            _message(behind)
        self._ended.wait({"delay": amount * _DELAY_S, "hang": self._hang_s}.get(kind, 0.0))
        self._hand_back(answer, fault, client)
        return is_framed and kind not in _LAST

    @staticmethod
    def _hand_back(answer: bytes, fault: Fault, client: socket.socket) -> None:
        """Give the caller the endpoint's answer, or what is to come of it."""
        match fault.kind:
            case "hang" | "cut-after":
                pass
            case "server-error-after":
                client.sendall(_http(502, b"<html>bad gateway</html>", content_type="text/html"))
            case "cut-during":
                client.sendall(answer[: max(1, int(fault.amount * (len(answer) - 1)))])
            case "trickle":
                size = max(1, len(answer) // _PIECES)
                for at in range(0, len(answer), size):
                    client.sendall(answer[at : at + size])
                    time.sleep(_SLICE_S)
            case "double-answer":
                client.sendall(2 * answer)
            case _:
                client.sendall(answer)


def _own_answer(kind: Kind, amount: float) -> bytes | None:  # noqa: PLR0911 - one for each answer
    """What the relay itself answers, in the place of the endpoint; None where it does not."""
    match kind:
        case "garbage":
            return _GARBAGE[int(amount * (len(_GARBAGE) - 1))]
        case "server-error":
            status = (500, 502, 504)[int(amount * 2)]
            return _http(status, b"<html>error</html>", content_type="text/html")
        case "unavailable":
            return _http(503, b"")
        case "retry-after":
            return _http(503, b"", "Retry-After: 0")
        case "throttle":
            return _http(400, b'{"__type":"ThrottlingException","message":"Rate exceeded"}')
        case "too-many":
            return _http(429, b'{"__type":"TooManyRequestsException"}', "Retry-After: 0")
        case _:
            return None


def _http(status: int, body: bytes, *headers: str, content_type: str = "application/x-amz-json-1.0") -> bytes:
    lines = [f"HTTP/1.1 {status} Weather", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
    lines.append(f"x-amzn-RequestId: {uuid.uuid4()}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _message(connection: socket.socket) -> tuple[bytes, bool]:
    """The next request or answer, and whether it is known where it ends; nothing where the other side is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return b"", False
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), None
    )
    if length is None or not length.strip().isdigit():
        return data, False
    while len(body) < int(length):
        piece = connection.recv(65_536)
        if not piece:
            return b"", False
        data += piece
        body += piece
    return data, True


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until one side has enough."""
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
