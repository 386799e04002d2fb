"""Faults between a check and a write: each shows only where two calls are under way at once.

Called one after the other, these servers are right in everything. Every one of them runs its handlers in threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.side_by_side import Monitor, watched
from assay.reference.arns import connection_arn
from assay.reference.operations import find
from assay.reference.refusals import already_exists

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.reference.callers import Caller
    from assay.reference.connections import Connection
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__ = ["with_window_before_insert"]

_UNIQUE, _STABLE, _ORDER = "concurrent.name.unique", "concurrent.list.stable", "concurrent.linearizable"
_SHORTEST = 0.00002
_SHORT = 0.0002
_LONG = 0.002


class _LateNames:
    """A name index that lets go of the lock after it has said that a name is free."""

    def __init__(self, careful: Any, window: Callable[[], None]) -> None:
        self._careful, self._window = careful, window

    def __getattr__(self, name: str) -> Any:
        """What is no question is the careful index's own."""
        return getattr(self._careful, name)

    def is_taken(self, account: str, region: str, name: str) -> bool:
        """Whether the name was taken a moment ago."""
        taken: bool = self._careful.is_taken(account, region, name)
        if not taken:
            self._window()
        return taken


def with_window_before_insert(parts: Parts, seconds: float) -> Parts:
    """Parts that look whether a name is free, and insert so many seconds later; 0: once the lock was let go."""
    monitor = Monitor()
    names: Any = _LateNames(parts.names, lambda: monitor.window(seconds))
    return watched(replace(parts, names=names), monitor)


@mutant("race.name-check-2ms", caught_by=(_UNIQUE,), in_threads=True)
def name_check_2ms(parts: Parts) -> Parts:
    """Look whether a name is free, and insert two milliseconds later.

    The check is one query to a database, the insert another, and no unique index stands behind them.
    """
    return with_window_before_insert(parts, _LONG)


@mutant("race.name-check-200us", caught_by=(_UNIQUE,), in_threads=True)
def name_check_200us(parts: Parts) -> Parts:
    """Look whether a name is free, and insert a fifth of a millisecond later.

    The state is a file beside the process, read for the check and written for the insert.
    """
    return with_window_before_insert(parts, _SHORT)


@mutant("race.name-check-20us", caught_by=(_UNIQUE,), in_threads=True)
def name_check_20us(parts: Parts) -> Parts:
    """Look whether a name is free, and insert twenty microseconds later.

    Both are in memory and each is under a lock; the two together are not.
    """
    return with_window_before_insert(parts, _SHORTEST)


@mutant("race.name-check-by-provider", caught_by=(_UNIQUE,), in_threads=True)
def name_check_by_provider(parts: Parts) -> Parts:
    """Guard names by one lock for each provider, so that Creates of one name and two providers do not wait for another.

    Locks were split into buckets when one of them became too hot, and the key of the bucket is not the key of the name.
    """
    monitor, busy = Monitor(), Counter[str]()
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        bucket = call.members.optional_text("ProviderType") or ""
        while busy[bucket]:
            monitor.window(0.0)
        busy[bucket] += 1
        try:
            names: Any = _LateNames(parts_now.names, lambda: monitor.window(_SHORT))
            return careful_create(replace(parts_now, names=names), call)
        finally:
            busy[bucket] -= 1

    return watched(parts, monitor, CreateConnection=create)


@mutant("race.deletes-both-accepted", caught_by=("concurrent.delete.once",), in_threads=True)
def deletes_both_accepted(parts: Parts) -> Parts:
    """Look a connection up, and remove it a moment later, whether it is still there or not.

    `DELETE FROM connections WHERE arn = …` after a `SELECT`, and nobody looks at how many rows it took.
    """
    monitor = Monitor()

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        monitor.window(_SHORT)
        if parts_now.store.get(connection.arn) is not None:
            parts_now.store.remove(connection)
            parts_now.names.release(connection)
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


@mutant(
    "race.create-lost", caught_by=(_ORDER, "connection.get.details", "connection.list.complete"), in_threads=True
)
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
        monitor.window(_SHORT)
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
        monitor.window(_SHORT)
        answer = careful_create(parts_now, call)
        if version != read:
            unlisted.add(newest)  # what was written meanwhile is not in the copy that is written back
        version += 1
        newest = str(answer["ConnectionArn"])
        return answer

    def listed(parts_now: Parts, account: str, position: int) -> Any:
        return (item for item in parts.listed(parts_now, account, position) if item.arn not in unlisted)

    return watched(replace(parts, listed=listed), monitor, CreateConnection=create)


@mutant("race.list-torn", caught_by=(_STABLE, "connection.list.complete"), in_threads=True)
def list_torn(parts: Parts) -> Parts:
    """Go through the list by positions, and let others in between: where a delete closes a gap, one item is missed.

    `for i in range(len(items))` over a list that is not copied.
    """
    monitor = Monitor()

    def listed(parts_now: Parts, account: str, position: int) -> Any:
        place = 0
        while True:
            present = list(parts.listed(parts_now, account, position))
            if place >= len(present):
                return
            yield present[place]
            place += 1
            monitor.window(_SHORTEST)

    return watched(replace(parts, listed=listed), monitor)


