"""Serve an application by a pool of threads, as most servers that people write do.

The reference itself has one thread and no `await` in a handler, which is what makes its checks atomic. Whoever wants to
know what becomes of a promise where handlers run side by side (a legal server with a lock, a faulty one without) puts
the application into a pool; that the handlers bear it is then theirs to see to.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from assay.reference.wire import Application, Message, Receive, Send

__all__ = ["in_threads"]

_THREADS = 16


def in_threads(app: Application) -> Application:
    """The application, each request of which is answered by a thread of its own."""
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="assay-reference")

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        heard: list[Message] = []
        while not heard or heard[-1].get("more_body", False):
            heard.append(await receive())
        told = await asyncio.get_running_loop().run_in_executor(pool, _told, app, scope, heard)
        for message in told:
            await send(message)

    return serve


def _told(app: Application, scope: MutableMapping[str, Any], heard: list[Message]) -> list[Message]:
    """What an application sends when it has heard so much; it waits for nothing else."""
    told: list[Message] = []
    messages = iter(heard)

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        told.append(message)

    asking: Any = app(scope, receive, send)
    try:
        asking.send(None)
    except StopIteration:
        return told
    asking.close()
    raise RuntimeError("an application in a pool of threads waits for more than its request")
