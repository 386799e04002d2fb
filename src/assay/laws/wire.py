"""The laws of the wire: what every answer must look like, whatever was asked."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from assay.asked import is_lost, may_be_dropped
from assay.history import Accepted, Call, Refused, Unknown
from assay.laws.registry import Breach, Ruling, judge, said, shown
from assay.laws.requests import is_fresh
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.contract import Problem
    from assay.history import Request
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
        if call.is_hearsay:
            continue
        if _is_null(call) and call.operation != world.contract.delete.name:
            output = world.contract.operation(call.operation).output
            yield Breach(call=call, expected=f"{output} is an object", actual="the body null")
            continue
        problems = [
            problem
            for problem in world.contract.output_validator(call.operation).problems(call.outcome.output)
            if not (_is_of_another_day(problem, kind) and not _is_ours(world, call, problem.path))
        ]
        for problem in problems[:1]:
            where = ".".join(map(str, problem.path)) or "the answer"
            yield Breach(
                call=call,
                expected=f"{world.contract.operation(call.operation).output} validates against its schema",
                actual=f"{shown(where, 80)[1:-1]}: {shown(problem.message)[1:-1]}",
                aspect=".".join(part for part in problem.path if isinstance(part, str)) + f" {problem.keyword}",
            )
        if not problems:
            yield call


@judge("wire.no-server-error")
def no_server_error(world: World) -> Iterator[Ruling]:
    """One input meets a 5xx, a cut connection or silence three times of three, while plain Lists between are served."""
    alike: dict[tuple[object, ...], list[Call]] = {}
    lost: set[tuple[object, ...]] = set()
    for call in world.calls:
        if call.is_hearsay or call.is_retried or (isinstance(call.outcome, Unknown) and world.is_at_once(call)):
            continue  # beside others, it may be their number and not the input that was too much
        alike.setdefault(shape := _shape(world, call), []).append(call)
        if is_lost(call):
            lost.add(shape)
        elif not isinstance(call.outcome, Unknown):
            yield call
    plain = sorted(
        (call for call in world.lists if _is_plain(world, call) and isinstance(call.outcome, Accepted)),
        key=lambda call: call.end,
    )
    ends = [call.end for call in plain]
    for shape in lost:
        calls = alike[shape]
        if _is_plain(world, calls[0]):
            continue
        between = _lost_between(ends, calls)
        broken = [call for _, call in sorted(between.items()) if call is not None]
        if len(broken) < _TIMES or len(broken) < len(between):
            continue  # what does not repeat is weather
        if all(_is_served(plain, ends, *gap) for gap in zip([None, *broken], [*broken, None], strict=True)):
            yield Breach(
                call=broken[0],
                expected="a clear answer to whatever a client sends",
                actual=f"{said(broken[0])}; {len(broken)} times of {len(broken)}, while ListConnections is served",
            )


@judge("wire.readable")
def readable(world: World) -> Iterator[Ruling]:
    """An answer is as long as its header says, and encoded as the request allowed."""
    for call in world.calls:
        if call.response is None:
            continue
        encoding = (call.response.header("content-encoding") or "identity").strip().lower()
        if encoding not in {"", "identity", "aws-chunked"} and not _allows(call.request, encoding):
            yield Breach(
                call=call,
                expected="an answer that is encoded only as the request's Accept-Encoding allows",
                actual=f"Content-Encoding: {shown(encoding, 60)[1:-1]}",
            )
        elif _is_cut(call):
            continue
        elif call.response.flaw or (isinstance(call.outcome, Unknown) and encoding not in {"", "identity"}):
            reason = call.response.flaw or said(call)
            yield Breach(call=call, expected="an answer that is what its header says", actual=reason)
        elif not isinstance(call.outcome, Unknown):
            yield call
    yield from _always_cut(world)


def _always_cut(world: World) -> Iterator[Ruling]:
    """Rule on answers that end too soon: one may be weather, but not all of an operation and a status."""
    kinds: dict[tuple[str, int], list[Call]] = {}
    for call in world.calls:
        if call.response is not None and not may_be_dropped(call.request):
            kinds.setdefault((call.operation, call.response.status), []).append(call)
    for calls in kinds.values():
        cut = [call for call in calls if _is_cut(call)]
        is_any_whole = any(not isinstance(each.outcome, Unknown) and not _flaw(each) for each in calls)
        for call in cut if len(cut) >= _TIMES and not is_any_whole else ():
            actual = f"{_flaw(call)}; {len(cut)} times of {len(cut)}"
            yield Breach(call=call, expected="an answer as long as its header says", actual=actual)


@judge("wire.content-type")
def content_type(world: World) -> Iterator[Ruling]:
    """Answers that have a body say that it is AWS JSON 1.0."""
    wanted = f"application/x-amz-json-{world.contract.json_version}"
    for call in world.calls:
        if call.response is None or isinstance(call.outcome, Unknown) or not call.response.body:
            continue
        if not _is_the_service_speaking(world, call):
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
                is_general=True,
            )


@judge("wire.request-id")
def request_id(world: World) -> Iterator[Ruling]:
    """Every answer carries a request id of its own."""
    seen: dict[str, Call] = {}
    for call in world.calls:
        if call.response is None or isinstance(call.outcome, Unknown) or not _is_the_service_speaking(world, call):
            continue
        given = call.response.header("x-amzn-requestid")
        if not given:
            yield Breach(
                call=call, expected="a header x-amzn-RequestId", actual="none", aspect="missing", is_general=True
            )
        elif given in seen:
            yield Breach(
                call=call,
                expected="an x-amzn-RequestId that no other answer has",
                actual=f"{shown(given, 80)} twice",
                is_general=True,
            )
        else:
            seen[given] = call
            yield call


@judge("wire.error-shape")
def error_shape(world: World) -> Iterator[Ruling]:
    """A refusal names its error in `__type` or in a header."""
    for call in world.calls:
        if not isinstance(call.outcome, Refused) or call.response is None or not _is_the_service_speaking(world, call):
            continue
        if call.outcome.code is not None and _names_its_type(call):
            yield call
        else:
            yield Breach(
                call=call,
                expected="an error that names its type in __type or in the header x-amzn-ErrorType",
                actual=f"HTTP {call.response.status}: {shown(call.response.body.decode('utf-8', 'replace'))}",
                is_general=True,
            )


@judge("wire.error-status")
def error_status(world: World) -> Iterator[Ruling]:
    """A modelled error has the HTTP status that the API documents for it."""
    contract = world.contract
    lenient = "model-status" in contract.laws["wire.error-status"].clauses
    statuses: dict[str, set[int]] = {}
    for operation in contract.operations.values():
        for error, model_status in operation.errors.items():
            statuses.setdefault(error, {400}).update({model_status} if lenient else ())
    for call in world.calls:
        if not isinstance(call.outcome, Refused) or call.outcome.code not in statuses:
            continue
        status = call.outcome.status
        allowed = statuses[call.outcome.code]
        if status in allowed or (400 <= status < 500 and _may_be_a_duplicate(world, call)):  # noqa: PLR2004 - HTTP
            yield call
        else:
            yield Breach(
                call=call,
                expected=f"{call.outcome.code} has HTTP status {' or '.join(map(str, sorted(allowed)))}",
                actual=f"HTTP status {status}",
                clause="model-status" if lenient else None,
                aspect=call.outcome.code,
                is_general=True,
            )


def _lost_between(ends: list[float], calls: list[Call]) -> dict[int, Call | None]:
    """What was lost first between two plain Lists, by the number of the gap; None where all was answered."""
    between: dict[int, Call | None] = {}
    for call in calls:
        number = bisect_right(ends, call.start)
        if between.get(number) is None:
            between[number] = call if is_lost(call) else None
    return between


def _allows(request: Request, encoding: str) -> bool:
    """Did a request ask for answers in this encoding, or say nothing about any?"""
    said_so = [value.lower() for name, value in request.headers if name.lower() == "accept-encoding"]
    if not said_so:
        return True
    words = {part.partition(";")[0].strip() for value in said_so for part in value.split(",")}
    return "*" in words or {each.strip() for each in encoding.split(",")} <= words


def _is_of_another_day(problem: Problem, kind: str) -> bool:
    """Is it about a provider, or a service's name in a host's ARN, that another edition or service may know?"""
    member = problem.path[-1] if problem.path else None
    return member == kind or (member == "HostArn" and problem.keyword == "pattern")


def _is_ours(world: World, call: Call, path: tuple[str | int, ...]) -> bool:
    """Is the connection that a problem is about one of ours?"""
    identity = world.contract.resource.identity
    if call.operation == world.contract.get.name:
        return _is_of_this_day(world, world.arn_in(call))
    if call.operation != world.contract.list.name or not isinstance(call.outcome, Accepted):
        return True
    found: Any = call.outcome.output
    for part in path[:-1]:
        found = found[part]
    return isinstance(found, dict) and _is_of_this_day(world, found.get(identity))


def _is_of_this_day(world: World, arn: Any) -> bool:
    """Is it ours, and of a provider that the edition knows? Another is `connection.create.provider`'s."""
    connection = world.connection(arn)
    return connection is not None and (connection.kind is None or connection.kind in world.contract.kinds)


