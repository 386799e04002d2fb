"""The laws of handshakes, which somebody completes beside the API: what they lead to, and what they leave alone.

They speak only of connections whose handshake stands in the history, so they are silent of all others; that nobody
else's status moves is `connection.status.pending`'s. What a handshake led to is asked of reads that began when it was
over, and as much later as reads may lag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.laws.registry import Breach, Ruling, judge, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.lives import Connection, Sighting
    from assay.world import World

__all__: list[str] = []


@judge("connection.handshake.completes")
def completes(world: World) -> Iterator[Ruling]:
    """Behind a completed handshake, and behind an answer that showed its effect, no answer says PENDING."""
    resource = world.contract.resource
    for connection in _handled(world):
        for sighting in connection.sightings:
            status = sighting.members.get(resource.status)
            settled = sighting.call.start - world.knowledge.staleness
            if status == resource.completed_status and connection.is_completed_by(settled):
                yield sighting.call
            elif status == resource.initial_status:
                if connection.is_completed_by(settled):
                    reason = "its handshake was completed"
                elif _was_shown(connection, resource.status, resource.completed_status, settled):
                    reason = "it was so before"
                else:
                    continue
                yield Breach(
                    call=sighting.call,
                    expected=f"{resource.status} {resource.completed_status} of {shown(connection.arn)}: {reason}",
                    actual=f"{resource.status} {shown(status)}",
                )


@judge("connection.handshake.only")
def only(world: World) -> Iterator[Ruling]:
    """What Get, or List, shows of a connection behind its handshake is what it showed before it, but for the status."""
    resource = world.contract.resource
    compared = (resource.name, resource.identity, resource.kind, "HostArn", resource.owner)
    for connection in _handled(world):
        first: dict[str, Sighting] = {}
        for sighting in connection.sightings:
            if connection.is_pending_by(sighting.call.end):
                first.setdefault(sighting.role, sighting)
                continue
            before = first.get(sighting.role)
            if before is None:
                continue
            # A member that only one of the two shows is for the laws about members to judge.
            was, now = before.members, sighting.members
            both = [member for member in compared if None not in (was.get(member), now.get(member))]
            different = [member for member in both if was[member] != now[member]]
            for member in different[:1]:
                yield Breach(
                    call=sighting.call,
                    expected=f"{member} of {shown(connection.arn)} is {shown(was[member])}, as before its handshake",
                    actual=f"{member} {shown(now[member])}",
                    clause="owner" if member == resource.owner else None,
                    aspect=member,
                )
            if not different:
                yield sighting.call


def _handled(world: World) -> Iterator[Connection]:
    """Connections of ours, by an ARN that names one alone, of which somebody completed the handshake, or tried to."""
    for connection in world.ours.values():
        if connection.handshakes and connection.arn not in world.given_twice:
            yield connection


def _was_shown(connection: Connection, member: str, status: str, moment: float) -> bool:
    return any(each.members.get(member) == status and each.call.end <= moment for each in connection.sightings)
