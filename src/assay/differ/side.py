"""One of the two endpoints: its session, and the programs that run there a step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cleaning import tidy
from assay.differ.alike import Alike
from assay.history import Call, History, Unknown
from assay.symbols import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.budget import Budget
    from assay.program import Step
    from assay.search import Search

__all__ = ["Side"]


class Side:
    """One endpoint, called A or B; `silent` counts the programs in a row that got no clear answer at all."""

    def __init__(self, letter: str, search: Search) -> None:
        self.letter = letter
        self.search = search
        self.silent = 0
        self._scope = Scope()

    @property
    def history(self) -> History:
        """The calls of the program that runs now, without the clean-up."""
        return History(tuple(self._scope.calls))

    @property
    def alike(self) -> Alike:
        """What gives this side's words the names that both sides share."""
        return Alike(self.search.contract, self._scope)

    def begin(self) -> None:
        """A new program: nothing of an earlier one is known in it."""
        self._scope = Scope()

    def take(self, step: Step, budget: Budget) -> Sequence[Call]:
        """Carry out one step; the calls that it took."""
        first = len(self._scope.calls)
        try:
            self.search.driver.take(step, self._scope, budget)
        finally:
            self._count(self._scope.calls[first:])
        return self._scope.calls[first:]

    def end(self, budget: Budget) -> None:
        """Delete what the program made."""
        calls = self._scope.calls
        if calls:
            is_silent = all(isinstance(call.outcome, Unknown) for call in calls)
            self.silent = self.silent + 1 if is_silent else 0
        cleaning: list[Call] = []
        try:
            tidy(self.search.driver, cleaning, budget)
        finally:
            self._count(cleaning)

    def _count(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self.search.book.count(call)
