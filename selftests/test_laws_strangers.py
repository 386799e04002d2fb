"""What lists owe to connections of others: those that stand before a walk and behind it are on it, and no more is sure.

Others write nothing down. So most of these histories are legal ones in which one of theirs is missing from a walk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from assay.accounts import worlds_of
from assay.history import FIRST, SECOND, History
from assay.knowledge import Past
from assay.laws import JUDGES, Breach
from selftests.histories import (
    EDITIONS,
    arn,
    contract_of,
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
)

if TYPE_CHECKING:
    from selftests.histories import Step

COMPLETE = "connection.list.complete"
FILTER = "connection.list.filter"
STABLE = "concurrent.list.stable"
TERMINATES = "connection.list.terminates"
PAUSE = get("1")  # a second
SEEN = [made("1"), walk().pages(["1", "9"]), PAUSE]
SEEN_AGAIN = [PAUSE, walk().pages(["1", "9"])]


def _between(*steps: Step | list[Step]) -> History:
    """One of ours, and one of others that is listed a while before these steps and a while behind them."""
    return story(*SEEN, *steps, *SEEN_AGAIN)


def _looks(before: Any, behind: Any, *between: Step | list[Step]) -> History:
    """The same, where it looks like this before, and like that behind."""
    return story(made("1"), walk().pages(["1", before]), PAUSE, *between, PAUSE, walk().pages(["1", behind]))


# -- what is a breach


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_listed_before_and_behind_is_missed_between(edition: tuple[str, str]) -> None:
    """Nobody gives its ARN again, so it was there all the time."""
    history = _between(walk().pages(["1"]))
    breach = the_breach(COMPLETE, history, edition=edition)
    assert breach.call is history.calls[3]
    assert arn("9") in breach.expected
    assert "1 page of 1 connection" in breach.actual


def test_a_filtered_walk_misses_what_has_its_provider() -> None:
    """The filter's own law says so, and the law of walks without one is silent of it."""
    history = _between(walk(kind="Bitbucket").pages(["1"]))
    assert the_breach(FILTER, history).call is history.calls[3]
    assert no_breach(COMPLETE, history)


def test_any_page_tells_that_a_connection_is_there() -> None:
    """A page of a walk that was cut off, a filtered one, and one whose token belongs to the walk before it."""
    cut = walk(by=1).pages(["9"], ends=False)
    filtered = walk(kind="Bitbucket").pages(["1", "9"])
    long = walk(by=1).pages(["1"], PAUSE, ["9"])
    for before in (cut, filtered, long):
        for behind in (cut, filtered, long):
            history = story(made("1"), before, PAUSE, walk().pages(["1"]), PAUSE, behind)
            assert arn("9") in the_breach(COMPLETE, history).expected


def test_a_walk_beside_a_write_misses_it_as_well() -> None:
    """What the law of walks says, the law of walks among writes says of those."""
    pages = walk(by=1).pages(["1"], [])
    history = story(*SEEN, pages[0].during(4, 6), made("2").during(5, 7), pages[1].during(7, 8), *SEEN_AGAIN)
    assert arn("9") in the_breach(STABLE, history).expected


def test_one_of_ours_is_named_first() -> None:
    """A finding about what the run made itself can be run again."""
    history = story(made("1"), made("2"), *SEEN[1:], walk().pages(["2"]), PAUSE, walk().pages(["1", "2", "9"]))
    (breach,) = [each for each in judged(COMPLETE, history)[1] if each.call is history.calls[4]]
    assert arn("1") in breach.expected


# -- what is none


def test_a_walk_that_shows_it_keeps_the_law() -> None:
    """On any of its pages."""
    assert is_kept(COMPLETE, _between(walk(by=1).pages(["1"], [], ["9"])))
    assert is_kept(FILTER, _between(walk(kind="Bitbucket").pages(["9", "1"])))


def test_connections_of_others_alone_exercise_no_law() -> None:
    """They are a bonus: a run has to make what it counts on."""
    assert is_silent(COMPLETE, story(walk().pages(["9"]), PAUSE, walk().pages([]), PAUSE, walk().pages(["9"])))


