"""Which answer is it that no order explains, and which calls forbid it?

A history that has an order has one at every moment of its way: so there is a first answer at which the last order was
lost, and that is the one to show. What was still under way at that moment is treated as a call of unknown fate: it may
have had its effect or not, whatever came of it later.

Of the calls up to there, most do not matter. One after the other is treated as if it were under way still; whoever is
needed to keep the search stuck stays, and these are the calls to look at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.linearizability.model import EVERYTHING, is_read
from assay.linearizability.search import MAX_STEPS, search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.linearizability.claims import Claim
    from assay.linearizability.model import Promises

__all__ = ["Explanation", "explained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The claim that no order explains, and the least that forbids it, in the order in which the calls were sent."""

    stuck: Claim
    because: tuple[Claim, ...]

    @property
    def before(self) -> list[Claim]:
        """Claims of calls that were answered before the one that nobody can explain was sent."""
        return [claim for claim in self.because if claim.call.end < self.stuck.call.start]

    @property
    def meanwhile(self) -> list[Claim]:
        """Claims of calls that were under way at the same time."""
        return [claim for claim in self.because if claim.call.end >= self.stuck.call.start]


def explained(claims: Sequence[Claim], promises: Promises = EVERYTHING, *, max_steps: int = MAX_STEPS) -> Explanation:
    """Explain why claims that a search found stuck have no order."""
    ended = [claim for claim in claims if not claim.may_be_idle]
    ended.sort(key=lambda claim: (claim.end, claim.call.index))

    def is_stuck(some: Sequence[Claim]) -> bool:
        return search(some, promises, max_steps=max_steps).word == "stuck"

    low, high = 1, len(ended)  # at `high` answers it is stuck, below `low` it is not
    while low < high:
        middle = (low + high) // 2
        if is_stuck(list(_up_to(claims, ended[:middle]))):
            high = middle
        else:
            low = middle + 1
    stuck = ended[high - 1]
    kept = list(_up_to(claims, ended[:high]))
    needed: list[Claim] = []
    for claim in kept:
        if claim is stuck or claim.may_be_idle:
            continue
        fewer = [other for each in kept for other in (_pending(each) if each is claim else (each,))]
        if is_stuck(fewer):
            kept = fewer
        else:
            needed.append(claim)
    return Explanation(stuck=stuck, because=tuple(sorted(needed, key=lambda claim: claim.call.index)))


def _up_to(claims: Sequence[Claim], ended: Sequence[Claim]) -> Iterator[Claim]:
    """The claims as they stood when these had been answered: the others were under way or not sent yet."""
    answered = {id(claim) for claim in ended}
    now = ended[-1].end
    for claim in claims:
        if id(claim) in answered or claim.may_be_idle:
            yield claim
        elif claim.start <= now:
            yield from _pending(claim)


def _pending(claim: Claim) -> Iterator[Claim]:
    """A call that is under way: it may have any effect that was asked for, whatever its answer will be."""
    if claim.kind == "misses" and claim.asked_to_delete:
        yield replace(claim, kind="deletes", end=math.inf, may_be_idle=True)
    elif claim.kind == "taken":
        yield replace(claim, kind="creates", arn=f"made by call {claim.call.index}", end=math.inf, may_be_idle=True)
    elif not is_read(claim):
        yield replace(claim, end=math.inf, may_be_idle=True)
