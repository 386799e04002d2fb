"""The law between accounts: none sees, gets or deletes what is another's, nor is refused a name for it.

It is the one law that looks beside its own world, and it speaks only where the ARNs of the two worlds name different
accounts: an endpoint that keeps one account for all access keys is not held to it. Which error a Get or a Delete of
another account's ARN is refused with is documented nowhere, so any will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Refused
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import (
    is_fresh,
    is_plain,
    is_valid_but_for_its_name,
    length_says,
    twins_alive,
    was_used,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.lives import Connection
    from assay.world import World

__all__: list[str] = []


@judge("isolation.account")
def account(world: World) -> Iterator[Ruling]:
    """What another account made is not shown, not described and not deleted here, and holds no name."""
    for other in world.beside:
        if not world.accounts or not other.accounts or world.accounts & other.accounts:
            continue
        yield from _gets(world, other)
        yield from _deletes(world, other)
        yield from _lists(world, other)
        yield from _names(world, other)


def _gets(world: World, other: World) -> Iterator[Ruling]:
    identity = world.contract.resource.identity
    for call in world.gets:
        theirs = _of_the_other(world, other, world.arn_in(call))
        if theirs is None:
            continue
        described = world.described(call)
        if described and described.get(identity) in (None, theirs.arn):
            yield Breach(call=call, expected=f"{_whose(theirs)}, and is not described", actual=said(call))
        elif isinstance(call.outcome, Refused) and theirs.lives_throughout(call.start, call.end):
            yield call


def _deletes(world: World, other: World) -> Iterator[Ruling]:
    for call in world.deletes:
        theirs = _of_the_other(world, other, world.arn_in(call))
        if theirs is None or not theirs.lives_throughout(call.start, call.start):
            continue
        if isinstance(call.outcome, Accepted):
            yield Breach(call=call, expected=f"{_whose(theirs)}, and is not deleted", actual=said(call))
        elif isinstance(call.outcome, Refused):
            yield call


def _lists(world: World, other: World) -> Iterator[Ruling]:
    identity = world.contract.resource.identity
    for call in world.lists:
        items = (item.get(identity) for item in world.page(call))
        theirs = next((found for arn in items if (found := _of_the_other(world, other, arn))), None)
        if theirs is not None:
            yield Breach(call=call, expected=f"{_whose(theirs)}, and is not shown", actual=f"{shown(theirs.arn)} is")
        elif isinstance(call.outcome, Accepted) and any(
            made.lives_throughout(call.start, call.end) for made in other.ours.values()
        ):
            yield call


def _names(world: World, other: World) -> Iterator[Ruling]:
    for create in world.creates:
        name = world.name_of(create)
        holders = other.by_name.get(name, ()) if isinstance(name, str) else ()
        if not any(made.lives_throughout(create.start, create.end) for made in holders):
            continue
        if isinstance(create.outcome, Accepted):
            yield create
        elif isinstance(create.outcome, Refused) and _has_no_other_reason(world, create):
            yield Breach(
                call=create,
                expected=f"that another account has a connection of the name {shown(name)} is no reason to refuse it",
                actual=said(create),
            )


def _has_no_other_reason(world: World, create: Call) -> bool:
    """Would a refused Create surely have been accepted in an account of its own?"""
    name = world.name_of(create)
    return (
        not world.is_weather(create)
        and is_valid_but_for_its_name(world, create)
        and bool(length_says(world, name))
        and is_plain(world, name)
        and is_fresh(world, create)
        and not was_used(world, create)
        and not twins_alive(world, create)
    )


def _of_the_other(world: World, other: World, arn: Any) -> Connection | None:
    """The connection of the other world that an ARN names, where it surely names none of this one."""
    if not isinstance(arn, str) or arn in world.made or arn in world.knowledge.past:
        return None
    return other.connection(arn)


def _whose(theirs: Connection) -> str:
    return f"{shown(theirs.arn)} is another account's"
