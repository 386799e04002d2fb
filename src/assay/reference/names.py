"""Which names are taken: one account and one Region are one room, and in it a live connection's name is its own.

AWS's documentation says that names are unique in an account, and connections of one name in several Regions
demonstrably exist; both hold if the room is account and Region together. Names are compared code point by code point:
case, spaces and normal form all count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from assay.reference.connections import Connection

__all__ = ["ExactNames", "NameIndex"]


class NameIndex(Protocol):
    """Who may call a connection what."""

    def is_taken(self, account: str, region: str, name: str) -> bool:
        """Whether a Create of this name must be refused."""

    def take(self, connection: Connection) -> None:
        """The connection has its name from now on."""

    def release(self, connection: Connection) -> None:
        """The connection is gone, and its name is free."""


class ExactNames:
    """The careful index: a set."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str, str]] = set()

    def is_taken(self, account: str, region: str, name: str) -> bool:
        """Whether a live connection of this account and Region has the name."""
        return (account, region, name) in self._taken

    def take(self, connection: Connection) -> None:
        """The connection has its name from now on."""
        self._taken.add((connection.account, connection.region, connection.name))

    def release(self, connection: Connection) -> None:
        """The connection is gone, and its name is free."""
        self._taken.discard((connection.account, connection.region, connection.name))
