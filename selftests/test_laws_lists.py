"""The laws of what List shows, on trial: all there is, once, nothing else, filtered as asked, at one with Get."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assay.history import History
from assay.knowledge import Knowledge
from selftests.histories import (
    EDITIONS,
    Step,
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

COMPLETE = "connection.list.complete"
ONCE = "connection.list.once"
TRUTH = "connection.list.truth"
FILTER = "connection.list.filter"
FILTER_VALUE = "connection.list.filter-value"
AGREES = "connection.list.agrees"
TWO = (made("1"), made("2"))


# -- complete


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_walk_that_leaves_a_connection_out_is_a_breach(edition: tuple[str, str]) -> None:
    """A walk to the last page shows every connection that existed throughout."""
    history = story(*TWO, walk(by=1).pages(["1"], ["9"], []))
    breach = the_breach(COMPLETE, history, edition=edition)
    assert breach.call is history.calls[4]
    assert arn("2") in breach.expected
    assert "3 pages of 2 connections" in breach.actual


def test_a_walk_that_loses_a_connection_while_others_go_is_a_breach() -> None:
    """Offset tokens do that when something is deleted between two pages."""
    history = story(*TWO, made("3"), walk(by=1).pages(["1"], delete("1"), ["3"]))
    breach = the_breach(COMPLETE, history)
    assert breach.call is history.calls[5]
    assert arn("2") in breach.expected


def test_a_complete_walk_keeps_the_law() -> None:
    """In any order, in pages of any length, with an empty last one, null for the last token, and strangers between."""
    assert is_kept(COMPLETE, story(*TWO, walk(by=5).pages(["2", "9"], [], ["1"], [])))
    assert is_kept(COMPLETE, story(*TWO, listing().shows("2", "1", token=None)))


def test_a_walk_may_leave_out_what_did_not_exist_throughout() -> None:
    """Created or deleted on the way, at the same moment, in doubt, or too young for a read that lags."""
    one = walk(by=1).pages(["1"])
    assert no_breach(COMPLETE, story(made("1"), walk(by=1).pages(["1"], made("2"), [])))
    assert no_breach(COMPLETE, story(*TWO, walk(by=1).pages(["1"], delete("2"), [])))
    assert no_breach(COMPLETE, story(*TWO, walk(by=1).pages(["1"], delete("2").unknown(), [])))
    assert no_breach(COMPLETE, story(*TWO, walk(by=1).pages(["1"], delete("2").throttled(503), [])))
    assert no_breach(COMPLETE, story(made("1"), made("2").during(1, 4), one[0].during(3, 5)))
    assert no_breach(COMPLETE, story(*TWO, delete("2").during(3, 5), one[0].during(4, 6)))
    assert no_breach(COMPLETE, story(made("1"), create("our-2").unknown(), one))
    assert no_breach(COMPLETE, story(*TWO, one), knowledge=known(staleness=5.0))


def test_only_a_walk_that_reached_its_end_is_complete() -> None:
    """One that was cut off, refused, lost or answered nobody knows how proves nothing."""
    first = walk(by=1).pages(["1"], ends=False)
    assert is_silent(COMPLETE, story(*TWO, first))
    pages = walk(by=1).pages(["1"], [])
    assert is_silent(COMPLETE, story(*TWO, pages[0], pages[1].unknown()))
    assert is_silent(COMPLETE, story(*TWO, pages[0], pages[1].refused()))
    assert is_silent(COMPLETE, story(*TWO, listing().unknown(), listing().throttled(), listing().refused()))
    assert is_silent(COMPLETE, story(*TWO, listing(token="somebody's").shows("9")))


def test_a_page_that_is_asked_for_again_belongs_to_the_walk() -> None:
    """Throttled or lost in between, the walk goes on where it was."""
    for lost in ("throttled", "unknown"):
        pages = walk(by=1).pages(["1"], ["2"], ["3"])
        again = [pages[0], getattr(pages[1], lost)(), getattr(pages[1], lost)(), pages[1], pages[2]]
        assert is_kept(COMPLETE, story(*TWO, again))
        missing = [pages[0], getattr(pages[1], lost)(), pages[1].shows("9")]
        history = story(*TWO, missing)
        assert the_breach(COMPLETE, history).call is history.calls[4]


def test_a_page_of_no_known_size_may_mean_anything() -> None:
    """What MaxResults 0 means is written nowhere."""
    for law in (COMPLETE, ONCE):
        assert no_breach(law, story(*TWO, walk(by=0).pages([])))
        assert no_breach(law, story(*TWO, walk(by=0).pages(["1"], ["1"])))
    assert no_breach(FILTER, story(*TWO, walk(by=0, kind="Bitbucket").pages([])))


def test_a_connection_that_get_misses_as_well_is_not_lists_fault() -> None:
    """It is gone, not left out."""
    assert no_breach(COMPLETE, story(*TWO, get("2").not_found(), walk().pages(["1"])))


def test_filtered_walks_and_empty_histories_say_nothing_of_completeness() -> None:
    """A filter has a law of its own."""
    assert is_silent(COMPLETE, story(*TWO, walk(kind="Bitbucket").pages([])))
    assert is_silent(COMPLETE, story(*TWO, walk(HostArnFilter="x").pages([])))
    assert is_silent(COMPLETE, story(walk(by=1).pages(["8"], ["9"])))


def test_walks_that_share_a_token_are_told_apart_as_well_as_can_be() -> None:
    """Tokens may be the same for every walk; each of two overlapping walks is complete in itself."""
    first = [listing(by=1).shows("1", token="a"), listing(by=1, token="a").shows("2")]
    assert no_breach(COMPLETE, story(*TWO, first[0], first[0], first[1], first[1]))


# -- once


def _between_walks(*pages: Any) -> History:
    same = walk().pages(["1", "2"])
    return story(*TWO, same, walk(by=1).pages(*pages), same)


def test_a_walk_that_shows_a_connection_twice_is_a_breach() -> None:
    """A must where nothing changed: the walks before and after show the same ARNs."""
    history = _between_walks(["1"], ["1", "2"])
    breach = the_breach(ONCE, history)
    assert breach.clause is None
    assert breach.call is history.calls[4]
    assert arn("1") in breach.expected
    assert "page 1 and page 2" in breach.actual


def test_one_page_that_shows_a_connection_twice_is_a_breach() -> None:
    """A walk of one page is a walk."""
    history = _between_walks(["1", "2", "1"])
    breach = the_breach(ONCE, history)
    assert breach.clause is None
    assert breach.call is history.calls[3]


def test_a_walk_during_churn_breaks_the_clause_alone() -> None:
    """Where our calls fall between the pages, or nobody walked before and after."""
    between = walk(by=1).pages(["1"], made("3"), ["1"], ["2"], ["3"])
    assert the_breach(ONCE, story(*TWO, between)).clause == "overlapping"
    assert the_breach(ONCE, story(*TWO, walk(by=1).pages(["1"], ["1"], ["2"]))).clause == "overlapping"
    same = walk().pages(["1", "2"])
    strangers = story(*TWO, same, walk(by=1).pages(["1"], ["1"], ["2"]), walk().pages(["1", "2", "9"]))
    assert the_breach(ONCE, strangers).clause == "overlapping"


def test_changes_that_reads_may_still_lag_behind_are_churn() -> None:
    """What was created just before the walks may come into view between two pages."""
    history = _between_walks(["1"], ["1", "2"])
    assert the_breach(ONCE, history, knowledge=known(staleness=60.0)).clause == "overlapping"


def test_a_walk_that_shows_everything_once_keeps_the_law() -> None:
    """Two walks may show the same, a walk may not."""
    assert is_kept(ONCE, _between_walks(["2"], ["1"], []))


def test_walks_that_do_not_end_or_show_nothing_say_nothing_of_once() -> None:
    """The law is not exercised."""
    endless = walk(by=1).pages(["1"], ["1"], ends=False)
    assert is_silent(ONCE, story(endless, listing().shows(), listing().unknown()))


def test_connections_that_are_shown_without_an_arn_are_not_the_same() -> None:
    """Whatever stands in its place."""
    for given in (..., None, 7, [], {}):
        assert no_breach(ONCE, story(*TWO, walk(by=1).pages([item("8", given=given)], [item("9", given=given)])))


# -- truth


def test_a_deleted_connection_in_a_new_walk_is_a_breach() -> None:
    """None of ours is listed that was deleted before the walk began."""
    history = story(*TWO, delete("1"), walk(by=1).pages(["2"], ["1"]))
    breach = the_breach(TRUTH, history)
    assert breach.call is history.calls[4]
    assert arn("1") in breach.expected


def test_a_connection_that_an_earlier_history_deleted_is_remembered() -> None:
    """And the breach says which program made it."""
    knowledge = known()
    world_of(story(made("1"), delete("1")), knowledge=knowledge).leave_facts(2)
    history = story(listing().shows("1").during(8, 9))
    assert the_breach(TRUTH, history, knowledge=knowledge).earlier == 2


def test_a_name_of_ours_that_nobody_asked_for_is_a_breach() -> None:
    """Nor a name of this run's prefix that no Create could have made."""
    history = story(made("1"), listing().shows("1", item("5", name="our-invention")))
    breach = the_breach(TRUTH, history)
    assert breach.call is history.calls[1]
    assert "our-invention" in breach.actual


