"""Faults of framing: an answer that is not as long as it says, or that never ends, and fields known by their letters.

All but the last are about one kind of answer, because a server that can send none at all is not one to be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.transport import ORDER, obedient, ordered, strict_about_names
from assay.mutants.wrapping import sent_as
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any

    from assay.reference.answers import Answer, Outcome
    from assay.reference.parts import Parts
    from assay.reference.wire import Application, Message, Receive, Send

_NOT_FOUND = "ResourceNotFoundException"


def _ordered_where(parts: Parts, is_met: Callable[[Outcome], bool], order: str) -> Parts:
    return sent_as(parts, lambda outcome, answer: ordered(answer, order) if is_met(outcome) else answer)


def _describes(outcome: Outcome) -> bool:
    return not isinstance(outcome, Refusal) and "Connection" in outcome


@mutant("answer.cut-short", caught_by=("wire.readable",), protocol=obedient)
def cut_short(parts: Parts) -> Parts:
    """Close the connection in the middle of what GetConnection answers.

    The length is that of the object in the cache, and the copy that is sent is an older, shorter one.
    """
    return _ordered_where(parts, _describes, "cut")


@mutant("answer.not-found-cut-short", caught_by=("wire.no-server-error",), protocol=obedient)
def not_found_cut_short(parts: Parts) -> Parts:
    """Close the connection in the middle of the answer that something is not found.

    The worker that serves errors ends behind each of them, before its buffer was flushed.
    """
    return _ordered_where(parts, lambda outcome: isinstance(outcome, Refusal) and outcome.code == _NOT_FOUND, "cut")


@mutant("answer.length-in-characters", caught_by=("wire.readable",), protocol=obedient)
def length_in_characters(parts: Parts) -> Parts:
    """Count the length of an answer in characters and not in bytes.

    `len(text)` is right until the first name that is not English.
    """

    def change(_: Outcome, answer: Answer) -> Answer:
        length = len(answer.body.decode())
        return answer if length == len(answer.body) else ordered(answer, f"length={length}")

    return sent_as(parts, change)


@mutant("answer.no-last-chunk", caught_by=("wire.readable",), protocol=obedient)
def no_last_chunk(parts: Parts) -> Parts:
    """Send what GetConnection answers in chunks, and close without the empty one that says that it ends.

    The loop that writes chunks by hand ends when there is nothing more to write.
    """
    return _ordered_where(parts, _describes, "unended")


@mutant("field.close-unanswered", caught_by=("wire.no-server-error",), to="application", protocol=obedient)
def close_unanswered(app: Application) -> Application:
    """Where the client asks for the connection to be closed, close it at once.

    That is what the field says, if one reads no further; the answer was to be sent after that.
    """

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        closes = any(name == b"connection" and value.lower() == b"close" for name, value in scope["headers"])

        async def sending(message: Message) -> None:
            if closes and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (ORDER, b"nothing")]}
            await send(message)

        await app(scope, receive, sending)

    return serve


@mutant("http.expect-hangs", caught_by=("wire.no-server-error",), to="application")
def expect_hangs(app: Application) -> Application:
    """Answer `Expect: 100-continue` with `100 Continue`, and then wait for a body for ever.

    Whoever said that it may come begins to listen only now, and it is there already.
    """

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if all(name != b"expect" for name, _ in scope["headers"]):
            await app(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass

    return serve


@mutant("field.case-sensitive", caught_by=("wire.target",), protocol=strict_about_names)
def case_sensitive(parts: Parts) -> Parts:
    """Find X-Amz-Target only where it is spelt so, or all in small letters, or all in capitals.

    The header is a plain dictionary, and these are the spellings that clients were seen to use.
    """
    return parts
