"""The laws of Delete on trial: it removes what it names, nothing else, at once and for good, and says little."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assay.history import History
from selftests.histories import (
    EDITIONS,
    arn,
    create,
    delete,
    get,
    is_kept,
    is_silent,
    item,
    judged,
    known,
    listing,
    made,
    no_breach,
    story,
    the_breach,
    walk,
    world_of,
)

if TYPE_CHECKING:
    from selftests.histories import Step

REMOVES = "connection.delete.removes"
ONLY = "connection.delete.only"
UNKNOWN = "connection.delete.unknown"
EMPTY = "connection.delete.empty"


# -- removes


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_get_that_finds_a_deleted_connection_is_a_breach(edition: tuple[str, str]) -> None:
    """It is gone from Get at once."""
    for answer in (get("1"), get("1").answers({}), get("1").tells("1", status="ERROR")):
        history = story(made("1"), delete("1"), answer)
        breach = the_breach(REMOVES, history, edition=edition)
        assert breach.call is history.calls[2]
        assert arn("1") in breach.expected
        assert "accepted" in breach.actual


def test_a_list_that_shows_a_deleted_connection_is_a_breach() -> None:
    """It is gone from List at once."""
    history = story(made("1"), delete("1"), listing().shows("9", "1"))
    breach = the_breach(REMOVES, history)
    assert breach.call is history.calls[2]
    assert arn("1") in breach.expected
    assert arn("1") in breach.actual


def test_a_deleted_connection_that_comes_back_is_a_breach() -> None:
    """It is gone for good, also when it was seen gone, and also in a later history of the run."""
    history = story(made("1"), delete("1"), get("1").not_found(), get("1"))
    assert the_breach(REMOVES, history).call is history.calls[3]
    knowledge = known()
    world_of(story(made("1"), delete("1")), knowledge=knowledge).leave_facts(3)
    for step in (get("1"), listing().shows("1")):
        later = story(step.during(9, 10))
        breach = the_breach(REMOVES, later, knowledge=knowledge)
        assert breach.call is later.calls[0]
        assert breach.earlier == 3


def test_a_delete_of_a_living_connection_that_is_refused_is_a_breach() -> None:
    """What exists can be deleted."""
    history = story(made("1"), get("1"), delete("1").not_found())
    breach = the_breach(REMOVES, history)
    assert breach.call is history.calls[2]
    assert "accepted" in breach.expected


def test_a_connection_that_is_gone_keeps_the_law() -> None:
    """From Get and from List."""
    history = story(made("1"), delete("1"), get("1").not_found(), listing().shows("9"))
    kept, broken = judged(REMOVES, history)
    assert {call.index for call in kept} >= {2, 3}
    assert not broken


def test_a_connection_may_be_seen_while_its_delete_is_in_doubt() -> None:
    """Overlapping, unanswered, refused, or not yet known to reads that lag."""
    assert no_breach(REMOVES, story(made("1"), delete("1").during(1, 4), get("1").during(2, 3)))
    assert no_breach(REMOVES, story(made("1"), delete("1").during(1, 4), listing().shows("1").during(2, 5)))
    assert no_breach(REMOVES, story(made("1"), delete("1").unknown(), get("1"), listing().shows("1")))
    assert no_breach(REMOVES, story(made("1"), delete("1").throttled(), get("1"), listing().shows("1")))
    assert no_breach(REMOVES, story(made("1"), delete(arn("1") + "0").not_found(), get("1")))
    stale = story(made("1"), delete("1"), get("1"), listing().shows("1"))
    assert no_breach(REMOVES, stale, knowledge=known(staleness=5.0))


def test_a_walk_may_show_what_was_deleted_after_it_began() -> None:
    """Its pages may be of the moment at which it began; a new walk may not."""
    pages = walk(by=1).pages(["2"], delete("1"), ["1"])
    assert no_breach(REMOVES, story(made("1"), made("2"), pages))
    again = walk(by=1).pages(["2"], ["1"])
    history = story(made("1"), made("2"), pages, again)
    assert the_breach(REMOVES, history).call is history.calls[6]


def test_a_delete_may_be_refused_for_another_delete() -> None:
    """Of two at once either may be the first; one that was lost or throttled may have done it."""
    refused = delete("1").not_found()
    assert no_breach(REMOVES, story(made("1"), refused.during(1, 3), delete("1").during(2, 4)))
    assert no_breach(REMOVES, story(made("1"), delete("1").during(1, 3), refused.during(2, 4)))
    assert no_breach(REMOVES, story(made("1"), refused.during(1, 3), delete("1").unknown().during(2, 4)))
    assert no_breach(REMOVES, story(made("1"), delete("1").unknown(), refused))
    assert no_breach(REMOVES, story(made("1"), delete("1").throttled(503), refused))
    assert no_breach(REMOVES, story(made("1"), delete("1"), refused))
    assert no_breach(REMOVES, story(made("1").during(0, 2), refused.during(1, 3)))
    assert no_breach(REMOVES, story(made("1"), refused), knowledge=known(staleness=5.0))


def test_strangers_may_come_and_go() -> None:
    """Nobody knows what others delete."""
    history = story(listing().shows("9"), get("9"), get("9").not_found(), listing(), listing().shows("9"))
    assert is_silent(REMOVES, history)


def test_an_arn_that_was_given_twice_is_not_judged_gone() -> None:
    """One of the two may live; the law about ARNs speaks."""
    assert no_breach(REMOVES, story(made("1"), delete("1"), create("our-b").ok("1"), get("1")))


# -- only


def test_a_connection_that_another_delete_took_along_is_a_breach() -> None:
    """Delete removes nothing else."""
    history = story(made("1"), made("2"), get("1"), delete("2"), get("1").not_found())
    breach = the_breach(ONLY, history)
    assert breach.call is history.calls[4]
    assert arn("1") in breach.expected
    assert arn("2") in breach.expected


@pytest.mark.parametrize(
    "answer", [delete("9").not_found(), delete(arn("1") + "0").not_found(), delete(arn("2a")).ok()]
)
def test_a_connection_that_a_delete_of_something_else_took_along_is_a_breach(answer: Step) -> None:
    """Whatever it named, and whatever it was answered."""
    history = story(made("1"), answer, get("1").not_found())
    assert the_breach(ONLY, history).call is history.calls[2]


def test_of_several_deletes_the_one_that_was_accepted_is_suspected() -> None:
    """What was refused for its form before it has deleted nothing, as far as anybody knows."""
    near = arn("1")[:-1]
    history = story(made("1"), delete("*").refused(), delete("9").not_found(), delete(near).ok(), get("1").not_found())
    assert repr(near)[1:-1] in the_breach(ONLY, history).expected
    assert no_breach("connection.arn.malformed", history)


def test_what_was_not_deleted_is_there() -> None:
    """The law is kept where Get finds it after another's Delete."""
    kept, broken = judged(ONLY, story(made("1"), made("2"), delete("2"), get("1")))
    assert [call.index for call in kept] == [3]
    assert not broken


