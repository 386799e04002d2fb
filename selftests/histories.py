"""A tiny notation for histories, so that a test of a law reads like the story that it judges.

    history = story(create("our-a").ok("1"), create("our-a").ok("2"))
    breach = the_breach("connection.name.unique", history)

A step is one call; `story` numbers the steps and lets one follow the other, call n from second n to second n + 0.5,
but for those that say `.during(start, end)`. Connections have short ids: `"1"` is the connection `arn("1")`, which is
called `our-1` and is a PENDING one of Bitbucket unless a step says otherwise. A member that is `...` is left out; one
that is None is null. Every answer has the bytes that AWS would send, unless `.raw` gives others; what raw bytes mean is
asked of the suite's own reader.

Nothing here judges: what is a breach and what is legal is written in the tests, from the laws' sentences.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assay.contract import Contract, load_contract
from assay.history import (
    HANDSHAKE,
    Accepted,
    Call,
    History,
    Leg,
    Outcome,
    Raised,
    Refused,
    Request,
    Response,
    Returned,
    SdkView,
    Unknown,
)
from assay.knowledge import Knowledge
from assay.laws import JUDGES, Breach, Remark
from assay.target.reading import read
from assay.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import EllipsisType

__all__ = [
    "ACCOUNT",
    "CODECONNECTIONS",
    "EDITIONS",
    "FIRST",
    "NEWEST",
    "PREFIX",
    "Step",
    "arn",
    "contract_of",
    "create",
    "delete",
    "get",
    "handshake",
    "is_kept",
    "is_silent",
    "item",
    "judged",
    "known",
    "listing",
    "made",
    "no_breach",
    "story",
    "the_breach",
    "walk",
    "world_of",
]

PREFIX = "our-"
ACCOUNT = "123456789012"
FIRST = ("codestar-connections", "2019-12-19")
NEWEST = ("codestar-connections", "2026-11-10")
CODECONNECTIONS = ("codeconnections", "2026-11-10")
EDITIONS = (FIRST, NEWEST, CODECONNECTIONS)

_ERRORS = "com.amazonaws.codestar.connections#"
_tokens = itertools.count(1)


@cache
def contract_of(edition: tuple[str, str] = NEWEST) -> Contract:
    service, day = edition
    return load_contract(service, day, specs=Path(__file__).parent.parent / "specs")


def arn(short: str, *, region: str = "us-east-1", account: str = ACCOUNT, service: str = "codestar-connections") -> str:
    """The ARN of a connection with a short id; what is an ARN already stays."""
    if short.startswith("arn:"):
        return short
    return f"arn:aws:{service}:{region}:{account}:connection/00000000-0000-4000-8000-{short.rjust(12, '0')}"


def item(  # noqa: PLR0913 - a connection has that many members
    short: str,
    *,
    name: Any = None,
    kind: Any = "Bitbucket",
    status: Any = "PENDING",
    owner: Any = ACCOUNT,
    given: Any = None,
    **members: Any,
) -> dict[str, Any]:
    """A connection as Get and List show it; `given` is the ARN where it is not the one of the id."""
    return _present(
        ConnectionName=f"{PREFIX}{short}" if name is None else name,
        ConnectionArn=arn(short) if given is None else given,
        ProviderType=kind,
        OwnerAccountId=owner,
        ConnectionStatus=status,
        **members,
    )


@dataclass(frozen=True)
class Step:
    """One call of a story."""

    operation: str
    input: Mapping[str, Any]
    outcome: Outcome = field(default_factory=lambda: Accepted({}))
    response: Response | None = None
    interval: tuple[float, float] | None = None
    url: str = "https://codestar-connections.us-east-1.amazonaws.com/"
    signing: str = "valid"
    sdk: SdkView | None = None
    is_command: bool = False
    is_beside: bool = False

    def ok(self, short: str | None = None, **members: Any) -> Step:
        """Accepted: a Create with the id of its connection, a Delete with nothing."""
        output: dict[str, Any] = _present(**members)
        if self.operation == "CreateConnection" and short is not None:
            output = {"ConnectionArn": arn(short), **output}
        return self.answers(output)

    def tells(self, short: str, **unusual: Any) -> Step:
        """Accepted: a Get that is answered with this connection."""
        return self.answers({"Connection": item(short, **unusual)})

    def shows(self, *items: str | Mapping[str, Any], token: Any = ...) -> Step:
        """Accepted: a List with these connections, by id or in full."""
        page = [item(each) if isinstance(each, str) else each for each in items]
        return self.answers(_present(Connections=page, NextToken=token))

    def answers(self, output: Mapping[str, Any]) -> Step:
        """Accepted, with any object for an answer."""
        return replace(self, outcome=Accepted(output), response=_response(200, json.dumps(output).encode()))

    def refused(self, code: str = "ValidationException", status: int = 400, message: str | None = "no") -> Step:
        """Refused with an error as AWS writes it."""
        body = {"__type": _ERRORS + code} | ({} if message is None else {"Message": message})
        response = _response(status, json.dumps(body).encode())
        return replace(self, outcome=Refused(code, status, message), response=response)

    def not_found(self) -> Step:
        """Refused: there is no such connection."""
        return self.refused("ResourceNotFoundException")

    def unknown(self, reason: Literal["timeout", "connection", "server-error", "unreadable"] = "timeout") -> Step:
        """Nobody knows whether it had its effect."""
        response = _response(500, b"{}") if reason == "server-error" else None
        return replace(self, outcome=Unknown(reason), response=response)

    def throttled(self, status: int = 400) -> Step:
        """Turned away for its rate: a ThrottlingException, or with 503 a balancer that asks to come again."""
        if status == 503:
            response = _response(503, b"", **{"Retry-After": "1"})
            return replace(self, outcome=Unknown("server-error", "503", throttled=True), response=response)
        body = json.dumps({"__type": "ThrottlingException"}).encode()
        return replace(
            self, outcome=Refused("ThrottlingException", status, throttled=True), response=_response(status, body)
        )

    def raw(self, status: int, body: bytes | str = b"", *headers: tuple[str, str]) -> Step:
        """Answered with these bytes and these header fields and no others; the suite's reader says what it means."""
        response = Response(status, headers, body.encode() if isinstance(body, str) else body)
        return replace(self, outcome=read(self.operation, response), response=response)

    def during(self, start: float, end: float) -> Step:
        """Sent at `start`, answered at `end`."""
        return replace(self, interval=(start, end))

    def through(self, url: str) -> Step:
        """Sent to another endpoint."""
        return replace(self, url=url)

    def signed(self, signing: str) -> Step:
        """Signed oddly; turned away for it until said otherwise."""
        return replace(self.refused("InvalidSignatureException"), signing=signing)

    def by_boto3(self, view: SdkView | None = None) -> Step:
        """Sent by boto3, which made of the answer what it holds, unless said otherwise."""
        if view is None and isinstance(self.outcome, Accepted):
            view = Returned(self.outcome.output)
        elif view is None and isinstance(self.outcome, Refused):
            view = Raised(self.outcome.code or "ClientError", self.outcome.code)
        return replace(self, sdk=view)


    def by_cli(self, view: SdkView | None = None) -> Step:
        """Sent by the AWS CLI, which printed what was answered, unless said otherwise; nobody saw the answer."""
        step = replace(self.by_boto3(), response=None, is_command=True)
        outcome = replace(step.outcome, status=0) if isinstance(step.outcome, Refused) else step.outcome
        return replace(step, outcome=outcome, sdk=step.sdk if view is None else view)


