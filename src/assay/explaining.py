"""Explain what was found: the smallest program that shows a finding, and how often it does.

A finding is made small under a budget of calls and seconds of its own. What does not show again by itself is tried with
what came before it, and over and over; what shows by luck is told by a program that shows it surely, where the way down
passed one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from assay.budget import Budget, BudgetSpentError
from assay.errors import TargetError
from assay.identity import Fault, finding_id
from assay.looking import with_gets
from assay.program import (
    Create,
    Delete,
    Fill,
    Get,
    List,
    Parallel,
    Program,
    Send,
    Walk,
    enlarged,
    repeated,
    steps_within,
)
from assay.rate import RATED_AT_LEAST, RATED_AT_MOST, is_enough
from assay.shrink import shrunk
from assay.steady import steadiest
from assay.untangling import untangled
from assay.weather import PLAIN_LIST, SERVER_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from assay.book import Finding
    from assay.contract import Role
    from assay.history import Call
    from assay.laws import Breach
    from assay.rate import Rate
    from assay.search import Search

__all__ = ["ENDLESS_ENOUGH", "EXPLAIN_CALLS", "EXPLAIN_SECONDS", "Explainer", "tries"]

EXPLAIN_CALLS: Final = 2_000
"""The calls that one finding may take to become small, where no plan says less."""

EXPLAIN_SECONDS: Final = 5.0
"""The seconds that one finding may take to become small."""

ENDLESS_ENOUGH: Final = 5
"""Pages without anything new, where the full patience was spent once."""

_BEFORE: Final = (1, 4)  # programs that are put before one that shows nothing by itself
_LITTER: Final = 80  # connections that will not go, which it may leave behind to make one finding small
_LITTER_OF_RATING: Final = 30
_TIMES: Final = (2, 4, 12)
_MUCH: Final = 400  # steps of a program that is run over and over
_REMEMBERED: Final = 40  # programs that may be put before another to show a breach across programs
_CHANCES: Final = 10  # that a program is given to show what depends on who is faster
_STEPS: Final[Mapping[Role, tuple[type, ...]]] = {
    "create": (Create, Fill),
    "get": (Get,),
    "list": (List, Walk),
    "delete": (Delete,),
}
_IN_TURN: Final = 12
_RATE_S: Final = 1.0
_RATE_CALLS: Final = 400
_BACK_S: Final = 3.0  # to find a program that shows its finding every time, where the smallest never does
_BACK_CALLS: Final = 3_000
_Once: TypeAlias = "Callable[[Program], tuple[tuple[Call, ...], Breach] | None]"


def tries(program: Program) -> int:
    """How often a program is run before it counts as showing nothing: once, but for one of calls at once."""
    return _CHANCES if any(isinstance(step, Parallel) for step in program.steps) else 1


class Explainer:
    """Makes the findings of a search small, one after the other."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def explain(self) -> None:
        """Make what was found as small as a budget of calls and seconds allows, one finding after the other."""
        for finding in self._search.book.unexplained():
            finding.explained = True
            if not self._search.is_dear(finding.program):
                self._explain(finding)

    def _explain(self, finding: Finding) -> None:
        search = self._search
        most, seconds = search.explaining
        started = search.clock()
        budget = Budget(max_calls=most, deadline=started + seconds, within=search.budget, now=search.clock)
        fault = Fault.of(finding.law, finding.breach)
        patience = search.knowledge.patience
        search.knowledge.patience = min(patience, ENDLESS_ENOUGH)

        undead = search.driver.holdings.undead
        most_undead = len(undead) + _LITTER

        def once(program: Program) -> tuple[tuple[Call, ...], Breach] | None:
            # An account that is full of what would not go takes in nothing more, and then no program shows anything.
            if len(undead) > most_undead or not budget.has_room(len(search.driver.everything_left)):
                raise BudgetSpentError
            try:
                return search.repeat(fault, program, budget)
            except TargetError as error:
                # What was made small by now stays so, and the next test meets the silence.
                raise BudgetSpentError from error

        def attempt(program: Program) -> tuple[tuple[Call, ...], Breach] | None:
            return next((shown for _ in range(tries(program)) if (shown := once(program)) is not None), None)

        repetitions = 0
        way: list[Program] = []
        try:
            with suppress(BudgetSpentError):
                for start in self._starts(finding):
                    shown = attempt(start)
                    repetitions += 1
                    if shown is not None:
                        repetitions = 0
                        finding.program, finding.calls, finding.breach = shrunk(start, shown, attempt, way=way)
                        finding.earlier = None
                        looked, fault = self._looked_at(finding, fault, budget)
                        again = None if looked is None else attempt(looked)
                        if looked is not None and again is not None:
                            finding.program, finding.calls, finding.breach = shrunk(looked, again, attempt, way=way)
                        fault = Fault.of(finding.law, finding.breach)
                        finding.left_over = len(search.driver.everything_left)
                        break
            finding.shrunk_calls = budget.spent
            finding.shrunk_seconds = round(search.clock() - started, 3)
            if repetitions:
                finding.shows = (0, repetitions)
            else:
                most_undead += _LITTER_OF_RATING
                self._rate(finding, once, budget)
                if not finding.shows[0]:
                    self._go_back(finding, way, once, budget)
        finally:
            search.knowledge.patience = patience

    def _looked_at(self, finding: Finding, fault: Fault, budget: Budget) -> tuple[Program | None, Fault]:
        """The program in which Get shows what a List showed, and the fault as Get shows it; None where it does not."""
        contract = self._search.contract
        if finding.law == SERVER_ERRORS or finding.breach.call.operation != contract.list.name:
            return None, fault
        looked = with_gets(finding.program)
        if looked is None or not budget.has_room(len(self._search.driver.everything_left)):
            return None, fault
        history = self._search.run(looked, budget)
        self._search.leave_facts(history)
        for breach in self._search.judge(finding.law, history):
            is_told = finding_id(finding.law, breach) in self._search.book.expected
            if breach.clause == finding.clause and breach.call.operation == contract.get.name and not is_told:
                return looked, Fault.of(finding.law, breach)
        return None, fault

    def _rate(self, finding: Finding, once: _Once, budget: Budget) -> None:
        """Find out how often the smallest program shows the finding."""
        # The search may have taken all that it was given; what is measured here is a little more.
        budget.max_calls = budget.spent + min(_RATE_CALLS, self._search.explaining[0])
        budget.deadline = self._search.clock() + _RATE_S
        at_least = RATED_AT_MOST if tries(finding.program) > 1 else RATED_AT_LEAST
        shown = tried = 0
        try:
            while tried < at_least or not is_enough(shown, tried):
                shown += once(finding.program) is not None
                tried += 1
        except BudgetSpentError:
            pass
        if tried:
            finding.shows = (shown, tried)

    def _go_back(self, finding: Finding, way: Sequence[Program], once: _Once, budget: Budget) -> None:
        """Take a program of the way to the smallest one that shows the finding more often, where there is one."""
        budget.max_calls, budget.deadline = budget.spent + _BACK_CALLS, self._search.clock() + _BACK_S
        seen: dict[int, tuple[tuple[Call, ...], Breach]] = {}

        def rated(program: Program) -> Rate:
            shown = tried = 0
            with suppress(BudgetSpentError):
                for _ in range(RATED_AT_LEAST * tries(program)):
                    if (again := once(program)) is not None:
                        seen[id(program)] = again
                        shown += 1
                    tried += 1
            return shown, tried

        found = steadiest(way, rated)
        if found is None:
            finding.shows = (1, 1 + finding.shows[1])  # it did show once, on the way down
            return
        finding.program, finding.shows = found
        finding.calls, finding.breach = seen[id(finding.program)]

    def _starts(self, finding: Finding) -> Iterator[Program]:
        """Programs that may show a finding again: its own, with what came before it, over and over, and twice more.

        What was done at once is tried in a row first, unless there are calls for little more than the program itself.
        """
        programs = self._search.programs
        is_short = self._search.explaining[0] < EXPLAIN_CALLS
        for own in (*finding.likely, finding.program):
            yield from (own, *untangled(own)) if is_short else (*untangled(own), own)
        both = finding.program
        if finding.earlier is not None:
            yield (both := programs[finding.earlier].with_clean_up().followed_by(finding.program))
        # It may hang on what the programs before it have left, in a cache for instance.
        last = next((n for n in range(len(programs) - 1, -1, -1) if programs[n] is finding.program), 0)
        for count in _BEFORE:
            if count <= last:
                yield _in_a_row(programs[last - count : last]).followed_by(finding.program)
        # Or on what is kept of the last call of its kind, however long ago that was.
        operation = self._search.contract.operations.get(finding.breach.call.operation)
        kin = next((n for n in range(last - 1, -1, -1) if operation and _asks(programs[n], operation.role)), last)
        if kin < last - max(_BEFORE):
            yield programs[kin].with_clean_up().followed_by(finding.program)
        # What was freed may come back only after all that was freed before it, and much was: try more of the same, over
        # and over first, as what is made at once would have to come back, too. Calls at once are tried over and over
        # as it is.
        size = sum(step.count if isinstance(step, Fill) else 1 for step in steps_within(finding.program))
        over = [repeated(finding.program, 4 * times) for times in _TIMES if 4 * times * size <= _MUCH]
        once = (finding.program,) if both is finding.program else (finding.program, both)
        more = [enlarged(each, times) for times in _TIMES for each in once]
        yield from (*over, *more) if tries(finding.program) == 1 else (*more, *over)
        # Of several workers that answer in turn, each may keep something of its own.
        yield repeated(finding.program, _IN_TURN, between=PLAIN_LIST)
        if finding.earlier is not None and 1 < last - finding.earlier <= _REMEMBERED:
            yield _in_a_row(programs[finding.earlier : last]).followed_by(finding.program)
        yield finding.program
        yield finding.program


def _asks(program: Program, role: Role) -> bool:
    """Is an operation with this role called in it?"""
    return any(
        step.recipe.base == role if isinstance(step, Send) else isinstance(step, _STEPS[role])
        for step in steps_within(program)
    )


def _in_a_row(programs: Iterable[Program]) -> Program:
    """These programs as one, each with its clean-up behind it."""
    whole = Program()
    for program in programs:
        whole = whole.followed_by(program.with_clean_up())
    return whole