def test_a_connection_may_be_gone_for_another_reason() -> None:
    """Its own Delete, a lost one, one at the same moment, a read that lags; other refusals are other laws'."""
    two, gone = delete("2"), get("1").not_found()
    assert no_breach(ONLY, story(made("1"), made("2"), two, delete("1"), gone))
    assert no_breach(ONLY, story(made("1"), made("2"), two, delete("1").unknown(), gone))
    assert no_breach(ONLY, story(made("1"), made("2"), two, delete("1").throttled(503), gone))
    assert no_breach(ONLY, story(made("1"), made("2"), two, gone.during(4, 6), delete("1").during(5, 7)))
    assert no_breach(ONLY, story(made("2"), made("1"), two, gone), knowledge=known(staleness=5.0))
    assert no_breach(ONLY, story(made("1"), made("2"), two, get("1").refused()))
    assert no_breach(ONLY, story(made("2"), two, get("9").not_found()))


def test_without_another_delete_nothing_can_be_taken_along() -> None:
    """The law is not exercised."""
    assert is_silent(ONLY, story(made("1"), get("1"), delete("1"), get("1").not_found()))
    assert is_silent(ONLY, story(made("1"), made("2"), delete("2").unknown(), get("1")))


# -- unknown


def test_a_second_delete_that_is_accepted_is_a_breach() -> None:
    """Already deleted by us: ResourceNotFoundException."""
    for answer in (delete("1"), delete("1").refused()):
        history = story(made("1"), delete("1"), answer)
        breach = the_breach(UNKNOWN, history)
        assert breach.call is history.calls[2]
        assert "ResourceNotFoundException" in breach.expected
        assert "was deleted" in breach.expected


