"""The laws of a request's body: what is no JSON, what has a wrong type, what is unknown, what is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from assay.asked import misfit
from assay.history import Accepted, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import must_be_served, refused_for_cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.asked import Asked
    from assay.contract import Operation
    from assay.history import Call
    from assay.world import World

__all__: list[str] = []

_SERIALIZATION: Final = "SerializationException"
_TOLD: Final = {
    "malformed": "a body that is not JSON",
    "value": "a body that is JSON but no object",
    "lenient": "a body that only a lenient parser takes for JSON",
    "recoded": "a body that is not UTF-8",
}
_ORDINARY: Final = {"string": str, "integer": int}
_SURELY: Final = frozenset({"malformed", "value"})


@judge("wire.malformed-json")
def malformed_json(world: World) -> Iterator[Ruling]:
    """A body that is no JSON object is refused."""
    for call, operation, read in _asked_of_us(world):
        kind = read.body.kind
        if kind not in _TOLD or isinstance(call.outcome, Unknown) or world.is_weather(call):
            continue
        if isinstance(call.outcome, Accepted):
            clause = None
            if kind == "lenient":
                clause = "extensions"
            elif kind == "recoded":
                clause = "encoding"
            yield Breach(
                call=call,
                expected=f"{operation.name} with {_TOLD[kind]} is refused: {_body(call)}",
                actual=said(call),
                clause=clause,
            )
            continue
        yield call
        assert isinstance(call.outcome, Refused)
        if call.outcome.code not in {None, _SERIALIZATION} and kind in _SURELY:
            yield Breach(
                call=call,
                expected=f"the refusal of {_TOLD[kind]} is a {_SERIALIZATION}: {_body(call)}",
                actual=said(call),
                clause="code",
            )


@judge("wire.wrong-type")
def wrong_type(world: World) -> Iterator[Ruling]:
    """A member of a wrong JSON type is refused."""
    for call, operation, read in _asked_of_us(world, of_any_form=True):
        wrong = _misfits(operation, read.members)
        if not wrong or isinstance(call.outcome, Unknown) or world.is_weather(call):
            continue
        if isinstance(call.outcome, Accepted):
            member, what = next(iter(wrong.items()))
            value = shown(read.members[member], 60)
            yield Breach(
                call=call,
                expected=f"{operation.name} with {member} {value} is refused: it is {what}",
                actual=said(call),
            )
        else:
            yield call


@judge("wire.unknown-members")
def unknown_members(world: World) -> Iterator[Ruling]:
    """Members that the operation does not know change nothing."""
    for call, operation, read in _asked_of_us(world):
        unknown = [member for member in read.members if member not in operation.members]
        if not unknown or isinstance(call.outcome, Unknown) or world.is_weather(call):
            continue
        known = {member: value for member, value in read.members.items() if member in operation.members}
        if None in known.values() or _misfits(operation, known):
            continue
        twins = {member.lower() for member in operation.required if member not in known}
        twin = next((member for member in unknown if member.lower() in twins), None)
        if twin is not None:
            if isinstance(call.outcome, Accepted):
                yield Breach(
                    call=call,
                    expected=f"{operation.name} is refused: {shown(twin, 60)} is no member of it, in that case",
                    actual=said(call),
                    clause="case",
                )
            else:
                yield call
        elif isinstance(call.outcome, Accepted):
            yield call
        elif refused_for_cause(world, call) and must_be_served(world, call, operation, known):
            words = ", ".join(shown(member, 40) for member in unknown[:4])
            yield Breach(
                call=call, expected=f"{operation.name} is served as if {words} were not there", actual=said(call)
            )


@judge("wire.null-members")
def null_members(world: World) -> Iterator[Ruling]:
    """What is null counts as absent."""
    for call, operation, read in _asked_of_us(world):
        nulls = [member for member, value in read.members.items() if value is None]
        known = {member: value for member, value in read.members.items() if value is not None}
        if not nulls or isinstance(call.outcome, Unknown) or world.is_weather(call):
            continue
        if not operation.members.keys() >= read.members.keys() or _misfits(operation, known):
            continue
        missing = [member for member in nulls if member in operation.required]
        words = " and ".join(f"{member} null" for member in missing or nulls)
        if missing and isinstance(call.outcome, Accepted):
            yield Breach(call=call, expected=f"{operation.name} with {words} is refused", actual=said(call))
        elif missing or isinstance(call.outcome, Accepted):
            yield call
        elif refused_for_cause(world, call) and must_be_served(world, call, operation, known):
            yield Breach(
                call=call, expected=f"{operation.name} with {words} is served like one without", actual=said(call)
            )


def _asked_of_us(world: World, *, of_any_form: bool = False) -> Iterator[tuple[Call, Operation, Asked]]:
    """Requests that reach an operation of ours in usual HTTP and with the usual content type; raw ones, or any."""
    for call in world.calls:
        if call.request.head is None and not (of_any_form and _may_misfit(world, call)):
            continue
        read = world.asked(call)
        if read.http == "usual" and read.operation is not None and read.media == world.contract.content_type:
            yield call, read.operation, read


def _may_misfit(world: World, call: Call) -> bool:
    """May an ordinary call hold a value of a wrong type? Nearly none does, and looking at each in full is dear."""
    operation = world.contract.operations.get(call.operation)
    return operation is not None and any(
        type(value) is not _ORDINARY.get(str(operation.members[member].get("type")))
        for member, value in call.input.items()
        if member in operation.members
    )


def _misfits(operation: Operation, members: Mapping[str, Any]) -> dict[str, str]:
    """The members whose values are of a wrong JSON type, and what is wrong with each."""
    found = {
        member: misfit(operation.members[member], value)
        for member, value in members.items()
        if member in operation.members
    }
    return {member: what for member, what in found.items() if what}


def _body(call: Call) -> str:
    """The body, cut, on one line of ASCII."""
    return shown(call.request.body.decode("latin-1"), 120)
