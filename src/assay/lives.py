"""What a history shows of one connection that it made: its life, and the answers that speak of it."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Connection", "Sighting"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one answer said of one connection: the call, `get` or `list`, and the members as they came, but no nulls."""

    call: Call
    role: str
    members: Mapping[str, Any]


@dataclass(slots=True)
class Connection:
    """A connection that this history made: what it was created with, and every Delete that was sent to exactly its ARN.

    `handshakes` are what was done to complete it, beside the API, in vain or not.
    `kind` is None where Create left the provider to the endpoint.
    """

    arn: str
    name: Any
    kind: Any
    created: Call
    deletes: list[Call] = field(default_factory=list)
    handshakes: list[Call] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    _seen: tuple[list[float], list[float]] | None = None

    def last_seen(self, moment: float) -> float:
        """When that answer was asked for which showed it last before `moment`; at worst its Create's end."""
        if self._seen is None:
            times = sorted((sighting.call.end, sighting.call.start) for sighting in self.sightings)
            self._seen = [end for end, _ in times], list(itertools.accumulate((start for _, start in times), max))
        ends, starts = self._seen
        before = bisect_right(ends, moment)
        return max(self.created.end, starts[before - 1]) if before else self.created.end

    def lives_throughout(self, start: float, end: float) -> bool:
        """Did it surely exist at every moment from `start` to `end`?"""
        return self.created.end <= start and all(delete.start >= end for delete in self.deletes)

    def is_pending_by(self, moment: float) -> bool:
        """Had nobody begun its handshake before `moment`?"""
        return all(handshake.start >= moment for handshake in self.handshakes)

    def is_completed_by(self, moment: float) -> bool:
        """Was its handshake surely completed before `moment`?"""
        return any(isinstance(each.outcome, Accepted) and each.end <= moment for each in self.handshakes)

    def may_live_within(self, start: float, end: float) -> bool:
        """May it have existed at some moment from `start` to `end`?"""
        return self.created.start <= end and not self.is_gone_by(start)

    def is_gone_by(self, moment: float) -> bool:
        """Was it surely deleted before `moment`?"""
        return any(isinstance(delete.outcome, Accepted) and delete.end <= moment for delete in self.deletes)
