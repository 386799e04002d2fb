"""Faults of pages: one is longer than was asked for, loses an item, or is refused for its size."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import given_as, ruled_as
from assay.reference.constraints import Integer
from assay.reference.lists import Page, page_after
from assay.reference.refusals import broken_constraints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.constraints import Member, Members
    from assay.reference.lists import PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_CAP = 50
_LARGEST = 100
_RARE = 50


@mutant("list.last-item-lost", caught_by=("connection.list.complete",))
def last_item_lost(parts: Parts) -> Parts:
    """Lose the last item of the last page where the number of items is a multiple of the page size.

    The author fetches one item more than the page holds to learn whether there is a next page, and always drops the
    last one of what came, also where nothing came on top of a full page.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        if careful.next_token is None and len(careful.connections) == wanted.size:
            return replace(careful, connections=careful.connections[:-1])
        return careful

    return replace(parts, page=page)


@mutant("list.max-results-ignored", caught_by=("connection.list.page-size",))
def max_results_ignored(parts: Parts) -> Parts:
    """Check MaxResults and then show pages of the default size.

    The emulator validates its input from the model, so the member is known to it; nobody wired it to the query.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return parts.page(parts_now, replace(wanted, size=parts_now.default_page_size))

    return replace(parts, page=page)


@mutant("page.one-too-many", caught_by=("connection.list.page-size",))
def one_too_many(parts: Parts) -> Parts:
    """Show one item more than MaxResults, where there are so many.

    One item more than a page is fetched, to learn whether there is a next page, and nobody takes it off again.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return parts.page(parts_now, replace(wanted, size=wanted.size + 1))

    return replace(parts, page=page)


@mutant("page.of-one-is-default", caught_by=("connection.list.page-size",))
def of_one_is_default(parts: Parts) -> Parts:
    """Take a MaxResults of 1 for none, and show a page of the default size.

    `if max_results > 1` was written where `>= 1` was meant, to keep 0 out.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        size = parts_now.default_page_size if wanted.size == 1 else wanted.size
        return parts.page(parts_now, replace(wanted, size=size))

    return replace(parts, page=page)


@mutant("page.of-one-stands-still", caught_by=("connection.list.terminates",))
def of_one_stands_still(parts: Parts) -> Parts:
    """Show one item less than MaxResults on every page but the last: where MaxResults is 1, nothing, for ever.

    As many items as a page may hold are fetched, and the last of them only tells that there is a next page. Short pages
    are legal; a walk by one never gets beyond its first.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        position = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        whole = page_after(parts_now, wanted, position)
        if whole.next_token is None:
            return whole
        if wanted.size == 1:
            return Page(connections=(), next_token=parts_now.tokens.seal(position, wanted.binding))
        return page_after(parts_now, replace(wanted, size=wanted.size - 1), position)

    return replace(parts, page=page)