def test_others_come_and_go() -> None:
    """Before only, behind only, or another connection under the same name."""
    assert is_kept(COMPLETE, story(*SEEN, walk().pages(["1"]), PAUSE, walk().pages(["1"])))
    assert is_kept(COMPLETE, story(made("1"), walk().pages(["1"]), PAUSE, walk().pages(["1"]), *SEEN_AGAIN))
    same_name = item("8", name="theirs")
    assert is_kept(COMPLETE, _looks(item("9", name="theirs"), same_name, walk().pages(["1"])))


def test_a_page_of_the_walk_itself_is_neither_before_nor_behind() -> None:
    """It stood on one walk, and comes or goes while the next one looks elsewhere."""
    missing = walk(by=1).pages(["1"], PAUSE, PAUSE, [])
    assert no_breach(COMPLETE, story(made("1"), missing, PAUSE, walk().pages(["1", "9"])))
    pages = walk(by=1).pages(["1"], ["9"])
    again = pages[1].shows()  # the same token, asked with once more: another end of the same walk
    assert no_breach(COMPLETE, story(made("1"), pages, PAUSE, again))


def test_a_walk_may_show_to_its_end_what_there_was_when_it_began() -> None:
    """A token may stand for that moment; so its later pages do not tell what is there behind another walk."""
    history = story(*SEEN, walk(by=1).pages(["1"], PAUSE, listing().shows("1"), PAUSE, ["9"]))
    assert no_breach(COMPLETE, history)
    assert no_breach(COMPLETE, story(*SEEN, listing().shows("1"), PAUSE, listing(token="of-some-day").shows("9")))


def test_reads_may_lag() -> None:
    """Both pages have to be further away than reads may be late."""
    history = _between(walk().pages(["1"]))
    for lag in (0.0, 1.0, 1.5):
        assert arn("9") in the_breach(COMPLETE, history, knowledge=known(staleness=lag)).expected
    for lag in (1.6, 5.0):
        assert no_breach(COMPLETE, history, knowledge=known(staleness=lag))
    close = story(made("1"), walk().pages(["1", "9"]), walk().pages(["1"]), walk().pages(["1", "9"]))
    assert arn("9") in the_breach(COMPLETE, close, knowledge=known(staleness=0.5)).expected
    assert no_breach(COMPLETE, close), "nobody says how late, and a write of others may be under way"


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ([(3.5, 4)], [(8, 9)]),
        ([(1, 2)], [(5.5, 7)]),
        ([(3.5, 6)], [(8, 9)]),
        ([(1, 2)], [(4, 9)]),
        ([(1, 6), (2, 7)], [(8, 9)]),
        ([(1, 2)], [(4, 8), (5, 9)]),
    ],
)
def test_a_write_of_others_may_be_under_way(
    before: list[tuple[float, float]], behind: list[tuple[float, float]]
) -> None:
    """Until it is answered, one replica may know of it and another one not; and an answer takes its time, too."""
    first = walk().pages(["1"])[0].during(0.6, 0.8)
    pages = [walk().pages(["1", "9"])[0].during(*each) for each in (*before, *behind)]
    one = walk().pages(["1"])[0].during(4.2, 5.2)
    assert no_breach(COMPLETE, story(made("1"), first, one, *pages, walk().pages(["1"])[0].during(20, 21)))


def test_a_walk_that_ends_nowhere_misses_nothing() -> None:
    """Cut off, lost, refused, turned away for its rate, or in pages of nobody knows what size."""
    page = walk(by=1).pages(["1"], ends=False)
    rest = listing(by=1, token=page[0].outcome.output["NextToken"])  # type: ignore[union-attr] # accepted
    for cut in ([], [rest.unknown()], [rest.refused()], [rest.throttled()], [rest.throttled(503)]):
        assert no_breach(COMPLETE, _between(page, cut))
    assert no_breach(COMPLETE, _between(walk(by=0).pages(["1"])))
    assert no_breach(COMPLETE, _between(listing(by=1).unknown()))


