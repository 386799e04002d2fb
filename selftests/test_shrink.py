"""The shrinker, with failures that are pure predicates over programs: it ends, it keeps the failure, it gets small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.budget import BudgetSpentError
from assay.in_force import put_in_force
from assay.laws import Breach
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Walk, steps_within
from assay.shrink import shrunk
from selftests.histories import NEWEST, contract_of
from selftests.runs import call
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.history import Call

put_in_force(contract_of(NEWEST))

CALL = call(1)
BREACH = Breach(call=CALL, expected="nothing of the kind", actual="this")
Predicate = Any


class Attempts:
    """How a program fails: by a predicate, with as many calls as its steps would take."""

    def __init__(self, fails: Callable[[Program], bool], *, most: int | None = None) -> None:
        self.fails = fails
        self.most = most
        self.tried: list[Program] = []

    def __call__(self, program: Program) -> tuple[tuple[Call, ...], Breach] | None:
        if self.most is not None and len(self.tried) >= self.most:
            raise BudgetSpentError
        self.tried.append(program)
        return (self.calls(program), BREACH) if self.fails(program) else None

    @staticmethod
    def calls(program: Program) -> tuple[Call, ...]:
        costs = {Fill: lambda step: step.count, Walk: lambda step: 3}
        return (CALL,) * sum(costs.get(type(step), lambda step: 1)(step) for step in steps_within(program))  # type: ignore[no-untyped-call]


def smallest(program: Program, fails: Callable[[Program], bool]) -> Program:
    assert fails(program)
    attempts = Attempts(fails)
    found, calls, breach = shrunk(program, (Attempts.calls(program), BREACH), attempts)
    assert fails(found)
    assert calls == Attempts.calls(found)
    assert breach is BREACH
    return found


def _live_names(program: Program) -> list[tuple[str, Name]]:
    return [
        ("create", step.name) for step in steps_within(program) if isinstance(step, Create) and step.name is not None
    ]


def has_duplicate(program: Program) -> bool:
    """Two Creates of one name."""
    shapes = [name for _, name in _live_names(program)]
    filled = [
        Name(-1 - label)
        for step in program.steps
        if isinstance(step, Fill)
        for label in range(step.label, step.label + step.count)
    ]
    everything = [*shapes, *filled]
    return len(set(everything)) < len(everything)


def deletes_what_it_made(program: Program) -> bool:
    """A connection is made, and later deleted, and later read."""
    made: set[int] = set()
    gone: set[int] = set()
    for step in steps_within(program):
        match step:
            case Create(label=label):
                made.add(label)
            case Fill(label=label, count=count):
                made.update(range(label, label + count))
            case Delete(arn=Arn(of=int(of), change="exact")) if of in made:
                gone.add(of)
            case Get(arn=Arn(of=int(of), change="exact")) if of in gone:
                return True
            case _:
                pass
    return False


def walks_over(items: int) -> Callable[[Program], bool]:
    """A walk by pages over more than so many connections."""

    def fails(program: Program) -> bool:
        made = 0
        for step in program.steps:
            made += step.count if isinstance(step, Fill) else isinstance(step, Create)
            if isinstance(step, Walk) and step.page_size is not None and made >= items:
                return True
        return False

    return fails


BUSY = Program(
    (
        Fill(100, 24, ("Bitbucket", "GitHub")),
        Walk(5, "GitHub", ((2, Delete(Arn(103))), (1, Create(90, Name(5))))),
        Create(0, Name(3, " ", "é", 20), "GitHub", {"Tags": []}, "sdk"),
        Get(Arn(0, "cut"), "sdk"),
        Create(1, Name(3, " ", "é", 20)),
        List(7, "Bitbucket"),
        Delete(Arn(0)),
        Get(Arn(0)),
        Walk(),
        Create(2, Name(-101)),
        Walk(3),
    )
)


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (has_duplicate, "create #0 name0; create #1 name0"),
        (deletes_what_it_made, "create #0 name0; delete #0; get #0"),
        (walks_over(1), "create #0 name0; walk by 1"),
        (walks_over(4), "create 4 more from #100 on; walk by 1"),
        (lambda program: any(isinstance(step, List | Walk) for step in program.steps), "list"),
        (lambda program: any(isinstance(step, Delete) for step in steps_within(program)), "delete #0"),
        (
            lambda program: any(
                isinstance(step, Create) and step.name and "é" in step.name.after for step in program.steps
            ),
            r"create #0 name0+'\xe9'",
        ),
        (lambda program: any(getattr(step, "leg", "light") == "sdk" for step in program.steps), None),
        (lambda program: len(program.steps) > 0, "list"),
    ],
)
def test_a_typical_failure_becomes_what_one_would_write_by_hand(fails: Predicate, words: str | None) -> None:
    """From eleven busy steps."""
    found = smallest(BUSY, fails)
    if words is None:
        assert len(found.steps) == 1
    else:
        assert str(found) == words


def test_a_connection_of_a_fill_is_kept_whichever_it_is() -> None:
    """Of twenty-four, the one that counts becomes a Create."""
    for label in (100, 107, 123):
        program = Program((Fill(100, 24), Delete(Arn(label)), Get(Arn(label))))
        assert str(smallest(program, deletes_what_it_made)) == "create #0 name0; delete #0; get #0"


def test_the_name_that_a_fill_gave_is_still_a_name_shared() -> None:
    """A Create of a filled connection's name."""
    program = Program((Fill(100, 24), Create(0, Name(-101)), Walk()))
    assert len(Attempts.calls(smallest(program, has_duplicate))) == 2


