"""Faults of what others see while a write is under way: only an order of the calls, which there is none of, shows them.

Called one after the other these servers are right in everything, and no two writes of theirs collide: at most one
Create of a name and one Delete of a connection is accepted. What is wrong is that a connection which was gone for one
reader is there for a later one, so that the write has happened and not happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.side_by_side import Monitor, watched
from assay.reference.operations import find
from assay.reference.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

_LAW = "concurrent.linearizable"
_SLOW = 0.01  # seconds that a delete takes beside others: time enough for two reads


@mutant("reads.replicas-in-turn-while-deleting", caught_by=(_LAW,), in_threads=True)
def replicas_in_turn_while_deleting(parts: Parts) -> Parts:
    """While a Delete is under way, answer one Get from the copy that has it already, the next from one that has not.

    Two replicas behind a balancer; the Delete is acknowledged when both are done, so nobody sees it afterwards.
    """
    monitor = Monitor()
    reads: dict[str, int] = {}
    careful_get = parts.handlers["GetConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        if connection.arn in reads:
            raise not_found(connection.arn)
        reads[connection.arn] = 0
        monitor.linger(_SLOW)
        _remove(parts_now, connection)
        del reads[connection.arn]
        return {}

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        arn = call.members.text("ConnectionArn")
        if arn in reads:
            reads[arn] += 1
            if reads[arn] % 2:
                raise not_found(arn)
        return careful_get(parts_now, call)

    return watched(parts, monitor, DeleteConnection=delete, GetConnection=get)


@mutant("reads.gone-for-get-before-list", caught_by=(_LAW,), in_threads=True)
def gone_for_get_before_list(parts: Parts) -> Parts:
    """Take a deleted connection out of the table that Get reads first, and out of List's a while later.

    A table and a search index beside it. The Delete waits for both, so only who looks meanwhile can tell.
    """
    monitor = Monitor()
    leaving: set[str] = set()
    careful_get = parts.handlers["GetConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        if connection.arn in leaving:
            raise not_found(connection.arn)
        leaving.add(connection.arn)
        monitor.linger(_SLOW)
        _remove(parts_now, connection)
        leaving.discard(connection.arn)
        return {}

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        arn = call.members.text("ConnectionArn")
        if arn in leaving:
            raise not_found(arn)
        return careful_get(parts_now, call)

    return watched(parts, monitor, DeleteConnection=delete, GetConnection=get)


@mutant("reads.second-delete-knows-first", caught_by=(_LAW,), in_threads=True)
def second_delete_knows_first(parts: Parts) -> Parts:
    """Tell a second Delete that the connection is gone as soon as the first has marked it, while Get finds it still.

    Only writers look at the mark; readers see the row until the first Delete has removed it.
    """
    monitor = Monitor()
    marked: set[str] = set()

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        if connection.arn in marked:
            raise not_found(connection.arn)
        marked.add(connection.arn)
        monitor.linger(_SLOW)
        _remove(parts_now, connection)
        marked.discard(connection.arn)
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


@mutant("reads.both-deletes-lose", caught_by=(_LAW,), in_threads=True)
def both_deletes_lose(parts: Parts) -> Parts:
    """Remove the connection once for two Deletes that meet, and tell both of them that it was not found.

    Each asks after its work whether the row is there still, to know whether it was the one who removed it; with two of
    them neither was, and the count of removed rows was thrown away.
    """
    monitor = Monitor()
    busy: dict[str, int] = {}

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        busy[connection.arn] = busy.get(connection.arn, 0) + 1
        alone = busy[connection.arn] == 1
        monitor.linger(_SLOW)
        alone = alone and busy[connection.arn] == 1
        if parts_now.store.get(connection.arn) is not None:
            _remove(parts_now, connection)
        if not alone:
            raise not_found(connection.arn)
        del busy[connection.arn]
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


@mutant("reads.name-free-before-gone", caught_by=(_LAW,), clause="names", in_threads=True)
def name_free_before_gone(parts: Parts) -> Parts:
    """Free the name of a connection first, and remove the connection a while later: meanwhile a name has two holders.

    The Delete waits for both steps. A Create that takes the name between them is right as far as it knows.
    """
    monitor = Monitor()
    leaving: set[str] = set()

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        if connection.arn in leaving:
            raise not_found(connection.arn)
        leaving.add(connection.arn)
        parts_now.names.release(connection)
        monitor.linger(_SLOW)
        parts_now.store.remove(connection)
        leaving.discard(connection.arn)
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


def _remove(parts: Parts, connection: Connection) -> None:
    parts.store.remove(connection)
    parts.names.release(connection)
