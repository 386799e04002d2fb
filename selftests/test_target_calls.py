"""An operation and its input become calls: retries, time, numbering, two legs, and no secrets."""

from __future__ import annotations

import gzip
import io
import json
import random
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.contract import Contract, load_contract
from assay.history import Accepted, Call, Leg, Outcome, Refused, Unknown, dump
from assay.target import HARMLESS, MAX_ATTEMPTS, Credentials, Endpoint, Target
from assay.target.target import encode
from selftests.misbehaving import Behaviour, Misbehaving, answer, answering

_SPECS = Path(__file__).parent.parent / "specs"
_GOOD = answer(b'{"Connections":[]}')
_THROTTLED = answer(b'{"__type":"ThrottlingException"}', "400 Bad Request")
_PLANTED = Credentials(
    access_key_id="AKIDPLANTED", secret_access_key="planted/secret+key", session_token="planted/session+token"
)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("codestar-connections", specs=_SPECS)


def _target(server: Misbehaving, contract: Contract, **options: object) -> Target:
    return Target(
        Endpoint.parse(server.url),
        contract,
        options.pop("credentials", HARMLESS),  # type: ignore[arg-type]
        "us-east-1",
        **{"timeout": 2.0, "rng": random.Random(1), **options},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("leg", ["light", "sdk"])
def test_every_attempt_is_a_call_and_the_last_is_the_answer(contract: Contract, leg: Leg) -> None:
    with Misbehaving(
        answering(_THROTTLED, answer(b"", "503 Slow", "Retry-After: 0"), answer(b"", "429 Slow"), _GOOD)
    ) as server:
        pauses: list[float] = []
        target = _target(server, contract, sleep=pauses.append)
        calls = target.call("ListConnections", {}, leg=leg)
        target.close()
    assert [call.is_retried for call in calls] == [True, True, True, False]
    assert [call.index for call in calls] == [0, 1, 2, 3]
    assert {call.leg for call in calls} == {leg}
    assert calls[-1].outcome == Accepted({"Connections": []})
    assert target.calls_made == len(server.requests) == 4
    assert len(pauses) == 3
    assert all(0 < pause < 1 for pause in pauses)


def test_attempts_are_bounded(contract: Contract) -> None:
    with Misbehaving(answering(_THROTTLED)) as server:
        target = _target(server, contract, sleep=[].append)
        calls = target.call("ListConnections", {})
        target.close()
    assert len(calls) == MAX_ATTEMPTS == len(server.requests)
    assert isinstance(calls[-1].outcome, Refused)


@pytest.mark.parametrize(
    "said", ["3", "Mon, 01 Jan 2035 00:00:00 GMT", "99999999999999999999999999", "x", "\u0663", "-1"]
)
def test_retry_after_is_honoured_up_to_a_bound(contract: Contract, said: str) -> None:
    throttled = f"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: {said}\r\n\r\n".encode()
    with Misbehaving(answering(throttled, _GOOD)) as server:
        pauses: list[float] = []
        target = _target(server, contract, sleep=pauses.append)
        target.call("ListConnections", {})
        target.close()
    (pause,) = pauses
    assert pause == {"3": 3.0, "M": 5.0, "9": 5.0}.get(said[0], pytest.approx(0.04, abs=0.02))


def test_no_attempt_and_no_pause_goes_beyond_the_time_to_give_up(contract: Contract) -> None:
    with Misbehaving(answering(answer(b"", "503 Slow", "Retry-After: 60"))) as server:
        target = _target(server, contract)
        started = time.perf_counter()
        calls = target.call("ListConnections", {}, give_up_at=target.clock() + 0.5)
        assert time.perf_counter() - started < 0.4
        assert len(calls) == 1
        assert target.call("ListConnections", {}, give_up_at=target.clock() - 1) == ()
        target.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("leg", ["light", "sdk"])
def test_a_call_that_hangs_ends_in_time_and_is_not_made_again(contract: Contract, leg: Leg) -> None:
    def trickle(connection: socket.socket, request: bytes) -> bool:
        for each in b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99:
            connection.sendall(bytes([each]))
            time.sleep(0.05)
        return False

    with Misbehaving(trickle) as server:
        target = _target(server, contract, timeout=5.0)
        target.call("ListConnections", {}, leg=leg, timeout=0.01)  # boto3 is imported and its client made
        started = time.perf_counter()
        (call,) = target.call("ListConnections", {}, leg=leg, give_up_at=target.clock() + 0.3)
        took = time.perf_counter() - started
        target.close()
    assert isinstance(call.outcome, Unknown)
    assert call.outcome.reason == "timeout"
    assert 0.25 < took < 0.9
    assert call.end - call.start <= took


def _close_early(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"Connections":[]}')
    return False


def _flood(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def _garbage(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    return False


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (answering(_GOOD), Accepted({"Connections": []})),
        (answering(answer(b"", "200 OK")), Accepted({})),
        (answering(answer(b'{"__type":"a#X","Message":"m"}', "400 Bad Request")), Refused("X", 400, "m")),
        (answering(answer(b"<html>", "404 Not Found")), Refused(None, 404)),
        (answering(answer(b"{}", "500 Oops")), "server-error"),
        (answering(answer(b"<html>")), "unreadable"),
        (answering(answer(b"[]")), "unreadable"),
        (answering(answer(b"{" * 100_000)), "unreadable"),
        (answering(answer(b"", "307 Elsewhere", "Location: http://127.0.0.1:1/")), "unreadable"),
        (answering(answer(gzip.compress(b"{}", mtime=0), "200 OK", "Content-Encoding: gzip")), Accepted({})),
        (_close_early, "connection"),
        (_flood, "unreadable"),
        (_garbage, "unreadable"),
    ],
)
def test_both_legs_say_the_same_of_an_answer(contract: Contract, behaviour: Behaviour, outcome: Outcome | str) -> None:
    with Misbehaving(behaviour) as server:
        target = _target(server, contract)
        (light,) = target.call("ListConnections", {})
        (sdk,) = target.call("ListConnections", {}, leg="sdk")
        target.close()
    for call in (light, sdk):
        assert (call.outcome if not isinstance(outcome, str) else call.outcome.reason) == outcome
    assert (light.leg, sdk.leg) == ("light", "sdk")
    if light.response is not None and not light.response.flaw:  # of what broke off, boto3 shows nothing
        assert light.response == sdk.response


def test_boto3_waits_for_no_acknowledgement(contract: Contract) -> None:
    """Its requests leave at once, as a client that boto3 makes by itself sends them: else each costs 40 ms."""
    with Misbehaving(answering(answer(b"{}"))) as server:
        target = _target(server, contract)
        target.call("ListConnections", {}, leg="sdk")
        assert target._sdk is not None
        (opened,) = target._sdk._session._sockets
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        target.close()


def test_an_endpoint_that_is_not_there_is_unknown_on_both_legs(contract: Contract) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    target = Target(Endpoint.parse(url), contract, HARMLESS, "us-east-1", timeout=2.0)
    for leg in ("light", "sdk"):
        (call,) = target.call("ListConnections", {}, leg=leg)  # type: ignore[arg-type]
        assert isinstance(call.outcome, Unknown)
        assert call.outcome.reason == "connection"
        assert (call.leg, call.response) == (leg, None)


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("ListConnections", {}),
        ("ListConnections", {"MaxResults": 5, "ProviderTypeFilter": "GitHub"}),
        ("CreateConnection", {"ConnectionName": "näme \U0001f600", "ProviderType": "Bitbucket"}),
        ("GetConnection", {"ConnectionArn": ""}),
        ("DeleteConnection", {"ConnectionArn": "x" * 300}),
    ],
)
@pytest.mark.parametrize("below", ["", "/below"])
def test_both_legs_send_the_same_request(contract: Contract, operation: str, given: dict, below: str) -> None:
    """But for who sends it: user agent, invocation id and attempt; and spaces in the JSON."""
    with Misbehaving(answering(answer(b"{}"))) as server:
        server.url += below
        target = _target(server, contract, credentials=_PLANTED)
        (light,) = target.call(operation, given)
        (sdk,) = target.call(operation, given, leg="sdk")
        target.close()
    assert light.request.url == sdk.request.url
    assert json.loads(light.request.body) == json.loads(sdk.request.body) == given
    mine = {"User-Agent", "X-Amz-Date", "Content-Length", "amz-sdk-invocation-id", "amz-sdk-request"}
    common = [[field for field in call.request.headers if field[0] not in mine] for call in (light, sdk)]
    assert common[0] == common[1]
    for call, sent in zip((light, sdk), server.requests, strict=True):
        head = sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        assert head[0] == f"POST {below or '/'} HTTP/1.1"
        wire = [tuple(line.split(": ", 1)) for line in head[1:]]
        assert [field for field in wire if field[0] not in {"Authorization", "X-Amz-Security-Token"}] == list(
            call.request.headers
        )
        assert "X-Amz-Security-Token: planted/session+token" in head


