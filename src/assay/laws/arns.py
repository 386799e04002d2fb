"""The laws of a connection's ARN: its form, that it is given once and agreed on, and what a wrong one gets."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.gets import lost_to_another_delete
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import is_malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.world import World

__all__: list[str] = []

_FORM: Final = re.compile(
    r"arn:aws(-[a-z0-9]+)*:(codestar-connections|codeconnections):[a-z0-9-]+:[0-9]{12}:connection/.+"
)


@judge("connection.arn.well-formed")
def well_formed(world: World) -> Iterator[Ruling]:
    """Every ARN that is shown matches the model's pattern and is no longer than it allows."""
    pattern, longest = world.contract.identity_pattern, world.contract.identity_length.maximum
    for call, arn in _arns_shown(world):
        if isinstance(arn, str) and not is_malformed(world, arn):
            yield call
        else:
            yield Breach(
                call=call,
                expected=f"an ARN of at most {longest} characters that matches {pattern.pattern}",
                actual=f"{world.contract.resource.identity} {shown(arn)}",
            )


@judge("connection.arn.form")
def form(world: World) -> Iterator[Ruling]:
    """Every well-formed ARN that is shown has the form that AWS gives to connections."""
    for call, arn in _arns_shown(world):
        if not isinstance(arn, str) or is_malformed(world, arn):
            continue
        if _FORM.fullmatch(arn):
            yield call
        else:
            yield Breach(
                call=call,
                expected="arn:<partition>:<codestar-connections or codeconnections>:<region>:<account>:connection/<id>",
                actual=shown(arn),
            )


@judge("connection.arn.never-reused")
def never_reused(world: World) -> Iterator[Ruling]:
    """No two Creates of a run are given one ARN."""
    for arn, made in world.made.items():
        earlier = world.knowledge.past.get(arn)
        first = earlier.created if earlier is not None else made[0].created
        again = made if earlier is not None else made[1:]
        for connection in again:
            was = _fate(world, arn, connection.created)
            yield Breach(
                call=connection.created,
                expected=f"a new ARN: {shown(arn)} was given by an earlier Create{was}",
                actual=f"the same ARN for {shown(connection.name)} as for {shown(world.name_of(first))}",
                earlier=earlier.program if earlier is not None else None,
            )
        if not again:
            yield made[0].created


@judge("connection.arn.stable")
def stable(world: World) -> Iterator[Ruling]:
    """Get answers with the ARN that it was asked for, and List shows a connection under the ARN that Create gave."""
    identity, named = world.contract.resource.identity, world.contract.resource.name
    for call in world.gets:
        connection = world.connection(world.arn_in(call))
        described = world.described(call)
        if connection is None or not described or described.get(identity) is None:
            continue
        if described[identity] == connection.arn:
            yield call
        else:
            yield _unstable(call, connection.arn, described[identity])
    asked: Counter[Any] = Counter(name for create in world.creates if isinstance(name := world.name_of(create), str))
    for call in world.lists:
        for item in world.page(call):
            arn, name = item.get(identity), item.get(named)
            holders = world.by_name.get(name, []) if isinstance(name, str) and world.is_ours_by_name(name) else []
            if len(holders) != 1 or holders[0].arn in world.given_twice or not isinstance(arn, str):
                continue
            if asked[name] > 1:
                continue
            if arn == holders[0].arn:
                yield call
            elif world.connection(arn) is None:
                yield _unstable(call, holders[0].arn, arn)


@judge("connection.arn.exact")
def exact(world: World) -> Iterator[Ruling]:
    """A Get of an ARN that is nearly one of ours does not answer with that connection."""
    nearly = _Nearly(world.made)
    for call in world.gets:
        sent = world.arn_in(call)
        if not isinstance(sent, str) or sent in world.made or isinstance(call.outcome, Unknown):
            continue
        for arn in nearly.alike(sent):
            connection = world.connection(arn)
            if connection is None or not connection.lives_throughout(call.start, call.end):
                continue
            described = world.described(call)
            if described and (
                described.get(world.contract.resource.identity) == arn
                or (connection.name is not None and described.get(world.contract.resource.name) == connection.name)
            ):
                yield Breach(
                    call=call, expected=f"{shown(sent)} is not {shown(arn)}, and gets no such answer", actual=said(call)
                )
            else:
                yield call


