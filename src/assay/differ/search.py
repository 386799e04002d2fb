"""The search for differences: a program at both endpoints, step by step; what differs is kept once and made small.

Steps at once are left out: what comes of a race differs between two runs of one endpoint. Whatever else differs by
chance is found out by repetition, as a difference counts only where its program shows it again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from assay.budget import Budget, BudgetSpentError
from assay.differ.contrast import Contrast, contrasts
from assay.errors import TargetError
from assay.history import Unknown
from assay.program import Parallel, Program, Send
from assay.shrink import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.differ.side import Side
    from assay.history import Call, History
    from assay.program import Step

__all__ = ["Differ", "Difference", "Row", "Stopped"]

_SHRINK_CALLS: Final = 600
_SHRINK_SECONDS: Final = 4.0
_LOST_AFTER: Final = 3
_MOST: Final = 100  # differences; two endpoints that have nothing in common need not be told apart further
_SERVER_ERRORS: Final = "wire.no-server-error"


class Stopped(Exception):  # noqa: N818 - no error: the search is over
    """The search is over before its programs are: `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """A call as both sides answered it; None where one of them made none."""

    asked: str
    of_a: str | None
    of_b: str | None
    differs: bool


@dataclass(slots=True)
class Difference:
    """A difference, the smallest program that shows it, and what each side said.

    `laws` maps the ids of the laws that are broken where the two differ to the letters of those that break them.
    """

    contrast: Contrast
    program: Program
    rows: tuple[Row, ...]
    histories: tuple[History, History]
    laws: dict[str, str] = field(default_factory=dict)
    shrunk_calls: int = 0
    shrunk_seconds: float = 0.0

    @property
    def is_about_a_law(self) -> bool:
        """Do the laws judge the two differently?"""
        return any(letters != "AB" for letters in self.laws.values())


class Differ:
    """Runs programs at two endpoints and keeps what differs."""

    def __init__(
        self, one: Side, other: Side, budget: Budget, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.sides = (one, other)
        self.contract = one.search.contract
        self.budget = budget
        self.differences: dict[Contrast, Difference] = {}
        self.unsteady: set[Contrast] = set()
        self.programs = 0
        self._clock = clock

    @property
    def laws(self) -> frozenset[str]:
        """The laws that both are held to: what only one understands would be left behind at the other."""
        one, other = (frozenset(side.search.judges) for side in self.sides)
        return one & other

    def check(self, program: Program) -> None:
        """Run a program at both, and keep what differs.

        Raises:
            Stopped: the calls or seconds are spent, or there is more than anybody reads.
            TargetError: one of the two has stopped answering.

        """
        if any(isinstance(step, Parallel) for step in program.steps):
            return
        if len(self.differences) >= _MOST:
            raise Stopped("too many differences")
        try:
            found = self._run(program, self.budget)
            self.programs += 1
            for contrast in found:
                if contrast not in self.differences and contrast not in self.unsteady:
                    self._keep(contrast, program)
        except BudgetSpentError as error:
            raise Stopped("time-limit" if self.budget.is_late else "max-calls") from error
        for side in self.sides:
            if side.silent >= _LOST_AFTER:
                raise TargetError(f"{side.letter} stopped answering", hint="start it again and look at its log")

    def _run(self, program: Program, budget: Budget) -> dict[Contrast, Difference]:
        """Run a program at both sides until they go apart; every difference, the first of its kind."""
        found: dict[Contrast, Difference] = {}
        rows: list[Row] = []
        one, other = self.sides
        try:
            for side in self.sides:
                side.begin()
            for step in program.steps:
                mine, yours = one.take(step, budget), other.take(step, budget)
                seen = list(contrasts(step, self.contract, (mine, one.alike), (yours, other.alike)))
                rows += self._rows(step, mine, yours, differs=bool(seen))
                for contrast in seen:
                    if contrast not in found:
                        laws, told = self._laws(mine, yours), _pointed(rows, contrast)
                        found[contrast] = Difference(contrast, program, told, (one.history, other.history), laws)
                if any(contrast.ends for contrast in seen):
                    break
        finally:
            for side in self.sides:
                side.end(budget)
        return found

    def _keep(self, contrast: Contrast, program: Program) -> None:
        """Run the program again; where it shows the difference again, make it small."""
        started = self._clock()
        budget = Budget(
            max_calls=_SHRINK_CALLS, deadline=started + _SHRINK_SECONDS, within=self.budget, now=self._clock
        )

        def attempt(candidate: Program) -> tuple[tuple[Call, ...], Difference] | None:
            if any(isinstance(step, Parallel) for step in candidate.steps):
                return None
            shown = self._run(candidate, budget).get(contrast)
            return None if shown is None else (shown.histories[0].calls + shown.histories[1].calls, shown)

        again = self._run(program, self.budget).get(contrast)
        if again is None:
            self.unsteady.add(contrast)
            return
        smallest, _, difference = shrunk(program, (again.histories[0].calls + again.histories[1].calls, again), attempt)
        difference.program = smallest
        difference.shrunk_calls, difference.shrunk_seconds = budget.spent, round(self._clock() - started, 3)
        self.differences[contrast] = difference

    def _rows(self, step: Step, mine: Sequence[Call], yours: Sequence[Call], *, differs: bool) -> list[Row]:
        one, other = (side.alike for side in self.sides)
        rows = []
        for number in range(max(len(mine), len(yours))):
            call = mine[number] if number < len(mine) else None
            other_call = yours[number] if number < len(yours) else None
            came = None if call is None else one.came(call)
            other_came = None if other_call is None else other.came(other_call)
            asked = one.asked(call) if call is not None else other.asked(other_call) if other_call is not None else ""
            if isinstance(step, Send):
                asked = str(step)
            rows.append(Row(asked, came, other_came, differs and came != other_came))
        return rows

    def _laws(self, mine: Sequence[Call], yours: Sequence[Call]) -> dict[str, str]:
        """The laws that a side breaks at the step in which they differ; those about any answer are left out."""
        broken: dict[str, str] = {}
        for side, calls in zip(self.sides, (mine, yours), strict=True):
            indices = {call.index for call in calls}
            if any(isinstance(call.outcome, Unknown) for call in calls):
                broken[_SERVER_ERRORS] = broken.get(_SERVER_ERRORS, "") + side.letter
            for law in side.search.judges:
                if law != _SERVER_ERRORS and any(
                    breach.call.index in indices and not breach.is_general
                    for breach in side.search.judge(law, side.history)
                ):
                    broken[law] = broken.get(law, "") + side.letter
        return broken


def _pointed(rows: Sequence[Row], contrast: Contrast) -> tuple[Row, ...]:
    """The rows, the last one with what differs where one line of its answers does not show it."""
    *before, last = rows
    if not last.differs and last.of_a is not None and last.of_b is not None:
        of_a, of_b = (
            f"{came}; {contrast.aspect} {said}"
            for came, said in ((last.of_a, contrast.of_a), (last.of_b, contrast.of_b))
        )
        last = replace(last, of_a=of_a, of_b=of_b, differs=True)
    return (*before, last)