def test_a_page_that_nobody_can_read_tells_nothing() -> None:
    """Neither before nor behind."""
    lost = listing(by=1).unknown()
    assert no_breach(COMPLETE, story(made("1"), lost, PAUSE, walk().pages(["1"]), *SEEN_AGAIN))
    assert no_breach(COMPLETE, story(*SEEN, walk().pages(["1"]), PAUSE, lost, listing().throttled(), get("1")))


@pytest.mark.parametrize(
    "look",
    [
        item("9", kind="GitHub"),
        item("9", kind=...),
        item("9", kind=None),
        item("9", HostArn="arn:aws:codestar-connections:us-east-1:123456789012:host/theirs-0badc0de"),
    ],
)
def test_a_filter_owes_nothing_to_what_may_be_of_another_provider(look: dict[str, Any]) -> None:
    """Of another one, of none that is told, beside a host, or sometimes this and sometimes that."""
    filtered = walk(kind="Bitbucket").pages(["1"])
    assert no_breach(FILTER, _looks(look, look, filtered))
    assert no_breach(FILTER, _looks(item("9"), look, filtered))
    assert no_breach(FILTER, _looks(look, item("9"), filtered))


def test_a_filter_for_hosts_owes_nothing_either() -> None:
    """Nor do two filters at once, and a page whose filter is null has no law."""
    host = "arn:aws:codestar-connections:us-east-1:123456789012:host/theirs-0badc0de"
    for step in (walk(HostArnFilter=host), walk(kind="Bitbucket", HostArnFilter=host), walk(kind=None)):
        history = _between(step.pages(["1"]))
        assert no_breach(COMPLETE, history)
        assert no_breach(FILTER, history)


def test_what_somebody_completed_may_have_moved() -> None:
    """A list may be in the order of statuses; a status that is not told is no other one."""
    missing = walk(by=1).pages(["1"])
    assert no_breach(COMPLETE, _looks(item("9"), item("9", status="AVAILABLE"), missing))
    assert no_breach(COMPLETE, _looks(item("9", status="AVAILABLE"), item("9", status="ERROR"), missing))
    for untold in (..., None):
        history = _looks(item("9"), item("9", status=untold), missing)
        assert arn("9") in the_breach(COMPLETE, history).expected


@pytest.mark.parametrize("where", [{"region": "eu-west-1"}, {"account": "210987654321"}])
def test_what_is_of_another_region_or_account_may_be_shown_or_not(where: dict[str, str]) -> None:
    """Copies of other Regions come late, and nobody says how late."""
    far = item("9", given=arn("9", **where))
    assert no_breach(COMPLETE, _looks(far, far, walk().pages(["1"])))


def test_what_is_of_the_other_spelling_of_the_service_is_at_home() -> None:
    """New connections are called by its new name, and old ones keep the old one."""
    other = item("9", given=arn("9", service="codeconnections"))
    assert "9" in the_breach(COMPLETE, _looks(other, other, walk().pages(["1"]))).expected


def test_where_nothing_is_ours_nobody_knows_which_region_it_is() -> None:
    """A walk alone, or a Create that was lost or refused; but what the run was given before tells it."""
    for first in (walk().pages([]), [create("our-1").unknown()], [create("our-1")]):
        history = story(first, *SEEN[1:], walk().pages(["1"]), *SEEN_AGAIN)
        assert no_breach(COMPLETE, history)
        for region, is_breach in (("us-east-1", True), ("eu-west-1", False)):
            before = {FIRST: arn("1", region=region).rpartition("/")[0] + "/"}
            assert bool(judged(COMPLETE, history, knowledge=known(prefixes=before))[1]) == is_breach


