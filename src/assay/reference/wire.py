"""The reference on the wire: awsJson 1.0 as a bare ASGI application.

One request goes: verb and path, target, signature (where asked for), JSON, types, constraints, handler. The first that
objects answers; what the answer looks like is for `answers` to say.
Whatever a client sends is answered with less than 500: an exception that is no `Refusal` is our own bug, and is left to
the server, which shows the trace to whoever runs it.

Liberal in one thing: the request's Content-Type is not looked at, so that `curl -d` works. AWS does look.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from assay.reference import handshake
from assay.reference.bodies import MAXIMUM_BODY
from assay.reference.callers import caller_of
from assay.reference.operations import Call
from assay.reference.refusals import Refusal, unknown_operation

if TYPE_CHECKING:
    from assay.reference.answers import Outcome
    from assay.reference.editions import Edition
    from assay.reference.parts import Parts

__all__ = ["Application", "application"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def application(*, parts: Parts, edition: Edition) -> Application:
    """The server of these parts, by this edition."""

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        answer = parts.answer(*_outcome(parts, edition, scope, bytes(body)))
        headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    return serve


def _outcome(
    parts: Parts,
    edition: Edition,
    scope: Mapping[str, Any],
    body: bytes,
) -> tuple[str, Outcome]:
    """The operation, as far as it is known, and what came of it."""
    operation = ""
    try:
        path = scope["path"]
        if path == handshake.PATH and scope["method"] == "POST":
            return operation, handshake.shake_hands(parts, parts.read_body(body))
        if path.strip("/"):
            raise unknown_operation(status=404)
        if scope["method"] != "POST":
            raise unknown_operation(status=405)
        target, content_type, authorization = _fields(scope, b"x-amz-target", b"content-type", b"authorization")
        known = parts.find_operation(target)
        if known is None:
            raise unknown_operation()
        parts.check_type(content_type)
        service, operation = known
        if parts.admit is not None:
            parts.admit(path=path, query=scope["query_string"], headers=scope["headers"], body=body)
        members = parts.check(operation, edition.members(service, operation), parts.read_body(body))
        call = Call(caller=caller_of(authorization), service=service, members=members)
        return operation, parts.handlers[operation](parts, call)
    except Refusal as refusal:
        return operation, refusal


def _fields(scope: Mapping[str, Any], *names: bytes) -> list[bytes | None]:
    """The last values of some header fields, None for each that is not there."""
    given = dict(scope["headers"])
    return [given.get(name) for name in names]


async def _read_body(receive: Receive) -> bytearray | None:
    """The whole body, or None when the client hung up.

    What goes beyond the limit is read and dropped: a client in mid-sentence hears no answer.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAXIMUM_BODY:
            body += message["body"]
        if not message["more_body"]:
            return body
