"""A conversation in parts, as raw requests are sent: a body that is held back, an answer before the end, patience."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from assay.history import Unknown
from assay.target import Endpoint
from assay.target.wire import Connection
from selftests.misbehaving import CA_BUNDLE, Behaviour, Misbehaving, answer, answering, hanging

if TYPE_CHECKING:
    import socket

_GOOD = answer(b'{"a":1}')
_HEAD, _BODY = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"{}"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def _connection(server: Misbehaving) -> Connection:
    return Connection(Endpoint.parse(server.url), ca_bundle=CA_BUNDLE)


def _expectant(before: bytes, heard: list[bytes]) -> Behaviour:
    """Says something before it reads the body, and answers behind it."""

    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(before)
        heard.append(connection.recv(99))
        connection.sendall(_GOOD)
        return False

    return behave


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("before", [_CONTINUE, b""])
def test_a_body_that_is_held_back_follows_the_word_or_the_pause(before: bytes, *, tls: bool) -> None:
    heard: list[bytes] = []
    head = _HEAD.replace(b"Content-Length", b"X-Length")  # so that the server does not wait for the body by itself
    with Misbehaving(_expectant(before, heard), tls=tls) as server:
        connection = _connection(server)
        response, unknown = connection.converse([head, _BODY], 5.0, pause=0.1)
    assert unknown is None
    assert response is not None
    assert (response.status, response.body, heard) == (200, b'{"a":1}', [_BODY])


def test_a_final_answer_before_the_body_ends_the_sending() -> None:
    head = _HEAD.replace(b"Content-Length", b"X-Length")
    with Misbehaving(answering(answer(b"{}", "417 Expectation Failed"))) as server:
        response, _ = _connection(server).converse([head, _BODY], 5.0, pause=2.0)
        assert response is not None
        assert response.status == 417
        assert server.requests == [head]


@pytest.mark.parametrize("tls", [False, True])
def test_who_waits_for_more_hears_that_nothing_comes(*, tls: bool) -> None:
    started = time.perf_counter()
    with Misbehaving(answering(_GOOD), tls=tls) as server:
        connection = _connection(server)
        response, unknown = connection.converse([_HEAD], 9.0, pause=0.1, patience=9.0, ends=True)
        assert (response, server.requests) == (None, [])
    assert unknown is not None
    assert unknown.reason == "connection"
    assert time.perf_counter() - started < 5


def test_patience_begins_when_all_is_sent() -> None:
    with Misbehaving(hanging) as server:
        _, unknown = _connection(server).converse([_HEAD + _BODY], 9.0, pause=0.1, patience=0.2)
    assert unknown == Unknown("timeout", "no whole answer within 0.2 s")


def test_the_answer_to_a_head_ends_with_its_header() -> None:
    with Misbehaving(answering(answer(b"", length=99))) as server:
        connection = _connection(server)
        response, unknown = connection.converse(
            [b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"], 5.0, pause=0.1, without_body=True
        )
    assert (unknown, response and response.status) == (None, 200)
