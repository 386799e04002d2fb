"""The mutants of the way in and out: where each fault shows, byte for byte."""

from __future__ import annotations

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


SHOWN: dict[str, Callable[[RawClient], bool]] = {
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
        assert is_whole(answered(client, "Content-Length: 2"))
        assert SHOWN[name](client)
    assert not SHOWN[name](RawClient(reference.endpoint_url))
