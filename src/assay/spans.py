"""Which of many spans of time cover a moment or a stretch, found without a look at each of them."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Spans"]

Thing = TypeVar("Thing")


class Spans(Generic[Thing]):
    """Things that each have a first and a last moment (seconds, of any one clock), in the order given.

    A search costs about as much as it finds, times the logarithm of how many there are: the things stand in the order
    of their beginnings, and a tree over them knows the latest end in each of its branches.
    """

    def __init__(self, things: Iterable[tuple[Thing, float, float]]) -> None:
        given = list(things)
        self._order = sorted(range(len(given)), key=lambda place: given[place][1])
        self._things = [thing for thing, _, _ in given]
        self._begins = [given[place][1] for place in self._order]
        self._width = 1 << max(len(given) - 1, 0).bit_length()
        self._latest = [-math.inf] * self._width + [given[place][2] for place in self._order]
        self._latest += [-math.inf] * (2 * self._width - len(self._latest))
        for branch in range(self._width - 1, 0, -1):
            self._latest[branch] = max(self._latest[2 * branch], self._latest[2 * branch + 1])

    def covering(self, start: float, end: float) -> list[Thing]:
        """What began at `start` or before and lasts to `end` or beyond."""
        begun = bisect_right(self._begins, start)
        found: list[int] = []
        branches = [(1, 0, self._width)] if begun else []
        while branches:
            branch, first, width = branches.pop()
            if first >= begun or self._latest[branch] < end:
                continue
            if width == 1:
                found.append(self._order[first])
            else:
                half = width // 2
                branches += [(2 * branch, first, half), (2 * branch + 1, first + half, half)]
        return [self._things[place] for place in sorted(found)]

    def touching(self, start: float, end: float) -> list[Thing]:
        """What has a moment in common with the open stretch from `start` to `end`."""
        return self.covering(math.nextafter(end, -math.inf), math.nextafter(start, math.inf))
