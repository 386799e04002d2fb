"""Calls that the showings of several liberties make, and what they are made with."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

GATE_KEY, GATE_SECRET = "AKIDEXAMPLE", "secret"  # of a server that checks signatures
UNKNOWN = "arn:aws:codestar-connections:us-east-1:999999999999:connection/0b69c731-0000-4000-8000-000000000000"


def on_the_wire(client: RawClient, *, headers: dict[str, str] | None = None) -> tuple[bytes, bytes]:
    """The head and the body of a List's answer, as they came, from a connection that nobody keeps open."""
    fields = {**client.headers("ListConnections"), "Host": "x", "Content-Length": "2", **(headers or {})}
    head = "POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    with socket.create_connection((client.connection.host, client.connection.port), timeout=10) as raw:
        raw.settimeout(10)
        raw.sendall(head.encode() + b"{}")
        received = b""
        while True:
            if b"\r\n\r\n" in received and b"connection: close" not in received.lower():
                raw.settimeout(0.2)  # kept alive: what has not come by then does not come
            try:
                more = raw.recv(65536)
            except TimeoutError:
                break
            if not more:
                break
            received += more
    head_bytes, _, body = received.partition(b"\r\n\r\n")
    return head_bytes, body


def refused(client: RawClient) -> Any:
    """A Get that finds nothing."""
    return client.get(client.create("x").rpartition("/")[0] + "/0b69c731-0000-4000-8000-000000000000")