@settings(max_examples=80, deadline=None, database=None)
@given(program=programs(), verb=st.sampled_from((Create, Fill, Get, Delete, List, Walk)), number=st.integers(1, 2))
def test_shrinking_ends_keeps_the_failure_and_never_grows(program: Program, verb: type, number: int) -> None:
    """Whatever the program: bounded attempts, none of them twice, and no more calls than there were."""

    def fails(candidate: Program) -> bool:
        return sum(isinstance(step, verb) for step in steps_within(candidate)) >= number

    if not fails(program):
        return
    attempts = Attempts(fails)
    found, calls, _ = shrunk(program, (Attempts.calls(program), BREACH), attempts)
    assert fails(found)
    assert len(calls) <= len(Attempts.calls(program))
    assert len(attempts.tried) < 3_000
    assert len({repr(each) for each in attempts.tried}) == len(attempts.tried)


@settings(max_examples=30, deadline=None, database=None)
@given(program=programs(), dice=st.randoms(use_true_random=False))
def test_shrinking_ends_whatever_the_endpoint_answers(program: Program, dice: Any) -> None:
    """Also where the same program fails today and not tomorrow, with other numbers of calls."""
    tried = 0

    def attempt(candidate: Program) -> Any:
        nonlocal tried
        tried += 1
        return ((CALL,) * dice.randrange(9), BREACH) if dice.random() < 0.5 else None

    shrunk(program, ((CALL,) * 9, BREACH), attempt)
    assert tried < 20_000


@pytest.mark.parametrize("most", [0, 1, 7])
def test_shrinking_stops_where_the_budget_does(most: int) -> None:
    """With the smallest that was found by then."""
    attempts = Attempts(has_duplicate, most=most)
    found, calls, _ = shrunk(
        BUSY.with_steps((*BUSY.steps, Create(9, Name(-101)))), (Attempts.calls(BUSY), BREACH), attempts
    )
    assert len(attempts.tried) == most
    assert has_duplicate(found)
    assert len(calls) <= len(Attempts.calls(BUSY))


def test_shrinking_is_the_same_every_time() -> None:
    """The same attempts in the same order."""
    runs = []
    for _ in range(2):
        attempts = Attempts(has_duplicate)
        shrunk(BUSY, (Attempts.calls(BUSY), BREACH), attempts)
        runs.append(attempts.tried)
    assert runs[0] == runs[1]


def test_an_exception_is_not_taken_for_a_failure() -> None:
    """What is no end of the budget goes through."""

    def attempt(program: Program) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shrunk(BUSY, ((CALL,), BREACH), attempt)
