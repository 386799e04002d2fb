"""The laws of ListConnections: a walk from the first page to the last shows all there is, once, and nothing else.

What a walk must show are the connections that surely existed from its first request to its last answer: those of ours,
and those of others that are listed well before it and well behind it. Where a connection is missing everywhere, from
Get as well, listing is not to blame and these laws are silent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.statuses import comparable
from assay.walks import token_in, token_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.contract import Bounds
    from assay.walks import Walk
    from assay.world import World

__all__ = ["all_shown", "page_of_too_many", "pages_with_news", "shows_everything"]


@judge("connection.list.complete")
def complete(world: World) -> Iterator[Ruling]:
    """A walk without filters that reached its last page shows every connection that existed throughout."""
    for walk in world.walks:
        if shows_everything(world, walk):
            yield from all_shown(world, walk)


@judge("connection.list.filter")
def filtered(world: World) -> Iterator[Ruling]:
    """A page with a filter shows connections of that provider only, and a walk all of them."""
    member = world.contract.resource.kind
    for call in world.lists:
        wanted = world.filter_of(call)
        if wanted not in world.contract.kinds or not isinstance(call.outcome, Accepted):
            continue
        strangers = [item for item in world.page(call) if item.get(member) not in (None, wanted)]
        for item in strangers[:1]:
            yield Breach(
                call=call,
                expected=f"only connections whose {member} is {wanted}",
                actual=f"the page shows {shown(item)}",
            )
        if not strangers and world.page(call):
            yield call
    for walk in world.walks:
        wanted = world.filter_of(walk.pages[0])
        filters = [name for name in world.contract.pagination.filters if walk.inputs.get(name) is not None]
        if (
            walk.is_complete
            and wanted in world.contract.kinds
            and len(filters) == 1
            and not _means_anything(world, walk)
        ):
            yield from all_shown(world, walk, wanted)


@judge("connection.list.filter-value")
def filter_value(world: World) -> Iterator[Ruling]:
    """A filter that is no provider is refused."""
    for call in world.lists:
        wanted = world.filter_of(call)
        if not isinstance(wanted, str) or wanted in world.contract.every_kind or isinstance(call.outcome, Unknown):
            continue
        if isinstance(call.outcome, Accepted):
            yield Breach(
                call=call, expected=f"a filter of {shown(wanted)}, which is no provider, is refused", actual=said(call)
            )
        else:
            yield call


@judge("connection.list.once")
def once(world: World) -> Iterator[Ruling]:
    """A walk that ends shows nothing twice."""
    identity = world.contract.resource.identity
    for walk in world.walks:
        if not walk.is_complete or _means_anything(world, walk):
            continue
        counts = Counter(arn for _, item in walk.items if isinstance(arn := item.get(identity), str))
        twice = [arn for arn, count in counts.items() if count > 1]
        if not twice:
            if counts:
                yield walk.pages[-1]
            continue
        pages = [page for page, item in walk.items if item.get(identity) == twice[0]]
        yield Breach(
            call=walk.pages[pages[1] - 1],
            expected=f"a walk shows {shown(twice[0])} once",
            actual=f"page {pages[0]} and page {pages[1]} show it",
            clause=None if _stood_still(world, walk, set(counts)) else "overlapping",
        )


@judge("connection.list.truth")
def truth(world: World) -> Iterator[Ruling]:
    """A walk shows no connection that was deleted before it began, and no name of ours that nobody asked for."""
    identity, named = world.contract.resource.identity, world.contract.resource.name
    creates = (*world.creates, *world.turned_away)
    asked = {name for create in creates if isinstance(name := world.name_of(create), str)}
    for walk in world.walks:
        clean = True
        for page, item in walk.items:
            arn, name = item.get(identity), item.get(named)
            if world.is_gone(arn, walk.start):
                expected, clean = f"{shown(arn)}, deleted before the walk began, is not shown", False
                earlier = world.past(arn)
                yield Breach(
                    call=walk.pages[page - 1],
                    expected=expected,
                    actual=f"the walk shows {shown(item)}",
                    earlier=earlier.program if earlier is not None else None,
                )
            elif _is_invented(world, name, asked) and world.connection(arn) is None and not _is_past(world, arn):
                clean = False
                yield Breach(
                    call=walk.pages[page - 1],
                    expected="every name of this run's prefix is one that a Create asked for",
                    actual=f"the walk shows {shown(item)}",
                )
        if clean and walk.items:
            yield walk.pages[-1]


@judge("connection.list.terminates")
def terminates(world: World) -> Iterator[Ruling]:
    """A walk reaches a page without a token before too many pages in a row show nothing new."""
    for walk in world.walks:
        if walk.is_complete:
            yield walk.pages[-1]
            continue
        served, last_new = pages_with_news(world, walk)
        again = page_of_too_many(world, walk)
        if served - last_new >= world.knowledge.patience:
            yield Breach(
                call=walk.pages[last_new],
                expected="the walk comes to a page without NextToken",
                actual=f"{served - last_new} pages after page {last_new} show nothing new, and give a NextToken still",
            )
        elif again is not None:
            times = world.knowledge.rounds
            yield Breach(
                call=walk.pages[again - 1],
                expected="the walk comes to a page without NextToken",
                actual=f"page {again} is one of {times} that show the same connection, and gives a NextToken still",
            )


def page_of_too_many(world: World, walk: Walk) -> int | None:
    """The page of a walk, from 1, that is one of so many to show one connection that nobody waits for its end; or None.

    Others who come and go give such a walk something new on every page.
    """
    identity = world.contract.resource.identity
    pages: dict[str, set[int]] = {}
    for page, item in walk.items:
        if isinstance(arn := item.get(identity), str):
            shown_on = pages.setdefault(arn, set())
            shown_on.add(page)
            if len(shown_on) >= world.knowledge.rounds:
                return page
    return None


def pages_with_news(world: World, walk: Walk) -> tuple[int, int]:
    """How many pages of a walk were served, and which of them, from 1, is the last to show something new; 0 if none."""
    identity = world.contract.resource.identity
    served = len(walk.pages) - (not isinstance(walk.pages[-1].outcome, Accepted))
    seen: set[Any] = set()
    last_new = 0
    for page, item in walk.items:
        arn = item.get(identity)
        shown = arn if isinstance(arn, str) else repr(item)
        if page <= served and shown not in seen:
            seen.add(shown)
            last_new = page
    return served, last_new


@judge("connection.list.page-size")
def page_size(world: World) -> Iterator[Ruling]:
    """No page holds more items than MaxResults."""
    pagination = world.contract.pagination
    for call in world.lists:
        wanted = call.input.get(pagination.page_size)
        if type(wanted) is not int or wanted < 1 or not isinstance(call.outcome, Accepted):
            continue
        items = call.outcome.output.get(pagination.items)
        held = len(items) if isinstance(items, list) else 0
        if held > wanted:
            yield Breach(
                call=call,
                expected=f"at most {wanted} items: {pagination.page_size} is {wanted}",
                actual=f"{held} items",
            )
        else:
            yield call


@judge("connection.list.max-results")
def max_results(world: World) -> Iterator[Ruling]:
    """MaxResults within the edition's range is accepted, beyond it refused; where 0 is allowed it may mean anything."""
    pagination, bounds = world.contract.pagination, world.contract.page_sizes
    for call in world.lists:
        wanted = call.input.get(pagination.page_size)
        others = {key for key in call.input if key not in (pagination.page_size, *pagination.filters)}
        known = all(call.input.get(member) in (None, *world.contract.kinds) for member in pagination.filters)
        if (
            type(wanted) is not int
            or wanted == 0 == bounds.minimum
            or isinstance(call.outcome, Unknown)
            or others
            or not known
        ):
            continue
        inside = (bounds.minimum is None or wanted >= bounds.minimum) and (
            bounds.maximum is None or wanted <= bounds.maximum
        )
        if isinstance(call.outcome, Accepted) == inside:
            yield call
        else:
            verb = "accepted" if inside else "refused"
            yield Breach(
                call=call,
                expected=f"{pagination.page_size} {wanted} is {verb}: {bounds.minimum} to {bounds.maximum} are allowed",
                actual=said(call),
                aspect=_side(wanted, bounds),
            )


