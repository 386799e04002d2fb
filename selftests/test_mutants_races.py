"""The mutants of races: where each of their faults shows, and that it shows nowhere but there."""

from __future__ import annotations

from typing import Any

import pytest

from assay.mutants import ALL
from selftests.crowds import accepted, creating, is_right_in_a_row, on, shows, shows_in_the_reference
from selftests.showings import Showings

SHOWN = Showings()
_WIDTH = 6


@SHOWN.of("race.name-check-2ms", "race.name-check-200us", "race.name-check-20us")
def _(crowd: Any) -> bool:
    return accepted(crowd.at_once(*[creating(crowd.name())] * _WIDTH)) > 1


@SHOWN.of("race.name-check-by-provider")
def _(crowd: Any) -> bool:
    name = crowd.name()
    assert accepted(crowd.at_once(*[creating(name)] * _WIDTH)) == 1
    name = crowd.name()
    return accepted(crowd.at_once(*(creating(name, kind) for kind in ("Bitbucket", "GitHub", "GitLab")))) > 1


@SHOWN.of("race.insert-before-check")
def _(crowd: Any) -> bool:
    return accepted(crowd.at_once(*[creating(crowd.name())] * _WIDTH)) == 0


@SHOWN.of("race.deletes-both-accepted")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    shows = accepted(crowd.at_once(*[on("DeleteConnection", arn)] * _WIDTH)) > 1
    assert crowd.get(arn).status == crowd.delete(arn).status == 400
    return shows


def _made_at_once(crowd: Any) -> list[str]:
    answers = crowd.at_once(*(creating(crowd.name()) for _ in range(_WIDTH)))
    assert accepted(answers) == _WIDTH
    return [answer.members["ConnectionArn"] for answer in answers]


@SHOWN.of("race.create-lost")
def _(crowd: Any) -> bool:
    return any(crowd.get(arn).status == 400 for arn in _made_at_once(crowd))


@SHOWN.of("race.index-rewritten")
def _(crowd: Any) -> bool:
    made = _made_at_once(crowd)
    assert all(crowd.get(arn).status == 200 for arn in made)
    missing = not set(made) <= set(crowd.arns())
    for arn in made:
        crowd.delete(arn)
    return missing


@SHOWN.of("race.counter-without-lock", "race.creates-coalesced")
def _(crowd: Any) -> bool:
    made = _made_at_once(crowd)
    return len(set(made)) < len(made)


@SHOWN.of("race.list-torn")
def _(crowd: Any) -> bool:
    stem = crowd.name()
    arns = crowd.create_many(5, stem)
    shown, *_ = crowd.at_once(("ListConnections", {}), *(on("DeleteConnection", arn) for arn in arns[:2]))
    listed = {item["ConnectionArn"] for item in shown.members["Connections"]}
    assert set(crowd.arns()) >= set(arns[2:])
    for arn in arns[2:]:
        crowd.delete(arn)
    return not set(arns[2:]) <= listed


@SHOWN.of("race.stale-cache")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    crowd.at_once(*[on("GetConnection", arn)] * 3, on("DeleteConnection", arn), on("GetConnection", arn))
    assert arn not in crowd.arns()
    return crowd.get(arn).status == 200


@SHOWN.of("race.tokens-shared")
def _(crowd: Any) -> bool:
    if not crowd.trials:
        crowd.create_many(6, crowd.name())
    page = crowd.page(MaxResults=1)
    behind = crowd.page(MaxResults=1, NextToken=page["NextToken"])["Connections"][0]["ConnectionArn"]
    one = ("ListConnections", {"MaxResults": 1, "NextToken": page["NextToken"]})
    pages = crowd.at_once(one, ("ListConnections", {"MaxResults": 4}), one, one)
    return any(pages[n].members["Connections"][0]["ConnectionArn"] != behind for n in (0, 2, 3))


@SHOWN.of("race.create-undoes-delete")
def _(crowd: Any) -> bool:
    arn = crowd.create(crowd.name())
    _, gone, _ = crowd.at_once(creating(crowd.name()), on("DeleteConnection", arn), creating(crowd.name()))
    assert gone.status == 200
    return crowd.get(arn).status == 200


@SHOWN.of("race.delete-takes-the-new")
def _(crowd: Any) -> bool:
    name = crowd.name()
    arn = crowd.create(name)
    answers = crowd.at_once(on("DeleteConnection", arn), *[creating(name)] * 4)[1:]
    made = [answer.members["ConnectionArn"] for answer in answers if answer.status == 200]
    assert len(made) <= 2  # what was taken has freed the name again
    return any(crowd.get(arn).status == 400 for arn in made)


@SHOWN.of("race.delete-frees-anothers-name")
def _(crowd: Any) -> bool:
    name = crowd.name()
    arn = crowd.create(name)
    answers = crowd.at_once(on("DeleteConnection", arn), *[creating(name)] * 3)[1:]
    return accepted(answers) > 0 and crowd.call(*creating(name)[:1], **creating(name)[1]).status == 200


@SHOWN.of("race.answers-swapped")
def _(crowd: Any) -> bool:
    first, second = crowd.create(crowd.name()), crowd.create(crowd.name())
    answers = crowd.at_once(*[on("GetConnection", first), on("GetConnection", second)] * 2)
    return [answer.members["Connection"]["ConnectionArn"] for answer in answers] != [first, second] * 2


@SHOWN.of("race.second-worker")
def _(crowd: Any) -> bool:
    return any(crowd.get(arn).status == 400 for arn in _made_at_once(crowd))


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_shows_in_the_mutant_and_not_in_the_reference(name: str) -> None:
    """Where two calls meet."""
    assert not shows_in_the_reference(SHOWN[name])
    assert shows(name, SHOWN[name])


@pytest.mark.parametrize("name", SHOWN)
def test_one_after_the_other_a_mutant_is_right(name: str) -> None:
    """Names, deletes and walks of a caller who waits for every answer."""
    assert is_right_in_a_row(name)


def test_every_race_is_shown_and_runs_in_threads() -> None:
    races = {name for name in ALL if name.startswith("race.")}
    assert races == set(SHOWN)
    assert all(ALL[name].in_threads for name in races)
