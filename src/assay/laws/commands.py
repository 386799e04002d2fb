"""What wire.sdk says of the AWS CLI: a command that is between two equal calls is answered as they are.

A command shows no bytes, so one alone proves little: its error may be the endpoint's weather, and its output may be
what is there just then. Two calls that are equal but for the leg, one before it and one after, with no write between
them, are witnesses: where they agree and it does not, the CLI cannot use the endpoint. A Create has no equal, and is
asked for what every Create answers. What nobody can testify to is told, and not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.history import Accepted, Call, Raised, Refused, Returned
from assay.laws.registry import Breach, Remark, Ruling, said, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.world import World

__all__ = ["judge_commands"]


def judge_commands(world: World) -> Iterator[Ruling]:
    """The rulings on the calls that went through the AWS CLI."""
    for place, call in enumerate(world.history.calls):
        if not call.is_hearsay or call.is_retried:
            continue
        if call.is_not_understood:
            yield Breach(call=call, expected=f"the AWS CLI can call {call.operation}", actual=said(call))
        elif call.sdk is None:
            yield Remark(call=call, text=f"the AWS CLI could not be judged: {said(call)}")
        elif call.operation in {world.contract.create.name, world.contract.delete.name}:
            yield _written(world, call)
        else:
            yield from _witnessed(world, call, _witnesses(world, place))


def _written(world: World, call: Call) -> Ruling:
    """Did a Create print what it made, and is anything else told?"""
    identity = world.contract.resource.identity
    if not isinstance(call.sdk, Returned):
        return Remark(call=call, text=f"the AWS CLI was not served: {said(call)}")
    if call.operation == world.contract.delete.name or call.sdk.output.get(identity):
        return call
    return Breach(call=call, expected=f"the AWS CLI prints {identity}", actual=f"it prints {shown(call.sdk.output)}")


def _witnesses(world: World, place: int) -> tuple[Call, Call] | None:
    """The nearest equal calls before and after, of another leg; None where a write may have come between."""
    calls = world.history.calls
    call, reads = calls[place], {world.contract.get.name, world.contract.list.name}
    found: list[Call] = []
    for nearby in (calls[:place][::-1], calls[place + 1 :]):
        for other in nearby:
            if other.operation not in reads:
                return None
            if not other.is_hearsay and (other.operation, other.input) == (call.operation, call.input):
                found.append(other)
                break
    if len(found) < 2:  # noqa: PLR2004 - one before and one after
        return None
    before, after = found
    return (before, after) if before.end <= call.start and call.end <= after.start else None


def _witnessed(world: World, call: Call, witnesses: tuple[Call, Call] | None) -> Iterator[Ruling]:
    """Does a read agree with its witnesses?"""
    if witnesses is None:
        return
    before, after = witnesses[0].outcome, witnesses[1].outcome
    if isinstance(before, Accepted) and isinstance(after, Accepted):
        if isinstance(call.sdk, Raised):
            yield Breach(call=call, expected=f"the AWS CLI can call {call.operation}", actual=said(call))
        elif isinstance(call.sdk, Returned):
            yield _printed(world, call, (before, after))
    elif isinstance(before, Refused) and isinstance(after, Refused) and before.code == after.code:
        yield from _named(world, call, witnesses, before.code)


def _printed(world: World, call: Call, answers: tuple[Accepted, Accepted]) -> Ruling:
    """Does a command print the list, or what both witnesses say of the connection?"""
    assert isinstance(call.sdk, Returned)
    output, contract = call.sdk.output, world.contract
    if call.operation == contract.list.name:
        items = contract.pagination.items
        if isinstance(output.get(items), list) or not all(isinstance(each.output.get(items), list) for each in answers):
            return call
        return Breach(call=call, expected=f"the AWS CLI prints {items}", actual=f"it prints {shown(output)}")
    resource, holder = contract.resource, contract.get.holder
    told = [each.output.get(holder) if holder else each.output for each in (answers[0], answers[1])]
    printed = output.get(holder) if holder else output
    for member in (resource.identity, resource.name, resource.kind, resource.status, resource.owner):
        values = [each.get(member) if isinstance(each, dict) else None for each in told]
        mine = printed.get(member) if isinstance(printed, dict) else None
        if values[0] is not None and values[0] == values[1] != mine:
            expected = f"the AWS CLI prints {member} as it is answered: {shown(values[0], 80)}"
            return Breach(call=call, expected=expected, actual=f"it prints {shown(output)}")
    return call


def _named(world: World, call: Call, witnesses: tuple[Call, Call], code: str | None) -> Iterator[Ruling]:
    """Is the error told by its name, where the body says it?"""
    if isinstance(call.sdk, Returned):
        told = shown(call.sdk.output)
        yield Breach(call=call, expected="the AWS CLI tells what is refused", actual=f"it prints {told}")
    elif isinstance(call.sdk, Raised) and call.sdk.code == code:
        yield call
    elif not any(code in operation.errors for operation in world.contract.operations.values()):
        return
    elif any(each.response is not None and each.response.header("x-amzn-errortype") for each in witnesses):
        yield Remark(call=call, text="the AWS CLI may see no error type: it stands in the header x-amzn-errortype")
    else:
        yield Breach(call=call, expected=f"the AWS CLI tells the error {shown(code, 80)[1:-1]}", actual=said(call))
