"""A finished answer, and an application that changes it on its way out.

Most liberties are about what an answer looks like, not about what is true: they are functions of the question and the
answer and know nothing of ASGI. An answer that is no answer of the API (the handshake's, for instance) is changed like
any other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from assay.reference.wire import Application, Message, Receive, Send

__all__ = ["Answer", "Change", "Question", "answering", "read_whole"]

_OK = 200
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request: its headers by small name, and its body."""

    headers: Mapping[bytes, bytes]
    body: bytes

    @property
    def operation(self) -> str:
        """The operation that its target names, known or not."""
        return self.headers.get(b"x-amz-target", b"").rpartition(b".")[2].decode("latin-1")

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of its body; none where it is no object."""
        return _members(self.body) or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, headers without a length, and a body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the call was accepted."""
        return self.status == _OK

    @property
    def members(self) -> dict[str, Any]:
        """The members of the body; none where it is no object."""
        return _members(self.body) or {}

    @property
    def code(self) -> str:
        """The error's name without its namespace; empty where it names none."""
        return str(self.members.get("__type", "")).rpartition("#")[2]

    def with_members(self, members: Mapping[str, Any]) -> Self:
        """The same answer with another object in its body."""
        return replace(self, body=_encode(members).encode())

    def with_status(self, status: int) -> Self:
        """The same answer with another status."""
        return replace(self, status=status)

    def with_headers(self, *added: tuple[bytes, bytes]) -> Self:
        """The same answer with headers added."""
        return replace(self, headers=(*self.headers, *added))

    def without_header(self, name: bytes) -> Self:
        """The same answer without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))


Change = Callable[[Question, Answer], Answer]


def answering(change: Change) -> Callable[[Application], Application]:
    """What puts such a change around an application."""

    def around(app: Application) -> Application:
        async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            asked = bytearray()
            held: list[Message] = []

            async def overheard() -> Message:
                message = await receive()
                asked.extend(message.get("body", b""))
                return message

            async def changed(message: Message) -> None:
                held.append(message)
                if message["type"] == "http.response.start" or message.get("more_body"):
                    return
                question = Question(headers=dict(scope["headers"]), body=bytes(asked))
                answer = change(question, _answer(held))
                length = (b"content-length", b"%d" % len(answer.body))
                headers = [*answer.headers, length]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                await send({"type": "http.response.body", "body": answer.body})

            await app(scope, overheard, changed)

        return serve

    return around


async def read_whole(receive: Receive) -> bytes | None:
    """The body of a request; None where the client hung up."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _answer(held: list[Message]) -> Answer:
    headers = tuple(pair for pair in held[0]["headers"] if pair[0] != b"content-length")
    return Answer(
        status=held[0]["status"], headers=headers, body=b"".join(message.get("body", b"") for message in held[1:])
    )


def _members(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
