"""The search: run a program, judge its history by every law, write down what breaks.

Find first, explain later. `examine` is what a test calls for each program; it never raises for a broken law, it writes
it into the book. `explain` makes the findings small, after the test (`assay.explaining`). Between the two stands the
care that an open network asks for: what a 5xx or a cut connection means is decided by repeating the program, and an
endpoint that answers nothing any more ends the search.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.accounts import leave_facts, worlds_of
from assay.alone import step_alone
from assay.asked import is_lost
from assay.book import Book, Finding
from assay.budget import Budget, BudgetSpentError
from assay.coverage import Coverage
from assay.errors import TargetError
from assay.explaining import ENDLESS_ENOUGH, EXPLAIN_CALLS, EXPLAIN_SECONDS, Explainer
from assay.history import Call, History, Refused, Unknown
from assay.identity import Fault
from assay.laws import JUDGES, Breach, Remark, Undecided
from assay.laws.registry import said
from assay.observations import Observations
from assay.program import List, Program, Send, Walk, steps_within
from assay.weaving import parts_with

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from assay.contract import Contract
    from assay.denials import Denials
    from assay.driver import Driver
    from assay.knowledge import Knowledge
    from assay.pace import Pace
    from assay.weaving import Part

__all__ = ["Search"]

_SERVER_ERRORS: Final = "wire.no-server-error"
_BYTES: Final = "wire.readable"  # of which one answer alone may be the network's, or a proxy's
_PLAIN_LIST: Final = Program((List(),))
_TIMES: Final = 3
_TIMES_IN_BAD_WEATHER: Final = 9  # where some answers were lost for no reason of ours, three of three can be chance
_LISTS: Final = 3  # plain Lists in a row without a clear answer: the endpoint is down
_LITTER: Final = 100  # connections that this run cannot get rid of; from then on a test makes do with a few programs
_FEW: Final = 6
_Place: TypeAlias = tuple[str, int]
_LOST_AFTER: Final = 3  # histories in a row without one clear answer; one, where that took as long as it can
_OUTAGE_S: Final = 3.0  # how long an endpoint may be away before it counts as lost


_SEVERAL: Final = 2


class Search:
    """One run against one endpoint: the driver, the laws, the book and the budget."""

    def __init__(  # noqa: PLR0913 - all that a search depends on enters here
        self,
        driver: Driver,
        contract: Contract,
        laws: Collection[str],
        budget: Budget,
        *,
        forces: Callable[[str, str | None], str],
        clock: Callable[[], float] = time.perf_counter,
        origin: float = 0.0,
        on_call: Callable[[Call], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        denials: Denials | None = None,
        pace: Pace | None = None,
        explaining: tuple[int, float] = (EXPLAIN_CALLS, EXPLAIN_SECONDS),
    ) -> None:
        self.driver = driver
        self.contract = contract
        self.knowledge: Knowledge = driver.knowledge
        self.judges = {law: JUDGES[law] for law in contract.laws if law in laws and law in JUDGES}
        self.budget = budget
        self.book = Book(coverage=Coverage(contract), observations=Observations(contract))
        self._forces = forces
        self.clock = clock
        self._origin = origin
        self.programs: list[Program] = []
        self._parts: Sequence[Part] = ()  # of the program that is examined, and the calls before each of its steps
        self._begun: tuple[int, ...] = ()
        self._silent = 0
        self._strays = 0
        self.lost: TargetError | None = None
        self._on_call = on_call
        self._sleep = sleep
        self.denials, self._pace, self.explaining = denials, pace, explaining
        if pace is not None:
            driver.is_over = lambda: pace.trouble is not None

    def examine(self, program: Program, budget: Budget, parts: Sequence[Part] = ()) -> None:
        """Run a program, judge its history by every law, and write down what breaks; `parts` are what it is woven of.

        Raises:
            BudgetSpentError: the budget ended before the program did.
            TargetError: the endpoint has given no clear answer for so long that nothing can be learnt from it.

        """
        if self.lost is not None:
            raise self.lost  # once and for all: Hypothesis runs a failing program again, and must not call it flaky
        self._end_if_turned_away()
        if len(self.driver.holdings.undead) + len(self.driver.everything_left) > _LITTER and budget.programs >= _FEW:
            raise BudgetSpentError
        budget.programs += 1
        leftovers = frozenset(self.driver.everything_left)
        self._parts = parts
        calls: list[Call] = []
        try:
            history = self.run(program, budget, calls)
        except BudgetSpentError:
            self._end_if_turned_away()
            if parts and not (self.denials is not None and self.denials.heard(calls)):
                self._begun = tuple(self.driver.begun)
                self._record(program, History(tuple(calls)))  # of several programs, most have come to their end
            raise
        self._begun = tuple(self.driver.begun)
        if self.denials is not None and self.denials.heard(history):
            self._denied(self.denials)
            return
        doubtful = self._record(program, history)
        if doubtful is not None and self._comes_again(doubtful, program, history, budget):
            self._write_down(_BYTES, doubtful, program, history)
        lost = sum(map(is_lost, self._without(leftovers, history)))
        if lost and not self._confirm(program, history, budget):
            self._strays += lost

    def _end_if_turned_away(self) -> None:
        """End the search where the endpoint turns nearly everything away."""
        if self._pace is not None and self._pace.trouble is not None:
            self.lost = self._pace.trouble
            raise self.lost

    def _denied(self, denials: Denials) -> None:
        """Something was denied, so that this history says nothing; end the search where it cannot go on."""
        if denials.over is not None:
            self.lost = TargetError(
                f"the credentials are no longer accepted: {denials.over}",
                hint="log in again; `assay sweep --target aws` then removes what is left, and what was judged stands",
            )
        elif denials.of_clean_up is not None and self.driver.everything_left:
            self.lost = TargetError(
                f"{denials.of_clean_up} is denied, so what was created cannot be deleted",
                hint="allow it (`assay plan --policy`), then `assay sweep --target aws` removes what is left",
            )
        if self.lost is not None:
            raise self.lost

    def explain(self) -> None:
        """Make what was found as small as a budget of calls and seconds allows, one finding after the other."""
        Explainer(self).explain()

    def judge(self, law: str, history: History) -> list[Breach]:
        """The breaches of one law in a history, in the light of what the run made up, and of no other history."""
        worlds = worlds_of(history, self.contract, self.knowledge.without_past())
        return [ruling for world in worlds for ruling in JUDGES[law](world) if isinstance(ruling, Breach)]

    # -- finding

    def run(self, program: Program, budget: Budget, calls: list[Call] | None = None) -> History:
        """Run a program without judging it; `calls` is filled as they are made.

        Raises:
            BudgetSpentError: the budget ended before the program did.
            TargetError: the endpoint stopped answering.

        """
        calls = [] if calls is None else calls
        try:
            history = self._counted(program, budget, calls)
        except BudgetSpentError:
            self._watch(calls)
            raise
        self._watch(calls)
        return history

    def _counted(self, program: Program, budget: Budget, calls: list[Call]) -> History:
        """Run a program; what was sent is counted however it ends."""
        try:
            return self.driver.run(program, budget, calls)
        finally:
            for call in calls:
                self.book.count(call)
                if self._on_call is not None:
                    self._on_call(call)

    def _watch(self, calls: Sequence[Call]) -> None:
        """End the search where the endpoint is lost: no clear answer for a while, nor to a plain List after it."""
        if not calls:
            return
        self._silent = self._silent + 1 if all(isinstance(call.outcome, Unknown) for call in calls) else 0
        if self._silent < (1 if _timed_out(calls) else _LOST_AFTER):
            return
        self._silent = 0
        if not self._answers():
            last = calls[-1]
            self.lost = TargetError(
                f"the endpoint stopped answering: {last.operation}, call {last.index} of the run: {said(last)}",
                hint="what was judged before stands; start the endpoint again and look at its log of that moment",
            )
            raise self.lost

    def _answers(self) -> bool:
        """Is a plain List answered, at once or when a short outage is over?"""
        calls: list[Call]
        until, pause = self.clock() + _OUTAGE_S, 0.1
        while True:
            calls = []
            self._counted(_PLAIN_LIST, self.budget, calls)  # where the run is over, nobody will know
            if not all(isinstance(call.outcome, Unknown) for call in calls):
                return True
            if self.clock() >= until:
                return False
            self._sleep(pause)
            pause *= 2

    def _record(self, program: Program, history: History) -> Breach | None:
        """Let every law judge; what comes back is a breach that is not written down before it came again."""
        doubtful: Breach | None = None
        worlds = worlds_of(history, self.contract, self.knowledge)
        number = self.book.programs
        self.book.programs += 1
        self.programs.append(program)
        for law, judge in self.judges.items():
            spoken_of: set[int] = set()
            for ruling in chain.from_iterable(map(judge, worlds)):
                if isinstance(ruling, Remark):
                    self.book.remark(ruling.text)
                elif isinstance(ruling, Breach):
                    spoken_of.add(ruling.call.index)
                    if law == _BYTES and not self.book.is_muted(law, ruling):
                        doubtful = doubtful or ruling
                    elif (
                        law != _SERVER_ERRORS
                    ):  # what does not come back when the program does is weather: see _confirm
                        self._write_down(law, ruling, program, history)
                elif isinstance(ruling, Undecided):
                    self.book.tally(law).undecided = ruling.reason
                else:
                    spoken_of.add(ruling.index)
            if spoken_of:
                tally = self.book.tally(law)
                tally.examples += 1
                tally.calls += len(spoken_of)
        leave_facts(worlds, number)
        if self.book.broken("connection.list.terminates"):
            self.knowledge.patience = ENDLESS_ENOUGH
        return doubtful

    def _comes_again(self, breach: Breach, program: Program, history: History, budget: Budget) -> bool:
        """Is the same call of the program answered as badly each time? What does not repeat is weather.

        Where it was woven, what the call is of is tried first: that is much shorter. Nothing is tried where all of many
        answers of the kind are as bad, and others came whole in between: so it was no outage.
        """
        bad = {each.call.index for each in self.judge(_BYTES, history)}
        alike = [call.index for call in history if _kind(call) == _kind(breach.call)]
        came_whole = any(alike[0] < call.index < alike[-1] and call.index not in bad for call in history)
        if len(alike) >= _TIMES and bad.issuperset(alike) and came_whole:
            return True
        for part in self._likely(breach.call, history)[:1]:
            if set.intersection(*(self._unreadable(part, budget) for _ in range(_TIMES))):
                return True
        where = {place for place, call in _places(history) if call.index == breach.call.index}
        return all(where & self._unreadable(program, budget) for _ in range(_TIMES - 1))

    def _unreadable(self, program: Program, budget: Budget) -> set[_Place]:
        """Run a program again: the places of its calls whose answers are not what their headers say.

        Whoever answers unreadably is there, so that this is no silence, however often it comes.
        """
        again = self._counted(program, budget, [])
        self.leave_facts(again)
        bad = {each.call.index for each in self.judge(_BYTES, again)}
        return {place for place, call in _places(again) if call.index in bad}

    def _write_down(self, law: str, breach: Breach, program: Program, history: History) -> None:
        self.book.tally(law).breaches += 1
        if self.book.is_muted(law, breach):
            return
        self.book.write_down(
            Finding(
                law=law,
                clause=breach.clause,
                force=self._forces(law, breach.clause),
                program=program,
                breach=breach,
                calls=self._seen(law, breach, history),
                found_at=(breach.call.index, round(self.clock() - self._origin, 3)),
                first_steps=len(list(steps_within(program))),
                earlier=breach.earlier,
                left_over=len(self.driver.everything_left),
                likely=self._likely(breach.call, history),
            )
        )

    def _likely(self, call: Call, history: History) -> tuple[Program, ...]:
        """The programs, among those that the examined one was woven of, that a call is of."""
        step = self._step_of(call, history)
        return () if step is None else parts_with(self._parts, step)

    def _step_of(self, call: Call, history: History) -> int | None:
        """The number of the step of the examined program that a call is of; its clean-up counts as its last step."""
        place = next((number for number, each in enumerate(history) if each.index == call.index), None)
        return None if place is None or not self._begun else bisect_right(self._begun, place) - 1

    def _alone(self, call: Call, program: Program, history: History) -> tuple[Program, ...]:
        """The step that a call is of, by itself; nothing where that is no less than the program."""
        number = self._step_of(call, history)
        alone = None if number is None or number >= len(program.steps) else step_alone(program, number)
        return () if alone is None or len(alone.steps) == len(program.steps) else (alone,)

    def _seen(self, law: str, breach: Breach, history: History) -> tuple[Call, ...]:
        """The calls that show a breach: the shortest beginning of the history that breaks the law."""
        fault = Fault.of(law, breach)
        if law == _SERVER_ERRORS or self._first(fault, history) is None:
            return tuple(call for call in history if call.index <= breach.call.index)
        return self._shortest(fault, history, breach)

    def _confirm(self, program: Program, history: History, budget: Budget) -> bool:
        """Decide what no clear answer means: repeat the program between plain Lists, and judge that as one history.

        Where it is a raw request that was lost, the program without its other raw requests is tried first: it is much
        shorter, and silence costs seconds each time. So is what it was woven of, and before that the step by itself.
        """
        law = _SERVER_ERRORS
        if law not in self.judges:
            return False
        if (law, None) in self.book.findings:
            return True
        lost = next((call for call in history if is_lost(call)), None)
        likely = () if lost is None else (*self._alone(lost, program, history), *self._likely(lost, history)[:_SEVERAL])
        for tried in (*likely, *_without_other_requests(program, history), program):
            shown = self._repeat_for_server_errors(Fault(law), tried, budget)
            if shown is not None:
                calls, breach = shown
                self._write_down(law, breach, tried, History(calls))
                return True
        return False

    # -- once more

    def repeat(self, fault: Fault, program: Program, budget: Budget) -> tuple[tuple[Call, ...], Breach] | None:
        """Run a program again: the shortest part of its history that shows the fault, and the breach; None for none.

        Raises:
            BudgetSpentError: the budget ended before the program did.
            TargetError: the endpoint stopped answering.

        """
        if fault.law == _SERVER_ERRORS:
            return self._repeat_for_server_errors(fault, program, budget)
        history = self.run(program, budget)
        if self.denials is not None and self.denials.heard(history):
            self._denied(self.denials)
            return None
        breach = self._first(fault, history)
        shown = None if breach is None else (self._shortest(fault, history, breach), breach)
        self.leave_facts(history)
        return shown

    def broken_by(self, program: Program, budget: Budget) -> Iterator[tuple[str, tuple[Call, ...], Breach]]:
        """Run a program once more and see which laws it breaks in any way: law, calls and the first breach of each.

        Raises:
            BudgetSpentError: the budget ended before the program did.
            TargetError: the endpoint stopped answering.

        """
        history = self.run(program, budget)
        for law in self.judges:
            if law == _SERVER_ERRORS:
                is_lost = any(isinstance(call.outcome, Unknown) for call in history)
                shown = self._repeat_for_server_errors(Fault(law), program, budget) if is_lost else None
                if shown is not None:
                    yield law, *shown
                continue
            for breach in self.judge(law, history):
                yield law, tuple(call for call in history if call.index <= breach.call.index), breach
        self.leave_facts(history)

    def is_dear(self, program: Program) -> bool:
        """Would somebody have to be troubled to run it again?"""
        shaker = self.driver.shaker
        return shaker is not None and shaker.is_dear and program.needs_handshakes

    def _repeat_for_server_errors(
        self, fault: Fault, program: Program, budget: Budget
    ) -> tuple[tuple[Call, ...], Breach] | None:
        """Run a program again and again between plain Lists: is an answer lost at one place of it every time?"""
        joined: list[Call] = []
        runs: list[History] = []
        always: set[_Place] | None = None
        ever: set[_Place] = set()
        while len(runs) < (_TIMES_IN_BAD_WEATHER if self._strays or ever - (always or ever) else _TIMES):
            if not self._is_served(joined, budget):
                return None
            leftovers = frozenset(self.driver.everything_left)
            runs.append(self._without(leftovers, self.run(program, budget)))
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
        breach = self._first(fault, History(tuple(call for call in joined if call.index not in strays)))
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
        delete, identity = self.contract.delete.name, self.contract.resource.identity
        return History(
            tuple(call for call in history if call.operation != delete or call.input.get(identity) not in leftovers)
        )

    def _is_served(self, joined: list[Call], budget: Budget) -> bool:
        """Is a plain List answered, or the endpoint down and not broken by an input?"""
        for _ in range(_LISTS):
            calls = [call for call in self.run(_PLAIN_LIST, budget) if call.operation == self.contract.list.name]
            joined.extend(calls)  # without what was cleaned up behind it: it has to stand last
            if calls and not isinstance(calls[0].outcome, Unknown):
                return True
        return False

    def _first(self, fault: Fault, history: History) -> Breach | None:
        return next((breach for breach in self.judge(fault.law, history) if fault.is_shown_by(breach)), None)

    def _shortest(self, fault: Fault, history: History, breach: Breach) -> tuple[Call, ...]:
        """The shortest beginning that breaks the law; of an endless walk, up to the first page without anything new."""
        patience, self.knowledge.patience = self.knowledge.patience, 1
        try:
            # With all that was under way beside it: without one of those, other answers may look wrong.
            length = 1 + max(number for number, call in enumerate(history) if call.start <= breach.call.end)
            while length < len(history) and self._first(fault, History(history.calls[:length])) is None:
                length += 1
            return history.calls[:length]
        finally:
            self.knowledge.patience = patience

    def leave_facts(self, history: History) -> None:
        """Take the facts of an attempt into the run, so that an ARN given in it counts as given."""
        leave_facts(worlds_of(history, self.contract, self.knowledge), self.book.programs)


def _without_other_requests(program: Program, history: History) -> Iterator[Program]:
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


def _timed_out(calls: Sequence[Call]) -> bool:
    last = calls[-1].outcome
    return isinstance(last, Unknown) and last.reason == "timeout"


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
