"""Parallel steps: data like any other, and right about what is whose, whatever the branches do to each other."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget, BudgetSpentError
from assay.cleaning import settle, tidy
from assay.contract import load_contract
from assay.driver import Driver
from assay.history import Accepted, Call, History, Outcome, Unknown
from assay.knowledge import Knowledge
from assay.naming import Naming
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Token, Walk
from assay.program_json import from_json, to_json
from assay.reference import BackgroundReference
from assay.target import HARMLESS, Endpoint, Target
from selftests.in_memory import LOST, Account, arns_deleted, driver_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPECS = Path(__file__).parent.parent / "specs"
_SAME_NAME = Parallel(((Create(0, Name(0)),), (Create(1, Name(0)),), (Create(2, Name(0)),)))
_LONG = Parallel(
    (
        (Create(10, Name(10)), Get(Arn(10)), Delete(Arn(10)), Get(Arn(10))),
        (Create(20, Name(20)), Create(21, Name(21)), Walk(1)),
        (Walk(2), Walk(1), List(1), List(1, None, Token("last"))),
        (Delete(Arn(100)), Get(Arn(101)), Delete(Arn(101))),
    )
)


@pytest.fixture(scope="module")
def reference() -> Iterator[BackgroundReference]:
    with BackgroundReference() as server:
        yield server


@pytest.fixture
def driver(reference: BackgroundReference) -> Iterator[Driver]:
    contract = load_contract("codestar-connections", specs=_SPECS)
    target = Target(Endpoint.parse(reference.endpoint_url), contract, HARMLESS, "us-east-1")
    naming = Naming()
    yield Driver(target, contract, Knowledge(prefix=naming.prefix), naming=naming, region="us-east-1")
    target.close()


def _operations(history: History) -> list[str]:
    return [call.operation.removesuffix("Connection").removesuffix("Connections") for call in history]


def test_a_parallel_step_is_said_in_words_written_and_read() -> None:
    program = Program((Fill(100, 2), _LONG, Walk()))
    assert from_json(to_json(program)) == program
    words = "at once: create #0 name0 | delete #0, then get #0"
    assert str(Parallel(((Create(0),), (Delete(Arn(0)), Get(Arn(0)))))) == words


@pytest.mark.parametrize("inner", [{"do": "parallel", "branches": []}, {"do": "fill"}])
def test_a_branch_holds_no_branches_and_no_fill(inner: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot stand in a branch"):
        from_json([{"do": "parallel", "branches": [[inner]]}])


def test_joined_programs_keep_their_branches_apart() -> None:
    twice = Program((_LONG,)).followed_by(Program((_LONG,)))
    labels = [
        {step.label for branch in step.branches for step in branch if isinstance(step, Create)}
        for step in twice.steps
        if isinstance(step, Parallel)
    ]
    assert labels[0] == {10, 20, 21}
    assert not labels[0] & labels[1]


def test_what_branches_made_is_deleted_behind_a_program() -> None:
    assert {step.arn for step in Program((_LONG,)).with_clean_up().steps if isinstance(step, Delete)} == {
        Arn(10),
        Arn(20),
        Arn(21),
    }


@pytest.mark.parametrize(
    ("step", "is_burst"),
    [
        (_SAME_NAME, True),
        (_LONG, False),
        (Parallel(((Walk(),), (Get(Arn(0)),))), False),
        (Parallel(((Create(0),), ())), False),
    ],
)
def test_branches_of_one_call_are_a_burst(step: Parallel, *, is_burst: bool) -> None:
    assert step.is_burst is is_burst


def test_the_calls_of_a_burst_are_all_sent_before_one_is_answered(driver: Driver) -> None:
    history = driver.run(Program((_SAME_NAME, Walk())), Budget())
    burst = history.calls[:3]
    assert max(call.start for call in burst) < min(call.end for call in burst)
    assert [call.start for call in burst] == sorted(call.start for call in burst)
    assert len({call.input["ConnectionName"] for call in burst}) == 1
    assert [isinstance(call.outcome, Accepted) for call in burst].count(True) == 1
    assert history.calls[3].start >= max(call.end for call in burst)
    assert not driver.holdings.left_behind
    assert not driver.holdings.maybe_created


def test_workers_overlap_and_leave_nothing_behind(driver: Driver) -> None:
    for _ in range(5):
        history = driver.run(Program((Fill(100, 3), _LONG, Walk(1))), Budget())
        assert [call.index for call in history] == list(range(history.calls[0].index, history.calls[-1].index + 1))
        assert [call.start for call in history] == sorted(call.start for call in history)
        assert _operations(history).count("Create") == 6
        assert not driver.holdings.left_behind
        assert not driver.holdings.maybe_created
        assert not driver.holdings.disputed
        assert not driver.holdings.undead
    assert driver.holdings.created == driver.holdings.deleted == 30


def test_which_calls_are_sent_does_not_depend_on_who_is_faster(driver: Driver) -> None:
    """A branch does not know what its neighbour makes meanwhile; what follows knows all of it."""
    step = Parallel(((Create(0, Name(0)), Get(Arn(1))), (Create(1, Name(1)), Get(Arn(0)))))
    for _ in range(5):
        history = driver.run(Program((step, Get(Arn(0)), Get(Arn(1)))), Budget())
        assert _operations(history) == ["Create", "Create", "Get", "Get", "Delete", "Delete"]


def test_a_connection_that_is_listed_before_its_create_is_answered_is_ours() -> None:
    account = Account()
    driver = driver_for(account)
    driver.run(Program((Parallel(((Create(0),), (List(),), (Create(1, Name(1)),))),)), Budget(now=account.clock))
    assert not driver.holdings.disputed
    assert len(arns_deleted(account)) == 2


def test_a_page_of_a_branch_is_looked_at_when_all_branches_have_ended(driver: Driver) -> None:
    step = Parallel(((Walk(), Walk()), *(((Create(n, Name(n))), Delete(Arn(n))) for n in range(4))))
    for _ in range(10):
        driver.run(Program((step,)), Budget())
    assert not driver.holdings.disputed
    assert not driver.holdings.undead
    assert driver.holdings.created == driver.holdings.deleted == 40


def test_no_branch_deletes_what_may_be_a_strangers(driver: Driver) -> None:
    """What Delete must not be sent, it is not sent from a branch either."""
    history = driver.run(Program((Parallel(((Delete(Arn(None, "cut")),), (Delete(Arn(literal="arn:x")),))),)), Budget())
    assert not any(call.input.get("ConnectionArn") == "arn:x" for call in history)


def test_a_name_of_which_one_create_was_lost_stays_open() -> None:
    """Of two Creates of one name at once, one is answered and one is not: the name may be there, and is looked for."""
    account = Account()

    def lose(operation: str, members: Mapping[str, Any], outcome: Outcome) -> Outcome:
        is_first = operation == "CreateConnection" and len(account.sent("CreateConnection")) == 0
        return LOST if is_first else outcome

    account.after = lose
    driver = driver_for(account)
    driver.run(Program((Parallel(((Create(0),), (Create(1),))),)), Budget(now=account.clock))
    assert len(driver.holdings.maybe_created) == 1
    calls: list[Call] = []
    settle(driver, calls, Budget(now=account.clock))
    tidy(driver, calls, Budget(now=account.clock), thorough=True)
    assert not account.ours
    assert not driver.holdings.maybe_created


@pytest.mark.parametrize("step", [_SAME_NAME, _LONG])
@pytest.mark.parametrize("calls", range(1, 14))
def test_a_budget_is_kept_and_what_was_made_is_deleted(driver: Driver, step: Parallel, calls: int) -> None:
    budget = Budget(max_calls=calls)
    made: list[Call] = []
    with suppress(BudgetSpentError):
        driver.run(Program((step, Walk())), budget, made)
    assert len(made) <= calls
    assert not driver.holdings.left_behind


def test_an_interrupt_stops_the_branches(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the branches may be interrupted: they end after the call under way."""
    asked = threading.Event()

    def interrupted(_: object) -> None:
        asked.wait(5)
        raise KeyboardInterrupt

    slow = driver.target.twin(0).call

    def call(*arguments: Any, **options: Any) -> tuple[Call, ...]:
        asked.set()
        time.sleep(0.05)
        return slow(*arguments, **options)

    monkeypatch.setattr(driver.target.twin(0), "call", call)
    branch = tuple(Create(number, Name(number)) for number in range(50))
    made: list[Call] = []
    with monkeypatch.context() as patched:
        joins = iter((interrupted,))
        careful = threading.Thread.join
        patched.setattr(threading.Thread, "join", lambda self, *_: next(joins, careful)(self))
        with pytest.raises(KeyboardInterrupt):
            driver.run(Program((Parallel((branch,)),)), Budget(), made)
    assert 0 < _operations(History(tuple(made))).count("Create") < 50
    assert not driver.holdings.left_behind


def test_a_burst_that_is_never_answered_ends_in_time() -> None:
    account = Account()
    account.before = lambda operation, members: LOST if operation == "CreateConnection" else None
    driver = driver_for(account)
    history = driver.run(Program((_SAME_NAME,)), Budget(now=account.clock))
    assert all(isinstance(call.outcome, Unknown) for call in history)
    assert len(driver.holdings.maybe_created) == 1
