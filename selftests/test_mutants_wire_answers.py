"""The mutants of the way in and out: where each fault shows, byte for byte."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from assay.reference import BackgroundReference
from selftests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIST = "ListConnections"


def answered(client: RawClient, *fields: str, body: bytes = b"{}") -> bytes:
    """All that comes back for a List with these fields, until the connection is closed."""
    parts = urlsplit(client.url)
    given = [f"{name}: {value}" for name, value in client.headers(LIST).items()]
    head = "\r\n".join(["POST / HTTP/1.1", "Host: x", "Connection: close", *given, *fields, "", ""])
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as raw:
        raw.sendall(head.encode() + body)
        while more := raw.recv(65536):
            received += more
    return received


def is_whole(answer: bytes) -> bool:
    """Is a body as long as its header says?"""
    head, _, body = answer.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(lengths) == 1 and int(lengths[0]) == len(body)


def _chunks(client: RawClient) -> bool:
    return b" 500 " in answered(client, "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n")


def _expectation(client: RawClient) -> bool:
    return b" 500 " in answered(client, "Expect: 100-continue", "Content-Length: 2")


def _gzip(client: RawClient) -> bool:
    client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub")
    return b"content-encoding: gzip" in answered(client, "Accept-Encoding: identity", "Content-Length: 2")


def _create(client: RawClient) -> bool:
    answer = client.call("CreateConnection", ConnectionName="one", ProviderType="GitHub", Tags="x")
    assert (answer.status, answer.code) == (400, "SerializationException")
    return client.arns() != []


def _made(client: RawClient, name: str = "one") -> str:
    """A connection's ARN; its name is a letter that is two bytes where a fault is to be seen."""
    return client.create(name, "GitHub")


def asked(client: RawClient, operation: str, head: str = "POST / HTTP/1.1", **members: str) -> bytes:
    """All that comes back for an operation, with X-Amz-Target spelt as a client would."""
    given = {**client.headers(operation), "Host": "x", "Connection": "keep-alive"}
    return exchanged(client, head, given, json.dumps(members).encode())


def exchanged(client: RawClient, head: str, fields: dict[str, str], body: bytes, *, patience: float = 0.5) -> bytes:
    """All that comes back until the connection is closed, or nothing more comes for a while."""
    parts = urlsplit(client.url)
    lines = [head, *(f"{name}: {value}" for name, value in fields.items()), f"Content-Length: {len(body)}", "", ""]
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as raw:
        raw.sendall("\r\n".join(lines).encode() + body)
        try:
            while more := raw.recv(65536):
                received += more
                raw.settimeout(patience)
        except TimeoutError:
            pass
    return received


def _cut_short(client: RawClient) -> bool:
    arn = _made(client)
    assert is_whole(asked(client, "DeleteConnection", ConnectionArn=arn.replace(arn[-4:], "0000")))
    return not is_whole(asked(client, "GetConnection", ConnectionArn=arn))


def _not_found_cut_short(client: RawClient) -> bool:
    arn = _made(client)
    assert is_whole(asked(client, "GetConnection", ConnectionArn=arn))
    return not is_whole(asked(client, "GetConnection", ConnectionArn=arn[:-4] + "0000"))


def _length_in_characters(client: RawClient) -> bool:
    assert is_whole(asked(client, "GetConnection", ConnectionArn=_made(client)))
    return not is_whole(asked(client, "GetConnection", ConnectionArn=_made(client, "\u00e9")))


def _no_last_chunk(client: RawClient) -> bool:
    answer = asked(client, "GetConnection", ConnectionArn=_made(client))
    assert b'"ConnectionStatus":"PENDING"' in answer
    return b"transfer-encoding: chunked" in answer and not answer.endswith(b"0\r\n\r\n")


def _close_unanswered(client: RawClient) -> bool:
    fields = client.headers(LIST) | {"Host": "x"}
    assert b" 200 " in exchanged(client, "POST / HTTP/1.1", fields, b"{}")
    return exchanged(client, "POST / HTTP/1.1", fields | {"Connection": "Close"}, b"{}") == b""


def _expect_hangs(client: RawClient) -> bool:
    fields = client.headers(LIST) | {"Host": "x", "Expect": "100-continue"}
    return exchanged(client, "POST / HTTP/1.1", fields, b"{}") == b"HTTP/1.1 100 Continue\r\n\r\n"


def _case_sensitive(client: RawClient) -> bool:
    fields = client.headers(LIST) | {"Host": "x"}
    target = fields.pop("X-Amz-Target")
    for name in ("X-Amz-Target", "x-amz-target", "X-AMZ-TARGET"):
        assert b" 200 " in exchanged(client, "POST / HTTP/1.1", fields | {name: target}, b"{}")
    return b" 400 " in exchanged(client, "POST / HTTP/1.1", fields | {"X-amz-target": target}, b"{}")


def _fails(head: str, **changed: str | None) -> Callable[[RawClient], bool]:
    """Is a request with this first line, and with these fields or without them, answered with 500?"""

    def showing(client: RawClient) -> bool:
        fields: dict[str, str | None] = {**client.headers(LIST), "Host": "x"}
        fields |= {name.replace("_", "-"): value for name, value in changed.items()}
        given = {name: value for name, value in fields.items() if value is not None}
        return b" 500 " in exchanged(client, head, given, b"{}")

    return showing


POST = "POST / HTTP/1.1"
SHOWN: dict[str, Callable[[RawClient], bool]] = {
    "answer.cut-short": _cut_short,
    "answer.not-found-cut-short": _not_found_cut_short,
    "answer.length-in-characters": _length_in_characters,
    "answer.no-last-chunk": _no_last_chunk,
    "field.close-unanswered": _close_unanswered,
    "http.expect-hangs": _expect_hangs,
    "field.case-sensitive": _case_sensitive,
    "http.other-verbs-fail": _fails("GET / HTTP/1.1"),
    "http.query-fails": _fails("POST /?a=b HTTP/1.1"),
    "target.missing-is-500": _fails(POST, X_Amz_Target=None),
    "type.missing-is-500": _fails(POST, Content_Type=None),
    "http.chunks-fail": _chunks,
    "http.expect-fails": _expectation,
    "answer.gzip-unasked": _gzip,
    "create.before-other-members": _create,
}


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    """The server without a fault."""
    with BackgroundReference() as server:
        yield server


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_where_it_is_and_nowhere_else(name: str, reference: BackgroundReference) -> None:
    """The same request to both; what is not the fault is answered whole by both."""
    with BackgroundReference(mutant=name) as server:
        client = RawClient(server.endpoint_url)
        assert is_whole(asked(client, LIST))
        assert SHOWN[name](client)
        assert server.complaints() == ""
    assert not SHOWN[name](RawClient(reference.endpoint_url))
