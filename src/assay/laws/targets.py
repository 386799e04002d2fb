"""The laws of a request's header: which targets are served, which are not, and what a charset behind the type does.

An endpoint may serve more services and more operations than the contract knows. So a target counts as unknown only
where nobody can have it: it is missing, it is no target by its form, or it is one of ours but for what was added to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.asked import plain_call
from assay.history import Accepted, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import must_be_served, refused_for_cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.asked import Asked
    from assay.contract import Contract
    from assay.history import Call
    from assay.world import World

__all__: list[str] = []

_TARGET: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+")
_STATUSES: Final = frozenset({400, 404})
_NOBODY: Final = "nobody"


@judge("wire.target")
def target(world: World) -> Iterator[Ruling]:
    """Both spellings reach the operation, whatever the case of the field's name and whatever fields stand beside it."""
    for call in world.calls:
        if call.request.head is None:
            continue
        read = world.asked(call)
        name, members = plain_call(read, world.contract)
        if not name or read.charset:
            continue
        operation = world.contract.operations[name]
        if isinstance(call.outcome, Accepted):
            yield call
        elif refused_for_cause(world, call) and must_be_served(world, call, operation, members):
            if _is_reached(world, call):
                yield call
            else:
                yield Breach(
                    call=call,
                    expected=f"X-Amz-Target: {shown(read.targets[0], 100)[1:-1]} is served, as both spellings are",
                    actual=said(call),
                )


@judge("wire.unknown-operation")
def unknown_operation(world: World) -> Iterator[Ruling]:
    """A target that nobody has, or none at all, is refused."""
    for call in world.calls:
        if call.request.head is None or isinstance(call.outcome, Unknown):
            continue
        read = world.asked(call)
        if read.http != "usual" or read.operation is not None:
            continue
        is_known_in_another_case = _is_another_case(read, world.contract)
        if not is_known_in_another_case and not _is_nobodys(read, world.contract):
            continue
        what = f"X-Amz-Target: {shown(read.targets[0], 100)[1:-1]}" if read.targets else "no X-Amz-Target"
        if isinstance(call.outcome, Accepted):
            yield Breach(
                call=call,
                expected=f"a request with {what} is refused",
                actual=said(call),
                clause="case" if is_known_in_another_case else None,
            )
        elif isinstance(call.outcome, Refused) and call.outcome.status not in _STATUSES:
            yield Breach(
                call=call, expected=f"{what} is refused with 400 or 404", actual=said(call), clause="status"
            )
        else:
            yield call


@judge("wire.charset")
def charset(world: World) -> Iterator[Ruling]:
    """What is served without a charset behind the content type is served with it."""
    for call in world.calls:
        if call.request.head is None:
            continue
        read = world.asked(call)
        name, members = plain_call(read, world.contract)
        if not name or not read.charset:
            continue
        if isinstance(call.outcome, Accepted):
            yield call
        elif refused_for_cause(world, call) and must_be_served(world, call, world.contract.operations[name], members):
            yield Breach(
                call=call,
                expected=f"{name} with charset=utf-8 behind its content type is served like one without",
                actual=said(call),
            )


def _is_reached(world: World, call: Call) -> bool:
    """Is it the operation that refused, and not whoever looks for it?"""
    assert isinstance(call.outcome, Refused)
    code = call.outcome.code
    return code in world.contract.error_names and code != "UnknownOperationException"


def _is_another_case(read: Asked, contract: Contract) -> bool:
    """Is it a target of ours but for the case of its letters?"""
    if len(read.targets) != 1:
        return False
    known = {f"{prefix}.{name}" for prefix in contract.targets.values() for name in contract.operations}
    return read.targets[0] not in known and read.targets[0].lower() in {each.lower() for each in known}


def _is_nobodys(read: Asked, contract: Contract) -> bool:
    """Is there no target, or one that no service of AWS can have?"""
    if not read.targets:
        return True
    if len(read.targets) > 1:
        return False
    said_so = read.targets[0]
    prefix, _, name = said_so.rpartition(".")
    if not _TARGET.fullmatch(said_so) or said_so in contract.targets.values() or _NOBODY in said_so.lower():
        return True
    if prefix in contract.targets.values():
        return any(name != known and name.startswith(known) for known in contract.operations)
    return any(prefix.startswith(known) and prefix[len(known) :].isdigit() for known in contract.targets.values())
