"""Choices of what stands before the service: what a front end turns away or lets through, and what a parser reads.

HTTP lets a server refuse chunks, expectations, long heads, other verbs and other paths, in whatever words; JSON leaves
open what a byte order mark and two members of one name mean. A front end answers with a page for people, since it does
not know which protocol is spoken behind it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from assay.liberties.catalogue import liberty
from assay.reference.handshake import PATH
from assay.reference.refusals import Refusal, not_serializable, unknown_operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from assay.liberties.answers import Answer, Question
    from assay.reference.parts import Parts
    from assay.reference.wire import Application, Receive, Send

    Scope = MutableMapping[str, Any]
    Objects = Callable[[Scope], tuple[int, str] | None]

_HTTP: Final = "a recipient may refuse what it does not want to implement, and RFC 9110 gives it a status for that"
_JSON: Final = "RFC 8259 leaves open what a parser makes of it"
_LONG_BODY, _LONG_HEAD, _LONG_PATH = 128 * 1024, 8 * 1024, 4 * 1024
_ERRORS: Final = range(400, 500)
_TYPE: Final = "which other content types are taken is not documented, and a cousin was seen to refuse them so"
_MEDIA: Final = b"application/x-amz-json-1.0"
_BOM: Final = b"\xef\xbb\xbf"


def _turning_away(objects: Objects) -> Callable[[Application], Application]:
    """What answers by itself, with a page, where it objects; nobody behind it hears of the request."""

    def around(app: Application) -> Application:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            objection = objects(scope)
            if objection is None:
                await app(scope, receive, send)
                return
            status, words = objection
            page = f"<html><head><title>{status} {words}</title></head><body><h1>{words}</h1></body></html>".encode()
            headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(page))]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})

        return serve

    return around


def _field(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)


@liberty("front.pages", because=_HTTP, to="application")
def pages(app: Application) -> Application:
    """Answer other verbs than POST with 405 and other paths than / with 404, as a page for people."""

    def objects(scope: Scope) -> tuple[int, str] | None:
        if scope["path"] == PATH:
            return None
        if scope["method"] != "POST":
            return 405, "Method Not Allowed"
        return (404, "Not Found") if scope["path"] != "/" else None

    return _turning_away(objects)(app)


@liberty("front.forbids", because=_HTTP, to="application", excludes=("front.any-path",))
def forbids(app: Application) -> Application:
    """Answer a query, and a path of other characters than slashes, with 403, as a firewall for web pages does."""

    def objects(scope: Scope) -> tuple[int, str] | None:
        is_odd = scope["query_string"] or scope["path"].strip("/")
        return (403, "Forbidden") if is_odd and scope["path"] != PATH else None

    return _turning_away(objects)(app)


@liberty("front.any-path", because="a server that has one page may serve it everywhere", to="application")
def any_path(app: Application) -> Application:
    """Serve every path as if it were /."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope if scope["path"] == PATH else {**scope, "path": "/"}, receive, send)

    return serve


@liberty("front.no-chunks", because=_HTTP, to="application")
def no_chunks(app: Application) -> Application:
    """Want the length of a body, and answer chunks with 411."""
    return _turning_away(lambda scope: (411, "Length Required") if _field(scope, b"transfer-encoding") else None)(app)


@liberty("front.no-expectations", because=_HTTP, to="application")
def no_expectations(app: Application) -> Application:
    """Meet no expectation: answer `Expect: 100-continue` with 417 before the body is sent."""
    return _turning_away(lambda scope: (417, "Expectation Failed") if _field(scope, b"expect") else None)(app)


@liberty("front.small-requests", because=_HTTP, to="application")
def small_requests(app: Application) -> Application:
    """Answer long bodies with 413, long paths with 414 and long heads with 431."""

    def objects(scope: Scope) -> tuple[int, str] | None:
        length = _field(scope, b"content-length") or b"0"
        if len(scope["path"]) > _LONG_PATH:
            return 414, "URI Too Long"
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LONG_HEAD:
            return 431, "Request Header Fields Too Large"
        return (413, "Content Too Large") if int(length) > _LONG_BODY else None

    return _turning_away(objects)(app)


@liberty("front.closes-after-errors", because="a server may close after any answer that says so", to="answer")
def closes_after_errors(_: Question, answer: Answer) -> Answer:
    """Close the connection behind every error of the client."""
    return answer.with_headers((b"connection", b"close")) if answer.status in _ERRORS else answer


@liberty("front.preflight", because="the endpoint of this service was seen to answer browsers so", to="application")
def preflight(app: Application) -> Application:
    """Answer OPTIONS with 200, no body, and the fields that a browser asks for before it calls another origin."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "OPTIONS":
            await app(scope, receive, send)
            return
        headers = [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
            (b"access-control-max-age", b"172800"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return serve


class _WrongType(Refusal):
    """A content type that is not ours, refused in the envelope of the framework's oldest protocol."""

    def body(self) -> dict[str, Any]:
        return {"Output": super().body(), "Version": "1.0"}


def _typed(parts: Parts, status: int) -> Parts:
    """Take no content type but ours, whatever stands behind it; none at all is not ours either."""
    careful = unknown_operation()

    def check_type(content_type: bytes | None) -> None:
        if content_type is None or content_type.partition(b";")[0].strip().lower() != _MEDIA:
            raise _WrongType(careful.code, namespace=careful.namespace, status=status)

    return replace(parts, check_type=check_type)


@liberty("type.looked-at", because=_TYPE, excludes=("type.*",))
def looked_at(parts: Parts) -> Parts:
    """Answer another content type with 404, and the error in an envelope."""
    return _typed(parts, 404)


@liberty("type.looked-at-with-200", because=_TYPE, excludes=("type.*",))
def looked_at_with_200(parts: Parts) -> Parts:
    """Answer another content type with 200, and the error in an envelope."""
    return _typed(parts, 200)


def _read_as(parts: Parts, read: Callable[[bytes], Mapping[str, object]]) -> Parts:
    return replace(parts, read_body=read)


@liberty("json.skips-mark", because=_JSON)
def skips_mark(parts: Parts) -> Parts:
    """Read over a byte order mark before the body."""
    return _read_as(parts, lambda body: parts.read_body(body.removeprefix(_BOM)))


@liberty("json.refuses-twins", because=_JSON)
def refuses_twins(parts: Parts) -> Parts:
    """Refuse an object with two members of one name."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise not_serializable("Duplicate field")
        return members

    def read(body: bytes) -> Mapping[str, object]:
        members = parts.read_body(body)
        if body:
            json.loads(body.decode("utf-8-sig"), object_pairs_hook=once)
        return members

    return _read_as(parts, read)
