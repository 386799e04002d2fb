"""How much may be spent: calls and seconds, for a run, for a test, for one finding.

Budgets lie within each other. What is spent in one is spent in all around it, and the narrowest of them decides. A call
that still has to be made for every connection that is to be deleted is *owed*: it is held back, so that clean-up never
has to go without.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Budget", "BudgetSpentError"]


class BudgetSpentError(Exception):
    """The calls or the seconds that were given are used up; what was created is still cleaned up."""


@dataclass(slots=True)
class Budget:
    """Calls and seconds, for a run or for a part of it.

    `deadline` is on the clock of `now`; `programs` counts what was run under it. `owed` calls are held back: one for
    each connection that still has to be deleted.
    """

    max_calls: int | None = None
    deadline: float | None = None
    spent: int = 0
    programs: int = 0
    within: Budget | None = None
    now: Callable[[], float] = time.perf_counter

    def take(self, owed: int) -> None:
        """Take one call out, or raise `BudgetSpentError`."""
        if not self.has_room(owed):
            raise BudgetSpentError
        self.count(1)

    def has_room(self, owed: int = 0) -> bool:
        """Is there room for one more call and for the calls that are owed?"""
        left = self.calls_left
        return not self.is_late and (left is None or owed < left)

    @property
    def is_late(self) -> bool:
        """Is the time over?"""
        if self.deadline is not None and self.now() >= self.deadline:
            return True
        return self.within is not None and self.within.is_late

    @property
    def ends_at(self) -> float | None:
        """The earliest deadline, on the clock of `now`; None where time is no matter."""
        around = None if self.within is None else self.within.ends_at
        return min((end for end in (self.deadline, around) if end is not None), default=None)

    @property
    def calls_left(self) -> int | None:
        """How many more calls may be made, the seconds aside; None where nobody counts."""
        own = None if self.max_calls is None else self.max_calls - self.spent
        around = None if self.within is None else self.within.calls_left
        return own if around is None else around if own is None else min(own, around)

    def count(self, calls: int) -> None:
        """Write down calls that were made."""
        self.spent += calls
        if self.within is not None:
            self.within.count(calls)