@mutant("page.first-loses-one", caught_by=("connection.list.complete",))
def first_loses_one(parts: Parts) -> Parts:
    """Leave the last item of the first page out, where pages follow; the second begins behind it.

    The item that was fetched to see whether there is more is taken off by both branches on a first page: by the one for
    first pages and by the one for all.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        if wanted.token is None and careful.next_token is not None:
            return replace(careful, connections=careful.connections[:-1])
        return careful

    return replace(parts, page=page)


@mutant("page.largest-refused", caught_by=("connection.list.max-results",))
def largest_refused(parts: Parts) -> Parts:
    """Refuse a MaxResults of 100, and accept 99.

    `range(1, 100)` holds everything but the bound.
    """
    return _refusing(parts, _LARGEST, f"Member must have value less than {_LARGEST}")


@mutant("page.smallest-refused", caught_by=("connection.list.max-results",))
def smallest_refused(parts: Parts) -> Parts:
    """Refuse a MaxResults of 1, and accept 2.

    The bound of the model was copied to a check that leaves the bound out.
    """
    return _refusing(parts, 1, "Member must have value greater than 1")


def _refusing(parts: Parts, size: int, constraint: str) -> Parts:
    careful_list = parts.handlers["ListConnections"]

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        if call.members.optional_integer("MaxResults") == size:
            raise broken_constraints([f"Value '{size}' at 'maxResults' failed to satisfy constraint: {constraint}"])
        return careful_list(parts_now, call)

    return replace(parts, handlers=parts.handlers_with(ListConnections=list_connections))


@mutant("page.one-above-accepted", caught_by=("connection.list.max-results",))
def one_above_accepted(parts: Parts) -> Parts:
    """Accept one more than the largest MaxResults.

    `if max_results > limit + 1`, or a range whose end was thought to be left out.
    """

    def widened(member: Member) -> Member:
        assert isinstance(member.rule, Integer)
        return replace(member, rule=replace(member.rule, maximum=member.rule.maximum + 1))

    return ruled_as(parts, ("ListConnections",), "MaxResults", widened)


@mutant("page.clamped", caught_by=("connection.list.max-results",))
def clamped(parts: Parts) -> Parts:
    """Take a MaxResults beyond the largest for the largest.

    `min(max_results, limit)` is kinder than an error, and other services do so.
    """

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        wanted = given.get("MaxResults")
        if operation == "ListConnections" and type(wanted) is int:
            limits = [row.rule.maximum for row in table if isinstance(row.rule, Integer)]
            given = {**given, "MaxResults": min(wanted, *limits)}
        return parts.check(operation, table, given)

    return replace(parts, check=check)


@mutant("page.minus-one-is-default", caught_by=("connection.list.max-results",))
def minus_one_is_default(parts: Parts) -> Parts:
    """Take a MaxResults of -1 for none.

    "No limit" is -1 in the configuration of half of the world, SQLite included.
    """

    def change(given: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in given.items() if (name, value) != ("MaxResults", -1)}

    return given_as(parts, "ListConnections", change)


@mutant("page.capped-but-not-counted", caught_by=("connection.list.complete",))
def capped_but_not_counted(parts: Parts) -> Parts:
    """Show 50 items at most, and go on behind as many as MaxResults says: what lies between is never shown.

    To show fewer than asked for is anybody's right. Here the response is cut by a middleware that knows of the limit,
    and the token was made before.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        return replace(careful, connections=careful.connections[:_CAP])

    return replace(parts, page=page)


@mutant("page.default-has-no-token", caught_by=("connection.list.complete",))
def default_has_no_token(parts: Parts) -> Parts:
    """Give no token where MaxResults was not given, so that only the first 50 connections are ever shown.

    Paging is what one asks for with MaxResults, the author thought, and cut the list for everybody else.
    """
    careful_list = parts.handlers["ListConnections"]

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_list(parts_now, call)
        if call.members.optional_integer("MaxResults") is not None:
            return answer
        return {name: value for name, value in answer.items() if name != "NextToken"}

    return replace(parts, handlers=parts.handlers_with(ListConnections=list_connections))


@mutant("page.first-size-kept", caught_by=("connection.list.page-size",))
def first_size_kept(parts: Parts) -> Parts:
    """Keep to the page size that a walk began with, whatever MaxResults says later.

    The token is a query that was stored with all its parameters; one that comes with it is not looked at.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        position, size = 0, wanted.size
        if wanted.token is not None:
            position, size = divmod(parts_now.tokens.open(wanted.token, wanted.binding), 256)
        careful = page_after(parts_now, replace(wanted, size=size), position)
        if careful.next_token is None:
            return careful
        query = careful.connections[-1].sequence * 256 + size
        return replace(careful, next_token=parts_now.tokens.seal(query, wanted.binding))

    return replace(parts, page=page)


@mutant("page.one-in-fifty-short", caught_by=("connection.list.complete",))
def one_in_fifty_short(parts: Parts) -> Parts:
    """Leave out the last item of every fiftieth page that the account asks for.

    A race that a slow disk loses now and then, or one node of fifty that missed a write.
    """
    calls: Counter[str] = Counter()

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        calls[wanted.account] += 1
        if calls[wanted.account] % _RARE == 0:
            return replace(careful, connections=careful.connections[:-1])
        return careful

    return replace(parts, page=page)
