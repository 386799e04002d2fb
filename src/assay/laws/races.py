"""The laws of calls at once: of several Creates of a name, or Deletes of an ARN, one goes through; walks miss none.

They speak where calls overlap, and only there: what follows each other is for the laws of names, deletes and lists. An
overlap leaves the order open, so a breach is what no order explains: two connections of one name that both surely exist
at one moment, two Deletes of which both say that they deleted it.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Unknown
from assay.laws.lists import all_shown, shows_everything
from assay.laws.names import are_of_one_place
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import (
    is_plain,
    is_valid_but_for_its_name,
    length_says,
    may_live_within,
    refused_for_cause,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.lives import Connection
    from assay.walks import Walk
    from assay.world import World

__all__: list[str] = []


@judge("concurrent.name.unique")
def name_unique(world: World) -> Iterator[Ruling]:
    """Of Creates of one name that overlap, no two make connections that exist at one moment; and one is accepted."""
    by_name: dict[str, list[Call]] = {}
    for create in world.creates:
        if isinstance(name := world.name_of(create), str):
            by_name.setdefault(name, []).append(create)
    for name, creates in by_name.items():
        for together in _at_once(creates):
            accepted = [create for create in together if isinstance(create.outcome, Accepted)]
            pair = _beside_each_other(world, accepted)
            if pair is not None:
                first, second = pair
                yield Breach(
                    call=second.created,
                    expected=f"of {len(together)} Creates of {shown(name)} at once, one at most is accepted",
                    actual=f"accepted are {shown(first.arn)} and {shown(second.arn)}",
                )
            elif accepted and not any(isinstance(create.outcome, Unknown) for create in together):
                yield together[-1]
            elif not accepted and _must_let_one_through(world, name, together):
                yield Breach(
                    call=together[-1],
                    expected=f"of {len(together)} Creates of the fresh name {shown(name)} at once, one is accepted",
                    actual=f"none is; the last one: {said(together[-1])}",
                    clause="exactly-one",
                )


@judge("concurrent.delete.once")
def delete_once(world: World) -> Iterator[Ruling]:
    """Of Deletes of one ARN that overlap, one at most is accepted."""
    for connection in world.ours.values():
        if connection.arn in world.given_twice:
            continue
        for together in _at_once(connection.deletes):
            accepted = [delete for delete in together if isinstance(delete.outcome, Accepted)]
            twice = next((pair for pair in combinations(accepted, 2) if pair[0].overlaps(pair[1])), None)
            if twice is not None:
                yield Breach(
                    call=twice[1],
                    expected=f"of {len(together)} Deletes of {shown(connection.arn)} at once, one at most is accepted",
                    actual=f"{len(accepted)} are",
                )
            elif not any(isinstance(delete.outcome, Unknown) for delete in together):
                yield together[-1]


@judge("concurrent.list.stable")
def list_stable(world: World) -> Iterator[Ruling]:
    """A walk that has Creates or Deletes beside its pages shows every connection that existed throughout."""
    for walk in world.walks:
        if shows_everything(world, walk) and _is_disturbed(world, walk):
            yield from all_shown(world, walk)


def _at_once(calls: Iterable[Call]) -> Iterator[list[Call]]:
    """Calls in groups that hang together by overlaps, each in the order of sending; single ones are left out."""
    group: list[Call] = []
    until = 0.0
    for call in sorted(calls, key=lambda call: (call.start, call.index)):
        if group and call.start >= until:
            if len(group) > 1:
                yield group
            group = []
        until = max(until, call.end) if group else call.end
        group.append(call)
    if len(group) > 1:
        yield group


def _beside_each_other(world: World, accepted: list[Call]) -> tuple[Connection, Connection] | None:
    """Two connections, of Creates that overlap, that both exist when both have been answered."""
    for first, second in combinations(accepted, 2):
        if not first.overlaps(second) or not are_of_one_place(world, first, second):
            continue
        made = _made_by(world, first), _made_by(world, second)
        both = max(first.end, second.end)
        if made[0] is None or made[1] is None:
            continue
        if all(delete.start >= both for connection in made if connection for delete in connection.deletes):
            return made[0], made[1]
    return None


def _made_by(world: World, create: Call) -> Connection | None:
    """The connection that a Create made, unless its ARN was given to another as well."""
    for connection in world.by_name.get(world.name_of(create), ()):
        if connection.created is create and connection.arn not in world.given_twice:
            return connection
    return None


def _must_let_one_through(world: World, name: str, together: list[Call]) -> bool:
    """Were all these Creates refused although nobody else can have, or be about to get, their name or a twin of it?"""
    if not world.is_ours_by_name(name) or not is_plain(world, name) or not length_says(world, name):
        return False
    others: list[Any] = [other for other in world.creates_like(name) if other not in together]
    return all(
        refused_for_cause(world, create)
        and is_valid_but_for_its_name(world, create)
        and not any(other.overlaps(create) or may_live_within(world, other, create) for other in others)
        for create in together
    )


def _is_disturbed(world: World, walk: Walk) -> bool:
    """Did a Create or a Delete overlap a page of a walk?"""
    return any(change.overlaps(page) for change in world.changes_within(walk.start, walk.end) for page in walk.pages)
