"""Look for an order of claims that a sequential service explains: Wing and Gong's search, with Lowe's memory.

An order may put a claim first if no other claim was over before it began. So the search takes one such claim after the
other, and goes back where the model says no. Three things keep it small:

* a place that was reached before, by the set of claims taken and the state, is not searched again (Lowe);
* a read that is legal now is taken now: it changes nothing, so any order that takes it later has a twin that does not;
* what may be idle is tried last, and the search ends when all that cannot be idle is taken.

It keeps its own stack, so no history is too long for it, and it counts its steps: where they are spent the answer is
`undecided`, never a guess. Claims that touch are taken for unordered, since times are rounded when they are written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.linearizability.model import EMPTY, EVERYTHING, after, is_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.linearizability.claims import Claim
    from assay.linearizability.model import Promises, State

__all__ = ["MAX_STEPS", "Answer", "search"]

MAX_STEPS: Final = 20_000  # places; a history of a run takes tens


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a search: `explained` with the order that was found, `stuck`, or `undecided` for want of steps."""

    word: Literal["explained", "stuck", "undecided"]
    order: tuple[Claim, ...] = ()
    steps: int = 0


def search(claims: Sequence[Claim], promises: Promises = EVERYTHING, *, max_steps: int = MAX_STEPS) -> Answer:
    """Is there an order of these claims that the model explains, under these promises?"""
    return _Search(claims, promises).run(max_steps)


class _Search:
    """One search. A place is a set of claims taken, as the bits of a number, and the state after them."""

    def __init__(self, claims: Sequence[Claim], promises: Promises) -> None:
        self._claims = sorted(claims, key=lambda claim: claim.start)
        self._promises = promises
        self._ends = [math.inf if claim.may_be_idle else claim.end for claim in self._claims]
        self._due = sum(1 << position for position, claim in enumerate(self._claims) if not claim.may_be_idle)
        self._came_from: dict[tuple[int, State], tuple[tuple[int, State] | None, list[int]]] = {}

    def run(self, max_steps: int) -> Answer:
        """Search until an order is found, no place is left, or the steps are spent."""
        start = 0, EMPTY
        self._came_from[start] = None, []
        stack = [start]
        steps = 0
        while stack:
            if steps >= max_steps:
                return Answer(word="undecided", steps=steps)
            steps += 1
            place = stack.pop()
            taken, state = place
            ready, reads = self._ready(taken, state)
            for position in reads:
                taken |= 1 << position
            if taken & self._due == self._due:
                return Answer(word="explained", order=self._order(place, reads), steps=steps)
            for position in sorted(ready, key=lambda each: not self._claims[each].may_be_idle):
                new = after(state, self._claims[position], self._promises)
                if new is None:
                    continue
                there = taken | 1 << position, new
                if there not in self._came_from:
                    self._came_from[there] = place, [*reads, position]
                    stack.append(there)
        return Answer(word="stuck", steps=steps)

    def _ready(self, taken: int, state: State) -> tuple[list[int], list[int]]:
        """The writes that may come next, and the reads that were taken before them because they are legal now."""
        reads: list[int] = []
        while True:
            ready = self._first(taken)
            legal = [
                position
                for position in ready
                if is_read(self._claims[position]) and after(state, self._claims[position], self._promises) is not None
            ]
            if not legal:
                return [position for position in ready if not is_read(self._claims[position])], reads
            reads += legal
            for position in legal:
                taken |= 1 << position

    def _first(self, taken: int) -> list[int]:
        """The claims left before which no other that is left was over."""
        found: list[int] = []
        bound = math.inf
        position = (~taken & (taken + 1)).bit_length() - 1
        while position < len(self._claims) and self._claims[position].start <= bound:
            if not taken >> position & 1:
                found.append(position)
                bound = min(bound, self._ends[position])
            position += 1
        return [each for each in found if self._claims[each].start <= bound]

    def _order(self, place: tuple[int, State], last: list[int]) -> tuple[Claim, ...]:
        order = [last]
        at: tuple[int, State] | None = place
        while at is not None:
            at, positions = self._came_from[at]
            order.append(positions)
        return tuple(self._claims[position] for positions in reversed(order) for position in positions)
