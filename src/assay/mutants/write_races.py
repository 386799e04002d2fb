"""Races of writes: Creates and Deletes that meet, and of which one spoils what the other one wrote, or its answer.

Called one after the other, these servers are right in everything. Every one of them runs its handlers in threads. What
races for a name alone stands in `assay.mutants.name_races`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.side_by_side import SHORT, Monitor, watched
from assay.reference.arns import connection_arn
from assay.reference.operations import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.callers import Caller
    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__: list[str] = []

_UNIQUE, _STABLE, _ORDER = "concurrent.name.unique", "concurrent.list.stable", "concurrent.linearizable"


@mutant("race.deletes-both-accepted", caught_by=("concurrent.delete.once",), in_threads=True)
def deletes_both_accepted(parts: Parts) -> Parts:
    """Look a connection up, and remove it a moment later, whether it is still there or not.

    `DELETE FROM connections WHERE arn = …` after a `SELECT`, and nobody looks at how many rows it took.
    """
    monitor = Monitor()

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        monitor.window(SHORT)
        if parts_now.store.get(connection.arn) is not None:
            parts_now.store.remove(connection)
            parts_now.names.release(connection)
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


@mutant("race.create-lost", caught_by=(_ORDER, "connection.get.details", "connection.list.complete"), in_threads=True)
def create_lost(parts: Parts) -> Parts:
    """Lose a connection where another is made at the same moment: the second write takes the place of the first.

    The next free slot is found by counting what is there, and two that count at once are given one slot. The one that
    lost was made, is gone, and was deleted by nobody: no order has that, and where it is seen first is luck.
    """
    monitor, slots = Monitor(), dict[int, str]()
    careful_create = parts.handlers["CreateConnection"]
    count = 0

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        nonlocal count
        slot = count
        monitor.window(SHORT)
        answer = careful_create(parts_now, call)
        count = slot + 1
        former = parts_now.store.get(slots.get(slot, ""))
        if former is not None:
            parts_now.store.remove(former)
            parts_now.names.release(former)
        slots[slot] = str(answer["ConnectionArn"])
        return answer

    return watched(parts, monitor, CreateConnection=create)


@mutant("race.index-rewritten", caught_by=("connection.list.complete", _STABLE), in_threads=True)
def index_rewritten(parts: Parts) -> Parts:
    """Read the whole index of a list, add a connection and write it back, so that one of two made at once is not in it.

    The index is one JSON document: last writer wins. A walk misses the other one whether it is quiet by then or not.
    """
    monitor, unlisted = Monitor(), set[str]()
    careful_create = parts.handlers["CreateConnection"]
    version = 0
    newest = ""

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        nonlocal version, newest
        read = version
        monitor.window(SHORT)
        answer = careful_create(parts_now, call)
        if version != read:
            unlisted.add(newest)  # what was written meanwhile is not in the copy that is written back
        version += 1
        newest = str(answer["ConnectionArn"])
        return answer

    def listed(parts_now: Parts, account: str, position: int) -> Any:
        return (item for item in parts.listed(parts_now, account, position) if item.arn not in unlisted)

    return watched(replace(parts, listed=listed), monitor, CreateConnection=create)


@mutant("race.counter-without-lock", caught_by=("connection.arn.never-reused",), in_threads=True)
def counter_without_lock(parts: Parts) -> Parts:
    """Count ids, and let two Creates at once read the same number.

    `self.count += 1` is a read and a write. The second row of an id takes the place of the first.
    """
    monitor = Monitor()
    count = 0

    def mint(parts_now: Parts, caller: Caller, service: str, name: str) -> str:  # noqa: ARG001 - a mint is told all this
        nonlocal count
        read = count
        monitor.window(SHORT)
        count = read + 1
        arn = connection_arn(caller, service, f"{0x10000000 + read:08x}-0000-4000-8000-000000000000")
        former = parts_now.store.get(arn)
        if former is not None:
            parts_now.store.remove(former)
            parts_now.names.release(former)
        return arn

    return watched(replace(parts, mint=mint), monitor)


@mutant("race.creates-coalesced", caught_by=("connection.arn.never-reused", "connection.get.details"), in_threads=True)
def creates_coalesced(parts: Parts) -> Parts:
    """Take a Create that comes while another one runs for a repetition of it, and give it the same answer.

    Meant for clients that retry after a timeout; the key of the request holds its provider, and not its name.
    """
    monitor, under_way = Monitor(), dict[str, dict[str, Any]]()
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        key = f"{call.caller.account} {call.members.optional_text('ProviderType')}"
        first = under_way.get(key)
        if first is not None:
            while "answer" not in first and "failed" not in first:
                monitor.window(0.0)
            if "answer" in first:
                answer: Mapping[str, object] = first["answer"]
                return answer
        mine = under_way[key] = {}
        try:
            monitor.window(SHORT)
            made = mine["answer"] = careful_create(parts_now, call)
        except BaseException:
            mine["failed"] = True
            raise
        finally:
            if under_way.get(key) is mine:
                del under_way[key]
        return made

    return watched(parts, monitor, CreateConnection=create)


@mutant("race.create-undoes-delete", caught_by=("connection.delete.removes", _ORDER), in_threads=True)
def create_undoes_delete(parts: Parts) -> Parts:
    """Bring back what is deleted while a Create runs: it writes the whole state as it was when it began, and its own.

    The state is one file, and every write writes all of it. Where somebody looks while other calls are still under way,
    it is the order of those calls that is broken: deleted, and there.
    """
    monitor = Monitor()
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        before = list(parts_now.store.after(call.caller.account, 0))
        monitor.window(SHORT)
        answer = careful_create(parts_now, call)
        for connection in before:
            if parts_now.store.get(connection.arn) is None:
                _put_back(parts_now, connection)
        return answer

    return watched(parts, monitor, CreateConnection=create)


def _put_back(parts: Parts, connection: Connection) -> None:
    if not parts.names.is_taken(connection.account, connection.region, connection.name):
        parts.store.add(replace(connection, sequence=parts.store.next_sequence()))
        parts.names.take(connection)


@mutant(
    "race.second-worker",
    caught_by=("connection.get.details", "connection.list.complete", _UNIQUE),
    in_threads=True,
)
def second_worker(parts: Parts) -> Parts:
    """Let a second process answer what comes while the first is busy, each with a memory of its own.

    `--workers 2`, and the state is a dictionary.
    """
    from assay.reference.parts import careful_parts  # noqa: PLC0415 - for its second state alone

    monitor, busy = Monitor(), Counter[str]()
    other = careful_parts(quota=parts.quota)

    def shared(operation: str) -> Any:
        careful = parts.handlers[operation]

        def handle(parts_now: Parts, call: Call) -> Mapping[str, object]:
            if busy["first"]:
                return careful(replace(other, get_view=parts_now.get_view, list_view=parts_now.list_view), call)
            busy["first"] += 1
            try:
                monitor.window(SHORT)
                return careful(parts_now, call)
            finally:
                busy["first"] -= 1

        return handle

    return watched(parts, monitor, **{operation: shared(operation) for operation in parts.handlers})
