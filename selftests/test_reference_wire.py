"""The reference on the wire: every spelling is served, and whatever a client sends is answered with less than 500."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.reference import BackgroundReference
from selftests.raw_client import LONG, SHORT, RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

OPERATIONS = ("CreateConnection", "GetConnection", "ListConnections", "DeleteConnection")


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundReference]:
    with BackgroundReference() as started:
        yield started
        assert started.complaints() == ""


@pytest.fixture
def client(server: BackgroundReference) -> RawClient:
    return RawClient(server.endpoint_url)


@pytest.mark.parametrize("prefixes", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("service", sorted(LONG))
def test_every_spelling_of_the_target_is_served(client: RawClient, service: str, prefixes: dict[str, str]) -> None:
    """Two services, two spellings, four operations."""
    speaker = client.elsewhere(service=service, prefixes=prefixes)
    arn = speaker.create("one")
    assert speaker.get(arn).status == 200
    assert speaker.arns() == [arn]
    assert speaker.delete(arn).status == 200


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "ListConnections",
        "CodeStar_connections_20191201.",
        "CodeStar_connections_20191201.listConnections",
        "é",
    ],
)
def test_an_unknown_target_is_an_unknown_operation(client: RawClient, target: str | None) -> None:
    """Missing, empty, incomplete or in another case."""
    headers = client.headers("ListConnections")
    del headers["X-Amz-Target"]
    if target is not None:
        headers["X-Amz-Target"] = target
    answer = client.send(b"{}", headers)
    assert (answer.status, answer.code) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 405),
        ("PUT", "/", 405),
        ("OPTIONS", "/", 405),
        ("POST", "/x", 404),
        ("POST", "/service/CodeConnections_20231201/operation/ListConnections", 404),
        ("GET", "/_assay/handshake", 404),
        ("POST", "/%ff%00", 404),
    ],
)
def test_only_post_to_the_root_is_served(client: RawClient, method: str, path: str, status: int) -> None:
    """Other verbs and paths are refused in the protocol's own form."""
    answer = client.send(b"{}", client.headers("ListConnections"), method=method, path=path)
    assert (answer.status, answer.code) == (status, "UnknownOperationException")


