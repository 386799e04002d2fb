"""What each call of a history claims about a connection of ours, and within which time it must have been true.

A claim is one call's word on one connection. Most calls make one; a page of ListConnections makes one for each
connection of ours that it shows, and none about what it does not show: nothing says that a page is a picture of one
moment, and whether it is complete is `connection.list.complete`'s to judge. Nor must a page be younger than its walk:
a walk may show what there was when it began.

Three rules keep an innocent server from being accused:

* **Unknown is unknown.** A Create or Delete without a clear answer may have had its effect at any time after it was
  sent, long after the client gave up too, or never: its claim has no end and may stay idle. A read without an answer
  claims nothing. What was turned away for its rate did not happen.
* **The world is open.** Claims are made only about ARNs that a Create of this history was given, and by Creates of
  names. A connection whose Create was not answered may have got an ARN that somebody learnt from a list: where any
  Delete went to an ARN that is none of ours, it may have been that one.
* **Weather is no claim.** A Create that was refused for the quota, for a name that not everybody takes for valid or
  beside a twin of it, and a Get or Delete that was refused for anything but a missing connection, claim nothing. An
  ARN that was given twice is `connection.arn.never-reused`'s, and no claim is made about it.

Reads may lag by the run's staleness: their time begins so much earlier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from assay.linearizability.model import Kind
    from assay.world import World

__all__ = ["Claim", "claims_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One call's word on one connection, true at some moment from `start` to `end` (seconds of the run).

    A claim that `may_be_idle` need not be true at all: nobody knows whether the call had its effect. `asked_to_delete`
    is said of a Delete, whatever its answer claims.
    """

    call: Call
    kind: Kind
    room: Hashable
    arn: str
    start: float
    end: float
    may_be_idle: bool = False
    asked_to_delete: bool = False


def claims_of(world: World, *, has_reason: Callable[[World, Call], bool]) -> list[Claim]:
    """The claims of a history, by the order in which its calls were sent.

    `has_reason` says of a refused Create whether nothing but its name can be the reason.
    """
    reading = _Reading(world, has_reason)
    claims = [*reading.creates(), *reading.deletes(), *reading.gets(), *reading.pages()]
    return sorted(claims, key=lambda claim: claim.call.index)


class _Reading:
    """One history being read."""

    def __init__(self, world: World, has_reason: Callable[[World, Call], bool]) -> None:
        self._world = world
        self._has_reason = has_reason
        self._lag = world.knowledge.staleness
        self._known = {arn: made for arn, made in world.ours.items() if arn not in world.given_twice}
        self._places: dict[Any, set[tuple[str, ...]]] = {}
        for arn, made in self._known.items():
            if isinstance(made.name, str):
                self._places.setdefault(made.name, set()).add(_place(arn))

    def creates(self) -> Iterator[Claim]:
        """Connections made, or perhaps made, and names said to be taken."""
        strangers = [
            delete.end
            for delete in self._world.deletes
            if self._world.arn_in(delete) not in self._known and not isinstance(delete.outcome, Refused)
        ]
        told = {id(made.created) for made in self._known.values()}
        for arn, made in self._known.items():
            call = made.created
            yield Claim(call=call, kind="creates", room=self._room(arn), arn=arn, start=call.start, end=call.end)
        for call in self._world.creates:
            name = self._world.name_of(call)
            if id(call) in told or not isinstance(name, str) or len(self._places.get(name, ())) > 1:
                continue
            if isinstance(call.outcome, Refused):
                if self._has_reason(self._world, call):
                    start = call.start - self._lag
                    yield Claim(call=call, kind="taken", room=name, arn="", start=start, end=call.end)
                continue
            arn = f"made by call {call.index}"
            perhaps = Claim(
                call=call, kind="creates", room=name, arn=arn, start=call.start, end=math.inf, may_be_idle=True
            )
            yield perhaps
            if isinstance(call.outcome, Accepted) or any(end >= call.start for end in strangers):
                yield Claim(
                    call=call, kind="deletes", room=name, arn=arn, start=call.start, end=math.inf, may_be_idle=True
                )

    def deletes(self) -> Iterator[Claim]:
        """Connections deleted, perhaps deleted, or said to be missing."""
        for call in self._world.deletes:
            arn = self._world.arn_in(call)
            match call.outcome:
                case Accepted():
                    yield from self._claim(call, "deletes", arn, call.start, call.end)
                case Unknown():
                    yield from self._claim(call, "deletes", arn, call.start, math.inf)
                case Refused() as refused if refused.is_not_found:
                    for claim in self._claim(call, "misses", arn, call.start - self._lag, call.end):
                        yield replace(claim, asked_to_delete=True)

    def gets(self) -> Iterator[Claim]:
        """Connections found or missing."""
        identity = self._world.contract.resource.identity
        for call in self._world.gets:
            arn = self._world.arn_in(call)
            described = self._world.described(call)
            if described and described.get(identity) in (None, arn):
                yield from self._claim(call, "finds", arn, call.start - self._lag, call.end)
            elif isinstance(call.outcome, Refused) and call.outcome.is_not_found:
                yield from self._claim(call, "misses", arn, call.start - self._lag, call.end)

    def pages(self) -> Iterator[Claim]:
        """Connections shown, each by itself, at some moment since the walk began."""
        identity = self._world.contract.resource.identity
        began: dict[int, float] = {}
        for walk in self._world.walks:
            for page in walk.pages:
                began[id(page)] = min(walk.start, began.get(id(page), math.inf))
        for call in self._world.lists:
            start = began.get(id(call), -math.inf) - self._lag
            shown = (item.get(identity) for item in self._world.page(call))
            for arn in dict.fromkeys(arn for arn in shown if isinstance(arn, str)):
                yield from self._claim(call, "finds", arn, start, call.end)

    def _claim(self, call: Call, kind: Kind, arn: Any, start: float, end: float) -> Iterator[Claim]:
        if isinstance(arn, str) and arn in self._known:
            idle = end == math.inf
            yield Claim(call=call, kind=kind, room=self._room(arn), arn=arn, start=start, end=end, may_be_idle=idle)

    def _room(self, arn: str) -> Hashable:
        name = self._known[arn].name
        if not isinstance(name, str):
            return None, arn
        return name if len(self._places[name]) == 1 else (name, _place(arn))


def _place(arn: str) -> tuple[str, ...]:
    """Account and Region of an ARN, as far as it tells."""
    return tuple(arn.split(":")[3:5])