@judge("connection.arn.required")
def required(world: World) -> Iterator[Ruling]:
    """Get and Delete without an ARN are refused."""
    identity = world.contract.resource.identity
    for call in (*world.gets, *world.deletes):
        if identity in call.input or isinstance(call.outcome, Unknown):
            continue
        if isinstance(call.outcome, Accepted):
            yield Breach(call=call, expected=f"{call.operation} without {identity} is refused", actual=said(call))
        else:
            yield call


@judge("connection.arn.malformed")
def malformed(world: World) -> Iterator[Ruling]:
    """Get and Delete of an ARN that the model forbids are refused, as a ValidationException, and delete nothing."""
    longest = world.contract.identity_length.maximum
    for call in (*world.gets, *world.deletes):
        sent = world.arn_in(call)
        if not is_malformed(world, sent) or isinstance(call.outcome, Unknown) or world.is_weather(call):
            continue
        too_long = longest is not None and len(sent) > longest
        why = f"it is longer than {longest} characters" if too_long else "it does not match the pattern of an ARN"
        if isinstance(call.outcome, Accepted):
            yield Breach(
                call=call, expected=f"{call.operation} of {shown(sent, 60)} is refused: {why}", actual=said(call)
            )
        elif call.outcome.code not in (None, "ValidationException"):
            expected = f"{call.operation} of {shown(sent, 60)} is a ValidationException: {why}"
            yield Breach(call=call, expected=expected, actual=said(call), clause="code")
        else:
            yield call
    yield from _lost_to_a_malformed_delete(world)


def _lost_to_a_malformed_delete(world: World) -> Iterator[Ruling]:
    for call in world.gets:
        connection = world.connection(world.arn_in(call))
        if connection is None or not world.is_settled(connection, call.start, call.end):
            continue
        if not isinstance(call.outcome, Refused) or not call.outcome.is_not_found:
            continue
        delete = lost_to_another_delete(world, connection, call)
        if delete is not None and is_malformed(world, world.arn_in(delete)):
            yield Breach(
                call=call,
                expected=f"{shown(connection.arn)} still exists after a Delete of {shown(world.arn_in(delete), 60)}",
                actual=said(call),
            )


def _arns_shown(world: World) -> Iterator[tuple[Call, Any]]:
    identity = world.contract.resource.identity
    for call in world.creates:
        if isinstance(call.outcome, Accepted) and call.outcome.output.get(identity) is not None:
            yield call, call.outcome.output[identity]
    for sighting in world.shown:
        if identity in sighting.members:
            yield sighting.call, sighting.members[identity]


def _fate(world: World, arn: str, again: Call) -> str:
    earlier = world.knowledge.past.get(arn)
    if earlier is not None:
        return ", in an earlier program of this run" + (", and deleted" if earlier.gone_at is not None else "")
    deleted = any(connection.is_gone_by(again.start) for connection in world.made[arn])
    return ", and deleted since" if deleted else ""


def _unstable(call: Call, expected: str, actual: Any) -> Breach:
    return Breach(call=call, expected=f"the ARN that Create gave, {shown(expected)}", actual=f"the ARN {shown(actual)}")


class _Nearly:
    """The ARNs of a history, ready to be asked which of them another text is nearly."""

    def __init__(self, arns: Iterable[str]) -> None:
        self._sorted = sorted(arns)
        self._known = set(self._sorted)
        self._folded: dict[str, list[str]] = {}
        for arn in self._sorted:
            self._folded.setdefault(arn.casefold(), []).append(arn)

    def alike(self, sent: str) -> Iterator[str]:
        """The ARNs that are `sent` cut short, extended or in another case."""
        longest = max(map(len, self._sorted), default=0)
        yield from (sent[:n] for n in range(1, min(len(sent), longest + 1)) if sent[:n] in self._known)
        start = bisect_left(self._sorted, sent)
        yield from itertools.takewhile(lambda arn: arn.startswith(sent), itertools.islice(self._sorted, start, None))
        yield from (arn for arn in self._folded.get(sent.casefold(), ()) if len(arn) == len(sent))