def _is_plain(world: World, call: Call) -> bool:
    """Is it a List that asks for nothing, signed as usual: what tells an endpoint that is down from a broken one?"""
    is_usual = call.request.head is None and call.signing == VALID
    return is_usual and not call.input and call.operation == world.contract.list.name


def _shape(world: World, call: Call) -> tuple[object, ...]:
    """What a call has in common with itself in another run: operation, members, lengths of texts, what it met."""
    met: object = None
    if call.request.head is not None:
        return _form(call.request)
    if call.operation == world.contract.create.name:
        holders = world.by_name.get(name, ()) if isinstance(name := world.name_of(call), str) else ()
        met = any(holder.created is not call and holder.may_live_within(call.start, call.end) for holder in holders)
    elif (connection := world.connection(world.arn_in(call))) is not None:
        met = connection.is_gone_by(call.start)
    return (
        call.operation,
        call.signing,
        met,
        *sorted((key, len(value) if isinstance(value, str) else shown(value)) for key, value in call.input.items()),
    )


def _form(request: Request) -> tuple[object, ...]:
    """What a raw request has in common with itself in another run: all but names, ARNs, dates and signatures."""
    first, *lines = (request.head or b"").split(b"\r\n")
    fields = sorted(line for line in lines if not line.lower().startswith((b"x-amz-date", b"authorization")))
    return (first, *fields, len(request.body), request.body[:1], request.body[-8:])


