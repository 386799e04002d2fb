"""Choices about calls at once: a pool of threads, one lock for all, and writes that step back from each other.

The reference answers one request after the other. Most servers do not, and none has to: these have a thread for each
request and a lock about the whole application, so that what is a choice here is *when* a call takes its turn, and what
a write is told that found another under way. They are the innermost layer: whatever another liberty does to the parts
is done under the lock, and what it does to answers is done when a thread has ended.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from assay.liberties.catalogue import liberty
from assay.reference.pool import in_threads
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from assay.reference.wire import Application, Receive, Send

_OPEN = "of calls at once, none has to take its turn first, or soon"
_CONFLICT = "a write may be refused because another one is under way, and nothing has happened then"
_JITTER_S, _HELD_S, _WRITE_S = 0.002, 0.005, 0.001
_WRITES = (b"CreateConnection", b"DeleteConnection")


@liberty("threads.jitter", because=_OPEN, to="application", excludes=("threads.*",))
def jitter(app: Application) -> Application:
    """Answer in a pool of threads, each of which waits up to two milliseconds before its turn and after it."""
    turn = threading.Lock()
    rng = random.Random(0)  # noqa: S311 - it picks how long

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        time.sleep(rng.uniform(0, _JITTER_S))  # noqa: ASYNC251 - a thread of its own
        with turn:
            await app(scope, receive, send)
        time.sleep(rng.uniform(0, _JITTER_S))  # noqa: ASYNC251 - as above

    return in_threads(serve)


@liberty("threads.one-lock", because=_OPEN, to="application", excludes=("threads.*",))
def one_lock(app: Application) -> Application:
    """Answer in a pool of threads that wait for one lock, which every call holds for five milliseconds."""
    turn = threading.Lock()

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        with turn:
            await app(scope, receive, send)
            time.sleep(_HELD_S)  # noqa: ASYNC251 - a thread of its own

    return in_threads(serve)


@liberty("threads.conflict", because=_CONFLICT, to="application", excludes=("threads.*",))
def conflict(app: Application) -> Application:
    """Refuse a Create or a Delete with ConflictException while another one is under way, whatever it is about."""
    return _stepping_back(app, Refusal("ConflictException", "Another change is in progress"))


@liberty("threads.concurrent-modification", because=_CONFLICT, to="application", excludes=("threads.*",))
def concurrent_modification(app: Application) -> Application:
    """The same with ConcurrentModificationException, and without a message."""
    return _stepping_back(app, Refusal("ConcurrentModificationException"))


def _stepping_back(app: Application, refusal: Refusal) -> Application:
    """Let one write at a time through, which takes a millisecond; reads wait for nothing but their turn."""
    turn, writing = threading.Lock(), threading.Lock()
    body = json.dumps(refusal.body()).encode()

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if not dict(scope["headers"]).get(b"x-amz-target", b"").endswith(_WRITES):
            with turn:
                await app(scope, receive, send)
        elif writing.acquire(blocking=False):
            try:
                time.sleep(_WRITE_S)  # noqa: ASYNC251 - a thread of its own
                with turn:
                    await app(scope, receive, send)
            finally:
                writing.release()
        else:
            headers = (
                (b"content-type", b"application/x-amz-json-1.0"),
                (b"content-length", b"%d" % len(body)),
                (b"x-amzn-requestid", str(uuid.uuid4()).encode()),
            )
            await send({"type": "http.response.start", "status": refusal.status, "headers": list(headers)})
            await send({"type": "http.response.body", "body": body})

    return in_threads(serve)
