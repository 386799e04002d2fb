"""How often a finding shows, and how many runs without it say that it is gone."""

from __future__ import annotations

import pytest
from in_memory import Account, search_for

from assay.budget import Budget
from assay.history import Outcome, Refused
from assay.program import Create, Get, Program
from assay.rate import is_enough, tries_for

GONE = Refused("ResourceNotFoundException", 400)


@pytest.mark.parametrize(("shown", "tried"), [(1, 1), (3, 3), (19, 20), (10, 20), (1, 20)])
def test_a_finding_that_is_still_there_is_missed_once_in_a_thousand_times(shown: int, tried: int) -> None:
    """At the rate that was seen, and with three tries at least."""
    tries = tries_for((shown, tried))
    assert 3 <= tries <= 300
    assert (1 - shown / tried) ** tries <= 0.001


def test_what_never_showed_again_is_tried_often_and_not_for_ever() -> None:
    """It was seen once."""
    assert 100 < tries_for((0, 20)) <= 300
    assert tries_for((0, 1_000)) == 300


def test_three_of_three_are_enough_and_a_miss_asks_for_more() -> None:
    """Twenty runs say how seldom it shows."""
    assert not is_enough(2, 2)
    assert is_enough(3, 3)
    assert not is_enough(2, 3)
    assert is_enough(5, 20)


@pytest.mark.parametrize(("every", "shows"), [(1, (3, 3)), (2, (10, 20))])
def test_an_explained_finding_is_rated(every: int, shows: tuple[int, int]) -> None:
    """A server with two workers, one of which knows nothing, shows it every other time."""
    account, gets = Account(), []

    def lost(operation: str, _: object) -> Outcome | None:
        if operation != "GetConnection":
            return None
        gets.append(operation)
        return GONE if len(gets) % every == 0 else None

    account.before = lost
    search = search_for(account, {"connection.get.details"})
    for _ in range(2):
        search.examine(Program((Create(0), Get())), Budget())
    search.explain()
    (finding,) = search.book.every()
    assert finding.shows[1] == shows[1]
    assert abs(finding.shows[0] - shows[0]) <= 1
