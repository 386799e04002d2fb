"""Races for a name: between a look whether it is free and the insert, and between a Delete and whoever has it next.

Called one after the other, these servers are right in everything. Every one of them runs its handlers in threads.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.side_by_side import LONG, SHORT, SHORTEST, Monitor, watched
from assay.reference.operations import find
from assay.reference.refusals import already_exists

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__ = ["with_window_before_insert"]

_UNIQUE, _ORDER = "concurrent.name.unique", "concurrent.linearizable"


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
    return with_window_before_insert(parts, LONG)


@mutant("race.name-check-200us", caught_by=(_UNIQUE,), in_threads=True)
def name_check_200us(parts: Parts) -> Parts:
    """Look whether a name is free, and insert a fifth of a millisecond later.

    The state is a file beside the process, read for the check and written for the insert.
    """
    return with_window_before_insert(parts, SHORT)


@mutant("race.name-check-20us", caught_by=(_UNIQUE,), in_threads=True)
def name_check_20us(parts: Parts) -> Parts:
    """Look whether a name is free, and insert twenty microseconds later.

    Both are in memory and each is under a lock; the two together are not.
    """
    return with_window_before_insert(parts, SHORTEST)


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
            names: Any = _LateNames(parts_now.names, lambda: monitor.window(SHORT))
            return careful_create(replace(parts_now, names=names), call)
        finally:
            busy[bucket] -= 1

    return watched(parts, monitor, CreateConnection=create)


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
            monitor.window(SHORT)
            if claims[claim] > 1:
                monitor.window(LONG)  # so that the other one sees this claim, too
                raise already_exists(name)
            return careful_create(parts_now, call)
        finally:
            claims[claim] -= 1

    return watched(parts, monitor, CreateConnection=create)


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
        monitor.window(SHORT)
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
        monitor.window(SHORT)
        parts_now.names.release(connection)
        return answer

    return watched(parts, monitor, DeleteConnection=delete)