def _is_the_service_speaking(world: World, call: Call) -> bool:
    """Is it the service that answered, and not whoever stands before it and turns odd requests away?"""
    return call.request.head is None or world.asked(call).is_for_the_service


def _is_null(call: Call) -> bool:
    return call.response is not None and call.response.body.strip() == b"null"


def _is_served(plain: list[Call], ends: list[float], after: Call | None, before: Call | None) -> bool:
    """Was a plain List asked for and answered between two calls?"""
    until = len(ends) if before is None else bisect_right(ends, before.start)
    return any(after is None or call.start >= after.end for call in reversed(plain[max(0, until - 10) : until]))


def _is_cut(call: Call) -> bool:
    """Did an answer begin, and end before it was whole?"""
    return call.response is not None and isinstance(call.outcome, Unknown) and call.outcome.reason == "connection"


def _flaw(call: Call) -> str:
    return "" if call.response is None else call.response.flaw


def _names_its_type(call: Call) -> bool:
    assert call.response is not None
    return call.response.header("x-amzn-errortype") is not None or b'"__type"' in call.response.body


def _may_be_a_duplicate(world: World, call: Call) -> bool:
    """May the name that a Create asked for be taken, by one of ours or by a stranger's?"""
    return (
        call.operation == world.contract.create.name
        and isinstance(world.name_of(call), str)
        and not is_fresh(world, call)
    )