def test_a_delete_of_a_fresh_arn_that_is_accepted_is_a_breach() -> None:
    """It was never given to anyone."""
    knowledge = known(invented={arn("9")})
    history = story(delete("9"))
    assert the_breach(UNKNOWN, history, knowledge=knowledge).call is history.calls[0]
    assert is_kept(UNKNOWN, story(delete("9").not_found()), knowledge=knowledge)


def test_a_delete_of_an_arn_from_elsewhere_is_refused_in_any_way() -> None:
    """Which error is not known."""
    other = arn("9", region="eu-central-1")
    knowledge = known(elsewhere={other})
    assert is_kept(UNKNOWN, story(delete(other).refused("AccessDeniedException")), knowledge=knowledge)
    assert the_breach(UNKNOWN, story(delete(other)), knowledge=knowledge)


def test_a_second_delete_that_is_not_found_keeps_the_law() -> None:
    """Delete is not the kind that succeeds twice."""
    assert is_kept(UNKNOWN, story(made("1"), delete("1"), delete("1").not_found()))


def test_a_delete_of_what_may_be_there_is_not_judged_unknown() -> None:
    """The first one, one at the same moment, one after a lost one, one of nearly an ARN, and weather."""
    assert is_silent(UNKNOWN, story(made("1"), delete("1").unknown(), delete("1")))
    assert is_silent(UNKNOWN, story(made("1"), delete("1").during(1, 3), delete("1").during(2, 4)))
    assert is_silent(UNKNOWN, story(made("1"), delete("1"), delete("1").unknown(), delete("1").throttled()))
    assert is_silent(UNKNOWN, story(made("1"), delete(arn("1") + "0").refused("AccessDeniedException")))


# -- empty


@pytest.mark.parametrize(
    "output", [{"ConnectionArn": arn("1")}, {"Connection": item("1")}, {"ConnectionName": "a"}, {"Connections": []}]
)
def test_an_answer_to_delete_with_documented_members_is_a_breach(output: dict[str, Any]) -> None:
    """The output has none."""
    history = story(made("1"), delete("1").answers(output))
    breach = the_breach(EMPTY, history)
    assert breach.call is history.calls[1]
    assert next(iter(output)) in breach.actual


@pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b'{"ResponseMetadata":{}}', b'{"ConnectionArn":null}'])
def test_an_empty_answer_to_delete_is_legal(body: Any) -> None:
    """An empty body, an object, and members that nobody knows."""
    assert is_kept(EMPTY, story(made("1"), delete("1").raw(200, body)))


def test_refusals_and_weather_say_nothing_of_deletes_answer() -> None:
    """The law is not exercised."""
    assert is_silent(EMPTY, story(delete("1").not_found(), delete("1").unknown(), delete("1").throttled()))


@pytest.mark.parametrize("status", [404, 405])
def test_a_raw_request_that_no_operation_has_seen_says_nothing_of_a_connection(status: int) -> None:
    """Whoever looks for the operation refused it, without a name; the same answer to an ordinary Get is a breach."""
    answer = get("1").raw(404, b'{"message": "unknown target"}')
    ordinary = story(made("1"), made("2"), delete("2"), answer)
    assert the_breach(ONLY, ordinary).call is ordinary.calls[3]
    answer = get("1").raw(status, b'{"message": "unknown target"}')
    *before, last = story(made("1"), made("2"), delete("2"), answer).calls
    raw = replace(last, leg="raw", request=replace(last.request, head=b"POST / HTTP/1.1"))
    assert no_breach(ONLY, History((*before, raw)))
    assert is_silent("connection.get.details", History((*before, raw)))
