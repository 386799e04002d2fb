"""Walks: which pages of ListConnections belong together, by the tokens that they give and ask with.

Nothing else ties two pages: others list at the same time, a page is asked for again after it was lost, and one token
may be used twice, or be given to everybody. So every page is looked for among the answers before it, and where a token
cannot tell two walks apart, the moments of the pages do as well as they can.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assay.contract import Pagination

__all__ = ["Walk", "Walks", "token_in", "token_out"]


@dataclass(slots=True)
class Walk:
    """Pages of ListConnections that belong together: each but the first asks with the token that the one before gave.

    The first asks with none, so it is known when a walk began. `items` are (number of the page, item) in the order
    shown. `is_complete`: the last page gave no token.
    """

    pages: list[Call]
    inputs: Mapping[str, Any]
    items: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    is_complete: bool = False

    @property
    def start(self) -> float:
        """When the first page was asked for."""
        return self.pages[0].start

    @property
    def end(self) -> float:
        """When the last page had come."""
        return self.pages[-1].end


class Walks:
    """The walks of a history, to which its pages are added in the order in which they were sent.

    `found` are the walks so far, in the order of their beginnings; `tokens` all that any answer gave.
    """

    def __init__(self, pagination: Pagination) -> None:
        self.found: list[Walk] = []
        self.tokens: set[str] = set()
        self._pagination = pagination
        self._given: dict[str, list[tuple[Walk, int]]] = {}  # by whom, and on which of its pages

    def add(self, call: Call, items: Iterable[Mapping[str, Any]]) -> None:
        """Add a page, and what it shows, to the walk that it goes on with; of one that nobody began it is no part."""
        sent, given = token_in(call, self._pagination), token_out(call, self._pagination)
        if isinstance(given, str) and given:
            self.tokens.add(given)
        inputs = _without(call.input, self._pagination.token_in)
        if sent is None:
            walk = Walk([call], inputs)
            self.found.append(walk)
        elif origins := self._given.get(_key(sent, inputs)):
            walk = self._continued(*_origin(origins, call), call)
        else:
            return
        walk.items.extend((len(walk.pages), item) for item in items)
        if given is None or given == "":
            walk.is_complete = isinstance(call.outcome, Accepted)
        else:
            self._given.setdefault(_key(given, inputs), []).append((walk, len(walk.pages)))

    def _continued(self, walk: Walk, pages: int, call: Call) -> Walk:
        if len(walk.pages) == pages + 1 and not isinstance(walk.pages[-1].outcome, Accepted):
            walk.pages.pop()  # it was asked for in vain, and this asks again
        if len(walk.pages) == pages and not walk.is_complete:
            walk.pages.append(call)
            return walk
        fork = Walk([*walk.pages[:pages], call], walk.inputs, [item for item in walk.items if item[0] <= pages])
        self.found.append(fork)
        return fork


def token_in(call: Call, pagination: Pagination) -> Any:
    """The NextToken that a List sent; None where absent or null."""
    return call.input.get(pagination.token_in)


def token_out(call: Call, pagination: Pagination) -> Any:
    """The NextToken that a List's answer gives; None where absent or null."""
    return call.outcome.output.get(pagination.token_out) if isinstance(call.outcome, Accepted) else None


def _origin(origins: list[tuple[Walk, int]], call: Call) -> tuple[Walk, int]:
    """The walk, and the number of its page, that gave the token of a List: the latest one.

    Where walks go on at once and were given one token, each of them goes on with its own use of it.
    """
    latest = origins[-1]
    walk, pages = latest
    if len(origins) == 1 or (
        walk.pages[pages - 1].end <= call.start and not (len(walk.pages) > pages and walk.pages[pages].overlaps(call))
    ):
        return latest
    for walk, pages in reversed(origins):
        if walk.pages[pages - 1].end <= call.start and len(walk.pages) == pages:
            return walk, pages
    return latest


def _key(token: Any, inputs: Mapping[str, Any]) -> str:
    """Token and inputs as one string; a token may be any JSON value, where an endpoint is that far astray."""
    if type(token) is str and not inputs:
        return token
    return json.dumps([token, inputs], sort_keys=True, default=str)


def _without(members: Mapping[str, Any], left_out: str) -> Mapping[str, Any]:
    return {key: value for key, value in members.items() if key != left_out} if left_out in members else members