@judge("connection.list.token")
def token(world: World) -> Iterator[Ruling]:
    """A NextToken in an answer is text of an allowed length."""
    bounds = world.contract.token_length
    for call in world.lists:
        given = token_out(call, world.contract.pagination)
        if not isinstance(call.outcome, Accepted):
            continue
        if given is None or (
            isinstance(given, str)
            and (bounds.minimum is None or len(given) >= bounds.minimum)
            and (bounds.maximum is None or len(given) <= bounds.maximum)
        ):
            yield call
        else:
            what = f"text of {len(given)} characters" if isinstance(given, str) else shown(given, 60)
            yield Breach(
                call=call,
                expected=f"NextToken is text of {bounds.minimum} to {bounds.maximum} characters, or absent or null",
                actual=f"NextToken is {what}",
            )


@judge("connection.list.token-forged")
def token_forged(world: World) -> Iterator[Ruling]:
    """A token that the endpoint never gave is refused."""
    for call in world.lists:
        sent = token_in(call, world.contract.pagination)
        if not isinstance(sent, str) or isinstance(call.outcome, Unknown):
            continue
        if sent not in world.knowledge.forged and len(sent) in world.contract.token_length:
            continue  # somebody may have been given it
        if sent in world.tokens_given or hash(sent) in world.knowledge.tokens:
            continue
        if isinstance(call.outcome, Accepted):
            yield Breach(
                call=call, expected=f"the token {shown(sent, 60)}, which was never given, is refused", actual=said(call)
            )
        else:
            yield call


