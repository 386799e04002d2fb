"""The search: run a program, judge its history by every law, write down what breaks.

Find first, explain later. `examine` is what a test calls for each program; it never raises for a broken law, it writes
it into the book. `explain` makes the findings small, after the test (`assay.explaining`). Between the two stands the
care that an open network asks for: what a 5xx or a cut connection means is decided by repeating the program
(`assay.weather`), and an endpoint that answers nothing any more ends the search.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from assay.accounts import leave_facts, worlds_of
from assay.book import Book, Finding
from assay.budget import Budget, BudgetSpentError
from assay.coverage import Coverage
from assay.errors import TargetError
from assay.execution import Execution
from assay.explaining import ENDLESS_ENOUGH, EXPLAIN_CALLS, EXPLAIN_SECONDS, Explainer
from assay.history import Call, History, Unknown
from assay.identity import Fault
from assay.laws import JUDGES, Breach, Remark, Undecided
from assay.laws.registry import said
from assay.observations import Observations
from assay.program import Program, steps_within
from assay.weather import PLAIN_LIST, READABLE, SERVER_ERRORS, Weather

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from assay.contract import Contract
    from assay.denials import Denials
    from assay.driver import Driver
    from assay.knowledge import Knowledge
    from assay.pace import Pace
    from assay.weaving import Part

__all__ = ["Search"]

_LITTER: Final = 100  # connections that this run cannot get rid of; from then on a test makes do with a few programs
_FEW: Final = 6
_LOST_AFTER: Final = 3  # histories in a row without one clear answer; one, where that took as long as it can
_TERMINATES: Final = "connection.list.terminates"
_SOME_PAGES: Final = 3  # of a walk; one that had just begun says nothing of the endpoint
_OUTAGE_S: Final = 3.0  # how long an endpoint may be away before it counts as lost


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
        self._weather = Weather(self)
        self._silent = 0
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
        calls: list[Call] = []
        try:
            history = self.run(program, budget, calls)
        except BudgetSpentError:
            self._end_if_turned_away()
            self._note_cut_walk()
            if parts and not (self.denials is not None and self.denials.heard(calls)):
                # Of several programs, most have come to their end.
                self._record(Execution(program, History(tuple(calls)), parts, tuple(self.driver.begun)))
            raise
        execution = Execution(program, history, parts, tuple(self.driver.begun))
        if self.denials is not None and self.denials.heard(history):
            self._denied(self.denials)
            return
        doubtful = self._record(execution)
        if doubtful is not None and self._weather.spoils_again(doubtful, execution, budget):
            self._write_down(READABLE, doubtful, execution)
        lost = self._weather.lost(history, leftovers)
        if lost and not self._confirm(execution, budget):
            self._weather.strays += lost

    def _note_cut_walk(self) -> None:
        """Nobody knows of a walk that was cut off whether it would have ended."""
        pages = max(driver.cut_off_after for driver in self.driver.accounts.values())
        if pages >= _SOME_PAGES and _TERMINATES in self.judges:
            reason = f"the calls or the seconds were used up {pages} pages into a walk, and no other came to its end"
            self.book.tally(_TERMINATES).cut_off = reason

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
            history = self.run_unwatched(program, budget, calls)
        except BudgetSpentError:
            self._watch(calls)
            raise
        self._watch(calls)
        return history

    def run_unwatched(self, program: Program, budget: Budget, calls: list[Call]) -> History:
        """Run a program, however silent the endpoint is; what was sent is counted however it ends.

        Raises:
            BudgetSpentError: the budget ended before the program did.

        """
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
            self.run_unwatched(PLAIN_LIST, self.budget, calls)  # where the run is over, nobody will know
            if not all(isinstance(call.outcome, Unknown) for call in calls):
                return True
            if self.clock() >= until:
                return False
            self._sleep(pause)
            pause *= 2

    def _record(self, execution: Execution) -> Breach | None:
        """Let every law judge; what comes back is a breach that is not written down before it came again."""
        doubtful: Breach | None = None
        worlds = worlds_of(execution.history, self.contract, self.knowledge)
        number = self.book.programs
        self.book.programs += 1
        self.programs.append(execution.program)
        for law, judge in self.judges.items():
            spoken_of: set[int] = set()
            for ruling in chain.from_iterable(map(judge, worlds)):
                if isinstance(ruling, Remark):
                    self.book.remark(ruling.text)
                elif isinstance(ruling, Breach):
                    spoken_of.add(ruling.call.index)
                    if law == READABLE and not self.book.is_muted(law, ruling):
                        doubtful = doubtful or ruling
                    elif law != SERVER_ERRORS:  # what does not come again is weather: see _confirm
                        self._write_down(law, ruling, execution)
                elif isinstance(ruling, Undecided):
                    self.book.tally(law).undecided = ruling.reason
                else:
                    spoken_of.add(ruling.index)
            if spoken_of:
                tally = self.book.tally(law)
                tally.examples += 1
                tally.calls += len(spoken_of)
        leave_facts(worlds, number)
        if self.book.broken(_TERMINATES):
            self.knowledge.patience = ENDLESS_ENOUGH
        return doubtful

    def _confirm(self, execution: Execution, budget: Budget) -> bool:
        """Write down that an answer is lost, if that is so every time; is it?"""
        if SERVER_ERRORS not in self.judges:
            return False
        if (SERVER_ERRORS, None) in self.book.findings:
            return True
        shown = self._weather.loses_again(execution, budget)
        if shown is not None:
            program, calls, breach = shown
            history = History(calls)
            is_whole = program is execution.program
            again = replace(execution, history=history) if is_whole else Execution(program, history)
            self._write_down(SERVER_ERRORS, breach, again)
        return shown is not None

    def _write_down(self, law: str, breach: Breach, execution: Execution) -> None:
        self.book.tally(law).breaches += 1
        if self.book.is_muted(law, breach):
            return
        self.book.write_down(
            Finding(
                law=law,
                clause=breach.clause,
                force=self._forces(law, breach.clause),
                program=execution.program,
                breach=breach,
                calls=self._seen(law, breach, execution.history),
                found_at=(breach.call.index, round(self.clock() - self._origin, 3)),
                first_steps=len(list(steps_within(execution.program))),
                earlier=breach.earlier,
                left_over=len(self.driver.everything_left),
                likely=execution.likely(breach.call),
            )
        )

    def _seen(self, law: str, breach: Breach, history: History) -> tuple[Call, ...]:
        """The calls that show a breach: the shortest beginning of the history that breaks the law."""
        fault = Fault.of(law, breach)
        if law == SERVER_ERRORS or self.first(fault, history) is None:
            return tuple(call for call in history if call.index <= breach.call.index)
        return self._shortest(fault, history, breach)

    # -- once more

    def repeat(self, fault: Fault, program: Program, budget: Budget) -> tuple[tuple[Call, ...], Breach] | None:
        """Run a program again: the shortest part of its history that shows the fault, and the breach; None for none.

        Raises:
            BudgetSpentError: the budget ended before the program did.
            TargetError: the endpoint stopped answering.

        """
        if fault.law == SERVER_ERRORS:
            return self._weather.loses_every_time(fault, program, budget)
        history = self.run(program, budget)
        if self.denials is not None and self.denials.heard(history):
            self._denied(self.denials)
            return None
        breach = self.first(fault, history)
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
            if law == SERVER_ERRORS:
                is_lost = any(isinstance(call.outcome, Unknown) for call in history)
                shown = self._weather.loses_every_time(Fault(law), program, budget) if is_lost else None
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

    def first(self, fault: Fault, history: History) -> Breach | None:
        """The first breach of a history that shows a fault; None where none does."""
        return next((breach for breach in self.judge(fault.law, history) if fault.is_shown_by(breach)), None)

    def _shortest(self, fault: Fault, history: History, breach: Breach) -> tuple[Call, ...]:
        """The shortest beginning that breaks the law; of an endless walk, up to the first page without anything new."""
        patience, self.knowledge.patience = self.knowledge.patience, 1
        try:
            # With all that was under way beside it: without one of those, other answers may look wrong.
            length = 1 + max(number for number, call in enumerate(history) if call.start <= breach.call.end)
            while length < len(history) and self.first(fault, History(history.calls[:length])) is None:
                length += 1
            return history.calls[:length]
        finally:
            self.knowledge.patience = patience

    def leave_facts(self, history: History) -> None:
        """Take the facts of an attempt into the run, so that an ARN given in it counts as given."""
        leave_facts(worlds_of(history, self.contract, self.knowledge), self.book.programs)


def _timed_out(calls: Sequence[Call]) -> bool:
    last = calls[-1].outcome
    return isinstance(last, Unknown) and last.reason == "timeout"
