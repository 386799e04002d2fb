"""The laws of GetConnection: what it tells of a connection that is there, and how it says that one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.lives import Connection
    from assay.world import World

__all__ = ["absence", "lost_to_another_delete"]


@judge("connection.get.unknown")
def unknown(world: World) -> Iterator[Ruling]:
    """An ARN that names nothing is answered with ResourceNotFoundException."""
    for call in world.gets:
        yield from absence(world, call)


@judge("connection.get.details")
def details(world: World) -> Iterator[Ruling]:
    """Get of a connection that surely exists is accepted and tells its name, ARN, provider and status."""
    resource = world.contract.resource
    for call in world.gets:
        connection = world.connection(world.arn_in(call))
        if (
            connection is None
            or not world.is_settled(connection, call.start, call.end)
            or isinstance(call.outcome, Unknown)
        ):
            continue
        described = world.described(call)
        if described is None:
            explained = isinstance(call.outcome, Refused) and call.outcome.is_not_found
            if not explained or lost_to_another_delete(world, connection, call) is None:
                yield Breach(call=call, expected=f"Get of {shown(connection.arn)} tells its details", actual=said(call))
            continue
        wanted = [resource.name, resource.identity, resource.status]
        if connection.kind is not None:
            wanted.append(resource.kind)
        missing = [member for member in wanted if described.get(member) is None]
        if missing:
            yield Breach(
                call=call,
                expected=f"Get tells {', '.join(wanted)}",
                actual=f"{', '.join(missing)} missing: {said(call)}",
                aspect=missing[0],
            )
        elif described.get(resource.owner) is None:
            yield Breach(
                call=call, expected=f"Get tells {resource.owner}", actual=f"missing: {said(call)}", clause="owner"
            )
        else:
            yield call


def absence(world: World, call: Call) -> Iterator[Ruling]:
    """Rule on a Get or Delete of an ARN that surely names nothing, and say nothing of other calls.

    A Get that finds a deleted connection is `connection.delete.removes`'s, not this law's.
    """
    arn = world.arn_in(call)
    if not isinstance(arn, str) or isinstance(call.outcome, Unknown) or world.is_weather(call):
        return
    if arn in world.knowledge.elsewhere:
        if isinstance(call.outcome, Accepted):
            yield Breach(
                call=call,
                expected=f"{call.operation} of {shown(arn)}, which names nothing, is refused",
                actual=said(call),
            )
        else:
            yield call
        return
    gone = world.is_gone(arn, call.start)
    if not gone and arn not in world.knowledge.invented:
        return
    if isinstance(call.outcome, Refused) and call.outcome.is_not_found:
        yield call
        return
    if gone and isinstance(call.outcome, Accepted) and call.operation == world.contract.get.name:
        return
    what = "was deleted" if gone else "was never given to anyone"
    yield Breach(
        call=call,
        expected=f"{call.operation} of {shown(arn)}, which {what}, is a ResourceNotFoundException",
        actual=said(call),
    )


def lost_to_another_delete(world: World, connection: Connection, call: Call) -> Call | None:
    """The Delete of something else, clearly answered, since this connection was last seen before `call`.

    Of several, the first that was accepted: it is likelier to have deleted something than one that was refused.
    """
    refused: Call | None = None
    for delete in world.deletes_within(connection.last_seen(call.start), call.end):
        if world.arn_in(delete) == connection.arn:
            continue
        if isinstance(delete.outcome, Accepted):
            return delete
        if refused is None and isinstance(delete.outcome, Refused):
            refused = delete
    return refused
