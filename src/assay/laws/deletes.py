"""The laws of DeleteConnection: it removes one connection, that one only, at once and for good."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.gets import absence, lost_to_another_delete
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import is_malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.world import World

__all__: list[str] = []


@judge("connection.delete.removes")
def removes(world: World) -> Iterator[Ruling]:
    """Delete of a connection that surely exists is accepted, and afterwards neither Get nor List shows it."""
    identity = world.contract.resource.identity
    for call in world.deletes:
        connection = world.connection(world.arn_in(call))
        if connection is None or not isinstance(call.outcome, Refused) or world.is_weather(call):
            continue
        others = replace(connection, deletes=[delete for delete in connection.deletes if delete is not call])
        if world.is_settled(others, call.start, call.end) and lost_to_another_delete(world, connection, call) is None:
            yield Breach(
                call=call, expected=f"Delete of {shown(connection.arn)}, which exists, is accepted", actual=said(call)
            )
    for call in world.gets:
        arn = world.arn_in(call)
        if isinstance(call.outcome, Unknown) or not world.is_gone(arn, call.start):
            continue
        described = world.described(call)
        if described is None:
            yield call
        else:
            yield Breach(
                call=call,
                expected=f"{shown(arn)} was deleted, and Get knows it no more",
                actual=said(call),
                earlier=_earlier(world, arn),
            )
    first = min((delete.end for delete in world.deletes if isinstance(delete.outcome, Accepted)), default=math.inf)
    for call, began in _pages(world):
        # A walk may show what there was when it began; one that began after the Delete may not.
        back = [item for item in world.page(call) if world.is_gone(item.get(identity), began)]
        for item in back[:1]:
            yield Breach(
                call=call,
                expected=f"{shown(item[identity])} was deleted, and List shows it no more",
                actual=f"the page shows {shown(item)}",
                earlier=_earlier(world, item[identity]),
            )
        if not back and first <= began:
            yield call


@judge("connection.delete.only")
def only(world: World) -> Iterator[Ruling]:
    """After a Delete, every other connection that nobody deleted is still there."""
    for call in world.gets:
        connection = world.connection(world.arn_in(call))
        if (
            connection is None
            or isinstance(call.outcome, Unknown)
            or not world.is_settled(connection, call.start, call.end)
        ):
            continue
        delete = lost_to_another_delete(world, connection, call)
        if delete is None or is_malformed(world, world.arn_in(delete)):
            continue
        if isinstance(call.outcome, Accepted):
            yield call
        elif isinstance(call.outcome, Refused) and call.outcome.is_not_found:
            yield Breach(
                call=call,
                expected=f"{shown(connection.arn)} still exists: only {shown(world.arn_in(delete))} was to be deleted",
                actual=said(call),
            )


@judge("connection.delete.unknown")
def unknown(world: World) -> Iterator[Ruling]:
    """Delete of an ARN that names nothing is answered with ResourceNotFoundException."""
    for call in world.deletes:
        yield from absence(world, call)


@judge("connection.delete.empty")
def empty(world: World) -> Iterator[Ruling]:
    """The answer to a Delete is an empty body, or an object without any documented member."""
    documented = {world.contract.resource.identity, world.contract.get.holder or "", world.contract.resource.name}
    if world.contract.list.pagination is not None:
        documented.add(world.contract.list.pagination.items)
    for call in world.deletes:
        if not isinstance(call.outcome, Accepted) or call.is_hearsay:
            continue
        told = sorted(
            member for member in documented.intersection(call.outcome.output) if call.outcome.output[member] is not None
        )
        body = call.response.body.strip() if call.response is not None else b""
        if told or (body and not body.removeprefix(b"\xef\xbb\xbf").startswith(b"{")):
            yield Breach(
                call=call,
                expected="an empty body, or {} without documented members",
                actual=shown(body.decode("utf-8", "replace")),
            )
        else:
            yield call


def _pages(world: World) -> Iterator[tuple[Call, float]]:
    """Every page of a walk, once, and when its walk began."""
    told: set[int] = set()
    for walk in world.walks:
        for call in walk.pages:
            if isinstance(call.outcome, Accepted) and id(call) not in told:
                told.add(id(call))
                yield call, walk.start


def _earlier(world: World, arn: Any) -> int | None:
    earlier = world.past(arn)
    return earlier.program if earlier is not None else None
