"""A woven program that is cut off: what was seen by then is judged, and nobody is accused of what did not come."""

from __future__ import annotations

from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest

from assay.budget import Budget, BudgetSpentError
from assay.denials import Denials
from assay.history import Refused
from assay.in_force import put_in_force
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk
from assay.search import Search
from assay.weaving import Frame
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import LOST, Reference, search_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.search import Search

UNIQUE, GONE = "connection.name.unique", "connection.delete.removes"
TWICE = Program((Create(0), Create(1)))
PARTS = (
    TWICE,
    Program((Create(0), Get(Arn(0)), Walk(1))),
    Program((Fill(100, 3, ("Bitbucket", "GitHub")), Walk(1, "GitHub"), Walk(2), List())),
    Program((Create(0, Name(0, after="é")), Create(1, Name(0, after="E")), Walk())),
    Program((Create(0), Delete(Arn(0)), Get(Arn(0)), Create(1, Name(0)), Delete(Arn(0)), Walk(1))),
    Program((Create(0), Create(1, Name(1), "Gitea"), Walk(2, None, ((1, Delete(Arn(0))),)))),
)


@pytest.fixture(autouse=True)
def _newest_edition() -> None:
    put_in_force(contract_of(NEWEST))


@pytest.fixture
def frame() -> Frame:
    return reduce(Frame.with_program, PARTS, Frame())


def _cut_off(search: Search, frame: Frame, calls: int, **how: Any) -> None:
    """Examine a woven program with so many calls, which are too few."""
    with pytest.raises(BudgetSpentError):
        search.examine(frame.program, Budget(max_calls=calls), **{"parts": frame.parts, **how})


def _lengths(frame: Frame) -> Iterator[int]:
    """Every number of calls that is too small for it."""
    whole = Reference()
    search_for(whole).examine(frame.program, Budget(), frame.parts)
    yield from range(1, len(whole.made))


def test_a_program_that_is_cut_off_anywhere_accuses_nobody(frame: Frame) -> None:
    """Whichever call was the last one: no law counts on what would have come behind it."""
    cuts = 0
    for calls in _lengths(frame):
        reference = Reference()
        search = search_for(reference)
        try:
            search.examine(frame.program, Budget(max_calls=calls), frame.parts)
        except BudgetSpentError:
            cuts += 1
        assert not search.book.findings, f"{calls} calls: {[each.law for each in search.book.findings.values()]}"
        assert not reference.everything
        assert len(reference.made) <= calls
    assert cuts > 10


@pytest.mark.parametrize("lost", ["the first", "the last"])
def test_a_program_whose_calls_are_lost_where_it_is_cut_off_accuses_nobody(frame: Frame, lost: str) -> None:
    """Nobody knows whether they had their effect, and nothing behind them tells."""
    for calls in _lengths(frame):
        reference = Reference()
        number = 2 if lost == "the first" else calls - 3
        reference.after = lambda _operation, _members, outcome, at=number, it=reference: (
            LOST if len(it.made) == at else outcome
        )
        search = search_for(reference)
        with suppress(BudgetSpentError):
            search.examine(frame.program, Budget(max_calls=calls), frame.parts)
        assert not search.book.findings, f"{calls} calls: {[each.law for each in search.book.findings.values()]}"


def test_what_a_program_showed_before_it_was_cut_off_is_found(frame: Frame) -> None:
    """The part that it is of is known, too."""
    search = search_for(Reference("name.duplicate-accepted"))
    _cut_off(search, frame, 30)
    finding = search.book.broken(UNIQUE)
    assert finding is not None
    assert TWICE in finding.likely


def test_a_law_is_exercised_by_what_was_seen_and_by_nothing_else(frame: Frame) -> None:
    """What comes behind the looks was not come to."""
    search = search_for(Reference())
    _cut_off(search, frame, 20)
    assert search.book.tally(UNIQUE).calls > 0
    assert search.book.tally(GONE).calls == 0


def test_what_a_cut_off_program_left_behind_is_known_to_the_next_one(frame: Frame) -> None:
    """An ARN that it was given is never given again."""
    search = search_for(Reference())
    _cut_off(search, frame, 30)
    assert search.knowledge.past
    assert all(past.gone_at is not None for past in search.knowledge.past.values()), "the clean-up is part of it"


def test_a_program_of_its_own_that_is_cut_off_is_not_judged() -> None:
    """It was about one thing, and may not have come to it; and what it sent at once may not have been answered."""
    race = Program((Create(0), Create(1), Parallel(((Get(Arn(0)),), (Get(Arn(0)),))), *(Walk(),) * 20))
    search = search_for(Reference("name.duplicate-accepted"))
    with pytest.raises(BudgetSpentError):
        search.examine(race, Budget(max_calls=12))
    assert not search.book.findings


def test_a_program_in_which_something_was_denied_is_not_judged_where_it_is_cut_off(frame: Frame) -> None:
    """IAM refuses before the service looks."""
    reference = Reference("name.duplicate-accepted")
    reference.before = lambda operation, _: (
        Refused("AccessDeniedException", 400) if operation == "ListConnections" else None
    )
    search = search_for(reference)
    search.denials = Denials(contract_of(NEWEST), {"first": "123456789012"}, "us-east-1")
    _cut_off(search, frame, 20)
    assert not search.book.findings
    assert search.denials.missing_for(Program((List(),)))
