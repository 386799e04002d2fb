"""Connections, and where they are kept while the process lives.

A store keeps connections by ARN and, for each account, in the order of their creation. The order is a sequence number
that is given once and never again: a page of a list is "what comes after number N", which neither an insert nor a
delete can shift. It also remembers every ARN it was ever given, since AWS promises that none is used twice.

Handlers run to their end without an `await`, in one thread: what a handler checks still holds when it inserts. That is
what makes the checks for names and quotas atomic, and it is why a store needs no lock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Connection", "ConnectionStore", "MemoryStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection, with the number of its creation."""

    sequence: int
    arn: str
    name: str
    provider_type: str
    account: str
    region: str
    status: str = "PENDING"
    host_arn: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def with_status(self, status: str) -> Connection:
        """The same connection after a handshake."""
        return replace(self, status=status)


class ConnectionStore(Protocol):
    """Where connections are kept."""

    def next_sequence(self) -> int:
        """A number greater than any that was given before."""

    def was_given(self, arn: str) -> bool:
        """Whether any connection, live or deleted, ever had this ARN."""

    def add(self, connection: Connection) -> None:
        """Keep a new connection."""

    def get(self, arn: str) -> Connection | None:
        """The live connection of this ARN, whoever owns it."""

    def update(self, connection: Connection) -> None:
        """Put a connection in the place of the one with its ARN."""

    def remove(self, connection: Connection) -> None:
        """Forget a connection, but not that its ARN was given."""

    def after(self, account: str, sequence: int) -> Iterator[Connection]:
        """The live connections of an account, all Regions, created after number `sequence`, oldest first."""

    def count(self, account: str, region: str | None = None) -> int:
        """How many live connections an account has, in one Region or in all."""

    def __iter__(self) -> Iterator[Connection]:
        """All live connections of all accounts."""

    def close(self) -> None:
        """Let go of files."""


class MemoryStore:
    """A store that ends with the process."""

    def __init__(self) -> None:
        self._sequence = 0
        self._by_arn: dict[str, Connection] = {}
        self._given: set[str] = set()
        self._order: dict[str, list[tuple[int, str]]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def next_sequence(self) -> int:
        """A number greater than any that was given before."""
        self._sequence += 1
        return self._sequence

    def was_given(self, arn: str) -> bool:
        """Whether any connection, live or deleted, ever had this ARN."""
        return arn in self._given

    def remember(self, arn: str, sequence: int) -> None:
        """Note an ARN as given, for a connection that is gone."""
        self._given.add(arn)
        self._sequence = max(self._sequence, sequence)

    def add(self, connection: Connection) -> None:
        """Keep a new connection."""
        self.remember(connection.arn, connection.sequence)
        self._by_arn[connection.arn] = connection
        self._order.setdefault(connection.account, []).append((connection.sequence, connection.arn))
        self._counts[connection.account, connection.region] += 1

    def get(self, arn: str) -> Connection | None:
        """The live connection of this ARN, whoever owns it."""
        return self._by_arn.get(arn)

    def update(self, connection: Connection) -> None:
        """Put a connection in the place of the one with its ARN."""
        self._by_arn[connection.arn] = connection

    def remove(self, connection: Connection) -> None:
        """Forget a connection, but not that its ARN was given."""
        del self._by_arn[connection.arn]
        order = self._order[connection.account]
        del order[bisect_left(order, (connection.sequence, connection.arn))]
        self._counts[connection.account, connection.region] -= 1

    def after(self, account: str, sequence: int) -> Iterator[Connection]:
        """The live connections of an account, all Regions, created after number `sequence`, oldest first."""
        order = self._order.get(account, [])
        for position in range(bisect_right(order, sequence, key=_sequence_of), len(order)):
            yield self._by_arn[order[position][1]]

    def count(self, account: str, region: str | None = None) -> int:
        """How many live connections an account has, in one Region or in all."""
        return len(self._order.get(account, ())) if region is None else self._counts[account, region]

    def __iter__(self) -> Iterator[Connection]:
        """All live connections of all accounts."""
        return iter(self._by_arn.values())

    def close(self) -> None:
        """Nothing to let go of."""


def _sequence_of(entry: tuple[int, str]) -> int:
    return entry[0]
