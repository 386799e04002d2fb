"""Choices about the way from here to there: connections, framing, encodings, addresses, TLS.

All of it is HTTP as every client library speaks it, and none of it is the business of the service.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.liberties.catalogue import liberty

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from assay.liberties.answers import Answer, Question
    from assay.reference.wire import Application, Message, Receive, Send

_FRAMING = "HTTP/1.1 knows several ways to say where a body ends, and a client reads all"
_VERSION = re.compile(rb"\AHTTP/1\.1 ")
_LENGTH = re.compile(rb"(?mi)^content-length:[^\r\n]*\r\n")
_GZIP = re.compile(rb"\b(x-)?gzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


@liberty("transfer.gzip", because="who sends Accept-Encoding: gzip asks for it", to="answer")
def zipped(question: Question, answer: Answer) -> Answer:
    """Compress an answer where the request allows gzip."""
    if not answer.body or _GZIP.search(question.headers.get(b"accept-encoding", b"")) is None:
        return answer
    packed = replace(answer, body=gzip.compress(answer.body))
    return packed.with_headers((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))


def _sending(change: Callable[[Send], Send]) -> Callable[[Application], Application]:
    """What puts itself between an application and its `send`."""

    def around(app: Application) -> Application:
        async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            await app(scope, receive, change(send))

        return serve

    return around


def _in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)] or [b""]


@liberty("transfer.in-pieces", because="TCP is a stream: an answer may come in any pieces", to="application")
def in_pieces(app: Application) -> Application:
    """Send the body of an answer in three pieces, with a moment between them."""

    def change(send: Send) -> Send:
        async def sending(message: Message) -> None:
            pieces = _in_pieces(message["body"], len(message["body"]) // 3 + 1) if "body" in message else []
            for piece in pieces[:-1]:
                await send({**message, "body": piece, "more_body": True})
                await asyncio.sleep(0.001)
            await send({**message, "body": pieces[-1]} if pieces else message)

        return sending

    return _sending(change)(app)


@liberty("transfer.chunked", because=_FRAMING, to="application")
def chunked(app: Application) -> Application:
    """Send answers in chunks of seven bytes, fifty of them and the rest as one, and say no length."""

    def change(send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                await send({**message, "headers": fields})
                return
            body = message.get("body", b"")
            *pieces, last = [*_in_pieces(body[: 7 * 50], 7), body[7 * 50 :]]
            for piece in filter(None, pieces):
                await send({**message, "body": piece, "more_body": True})
            await send({**message, "body": last})

        return sending

    return _sending(change)(app)


def _closing(app: Application) -> Application:
    def change(send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        return sending

    return _sending(change)(app)


@liberty("transfer.close", because="a server may close after any answer that says so", to="application")
def close(app: Application) -> Application:
    """Serve one request per connection."""
    return _closing(app)


def _as_of_1996(head: bytes) -> bytes:
    return _LENGTH.sub(b"", _VERSION.sub(b"HTTP/1.0 ", head))


@liberty(
    "transfer.http-1-0",
    because="a server of HTTP/1.0 is a legal answerer of HTTP/1.1",
    to="application",
    head=_as_of_1996,
    excludes=("transfer.chunked", "transfer.close"),
)
def http_1_0(app: Application) -> Application:
    """Answer in HTTP/1.0 without a length: the body ends where the connection does."""
    return _closing(app)


@liberty("transfer.slow", because="how long an answer takes is not part of the contract", to="application")
def slow(app: Application) -> Application:
    """Take 300 ms for an answer, give or take 100."""
    rng = random.Random(0)  # noqa: S311 - it jitters

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await asyncio.sleep(rng.uniform(0.2, 0.4))
        await app(scope, receive, send)

    return serve


@liberty("listen.ipv6", because="loopback has two addresses", to="application", host="::1")
def ipv6(app: Application) -> Application:
    """Listen on ::1 alone."""
    return app


@liberty("listen.tls", because="--ca-bundle is there for it", to="application", tls=True)
def tls(app: Application) -> Application:
    """Speak TLS, with a certificate of a private CA that was made for the occasion."""
    return app
