"""The reference as a function from a request to its answer, for servers that are careful in all but one thing.

No thread and no event loop: its ASGI application never really waits, so one step of its coroutine is the whole answer.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from assay.reference.callers import account_of
from assay.reference.connections import Connection, MemoryStore
from assay.reference.editions import DEFAULT_EDITION, EDITIONS
from assay.reference.parts import Parts, careful_parts
from assay.reference.wire import application

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["Careful", "operation_of", "strangers"]

HARMLESS_KEY = "AKIAIOSFODNN7EXAMPLE"


class Careful:
    """A behaviour for `Misbehaving` that does not misbehave; `before` is called for each request, and may raise."""

    def __init__(
        self, parts: Parts | None = None, *, before: Callable[[int, str], object] | None = None, closes: bool = False
    ) -> None:
        self.parts = parts or careful_parts()
        self._application: Any = application(parts=self.parts, edition=EDITIONS[DEFAULT_EDITION])
        self._lock = threading.Lock()
        self._before = before
        self._closes = closes
        self._count = 0

    def __call__(self, connection: socket.socket, request: bytes) -> bool:
        """Answer a request."""
        self._count += 1
        if self._before is not None:
            self._before(self._count, operation_of(request))
        connection.sendall(self.answer(request))
        return not self._closes

    @property
    def alive(self) -> set[str]:
        """The ARNs of the connections that exist."""
        return {connection.arn for connection in self.parts.store}

    def answer(self, request: bytes) -> bytes:
        """The answer of the reference, as bytes."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        method, path = first.split(b" ")[:2]
        fields = [line.partition(b":") for line in lines]
        scope = {
            "type": "http",
            "method": method.decode(),
            "path": path.decode(),
            "query_string": b"",
            "headers": [(name.strip().lower(), value.strip()) for name, _, value in fields],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        with self._lock, suppress(StopIteration):
            self._application(scope, receive, send).send(None)
        start, content = sent
        lines = [b"HTTP/1.%d %d Answer" % (0 if self._closes else 1, start["status"])]
        lines += [name + b": " + value for name, value in start["headers"]]
        return b"\r\n".join([*lines, b"", b""]) + content["body"]


def operation_of(request: bytes) -> str:
    """The operation that a request names."""
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"x-amz-target:"):
            return line.rpartition(b".")[2].decode()
    return ""


def strangers(count: int) -> Parts:
    """Parts that hold so many connections of the account to which a run's harmless key belongs."""
    store, account = MemoryStore(), account_of(HARMLESS_KEY)
    for number in range(count):
        store.add(
            Connection(
                sequence=store.next_sequence(),
                arn=f"arn:aws:codestar-connections:us-east-1:{account}:connection/{uuid.uuid4()}",
                name=f"stranger {number}",
                provider_type=("GitHub", "Bitbucket", "GitLab")[number % 3],
                account=account,
                region="us-east-1",
                status=("PENDING", "AVAILABLE", "ERROR")[number % 3],
            )
        )
    return careful_parts(store=store, quota=2 * count + 250)
