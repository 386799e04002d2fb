"""The reference server behind a meter, for benches: how many requests came, and when the first and the last.

Whoever is measured is measured from outside and by the same clock, the server's own, so that two tools that tell
different things of themselves can stand side by side. The server is a child process and lives no longer than the `with`
block. It can begin with connections that nobody had to create over the wire, which is what large accounts are made of,
and it can have the fault of a mutant, as `assay serve --mutant` gives it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.target import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection as Pipe

__all__ = ["Meter", "MeteredReference", "metered_reference"]

_PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Meter:
    """What was seen: requests, and the moments when the first came and when the last was answered."""

    requests: int
    first: float
    last: float

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return self.last - self.first

    @property
    def per_second(self) -> float:
        """Requests a second, from the first to the last."""
        return self.requests / self.seconds if self.seconds else 0.0


class MeteredReference:
    """A running server: where it listens, and what its meter says."""

    def __init__(self, url: str, pipe: Pipe) -> None:
        self.url, self._pipe = url, pipe

    def read(self) -> Meter:
        """The meter, as it stands."""
        self._pipe.send("meter")
        return Meter(*self._received())

    def moments(self) -> list[float]:
        """When each request so far was answered, by `time.perf_counter`, one clock for all processes."""
        self._pipe.send("moments")
        moments: list[float] = self._received()
        return moments

    def _received(self) -> Any:
        if not self._pipe.poll(_PATIENCE):
            raise TimeoutError("the metered server does not say what its meter shows")
        return self._pipe.recv()


@contextmanager
def metered_reference(*, connections: int = 0, mutant: str | None = None) -> Iterator[MeteredReference]:
    """A reference server of the newest edition, its account holding so many connections already."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, connections, mutant), daemon=True
    )
    server.start()
    theirs.close()
    try:
        if not ours.poll(_PATIENCE):
            raise TimeoutError("the metered server does not listen")
        yield MeteredReference(ours.recv(), ours)
    finally:
        server.terminate()
        server.join(5)
        ours.close()


def _serve(pipe: Pipe, connections: int, mutant: str | None) -> None:
    from uvicorn import Config, Server  # noqa: PLC0415

    from assay.reference.parts import DEFAULT_QUOTA  # noqa: PLC0415 - the parent need not hold a server in its memory
    from assay.reference.server import build  # noqa: PLC0415

    parts, served = build(quota=DEFAULT_QUOTA + connections, mutant=mutant)
    _fill(parts, connections)
    began: list[float] = []
    answered: list[float] = []

    async def metered(scope: Any, receive: Any, send: Any) -> None:
        if not began:
            began.append(time.perf_counter())
        try:
            await served(scope, receive, send)
        finally:
            answered.append(time.perf_counter())

    def answer() -> None:
        with contextlib.suppress(EOFError, OSError):  # the bench is over
            while wanted := pipe.recv():
                done = answered.copy()
                pipe.send(done if wanted == "moments" else (len(done), *began, *done[-1:]) if done else (0, 0.0, 0.0))
        os._exit(0)  # whoever read the meter is gone, however it went

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    pipe.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threading.Thread(target=answer, daemon=True).start()
    config = Config(
        metered,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=75,
    )
    Server(config).run(sockets=[listener])


def _fill(parts: Any, connections: int) -> None:
    """Put connections of the harmless caller into the store, as its own Creates would have."""
    from assay.reference.callers import Caller, account_of  # noqa: PLC0415 - as above
    from assay.reference.connections import Connection  # noqa: PLC0415

    caller = Caller(account=account_of(HARMLESS.access_key_id), region="us-east-1")
    for number in range(connections):
        connection = Connection(
            sequence=parts.store.next_sequence(),
            arn=parts.mint(parts, caller, "codestar-connections", ""),
            name=f"stranger-{number}",
            provider_type=("Bitbucket", "GitHub")[number % 2],
            account=caller.account,
            region=caller.region,
        )
        parts.store.add(connection)
        parts.names.take(connection)