def test_head_is_refused_without_a_body(client: RawClient) -> None:
    """As HTTP has it."""
    answer = client.send(None, {}, method="HEAD")
    assert (answer.status, answer.body) == (405, b"")
    assert client.page() == {"Connections": []}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"null",
        b'"x"',
        b"[]",
        b"5",
        b" ",
        b'{"a":1,}',
        b"\xff",
        b'\xef\xbb\xbf{"a":1}',
        b'{"MaxResults":NaN}',
        b'{"MaxResults":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"x":' * 50_000,
        json.dumps({"a": 1}).encode("utf-16"),
    ],
    ids=range(14),
)
def test_what_is_no_json_object_is_refused(client: RawClient, body: bytes) -> None:
    """SerializationException, before anything else is looked at."""
    for operation in OPERATIONS:
        answer = client.send(body, client.headers(operation))
        assert (answer.status, answer.code) == (400, "SerializationException")
        assert answer.members["__type"] == "com.amazon.coral.service#SerializationException"


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("CreateConnection", {"ConnectionName": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("CreateConnection", {"ConnectionName": True}, "TRUE_VALUE can not be converted to a String"),
        ("CreateConnection", {"ConnectionName": ["x"]}, "Start of list found where not expected"),
        ("CreateConnection", {"ConnectionName": {}}, "Start of structure or map found where not expected."),
        ("ListConnections", {"MaxResults": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListConnections", {"MaxResults": False}, "FALSE_VALUE can not be converted to an Integer"),
        ("ListConnections", {"MaxResults": 5.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ("CreateConnection", {"Tags": "x"}, "Expected list or null"),
    ],
)
def test_types_come_before_constraints(
    client: RawClient, operation: str, members: dict[str, Any], message: str
) -> None:
    """A wrong type is the only complaint, though required members are missing too."""
    answer = client.call(operation, **members)
    assert answer.code == "SerializationException"
    assert answer.members["message"] == message


def test_all_broken_constraints_are_told_at_once(client: RawClient) -> None:
    """In the words and with the paths of the framework."""
    answer = client.call("CreateConnection", ProviderType="x", ConnectionName="y" * 33)
    assert answer.members == {
        "__type": "com.amazon.coral.validate#ValidationException",
        "message": "2 validation errors detected: Value 'x' at 'providerType' failed to satisfy constraint: Member "
        "must satisfy enum value set: [Bitbucket, GitHub, GitHubEnterpriseServer, GitLab, GitLabSelfManaged]; "
        f"Value '{'y' * 33}' at 'connectionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 32",
    }
    missing = client.call("GetConnection").members["message"]
    assert missing == (
        "1 validation error detected: "
        "Value null at 'connectionArn' failed to satisfy constraint: Member must not be null"
    )


def test_null_is_absent_and_unknown_is_ignored(client: RawClient) -> None:
    """A client of another day sends both."""
    members = {"ConnectionName": "one", "ProviderType": "GitHub", "HostArn": None, "Tags": None, "New": {"x": [1]}}
    assert client.call("CreateConnection", **members).status == 200
    assert len(client.page(MaxResults=None, NextToken=None, ProviderTypeFilter=None)["Connections"]) == 1


def test_parameters_of_the_content_type_change_nothing(client: RawClient) -> None:
    """`; charset=utf-8` is what some clients add."""
    headers = {**client.headers("ListConnections"), "Content-Type": "application/x-amz-json-1.0; charset=utf-8"}
    assert client.send(b"{}", headers).status == 200


def test_an_empty_body_is_an_empty_object(client: RawClient) -> None:
    """List needs no member."""
    assert client.send(b"", client.headers("ListConnections")).members == {"Connections": []}


def test_a_body_in_chunks_is_read(client: RawClient) -> None:
    """Without a Content-Length."""
    answer = client.send(
        iter([b'{"ConnectionName":"one",', b'"ProviderType":"GitHub"}']), client.headers("CreateConnection")
    )
    assert answer.status == 200


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 200), (1024 * 1024 + 1, 413), (20 * 1024 * 1024, 413)])
def test_a_body_of_more_than_a_mebibyte_is_refused(client: RawClient, size: float, status: int) -> None:
    """And the connection goes on."""
    start, end = b'{"x":"', b'"}'
    body = start + b"x" * (size - len(start) - len(end)) + end
    assert client.send(body, client.headers("ListConnections")).status == status
    assert client.page() == {"Connections": []}


def test_every_answer_has_its_headers(client: RawClient) -> None:
    """Content type and a fresh request id, on success and on error; the length is the body's."""
    answers = [
        client.call("ListConnections"),
        client.call("GetConnection"),
        client.send(b"{", {}),
        client.send(b"", {}, path="/x"),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/x-amz-json-1.0"
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-requestid"])
        assert int(answer.headers["content-length"]) == len(answer.body)
    assert len({answer.headers["x-amzn-requestid"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "nonsense",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b",
        "AWS4-HMAC-SHA256 Credential=é/d/ÄÖ/s/t, x",
        "Bearer x",
    ],
)
def test_an_unreadable_authorization_is_the_default_callers(client: RawClient, authorization: str) -> None:
    """Nobody asked for signatures."""
    headers = {**client.headers("ListConnections"), "Authorization": authorization.encode("utf-8")}
    assert client.send(b"{}", headers).status == 200


def test_pipelined_requests_are_answered_in_order(client: RawClient) -> None:
    """Two in one packet, two answers."""
    url = urlsplit(client.url)
    head = "".join(f"{name}: {value}\r\n" for name, value in client.headers("ListConnections").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 2\r\n\r\n{{}}".encode()
    with socket.create_connection((url.hostname, url.port), timeout=5) as raw:
        raw.sendall(request + request.replace(b"\r\n\r\n{}", b"\r\nConnection: close\r\n\r\n{}"))
        received = b""
        while data := raw.recv(65536):
            received += data
    assert received.count(b"HTTP/1.1 200 OK") == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
member_names = st.sampled_from(
    [
        "ConnectionName",
        "ProviderType",
        "HostArn",
        "Tags",
        "ConnectionArn",
        "MaxResults",
        "NextToken",
        "ProviderTypeFilter",
        "HostArnFilter",
    ]
)
bodies = st.binary() | st.builds(
    lambda value: json.dumps(value).encode(),
    json_values
    | st.dictionaries(member_names, json_values)
    | st.fixed_dictionaries({"Tags": st.lists(st.dictionaries(st.sampled_from(["Key", "Value"]), json_values))}),
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(operation=st.sampled_from(OPERATIONS), body=bodies)
def test_no_body_is_answered_with_a_server_error(client: RawClient, operation: str, body: bytes) -> None:
    """200 or 400, and always JSON."""
    answer = client.send(body, client.headers(operation))
    assert answer.status in (200, 400)
    assert isinstance(answer.members, dict)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=st.binary(max_size=60).filter(lambda value: not set(value) & set(b"\0\r\n")),
    authorization=st.binary(max_size=60).filter(lambda value: not set(value) & set(b"\0\r\n")),
    path=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20),
)
def test_no_head_is_answered_with_a_server_error(
    server: BackgroundReference, target: bytes, authorization: bytes, path: str
) -> None:
    """Raw bytes in target, authorization and path."""
    url = urlsplit(server.endpoint_url)
    request = (
        b"POST /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"X-Amz-Target: %s\r\nAuthorization: %s\r\nContent-Length: 2\r\n\r\n{}"
    )
    with socket.create_connection((url.hostname, url.port), timeout=5) as raw:
        raw.sendall(request % (path.encode(), target, authorization))
        status = raw.makefile("rb").readline().split()[1]
    assert status.startswith(b"4")
