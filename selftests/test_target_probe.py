"""What is served here, and what is said where nothing is."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.contract import Contract, load_contract
from assay.errors import TargetError, UsageError
from assay.reference.refusals import Refusal
from assay.reference.signatures import SignatureCheck
from assay.target import HARMLESS, Endpoint, NotServed, Served, Serving, probe
from selftests.misbehaving import Behaviour, Misbehaving, answer, answering, hanging

if TYPE_CHECKING:
    from collections.abc import Callable

_SPECS = Path(__file__).parent.parent / "specs"
_LONG = "com.amazonaws.codestar.connections.CodeStar_connections_20191201"
_SHORT = "CodeStar_connections_20191201"
_OTHER_LONG = "com.amazonaws.codeconnections.CodeConnections_20231201"
_UNKNOWN = answer(b'{"__type":"UnknownOperationException"}', "400 Bad Request")
_NOT_FOUND = answer(b'{"__type":"ResourceNotFoundException"}', "400 Bad Request")
_INVALID = answer(b'{"__type":"ValidationException"}', "400 Bad Request")
_LIST = answer(b'{"Connections":[]}')
_HTML = answer(b"<html>404</html>").replace(b"application/x-amz-json-1.0", b"text/html")


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return {name: load_contract(name, specs=_SPECS) for name in ("codestar-connections", "codeconnections")}


def _serves(*prefixes: str, **others: bytes) -> Behaviour:
    """An endpoint that knows these spellings, and answers the operations as a correct one does but for `others`."""
    answers = {"List": _LIST, "Get": _NOT_FOUND, "Delete": _NOT_FOUND, "Create": _INVALID, **others}

    def behave(connection: socket.socket, request: bytes) -> bool:
        found = re.search(rb"X-Amz-Target: (\S+)\.([A-Z][a-z]+)", request)
        assert found is not None
        prefix, verb = found[1].decode(), found[2].decode()
        connection.sendall(answers[verb] if prefix in prefixes else _UNKNOWN)
        return True

    return behave


def _probe(
    behaviour: Behaviour, contracts: dict[str, Contract], wanted: str = "codestar-connections", **options: Any
) -> Serving:
    with Misbehaving(behaviour) as server:
        serving = probe(
            Endpoint.parse(server.url), contracts, wanted,
            credentials=HARMLESS, region="us-east-1", **{"timeout": 2.0, "sleep": [].append, **options},
        )  # fmt: skip
    assert len(server.requests) == len(serving.calls)
    return serving


def _refusal(behaviour: Behaviour, contracts: dict[str, Contract], **options: Any) -> TargetError:
    with pytest.raises(TargetError) as caught:
        _probe(behaviour, contracts, **options)
    assert "\n" not in caught.value.message
    assert "http://127.0.0.1:" in caught.value.message
    return caught.value


def test_an_endpoint_that_serves_all_is_used_as_wanted(contracts: dict[str, Contract]) -> None:
    serving = _probe(_serves(_LONG, _SHORT, _OTHER_LONG), contracts)
    assert (serving.service, serving.spelling) == ("codestar-connections", "long")
    assert serving.also == (("codestar-connections", "short"), ("codeconnections", "long"))
    assert serving.missing == (("codeconnections", "short"),)
    assert set(serving.operations.values()) == {Served()}
    assert (serving.sdk_leg, serving.sdk_reason) == (True, None)
    assert [call.index for call in serving.calls] == list(range(10))
    assert [call.start for call in serving.calls] == sorted(call.start for call in serving.calls)


def test_where_only_the_short_spelling_is_known_boto3_is_left_out(contracts: dict[str, Contract]) -> None:
    serving = _probe(_serves(_SHORT), contracts)
    assert serving.spelling == "short"
    assert not serving.sdk_leg
    assert "boto3 sends the long spelling" in (serving.sdk_reason or "")
    assert ("codestar-connections", "long") in serving.missing


def test_an_endpoint_of_the_other_service_is_told_with_the_option_to_use(contracts: dict[str, Contract]) -> None:
    error = _refusal(_serves(_OTHER_LONG), contracts)
    assert error.hint == "--service codeconnections"
    assert _probe(_serves(_OTHER_LONG), contracts, "codeconnections").service == "codeconnections"


def test_only_arns_of_nothing_are_touched(contracts: dict[str, Contract]) -> None:
    serving = _probe(_serves(_LONG), contracts)
    touched = [call for call in serving.calls if call.operation in {"GetConnection", "DeleteConnection"}]
    arns = [call.input["ConnectionArn"] for call in touched]
    assert len(set(arns)) == len(arns) == 3
    pattern = contracts["codestar-connections"].identity_pattern
    assert all(pattern.fullmatch(arn) and "/" in arn for arn in arns)
    assert [call.input for call in serving.calls if call.operation == "CreateConnection"] == [{}]


def test_what_an_empty_create_made_is_deleted(contracts: dict[str, Contract]) -> None:
    arn = "arn:aws:codestar-connections:us-east-1:123456789012:connection/00000000-0000-4000-8000-000000000000"
    serving = _probe(_serves(_LONG, Create=answer(json.dumps({"ConnectionArn": arn}).encode())), contracts)
    assert {"ConnectionArn": arn} in [call.input for call in serving.calls if call.operation == "DeleteConnection"]
    assert serving.operations["CreateConnection"] == Served()


def test_an_operation_that_is_missing_is_named_with_what_was_answered(contracts: dict[str, Contract]) -> None:
    serving = _probe(_serves(_LONG, Delete=answer(b"", "501 Not Implemented"), Get=_UNKNOWN), contracts)
    assert serving.operations["DeleteConnection"] == NotServed("answered 501 application/x-amz-json-1.0")
    assert serving.operations["GetConnection"] == NotServed("answered 400 UnknownOperationException")
    assert serving.operations["ListConnections"] == Served()


def test_an_endpoint_may_lack_nothing_but_the_list(contracts: dict[str, Contract]) -> None:
    serving = _probe(_serves(_LONG, List=_UNKNOWN), contracts)
    assert isinstance(serving.operations["ListConnections"], NotServed)
    assert serving.operations["CreateConnection"] == Served()


@pytest.mark.parametrize("verb", ["Get", "Delete", "Create"])
@pytest.mark.parametrize("fault", [answer(b"<h1>Oops</h1>"[:0], "500 Oops"), answer(b"x", length=9)[:-1]])
def test_a_fault_in_serving_is_left_to_the_laws(contracts: dict[str, Contract], verb: str, fault: bytes) -> None:
    def behave(connection: socket.socket, request: bytes) -> bool:
        _serves(_LONG, **{verb: fault})(connection, request)
        return not fault.endswith(b"\r\n\r\n") or b"500" in fault

    serving = _probe(behave, contracts)
    assert set(serving.operations.values()) == {Served()}


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        (answering(_HTML.replace(b"200 OK", b"404 Not Found")), "ListConnections answered 404 text/html"),
        (answering(_HTML), "ListConnections answered 200 text/html (not JSON"),
        (answering(answer(b"[]")), "answered 200 application/x-amz-json-1.0 (JSON, but an array"),
        (answering(answer(b"", "500 Oops")), "answered 500"),
        (answering(answer(b'{"__type":"InternalFailure"}', "501 Not Implemented")), "answered 501"),
        (answering(answer(b"", "405 No")), "answered 405"),
        (answering(answer(b"", "302 Found", "Location: http://x")), "answered 302"),
        (answering(_UNKNOWN), "answered 400 UnknownOperationException"),
        (
            answering(answer(b"<Error><Code>InvalidAction</Code></Error>", "400 Bad Request")),
            "answered 400 InvalidAction",
        ),
        (
            answering(answer(b'{"code":"Not\\u001b[31m\\nImplemented"}', "404 Not Found")),
            "answered 404 Not?[31m?Implemented",
        ),
    ],
)
def test_where_nothing_is_served_one_line_says_what_was_seen(
    contracts: dict[str, Contract], behaviour: Behaviour, seen: str
) -> None:
    error = _refusal(behaviour, contracts)
    assert error.message.startswith("no operation of codestar-connections is served at http://127.0.0.1:")
    assert seen in error.message


@pytest.mark.parametrize(
    "raw",
    [
        answer(b'{"__type":"com.amazon.coral.service#UnrecognizedClientException"}', "400 Bad Request"),
        answer(b'{"__type":"InvalidSignatureException"}', "400 Bad Request"),
        answer(b'{"message":"Missing"}', "403 Forbidden", "x-amzn-ErrorType: MissingAuthenticationTokenException"),
        answer(b"", "401 Unauthorized"),
    ],
)
def test_an_endpoint_that_does_not_let_the_caller_in_is_told_as_that(
    contracts: dict[str, Contract], raw: bytes
) -> None:
    error = _refusal(answering(raw), contracts)
    assert "does not let these credentials in" in error.message
    assert "--profile" in (error.hint or "")


def test_an_unreachable_endpoint_is_named_with_the_call_that_showed_it(contracts: dict[str, Contract]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint.parse(f"http://127.0.0.1:{listener.getsockname()[1]}")
    with pytest.raises(TargetError) as caught:
        probe(endpoint, contracts, "codestar-connections", credentials=HARMLESS, region="us-east-1", timeout=1.0)
    assert "cannot be reached: ListConnections was not answered (connection refused)" in caught.value.message


def _garbage(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    return False


def _cut(connection: socket.socket, request: bytes) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{")
    return False


@pytest.mark.parametrize(("behaviour", "calls"), [(hanging, 1), (_cut, 2)])
def test_an_endpoint_that_does_not_answer_the_first_call_is_asked_nothing_else(
    contracts: dict[str, Contract], behaviour: Behaviour, calls: int
) -> None:
    started = time.perf_counter()
    with Misbehaving(behaviour) as server, pytest.raises(TargetError) as caught:
        probe(
            Endpoint.parse(server.url),
            contracts,
            "codestar-connections",
            credentials=HARMLESS,
            region="us-east-1",
            timeout=0.3,
        )
    assert "cannot be reached" in caught.value.message
    assert len(server.requests) == calls
    assert time.perf_counter() - started < 0.9


def test_an_endpoint_that_speaks_something_else_is_told_as_that(contracts: dict[str, Contract]) -> None:
    assert "not HTTP" in _refusal(_garbage, contracts).message


def test_the_probe_is_over_in_three_times_the_time_of_a_call(contracts: dict[str, Contract]) -> None:
    def behave(connection: socket.socket, request: bytes) -> bool:
        if b"CodeStar_connections_20191201.List" in request and b"com.amazonaws" in request:
            connection.sendall(_LIST)
            return True
        return hanging(connection, request)

    started = time.perf_counter()
    serving = _probe(behave, contracts, timeout=0.3)
    assert time.perf_counter() - started < 1.3
    assert serving.spelling == "long"


@pytest.mark.parametrize(
    "hiccups", [[answer(b"", "500 Oops")], [answer(b"", "429 Slow")] * 3, [answer(b"", "503 S", "Retry-After: 0")]]
)
def test_one_hiccup_is_weather(contracts: dict[str, Contract], hiccups: list[bytes]) -> None:
    waiting = list(hiccups)
    well: Callable[[socket.socket, bytes], bool] = _serves(_LONG)

    def behave(connection: socket.socket, request: bytes) -> bool:
        if waiting:
            connection.sendall(waiting.pop())
            return True
        return well(connection, request)

    assert _probe(behave, contracts).spelling == "long"


def test_an_endpoint_that_throttles_for_ever_is_told_as_that(contracts: dict[str, Contract]) -> None:
    assert "for its rate" in _refusal(answering(answer(b"", "429 Slow")), contracts).message


def test_a_service_without_a_contract_is_a_usage_error(contracts: dict[str, Contract]) -> None:
    with pytest.raises(UsageError):
        _probe(answering(_LIST), contracts, "codestar")


@pytest.mark.parametrize(
    ("signed", "refused", "does_check"),
    [
        ((), (), False),
        (("wrong-secret",), ("List",), True),
        (("unknown-key",), ("List",), True),
        (("wrong-secret",), ("Delete",), True),
        (("missing",), ("List", "Get", "Delete", "Create"), False),
    ],
)
def test_whether_signatures_are_checked_is_found_out(
    contracts: dict[str, Contract], signed: tuple[str, ...], refused: tuple[str, ...], *, does_check: bool
) -> None:
    """With three badly signed calls at the most, by an endpoint that refuses what is signed so for some operations."""
    wrong = answer(b'{"__type":"InvalidSignatureException"}', "400 Bad Request")
    serving = _serves(_LONG, _SHORT)
    sent: list[str] = []

    def behave(connection: socket.socket, request: bytes) -> bool:
        key = re.search(rb"Credential=([^/]+)", request)
        verb = re.search(rb"X-Amz-Target: \S+\.([A-Z][a-z]+)", request)
        assert verb is not None
        word = _signing(request, None if key is None else key[1].decode())
        sent.append(word)
        if word in signed and verb[1].decode() in refused:
            connection.sendall(wrong)
            return True
        return serving(connection, request)

    assert _probe(behave, contracts).checks_signatures == does_check
    assert len([word for word in sent if word != "valid"]) <= 3


def _signing(request: bytes, key: str | None) -> str:
    """How a request of the probe is signed: by the harmless key, with its secret or another."""
    if key is None:
        return "missing"
    if key != HARMLESS.access_key_id:
        return "unknown-key"
    head, _, body = request.partition(b"\r\n\r\n")
    fields = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    check = SignatureCheck(credentials={key: HARMLESS.secret_access_key})
    try:
        headers = [(name.lower().encode(), value.encode()) for name, value in fields]
        check(path="/", query=b"", headers=headers, body=body)
    except Refusal:
        return "wrong-secret"
    return "valid"