def test_what_boto3_cannot_say_goes_the_light_way(contract: Contract) -> None:
    with Misbehaving(answering(_GOOD)) as server:
        target = _target(server, contract)
        calls = [
            *target.call("ListConnections", {"Unknown": 1}, leg="sdk"),
            *target.call("ListConnections", {"self": 1}, leg="sdk"),
        ]
        target.close()
    assert [call.leg for call in calls] == ["light", "light"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("leg", ["light", "sdk"])
def test_a_planted_secret_is_kept_nowhere(contract: Contract, leg: Leg, caplog: pytest.LogCaptureFixture) -> None:
    """Nor where the endpoint echoes the request, header and all."""
    caplog.set_level("INFO")
    signatures: list[str] = []

    def echo(connection: socket.socket, request: bytes) -> bool:
        head = request.partition(b"\r\n\r\n")[0].decode()
        (authorization,) = (line for line in head.split("\r\n") if line.startswith("Authorization"))
        signatures.append(authorization.rpartition("=")[2])
        body = json.dumps({"head": head}).encode()
        connection.sendall(answer(body, "200 OK", f"X-Echo: {authorization} planted/session+token planted/secret+key"))
        return True

    with Misbehaving(echo) as server:
        target = _target(server, contract, credentials=_PLANTED)
        calls = target.call("ListConnections", {}, leg=leg)
        shown = repr(target) + str(vars(target.endpoint) if hasattr(target.endpoint, "__dict__") else target.endpoint)
        target.close()
    stream = io.StringIO()
    dump(calls, stream)
    kept = stream.getvalue() + repr(calls) + str(calls) + shown + caplog.text
    assert isinstance(calls[0].outcome, Accepted)
    for secret in ("planted/session+token", "planted/secret+key", *signatures):
        assert len(secret) > 10
        assert secret not in kept
    assert calls[0].response is not None
    assert len(calls[0].response.body) == int(calls[0].response.header("content-length") or 0)


def test_calls_are_timed_and_numbered_over_a_whole_run(contract: Contract) -> None:
    """One target goes on where another stopped."""
    ticks = iter(range(100, 10_000))
    with Misbehaving(answering(_GOOD)) as server:
        first = _target(server, contract, clock=lambda: float(next(ticks)), timeout=1e6)
        calls: list[Call] = [*first.call("ListConnections", {}), *first.call("ListConnections", {}, leg="sdk")]
        second = _target(
            server, contract, clock=first.clock, timeout=1e6, origin=first.origin, calls_made=first.calls_made
        )
        calls.extend(second.call("ListConnections", {}))
        first.close()
        second.close()
    assert [call.index for call in calls] == [0, 1, 2]
    times = [moment for call in calls for moment in (call.start, call.end)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert first.origin == 100


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text())))
def test_an_input_is_sent_as_it_is(given: dict) -> None:
    assert json.loads(encode(given)) == given


def test_lone_surrogates_are_escaped_and_all_else_is_utf8() -> None:
    assert encode({"a": "é"}) == b'{"a":"\xc3\xa9"}'
    assert encode({"a": "\ud800é"}) == b'{"a":"\\ud800\\u00e9"}'