@dataclass(frozen=True)
class Walking:
    """A walk that has not been answered yet."""

    input: Mapping[str, Any]

    def pages(self, *pages: Iterable[str | Mapping[str, Any]] | Step, ends: bool = True) -> list[Step]:
        """The pages in order, each a list of connections; a step among them is taken between two pages."""
        steps: list[Step] = []
        last = max(number for number, page in enumerate(pages) if not isinstance(page, Step))
        members = dict(self.input)
        for number, page in enumerate(pages):
            if isinstance(page, Step):
                steps.append(page)
                continue
            token: str | EllipsisType = ... if ends and number == last else f"token-{next(_tokens)}"
            steps.append(Step("ListConnections", dict(members)).shows(*page, token=token))
            members["NextToken"] = token
        return steps


def create(name: Any = ..., kind: Any = "Bitbucket", **members: Any) -> Step:
    """CreateConnection; a name or a kind of `...` is left out."""
    return Step("CreateConnection", _present(ConnectionName=name, ProviderType=kind, **members)).refused()


def made(short: str, **unusual: Any) -> Step:
    """The Create that made a connection, with the name that goes with its id."""
    return create(unusual.pop("name", f"{PREFIX}{short}"), **unusual).ok(short)


def get(short: Any = ...) -> Step:
    """GetConnection of a connection by its id, answered with it, or of any other ARN, refused until said otherwise."""
    step = Step("GetConnection", _present(ConnectionArn=_arn_or_other(short)))
    return step.tells(short) if _is_id(short) else step.refused()


