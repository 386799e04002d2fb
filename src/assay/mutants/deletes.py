"""Faults of Delete: it takes too little, too much, or something else."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import ruled_as
from assay.reference.operations import find
from assay.reference.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_PAGE = 50
_WAIT = 3


def _remove(parts: Parts, connection: Connection) -> None:
    parts.store.remove(connection)
    parts.names.release(connection)


@mutant("delete.stays-listed", caught_by=("connection.delete.removes", "connection.list.truth"))
def stays_listed(parts: Parts) -> Parts:
    """Remove a connection from what Get looks at, and leave it in what List shows.

    Two indexes, one by ARN and one in order, and Delete knows of the first.
    """
    ghosts: list[Connection] = []
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        answer = careful_delete(parts_now, call)
        ghosts.append(connection)
        ghosts.sort(key=attrgetter("sequence"))
        return answer

    def listed(parts_now: Parts, account: str, position: int) -> Iterator[Connection]:
        haunting = (ghost for ghost in ghosts if ghost.account == account and ghost.sequence > position)
        return heapq.merge(parts.listed(parts_now, account, position), haunting, key=attrgetter("sequence"))

    return replace(parts, listed=listed, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.takes-the-next", caught_by=("connection.delete.only",))
def takes_the_next(parts: Parts) -> Parts:
    """Delete the connection that was made next in the account along with the one that was named.

    A slice with both ends included; or the store is looped over while it is changed, and the deletion runs twice at one
    index.
    """
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        neighbour = next(parts_now.store.after(connection.account, connection.sequence), None)
        answer = careful_delete(parts_now, call)
        if neighbour is not None:
            _remove(parts_now, neighbour)
        return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


def _taking_too(parts: Parts, is_alike: Callable[[Connection, Connection], bool]) -> Parts:
    """Delete takes the connections that are like the named one with it."""
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        named = find(parts_now, call)
        answer = careful_delete(parts_now, call)
        for other in [other for other in parts_now.store.after(named.account, 0) if is_alike(named, other)]:
            _remove(parts_now, other)
        return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.takes-longer-names", caught_by=("connection.delete.only",))
def takes_longer_names(parts: Parts) -> Parts:
    """Delete, with the connection that was named, all whose names begin with its name.

    Keys of a store are built from names, and the store's bulk operation deletes by prefix.
    """
    return _taking_too(parts, lambda named, other: other.name.startswith(named.name))


@mutant("delete.takes-twins", caught_by=("connection.delete.only",))
def takes_twins(parts: Parts) -> Parts:
    """Delete, with the connection that was named, all whose names differ from its name in case alone.

    The ARN is looked up first and the row is then deleted by name, in a database that does not tell `a` from `A`.
    """
    return _taking_too(parts, lambda named, other: other.name.casefold() == named.name.casefold())


@mutant("delete.takes-the-newest", caught_by=("connection.delete.removes", "connection.delete.only"))
def takes_the_newest(parts: Parts) -> Parts:
    """Delete the connection that was made last in the account, whichever was named.

    `items.pop()` after a search that found something and forgot where.
    """

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        *_, newest = parts_now.store.after(find(parts_now, call).account, 0)
        _remove(parts_now, newest)
        return {}

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


def _taking_where(parts: Parts, is_meant: Callable[[str, str], bool]) -> Parts:
    """Delete takes the first connection whose ARN is close enough to the one that was sent."""
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        sent = call.members.text("ConnectionArn")
        if parts_now.store.get(sent) is None:
            for connection in parts_now.store.after(call.caller.account, 0):
                if is_meant(sent, connection.arn):
                    _remove(parts_now, connection)
                    return {}
        return careful_delete(parts_now, call)

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.by-beginning", caught_by=("connection.delete.only",))
def by_beginning(parts: Parts) -> Parts:
    """Delete a connection whose ARN begins with what was sent, where no ARN is just that.

    A search for people, who may leave the end of an id away, was taken for a lookup.
    """
    return _taking_where(parts, lambda sent, arn: arn.startswith(sent))


@mutant("delete.ignores-case", caught_by=("connection.delete.only",))
def ignores_case(parts: Parts) -> Parts:
    """Delete a connection whose ARN is what was sent but for case.

    Hexadecimal ids mean the same in both cases, and the database agrees.
    """
    return _taking_where(parts, lambda sent, arn: arn.casefold() == sent.casefold())


@mutant("delete.get-still-knows", caught_by=("connection.delete.removes",))
def get_still_knows(parts: Parts) -> Parts:
    """Remove a connection from List and leave it in what Get looks at.

    The row is marked as deleted; the list looks for the mark, and a lookup by key does not.
    """
    ghosts: dict[str, Connection] = {}
    careful_delete, careful_get = parts.handlers["DeleteConnection"], parts.handlers["GetConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        ghosts[connection.arn] = connection
        return careful_delete(parts_now, call)

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        ghost = ghosts.get(call.members.text("ConnectionArn"))
        if ghost is None or ghost.account != call.caller.account:
            return careful_get(parts_now, call)
        return {"Connection": parts_now.get_view(ghost)}

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete, GetConnection=get))


@mutant("delete.undone-by-creates", caught_by=("connection.delete.removes",))
def undone_by_creates(parts: Parts) -> Parts:
    """Bring a deleted connection back once the account has made three others, unless its name is taken.

    A cache writes what it holds to the disk when it is full, and it still holds what was deleted.
    """
    gone: defaultdict[str, list[tuple[int, Connection]]] = defaultdict(list)
    creates: Counter[str] = Counter()
    careful_create, careful_delete = parts.handlers["CreateConnection"], parts.handlers["DeleteConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_create(parts_now, call)
        account = call.caller.account
        creates[account] += 1
        due = [entry for entry in gone[account] if creates[account] - entry[0] >= _WAIT]
        for entry in due:
            gone[account].remove(entry)
            connection = replace(entry[1], sequence=parts_now.store.next_sequence())
            if not parts_now.names.is_taken(account, connection.region, connection.name):
                parts_now.store.add(connection)
                parts_now.names.take(connection)
        return answer

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        answer = careful_delete(parts_now, call)
        gone[connection.account].append((creates[connection.account], connection))
        return answer

    return replace(parts, handlers=parts.handlers_with(CreateConnection=create, DeleteConnection=delete))


@mutant("delete.at-second-try", caught_by=("connection.delete.removes",))
def at_second_try(parts: Parts) -> Parts:
    """Answer the first Delete of a connection and do nothing; the second one deletes.

    The first call sets a state, DELETING, that nobody shows, and a worker that does the rest is started by the next.
    """
    tried: set[str] = set()
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        arn = find(parts_now, call).arn
        if arn in tried:
            return careful_delete(parts_now, call)
        tried.add(arn)
        return {}

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.every-third-lost", caught_by=("connection.delete.removes",))
def every_third_lost(parts: Parts) -> Parts:
    """Answer every third Delete of an account and do nothing.

    Deletes are queued for three workers, and one of them has died.
    """
    deletes: Counter[str] = Counter()
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        account = find(parts_now, call).account
        deletes[account] += 1
        return {} if deletes[account] % _WAIT == 0 else careful_delete(parts_now, call)

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.looks-at-one-page", caught_by=("connection.delete.removes",))
def looks_at_one_page(parts: Parts) -> Parts:
    """Find no connection for Delete that fifty older ones stand before.

    Delete looks for the ARN in the first page of the emulator's own list.
    """
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        older = sum(other.sequence < connection.sequence for other in parts_now.store.after(connection.account, 0))
        if older >= _PAGE:
            raise not_found(connection.arn)
        return careful_delete(parts_now, call)

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))


@mutant("delete.newest-without-arn", caught_by=("connection.arn.required",))
def newest_without_arn(parts: Parts) -> Parts:
    """Delete the connection that was made last where no ARN is given.

    `WHERE arn = COALESCE(?, arn) ORDER BY created_at DESC LIMIT 1` was written for Get, by a colleague in a hurry.
    """
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        if call.members.optional_text("ConnectionArn") is not None:
            return careful_delete(parts_now, call)
        for newest in list(parts_now.store.after(call.caller.account, 0))[-1:]:
            _remove(parts_now, newest)
        return {}

    lenient = ruled_as(parts, ("DeleteConnection",), "ConnectionArn", lambda member: replace(member, required=False))
    return replace(lenient, handlers=parts.handlers_with(DeleteConnection=delete))
