"""The laws of a connection's status: one of three words, PENDING at first, the same whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.laws.registry import Breach, Ruling, judge, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.lives import Connection, Sighting
    from assay.world import World

__all__ = ["comparable"]


@judge("connection.status.enum")
def enum(world: World) -> Iterator[Ruling]:
    """Every status that is shown, of whosever connection, is one of the model's words."""
    member, words = world.contract.resource.status, world.contract.statuses
    for sighting in world.shown:
        status = sighting.members.get(member)
        if status is None:
            continue
        if status in words:
            yield sighting.call
        else:
            yield Breach(
                call=sighting.call, expected=f"{member} is {', '.join(words)}", actual=f"{member} {shown(status)}"
            )


def comparable(world: World, connection: Connection, gets: Sequence[Sighting], listed: Sighting) -> Sighting | None:
    """The first of some Gets with which an item of List can be compared: no handshake lies between; None for none."""
    if not connection.handshakes:
        return gets[0]
    stage = _stage(world, connection, listed)
    return None if stage is None else next((got for got in gets if _stage(world, connection, got) == stage), None)


def _stage(world: World, connection: Connection, sighting: Sighting) -> int | None:
    """How many handshakes lie before a sighting; None where one may or may not: it was under way, or just over."""
    start, end = sighting.call.start - world.knowledge.staleness, sighting.call.end
    if any(each.start < end and each.end > start for each in connection.handshakes):
        return None
    return sum(each.end <= start for each in connection.handshakes)


@judge("connection.status.pending")
def pending(world: World) -> Iterator[Ruling]:
    """A connection of ours, whose handshake nobody has completed, is PENDING."""
    member, initial = world.contract.resource.status, world.contract.resource.initial_status
    for connection in world.ours.values():
        if connection.arn in world.given_twice:
            continue
        for sighting in connection.sightings:
            status = sighting.members.get(member)
            if status not in world.contract.statuses:
                continue
            if not connection.is_pending_by(sighting.call.end):
                continue
            if status == initial:
                yield sighting.call
            elif world.knowledge.prefix is not None:  # of recorded traffic nobody knows who shook hands
                yield Breach(
                    call=sighting.call,
                    expected=f"{member} {initial}: nobody has completed the handshake of {shown(connection.arn)}",
                    actual=f"{member} {shown(status)}",
                )


@judge("connection.status.agrees")
def agrees(world: World) -> Iterator[Ruling]:
    """Get and List say the same status of a connection of ours, or neither says one."""
    member = world.contract.resource.status
    for connection in world.ours.values():
        if connection.arn in world.given_twice:
            continue
        gets = [sighting for sighting in connection.sightings if sighting.role == "get"]
        for sighting in connection.sightings if gets else ():
            got = comparable(world, connection, gets, sighting) if sighting.role == "list" else None
            if got is None:
                continue
            listed, said_by_get = sighting.members.get(member), got.members.get(member)
            if listed == said_by_get:
                yield sighting.call
            elif world.knowledge.prefix is not None or None in (listed, said_by_get):
                yield Breach(
                    call=max(sighting.call, got.call, key=lambda call: call.index),
                    expected=f"List and Get agree on {member} of {shown(connection.arn)}",
                    actual=f"Get says {shown(said_by_get)}, List says {shown(listed)}",
                )
