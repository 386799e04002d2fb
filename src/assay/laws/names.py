"""The laws of a connection's name: unique, exact, reusable, preserved, and of a certain length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.gets import lost_to_another_delete
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import (
    has_control_characters,
    is_fresh,
    is_plain,
    is_unclaimed,
    is_valid_but_for_its_name,
    length_says,
    may_live_within,
    refused_for_cause,
    twins_alive,
    was_used,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.world import World

__all__ = ["are_of_one_place"]

_MET_BY_CHANCE: Final = 2  # characters: a name so short may be a stranger's


@judge("connection.name.unique")
def unique(world: World) -> Iterator[Ruling]:
    """A Create is refused while a connection of exactly its name surely exists."""
    for create in world.creates:
        name = world.name_of(create)
        if not isinstance(name, str) or isinstance(create.outcome, Unknown):
            continue
        holders = [
            other
            for other in world.by_name.get(name, ())
            if other.created is not create
            and other.lives_throughout(create.start, create.end)
            and other.arn not in world.given_twice
            and are_of_one_place(world, other.created, create)
            and (isinstance(create.outcome, Refused) or lost_to_another_delete(world, other, create) is None)
        ]
        if not holders:
            continue
        if isinstance(create.outcome, Accepted):
            yield Breach(
                call=create,
                expected=f"the second Create of {shown(name)} is refused while {holders[0].arn} holds that name",
                actual=said(create),
            )
        elif not world.is_weather(create):
            yield create


@judge("connection.name.exact")
def exact(world: World) -> Iterator[Ruling]:
    """A Create is accepted although a twin of its name exists."""
    for create in world.creates:
        twins = twins_alive(world, create)
        name = world.name_of(create)
        if not twins or not is_valid_but_for_its_name(world, create) or not length_says(world, name):
            continue
        if not world.is_ours_by_name(name) and not isinstance(create.outcome, Accepted):
            continue
        if isinstance(create.outcome, Accepted):
            yield create
        elif refused_for_cause(world, create) and not has_control_characters(name) and not _may_be_held(world, create):
            yield Breach(
                call=create,
                expected=f"{shown(name)} is accepted beside {shown(twins[0])}: they are different names",
                actual=said(create),
            )


@judge("connection.name.reusable")
def reusable(world: World) -> Iterator[Ruling]:
    """A Create is accepted where its name's last holder was deleted."""
    for create in world.creates:
        name = world.name_of(create)
        if not isinstance(name, str):
            continue
        holders = [other for other in world.by_name.get(name, ()) if other.created is not create]
        if not any(other.is_gone_by(create.start - world.knowledge.staleness) for other in holders):
            continue
        if isinstance(create.outcome, Accepted):
            yield create
        elif (
            refused_for_cause(world, create)
            and is_fresh(world, create)
            and is_valid_but_for_its_name(world, create)
            and length_says(world, name)
        ):
            yield Breach(
                call=create,
                expected=f"{shown(name)} can be used again once {holders[0].arn} is deleted",
                actual=said(create),
            )


@judge("connection.name.preserved")
def preserved(world: World) -> Iterator[Ruling]:
    """Get and List show the name that Create was given, character by character."""
    member = world.contract.resource.name
    for connection in world.ours.values():
        if connection.arn in world.given_twice or not isinstance(connection.name, str):
            continue
        if any("\ud800" <= character <= "\udfff" for character in connection.name):
            continue  # half a character is the wire's business
        for sighting in connection.sightings:
            name = sighting.members.get(member)
            if name is None:
                continue
            if name == connection.name:
                yield sighting.call
            else:
                yield Breach(
                    call=sighting.call,
                    expected=f"{member} {shown(connection.name)}, as Create was given it",
                    actual=f"{member} {shown(name)}",
                )


@judge("connection.name.length")
def length(world: World) -> Iterator[Ruling]:
    """Names within the bounds are accepted, others refused; one that a stranger may hold needs a second witness."""
    refused: list[Call] = []
    accepted: set[int] = set()
    for create in world.creates:
        name = world.name_of(create)
        allowed = length_says(world, name) if isinstance(name, str) else None
        if allowed is None or isinstance(create.outcome, Unknown) or world.is_weather(create):
            continue
        if isinstance(create.outcome, Accepted) != allowed:
            if not allowed:
                side = "long" if name else "empty"
                yield Breach(call=create, expected=_refusal(world, name), actual=said(create), aspect=side)
            elif is_valid_but_for_its_name(world, create) and _is_told_apart(world, create):
                refused.append(create)
            continue
        if allowed:
            accepted.add(len(name))
        yield create
    for create in _wrongly_refused(world, refused, accepted):
        name = world.name_of(create)
        clause = "control-characters" if has_control_characters(name) else None
        yield Breach(call=create, expected=_acceptance(world, name), actual=said(create), clause=clause)


def _wrongly_refused(world: World, refused: list[Call], accepted: set[int]) -> Iterator[Call]:
    """Of names that should have been accepted, those whose refusal nothing else explains."""
    short: list[Call] = []
    for create in refused:
        name = world.name_of(create)
        if is_fresh(world, create) and not is_plain(world, name) and not was_used(world, create):
            yield create
        elif len(name) <= _MET_BY_CHANCE and not has_control_characters(name) and is_unclaimed(world, create):
            short.append(create)
    if world.knowledge.prefix is None:
        return
    for size in {len(world.name_of(create)) for create in short} - accepted:
        witnesses = {world.name_of(create): create for create in short if len(world.name_of(create)) == size}
        if len(witnesses) > 1:
            yield sorted(witnesses.values(), key=lambda call: call.index)[1]


def are_of_one_place(world: World, first: Call, second: Call) -> bool:
    """Were two Creates made through one account and Region, as far as their ARNs tell?"""
    identity = world.contract.resource.identity
    places = [
        arn.split(":")[3:5]
        for call in (first, second)
        if isinstance(call.outcome, Accepted) and isinstance(arn := call.outcome.output.get(identity), str)
    ]
    return len(places) < 2 or places[0] == places[1]  # noqa: PLR2004 - one of each


def _is_told_apart(world: World, create: Call) -> bool:
    """Is it the name that was refused, and not the provider? The first one is beyond doubt, others need a witness."""
    kind = world.kind_of(create)
    return kind == world.contract.kinds[0] or any(
        isinstance(other.outcome, Accepted) and world.kind_of(other) == kind for other in world.creates
    )


def _may_be_held(world: World, create: Call) -> bool:
    """May exactly this name be in use by an earlier Create, whose answer may have been lost?"""
    name = world.name_of(create)
    return any(
        other is not create
        and (
            isinstance(other.outcome, Unknown)
            or other.overlaps(create)
            or (world.name_of(other) == name and may_live_within(world, other, create))
        )
        for other in world.creates_like(name)
    )


def _acceptance(world: World, name: str) -> str:
    bounds = world.contract.name_length
    return f"a name of {len(name)} characters is accepted: {bounds.minimum} to {bounds.maximum} are"


def _refusal(world: World, name: str) -> str:
    bounds = world.contract.name_length
    return f"a name of {len(name)} characters is refused: {bounds.minimum} to {bounds.maximum} are accepted"
