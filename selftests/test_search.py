"""The search: what is found is written down once, and what is sent is counted.

The endpoint is the reference, called in this process, with one mutant's fault. (Weather is for `test_weather`, how a
finding is made small for `test_explaining`.)
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from assay.budget import Budget, BudgetSpentError
from assay.history import Accepted
from assay.in_force import put_in_force
from assay.program import Arn, Create, Fill, Get, List, Name, Program, Token, Walk
from assay.results.verdicts import verdict
from selftests.drawing import drawn
from selftests.histories import EDITIONS, NEWEST, contract_of
from selftests.in_memory import Account, Reference, finding_of, search_for
from selftests.searches import BUSY, TWICE, examined
from strategies import programs


@pytest.fixture(autouse=True)
def _newest_edition() -> None:
    put_in_force(contract_of(NEWEST))


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_reference_is_found_to_break_nothing(edition: tuple[str, str]) -> None:
    """Every theme, every law, every edition."""
    put_in_force(contract_of(edition))
    search = search_for(Reference(edition=edition))
    examined(search, *drawn(programs("anything"), 25, seed=20261122))
    assert not search.book.findings
    assert search.book.programs == 25
    assert not search.driver.holdings.left_behind


def test_a_breach_is_written_down_once_for_a_law_and_counted_every_time() -> None:
    """The first history stays; later ones are muted and tallied."""
    search = examined(search_for(Reference("name.duplicate-accepted")), TWICE)
    first = finding_of(search, "connection.name.unique")
    assert first.found_at[0] == 1
    assert [call.operation for call in first.calls] == ["CreateConnection"] * 2
    examined(search, TWICE, TWICE, Program((Create(0),)))
    assert finding_of(search, "connection.name.unique") is first
    tally = search.book.tally("connection.name.unique")
    assert tally.breaches == 3
    assert tally.examples >= 3
    assert list(search.book.findings) == [("connection.name.unique", None)]


def test_only_the_laws_that_were_asked_for_judge() -> None:
    """The others are as if they were not there."""
    search = examined(search_for(Reference("name.duplicate-accepted"), ["connection.list.once"]), TWICE)
    assert not search.book.findings
    assert set(search.book.tallies) <= {"connection.list.once"}


def test_two_clauses_of_a_law_are_two_findings() -> None:
    """One fault hides no other."""
    reference = Reference()
    reference.after = lambda operation, members, outcome: (
        Accepted({}) if operation == "CreateConnection" and not isinstance(outcome, Accepted) else outcome
    )
    search = examined(
        search_for(reference), Program((Create(0, kind="Gitea"), Create(1, Name(1), None), Create(2, None)))
    )
    laws = {law for law, _ in search.book.findings}
    assert {"connection.create.provider", "connection.create.required"} <= laws
    assert len(search.book.findings) == len(
        {(finding.law, finding.clause) for finding in search.book.findings.values()}
    )


def test_an_arn_given_again_by_a_later_program_is_found() -> None:
    """No single history shows it; explained, one does: what the clean-up did between two programs is a step of it."""
    account = Account(
        mint=lambda number: f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{len(account.ours)}"
    )
    search = search_for(account, ["connection.arn.never-reused"])
    examined(search, Program((Create(0, kind="GitHub"), Get(Arn(0)))), Program((Create(0), Walk())))
    finding = finding_of(search, "connection.arn.never-reused")
    assert finding.earlier == 0
    search.explain()
    assert finding.earlier is None
    assert finding.shows == (3, 3)
    assert str(finding.program) == "create #0 name0; delete #0; create #1 name1"
    assert len(finding.calls) == 3


def test_what_is_sent_is_counted_however_a_program_ends() -> None:
    """The book holds every call, those of a program that was cut off too."""
    reference = Reference()
    search = search_for(reference, max_calls=15)
    with pytest.raises(BudgetSpentError):  # noqa: PT012 - which of them it is does not matter
        for _ in range(9):
            search.examine(BUSY, Budget(within=search.budget))
    assert sum(search.book.calls_by_operation.values()) == len(reference.made) <= 15


def _cut_off(*programs: Program, max_calls: int) -> tuple[Any, str | None]:
    """The verdict on walks and its reason, where the calls of a run end on the way."""
    law = "connection.list.terminates"
    reference = Reference()
    for number in range(9):
        reference.add_stranger(f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{number}", str(number))
    search = search_for(reference, max_calls=max_calls)
    with suppress(BudgetSpentError):
        for program in programs:
            search.examine(program, Budget(within=search.budget))
    row = reference.contract.laws[law]
    return verdict(row, book=search.book, forces=(), strict=False, trouble=None, limits=("max-calls",))


def test_of_a_walk_that_the_calls_do_not_reach_the_end_of_nobody_knows_whether_it_has_one() -> None:
    """Unless another walk was seen to end; and single Lists are no walk."""
    assert _cut_off(Program((Walk(1),)), max_calls=5)[0] == "indeterminate"
    assert _cut_off(Program((Walk(1),)), max_calls=10)[0] == "pass"
    assert _cut_off(Program((Walk(5),)), Program((Walk(1),)), max_calls=7) == ("pass", None)
    assert _cut_off(Program((List(1), List(1, token=Token()), List(1))), max_calls=2)[0] == "vacuous"


def test_an_account_that_keeps_everything_is_not_littered_without_end() -> None:
    """Beyond a hundred undeletable connections a test makes do with a few programs."""
    reference = Reference("delete.stays-listed", quota=100_000)
    search = search_for(reference)
    budget = Budget()
    with pytest.raises(BudgetSpentError):  # noqa: PT012 - which of them it is does not matter
        for _ in range(40):
            search.examine(Program((Fill(100, 30), Walk())), budget)
    assert 100 < len(search.driver.holdings.undead) < 300
