"""A planned run keeps its plan, whatever the endpoint is like: every fault and every liberty of the reference.

In memory, with everything that sends: the programs of a planned run in the order of its choice, the repetitions that a
lost answer asks for, what makes a finding smaller, and the clean-up. What is counted is what reaches the endpoint. No
meter stands before it: that is the last resort, which `test_pace` looks at, and nothing here may come to need it for
the whole. The whole way, processes and TLS and all, is `bench/pretend_aws.py`'s.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from assay import liberties, mutants
from assay.budget import Budget, BudgetSpentError
from assay.choice import Choice
from assay.cleaning import look_for_leftovers, settle, tidy
from assay.errors import TargetError
from assay.in_force import put_in_force
from assay.plan import ALIVE, Plan
from assay.program import Handshake, Program, Send, steps_within
from assay.reference.server import build
from assay.search import Search
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import Reference, driver_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALLS = 80  # of a plan that is soon spent, so that each of its limits is met
_CROWD = 20
WAITING = ("threads.", "transfer.")  # they change when bytes come, not which; nothing waits in memory


class Metered(Reference):
    """The reference with a fault or a liberty, which counts what reaches it and how many connections live."""

    def __init__(self, *, mutant: str | None = None, liberty: str | None = None) -> None:
        super().__init__(mutant)
        if liberty is not None:
            self.parts, self._application = build(edition=NEWEST[1], liberties=(liberty,))
        self.most_alive = 0

    def answer(self, operation: str, members: Mapping[str, Any]) -> Any:
        answered = super().answer(operation, members)
        self.most_alive = max(self.most_alive, sum(1 for _ in self.parts.store) - _CROWD)
        return answered


@cache
def _named() -> list[tuple[str, list[Program]]]:
    """The programs that the tests of names, deletes and lists name, but for what no endpoint in memory can be sent."""
    import tests.codestar_connections.test_deletes as deletes
    import tests.codestar_connections.test_lists as lists
    import tests.codestar_connections.test_names as names

    found = []
    for module in (names, deletes, lists):
        for test in vars(module).values():
            examples = getattr(test, "hypothesis_explicit_examples", ())
            programs = [value for each in examples for value in each.kwargs.values() if isinstance(value, Program)]
            plain = [each for each in programs if not any(isinstance(s, Send | Handshake) for s in steps_within(each))]
            if plain:
                found.append((test.pytestmark[0].args[0], plain))
    return found


def _run(endpoint: Metered, plan: Plan) -> None:
    """What a planned run does, from its first program to its clean-up."""
    for number in range(_CROWD):
        endpoint.add_stranger(f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{number}", f"s-{number}")
    driver = driver_for(endpoint)
    driver.most_alive = plan.alive
    budget = Budget(max_calls=plan.calls, kept=plan.kept, now=endpoint.clock)
    contract = endpoint.contract
    laws = ("connection.name.unique", "connection.delete.removes", "wire.no-server-error")
    search = Search(
        driver,
        contract,
        laws,
        budget,
        forces=lambda law, clause: contract.laws[law].force,
        clock=endpoint.clock,
        sleep=endpoint.sleep,
        explaining=(40, 120.0),
    )
    choice = Choice(plan, driver, budget, is_concurrent=False, is_exercised=lambda _: False)
    choice.choose(_named())
    with suppress(TargetError):
        for _, programs in _named():
            for program in programs:
                if choice.has_room_for(program):
                    with suppress(BudgetSpentError):
                        search.examine(choice.fitted(program), budget)
            search.explain()
    calls: list[Any] = []
    looks: list[Callable[..., object]] = [settle, tidy, look_for_leftovers]
    for look in looks:
        with suppress(BudgetSpentError):
            look(driver, calls, Budget(max_calls=plan.calls, spent=budget.spent, now=endpoint.clock))


def _keeps_the_plan(**kind: str) -> None:
    contract = contract_of(NEWEST)
    put_in_force(contract)
    plan = Plan.of(contract, max_calls=CALLS, rate=None, region="us-east-1")
    endpoint = Metered(**kind)
    _run(endpoint, plan)
    assert 3 < len(endpoint.made) <= plan.calls


@pytest.mark.parametrize("name", [name for name, each in mutants.ALL.items() if not each.in_threads])
def test_no_fault_makes_a_run_exceed_its_plan(name: str) -> None:
    _keeps_the_plan(mutant=name)


@pytest.mark.parametrize("name", [name for name in liberties.ALL if not name.startswith(WAITING)])
def test_no_liberty_makes_a_run_exceed_its_plan(name: str) -> None:
    _keeps_the_plan(liberty=name)


def test_a_plan_that_is_kept_by_nobody_would_be_seen() -> None:
    """With a wider one, the same run sends more."""
    contract = contract_of(NEWEST)
    put_in_force(contract)
    plan = Plan.of(contract, max_calls=CALLS, rate=None, region="us-east-1")
    wide = Plan.of(contract, max_calls=10 * CALLS, rate=None, region="us-east-1")
    endpoint = Metered()
    _run(endpoint, wide)
    assert len(endpoint.made) > plan.calls
    assert endpoint.most_alive <= ALIVE
