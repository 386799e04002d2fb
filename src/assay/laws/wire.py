"""The laws of the wire: what every answer must look like, whatever was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.world import World

__all__: list[str] = []

_TIMES: Final = 3


@judge("wire.schema")
def schema(world: World) -> Iterator[Ruling]:
    """Every accepted answer validates against its operation's output schema."""
    kind = world.contract.resource.kind
    for call in world.calls:
        if not isinstance(call.outcome, Accepted) or call.operation not in world.contract.operations:
            continue
        problems = [
            problem
            for problem in world.contract.output_validator(call.operation).problems(call.outcome.output)
            if not (problem.path and problem.path[-1] == kind and not _is_ours(world, call, problem.path))
        ]
        for problem in problems[:1]:
            where = ".".join(map(str, problem.path)) or "the answer"
            yield Breach(
                call=call,
                expected=f"{world.contract.operation(call.operation).output} validates against its schema",
                actual=f"{shown(where, 80)[1:-1]}: {shown(problem.message)[1:-1]}",
            )
        if not problems:
            yield call


@judge("wire.no-server-error")
def no_server_error(world: World) -> Iterator[Ruling]:
    """The same input is answered with a 5xx, a cut connection or silence three times, while plain Lists between are served."""
    alike: dict[tuple[object, ...], list[Call]] = {}
    for call in world.calls:
        if call.is_retried:
            continue
        if isinstance(call.outcome, Unknown):
            alike.setdefault(_shape(call), []).append(call)
        else:
            yield call
    plain = [call for call in world.lists if not call.input]
    for calls in alike.values():
        if len(calls) < _TIMES or not calls[0].input:
            continue
        gaps = zip([None, *calls], [*calls, None], strict=True)
        if all(_is_served(plain, first, last) for first, last in gaps):
            yield Breach(
                call=calls[0],
                expected="a clear answer to whatever a client sends",
                actual=f"{said(calls[0])}; {len(calls)} times of {len(calls)}, while ListConnections is served",
            )


@judge("wire.content-type")
def content_type(world: World) -> Iterator[Ruling]:
    """Answers that have a body say that it is AWS JSON 1.0."""
    wanted = f"application/x-amz-json-{world.contract.json_version}"
    for call in world.calls:
        if call.response is None or isinstance(call.outcome, Unknown) or not call.response.body:
            continue
        given = call.response.header("content-type")
        if given is not None and given.partition(";")[0].strip().lower() == wanted:
            yield call
        else:
            yield Breach(
                call=call,
                expected=f"Content-Type: {wanted}",
                actual=f"Content-Type: {shown(given, 80)[1:-1]}" if given is not None else "no Content-Type",
                clause="errors" if isinstance(call.outcome, Refused) else None,
            )


@judge("wire.request-id")
def request_id(world: World) -> Iterator[Ruling]:
    """Every answer carries a request id of its own."""
    seen: dict[str, Call] = {}
    for call in world.calls:
        if call.response is None or isinstance(call.outcome, Unknown):
            continue
        given = call.response.header("x-amzn-requestid")
        if not given:
            yield Breach(call=call, expected="a header x-amzn-RequestId", actual="none")
        elif given in seen:
            yield Breach(call=call, expected="an x-amzn-RequestId that no other answer has", actual=f"{shown(given, 80)} twice")
        else:
            seen[given] = call
            yield call


@judge("wire.error-shape")
def error_shape(world: World) -> Iterator[Ruling]:
    """A refusal names its error in `__type` or in a header."""
    for call in world.calls:
        if not isinstance(call.outcome, Refused) or call.response is None:
            continue
        if call.outcome.code is not None and _names_its_type(call):
            yield call
        else:
            yield Breach(
                call=call,
                expected="an error that names its type in __type or in the header x-amzn-ErrorType",
                actual=f"HTTP {call.response.status}: {shown(call.response.body.decode('utf-8', 'replace'))}",
            )


@judge("wire.error-status")
def error_status(world: World) -> Iterator[Ruling]:
    """A modelled error has the HTTP status that the API documents for it."""
    contract = world.contract
    lenient = "model-status" in contract.laws["wire.error-status"].clauses
    for call in world.calls:
        if not isinstance(call.outcome, Refused) or call.outcome.code not in contract.error_names:
            continue
        status = call.outcome.status
        allowed = {400, contract.operation(call.operation).errors.get(call.outcome.code, 400)} if lenient else {400}
        if status in allowed or (400 <= status < 500 and _is_a_duplicate(world, call)):  # noqa: PLR2004 - HTTP
            yield call
        else:
            yield Breach(
                call=call,
                expected=f"{call.outcome.code} has HTTP status {' or '.join(map(str, sorted(allowed)))}",
                actual=f"HTTP status {status}",
                clause="model-status" if lenient else None,
            )


def _is_ours(world: World, call: Call, path: tuple[str | int, ...]) -> bool:
    """Is the connection that a problem is about one of ours?"""
    if call.operation != world.contract.list.name:
        return True
    index = next((part for part in path if isinstance(part, int)), None)
    items = world.page(call)
    if index is None or index >= len(items):
        return False
    return world.connection(items[index].get(world.contract.resource.identity)) is not None


def _shape(call: Call) -> tuple[object, ...]:
    """What calls of one program have in common from run to run: the operation, its members, and the length of each text."""
    return (
        call.operation,
        *sorted((key, len(value) if isinstance(value, str) else shown(value)) for key, value in call.input.items()),
    )


def _is_served(plain: list[Call], after: Call | None, before: Call | None) -> bool:
    return any(
        isinstance(call.outcome, Accepted)
        and (after is None or call.start >= after.end)
        and (before is None or call.end <= before.start)
        for call in plain
    )


def _names_its_type(call: Call) -> bool:
    assert call.response is not None
    return call.response.header("x-amzn-errortype") is not None or b'"__type"' in call.response.body


def _is_a_duplicate(world: World, call: Call) -> bool:
    name = world.name_of(call) if call.operation == world.contract.create.name else None
    return isinstance(name, str) and any(
        other.created is not call and other.may_live_within(call.start, call.end) for other in world.by_name.get(name, ())
    )
