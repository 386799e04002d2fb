"""A page of a list: what comes after a position, as far as the page size reaches.

The position is the sequence number of the last connection that was shown. Connections made during a walk come after
every position, deleted ones leave no gap, so a walk shows all that existed throughout, nothing twice, and ends. A page
looks one connection ahead, so that the last page is known for the last and has no token.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.reference.connections import Connection
    from assay.reference.parts import Parts

__all__ = ["Page", "PageRequest", "binding_of", "listed", "page", "page_after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a List asks for; `binding` names the list that its token must belong to."""

    account: str
    provider_type: str | None
    host_arn: str | None
    size: int
    token: str | None
    binding: bytes

    def admits(self, connection: Connection) -> bool:
        """Whether the filters let a connection through."""
        return (self.provider_type is None or connection.provider_type == self.provider_type) and (
            self.host_arn is None or connection.host_arn == self.host_arn
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a List shows, and the token of the rest."""

    connections: tuple[Connection, ...]
    next_token: str | None


def binding_of(account: str, provider_type: str | None, host_arn: str | None) -> bytes:
    """The name of a list: whose it is, and by what it is filtered. Only the last may hold a NUL: no two are alike."""
    return "\0".join((account, provider_type or "", host_arn or "")).encode()


def listed(parts: Parts, account: str, position: int) -> Iterator[Connection]:
    """What a list may show after a position: the account's live connections."""
    return parts.store.after(account, position)


def page_after(parts: Parts, wanted: PageRequest, position: int) -> Page:
    """The page that starts behind a position."""
    candidates = (item for item in parts.listed(parts, wanted.account, position) if wanted.admits(item))
    found = tuple(islice(candidates, wanted.size + 1))
    shown = found[: wanted.size]
    rest = len(found) > len(shown)
    return Page(connections=shown, next_token=parts.tokens.seal(shown[-1].sequence, wanted.binding) if rest else None)


def page(parts: Parts, wanted: PageRequest) -> Page:
    """The page that a List asks for."""
    position = 0 if wanted.token is None else parts.tokens.open(wanted.token, wanted.binding)
    return page_after(parts, wanted, position)
