"""What a request asked for, read with the contract in hand: must this Create be accepted, is this name fresh?

The laws about refusals need the same care again and again: a refusal counts only where nothing else can explain it.
Twins (names that differ in case, spaces or normal form), names that a stranger may hold, providers that want a host
and quotas all can.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Refused, Unknown
from assay.world import mentions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Operation
    from assay.world import World

__all__ = [
    "has_control_characters",
    "is_fresh",
    "is_malformed",
    "is_plain",
    "is_unclaimed",
    "is_valid_but_for_its_name",
    "length_says",
    "may_live_within",
    "must_be_served",
    "refused_for_cause",
    "twins_alive",
    "was_used",
]

_SHORTEST_SURELY_OURS = 3
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def is_malformed(world: World, arn: Any) -> bool:
    """Does the model forbid an ARN, by its pattern or its length?"""
    longest = world.contract.identity_length.maximum
    return isinstance(arn, str) and (
        (longest is not None and len(arn) > longest) or world.contract.identity_pattern.fullmatch(arn) is None
    )


def refused_for_cause(world: World, call: Call) -> bool:
    """Was it refused, and neither for the account's quota nor, maybe, for a name that another account has?

    That the accounts share no names is for the laws of isolation to say.
    """
    return isinstance(call.outcome, Refused) and not world.is_weather(call) and not _is_wanted_beside(world, call)


def _is_wanted_beside(world: World, call: Call) -> bool:
    """Did another account of this history ask for the name of a Create, or for a twin of it?"""
    name = world.name_of(call)
    return any(
        not isinstance(create.outcome, Refused) for other in world.beside for create in other.creates_like(name)
    )


def length_says(world: World, name: str) -> bool | None:
    """Do code points and UTF-16 units agree that a length is allowed, or that it is not? None: they do not agree."""
    if any("\ud800" <= character <= "\udfff" for character in name):
        return None
    bounds = world.contract.name_length
    verdicts = {
        (bounds.minimum is None or length >= bounds.minimum) and (bounds.maximum is None or length <= bounds.maximum)
        for length in (len(name), len(name.encode("utf-16-le")) // 2)
    }
    return verdicts.pop() if len(verdicts) == 1 else None


def has_control_characters(name: str) -> bool:
    """Does a name hold characters of Unicode's control, format or unassigned kinds, or line separators?"""
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Zl", "Zp"} for character in name)


def is_plain(world: World, name: str) -> bool:
    """Is a name made of ASCII letters, digits, hyphens and underscores, and not as long or as short as it may be?"""
    bounds = world.contract.name_length
    return (
        all(character in _PLAIN for character in name)
        and len(name) != bounds.maximum
        and len(name) >= _SHORTEST_SURELY_OURS
    )


def twins_alive(world: World, create: Call) -> list[str]:
    """Other names that surely exist while `create` runs and that a careless database takes for its name."""
    name = world.name_of(create)
    if not isinstance(name, str):
        return []
    return [
        other
        for other in dict.fromkeys(map(world.name_of, world.creates_like(name)))
        if other != name
        and any(made.lives_throughout(create.start, create.end) for made in world.by_name.get(other, ()))
    ]


def is_fresh(world: World, create: Call) -> bool:
    """Is nobody else's claim on this Create's name possible: no stranger's, no earlier Create's, no twin's?

    A name is beyond strangers where it carries the run's prefix, or is of ours and too long to be met by chance.
    """
    name = world.name_of(create)
    if not isinstance(name, str) or world.knowledge.prefix is None:
        return False
    if not world.is_ours_by_name(name) and len(name) < _SHORTEST_SURELY_OURS:
        return False
    return is_unclaimed(world, create)


