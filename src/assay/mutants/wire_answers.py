"""Faults of the way in and out: what a server that speaks HTTP itself does to chunks, expectations and lengths."""

from __future__ import annotations

import gzip
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from assay.reference.answers import Answer, Outcome
    from assay.reference.constraints import Member, Members
    from assay.reference.operations import Call
    from assay.reference.parts import Parts
    from assay.reference.wire import Application, Message, Receive, Send

Scope = MutableMapping[str, Any]


def _dropping(is_met: Callable[[dict[bytes, bytes]], bool]) -> Callable[[Application], Application]:
    """Break off at requests whose header fields are so: a head goes out, nothing follows, and the connection closes."""

    def around(app: Application) -> Application:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if not is_met(dict(scope["headers"])):
                await app(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})

        return serve

    return around


@mutant("http.chunks-drop", caught_by=("wire.no-server-error",), to="application")
def chunks_drop(app: Application) -> Application:
    """Break off the connection at a body that comes in chunks.

    The length of every body is read from its field, and the handler dies where there is none.
    """
    return _dropping(lambda fields: b"transfer-encoding" in fields)(app)


@mutant("http.expect-drops", caught_by=("wire.no-server-error",), to="application")
def expect_drops(app: Application) -> Application:
    """Break off the connection at `Expect: 100-continue`.

    Nobody had ever seen that field; curl sends it with a body that is long.
    """
    return _dropping(lambda fields: b"expect" in fields)(app)


def _lengthened(is_met: Callable[[Message], bool]) -> Callable[[Application], Application]:
    """Say a length that is greater than the body, in answers that are so."""

    def around(app: Application) -> Application:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            async def lie(message: Message) -> None:
                if message["type"] == "http.response.start" and is_met(message):
                    fields = [
                        (name, b"%d" % (int(value) + 7) if name == b"content-length" else value)
                        for name, value in message["headers"]
                    ]
                    message = {**message, "headers": fields}
                elif message["type"] == "http.response.body":
                    message = {**message, "more_body": True}  # the end is that of the connection
                await send(message)

            await app(scope, receive, lie)

        return serve

    return around


@mutant("answer.errors-too-short", caught_by=("wire.readable", "wire.no-server-error"), to="application")
def errors_too_short(app: Application) -> Application:
    """Say of an error that it is longer than it is.

    The length was taken of the text before it was encoded and cut.
    """
    return _lengthened(lambda message: message["status"] != 200)(app)  # noqa: PLR2004 - HTTP


@mutant("answer.gzip-unasked", caught_by=("wire.readable",))
def gzip_unasked(parts: Parts) -> Parts:
    """Compress answers that are not short, whether the request allows it or not.

    The proxy in front does so by its configuration, and every browser copes.
    """

    def answer(operation: str, outcome: Outcome) -> Answer:
        careful = parts.answer(operation, outcome)
        if len(careful.body) < 100:  # noqa: PLR2004 - some bound
            return careful
        encoding = (b"content-encoding", b"gzip")
        return replace(careful, headers=(*careful.headers, encoding), body=gzip.compress(careful.body))

    return replace(parts, answer=answer)


@mutant("create.before-other-members", caught_by=("connection.create.no-trace", "connection.list.truth"))
def create_before_other_members(parts: Parts) -> Parts:
    """Create the connection once name and provider are known, and look at the other members then.

    Tags were added later, and so was the look at them.
    """
    late: dict[str, Refusal] = {}

    def check(operation: str, table: tuple[Member, ...], given: Any) -> Members:
        try:
            return parts.check(operation, table, given)
        except Refusal as refusal:
            if operation != "CreateConnection":
                raise
            kept = {name: given[name] for name in ("ConnectionName", "ProviderType") if name in given}
            members = parts.check(operation, table, kept)
            late[members.text("ConnectionName")] = refusal
            return members

    def create(parts_now: Parts, call: Call) -> Any:
        refusal = late.pop(call.members.text("ConnectionName"), None)
        answer = parts.handlers["CreateConnection"](parts_now, call)
        if refusal is not None:
            raise refusal
        return answer

    return replace(parts, check=check, handlers=parts.handlers_with(CreateConnection=create))
