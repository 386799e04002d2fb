"""Faults of the way in and out: what a server that speaks HTTP itself does to chunks, expectations and encodings."""

from __future__ import annotations

import gzip
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.reference.handshake import PATH
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from assay.reference.answers import Answer, Outcome
    from assay.reference.constraints import Member, Members
    from assay.reference.operations import Call
    from assay.reference.parts import Parts
    from assay.reference.wire import Application, Receive, Send

Scope = MutableMapping[str, Any]


def _failing(is_met: Callable[[Scope], bool]) -> Callable[[Application], Application]:
    """Answer requests that are so with a page of the server's own, and status 500."""

    def around(app: Application) -> Application:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == PATH or not is_met(scope):
                await app(scope, receive, send)
                return
            page = b"<h1>Internal Server Error</h1>"
            fields = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(page))]
            await send({"type": "http.response.start", "status": 500, "headers": fields})
            await send({"type": "http.response.body", "body": page})

        return serve

    return around


@mutant("http.chunks-fail", caught_by=("wire.no-server-error",), to="application")
def chunks_fail(app: Application) -> Application:
    """Fail at a body that comes in chunks.

    The length of every body is read from its field, and the handler dies where there is none.
    """
    return _failing(lambda scope: b"transfer-encoding" in dict(scope["headers"]))(app)


@mutant("http.expect-fails", caught_by=("wire.no-server-error",), to="application")
def expect_fails(app: Application) -> Application:
    """Fail at `Expect: 100-continue`.

    Nobody had ever seen that field; curl sends it with a body that is long.
    """
    return _failing(lambda scope: b"expect" in dict(scope["headers"]))(app)


@mutant("http.other-verbs-fail", caught_by=("wire.no-server-error",), to="application")
def other_verbs_fail(app: Application) -> Application:
    """Fail at any verb but POST.

    There is one handler, and what looks for another throws where it finds none.
    """
    return _failing(lambda scope: scope["method"] != "POST")(app)


@mutant("http.query-fails", caught_by=("wire.no-server-error",), to="application")
def query_fails(app: Application) -> Application:
    """Fail at a path with a query.

    What stands behind the question mark is parsed for the query protocol, which wants a version.
    """
    return _failing(lambda scope: bool(scope["query_string"]))(app)


@mutant("target.missing-is-500", caught_by=("wire.no-server-error",), to="application")
def target_missing_is_500(app: Application) -> Application:
    """Fail where X-Amz-Target is missing.

    `headers["X-Amz-Target"]`, and the key is not there.
    """
    return _failing(lambda scope: scope["method"] == "POST" and b"x-amz-target" not in dict(scope["headers"]))(app)


@mutant("type.missing-is-500", caught_by=("wire.no-server-error",), to="application")
def type_missing_is_500(app: Application) -> Application:
    """Fail where the content type is missing.

    It is split at its semicolon before anybody asks whether it is there.
    """
    return _failing(lambda scope: scope["method"] == "POST" and b"content-type" not in dict(scope["headers"]))(app)


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
