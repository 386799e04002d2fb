"""Where liberties of signatures and of threads show."""

from __future__ import annotations

import json
import select
import socket
import time
from typing import TYPE_CHECKING, Any

from assay.target import Credentials
from assay.target.signing import Signer
from selftests.liberties_shown.calls import GATE_KEY, GATE_SECRET
from selftests.showings import Showings

if TYPE_CHECKING:
    from selftests.raw_client import RawClient

SHOWN = Showings()


def signed_at(client: RawClient, moment: float) -> int:
    """The status that a well-signed List gets which was signed at a moment."""
    fields = client.headers("ListConnections")
    headers = tuple((name, fields[name]) for name in ("X-Amz-Target", "Content-Type"))
    credentials = Credentials(access_key_id=GATE_KEY, secret_access_key=GATE_SECRET)
    host = client.url.partition("//")[2]
    signable = Signer(credentials, "us-east-1", "codestar-connections").prepare(host, "/", headers)
    date, authorization = signable.sign(b"{}", moment)
    return client.send(b"{}", {**dict(headers), "X-Amz-Date": date, "Authorization": authorization}).status


@SHOWN.of("auth.unchecked")
def _unchecked(client: RawClient) -> bool:
    return client.call("ListConnections").status == 200


@SHOWN.of("auth.forbidden")
def _forbidden(client: RawClient) -> bool:
    answer = client.call("ListConnections")
    assert signed_at(client, time.time()) == 200
    return (answer.status, answer.code) == (403, "UnrecognizedClientException")


@SHOWN.of("auth.unauthorized")
def _unauthorized(client: RawClient) -> bool:
    answer = client.call("ListConnections")
    assert signed_at(client, time.time()) == 200
    return (answer.status, answer.members) == (401, {"message": "Unauthorized"})


@SHOWN.of("auth.five-minutes")
def _five_minutes(client: RawClient) -> bool:
    assert signed_at(client, time.time() - 240) == 200
    return signed_at(client, time.time() - 360) == 400


@SHOWN.of("auth.looked-at-last")
def _looked_at_last(client: RawClient) -> bool:
    assert signed_at(client, time.time()) == 200
    assert client.call("ListConnections").code == "UnrecognizedClientException"
    return client.call("ListConnections", MaxResults="1").code == "SerializationException"


@SHOWN.of("threads.jitter")
def _jitter(client: RawClient) -> bool:
    """A call overtakes one that was sent before it."""
    return any(_is_overtaken(client) for _ in range(60))


def _is_overtaken(client: RawClient) -> bool:
    first, second = (socket.create_connection((client.connection.host, client.connection.port)) for _ in "12")
    with first, second:
        for each in (first, second):
            each.sendall(request_of(client, "ListConnections", {}))
        return select.select([first, second], [], [], 10)[0] == [second]


@SHOWN.of("threads.one-lock")
def _one_lock(client: RawClient) -> bool:
    """No call is answered sooner than the lock is free again."""
    seconds = []
    for _ in range(30):
        began = time.perf_counter()
        client.page()
        seconds.append(time.perf_counter() - began)
    return min(seconds) >= 0.005


@SHOWN.of("threads.conflict")
def _conflict(client: RawClient) -> bool:
    return _steps_back(client, b"ConflictException")


@SHOWN.of("threads.concurrent-modification")
def _concurrent_modification(client: RawClient) -> bool:
    return _steps_back(client, b"ConcurrentModificationException")


def _steps_back(client: RawClient, code: bytes) -> bool:
    """Creates of two names at once, of which one is refused; it is accepted where it comes again."""
    for trial in range(60):
        members = [{"ConnectionName": f"{trial}-{each}", "ProviderType": "GitHub"} for each in "12"]
        sockets = [socket.create_connection((client.connection.host, client.connection.port)) for _ in members]
        for each, given in zip(sockets, members, strict=True):
            each.sendall(request_of(client, "CreateConnection", given))
        answers = [each.recv(65536) for each in sockets]
        for each in sockets:
            each.close()
        refused = [given for given, answer in zip(members, answers, strict=True) if b"#" + code in answer]
        if refused:
            return len(refused) == 1 and client.call("CreateConnection", **refused[0]).status == 200
    return False


def request_of(client: RawClient, operation: str, members: dict[str, Any]) -> bytes:
    """A whole request as bytes, for a socket of one's own."""
    body = json.dumps(members).encode()
    fields = {**client.headers(operation), "Host": "x", "Content-Length": str(len(body))}
    return ("POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n").encode() + body
