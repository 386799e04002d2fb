"""The laws of CreateConnection's input, and of what later answers repeat of it: provider and owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.history import Accepted, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import (
    is_fresh,
    is_plain,
    is_valid_but_for_its_name,
    length_says,
    refused_for_cause,
    twins_alive,
    was_used,
)
from assay.world import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.world import World

__all__: list[str] = []


@judge("connection.create.accepts")
def accepts(world: World) -> Iterator[Ruling]:
    """A valid Create with a fresh, ordinary name is accepted; unusual names are `connection.name.length`'s."""
    for create in world.creates:
        name = world.name_of(create)
        if not is_valid_but_for_its_name(world, create) or not length_says(world, name) or not is_plain(world, name):
            continue
        if isinstance(create.outcome, Accepted):
            yield create
        elif (
            refused_for_cause(world, create)
            and is_fresh(world, create)
            and not was_used(world, create)
            and not twins_alive(world, create)
        ):
            yield Breach(
                call=create, expected=f"a valid Create of the fresh name {shown(name)} is accepted", actual=said(create)
            )


@judge("connection.create.required")
def required(world: World) -> Iterator[Ruling]:
    """A Create that lacks a required member is refused."""
    resource, law = world.contract.resource, world.contract.laws["connection.create.required"]
    for create in world.creates:
        if isinstance(create.outcome, Unknown) or world.is_weather(create):
            continue
        missing = [member for member in world.contract.create.required if member not in create.input]
        clause = None
        if not missing:
            if "neither" not in law.clauses or resource.kind in create.input or "HostArn" in create.input:
                continue
            missing, clause = [resource.kind, "HostArn"], "neither"
        if isinstance(create.outcome, Accepted):
            words = " and ".join(missing)
            yield Breach(
                call=create, expected=f"a Create without {words} is refused", actual=said(create), clause=clause
            )
        else:
            yield create


@judge("connection.create.provider")
def provider(world: World) -> Iterator[Ruling]:
    """A ProviderType that nobody knows is refused, and so should be one of another edition or service."""
    member = world.contract.resource.kind
    for create in world.creates:
        kind = world.kind_of(create)
        if not isinstance(kind, str) or kind in world.contract.kinds or isinstance(create.outcome, Unknown):
            continue
        if world.is_weather(create):
            continue
        if isinstance(create.outcome, Accepted):
            yield Breach(
                call=create,
                expected=f"{member} {shown(kind)} is refused: {', '.join(world.contract.kinds)} are known",
                actual=said(create),
                clause="other-edition" if kind in world.contract.every_kind else None,
            )
        else:
            yield create


@judge("connection.create.no-trace")
def no_trace(world: World) -> Iterator[Ruling]:
    """No page that was asked for after a refused Create shows a connection of its name that nobody else made."""
    # A Create that got no clear answer, or a yes without an ARN, may have made what is shown.
    told = {id(connection.created) for made in world.made.values() for connection in made}
    unsettled = {
        name
        for create in world.creates
        if not isinstance(create.outcome, Refused)
        and id(create) not in told
        and isinstance(name := world.name_of(create), str)
    }
    refused = {
        name: create
        for create in reversed(world.creates)  # the first refusal of a name is the one that counts
        if isinstance(create.outcome, Refused)
        and isinstance(name := world.name_of(create), str)
        and world.is_ours_by_name(name)
        and name not in unsettled
    }
    yield from _after_odd_requests(world, unsettled | refused.keys())
    if not refused:
        return
    identity, named = world.contract.resource.identity, world.contract.resource.name
    first = min(create.end for create in refused.values())
    for walk in world.walks:
        if walk.start < first:
            continue
        items: dict[str, list[object]] = {}
        for _, item in walk.items:
            if isinstance(name := item.get(named), str) and name in refused and refused[name].end <= walk.start:
                items.setdefault(name, []).append(item.get(identity))
        traces = [(name, arn) for name, arns in items.items() if (arn := _trace(world, name, arns)) is not None]
        for name, arn in traces:
            yield Breach(
                call=walk.pages[-1],
                expected=f"the refused Create of {shown(name)} left nothing behind",
                actual=f"List shows {shown(arn)} under that name",
            )
        if not traces and walk.is_complete:
            yield walk.pages[-1]


def _after_odd_requests(world: World, known: set[str]) -> Iterator[Ruling]:
    """No connection is listed whose name only an odd request that was refused holds."""
    refused = [call for call in world.odd if isinstance(call.outcome, Refused)]
    if not refused:
        return
    asked = known | {name for create in world.creates if isinstance(name := world.name_of(create), str)}
    identity, named = world.contract.resource.identity, world.contract.resource.name
    for walk in world.walks:
        before = [call for call in refused if call.end <= walk.start]
        for _, item in walk.items if before else ():
            name = item.get(named)
            if not isinstance(name, str) or name in asked or not world.is_ours_by_name(name):
                continue
            cause = next((call for call in before if mentions(call, name)), None)
            if cause is not None and not world.may_have_claimed(name):
                yield Breach(
                    call=walk.pages[-1],
                    expected=f"the refused request for {shown(name)} left nothing behind",
                    actual=f"List shows {shown(item.get(identity))} under that name",
                )
        if before and walk.is_complete:
            yield walk.pages[-1]


def _trace(world: World, name: str, arns: list[object]) -> object:
    """An ARN under a name that no Create of the run was given, where more are shown than were given."""
    strangers = [
        arn for arn in arns if isinstance(arn, str) and arn not in world.made and arn not in world.knowledge.past
    ]
    return strangers[0] if strangers and len(world.by_name.get(name, ())) < len(arns) else None


@judge("connection.provider.preserved")
def provider_preserved(world: World) -> Iterator[Ruling]:
    """Get and List show the ProviderType that Create was given."""
    member = world.contract.resource.kind
    for connection in world.ours.values():
        if connection.arn in world.given_twice or not isinstance(connection.kind, str):
            continue
        for sighting in connection.sightings:
            kind = sighting.members.get(member)
            if kind == connection.kind:
                yield sighting.call
            elif kind is not None:
                yield Breach(
                    call=sighting.call,
                    expected=f"{member} {shown(connection.kind)}, as Create was given it",
                    actual=f"{member} {shown(kind)}",
                )


@judge("connection.owner.account")
def owner(world: World) -> Iterator[Ruling]:
    """OwnerAccountId, where it is shown, is twelve digits."""
    member = world.contract.resource.owner
    for sighting in world.shown:
        account = sighting.members.get(member)
        if account is None:
            continue
        if isinstance(account, str) and len(account) == 12 and account.isascii() and account.isdigit():  # noqa: PLR2004 - an account id
            yield sighting.call
        else:
            yield Breach(call=sighting.call, expected=f"{member} is twelve digits", actual=f"{member} {shown(account)}")
