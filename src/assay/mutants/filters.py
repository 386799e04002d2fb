"""Faults of filters: they let too much through, or too little."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.constraints import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assay.reference.connections import Connection
    from assay.reference.constraints import Member, Members
    from assay.reference.lists import Page, PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Parts


def _page_without_filters(parts: Parts, wanted: PageRequest) -> Page:
    """The page of these parts for everybody; its token still belongs to the list that was asked for."""
    return parts.page(parts, replace(wanted, provider_type=None, host_arn=None))


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


@mutant("filter.ignored", caught_by=("connection.list.filter",))
def ignored(parts: Parts) -> Parts:
    """Check the filter and then show connections of every provider.

    While an account has connections of one provider, nobody sees a difference.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return _page_without_filters(replace(parts_now, page=parts.page), wanted)

    return replace(parts, page=page)


@mutant("filter.turned-round", caught_by=("connection.list.filter",))
def turned_round(parts: Parts) -> Parts:
    """Show the connections of every provider but the one that was asked for.

    A predicate for "leave this one out" was passed to a function that keeps what it is true of.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.provider_type is None:
            return parts.page(parts_now, wanted)

        def others(parts_then: Parts, account: str, position: int) -> Iterator[Connection]:
            for connection in parts_now.listed(parts_then, account, position):
                if connection.provider_type != wanted.provider_type:
                    yield connection

        return parts.page(replace(parts_now, listed=others), replace(wanted, provider_type=None))

    return replace(parts, page=page)


@mutant("filter.ends-at-short-page", caught_by=("connection.list.filter",))
def ends_at_short_page(parts: Parts) -> Parts:
    """Filter a page after it was cut, and end the walk at the first page that this leaves short.

    Short pages are legal; but a helper for all lists takes a page that is not full for the last one.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.provider_type is None:
            return parts.page(parts_now, wanted)
        whole = _page_without_filters(replace(parts_now, page=parts.page), wanted)
        left = tuple(filter(wanted.admits, whole.connections))
        return replace(whole, connections=left, next_token=whole.next_token if len(left) == wanted.size else None)

    return replace(parts, page=page)


@mutant("filter.by-prefix", caught_by=("connection.list.filter",))
def by_prefix(parts: Parts) -> Parts:
    """Show with the connections of one provider those of every other whose type begins with the same word.

    `LIKE 'GitHub%'`, or `startswith`, came with the first filter and was right until GitHubEnterpriseServer.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        kind = wanted.provider_type
        if kind is None:
            return parts.page(parts_now, wanted)

        def alike(parts_then: Parts, account: str, position: int) -> Iterator[Connection]:
            for connection in parts_now.listed(parts_then, account, position):
                if connection.provider_type.startswith(kind):
                    yield connection

        return parts.page(replace(parts_now, listed=alike), replace(wanted, provider_type=None))

    return replace(parts, page=page)


@mutant("filter.lost-with-page-size", caught_by=("connection.list.filter",))
def lost_with_page_size(parts: Parts) -> Parts:
    """Forget the filter where MaxResults is given as well.

    The query is put together by parts, and the branch that adds a limit begins anew.
    """
    careful_list = parts.handlers["ListConnections"]

    def list_connections(parts_now: Parts, call: Call) -> Mapping[str, object]:
        if call.members.optional_integer("MaxResults") is None:
            return careful_list(parts_now, call)

        def page(parts_then: Parts, wanted: PageRequest) -> Page:
            return _page_without_filters(replace(parts_then, page=parts_now.page), wanted)

        return careful_list(replace(parts_now, page=page), call)

    return replace(parts, handlers=parts.handlers_with(ListConnections=list_connections))


@mutant("filter.two-cancel-out", caught_by=("connection.list.filter",))
def two_cancel_out(parts: Parts) -> Parts:
    """Show everything where both filters are given, the one of the provider and the one of the host.

    `if provider and not host: … elif host and not provider: …`, and no case for both.
    """

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        if wanted.provider_type is None or wanted.host_arn is None:
            return parts.page(parts_now, wanted)
        return _page_without_filters(replace(parts_now, page=parts.page), wanted)

    return replace(parts, page=page)


def _reading(parts: Parts, read: Callable[[str, tuple[str, ...]], str | None]) -> Parts:
    """A filter is what `read` makes of it, who is told the provider types of the edition; None is no filter."""

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        asked = given.get("ProviderTypeFilter")
        if operation == "ListConnections" and isinstance(asked, str):
            rule = next(row.rule for row in table if row.name == "ProviderTypeFilter")
            assert isinstance(rule, Text)
            given = {**given, "ProviderTypeFilter": read(asked, rule.values)}
        return parts.check(operation, table, given)

    return replace(parts, check=check)


@mutant("filter.in-any-case", caught_by=("connection.list.filter-value",))
def in_any_case(parts: Parts) -> Parts:
    """Take `github` for GitHub.

    The column is compared without regard to case, and the check looks the word up in it.
    """

    def read(asked: str, known: tuple[str, ...]) -> str:
        return next((kind for kind in known if kind.casefold() == asked.casefold()), asked)

    return _reading(parts, read)


@mutant("filter.empty-is-none", caught_by=("connection.list.filter-value",))
def empty_is_none(parts: Parts) -> Parts:
    """Take an empty filter for none.

    `if provider_type_filter:` is false for both.
    """
    return _reading(parts, lambda asked, _: asked or None)


@mutant("filter.unknown-shows-all", caught_by=("connection.list.filter-value",))
def unknown_shows_all(parts: Parts) -> Parts:
    """Show everything where the filter is no provider type.

    The word is looked up among the known ones, and where it is not found there is no filter.
    """
    return _reading(parts, lambda asked, known: asked if asked in known else None)


@mutant("filter.unknown-shows-nothing", caught_by=("connection.list.filter-value",))
def unknown_shows_nothing(parts: Parts) -> Parts:
    """Show an empty list where the filter is no provider type.

    Nothing checks the word, and no connection has it.
    """

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        if operation == "ListConnections":
            table = tuple(
                replace(row, rule=Text(maximum=1024)) if row.name == "ProviderTypeFilter" else row for row in table
            )
        return parts.check(operation, table, given)

    return replace(parts, check=check)