@mutant("race.stale-cache", caught_by=("connection.delete.removes", _ORDER), in_threads=True)
def stale_cache(parts: Parts) -> Parts:
    """Answer Get from a cache, which a Get fills with what it read before a Delete emptied it.

    Read, delete, empty the cache, put what was read into the cache: from then on the connection lives there. A Get that
    is still beside the Delete's neighbours sees it too, after a Delete that was over: no order of those explains it.
    """
    monitor, cache = Monitor(), dict[str, tuple[str, Mapping[str, object]]]()
    careful_get, careful_delete = parts.handlers["GetConnection"], parts.handlers["DeleteConnection"]

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        arn, account = call.members.text("ConnectionArn"), call.caller.account
        owner, kept = cache.get(arn, ("", {}))
        if owner == account:
            return kept
        answer = careful_get(parts_now, call)
        monitor.window(_SHORT)
        cache[arn] = account, answer
        return answer

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_delete(parts_now, call)
        cache.pop(call.members.text("ConnectionArn"), None)
        return answer

    return watched(parts, monitor, GetConnection=get, DeleteConnection=delete)


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
        monitor.window(_SHORT)
        count = read + 1
        arn = connection_arn(caller, service, f"{0x10000000 + read:08x}-0000-4000-8000-000000000000")
        former = parts_now.store.get(arn)
        if former is not None:
            parts_now.store.remove(former)
            parts_now.names.release(former)
        return arn

    return watched(replace(parts, mint=mint), monitor)


@mutant(
    "race.creates-coalesced", caught_by=("connection.arn.never-reused", "connection.get.details"), in_threads=True
)
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
            monitor.window(_SHORT)
            made = mine["answer"] = careful_create(parts_now, call)
        except BaseException:
            mine["failed"] = True
            raise
        finally:
            if under_way.get(key) is mine:
                del under_way[key]
        return made

    return watched(parts, monitor, CreateConnection=create)


@mutant("race.tokens-shared", caught_by=("connection.list.complete",), in_threads=True)
def tokens_shared(parts: Parts) -> Parts:
    """Keep the position of a walk with the account and not in the token, while more than one walk is under way.

    "The cursor of this session", and two clients are one session; alone, a walk finds its cursor where it left it.
    """
    monitor, positions = Monitor(), dict[str, int]()
    running = Counter[str]()

    def page(parts_now: Parts, wanted: Any) -> Any:
        account = wanted.account
        running[account] += 1
        try:
            monitor.window(_SHORT)
            careful = parts.page(parts_now, wanted)
            if running[account] > 1 and wanted.token is not None and positions.get(account, 0):
                behind = parts_now.tokens.seal(positions[account], wanted.binding)
                careful = parts.page(parts_now, replace(wanted, token=behind))
            if careful.connections:
                positions[account] = careful.connections[-1].sequence
            return careful
        finally:
            running[account] -= 1

    return watched(replace(parts, page=page), monitor)


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
        monitor.window(_SHORT)
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
    "race.delete-takes-the-new",
    caught_by=("connection.get.details", "connection.delete.only", _UNIQUE, _ORDER),
    in_threads=True,
)
def delete_takes_the_new(parts: Parts) -> Parts:
    """Free the name first and remove by name a moment later, which takes whoever has the name by then.

    The lookup is by ARN and the row is deleted by name, and between the two the name was given away. Whoever has it is
    told so, is removed, and the name is free once more for the next Create beside it: two were accepted at once.
    """
    monitor = Monitor()

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        parts_now.store.remove(connection)
        parts_now.names.release(connection)
        monitor.window(_SHORT)
        for other in list(parts_now.store.after(connection.account, 0)):
            if other.name == connection.name and other.region == connection.region:
                parts_now.store.remove(other)
                parts_now.names.release(other)
        return {}

    return watched(parts, monitor, DeleteConnection=delete)


@mutant("race.delete-frees-anothers-name", caught_by=("connection.name.unique", _UNIQUE), in_threads=True)
def delete_frees_anothers_name(parts: Parts) -> Parts:
    """Free a name a second time after its connection is gone, although somebody else has it by then.

    The name is freed with the row, and once more by a clean-up that runs behind it.
    """
    monitor = Monitor()
    careful_delete = parts.handlers["DeleteConnection"]

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        connection = find(parts_now, call)
        answer = careful_delete(parts_now, call)
        monitor.window(_SHORT)
        parts_now.names.release(connection)
        return answer

    return watched(parts, monitor, DeleteConnection=delete)


@mutant("race.answers-swapped", caught_by=("connection.arn.stable",), in_threads=True)
def answers_swapped(parts: Parts) -> Parts:
    """Put the connection that a Get found where the next Get puts its own, and answer with what is there then.

    A handler is one object for all requests, and keeps what it found in itself.
    """
    monitor = Monitor()
    found: Mapping[str, object] = {}
    careful_get = parts.handlers["GetConnection"]

    def get(parts_now: Parts, call: Call) -> Mapping[str, object]:
        nonlocal found
        found = careful_get(parts_now, call)
        monitor.window(_SHORT)
        return found

    return watched(parts, monitor, GetConnection=get)


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
                monitor.window(_SHORT)
                return careful(parts_now, call)
            finally:
                busy["first"] -= 1

        return handle

    return watched(parts, monitor, **{operation: shared(operation) for operation in parts.handlers})


@mutant("race.insert-before-check", caught_by=(_UNIQUE,), clause="exactly-one", in_threads=True)
def insert_before_check(parts: Parts) -> Parts:
    """Claim a name first and then look whether somebody else claims it as well: two that meet both step back.

    Optimistic, and without a word on who of two goes first.
    """
    monitor, claims = Monitor(), Counter[tuple[str, str]]()
    careful_create = parts.handlers["CreateConnection"]

    def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
        name = call.members.text("ConnectionName")
        claim = (call.caller.account, name)
        claims[claim] += 1
        try:
            monitor.window(_SHORT)
            if claims[claim] > 1:
                monitor.window(_LONG)  # so that the other one sees this claim, too
                raise already_exists(name)
            return careful_create(parts_now, call)
        finally:
            claims[claim] -= 1

    return watched(parts, monitor, CreateConnection=create)
