"""Which programs a run carries out that is held to a plan, and how; without a plan, all of them, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.plan import chosen, gentle, joined, worst_case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.budget import Budget
    from assay.driver import Driver
    from assay.plan import Plan
    from assay.program import Program

__all__ = ["Choice"]

_OVERBOOKED: Final = 1.3  # programs take fewer calls than they might; what does not fit in the end is left out


class Choice:
    """The programs of a run under a plan; `is_concurrent` where those that send at once may be among them.

    The cheapest program of each test comes before the second of any, and those of a law that nothing has exercised yet
    come before those of one that something has.
    """

    def __init__(
        self,
        plan: Plan | None,
        driver: Driver,
        budget: Budget,
        *,
        is_concurrent: bool,
        is_exercised: Callable[[str], bool],
    ) -> None:
        self._plan, self._driver, self._budget, self._is_concurrent = plan, driver, budget, is_concurrent
        self._is_exercised = is_exercised
        self._first: dict[str, int] = {}  # programs still to be run, and the calls that they may take
        self._more: dict[str, int] = {}
        self._wanted_by: dict[str, set[str]] = {}  # the laws of the tests that name a program
        self._joined: dict[str, Program] = {}  # programs that are run as a part of others

    def choose(self, named: Sequence[tuple[str, Sequence[Program]]]) -> None:
        """Choose, of the programs that tests name, those that the plan has room for; all where there is no plan.

        `named` are the laws of the tests with the programs of each.
        """
        if self._plan is None:
            return
        room = int(_OVERBOOKED * ((self._budget.calls_left or 0) - self._budget.calls_kept))
        self._joined = dict(joined(one for _, each in named for one in each))
        wanted = [(law, [self._whole(one) for one in each if self._is_wanted(one)]) for law, each in named]
        first, more = chosen([each for _, each in wanted], self._cost_of, room)
        self._first, self._more = dict(first), dict(more)
        for law, each in wanted:
            for word in first.keys() & set(map(str, each)):
                self._wanted_by.setdefault(word, set()).add(law)

    def _whole(self, program: Program) -> Program:
        return self._joined.get(str(program), program)

    def _is_wanted(self, program: Program) -> bool:
        """Is a program one that this run can learn something new from?"""
        has_part = self._is_concurrent or not program.is_parallel
        return has_part and (self._driver.shaker is not None or not program.needs_handshakes)

    def fitted(self, program: Program) -> Program:
        """The program as this run carries it out: with others, and with walks that pass by the crowd."""
        if self._plan is None:
            return program
        program = self._whole(program)
        crowd = self._driver.crowd
        return gentle(program, crowd, self._driver.contract.page_sizes.maximum or crowd)

    def has_room_for(self, program: Program) -> bool:
        """Is a program, as a test names it, still to be run by the plan, and are there calls left for it?

        How it is carried out may change on the way: others come and go, and walks are fitted to how many they are.
        """
        if self._plan is None:
            return True
        word = str(self._whole(program))
        room = (self._budget.calls_left or 0) - self._budget.calls_kept - self._driver.owed
        is_news = self._is_news(word)
        if self._first.pop(word, None) is None:
            if self._more.pop(word, None) is None:
                return False
            room -= int(sum(self._first.values()) / _OVERBOOKED)
        elif not is_news:
            room -= sum(cost for each, cost in self._first.items() if self._is_news(each))
        return self._cost_of(program) <= room

    def _cost_of(self, program: Program) -> int:
        return worst_case(self.fitted(program), self._driver.crowd)

    def _is_news(self, word: str) -> bool:
        """Would a program, called so, exercise a law that nothing has exercised yet?"""
        return not all(map(self._is_exercised, self._wanted_by.get(word, ())))
