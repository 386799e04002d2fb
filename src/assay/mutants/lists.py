"""Faults of lists: pages that lose, repeat, never end, or forget what was asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.lists import Page, page_after

if TYPE_CHECKING:
    from assay.reference.lists import PageRequest
    from assay.reference.parts import Parts


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


@mutant("list.first-item-repeated", caught_by=("connection.list.once",))
def first_item_repeated(parts: Parts) -> Parts:
    """Begin every page but the first with the last item of the page before.

    The token names the last item that was shown, and the query behind it says `>=` where it should say `>`. Pages of
    one item would never end this way; the author met that, and steps over the item there.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.token is None or wanted.size == 1:
            return parts.page(parts_now, wanted)
        last_shown = parts_now.tokens.open(wanted.token, wanted.binding)
        return page_after(parts_now, wanted, last_shown - 1)

    return replace(parts, page=page)


@mutant("list.offset-token", caught_by=("connection.list.complete",))
def offset_token(parts: Parts) -> Parts:
    """Let the token say how many items were shown, so that a delete between two pages makes the walk skip one.

    `items[offset : offset + size]` is the pagination of most web frameworks, and it is right as long as nobody else is
    there.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        offset = 0 if wanted.token is None else parts_now.tokens.open(wanted.token, wanted.binding)
        candidates = (item for item in parts_now.listed(parts_now, wanted.account, 0) if wanted.admits(item))
        found = tuple(islice(candidates, offset, offset + wanted.size + 1))
        if len(found) <= wanted.size:
            return Page(connections=found, next_token=None)
        token = parts_now.tokens.seal(offset + wanted.size, wanted.binding)
        return Page(connections=found[: wanted.size], next_token=token)

    return replace(parts, page=page)


@mutant("list.token-leads-back", caught_by=("connection.list.terminates",))
def token_leads_back(parts: Parts) -> Parts:
    """Give the last page of a list of several pages a token, which leads to the first page again.

    The position behind the last item is computed modulo the length of the list, or is zero, and zero is a position like
    any other.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        careful = parts.page(parts_now, wanted)
        if careful.next_token is None and wanted.token is not None:
            return replace(careful, next_token=parts_now.tokens.seal(0, wanted.binding))
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


@mutant("list.filter-forgotten", caught_by=("connection.list.filter",))
def filter_forgotten(parts: Parts) -> Parts:
    """Filter the first page only: from the second on, connections of every provider are shown.

    The token carries the position but not the filter, and the branch that reads a token does not look at the other
    members.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.token is None:
            return parts.page(parts_now, wanted)
        return parts.page(parts_now, replace(wanted, provider_type=None, host_arn=None))

    return replace(parts, page=page)
