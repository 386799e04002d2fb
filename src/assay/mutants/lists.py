"""Faults of lists: what they show is not what there is, or not as Get has it."""

from __future__ import annotations

import heapq
import uuid
from collections import defaultdict
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from assay.mutants.catalogue import mutant
from assay.reference.arns import connection_arn
from assay.reference.connections import Connection
from assay.reference.operations import find
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.reference.lists import Page, PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_SCANNED = 100
_STRANGE_OWNER = "000000000000"

_Ghosts = defaultdict[str, list[Connection]]


def _haunted(parts: Parts, ghosts: _Ghosts, account: str, position: int) -> Iterator[Connection]:
    """What a list shows, and ghosts among it in the order of their creation."""
    haunting = sorted((ghost for ghost in ghosts[account] if ghost.sequence > position), key=attrgetter("sequence"))
    return heapq.merge(parts.listed(parts, account, position), haunting, key=attrgetter("sequence"))


def _burying(parts: Parts, ghosts: _Ghosts) -> Handler:
    """The Delete of these parts; what it deletes joins the ghosts."""
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        answer = careful_delete(parts_now, call)
        ghosts[connection.account].append(connection)
        return answer

    return delete


@mutant("list.first-hundred", caught_by=("connection.list.complete",))
def first_hundred(parts: Parts) -> Parts:
    """Never show more than the hundred oldest connections, on however many pages.

    One query with the largest limit fills what is then cut into pages, and nobody had more than a hundred.
    """

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        oldest = islice(parts.listed(parts_now, account, 0), _SCANNED)
        return (connection for connection in oldest if connection.sequence > position)

    return replace(parts, listed=listed)


@mutant("list.all-but-the-last-of-quota", caught_by=("connection.list.complete",))
def all_but_the_last_of_quota(parts: Parts) -> Parts:
    """Never show the connection that fills the quota: with a quota of 250, the two hundred and fiftieth.

    A fixed array, and a loop that ends before its last place. Nobody's tests fill an account.
    """

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        oldest = islice(parts.listed(parts_now, account, 0), parts_now.quota - 1)
        return (connection for connection in oldest if connection.sequence > position)

    return replace(parts, listed=listed)


@mutant("list.one-provider", caught_by=("connection.list.complete",))
def one_provider(parts: Parts) -> Parts:
    """Show only the connections of that provider which the oldest of them has.

    An emulator of the first release had Bitbucket alone. When others came, each got a table of its own, and List reads
    the first that holds something.
    """

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        oldest = next(parts.listed(parts_now, account, 0), None)
        return (
            connection
            for connection in parts.listed(parts_now, account, position)
            if oldest is not None and connection.provider_type == oldest.provider_type
        )

    return replace(parts, listed=listed)


@mutant("list.other-owner", caught_by=("connection.list.agrees",))
def other_owner(parts: Parts) -> Parts:
    """Show twelve zeros for the owner in the items of List; Get shows the account.

    The default account of the emulator stands in one of the two views, and most of its users have no other.
    """

    def list_view(connection: Connection) -> dict[str, object]:
        return {**parts.list_view(connection), "OwnerAccountId": _STRANGE_OWNER}

    return replace(parts, list_view=list_view)


@mutant("list.no-provider", caught_by=("connection.list.agrees",))
def no_provider(parts: Parts) -> Parts:
    """Leave the provider type out of the items of List; Get shows it.

    The list is read from an index that holds some columns of the table and not this one.
    """

    def list_view(connection: Connection) -> dict[str, object]:
        return {name: value for name, value in parts.list_view(connection).items() if name != "ProviderType"}

    return replace(parts, list_view=list_view)


@mutant("list.null-for-deleted", caught_by=("wire.schema",))
def null_for_deleted(parts: Parts) -> Parts:
    """Show null in the place of a connection that was deleted, until the next Create.

    `delete array[i]` leaves a hole in JavaScript, and the hole is written as null. What adds to the array compacts it.
    """
    ghosts: _Ghosts = defaultdict(list)
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_create(parts_now, call)
        ghosts.pop(call.caller.account, None)
        return answer

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        return _haunted(replace(parts_now, listed=parts.listed), ghosts, account, position)

    def list_view(connection: Connection) -> dict[str, object]:
        is_ghost = connection in ghosts[connection.account]
        return cast("dict[str, object]", None) if is_ghost else parts.list_view(connection)

    handlers = parts.handlers_with(CreateConnection=create, DeleteConnection=_burying(parts, ghosts))
    return replace(parts, listed=listed, list_view=list_view, handlers=handlers)


@mutant("list.deleted-on-later-pages", caught_by=("connection.delete.removes", "connection.list.truth"))
def deleted_on_later_pages(parts: Parts) -> Parts:
    """Show deleted connections too, on every page but the first.

    A soft delete, and two queries: the one that goes on behind a token lacks `AND deleted_at IS NULL`.
    """
    ghosts: _Ghosts = defaultdict(list)

    def haunted(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        return _haunted(replace(parts_now, listed=parts.listed), ghosts, account, position)

    def page(parts_now: Parts, wanted: PageRequest) -> Page:
        return parts.page(parts_now if wanted.token is None else replace(parts_now, listed=haunted), wanted)

    return replace(parts, page=page, handlers=parts.handlers_with(DeleteConnection=_burying(parts, ghosts)))


def _leaving_a_row(parts: Parts, *, suffix: str) -> Parts:
    """List shows a row for every Create that was refused for its name; no other operation knows of it."""
    ghosts: _Ghosts = defaultdict(list)
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        try:
            return careful_create(parts_now, call)
        except Refusal as refusal:
            if refusal.code == "ResourceAlreadyExistsException":
                name = call.members.text("ConnectionName")
                ghosts[call.caller.account].append(
                    Connection(
                        sequence=parts_now.store.next_sequence(),
                        arn=connection_arn(call.caller, call.service, str(uuid.uuid4())),
                        name=name[: 32 - len(suffix)] + suffix,
                        provider_type=call.members.text("ProviderType"),
                        account=call.caller.account,
                        region=call.caller.region,
                    )
                )
            raise

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        return _haunted(replace(parts_now, listed=parts.listed), ghosts, account, position)

    return replace(parts, listed=listed, handlers=parts.handlers_with(CreateConnection=create))


@mutant("list.refused-shown", caught_by=("connection.create.no-trace",))
def refused_shown(parts: Parts) -> Parts:
    """List a connection whose Create was refused because its name is taken.

    The list reads an index that is written before the name is checked, and nobody takes the entry back.
    """
    return _leaving_a_row(parts, suffix="")


@mutant("list.draft-shown", caught_by=("connection.list.truth",))
def draft_shown(parts: Parts) -> Parts:
    """List the draft of a connection whose Create was refused because its name is taken: its name ends in `.tmp`.

    A Create in two steps: a row under a provisional name, and then, where nothing speaks against it, its true name. A
    refusal leaves the first step behind.
    """
    return _leaving_a_row(parts, suffix=".tmp")


@mutant("list.newest-twice", caught_by=("connection.list.once",))
def newest_twice(parts: Parts) -> Parts:
    """Show the connection that was made last twice in a row, where there are several.

    What was written last lies in a buffer and, already, in the table; a reader of both puts them one behind the other.
    """

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        newest = None
        for connection in parts.listed(parts_now, account, position):
            yield (newest := connection)
        if newest is not None and parts_now.store.count(account) > 1:
            yield newest

    return replace(parts, listed=listed)
