"""Which programs a run carries out that is held to a plan, and how; without a plan, all of them, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.plan import chosen, gentle, worst_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.budget import Budget
    from assay.driver import Driver
    from assay.plan import Plan
    from assay.program import Program

__all__ = ["Choice"]

_OVERBOOKED: Final = 1.3  # programs take fewer calls than they might; what does not fit in the end is left out


class Choice:
    """The programs of a run under a plan; `is_concurrent` where those that send at once may be among them."""

    def __init__(self, plan: Plan | None, driver: Driver, budget: Budget, *, is_concurrent: bool) -> None:
        self._plan, self._driver, self._budget, self._is_concurrent = plan, driver, budget, is_concurrent
        self._chosen: set[str] = set()

    def choose(self, named: Sequence[Sequence[Program]]) -> None:
        """Choose, of the programs that tests name, those that the plan has room for; all where there is no plan."""
        if self._plan is None:
            return
        room = int(_OVERBOOKED * ((self._budget.calls_left or 0) - self._budget.calls_kept))
        fitted = [[self.fitted(one) for one in each if self._is_wanted(one)] for each in named]
        self._chosen = set(map(str, chosen(fitted, self._driver.crowd, room)))

    def _is_wanted(self, program: Program) -> bool:
        """Is a program one that this run can learn something new from?"""
        has_part = self._is_concurrent or not program.is_parallel
        return has_part and (self._driver.shaker is not None or not program.needs_handshakes)

    def fitted(self, program: Program) -> Program:
        """The program as this run carries it out."""
        if self._plan is None:
            return program
        crowd = self._driver.crowd
        return gentle(program, crowd, self._driver.contract.page_sizes.maximum or crowd)

    def has_room_for(self, program: Program) -> bool:
        """Is a program, as it is carried out, still to be run by the plan, and are there calls left for it?"""
        if self._plan is None:
            return True
        if str(program) not in self._chosen:
            return False
        self._chosen.remove(str(program))
        room = (self._budget.calls_left or 0) - self._budget.calls_kept - self._driver.owed
        return worst_case(program, self._driver.crowd) <= room
