"""Faults of Delete: it takes too little, or too much."""

from __future__ import annotations

import heapq
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.reference.operations import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts


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
            parts_now.store.remove(neighbour)
            parts_now.names.release(neighbour)
        return answer

    return replace(parts, handlers=parts.handlers_with(DeleteConnection=delete))
