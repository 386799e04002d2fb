"""The laws of List's pages on trial: that they end, how large each of them is, with which tokens they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from selftests.histories import (
    EDITIONS,
    FIRST,
    NEWEST,
    get,
    is_kept,
    is_silent,
    item,
    known,
    listing,
    story,
    the_breach,
    walk,
)

if TYPE_CHECKING:
    from assay.history import History
    from assay.knowledge import Knowledge

TERMINATES = "connection.list.terminates"
PAGE_SIZE = "connection.list.page-size"
MAX_RESULTS = "connection.list.max-results"
TOKEN = "connection.list.token"
FORGED = "connection.list.token-forged"


# -- terminates


def _endless(pages: list[Any], patience: int = 5) -> tuple[History, Knowledge]:
    return story(walk(by=1).pages(*pages, ends=False)), known(patience=patience)


def test_a_walk_that_goes_round_is_a_breach() -> None:
    """Where so many pages in a row show nothing new."""
    history, knowledge = _endless([["1"], ["2"], *[["1"], ["2"]] * 3])
    breach = the_breach(TERMINATES, history, knowledge=knowledge)
    assert breach.call is history.calls[2]
    assert "6 pages after page 2" in breach.actual


def test_a_walk_of_empty_pages_without_end_is_a_breach() -> None:
    """A token that leads to nothing, again and again."""
    history, knowledge = _endless([[]] * 5)
    assert the_breach(TERMINATES, history, knowledge=knowledge).call is history.calls[0]


def test_a_walk_that_ends_keeps_the_law_however_long_it_is() -> None:
    """Also through many pages without anything new."""
    assert is_kept(TERMINATES, story(walk(by=1).pages(*[["1"]] * 30, [])), knowledge=known(patience=5))


def test_a_walk_that_was_cut_off_proves_nothing() -> None:
    """A budget, a refusal, an answer that was lost, or something new just in time."""
    for pages in ([["1"]] * 5, [["1"], [], [], [], ["2"], [], []]):
        history, knowledge = _endless(pages)
        assert is_silent(TERMINATES, history, knowledge=knowledge)
    pages = walk(by=1).pages(["1"], [], [], [], [], [])
    for last in (pages[5].refused(), pages[5].unknown()):
        assert is_silent(TERMINATES, story(pages[:5], last), knowledge=known(patience=5))


def test_a_walk_over_connections_without_arns_may_show_something_new() -> None:
    """No member of a connection is required by the model."""
    pages = [[item(str(number), given=...)] for number in range(9)]
    history, knowledge = _endless(pages)
    assert is_silent(TERMINATES, history, knowledge=knowledge)


# -- page size


def test_a_page_that_holds_more_than_was_asked_for_is_a_breach() -> None:
    """Whosever they are."""
    history = story(listing(by=2).shows("7", "8", "9"))
    breach = the_breach(PAGE_SIZE, history)
    assert breach.call is history.calls[0]
    assert "at most 2" in breach.expected
    assert "3 items" in breach.actual


def test_pages_may_be_shorter_than_was_asked_for() -> None:
    """Even empty, even without the member."""
    assert is_kept(PAGE_SIZE, story(listing(by=2).shows("8", "9")))
    assert is_kept(PAGE_SIZE, story(listing(by=2).shows()))
    assert is_kept(PAGE_SIZE, story(listing(by=2).answers({})))


def test_a_page_of_no_asked_size_may_hold_anything() -> None:
    """None, 0, what is no number, and answers that are none."""
    many = ["6", "7", "8", "9"]
    steps = [listing(by=by).shows(*many) for by in (..., 0, -1, None, "1", True, 1.0)]
    assert is_silent(PAGE_SIZE, story(*steps, listing(by=1).refused(), listing(by=1).unknown()))


# -- MaxResults


@pytest.mark.parametrize(
    ("edition", "inside", "beside"), [(FIRST, (1, 50), (0, -1, 51, 10**12)), (NEWEST, (1, 100), (-1, 101, 10**12))]
)
def test_the_range_of_the_edition_is_accepted_and_nothing_beside_it(
    edition: tuple[str, str], inside: tuple[int, ...], beside: tuple[int, ...]
) -> None:
    """2019: 1 to 50; 2026: 1 to 100."""
    for by in inside:
        assert is_kept(MAX_RESULTS, story(listing(by=by)), edition=edition)
        history = story(listing(by=by).refused())
        breach = the_breach(MAX_RESULTS, history, edition=edition)
        assert breach.call is history.calls[0]
        assert f"MaxResults {by} is accepted" in breach.expected
    for by in beside:
        assert is_kept(MAX_RESULTS, story(listing(by=by).refused()), edition=edition)
        breach = the_breach(MAX_RESULTS, story(listing(by=by)), edition=edition)
        assert f"MaxResults {by} is refused" in breach.expected


def test_zero_may_be_refused_or_mean_anything_since_it_is_in_the_range() -> None:
    """What it means is written nowhere."""
    assert is_silent(MAX_RESULTS, story(listing(by=0).refused(), listing(by=0)))


def test_a_page_may_be_refused_for_another_reason_than_its_size() -> None:
    """A token, a filter that is none, a member that nobody knows, weather, another JSON type."""
    refused = [
        listing(by=5, token="x").refused(),
        listing(by=5, kind="x").refused(),
        listing(by=5, HostArnFilter="x").refused(),
        listing(by=5, Surprise=1).refused(),
        listing(by=5).throttled(),
        listing(by=5).unknown(),
        listing(by="5").refused(),
        listing(by=True).refused(),
        listing(by=None).refused(),
        listing().refused(),
    ]
    assert is_silent(MAX_RESULTS, story(*refused))


# -- tokens


@pytest.mark.parametrize("token", ["", "x" * 1025, 5, True, [], {}])
def test_a_token_that_is_no_text_of_an_allowed_length_is_a_breach(token: Any) -> None:
    """1 to 1024 characters."""
    history = story(listing().shows("9", token=token))
    breach = the_breach(TOKEN, history)
    assert breach.call is history.calls[0]
    assert "1 to 1024" in breach.expected


@pytest.mark.parametrize("edition", EDITIONS)
def test_any_text_is_a_token_and_the_last_page_has_none(edition: tuple[str, str]) -> None:
    """Of 1,024 characters, with + and /; absent or null at the end."""
    for token in ("a", "+/=" * 341 + "x", "é", None, ...):
        assert is_kept(TOKEN, story(listing().shows(token=token)), edition=edition)
    assert is_silent(TOKEN, story(listing().refused(), listing().unknown(), get("1")), edition=edition)


def test_a_forged_token_that_is_accepted_is_a_breach() -> None:
    """One that the endpoint never gave should be refused."""
    knowledge = known(forged={"forged"})
    history = story(listing(token="forged"))
    breach = the_breach(FORGED, history, knowledge=knowledge)
    assert breach.call is history.calls[0]
    assert "forged" in breach.expected
    assert is_kept(FORGED, story(listing(token="forged").refused()), knowledge=knowledge)


def test_a_token_of_a_length_that_no_token_has_was_never_given() -> None:
    """Whoever made it up; but for one that this endpoint did give."""
    for text in ("", "x" * 1025):
        assert the_breach(FORGED, story(listing(token=text))).call is not None
        assert is_kept(FORGED, story(listing(token=text).refused()))
    assert is_silent(FORGED, story(listing(token="x" * 1024)))
    longest = "x" * 1025
    assert is_silent(FORGED, story(listing().shows("8", token=longest), listing(token=longest)))


def test_a_token_that_may_have_been_given_is_not_judged_forged() -> None:
    """Real ones, short ones that can be met by chance, unknown outcomes."""
    given = listing().shows("8", token="forged")
    assert is_silent(FORGED, story(given, listing(token="forged")), knowledge=known(forged={"forged"}))
    assert is_silent(FORGED, story(listing(token="2")), knowledge=known(forged={"2"}, tokens={hash("2")}))
    assert is_silent(FORGED, story(listing(token="x"), listing()))
    lost = story(listing(token="x").unknown(), listing(token="x").throttled())
    assert is_silent(FORGED, lost, knowledge=known(forged={"x"}))
