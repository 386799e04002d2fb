"""How much may be spent: calls and seconds, for a run, for a test, for one finding.

A `Meter` holds a run to its plan: it is the last thing that a request passes, whoever sends it and whatever for. It
stops nothing that a budget would not have stopped before; where it has to, clean-up is cut short, and that is told.

Budgets lie within each other. What is spent in one is spent in all around it, and the narrowest of them decides. A call
that still has to be made for every connection that is to be deleted is *owed*: it is held back, so that clean-up never
has to go without.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MOST_ATTEMPTS", "Budget", "BudgetSpentError", "Meter"]

MOST_ATTEMPTS: Final = 8
"""The attempts of a call that is turned away for its rate, where nothing else limits them."""


class BudgetSpentError(Exception):
    """The calls or the seconds that were given are used up; what was created is still cleaned up."""


@dataclass(slots=True)
class Meter:
    """Counts the calls of a run by operation, and lets none pass beyond what was planned.

    `most` of all calls, `by_operation` of each; what is no operation of the contract counts among all. `kept` of an
    operation are held back until the end begins, for the last look at what is there.
    """

    most: int
    by_operation: Mapping[str, int]
    kept: Mapping[str, int] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def left(self, operation: str) -> int:
        """How many more calls of an operation there may be."""
        whole = self.most - self.made.total()
        planned = self.by_operation.get(operation)
        return whole if planned is None else min(whole, planned - self.made[operation] - self.kept.get(operation, 0))

    def begin_the_end(self) -> None:
        """Hold nothing back any more."""
        self.kept = {}

    def count(self, operation: str) -> None:
        """A call is about to be sent.

        Raises:
            BudgetSpentError: the plan has no room for it.

        """
        with self._lock:
            if self.left(operation) < 1:
                raise BudgetSpentError
            self.made[operation] += 1


@dataclass(slots=True)
class Budget:
    """Calls and seconds, for a run or for a part of it.

    `deadline` is on the clock of `now`; `programs` counts what was run under it. `owed` calls are held back: one for
    each connection that still has to be deleted. `kept` are held back as well, for the last look at what is there.
    """

    max_calls: int | None = None
    deadline: float | None = None
    spent: int = 0
    programs: int = 0
    kept: int = 0
    within: Budget | None = None
    now: Callable[[], float] = time.perf_counter
    is_complete_when_late: bool = False

    def take(self, owed: int) -> None:
        """Take one call out, or raise `BudgetSpentError`."""
        if not self.has_room(owed):
            raise BudgetSpentError
        self.count(1)

    def has_room(self, owed: int = 0) -> bool:
        """Is there room for one more call and for the calls that are owed?"""
        left = self.calls_left
        return not self.is_late and (left is None or owed + self.calls_kept < left)

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
    def calls_kept(self) -> int:
        """How many calls are held back, here and in all around."""
        return self.kept + (0 if self.within is None else self.within.calls_kept)

    @property
    def calls_left(self) -> int | None:
        """How many more calls may be made, the seconds aside; None where nobody counts."""
        own = None if self.max_calls is None else self.max_calls - self.spent
        around = None if self.within is None else self.within.calls_left
        return own if around is None else around if own is None else min(own, around)

    def forgive(self, seconds: float) -> None:
        """Move the end of this part of a whole by the seconds that an endpoint was silent; the whole ends as before."""
        if self.deadline is not None and self.within is not None:
            self.deadline += seconds

    def count(self, calls: int) -> None:
        """Write down calls that were made."""
        self.spent += calls
        if self.within is not None:
            self.within.count(calls)
