"""What a reference server is made of, part by part.

The server holds no fault and no switch for one. Whoever wants a server with a fault (a mutant), or with another legal
choice, takes the careful parts and replaces one with `dataclasses.replace`: a handler, the name index, the mint of
ARNs, the sealer of tokens, what a list may show, how a page is cut, how a connection is shown. Every part reaches the
others through the `Parts` it is handed at the call, so a replaced one is seen by all. Three parts stand at the edges,
and see every request: `admit` refuses who signed badly, where signatures are looked at, `check` turns what was given
into members or refuses it, `answer` turns what came of it into bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from assay.reference import answers, arns, bodies, constraints, lists, operations
from assay.reference.connections import Connection, ConnectionStore, MemoryStore
from assay.reference.editions import DEFAULT_EDITION, EDITIONS, find_operation
from assay.reference.names import ExactNames, NameIndex
from assay.reference.tokens import SealedTokens, TokenSealer

if TYPE_CHECKING:
    from assay.reference.callers import Caller

__all__ = ["DEFAULT_QUOTA", "Admission", "Check", "Handler", "Parts", "careful_parts"]

#: "Maximum number of connections per AWS account: 250", per Region, says the quotas page.
DEFAULT_QUOTA = 250

Handler = Callable[["Parts", operations.Call], Mapping[str, object]]

#: From an operation, the table of its input and what was given, to the members that are legal, or a refusal.
Check = Callable[[str, tuple[constraints.Member, ...], Mapping[str, object]], constraints.Members]


class Admission(Protocol):
    """What looks at the signature of a request."""

    def __call__(self, *, path: str, query: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Return where the request is signed as it should be; refuse it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One server's parts."""

    store: ConnectionStore
    names: NameIndex
    tokens: TokenSealer
    quota: int
    default_page_size: int
    mint: Callable[[Parts, Caller, str, str], str]
    listed: Callable[[Parts, str, int], Iterator[Connection]]
    page: Callable[[Parts, lists.PageRequest], lists.Page]
    get_view: Callable[[Connection], dict[str, object]]
    list_view: Callable[[Connection], dict[str, object]]
    handlers: Mapping[str, Handler]
    find_operation: Callable[[bytes | None], tuple[str, str] | None] = find_operation
    check_type: Callable[[bytes | None], None] = bodies.check_type
    read_body: Callable[[bytes], Mapping[str, object]] = bodies.read_object
    check: Check = constraints.check
    answer: Callable[[str, answers.Outcome], answers.Answer] = answers.render
    #: Who is let in; None where signatures are not looked at.
    admit: Admission | None = None

    def handlers_with(self, **replaced: Handler) -> Mapping[str, Handler]:
        """The handlers, some of them replaced: `handlers_with(GetConnection=…)`."""
        return MappingProxyType({**self.handlers, **replaced})


def careful_parts(
    *,
    store: ConnectionStore | None = None,
    token_key: bytes | None = None,
    quota: int = DEFAULT_QUOTA,
    edition: str = DEFAULT_EDITION,
    admit: Admission | None = None,
) -> Parts:
    """The parts of the reference itself, around a store that may hold connections already."""
    kept = MemoryStore() if store is None else store
    names = ExactNames()
    for connection in kept:
        names.take(connection)
    return Parts(
        store=kept,
        names=names,
        tokens=SealedTokens(token_key or secrets.token_bytes(32)),
        quota=quota,
        default_page_size=EDITIONS[edition].default_page_size,
        mint=arns.mint,
        listed=lists.listed,
        page=lists.page,
        admit=admit,
        get_view=operations.details,
        list_view=operations.details,
        handlers=MappingProxyType(
            {
                "CreateConnection": operations.create,
                "GetConnection": operations.get,
                "ListConnections": operations.list_connections,
                "DeleteConnection": operations.delete,
            },
        ),
    )
