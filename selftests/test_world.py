"""The world on trial: what a history lets us know, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.history import Accepted
from selftests.histories import FIRST, arn, create, delete, get, item, known, listing, made, story, world_of

if TYPE_CHECKING:
    from selftests.histories import Step


def test_a_connection_surely_lives_from_its_creates_end_to_its_deletes_start() -> None:
    """Before, after and between the ends of a call nobody knows."""
    one = world_of(story(made("1").during(1, 2), delete("1").during(5, 6))).connection(arn("1"))
    assert one.lives_throughout(2, 5)
    assert not one.lives_throughout(1.5, 3)
    assert not one.lives_throughout(3, 5.5)
    assert one.may_live_within(1.5, 1.7)
    assert one.may_live_within(5.5, 9)
    assert not one.may_live_within(6, 9)
    assert not one.may_live_within(0, 0.5)
    assert one.is_gone_by(6)
    assert not one.is_gone_by(5.5)


@pytest.mark.parametrize("answer", [delete("1").unknown(), delete("1").not_found(), delete("1").throttled(503)])
def test_a_delete_that_was_not_accepted_leaves_two_noes(answer: Step) -> None:
    """The connection is neither surely there nor surely gone."""
    one = world_of(story(made("1"), answer)).connection(arn("1"))
    assert not one.lives_throughout(1, 9)
    assert not one.is_gone_by(9)
    assert one.may_live_within(8, 9)


def test_a_delete_that_was_turned_away_for_its_rate_leaves_the_connection() -> None:
    """It says nothing of the contract, and did nothing."""
    assert world_of(story(made("1"), delete("1").throttled())).connection(arn("1")).lives_throughout(1, 9)


def test_only_what_was_given_to_us_is_ours() -> None:
    """A stranger's connection, a lost Create's and one without an ARN are not."""
    history = story(
        get("9"), create("our-a").unknown(), create("our-b").answers({}), create("our-c").answers({"ConnectionArn": 7})
    )
    world = world_of(history)
    assert not world.ours
    assert world.connection(arn("9")) is None
    for odd in (None, 7, [], {}):
        assert world.connection(odd) is None
        assert not world.is_gone(odd, 9)


def test_an_arn_that_was_given_twice_answers_no_question() -> None:
    """It names two connections."""
    world = world_of(story(made("1"), create("our-b").ok("1"), delete("1"), get("1")))
    assert world.given_twice == {arn("1")}
    assert world.connection(arn("1")) is None
    assert not world.is_gone(arn("1"), 99)
    assert not world.ours[arn("1")].sightings


def test_staleness_moves_what_a_read_must_know() -> None:
    """A read may be as old as the caller says."""
    history = story(made("1").during(0, 1), delete("1").during(10, 11))
    fresh, stale = world_of(history), world_of(history, knowledge=known(staleness=5.0))
    one = fresh.connection(arn("1"))
    assert fresh.is_settled(one, 1, 2)
    assert not stale.is_settled(one, 1, 2)
    assert stale.is_settled(one, 6, 7)
    assert fresh.is_gone(arn("1"), 11)
    assert not stale.is_gone(arn("1"), 15)
    assert stale.is_gone(arn("1"), 16)


def test_facts_are_left_for_the_next_history() -> None:
    """What was made, since when it is gone, and which names were asked for."""
    knowledge = known()
    world_of(story(made("1"), made("2"), create("our-3").unknown(), delete("1")), knowledge=knowledge).leave_facts(4)
    assert knowledge.past[arn("1")].gone_at == 3.5
    assert knowledge.past[arn("2")].gone_at is None
    assert knowledge.past[arn("1")].program == 4
    assert knowledge.names == {"our-1", "our-2", "our-3"}
    later = world_of(story(delete("2").during(10, 11)), knowledge=knowledge)
    assert later.is_gone(arn("1"), 10)
    assert not later.is_gone(arn("2"), 12)
    later.leave_facts(5)
    assert knowledge.past[arn("2")].gone_at == 11
    assert knowledge.past[arn("2")].program == 4


def test_a_page_is_read_wherever_it_can_be() -> None:
    """A missing list is empty, null members are absent, and what is no connection is passed over."""
    world = world_of(
        story(listing().answers({}), listing().answers({"Connections": [None, "x", item("1", HostArn=None)]}))
    )
    assert [world.page(call) for call in world.lists] == [[], [item("1")]]


def test_what_is_shown_after_a_delete_is_no_sighting_of_the_connection() -> None:
    """What answers there is something else, and other laws speak of it."""
    world = world_of(story(made("1"), get("1"), delete("1"), get("1"), listing().shows("1")))
    assert [sighting.call.index for sighting in world.connection(arn("1")).sightings] == [1]
    assert [sighting.call.index for sighting in world.shown] == [1, 3, 4]


def test_attempts_that_were_turned_away_are_left_out_unless_they_may_have_had_an_effect() -> None:
    """A 503 may come from a balancer whose server went on."""
    world = world_of(story(create("our-a").throttled(), create("our-a").throttled(503), create("our-a").ok("1")))
    assert [call.index for call in world.creates] == [1, 2]
    assert isinstance(world.creates[1].outcome, Accepted)


def test_beside_a_host_the_provider_is_the_endpoints() -> None:
    """Which of the two counts is written nowhere."""
    host = "arn:aws:codestar-connections:us-east-1:123456789012:host/a-12345678"
    world = world_of(story(create("our-1", HostArn=host).ok("1"), made("2")))
    assert world.connection(arn("1")).kind is None
    assert world.connection(arn("2")).kind == "Bitbucket"


def test_twins_are_found_by_what_a_careless_database_makes_of_a_name() -> None:
    """Case, spaces, accents and normal forms."""
    names = ["our-café", "our-CAFE\u0301", " our-cafe ", "our-cafes"]
    world = world_of(story(*[create(name).refused() for name in names]), FIRST)
    assert [call.index for call in world.creates_like("our-café")] == [0, 1, 2]
    assert world.creates_like(7) == []