def test_names_that_were_asked_for_are_true() -> None:
    """Also by a lost, a refused or a running Create, and by earlier programs of the run."""
    shows = listing().shows(item("1", name="our-a"))
    assert is_kept(TRUTH, story(create("our-a").unknown(), shows))
    assert is_kept(TRUTH, story(create("our-a").refused(), shows))
    assert is_kept(TRUTH, story(create("our-a").throttled(503), shows))
    assert is_kept(TRUTH, story(create("our-a").during(0, 3).ok("1"), shows.during(1, 2)))
    assert is_kept(TRUTH, story(shows), knowledge=known(names={"our-a"}))
    knowledge = known()
    world_of(story(create("our-a").unknown()), knowledge=knowledge).leave_facts(0)
    assert is_kept(TRUTH, story(shows), knowledge=knowledge)
    assert is_kept(TRUTH, story(listing().shows(item("9", name="theirs"))))
    assert is_kept(TRUTH, story(shows), knowledge=Knowledge())


def test_a_deleted_connection_may_be_shown_while_it_is_in_doubt() -> None:
    """Deleted on the way, at the same moment, perhaps, or not yet known to reads that lag."""
    shows = listing().shows("1")
    assert no_breach(TRUTH, story(*TWO, walk(by=1).pages(["2"], delete("1"), ["1"])))
    assert no_breach(TRUTH, story(made("1"), delete("1").during(1, 3), shows.during(2, 4)))
    assert no_breach(TRUTH, story(made("1"), delete("1").unknown(), shows))
    assert no_breach(TRUTH, story(made("1"), delete("1"), shows), knowledge=known(staleness=5.0))


