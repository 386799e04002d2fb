"""The law of the SDK's view: what an unmodified boto3 client makes of the answers.

An SDK reads bytes by rules of its own, which are narrower than what a tolerant reader takes for an answer: it does not
look for an error's type in a header, reads nothing behind a byte order mark, and knows an operation by one spelling of
its name. The history holds both what came and what boto3 made of it, so this law compares the two and asks no SDK.

The commands of the AWS CLI show less; what is said of them stands in `assay.laws.commands`.

boto3 does not read the header x-amzn-errortype. A type that stands there alone is legal by the protocol, so it is told.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted, Call, Raised, Refused, Returned
from assay.laws.commands import judge_commands
from assay.laws.lists import page_of_too_many, pages_with_news
from assay.laws.registry import Breach, Remark, Ruling, judge, said, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.walks import Walk
    from assay.world import World

__all__: list[str] = []

_ANY_ERROR: Final = "ClientError"


@judge("wire.sdk")
def sdk(world: World) -> Iterator[Ruling]:
    """boto3 can make the call, reads every member, names every modelled error, and walks to the end."""
    for call in world.history:
        if call.sdk is None or call.is_retried or call.is_hearsay:
            continue
        if call.is_not_understood:
            yield Breach(call=call, expected=f"boto3 can call {call.operation}", actual=said(call))
        elif isinstance(call.outcome, Accepted):
            yield _read(world, call, call.outcome.output)
        elif isinstance(call.outcome, Refused):
            yield from _named(world, call, call.outcome)
    for walk in world.walks:
        if all(page.leg == "sdk" for page in walk.pages):
            yield from _walked(world, walk)
    yield from judge_commands(world)


def _read(world: World, call: Call, output: Mapping[str, Any]) -> Ruling:
    """Did boto3 return what the answer holds, as far as the model knows it?"""
    if isinstance(call.sdk, Raised):
        return Breach(call=call, expected="boto3 returns what was answered", actual=f"it raises {_raised(call.sdk)}")
    assert isinstance(call.sdk, Returned)
    operation = world.contract.operation(call.operation)
    schema = world.contract.shapes.resolved(operation.output, wanted_by=operation.name)
    lost = _lost(schema, output, call.sdk.output, "")
    if lost is None:
        return call
    return Breach(
        call=call,
        expected=f"boto3 reads {shown(lost, 80)[1:-1]} as it was answered",
        actual=f"it returns {shown(call.sdk.output)}",
    )


def _lost(schema: Mapping[str, Any], answered: Any, returned: Any, place: str) -> str | None:
    """Where what was returned is not what was answered; null members are absent ones, and so is what has no place."""
    pairs: list[tuple[Mapping[str, Any], Any, Any, str]]
    if isinstance(answered, dict) and isinstance(returned, dict):
        pairs = [
            (inner, answered.get(name), returned.get(name), f"{place}.{name}" if place else name)
            for name, inner in schema.get("properties", {}).items()
        ]
    elif isinstance(answered, list) and isinstance(returned, list) and len(answered) == len(returned):
        pairs = [
            (schema.get("items", {}), one, other, place) for one, other in zip(answered, returned, strict=True)
        ]
    else:
        return None if answered == returned else place or "the answer"
    places = (_lost(*pair) for pair in pairs if pair[1] is not None)
    return next((lost for lost in places if lost is not None), None)


def _named(world: World, call: Call, refused: Refused) -> Iterator[Ruling]:
    """Did boto3 raise the exception that the model has for the error?"""
    code, view = refused.code, call.sdk
    if isinstance(view, Returned):
        yield Breach(call=call, expected="boto3 raises what was refused", actual=f"it returns {shown(view.output)}")
        return
    assert isinstance(view, Raised)
    is_modelled = any(code in operation.errors for operation in world.contract.operations.values())
    # Of what this edition does not model, boto3 may know a class all the same.
    if view.exception == code or (not is_modelled and view.exception == _ANY_ERROR):
        yield call
    elif is_modelled and not _names_its_type(call) and _has_type_header(call):
        yield Remark(
            call=call,
            text="boto3 sees no error type: it does not read the header x-amzn-errortype, where alone it stands",
        )
    else:
        wanted = code if is_modelled else _ANY_ERROR
        yield Breach(
            call=call, expected=f"boto3 raises {shown(wanted, 80)[1:-1]}", actual=f"it raises {_raised(view)}"
        )


def _walked(world: World, walk: Walk) -> Iterator[Ruling]:
    """Does a loop over NextToken end, and show what there was?"""
    last, pagination = walk.pages[-1], world.contract.pagination
    if not walk.is_complete:
        served, last_new = pages_with_news(world, walk)
        if served - last_new >= world.knowledge.patience:
            actual = f"{served} pages, of which none after page {last_new} shows anything new"
            yield Breach(call=last, expected="a loop over NextToken ends", actual=actual)
        elif page_of_too_many(world, walk) is not None:
            actual = f"{served} pages, of which {world.knowledge.rounds} show the same connection"
            yield Breach(call=last, expected="a loop over NextToken ends", actual=actual)
        return
    if not world.is_plain(walk.pages[0]):
        return
    identity = world.contract.resource.identity
    seen = {
        item.get(identity)
        for page in walk.pages
        if isinstance(page.sdk, Returned)
        for item in page.sdk.output.get(pagination.items) or ()
        if isinstance(item, dict)
    }
    lost = [made.arn for made in world.settled(walk.start, walk.end) if made.arn not in seen]
    if lost:
        expected = f"a loop over NextToken shows {shown(lost[0])}, which existed throughout"
        yield Breach(call=last, expected=expected, actual=f"{len(walk.pages)} pages, without it")
    else:
        yield last


def _names_its_type(call: Call) -> bool:
    """Does the body name the error, where SDKs look for it?"""
    assert call.response is not None
    try:
        value = json.loads(call.response.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("__type"), str)


def _has_type_header(call: Call) -> bool:
    return call.response is not None and call.response.header("x-amzn-errortype") is not None


def _raised(view: Raised) -> str:
    code = f" with the code {shown(view.code, 80)}" if view.code is not None else ""
    return shown(view.exception, 80)[1:-1] + code
