"""What a request asked for, read with the contract in hand: is this Create one that must be accepted, is this name fresh?

The laws about refusals need the same care again and again: a refusal counts only where nothing else can explain it. Twins (names that
differ in case, spaces or normal form), names that a stranger may hold, providers that want a host and quotas all can.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from assay.history import Accepted, Call, Refused
from assay.world import World

__all__ = [
    "folded",
    "has_control_characters",
    "is_fresh",
    "is_malformed",
    "is_plain",
    "is_valid_but_for_its_name",
    "length_says",
    "names_by_fold",
    "refused_for_cause",
    "twins_alive",
]

_SHORTEST_SURELY_OURS = 3
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def is_malformed(world: World, arn: Any) -> bool:
    """Does the model forbid an ARN, by its pattern or its length?"""
    longest = world.contract.identity_length.maximum
    return isinstance(arn, str) and (
        world.contract.identity_pattern.fullmatch(arn) is None or (longest is not None and len(arn) > longest)
    )


def refused_for_cause(world: World, call: Call) -> bool:
    """Was it refused, and not for the account's quota?"""
    return isinstance(call.outcome, Refused) and not world.is_weather(call)


def length_says(world: World, name: str) -> bool | None:
    """Do code points and UTF-16 units agree that a name's length is allowed (True) or not (False)? None: they do not, or are not text."""
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


def folded(name: str) -> str:
    """What a careless database makes of a name: compatibility form, no case, no accents, no outer or doubled spaces."""
    text = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).casefold().split())


def twins_alive(world: World, create: Call, twins: Mapping[str, list[str]] | None = None) -> list[str]:
    """Other names that surely exist while `create` runs and that a careless database takes for its name.

    `twins` are the names of the world by what they fold to, where the caller has them at hand.
    """
    name = world.name_of(create)
    if not isinstance(name, str):
        return []
    others = (twins if twins is not None else names_by_fold(world)).get(folded(name), [])
    return [
        other
        for other in others
        if other != name and any(made.lives_throughout(create.start, create.end) for made in world.by_name[other])
    ]


def names_by_fold(world: World) -> dict[str, list[str]]:
    """The names of connections that this history made, by what a careless database makes of them."""
    names: dict[str, list[str]] = {}
    for name in world.by_name:
        names.setdefault(folded(name), []).append(name)
    return names


def is_fresh(world: World, create: Call) -> bool:
    """Is nobody else's claim on this Create's name possible: no stranger's, no earlier Create's, no twin's?

    A name is beyond strangers where it carries the run's prefix, or is of ours and too long to be met by chance.
    """
    name = world.name_of(create)
    if not isinstance(name, str) or world.knowledge.prefix is None:
        return False
    if not world.is_ours_by_name(name) and len(name) < _SHORTEST_SURELY_OURS:
        return False
    key = folded(name)
    for other in world.creates:
        if other is create or other.start > create.end:
            continue
        theirs = world.name_of(other)
        if not isinstance(theirs, str) or (theirs != name and folded(theirs) != key):
            continue
        if not isinstance(other.outcome, Refused) and _may_live_within(world, other, create):
            return False
    return True


def _may_live_within(world: World, made: Call, create: Call) -> bool:
    if not isinstance(made.outcome, Accepted):
        return True
    for connections in world.made.values():
        for connection in connections:
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
    return tags is None or ("Tags" in world.contract.create.members and _are_tags(tags))


def _are_tags(tags: Any) -> bool:
    keys = [tag.get("Key") for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else [None]
    return all(isinstance(key, str) and key.isalnum() for key in keys) and len(set(keys)) == len(tags) <= 10  # noqa: PLR2004
