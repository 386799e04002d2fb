"""Is it weather, or does it come again? What an open network does to an answer now and then accuses nobody.

An answer may be lost, or spoilt on its way, by a proxy or a restart as well as by the endpoint. What is the endpoint's
comes again when the program does: at the same call, three times of three. Where other answers were lost as well, for no
reason of ours, three of three can be chance, and it takes nine. An answer is lost to an input only while others are
served, so a plain List is asked before and behind.

Silence costs seconds each time, so what is likely to show the same in fewer calls is tried first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.asked import is_lost
from assay.history import Call, History, Refused, Unknown
from assay.identity import Fault
from assay.program import List, Program, Send, Walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assay.budget import Budget
    from assay.execution import Execution
    from assay.laws import Breach
    from assay.search import Search

__all__ = ["PLAIN_LIST", "READABLE", "SERVER_ERRORS", "Weather", "without_other_requests"]

SERVER_ERRORS: Final = "wire.no-server-error"
"""The law that is broken where an answer is lost to an input every time."""

READABLE: Final = "wire.readable"
"""The law that is broken where an answer is not what its header says every time."""

PLAIN_LIST: Final = Program((List(),))
"""What any endpoint that is there can answer."""

_TIMES: Final = 3
_TIMES_IN_BAD_WEATHER: Final = 9
_LISTS: Final = 3  # plain Lists in a row without a clear answer: the endpoint is down
_SEVERAL: Final = 2
_Place: TypeAlias = tuple[str, int]


class Weather:
    """Has a search run programs again, to tell what is the endpoint's from what is the network's.

    `strays` counts the answers that were lost in this run, and were not lost again.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self.strays = 0

    def spoils_again(self, breach: Breach, execution: Execution, budget: Budget) -> bool:
        """Is the same call of the program answered as badly each time?

        Where it was woven, what the call is of is tried first. Nothing is tried where all of many answers of the kind
        are as bad, and others came whole between each two of them: so it was no outage.
        """
        history = execution.history
        bad = {each.call.index for each in self._search.judge(READABLE, history)}
        alike = [call.index for call in history if _kind(call) == _kind(breach.call)]
        whole = [call.index for call in history if call.index not in bad]
        came_whole = all(any(one < index < next_one for index in whole) for one, next_one in pairwise(alike))
        if len(alike) >= _TIMES and bad.issuperset(alike) and came_whole:
            return True
        for part in execution.likely(breach.call)[:1]:
            if set.intersection(*(self._unreadable(part, budget) for _ in range(_TIMES))):
                return True
        where = {place for place, call in _places(history) if call.index == breach.call.index}
        return all(where & self._unreadable(execution.program, budget) for _ in range(_TIMES - 1))

    def _unreadable(self, program: Program, budget: Budget) -> set[_Place]:
        """Run a program again: the places of its calls whose answers are not what their headers say.

        Whoever answers unreadably is there, so that this is no silence, however often it comes.
        """
        again = self._search.run_unwatched(program, budget, [])
        self._search.leave_facts(again)
        bad = {each.call.index for each in self._search.judge(READABLE, again)}
        return {place for place, call in _places(again) if call.index in bad}

    def lost(self, history: History, leftovers: Collection[str]) -> int:
        """How many answers were lost, but for those to the clean-up of what earlier programs left."""
        return sum(map(is_lost, self._without(leftovers, history)))

    def loses_again(self, execution: Execution, budget: Budget) -> tuple[Program, tuple[Call, ...], Breach] | None:
        """The program that loses an answer every time, with the calls that show it and the breach; None for none.

        Before the one that was executed, the step by itself whose answer was lost is tried, then what that is woven of,
        and where it is a raw request, the program without its other raw requests.
        """
        lost = next((call for call in execution.history if is_lost(call)), None)
        likely = () if lost is None else (*execution.alone(lost), *execution.likely(lost)[:_SEVERAL])
        shorter = without_other_requests(execution.program, execution.history)
        for program in (*likely, *shorter, execution.program):
            shown = self.loses_every_time(Fault(SERVER_ERRORS), program, budget)
            if shown is not None:
                return program, *shown
        return None

    def loses_every_time(
        self, fault: Fault, program: Program, budget: Budget
    ) -> tuple[tuple[Call, ...], Breach] | None:
        """Run a program again and again between plain Lists: is an answer lost at one place of it every time?

        Raises:
            BudgetSpentError: the budget ended before that was known.
            TargetError: the endpoint stopped answering.

        """
        joined: list[Call] = []
        runs: list[History] = []
        always: set[_Place] | None = None
        ever: set[_Place] = set()
        while len(runs) < (_TIMES_IN_BAD_WEATHER if self.strays or ever - (always or ever) else _TIMES):
            if not self._is_served(joined, budget):
                return None
            leftovers = frozenset(self._search.driver.everything_left)
            runs.append(self._without(leftovers, self._search.run(program, budget)))
            joined.extend(runs[-1])
            lost = {place for place, call in _places(runs[-1]) if is_lost(call)}
            ever |= lost
            always = lost if always is None else always & lost
            if not always:
                return None
        if not self._is_served(joined, budget):
            return None
        strays = {
            call.index
            for run in runs
            for place, call in _places(run)
            if isinstance(call.outcome, Unknown) and place not in (always or ())
        }
        breach = self._search.first(fault, History(tuple(call for call in joined if call.index not in strays)))
        if breach is None:
            return None
        once = runs[-1]
        last = max(
            n
            for n, (place, _) in enumerate(_places(once))
            if place in (always or ()) and place[0] == breach.call.operation
        )
        return once.calls[: last + 1], replace(breach, call=once.calls[last])

    def _without(self, leftovers: Collection[str], history: History) -> History:
        """A history without the attempts to delete what earlier programs left: no step of this one is to blame."""
        delete = self._search.contract.delete.name
        identity = self._search.contract.resource.identity
        return History(
            tuple(call for call in history if call.operation != delete or call.input.get(identity) not in leftovers)
        )

    def _is_served(self, joined: list[Call], budget: Budget) -> bool:
        """Is a plain List answered, or the endpoint down and not broken by an input?"""
        for _ in range(_LISTS):
            history = self._search.run(PLAIN_LIST, budget)
            calls = [call for call in history if call.operation == self._search.contract.list.name]
            joined.extend(calls)  # without what was cleaned up behind it: it has to stand last
            if calls and not isinstance(calls[0].outcome, Unknown):
                return True
        return False


def without_other_requests(program: Program, history: History) -> Iterator[Program]:
    """The program with the first raw request that was lost and no other one; none where that says no less."""
    sends = [step for step in program.steps if isinstance(step, Send)]
    sent = [call for call in history if call.request.head is not None]
    if len(sends) != len(sent) or len(sends) < _SEVERAL:
        return
    lost = next((step for step, call in zip(sends, sent, strict=True) if is_lost(call)), None)
    if lost is not None:
        yield program.with_steps(
            tuple(step for step in program.steps if step is lost or not isinstance(step, Send | Walk | List))
        )


def _kind(call: Call) -> tuple[str, int | None]:
    """What kind of answer it is: of which operation, and with which status."""
    return call.operation, None if call.response is None else call.response.status


def _places(history: History) -> list[tuple[_Place, Call]]:
    """Each call with its place in a program: the operation, and how many of it came before."""
    numbers: Counter[str] = Counter()
    places = []
    for call in history:
        if call.is_retried and isinstance(call.outcome, Refused):
            continue  # it was turned away, and says nothing
        places.append(((call.operation, numbers[call.operation]), call))
        numbers[call.operation] += 1
    return places
