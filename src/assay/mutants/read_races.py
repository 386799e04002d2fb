"""Races of reads: Gets and Lists that go wrong where another call, a read or a write, is under way beside them.

Called one after the other, these servers are right in everything. Every one of them runs its handlers in threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.side_by_side import SHORT, SHORTEST, Monitor, watched

if TYPE_CHECKING:
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__: list[str] = []

_STABLE, _ORDER = "concurrent.list.stable", "concurrent.linearizable"


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
            monitor.window(SHORTEST)

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
        monitor.window(SHORT)
        cache[arn] = account, answer
        return answer

    def delete(parts_now: Parts, call: Call) -> Mapping[str, object]:
        answer = careful_delete(parts_now, call)
        cache.pop(call.members.text("ConnectionArn"), None)
        return answer

    return watched(parts, monitor, GetConnection=get, DeleteConnection=delete)


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
            monitor.window(SHORT)
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
        monitor.window(SHORT)
        return found

    return watched(parts, monitor, GetConnection=get)