@judge("connection.list.agrees")
def agrees(world: World) -> Iterator[Ruling]:
    """What List shows of a connection of ours is what Get says of it."""
    resource = world.contract.resource
    compared = (resource.name, resource.identity, resource.kind, resource.owner, resource.status, "HostArn")
    for connection in world.ours.values():
        if connection.arn in world.given_twice:
            continue
        gets = [sighting for sighting in connection.sightings if sighting.role == "get"]
        for sighting in connection.sightings if gets else ():
            got = comparable(world, connection, gets, sighting) if sighting.role == "list" else None
            if got is None:
                continue
            told = got.members
            different = [member for member in compared if sighting.members.get(member) != told.get(member)]
            if world.knowledge.prefix is None and None not in (
                sighting.members.get(resource.status),
                told.get(resource.status),
            ):
                different = [
                    member for member in different if member != resource.status
                ]  # somebody may have shaken hands
            if different:
                yield Breach(
                    call=max(sighting.call, got.call, key=lambda call: call.index),
                    expected=f"{shown(connection.arn)} has {different[0]} {shown(told.get(different[0]))}, as Get says",
                    actual=f"List shows {different[0]} {shown(sighting.members.get(different[0]))}",
                    aspect=different[0],
                )
            else:
                yield sighting.call


def shows_everything(world: World, walk: Walk) -> bool:
    """Is it a walk to the last page, without filters, of which it is clear what it shows?"""
    return walk.is_complete and world.is_plain(walk.pages[0]) and not _means_anything(world, walk)


def all_shown(world: World, walk: Walk, kind: str | None = None) -> Iterator[Ruling]:
    """Rule on whether a walk shows the connections, or those of one kind, that surely existed throughout.

    Of others' it is seldom sure: see `assay.strangers`. What is ours comes first, as everybody can see why it is due.
    """
    shown_arns = _arns(world, walk)
    due = [connection for connection in world.settled(walk.start, walk.end) if kind in (None, connection.kind)]
    missing = [
        connection
        for connection in due
        if connection.arn not in shown_arns
        and not any(connection.lives_throughout(call.start, call.end) for call in world.missed.get(connection.arn, ()))
    ]
    of_what = f" of {kind}" if kind else ""
    others = () if missing else world.strangers.throughout(walk.start, walk.end, kind)
    left_out = [connection.arn for connection in missing] or [arn for arn in others if arn not in shown_arns]
    for arn in left_out[:1]:
        yield Breach(
            call=walk.pages[-1],
            expected=f"a walk to the last page shows {shown(arn)}, which existed throughout",
            actual=f"{_counted(walk.pages, 'page')} of {_counted(walk.items, 'connection')}{of_what}, without it",
        )
    if due and not left_out:
        yield walk.pages[-1]


def _counted(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")


def _arns(world: World, walk: Walk) -> set[str]:
    identity = world.contract.resource.identity
    return {arn for _, item in walk.items if isinstance(arn := item.get(identity), str)}


def _means_anything(world: World, walk: Walk) -> bool:
    """Does a walk ask for pages of 0 items or fewer, so that nobody can say what it shows?"""
    wanted = walk.inputs.get(_page_size_member(world))
    return type(wanted) is int and wanted < 1


def _is_invented(world: World, name: Any, asked: set[str]) -> bool:
    """Is it a name of this run's prefix that no Create asked for, and that was not seen before?"""
    knowledge = world.knowledge
    return world.is_ours_by_name(name) and not (name in asked or name in knowledge.names or name in knowledge.seen)


def _is_past(world: World, arn: Any) -> bool:
    return isinstance(arn, str) and arn in world.knowledge.past


def _stood_still(world: World, walk: Walk, arns: set[str]) -> bool:
    """Did none of our calls fall between the pages, and did walks before and after show the same connections?"""
    same = [
        other
        for other in world.walks
        if other is not walk
        and other.is_complete
        and other.inputs.keys() - {_page_size_member(world)} == walk.inputs.keys() - {_page_size_member(world)}
        and world.filter_of(other.pages[0]) == world.filter_of(walk.pages[0])
        and _arns(world, other) == arns
    ]
    before = [other for other in same if other.end <= walk.start]
    after = [other for other in same if other.start >= walk.end]
    return any(
        not any(world.changes_within(first.start - world.knowledge.staleness, last.end))
        for first in before[-1:]
        for last in after[:1]
    )


def _side(number: int, bounds: Bounds) -> str:
    if bounds.minimum is not None and number < bounds.minimum:
        return "below"
    return "above" if bounds.maximum is not None and number > bounds.maximum else "within"


def _page_size_member(world: World) -> str:
    pagination = world.contract.pagination
    return pagination.page_size