def test_an_empty_list_says_nothing_of_truth() -> None:
    """The law is not exercised."""
    assert is_silent(TRUTH, story(made("1"), listing(), listing().answers({}), listing().unknown()))


def test_a_name_that_nobody_asked_for_is_told_once() -> None:
    """What stays there says nothing of later histories; another such name does."""
    knowledge = known()
    shows = listing().shows(item("5", name="our-invention"))
    first = story(made("1"), shows)
    assert the_breach(TRUTH, first, knowledge=knowledge).call is first.calls[1]
    world_of(first, knowledge=knowledge).leave_facts(0)
    assert no_breach(TRUTH, story(shows), knowledge=knowledge)
    assert the_breach(TRUTH, story(listing().shows(item("6", name="our-other"))), knowledge=knowledge)


def test_an_arn_that_was_given_again_says_nothing_of_the_past() -> None:
    """By a Create of a later history, or by a request that calls no operation: it may name another one since."""
    shows = listing().shows("1").during(8, 9)
    for again in (made("1"), _odd(made("1"))):
        knowledge = known()
        world_of(story(made("1"), delete("1")), knowledge=knowledge).leave_facts(0)
        assert the_breach(TRUTH, story(shows), knowledge=knowledge)
        later = again if isinstance(again, History) else story(again)
        world_of(later, knowledge=knowledge).leave_facts(1)
        assert no_breach(TRUTH, story(shows), knowledge=knowledge)
        assert no_breach("connection.delete.removes", story(shows), knowledge=knowledge)


def _odd(create: Step) -> History:
    """The history of a Create as a request that calls no operation by its name."""
    (call,) = story(create)
    return History((replace(call, leg="raw", operation="", request=replace(call.request, head=b"POST / HTTP/1.1")),))


# -- filter


def test_a_filtered_page_that_shows_another_provider_is_a_breach() -> None:
    """Only those, on every page, of strangers too."""
    history = story(walk(by=1, kind="GitHub").pages([item("8", kind="GitHub")], [item("9")]))
    breach = the_breach(FILTER, history)
    assert breach.call is history.calls[1]
    assert "GitHub" in breach.expected
    assert "Bitbucket" in breach.actual


