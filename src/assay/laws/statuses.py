"""The laws of a connection's status: one of three words, PENDING at first, the same whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.laws.registry import Breach, Ruling, judge, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.world import World

__all__: list[str] = []


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
        if not gets:
            continue
        said_by_get = gets[0].members.get(member)
        for sighting in connection.sightings:
            if sighting.role != "list":
                continue
            listed = sighting.members.get(member)
            if listed == said_by_get:
                yield sighting.call
            elif world.knowledge.prefix is not None or None in (listed, said_by_get):
                yield Breach(
                    call=max(sighting.call, gets[0].call, key=lambda call: call.index),
                    expected=f"List and Get agree on {member} of {shown(connection.arn)}",
                    actual=f"Get says {shown(said_by_get)}, List says {shown(listed)}",
                )