def is_unclaimed(world: World, create: Call) -> bool:
    """Can no other Create of this history have made a connection of its name, or a twin, that may live meanwhile?

    Where another one asks for the name at the same moment, that one may have been let through, or both sent away.
    """
    name = world.name_of(create)
    if world.odd and isinstance(name, str) and world.may_have_claimed(name):
        return False
    return not any(
        other is not create
        and other.start <= create.end
        and (other.overlaps(create) or may_live_within(world, other, create))
        for other in world.creates_like(name)
    )


def must_be_served(world: World, call: Call, operation: Operation, members: Mapping[str, Any]) -> bool:
    """Would these members, sent in an ordinary request in this call's place, surely be accepted?"""
    match operation.role:
        case "create":
            ordinary = replace(call, operation=operation.name, input=members)
            name = world.name_of(ordinary)
            return (
                is_valid_but_for_its_name(world, ordinary)
                and bool(length_says(world, name))
                and is_plain(world, name)
                and is_unclaimed_by_others(world, ordinary, call)
                and not was_used(world, ordinary)
                and not twins_alive(world, ordinary)
            )
        case "list":
            return not members
        case _:
            connection = world.connection(members.get(world.contract.resource.identity))
            return (
                connection is not None
                and members.keys() == {world.contract.resource.identity}
                and connection.created.end <= call.start - world.knowledge.staleness
                and all(delete.index == call.index or delete.start >= call.end for delete in connection.deletes)
            )


def is_unclaimed_by_others(world: World, ordinary: Call, call: Call) -> bool:
    """Is the name of an ordinary Create free, whatever became of the request in whose place it would stand?"""
    name = world.name_of(ordinary)
    return (
        world.is_ours_by_name(name)
        and not any(
            other.index != call.index and not isinstance(other.outcome, Refused) and mentions(other, name)
            for other in world.odd
        )
        and not any(
            other.index != call.index
            and other.start <= call.end
            and (other.overlaps(call) or may_live_within(world, other, call))
            for other in world.creates_like(name)
        )
    )


def was_used(world: World, create: Call) -> bool:
    """Did a connection have this name before? Whether it can be used again is `connection.name.reusable`'s to say."""
    name = world.name_of(create)
    holders = world.by_name.get(name, ()) if isinstance(name, str) else ()
    return any(made.created.index != create.index and made.created.start <= create.start for made in holders)


def may_live_within(world: World, made: Call, create: Call) -> bool:
    """May the connection that a Create made, or may have made, live while another Create runs?"""
    if not isinstance(made.outcome, Accepted):
        return isinstance(made.outcome, Unknown)
    for connection in world.by_name.get(world.name_of(made), ()):
        if connection.created is made:
            return connection.may_live_within(create.start, create.end)
    return True


def is_valid_but_for_its_name(world: World, create: Call) -> bool:
    """Does a Create hold a name, a provider that needs no host, and nothing else but well-formed tags?"""
    resource = world.contract.resource
    members = dict(create.input)
    name, kind = members.pop(resource.name, None), members.pop(resource.kind, None)
    tags = members.pop("Tags", None)
    if members or not isinstance(name, str):
        return False
    if kind not in world.contract.kinds or kind in resource.hosted_kinds:
        return False
    known = world.contract.create.members.get("Tags")
    return tags is None or (known is not None and _are_tags(tags, known["items"]["properties"]))


def _are_tags(tags: Any, bounds: Mapping[str, Mapping[str, Any]]) -> bool:
    """Are they few, different, made of letters and digits, and as long as the model lets a key and a value be?"""
    if not isinstance(tags, list) or not all(isinstance(tag, dict) and tag.keys() == {"Key", "Value"} for tag in tags):
        return False
    ordinary = all(
        isinstance(text, str)
        # An empty value is one too: it was seen to come back from AWS as it was given.
        and ((text.isalnum() and text.isascii()) or (text == "" and bounds[member]["minLength"] == 0))
        and len(text) <= bounds[member]["maxLength"]
        for tag in tags
        for member, text in tag.items()
    )
    return ordinary and len({tag["Key"] for tag in tags}) == len(tags) <= 10  # noqa: PLR2004