@pytest.mark.parametrize(
    "other",
    [
        delete("9"),
        delete("9").unknown(),
        delete("9").refused(),
        delete("9").signed("wrong-secret"),
        get("9").not_found(),
        create("our-9").ok("9"),
    ],
)
def test_what_this_run_has_to_do_with_is_judged_as_its_own(other: Step) -> None:
    """Deleted, in vain or perhaps, missed by Get too, or made by a Create that gives an ARN for the second time."""
    history = _between(walk().pages(["1"]), other)
    assert not [each for each in judged(COMPLETE, history)[1] if each.call is history.calls[3]]


def test_what_an_earlier_program_of_the_run_made_is_no_strangers() -> None:
    """Its Delete may have been lost, and come late."""
    earlier = {arn("9"): Past("our-9", story(made("9")).calls[0], 0)}
    assert no_breach(COMPLETE, _between(walk().pages(["1"])), knowledge=known(past=earlier))


def test_lists_by_the_cli_and_lists_that_were_turned_away_tell_nothing() -> None:
    """The first are known by hearsay, the second show nothing."""
    for page in (listing().shows("1", "9").by_cli(), listing().signed("wrong-secret")):
        assert no_breach(COMPLETE, story(made("1"), page, PAUSE, walk().pages(["1"]), *SEEN_AGAIN))
    assert no_breach(COMPLETE, _between(listing().shows("1").by_cli()))


def test_lists_of_another_account_are_of_another_world() -> None:
    """They neither tell of what is there, nor miss it."""
    history = _between(walk().pages(["1"]))
    for far in ({1}, {3}, {5}):
        calls = (replace(each, caller=SECOND) if each.index in far else each for each in history)
        worlds = worlds_of(History(tuple(calls)), contract_of(), known())
        assert len(worlds) == 2
        assert not [each for world in worlds for each in JUDGES[COMPLETE](world) if isinstance(each, Breach)]


def test_what_is_no_arn_names_nothing() -> None:
    """An endpoint may be as far astray as that, and other laws say so."""
    for odd in (..., None, 5, "", "arn", ["a"]):
        look = {**item("9"), "ConnectionArn": odd}
        if odd is ...:
            del look["ConnectionArn"]
        assert no_breach(COMPLETE, _looks(look, look, walk().pages(["1"])))


# -- walks that others make endless


def _rounds(*pages: list[str], ends: bool = False) -> History:
    return story(made("1"), walk(by=2).pages(*pages, ends=ends))


def test_a_walk_that_goes_round_does_not_end_however_much_is_new_on_it() -> None:
    """Others come with every page, so that no page shows nothing new."""
    history = _rounds(["1", "11"], ["2", "12"], ["1", "13"], ["2", "14"], ["1", "15"])
    breach = the_breach(TERMINATES, history, knowledge=known(rounds=3))
    assert breach.call is history.calls[5]
    assert "page 5 is one of 3 that show the same connection" in breach.actual
    assert is_silent(TERMINATES, history, knowledge=known(rounds=4))
    assert is_silent(TERMINATES, history)


def test_a_walk_that_ends_in_time_shows_what_it_likes_as_often_as_it_likes() -> None:
    """That something is shown twice is another law's."""
    pages = ["1", "11"], ["1", "12"], ["1", "13"]
    assert is_kept(TERMINATES, _rounds(*pages, ends=True), knowledge=known(rounds=3))
    assert is_silent(TERMINATES, _rounds(*pages[:2]), knowledge=known(rounds=3))


def test_a_walk_that_was_cut_off_shows_nothing_again_and_again_on_one_page() -> None:
    """Five times on a page is one page; and a walk that was lost where it might have ended is no endless one."""
    assert is_silent(TERMINATES, _rounds(["1"] * 5), knowledge=known(rounds=3))
    pages = walk(by=2).pages(["1", "11"], ["1", "12"], ["1", "13"])
    lost = story(made("1"), pages[0], pages[1], pages[2].unknown())
    assert is_silent(TERMINATES, lost, knowledge=known(rounds=3))
    for odd in (None, 5):
        unnamed = {**item("9"), "ConnectionArn": odd}
        history = story(walk(by=1).pages([unnamed], [unnamed], [unnamed], ends=False))
        assert is_silent(TERMINATES, history, knowledge=known(rounds=3))
