"""However an endpoint misbehaves: an outcome, in time, and never an exception."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from typing import TYPE_CHECKING

import pytest

from assay.errors import UsageError
from assay.history import Response, Unknown
from assay.target import Endpoint
from assay.target.answer import Answer
from assay.target.wire import Connection
from selftests.misbehaving import CA_BUNDLE, Behaviour, Misbehaving, answer, answering, hanging

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
_GOOD = answer(b'{"a":1}')


def _exchange(
    behaviour: Behaviour, *, timeout: float = 2.0, times: int = 1, host: str = "127.0.0.1"
) -> tuple[tuple[Response | None, Unknown | None], Misbehaving]:
    """The last of some exchanges with a server that behaves so, and the server."""
    with Misbehaving(behaviour, host=host) as server:
        connection = Connection(Endpoint.parse(server.url))
        for _ in range(times):
            got = connection.exchange(_REQUEST, timeout)
        connection.close()
    return got, server


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _trickle(data: bytes) -> Callable[[socket.socket, bytes], bool]:
    def behave(connection: socket.socket, request: bytes) -> bool:
        for each in data:
            connection.sendall(bytes([each]))
            time.sleep(0.05)
        return False

    return behave


def _then_close(data: bytes, *, reset: bool = False) -> Callable[[socket.socket, bytes], bool]:
    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(data)
        if reset:
            time.sleep(0.05)
            _reset(connection)
        return False

    return behave


def _flood(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def _endless_header(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-A: " + b"a" * 1000 + b"\r\n")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (_then_close(b""), "connection"),
        (_then_close(b"HTTP/1.1 200 OK\r\nContent-Le"), "connection"),
        (_then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", reset=True), "connection"),
        (_then_close(b"\x16\x03\x01\x00garbage\r\n\r\n"), "unreadable"),
        (_then_close(b"SSH-2.0-OpenSSH_9.6\r\n"), "unreadable"),
        (_then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}"), "unreadable"),
        (_then_close(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}"), "unreadable"),
        (_then_close(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), "unreadable"),
        (_flood, "unreadable"),
        (_endless_header, "unreadable"),
    ],
)
def test_a_broken_answer_is_unknown(behaviour: Behaviour, reason: str) -> None:
    started = time.perf_counter()
    (response, unknown), _ = _exchange(behaviour)
    assert response is None
    assert unknown is not None
    assert (unknown.reason, "\n" in unknown.detail) == (reason, False)
    assert time.perf_counter() - started < 2


def test_what_came_of_an_answer_that_broke_off_is_told_with_the_reason() -> None:
    """A law wants to know that it said how long it would be."""
    for framing in (b"Content-Length: 9\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"):
        (response, unknown), _ = _exchange(_then_close(b"HTTP/1.1 200 OK\r\n" + framing))
        assert unknown is not None
        assert unknown.reason == "connection"
        assert response is not None
        assert (response.body, "ends after 2 bytes" in response.flaw) == (b"{}", True)


@pytest.mark.parametrize(
    "behaviour",
    [
        hanging,
        _trickle(_GOOD),
        _trickle(b"HTTP/1.1 100 Continue\r\n\r\n" * 9),
        _trickle(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 99),
    ],
)
def test_a_deadline_is_moved_by_no_byte(behaviour: Behaviour) -> None:
    started = time.perf_counter()
    (response, unknown), _ = _exchange(behaviour, timeout=0.3)
    assert response is None
    assert unknown is not None
    assert unknown.reason == "timeout"
    assert 0.25 < time.perf_counter() - started < 0.9


def test_a_port_where_nobody_listens_is_a_connection_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    response, unknown = Connection(Endpoint.parse(f"http://127.0.0.1:{port}")).exchange(_REQUEST, 1.0)
    assert (response, unknown) == (None, Unknown("connection", "connection refused"))


def test_a_name_that_nobody_has_is_a_connection_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_name(*arguments: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown_name)
    _, unknown = Connection(Endpoint.parse("http://emulator.invalid")).exchange(_REQUEST, 1.0)
    assert unknown == Unknown("connection", "the name cannot be looked up: Name or service not known")


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (_GOOD, 200, b'{"a":1}'),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n", 200, b"{}"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + _GOOD, 200, b'{"a":1}'),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n", 404, b""),
        (answer(gzip.compress(b"{}", mtime=0), "200 OK", "content-encoding: gzip"), 200, b"{}"),
        (answer(zlib.compress(b"{}"), "200 OK", "Content-Encoding: deflate"), 200, b"{}"),
        (answer(zlib.compress(b"{}", wbits=-15), "200 OK", "Content-Encoding: deflate"), 200, b"{}"),
        (answer(gzip.compress(zlib.compress(b"{}"), mtime=0), "200 OK", "Content-Encoding: deflate, gzip"), 200, b"{}"),
        (answer(b"", "200 OK", "Content-Encoding: gzip"), 200, b""),
    ],
)
def test_an_answer_is_read_in_whatever_form_it_comes(raw: bytes, status: int, body: bytes) -> None:
    """Twice over one connection: what is left of the first answer must not spoil the second."""
    (response, unknown), server = _exchange(answering(raw), times=2)
    assert unknown is None
    assert response is not None
    assert (response.status, response.body) == (status, body)
    assert server.connections == 1


@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"]
)
def test_a_body_may_end_where_the_connection_does(head: bytes) -> None:
    (response, unknown), server = _exchange(_then_close(head + b"{}"), times=2)
    assert unknown is None
    assert response is not None
    assert response.body == b"{}"
    assert server.connections == 2


def test_a_connection_that_was_closed_while_idle_is_opened_anew() -> None:
    with Misbehaving(_then_close(_GOOD)) as server:
        connection = Connection(Endpoint.parse(server.url))
        for _ in range(3):
            assert connection.exchange(_REQUEST, 2.0)[1] is None
            time.sleep(0.1)
        connection.close()
    assert server.connections == 3
    assert len(server.requests) == 3


def test_an_endpoint_that_closes_after_every_answer_costs_one_request_at_most() -> None:
    """However late its end of the connection is seen: after the first loss no connection is used twice."""
    with Misbehaving(_then_close(_GOOD)) as server:
        connection = Connection(Endpoint.parse(server.url))
        lost = sum(connection.exchange(_REQUEST, 2.0)[1] is not None for _ in range(100))
        connection.close()
    assert lost <= 1
    assert len(server.requests) == 100 - lost


def test_bytes_after_an_answer_answer_nothing() -> None:
    """An answer that is longer than it says leaves the next one alone."""
    (response, unknown), server = _exchange(answering(_GOOD + b'{"b":2}', _GOOD), times=2)
    assert unknown is None
    assert response is not None
    assert response.body == b'{"a":1}'
    assert server.connections == 2


def test_a_request_is_never_sent_twice() -> None:
    """It may have had its effect, also where the connection ended without a byte."""
    behaviours = iter([answering(_GOOD), _then_close(b"")])

    def behave(connection: socket.socket, request: bytes) -> bool:
        return next(behaviours)(connection, request)

    with Misbehaving(behave) as server:
        connection = Connection(Endpoint.parse(server.url))
        assert connection.exchange(_REQUEST, 2.0)[1] is None
        _, unknown = connection.exchange(_REQUEST, 2.0)
        connection.close()
    assert unknown is not None
    assert unknown.reason == "connection"
    assert len(server.requests) == 2


def test_an_endpoint_that_closes_without_a_word_gets_a_connection_for_each_request() -> None:
    """It answers one request and drops the second without an answer: after that no connection is used twice."""
    answered: set[socket.socket] = set()

    def behave(connection: socket.socket, request: bytes) -> bool:
        if connection in answered:
            return False
        answered.add(connection)
        connection.sendall(_GOOD)
        return True

    with Misbehaving(behave) as server:
        connection = Connection(Endpoint.parse(server.url))
        lost = [connection.exchange(_REQUEST, 2.0)[1] is not None for _ in range(12)]
        connection.close()
    assert lost == [False, True] + [False] * 10


def test_ipv6_loopback_is_reached() -> None:
    (response, _), _ = _exchange(answering(_GOOD), host="::1")
    assert response is not None
    assert response.status == 200


def test_a_name_below_localhost_is_loopback_without_a_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest: asked.append(host) or lookup(host, *rest))
    with Misbehaving(answering(_GOOD)) as server:
        connection = Connection(Endpoint.parse(server.url.replace("127.0.0.1", "emulator.localhost")))
        assert connection.exchange(_REQUEST, 2.0)[1] is None
        connection.close()
    assert asked == ["localhost"]


def test_a_ca_bundle_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        if path.name.startswith("empty"):
            path.write_text("")
        with pytest.raises(UsageError) as caught:
            Connection(Endpoint.parse("https://127.0.0.1:1"), ca_bundle=str(path))
        assert "\n" not in caught.value.message


def test_tls_is_spoken_and_its_certificate_checked() -> None:
    with Misbehaving(answering(_GOOD), tls=True) as server:
        endpoint = Endpoint.parse(server.url)
        trusting = Connection(endpoint, ca_bundle=CA_BUNDLE)
        for _ in range(3):
            response, unknown = trusting.exchange(_REQUEST, 2.0)
            assert unknown is None
            assert response is not None
        trusting.close()
        assert server.connections == 1
        _, unknown = Connection(endpoint).exchange(_REQUEST, 2.0)
        assert unknown is not None
        assert unknown.reason == "connection"
        assert "certificate" in unknown.detail


def test_an_answer_in_two_writes_is_not_waited_for() -> None:
    """As Python's own server writes it: header, then body, while the acknowledgement of the header is outstanding."""

    def behave(connection: socket.socket, request: bytes) -> bool:
        head, _, body = _GOOD.partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        connection.sendall(body)
        return True

    durations = []
    with Misbehaving(behave) as server:
        connection = Connection(Endpoint.parse(server.url))
        for _ in range(30):  # a new connection is acknowledged at once for a while
            started = time.perf_counter()
            connection.exchange(_REQUEST, 2.0)
            durations.append(time.perf_counter() - started)
        connection.close()
    assert min(durations[20:]) < (0.03 if hasattr(socket, "TCP_QUICKACK") else 1.0)


def test_an_interrupt_in_the_middle_of_an_answer_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser wraps it up as an error of its own; and the answer is not left for the next request to read."""

    def interrupted(self: Answer, name: bytes, value: bytes) -> None:
        raise KeyboardInterrupt

    with Misbehaving(answering(_GOOD)) as server:
        connection = Connection(Endpoint.parse(server.url))
        with monkeypatch.context() as patch:
            patch.setattr(Answer, "on_header", interrupted)
            with pytest.raises(KeyboardInterrupt):
                connection.exchange(_REQUEST, 2)
        response, unknown = connection.exchange(_REQUEST, 2)
        connection.close()
    assert unknown is None
    assert response is not None
    assert server.connections == 2
