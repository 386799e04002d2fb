"""Where reads may lag, a planned run waits behind its writes: what it asks then is judged, and a lag is still seen."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import BudgetSpentError
from assay.history import Accepted
from assay.in_force import put_in_force
from assay.program import Arn, Create, Delete, Fill, Get, Handshake, Name, Program, Send, Walk, steps_within
from selftests.in_memory import Reference, search_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.search import Search

LAG = 3.0


def _settling(**how: Any) -> tuple[Search, Reference, list[float]]:
    """A search against the reference in memory, with the pauses that it makes."""
    endpoint = Reference(**how)
    put_in_force(endpoint.contract)
    search = search_for(endpoint, [law for law in endpoint.contract.laws if law.startswith("connection.")])
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        endpoint.sleep(seconds)

    search.knowledge.staleness = LAG
    search.driver._settles = sleep
    return search, endpoint, pauses


def _named() -> Iterator[Program]:
    """The programs that the tests of connections name, but for what is sent raw or at once."""
    import tests.codestar_connections as package

    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("test_"):
            continue
        for test in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            for each in getattr(test, "hypothesis_explicit_examples", ()):
                for program in each.kwargs.values():
                    if isinstance(program, Program) and not program.is_parallel:
                        yield program


def test_a_program_waits_behind_its_writes_and_nowhere_else() -> None:
    search, _, pauses = _settling()
    steps = (Fill(100, 3), Create(0), Get(Arn(0)), Walk(), Get(Arn(0)), Delete(Arn(0)), Get(Arn(0)), Walk(1))
    search.driver.run(Program(steps), search.budget)
    assert [round(pause, 2) for pause in pauses] == [LAG, LAG], "behind the Creates, and behind the Delete"


def test_a_name_is_used_again_when_its_delete_has_settled() -> None:
    search, _, pauses = _settling()
    search.examine(Program((Create(0, Name(0)), Delete(Arn(0)), Create(1, Name(0)))), search.budget)
    assert len(pauses) == 2
    assert search.book.tally("connection.name.reusable").examples == 1


def test_the_end_of_the_budget_is_not_slept_through() -> None:
    search, endpoint, pauses = _settling()
    search.budget.deadline = endpoint.now + 1.0
    with pytest.raises(BudgetSpentError):
        search.driver.run(Program((Create(0), Get(Arn(0)))), search.budget)
    assert 0 < sum(pauses) < 1.0


def test_nothing_waits_where_nobody_wished_it() -> None:
    search, endpoint, _ = _settling()
    search.driver._settles = None
    search.driver.run(Program((Create(0), Get(Arn(0)), Delete(Arn(0)), Walk())), search.budget)
    assert endpoint.now < 1.0


def test_a_lag_between_two_programs_is_still_seen() -> None:
    """A program begins at once, so its first look shows what the one before it has deleted, where reads lag."""
    search, endpoint, _ = _settling()
    search.examine(Program((Create(0), Walk())), search.budget)
    (deleted,) = [call for call in endpoint.made if call.operation == "DeleteConnection"]
    shown = {"Connections": [{"ConnectionArn": deleted.input["ConnectionArn"]}]}
    endpoint.after = lambda operation, _, said: Accepted(shown) if operation == "ListConnections" else said
    search.driver.run(Program((Walk(),)), search.budget)
    assert 0 < search.driver.holdings.lag < LAG


def test_every_law_of_connections_is_judged_although_reads_may_lag() -> None:
    """By the programs that the tests name, as a planned run takes them: each once."""
    search, _, _ = _settling()
    put_in_force(search.contract)
    for program in {str(each): each for each in _named()}.values():
        if not any(isinstance(step, Send | Handshake) for step in steps_within(program)):
            search.examine(program, search.budget)
    assert search.book.findings == {}
    laws = [law for law in search.judges if search.contract.laws[law].needs is None]
    silent = {law for law in laws if not search.book.tally(law).examples}
    assert silent == set()