def test_a_filtered_walk_that_leaves_a_connection_out_is_a_breach() -> None:
    """All of them."""
    history = story(made("1", kind="GitHub"), walk(by=1, kind="GitHub").pages([]))
    breach = the_breach(FILTER, history)
    assert breach.call is history.calls[1]
    assert arn("1") in breach.expected
    assert "of GitHub" in breach.actual


def test_a_filter_that_shows_all_and_only_its_provider_keeps_the_law() -> None:
    """Others may be left out, and a provider that is not told proves nothing."""
    shows = walk(by=1, kind="GitHub").pages([item("1", kind="GitHub")], [item("8", kind=None)], [])
    assert is_kept(FILTER, story(made("1", kind="GitHub"), made("2"), shows))


def test_a_filtered_walk_may_leave_out_what_need_not_be_there() -> None:
    """Of another provider, of a host's, under a second filter, in doubt, or too young."""
    empty = walk(kind="Bitbucket").pages([])
    host = "arn:aws:codestar-connections:us-east-1:123456789012:host/a-12345678"
    assert no_breach(FILTER, story(made("1", kind="GitHub"), empty))
    assert no_breach(FILTER, story(create("our-1", ..., HostArn=host).ok("1"), empty))
    assert no_breach(FILTER, story(create("our-1", HostArn=host).ok("1"), empty))
    assert no_breach(FILTER, story(made("1"), walk(kind="Bitbucket", HostArnFilter=host).pages([])))
    assert no_breach(FILTER, story(made("1"), delete("1").unknown(), empty))
    assert no_breach(FILTER, story(made("1"), empty), knowledge=known(staleness=5.0))
    assert no_breach(FILTER, story(made("1"), walk(by=1, kind="Bitbucket").pages([], ends=False)))


def test_plain_and_unknown_filters_say_nothing_of_filtering() -> None:
    """A filter that is no provider has a law of its own."""
    steps = [
        listing().shows("8", item("9", kind="GitHub")),
        listing(kind="x").shows("9"),
        listing(kind="GitHub").refused(),
    ]
    assert is_silent(FILTER, story(*steps))


def test_a_filter_that_is_no_provider_should_be_refused() -> None:
    """Other case included."""
    for kind in ("x", "bitbucket", ""):
        history = story(listing(kind=kind))
        breach = the_breach(FILTER_VALUE, history)
        assert breach.call is history.calls[0]
        assert "no provider" in breach.expected
        assert is_kept(FILTER_VALUE, story(listing(kind=kind).refused()))


def test_providers_of_any_edition_and_weather_say_nothing_of_filter_values() -> None:
    """An endpoint may be older or newer than its judge."""
    steps = [listing(kind=kind) for kind in ("Bitbucket", "AzureDevOps", None, ..., 7)]
    assert is_silent(FILTER_VALUE, story(*steps, listing(kind="x").unknown(), listing(kind="x").throttled()))


# -- agrees


@pytest.mark.parametrize(
    "unusual", [{"name": "our-b"}, {"kind": "GitHub"}, {"owner": "000000000000"}, {"owner": ...}, {"HostArn": "x"}]
)
def test_an_item_that_is_not_what_get_says_is_a_breach(unusual: dict[str, Any]) -> None:
    """Whichever of the two came first, and also where one of them keeps a member to itself."""
    for steps in (
        [get("1"), listing().shows(item("1", **unusual))],
        [listing().shows("1"), get("1").tells("1", **unusual)],
    ):
        history = story(made("1"), *steps)
        breach = the_breach(AGREES, history)
        assert breach.call is history.calls[2]
        assert arn("1") in breach.expected


def test_an_item_that_is_what_get_says_keeps_the_law() -> None:
    """Null counts as absent, members that nobody knows do not count."""
    shows = listing().shows("9", item("1", HostArn=None, Surprise=1))
    assert is_kept(AGREES, story(made("1"), get("1").tells("1", Another=2), shows))


def test_one_witness_and_strangers_cannot_disagree() -> None:
    """Nor can answers after a Delete, nor a status in recorded traffic."""
    other = item("1", status="AVAILABLE")
    assert is_silent(AGREES, story(made("1"), get("1"), get("9"), listing().shows(item("9", kind="GitHub"))))
    assert is_silent(AGREES, story(made("1"), get("1"), delete("1"), listing().shows(other)))
    assert no_breach(AGREES, story(made("1"), get("1"), listing().shows(other)), knowledge=Knowledge())
    kept, _ = judged(AGREES, story(made("1"), listing().shows("1"), listing().shows(other)))
    assert not kept
