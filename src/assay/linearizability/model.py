"""What a service that does one thing after the other may answer: the sequential model, as pure functions.

The state is the set of connections that live, each a pair of the room its name is unique in and its ARN. Five kinds
of claim are all that calls can make about it:

=========  ==============================================  ======================
kind       is legal where                                  and then
=========  ==============================================  ======================
creates    no other connection holds the name [1]_         the connection lives
deletes    the connection lives                            it does not any more
finds      the connection lives                            nothing changes
misses     the connection does not live                    nothing changes
taken      a connection holds the name [2]_                nothing changes
=========  ==============================================  ======================

.. [1] Where names are promised to be unique. Whether they are is contested (`connection.name.unique` may be a
   `should`), so it is a promise that can be left out.
.. [2] Where a refused Create is promised to have its reason in the name. It is the weakest promise: nothing in the
   contract keeps a server from refusing for a reason of its own, so it never makes a `must`.

What is missing is missing on purpose: a status, a provider or an owner that is wrong is another law's, quotas and
throttling are weather, and of strangers' connections nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["EMPTY", "EVERYTHING", "Kind", "Promises", "State", "Statement", "after", "is_read"]

Kind: TypeAlias = Literal["creates", "deletes", "finds", "misses", "taken"]
State: TypeAlias = "frozenset[tuple[Hashable, str]]"

EMPTY: Final[State] = frozenset()
_READS: Final = frozenset({"finds", "misses", "taken"})


class Statement(Protocol):
    """What the model has to know of a claim: of which kind it is, and about which name and ARN."""

    @property
    def kind(self) -> Kind:
        """One of the five kinds."""
        ...

    @property
    def room(self) -> Hashable:
        """Where a name is unique: the name itself, with its place where one name was used in several places."""
        ...

    @property
    def arn(self) -> str:
        """The connection; of a refused Create, empty."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Which contested promises count: that a name has one holder, and that a refused Create has its reason in it."""

    unique_names: bool = True
    explained_refusals: bool = True


EVERYTHING: Final = Promises()


def is_read(statement: Statement) -> bool:
    """Does it leave the state as it is, wherever it is legal?"""
    return statement.kind in _READS


def after(state: State, statement: Statement, promises: Promises = EVERYTHING) -> State | None:
    """The state after a call has made its claim; None where it could not have answered so."""
    connection = statement.room, statement.arn
    match statement.kind:
        case "creates":
            held = promises.unique_names and any(room == statement.room for room, _ in state)
            return None if held or connection in state else state | {connection}
        case "deletes":
            return state - {connection} if connection in state else None
        case "finds":
            return state if connection in state else None
        case "misses":
            return None if connection in state else state
        case "taken":
            excused = not promises.explained_refusals or any(room == statement.room for room, _ in state)
            return state if excused else None
