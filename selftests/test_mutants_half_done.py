"""The mutants that show a write half done: where each of their faults shows, and that it shows nowhere but there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from assay.mutants import ALL
from selftests.crowds import creating, is_right_in_a_row, on, shows, shows_in_the_reference
from selftests.showings import Showings

SHOWN = Showings()
_FEW = 6


@SHOWN.of("reads.replicas-in-turn-while-deleting")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    (gone,), looks = crowd.side_by_side([on("DeleteConnection", arn)], [on("GetConnection", arn)] * _FEW)
    assert gone.status == 200
    assert crowd.get(arn).status == 400
    found = [look.status for look in looks]
    return (400, 200) in pairwise(found)


@SHOWN.of("reads.gone-for-get-before-list")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    looks = [on("GetConnection", arn), ("ListConnections", {})]
    (gone,), (found, listed) = crowd.side_by_side([on("DeleteConnection", arn)], looks)
    assert gone.status == 200
    assert crowd.arns() == []
    return found.status == 400 and arn in [item["ConnectionArn"] for item in listed.members["Connections"]]


@SHOWN.of("reads.second-delete-knows-first")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    first = [on("DeleteConnection", arn)]
    (gone,), (late, found) = crowd.side_by_side(first, [*first, on("GetConnection", arn)])
    assert sorted((gone.status, late.status)) == [200, 400]
    assert crowd.get(arn).status == 400
    return late.status == 400 and found.status == 200


@SHOWN.of("reads.both-deletes-lose")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    answers = crowd.at_once(*[on("DeleteConnection", arn)] * 2)
    assert crowd.get(arn).status == 400
    return [answer.status for answer in answers] == [400, 400]


@SHOWN.of("reads.name-free-before-gone")
def _(crowd: Any) -> bool:
    name = crowd.name()
    arn = crowd.create(name)
    (gone,), (taken, found) = crowd.side_by_side(
        [on("DeleteConnection", arn)], [creating(name, "GitHub"), on("GetConnection", arn)]
    )
    assert gone.status == 200
    assert crowd.get(arn).status == 400
    return taken.status == found.status == 200


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str) -> None:
    """While a write is under way."""
    assert not shows_in_the_reference(SHOWN[name])
    assert shows(name, SHOWN[name])


@pytest.mark.parametrize("name", SHOWN)
def test_one_after_the_other_a_mutant_is_right(name: str) -> None:
    """Names, deletes and walks of a caller who waits for every answer."""
    assert is_right_in_a_row(name)


def test_every_one_is_shown_and_runs_in_threads() -> None:
    module = {name for name, mutant in ALL.items() if mutant.apply.__module__.endswith(".half_done")}
    assert module == set(SHOWN)
    assert all(ALL[name].in_threads for name in module)
