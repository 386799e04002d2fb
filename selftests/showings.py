"""Where a fault shows: calls written by hand that the reference and a mutant answer differently, no socket between.

A showing takes a client of a server that nobody else uses, and answers True where it sees the fault. Its asserts are
what the mutant still does as the reference does. A module of tests keeps its showings in a table of its own and tries
them with `tried`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from assay.reference.server import build
from selftests.raw_client import Answer, RawClient

if TYPE_CHECKING:
    from pathlib import Path

    from assay.reference.wire import Application

__all__ = ["Showing", "Showings", "client_of", "sent", "tried"]

Showing = Callable[[RawClient], bool]


class Showings(dict[str, Showing]):
    """Showings by the name of the mutant."""

    def of(self, *names: str) -> Callable[[Showing], Showing]:
        """Enter a function that answers True where the fault of these mutants shows."""

        def enter(function: Showing) -> Showing:
            for name in names:
                assert name not in self
                self[name] = function
            return function

        return enter


class _ClientOfApplication(RawClient):
    """A caller that hands its requests to the application itself."""

    def __init__(self, app: Application, **identity: Any) -> None:
        super().__init__("http://application.invalid", **identity)
        self.app = app

    def elsewhere(self, **changes: Any) -> RawClient:
        same = {"key": self.key, "region": self.region, "service": self.service, "prefixes": self.prefixes}
        return _ClientOfApplication(self.app, **{**same, **changes})

    def send(self, body: Any, headers: dict[str, str], *, method: str = "POST", path: str = "/") -> Answer:
        return sent(self.app, body, headers.items(), method=method, path=path)


def sent(  # noqa: PLR0913 - a request has so many parts
    app: Application,
    body: Any,
    headers: Iterable[tuple[str, str]],
    *,
    method: str = "POST",
    path: str = "/",
    query: bytes = b"",
) -> Answer:
    """What an application answers to a request."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": given}
    _run(app(scope, receive, send))
    start, *rest = said
    small = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(status=start["status"], headers=small, body=b"".join(message["body"] for message in rest))


def client_of(mutant: str | None = None, *, state: Path | None = None) -> RawClient:
    """A client of a new server, with a mutant's fault or without one."""
    _, app = build(mutant=mutant, state=state)
    return _ClientOfApplication(app)


def tried(name: str, showing: Showing, *, state: Path | None = None) -> bool:
    """Does the fault show in the mutant, also with its connections in a file, and not in the reference?"""
    assert not showing(client_of())
    return showing(client_of(name)) and (state is None or showing(client_of(name, state=state)))


def _run(coroutine: Any) -> None:
    """Run to the end what never waits."""
    assert isinstance(coroutine, Coroutine)
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the application waited for something")
