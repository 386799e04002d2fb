"""Bursts: sent before any answer is read, on whatever an endpoint takes, and never for longer than was given."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from assay.contract import Contract, load_contract
from assay.history import Accepted, Call, Unknown
from assay.target import HARMLESS, Endpoint, Target
from selftests.misbehaving import Behaviour, Misbehaving, _request, answer, answering

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPECS = Path(__file__).parent.parent / "specs"
_GOOD = answer(b'{"Connections":[]}')
_FOUR = [("ListConnections", {"MaxResults": number}) for number in range(1, 5)]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("codestar-connections", specs=_SPECS)


def _target(url: str, contract: Contract, **options: Any) -> Target:
    return Target(
        Endpoint.parse(url), contract, HARMLESS, "us-east-1", **{"timeout": 2.0, "rng": random.Random(1), **options}
    )


def _bursts(behaviour: Behaviour, contract: Contract, times: int = 3, **options: Any) -> list[Call]:
    """The calls of some bursts, and between them one call on the ordinary connection."""
    with Misbehaving(behaviour) as server:
        target = _target(server.url, contract, **options)
        calls: list[Call] = []
        for _ in range(times):
            calls += [attempts[-1] for attempts in target.burst(_FOUR)]
            calls += target.call("ListConnections", {})
        target.close()
    return calls


def test_every_request_is_sent_before_an_answer_is_read(contract: Contract) -> None:
    """The endpoint answers none before it has seen all."""
    everybody = threading.Barrier(4)

    def behave(connection: socket.socket, request: bytes) -> bool:
        if b"MaxResults" in request:
            everybody.wait(2)
        connection.sendall(_GOOD)
        return True

    calls = _bursts(behave, contract)
    assert all(isinstance(call.outcome, Accepted) for call in calls)
    assert [call.index for call in calls] == list(range(15))
    assert [call.input.get("MaxResults") for call in calls[:4]] == [1, 2, 3, 4]


def test_what_is_turned_away_is_sent_again_and_each_attempt_is_a_call(contract: Contract) -> None:
    throttled = answer(b'{"__type":"ThrottlingException"}', "400 Bad Request")
    with Misbehaving(answering(throttled, throttled, _GOOD)) as server:
        pauses: list[float] = []
        target = _target(server.url, contract, sleep=pauses.append)
        attempts = target.burst(_FOUR)
        target.close()
    assert sorted(map(len, attempts)) == [1, 1, 2, 2]
    assert all(isinstance(each[-1].outcome, Accepted) for each in attempts)
    assert sorted(call.index for each in attempts for call in each) == list(range(6))
    assert len(pauses) == 1


def test_an_endpoint_may_close_after_every_answer(contract: Contract) -> None:
    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(b'HTTP/1.0 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n\r\n{"Connections":[]}')
        return False

    assert all(isinstance(call.outcome, Accepted) for call in _bursts(behave, contract))


def test_an_endpoint_that_says_nothing_costs_no_more_than_the_time_given(contract: Contract) -> None:
    def behave(connection: socket.socket, request: bytes) -> bool:
        if b'"MaxResults":2' in request:
            connection.recv(1)
            return False
        connection.sendall(_GOOD)
        return True

    began = time.perf_counter()
    calls = _bursts(behave, contract, times=1, timeout=0.6)
    assert time.perf_counter() - began < 1.5
    reasons = [call.outcome.reason if isinstance(call.outcome, Unknown) else "answered" for call in calls]
    assert reasons == ["answered", "timeout", "answered", "answered", "answered"]


def test_a_connection_that_is_cut_is_one_unknown_answer(contract: Contract) -> None:
    def behave(connection: socket.socket, request: bytes) -> bool:
        if b'"MaxResults":3' in request:
            return False
        connection.sendall(_GOOD)
        return True

    calls = _bursts(behave, contract, times=1)
    assert [isinstance(call.outcome, Unknown) for call in calls] == [False, False, True, False, False]


class _Shy:
    """A server that serves one connection at a time until the client closes it, with room for few that wait."""

    def __init__(self, backlog: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                while _request(connection):
                    connection.sendall(_GOOD)


@pytest.fixture(params=[0, 50])
def shy(request: pytest.FixtureRequest) -> Iterator[_Shy]:
    with _Shy(request.param) as server:
        yield server


def test_an_endpoint_may_serve_one_connection_at_a_time(shy: _Shy, contract: Contract) -> None:
    """Open connections that nobody serves end in no timeout, and the second burst knows better than the first."""
    target = _target(shy.url, contract, timeout=5.0)
    calls: list[Call] = []
    for _ in range(4):
        calls += target.call("ListConnections", {})
        calls += [attempts[-1] for attempts in target.burst(_FOUR)]
    began = time.perf_counter()
    calls += [attempts[-1] for attempts in target.burst(_FOUR)]
    assert time.perf_counter() - began < 0.5
    target.close()
    assert all(isinstance(call.outcome, Accepted) for call in calls)


def test_where_nobody_listens_every_call_says_so(contract: Contract) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    target = _target(f"http://127.0.0.1:{port}", contract)
    calls = [attempts[-1] for attempts in target.burst(_FOUR)]
    assert all(isinstance(call.outcome, Unknown) and call.outcome.reason == "connection" for call in calls)
