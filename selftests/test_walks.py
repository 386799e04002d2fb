"""Walks on trial: which pages belong together, whatever tokens an endpoint gives."""

from __future__ import annotations

from typing import Any

import pytest

from selftests.histories import listing, made, story, walk, world_of


def test_pages_are_tied_together_by_their_tokens() -> None:
    """Two walks at once, each with its own."""
    first, second = walk(by=1).pages(["1"], ["2"]), walk(by=1).pages(["3"], ["4"])
    world = world_of(story(first[0], second[0], first[1], second[1]))
    assert [[call.index for call in each.pages] for each in world.walks] == [[0, 2], [1, 3]]
    assert all(each.is_complete for each in world.walks)


def test_a_walk_goes_on_only_with_the_inputs_that_it_began_with() -> None:
    """What a token means under another filter is open."""
    first = listing(by=1).shows("1", token="t")
    world = world_of(
        story(first, listing(by=2, token="t").shows("2"), listing(by=1, kind="GitHub", token="t").shows("3"))
    )
    assert [len(each.pages) for each in world.walks] == [1]


def test_a_token_that_is_used_twice_makes_two_walks() -> None:
    """Each is a walk of its own from there on."""
    pages = walk(by=1).pages(["1"], ["2"])
    world = world_of(story(*pages, pages[1]))
    assert [[call.index for call in each.pages] for each in world.walks] == [[0, 1], [0, 2]]
    assert [[number for number, _ in each.items] for each in world.walks] == [[1, 2], [1, 2]]


def test_a_page_that_was_asked_for_in_vain_is_replaced_by_the_next_try() -> None:
    """However often it is asked for."""
    pages = walk(by=1).pages(["1"], ["2"])
    world = world_of(story(pages[0], pages[1].unknown(), pages[1].throttled(), pages[1].throttled(503), pages[1]))
    assert [[call.index for call in each.pages] for each in world.walks] == [[0, 4]]


@pytest.mark.parametrize("token", [7, True, ["a"], {"a": 1}])
def test_a_token_may_be_any_json_where_an_endpoint_is_that_far_astray(token: Any) -> None:
    """The walk is followed all the same."""
    world = world_of(story(listing().shows("1", token=token), listing(token=token).shows("2")))
    assert [len(each.pages) for each in world.walks] == [2]


def test_a_page_belongs_to_a_walk_that_was_given_its_token_before() -> None:
    """The other one was given it only later."""
    history = story(
        *(made(short) for short in "123"),
        listing(2).shows("1", "2", token="same").during(100, 101),
        listing(2).shows("1", "2", token="same").during(100.5, 109),
        listing(2, token="same").shows("3").during(102, 103),
    )
    world = world_of(history)
    complete = [each for each in world.walks if each.is_complete]
    assert [page.start for page in complete[0].pages] == [100, 102]
