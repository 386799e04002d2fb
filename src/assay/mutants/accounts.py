"""Faults between accounts: what one account made is shown to another, described, deleted, or in its way.

Most emulators begin with one account, and the second is put in later: at one place it is forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from heapq import merge
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import handled_as
from assay.reference.lists import binding_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.reference.connections import Connection
    from assay.reference.lists import Page, PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_LAW = ("isolation.account",)


@mutant("account.list-shows-all", caught_by=_LAW)
def list_shows_all(parts: Parts) -> Parts:
    """List the connections of every account.

    Get and Delete look whose a connection is; the list was written when there was one account, and shows the table.
    """

    def listed(parts_now: Parts, _account: str, position: int) -> Iterator[Connection]:
        accounts = sorted({connection.account for connection in parts_now.store})
        return merge(*(parts.listed(parts_now, each, position) for each in accounts), key=lambda item: item.sequence)

    return replace(parts, listed=listed)


@mutant("account.filtered-list-shows-all", caught_by=_LAW)
def filtered_list_shows_all(parts: Parts) -> Parts:
    """List the connections of every account where they are asked for by provider.

    The index by provider is one for all accounts, and only the plain list goes by the account.
    """
    everywhere = list_shows_all(parts)

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        asked = parts if wanted.provider_type is None else everywhere
        return parts.page(replace(parts_now, listed=asked.listed), wanted)

    return replace(parts, page=page)


def _as_the_owner(handler: Handler) -> Handler:
    """A handler that takes the owner of the ARN for the caller."""

    def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
        owned = parts_now.store.get(call.members.text("ConnectionArn"))
        account = call.caller.account if owned is None else owned.account
        return handler(parts_now, replace(call, caller=replace(call.caller, account=account)))

    return handle


@mutant("account.get-by-arn-alone", caught_by=_LAW)
def get_by_arn_alone(parts: Parts) -> Parts:
    """Describe the connection of an ARN to whoever asks.

    An ARN is hard to guess, so whoever has one is taken for its owner.
    """
    return handled_as(parts, "GetConnection", _as_the_owner)


@mutant("account.delete-by-arn-alone", caught_by=_LAW)
def delete_by_arn_alone(parts: Parts) -> Parts:
    """Delete the connection of an ARN for whoever asks.

    The row is deleted by its key, and the key is the ARN; that the caller owns it is checked by Get alone.
    """
    return handled_as(parts, "DeleteConnection", _as_the_owner)


@mutant("account.names-shared", caught_by=_LAW)
def names_shared(parts: Parts) -> Parts:
    """Refuse a name that a connection of any account has.

    "Connection names must be unique": the column has a unique index, and nobody put the account into it.
    """

    class SharedNames:
        """Names by Region alone."""

        def __init__(self) -> None:
            self._taken: Counter[tuple[str, str]] = Counter()

        def is_taken(self, account: str, region: str, name: str) -> bool:  # noqa: ARG002 - the fault
            return self._taken[region, name] > 0

        def take(self, connection: Connection) -> None:
            self._taken[connection.region, connection.name] += 1

        def release(self, connection: Connection) -> None:
            self._taken[connection.region, connection.name] -= 1

    return replace(parts, names=SharedNames())


@mutant("account.get-cached-for-all", caught_by=_LAW)
def get_cached_for_all(parts: Parts) -> Parts:
    """Describe a connection to whoever asks, once its owner has asked.

    Answers are cached by the ARN, and the check of the account stands behind the cache.
    """
    seen: dict[str, Mapping[str, object]] = {}

    def cached(handler: Handler) -> Handler:
        def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
            arn = call.members.text("ConnectionArn")
            if arn in seen and parts_now.store.get(arn) is not None:
                return seen[arn]
            seen[arn] = handler(parts_now, call)
            return seen[arn]

        return handle

    return handled_as(parts, "GetConnection", cached)


@mutant("account.list-cached-for-all", caught_by=_LAW)
def list_cached_for_all(parts: Parts) -> Parts:
    """Show the page that another account asked for last, while nothing was written since.

    Pages are cached by what was asked for; every write empties the cache, and the caller is not part of the key.
    """
    pages: dict[tuple[object, ...], Page] = {}

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        state = frozenset(connection.arn for connection in parts_now.store)
        key = (state, wanted.provider_type, wanted.host_arn, wanted.size, wanted.token)
        if key not in pages:
            pages.clear()
            pages[key] = parts.page(parts_now, wanted)
        return pages[key]

    return replace(parts, page=page)


@mutant("account.token-carries-it", caught_by=_LAW)
def token_carries_it(parts: Parts) -> Parts:
    """Go on with the list of the account that a token was given to, whoever brings it.

    The token holds the whole query, the account too, and what is in the token is not asked for again.
    """
    owners: dict[str, str] = {}

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        account = owners.get(wanted.token or "", wanted.account)
        binding = binding_of(account, wanted.provider_type, wanted.host_arn)
        found = parts.page(parts_now, replace(wanted, account=account, binding=binding))
        if found.next_token is not None:
            owners[found.next_token] = account
        return found

    return replace(parts, page=page)
