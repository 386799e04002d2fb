"""Which programs a run carries out that is held to a plan, and how; without a plan, all of them, as they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from assay.fitting import gentle, queued, snug, worst_case
from assay.history import FIRST
from assay.program import Send, steps_within
from assay.signings import VALID
from assay.weaving import woven

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.budget import Budget
    from assay.driver import Driver
    from assay.plan import Plan
    from assay.program import Create, Program
    from assay.weaving import Frame, Part

__all__ = ["Choice"]

_CALM: Final = 0.96  # of the calls there are, which are dealt out: some are turned away for their rate, and sent again
_ENOUGH: Final = 0.7  # of the calls that a program may take: it may take fewer, and what it came to is judged


class Choice:
    """The programs of a run under a plan, woven together; `is_concurrent` where some of them may send at once.

    The cheapest program of each test comes before the second of any, and those of a law that nothing has exercised yet
    come before those of one that something has.
    """

    def __init__(  # noqa: PLR0913 - what a choice hangs on, by name
        self,
        plan: Plan | None,
        driver: Driver,
        budget: Budget,
        *,
        is_concurrent: bool,
        is_exercised: Callable[[str], bool],
        is_denied: Callable[[Program], bool] = lambda _: False,
    ) -> None:
        self._plan, self._driver, self._budget, self._is_concurrent = plan, driver, budget, is_concurrent
        self._is_exercised, self._is_denied = is_exercised, is_denied
        self._named: Sequence[tuple[str, Sequence[Program]]] = ()
        self._begun: set[str] = set()  # programs, as tests name them, that were carried out
        self._latest: tuple[Program | None, set[str]] = (None, set())  # the last of what was, and what is woven into it
        self._frames: tuple[Frame, ...] = ()
        self._waiting: dict[int, int] = {}  # frames still to be run, by number, and the calls that they may take
        self._place: dict[str, int] = {}  # the number of the frame that a program, as a test names it, is a part of
        self._laws: dict[int, set[str]] = {}  # the laws of the tests that name the parts of a frame

    def choose(self, named: Sequence[tuple[str, Sequence[Program]]]) -> None:
        """Choose, of the programs that tests name, those that the plan has room for; all where there is no plan.

        `named` are the laws of the tests with the programs of each.
        """
        self._named = named
        if self._plan is not None:
            self._weave(self._plan)

    def _weave(self, plan: Plan) -> None:
        """Weave what is wanted still, and what no permission is missing for."""
        named, self._place, self._laws = self._named, {}, {}
        room = int(_CALM * ((self._budget.calls_left or 0) - self._budget.calls_kept))
        wanted = [(law, [one for one in each if self._is_wanted(one)]) for law, each in named]
        first, more = queued([[self._calmed(one) for one in each] for _, each in wanted], self._cost_of)
        most_alive = plan.alive - 1  # what is to be refused is not sent either where nothing more may live
        weave = partial(woven, cost_of=self._cost_of, most_alive=most_alive, lives=self._lives)
        _, extras = weave((*first, *more))  # where there is room for everything: what each adds to the others
        more.sort(key=lambda program: extras.get(str(program), 0))
        self._frames = tuple(weave((*first, *more), calls=room, expected=extras)[0])
        self._waiting = {number: self._cost_of(frame.program) for number, frame in enumerate(self._frames)}
        places = {program: number for number, frame in enumerate(self._frames) for program in map(str, frame.programs)}
        for law, each in wanted:
            for one in each:
                number = places.get(str(self._calmed(one)))
                if number is not None:
                    self._place[str(one)] = number
                    self._laws.setdefault(number, set()).add(law)

    def fitted(self, program: Program) -> Program:
        """The program as this run carries it out: with others, and with walks that pass by the crowd."""
        frame = self._frame_of(program)
        if self._plan is None:
            return program
        calm = self._calmed(program if frame is None else frame.program)
        return snug(calm, self._driver.strangers, self._driver.crowd, self._largest, self._lives)

    def parts_of(self, program: Program) -> Sequence[Part]:
        """What the program is a part of, as this run carries it out; nothing where it is carried out alone."""
        frame = self._frame_of(program)
        return () if frame is None or len(frame.programs) == 1 else frame.parts

    def has_room_for(self, program: Program) -> bool:
        """Is a program, as a test names it, still to be run by the plan, and are there calls left for it?

        How it is carried out may change on the way: others come and go, and walks are fitted to how many they are.
        """
        if self._plan is None:
            return True
        latest, parts = self._latest
        is_lost = latest is not None and self._is_denied(latest)
        if is_lost or any(self._is_denied(self._frames[number].program) for number in self._waiting):
            self._latest = (None, set())
            self._begun -= parts if is_lost else set()  # nothing was judged in which anything was denied
            self._weave(self._plan)  # without what a permission is missing for since
        number = self._place.get(str(program))
        if number is None or self._waiting.pop(number, None) is None:
            return False
        self._latest = self._frames[number].program, {word for word, place in self._place.items() if place == number}
        self._begun |= self._latest[1]
        room = (self._budget.calls_left or 0) - self._budget.calls_kept - self._driver.owed
        is_news = self._is_news(number)
        share = _ENOUGH
        for other, cost in self._waiting.items():  # what was chosen before it, or says more, comes first
            says_more = self._is_news(other) and not is_news
            room -= cost if other < number or says_more else 0
            share = 1.0 if says_more else share  # and is left all that it may take
        return share * self._cost_of(self.fitted(program)) <= room

    def _frame_of(self, program: Program) -> Frame | None:
        number = self._place.get(str(program))
        return None if number is None else self._frames[number]

    def _calmed(self, program: Program) -> Program:
        return gentle(program, self._driver.crowd, self._largest)

    @property
    def _largest(self) -> int:
        """The largest page that may be asked for."""
        largest = self._driver.contract.page_sizes.maximum
        return self._driver.crowd() if largest is None else largest

    def _cost_of(self, program: Program) -> int:
        return worst_case(program, self._driver.crowd, self._lives)

    def _lives(self, step: Create | Send) -> bool:
        """Is a request a Create that is to be accepted?"""
        contract = self._driver.contract
        if isinstance(step, Send):
            return step.recipe.base == "create" and step.recipe.says_what_it_is_about(contract.create.members)
        name = step.name
        has_name = name is not None and (name.length is None or name.length in contract.name_length)
        return has_name and step.kind in contract.every_kind and step.signing == VALID

    def _is_wanted(self, program: Program) -> bool:
        """Is a program one that this run can learn something new from?"""
        has_part = self._is_concurrent or not program.is_parallel
        has_part = has_part and str(program) not in self._begun and not self._is_denied(program)
        callers = {getattr(step, "caller", FIRST) for step in steps_within(program)}
        has_part = has_part and callers <= self._driver.accounts.keys()
        return has_part and (self._driver.shaker is not None or not program.needs_handshakes)

    def _is_news(self, number: int) -> bool:
        """Would a frame exercise a law that nothing has exercised yet?"""
        return not all(map(self._is_exercised, self._laws.get(number, ())))
