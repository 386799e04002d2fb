"""Faults of names: two connections of one name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant

if TYPE_CHECKING:
    from assay.reference.connections import Connection, ConnectionStore
    from assay.reference.names import NameIndex
    from assay.reference.parts import Parts

_MANY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _ForgetfulIndex:
    """A name index that answers "free" once an account holds `limit` connections."""

    careful: NameIndex
    store: ConnectionStore
    limit: int

    def is_taken(self, account: str, region: str, name: str) -> bool:
        return self.store.count(account) < self.limit and self.careful.is_taken(account, region, name)

    def take(self, connection: Connection) -> None:
        self.careful.take(connection)

    def release(self, connection: Connection) -> None:
        self.careful.release(connection)


@mutant("name.duplicate-accepted", caught_by=("connection.name.unique",))
def duplicate_accepted(parts: Parts) -> Parts:
    """Accept a second connection of a name that is in use, and give it an ARN of its own.

    An emulator that keeps connections in a dict by ARN never notices: nothing in it looks at names.
    """
    return replace(parts, names=_ForgetfulIndex(careful=parts.names, store=parts.store, limit=0))


@mutant("name.duplicate-accepted-among-many", caught_by=("connection.name.unique",))
def duplicate_accepted_among_many(parts: Parts) -> Parts:
    """Accept a second connection of a name once the account holds twenty connections.

    The check for names reads one page of the emulator's own list: while all fits on that page it works, and so it does
    in every short test.
    """
    return replace(parts, names=_ForgetfulIndex(careful=parts.names, store=parts.store, limit=_MANY))