def delete(short: Any = ...) -> Step:
    """DeleteConnection of a connection by its id or of any other ARN, accepted until said otherwise."""
    return Step("DeleteConnection", _present(ConnectionArn=_arn_or_other(short))).ok()


def handshake(short: Any) -> Step:
    """A handshake, completed beside the API, unless it says otherwise."""
    return Step(HANDSHAKE, _present(ConnectionArn=_arn_or_other(short)), is_beside=True)


def listing(by: Any = ..., kind: Any = ..., token: Any = ..., **members: Any) -> Step:
    """One page of ListConnections, empty until said otherwise."""
    return Step("ListConnections", _present(MaxResults=by, ProviderTypeFilter=kind, NextToken=token, **members)).shows()


def walk(by: Any = ..., kind: Any = ..., **members: Any) -> Walking:
    """ListConnections from the first page on."""
    return Walking(_present(MaxResults=by, ProviderTypeFilter=kind, **members))


def story(*steps: Step | list[Step]) -> History:
    """The history of these calls, one after the other but for those that say when they were."""
    flat = [each for step in steps for each in (step if isinstance(step, list) else [step])]
    calls: list[Call] = []
    now = 0.0
    for index, step in enumerate(flat):
        start, end = step.interval or (now, now + 0.5)
        now = max(now, end + 0.5)
        request = Request(step.url, (("Content-Type", "application/x-amz-json-1.0"),), json.dumps(step.input).encode())
        call = Call(index, step.operation, step.input, start, end, step.outcome, request, step.response)
        leg: Leg = "cli" if step.is_command else "light" if step.sdk is None else "sdk"
        leg = "beside" if step.is_beside else leg
        calls.append(replace(call, leg=leg, signing=step.signing, sdk=step.sdk))
    return History(tuple(calls))


def known(**facts: Any) -> Knowledge:
    """What a run knows, its prefix above all."""
    return Knowledge(**{"prefix": PREFIX, **facts})


def world_of(history: History, edition: tuple[str, str] = NEWEST, knowledge: Knowledge | None = None) -> World:
    return World(history, contract_of(edition), known() if knowledge is None else knowledge)


def judged(
    law: str, history: History, *, edition: tuple[str, str] = NEWEST, knowledge: Knowledge | None = None
) -> tuple[list[Call], list[Breach]]:
    """The calls where a law was kept, and its breaches; every breach's texts and clause are fit to be shown."""
    kept: list[Call] = []
    broken: list[Breach] = []
    laws = contract_of(edition).laws
    for ruling in JUDGES[law](world_of(history, edition, knowledge)):
        if isinstance(ruling, Remark):
            continue
        if not isinstance(ruling, Breach):
            kept.append(ruling)
            continue
        assert ruling.clause is None or ruling.clause in laws[law].clauses
        assert ruling.call in history.calls
        assert ruling.expected
        assert ruling.actual
        assert (ruling.expected + ruling.actual).isascii() or "…" in ruling.expected + ruling.actual
        broken.append(ruling)
    return kept, broken


def the_breach(law: str, history: History, **circumstances: Any) -> Breach:
    """The one breach that a law finds in a history."""
    _, broken = judged(law, history, **circumstances)
    assert len(broken) == 1, f"{law} was to be broken once, and was {len(broken)} times: {broken}"
    return broken[0]


def is_kept(law: str, history: History, **circumstances: Any) -> bool:
    """Did the law speak, and find nothing wrong?"""
    kept, broken = judged(law, history, **circumstances)
    assert not broken, f"{law} objects: {broken[0].expected}; {broken[0].actual}"
    return bool(kept)


def no_breach(law: str, history: History, **circumstances: Any) -> bool:
    """Did the law find nothing wrong, whether it spoke or not?"""
    is_kept(law, history, **circumstances)
    return True


def is_silent(law: str, history: History, **circumstances: Any) -> bool:
    """Did the law say nothing, so that it was not exercised?"""
    return judged(law, history, **circumstances) == ([], [])


def _is_id(short: Any) -> bool:
    return isinstance(short, str) and re.fullmatch("[0-9]+[a-z]?", short, re.ASCII) is not None


def _arn_or_other(short: Any) -> Any:
    return arn(short) if _is_id(short) else short


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}


def _response(status: int, body: bytes, **headers: str) -> Response:
    fields = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "application/x-amz-json-1.0", **headers}
    return Response(status, tuple(fields.items()), body)
