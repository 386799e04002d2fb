"""Choices about the state of the world: little room, an account full of others, callers turned away, reads that lag.

None of it is a fault: the world is open, throttling is weather, and a read may be late where the caller was told how
late. What is turned away here has had no effect.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import deque
from dataclasses import replace
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from assay.liberties.answers import read_whole
from assay.liberties.catalogue import liberty
from assay.reference.callers import Caller
from assay.reference.connections import Connection, ConnectionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts
    from assay.reference.wire import Application, Receive, Send

_OPEN = "the account belongs to others too, and a list shows the connections of all Regions"
_RATE = "throttling is weather: who is turned away for the rate comes again"
_CROWD = 2_000
_FAR = ("eu-west-1", "ap-southeast-2", "sa-east-1")
_PROVIDERS = ("Bitbucket", "GitHub", "GitLab", "GitHubEnterpriseServer")
_STATUSES = ("PENDING", "AVAILABLE", "AVAILABLE", "ERROR")
_LAG_S = 0.5
_PERIOD, _BURST = 20, 4


# -- room, and others


@liberty("quota.ten", because="quotas differ from account to account, and a run shrinks where it meets one")
def quota_of_ten(parts: Parts) -> Parts:
    """Hold no more than ten connections in an account and Region."""
    return replace(parts, quota=10)


class _Others:
    """Connections that others made in the accounts that call here."""

    def __init__(self, parts: Parts, count: int, regions: tuple[str | None, ...]) -> None:
        self._count = count
        self._regions = regions
        self._rng = random.Random(0)  # noqa: S311 - it picks who comes and who goes
        self._numbers = itertools.count()
        self._calls = itertools.count()
        self._by_account: dict[str, list[Connection]] = {}
        self.handlers = parts.handlers_with(**{name: self._seeing(handler) for name, handler in parts.handlers.items()})
        self.changes_every = 0  # after so many calls one goes and another comes; 0 is never

    def _seeing(self, handler: Handler) -> Handler:
        def handle(parts: Parts, call: Call) -> Mapping[str, object]:
            present = self._by_account.get(call.caller.account)
            if present is None:
                present = self._by_account[call.caller.account] = []
                for _ in range(self._count):
                    present.append(self._newcomer(parts, call))
            elif self.changes_every and next(self._calls) % self.changes_every == 0:
                self._leaves(parts, present.pop(self._rng.randrange(len(present))))
                present.append(self._newcomer(parts, call))
            return handler(parts, call)

        return handle

    def _newcomer(self, parts: Parts, call: Call) -> Connection:
        number = next(self._numbers)
        region = self._regions[number % len(self._regions)] or call.caller.region
        owner = Caller(account=call.caller.account, region=region)
        name = f"Équipe {number % 700} / {number}"
        connection = Connection(
            sequence=parts.store.next_sequence(),
            arn=parts.mint(parts, owner, call.service, name),
            name=name,
            provider_type=_PROVIDERS[number % len(_PROVIDERS)],
            account=owner.account,
            region=region,
            status=_STATUSES[number % len(_STATUSES)],
        )
        parts.store.add(connection)
        parts.names.take(connection)
        return connection

    @staticmethod
    def _leaves(parts: Parts, connection: Connection) -> None:
        if parts.store.get(connection.arn) is not None:
            parts.store.remove(connection)
            parts.names.release(connection)


@liberty("account.other-regions", because=_OPEN)
def other_regions(parts: Parts) -> Parts:
    """Hold seven connections of other Regions in every account, and list them."""
    return replace(parts, handlers=_Others(parts, 7, _FAR).handlers)


@liberty("account.crowded", because=_OPEN)
def crowded(parts: Parts) -> Parts:
    """Hold 2,000 connections of others in every account; at every call one of them goes and another comes."""
    others = _Others(parts, _CROWD, (None, *_FAR))
    others.changes_every = 1
    return replace(parts, handlers=others.handlers, quota=parts.quota + _CROWD)


# -- late


class _Journal:
    """A store that remembers for half a second what it was like."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store
        self._changes: deque[tuple[float, str, Connection | None]] = deque()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the store's own."""
        return getattr(self._store, name)

    def __iter__(self) -> Iterator[Connection]:
        """All live connections of all accounts."""
        return iter(self._store)

    def add(self, connection: Connection) -> None:
        """Keep a new connection."""
        self._note(connection.arn)
        self._store.add(connection)

    def update(self, connection: Connection) -> None:
        """Put a connection in the place of the one with its ARN."""
        self._note(connection.arn)
        self._store.update(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection."""
        self._note(connection.arn)
        self._store.remove(connection)

    def _note(self, arn: str) -> None:
        now = time.monotonic()
        while self._changes and self._changes[0][0] < now - _LAG_S:
            self._changes.popleft()
        self._changes.append((now, arn, self._store.get(arn)))

    def since(self, moment: float) -> dict[str, Connection | None]:
        """What was changed since then, as it was before."""
        before: dict[str, Connection | None] = {}
        for when, arn, was in self._changes:
            if when > moment:
                before.setdefault(arn, was)
        return before


class _Earlier:
    """A store as it was a moment ago, to be read only."""

    def __init__(self, journal: _Journal, moment: float) -> None:
        self._now = journal
        self._before = journal.since(moment)

    def __getattr__(self, name: str) -> Any:
        """What is not a matter of time is the store's own."""
        return getattr(self._now, name)

    def get(self, arn: str) -> Connection | None:
        """The connection of this ARN that was live then."""
        found: Connection | None = self._before[arn] if arn in self._before else self._now.get(arn)
        return found

    def after(self, account: str, sequence: int) -> Iterator[Connection]:
        """The connections of an account that were live then, oldest first."""
        unchanged = (item for item in self._now.after(account, sequence) if item.arn not in self._before)
        changed = (was for was in self._before.values() if was is not None)
        back = sorted(
            (was for was in changed if was.account == account and was.sequence > sequence), key=attrgetter("sequence")
        )
        return merge(unchanged, back, key=attrgetter("sequence"))


@liberty(
    "reads.late",
    because="a read may lag by as much as --staleness says",
    options=("--staleness", "1s"),
)
def late(parts: Parts) -> Parts:
    """Let Get and List see the account as it was up to half a second ago; writes are always on time."""
    journal = _Journal(parts.store)
    rng = random.Random(0)  # noqa: S311 - it picks how late

    def lagging(handler: Handler) -> Handler:
        def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
            then = time.monotonic() - rng.uniform(0, _LAG_S)
            store: Any = _Earlier(journal, then)
            return handler(replace(parts_now, store=store), call)

        return handle

    reads = {name: lagging(parts.handlers[name]) for name in ("GetConnection", "ListConnections")}
    store: Any = journal
    return replace(parts, store=store, handlers=parts.handlers_with(**reads))


# -- turned away


def _turning_away(
    app: Application, status: int, body: bytes, *headers: tuple[bytes, bytes]
) -> Callable[[MutableMapping[str, Any], Receive, Send], Any]:
    """Turn away four calls in a row of every twenty, before they are looked at."""
    numbers = itertools.count()

    async def serve(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if next(numbers) % _PERIOD < _PERIOD - _BURST:
            await app(scope, receive, send)
            return
        if await read_whole(receive) is None:
            return
        fields = [(b"content-type", b"application/x-amz-json-1.0"), (b"content-length", b"%d" % len(body)), *headers]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    return serve


@liberty("throttle.exception", because=_RATE, to="application", excludes=("throttle.*",))
def exception(app: Application) -> Application:
    """Turn one call in five away, four in a row, with status 400 and ThrottlingException."""
    body = b'{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}'
    return _turning_away(app, 400, body, (b"x-amzn-requestid", b"throttled"))


@liberty("throttle.too-many-requests", because=_RATE, to="application", excludes=("throttle.*",))
def too_many_requests(app: Application) -> Application:
    """Turn one call in five away, four in a row, with status 429 and TooManyRequestsException."""
    body = b'{"__type":"TooManyRequestsException","message":"Too Many Requests"}'
    return _turning_away(app, 429, body)


@liberty("throttle.unavailable", because=_RATE, to="application", excludes=("throttle.*",))
def unavailable(app: Application) -> Application:
    """Turn one call in five away, four in a row, with status 503, a Retry-After of a second, and no body."""
    return _turning_away(app, 503, b"", (b"retry-after", b"1"))
