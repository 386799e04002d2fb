"""Explaining: a finding is made small within its budget, and told by a program that shows it, as often as it does.

The endpoint is the reference, called in this process, with one mutant's fault, or an account with one of its own.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget, BudgetSpentError
from assay.explaining import EXPLAIN_CALLS, EXPLAIN_SECONDS
from assay.history import Accepted, Outcome
from assay.identity import Fault
from assay.program import Arn, Create, Fill, Get, List, Name, Program, Walk
from assay.rate import tries_for
from selftests.in_memory import LOST, Account, Reference, finding_of, refused, search_for
from selftests.searches import BUSY, TWICE, examined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def test_what_a_server_keeps_from_long_ago_is_told_with_the_finding() -> None:
    """The filter of a List lasts until the next one, however many programs later: that is no program just before."""
    law = "connection.list.complete"
    search = search_for(Reference("cache.filter-stays"), [law])
    examined(search, Program((Create(0), List(kind="Bitbucket"))), *(6 * [TWICE]))
    examined(search, Program((Create(0, kind="GitHub"), Walk())))
    finding = finding_of(search, law)
    search.explain()
    assert finding.shows == (3, 3)
    assert len(finding.calls) <= 4, str(finding.program)


@pytest.mark.parametrize(
    ("mutant", "law", "most"),
    [
        ("name.duplicate-accepted", "connection.name.unique", 2),
        ("list.first-item-repeated", "connection.list.once", 2 + 5),
        ("list.last-item-lost", "connection.list.complete", 1 + 5),
        ("delete.stays-listed", "connection.delete.removes", 4),
        ("get.unknown-answered", "connection.get.unknown", 3),
        ("status.active", "connection.status.enum", 2),
        ("list.max-results-ignored", "connection.list.page-size", 3),
        ("list.token-leads-back", "connection.list.terminates", 2 + 5),
    ],
)
def test_a_finding_is_made_small_within_its_budget(mutant: str, law: str, most: int) -> None:
    """From a busy program to the calls that one would write by hand."""
    reference = Reference(mutant)
    search = search_for(reference)
    busy = Program((*BUSY.steps, Create(1, Name(0)), Walk(), Walk(2), Walk(), Get(Arn(None, "fresh"))))
    examined(search, busy, Program((Fill(100, 12, ("Bitbucket", "GitHub")), Walk(), Walk(3), Walk())))
    finding = finding_of(search, law)
    search.explain()
    for each in search.book.findings.values():
        assert each.explained
        assert each.shrunk_calls <= EXPLAIN_CALLS
        assert each.shrunk_seconds <= EXPLAIN_SECONDS + 0.5
    assert finding.shows == (3, 3)
    assert len(finding.calls) <= most, str(finding.program)
    assert not reference.everything or mutant == "delete.stays-listed"


def test_an_arn_that_comes_back_behind_all_that_was_freed_is_shown_with_the_one_that_it_was() -> None:
    """What is tried on the way must not put so much before it that its turn never comes."""
    search = search_for(Reference("arn.freed-given-again"), ["connection.arn.never-reused"])
    while not search.book.findings:
        examined(search, Program((Create(0), Get(Arn(0)))))
    finding = finding_of(search, "connection.arn.never-reused")
    search.explain()
    assert finding.shows == (3, 3)
    first = finding.calls[0].outcome
    assert first == finding.breach.call.outcome
    assert isinstance(first, Accepted)


def test_an_account_is_not_filled_to_make_one_finding_small() -> None:
    """Every connection that is deleted comes back; where nothing more can be made, nothing more shows."""
    search = search_for(Reference("delete.undone-by-creates"), ["connection.delete.removes"])
    examined(search, *10 * [Program((Create(0), Get(Arn(0)), Walk()))])
    finding = finding_of(search, "connection.delete.removes")
    search.explain()
    assert finding.shows[0] > 0
    assert len(search.driver.holdings.undead) < 150


def test_a_finding_is_explained_once() -> None:
    """The next test does not begin again."""
    reference = Reference("name.duplicate-accepted")
    search = examined(search_for(reference), TWICE)
    search.explain()
    before = len(reference.made)
    search.explain()
    assert len(reference.made) == before


def test_a_finding_that_does_not_show_again_says_so() -> None:
    """It stays a finding, with what was seen and how often it was looked for."""
    reference = Reference()
    flips = iter([True])
    reference.after = lambda operation, members, outcome: (
        Accepted({**outcome.output, "NextToken": ""})
        if operation == "ListConnections" and isinstance(outcome, Accepted) and next(flips, False)
        else outcome
    )
    search = examined(search_for(reference), Program((Create(0), List())))
    finding = finding_of(search, "connection.list.token")
    search.explain()
    shows, of = finding.shows
    assert shows == 0
    assert of > 1
    assert finding.calls


class Recycling(Account):
    """Gives an id again when so many were freed since; or, by chance, one of the last eight that were freed."""

    def __init__(self, freed_first: int, *, dice: random.Random | None = None) -> None:
        super().__init__(mint=self._next)
        self._freed: list[str] = []
        self._first, self._dice = freed_first, dice

    def _next(self, number: int) -> str:
        if self._dice is None and len(self._freed) >= self._first:
            return self._freed.pop(-self._first)
        if self._dice is not None and self._freed and self._dice.random() < 0.1:
            return self._dice.choice(self._freed[-8:])
        return f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{number:08}"

    def _delete(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        status, body = super()._delete(members)
        self._freed += [members["ConnectionArn"]] if status == 200 else []
        return status, body


@pytest.mark.parametrize(
    "recycling",
    [lambda: Recycling(45), *(lambda dice=dice: Recycling(0, dice=random.Random(dice)) for dice in range(5))],
    ids=["by-turns", *(f"by-chance-{dice}" for dice in range(5))],
)
def test_what_hangs_on_the_servers_long_memory_is_shown_by_a_program_that_a_fresh_server_fails(
    recycling: Callable[[], Recycling],
) -> None:
    """Over and over, it comes; and what came once, by luck, is no use to anybody."""
    law = "connection.arn.never-reused"
    search = search_for(recycling(), [law])
    for _ in range(200):
        examined(search, Program((Create(0), Get(Arn(0)))))
        if search.book.broken(law) is not None:
            break
    finding = finding_of(search, law)
    search.explain()
    assert finding.shows[0] > 0, str(finding.program)
    fresh = search_for(recycling(), [law])
    again = (fresh.repeat(Fault(law), finding.program, Budget()) for _ in range(tries_for(finding.shows)))
    assert any(shown is not None for shown in again)
    assert search_for(Account(), [law]).repeat(Fault(law), finding.program, Budget()) is None


def test_explaining_stops_where_the_runs_own_budget_does() -> None:
    """What was found stays found."""
    reference = Reference("name.duplicate-accepted")
    search = search_for(reference, max_calls=12)
    search.examine(TWICE, Budget(within=search.budget))
    search.explain()
    assert len(reference.made) <= 12
    assert finding_of(search, "connection.name.unique").explained
    with pytest.raises(BudgetSpentError):  # noqa: PT012 - which of them it is does not matter
        for _ in range(4):
            search.examine(TWICE, Budget(within=search.budget))
    assert len(reference.made) <= 12
    assert not reference.everything


def test_an_endpoint_that_dies_while_a_finding_is_explained_leaves_the_finding() -> None:
    """What was made small by then stays so, and is not said not to show again."""
    reference = Reference("name.duplicate-accepted")
    search = examined(search_for(reference), Program((Fill(100, 3), Walk(), *TWICE.steps)))
    finding = finding_of(search, "connection.name.unique")
    until = len(reference.made) + 60
    reference.before = lambda operation, members: LOST if len(reference.made) > until else None
    search.explain()
    assert finding.shows == (3, 3)
    assert len(finding.calls) == 2


def test_what_hangs_on_the_program_before_is_told_with_it() -> None:
    """A List of seven spoils the next Get, whoever sends it: by itself, the program that met it shows nothing."""
    account = Account()
    spoilt: list[str] = []

    def spoil(operation: str, members: Mapping[str, Any]) -> Outcome | None:
        if operation == "ListConnections" and members.get("MaxResults") == 7:
            spoilt[:] = [operation]
        if operation == "GetConnection" and spoilt:
            spoilt.clear()
            return refused("ResourceNotFoundException")
        return None

    account.before = spoil
    search = search_for(account, ["connection.get.details"])
    for program in (Program((List(7),)), Program((Create(0), Get(Arn(0))))):
        search.examine(program, search.budget)
    search.explain()
    (finding,) = search.book.findings.values()
    assert [type(step) for step in finding.program.steps] == [List, Create, Get]
    assert finding.shows[0] == finding.shows[1] > 0
