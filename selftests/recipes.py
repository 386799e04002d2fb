"""Requests on the wire in hand-written histories: a recipe, and what is answered to it.

    judged(told(made("1"), asked("create", body="{").refused("SerializationException")))

A step of `selftests.histories` is one call as an SDK makes it; here it is whatever a recipe says, composed by the suite
and signed by nobody. A Create is for the name `our-raw`, all others are for the connection `arn("1")`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assay.asked import asked as reads
from assay.asked import plain_call
from assay.history import Accepted, Call, History, Outcome, Request, Response, Unknown
from assay.recipe import Recipe, compose
from assay.target.reading import read
from selftests.histories import PREFIX, Step, arn, contract_of, story

if TYPE_CHECKING:
    from assay.contract import Contract
    from assay.corpus import Case

__all__ = ["Sent", "named", "request_of", "sent", "told"]

_HOST = "localhost:4566"
_JSON = ("Content-Type", "application/x-amz-json-1.0")


def request_of(recipe: Recipe, contract: Contract, name: str = f"{PREFIX}raw-1") -> Request:
    """The request of a recipe, unsigned."""
    resource = contract.resource
    members: dict[str, object] = {}
    if recipe.base == "create":
        members = {resource.name: name, resource.kind: contract.kinds[0]}
    elif recipe.base != "list":
        members = {resource.identity: arn("1")}
    message = compose(recipe, contract, members, spelling="long", host=_HOST)
    if message.is_literal:
        head, found, body = message.literal.partition(b"\r\n\r\n")
        return Request(f"http://{_HOST}", (), body, head + found)
    fields = (f"{key}: {value}" for key, value in message.headers)
    lines = [f"{message.method} {message.path} {message.version}", *fields]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    return Request(f"http://{_HOST}", message.headers, message.body, head)


def named(case: Case, number: int = 1) -> str:
    """A fresh name for a case of the corpus, of its length where it is about that."""
    name = f"{PREFIX}raw-{number:03}"
    if case.name_length is None:
        return name
    return name.ljust(case.name_length, "x") if case.name_length >= len(name) else "\u4e00" * case.name_length


@dataclass(frozen=True, slots=True)
class Sent:
    """A raw request and its answer; accepted, unless a method says otherwise."""

    recipe: Recipe
    outcome: Outcome = field(default_factory=lambda: Accepted({}))
    response: Response | None = None

    def ok(self, **output: Any) -> Sent:
        """Accepted with these members."""
        return replace(self, outcome=Accepted(output), response=_answer(200, output))

    def refused(self, code: str | None = "ValidationException", status: int = 400) -> Sent:
        """Refused so; without a code the body is a page for people."""
        page = Response(status, (("Content-Type", "text/html"),), b"<h1>no</h1>")
        response = page if code is None else _answer(status, {"__type": code})
        return replace(self, outcome=read("", response), response=response)

    def lost(self, reason: Any = "connection") -> Sent:
        """No answer came."""
        return replace(self, outcome=Unknown(reason, ""), response=None)


def sent(base: Any, **changes: Any) -> Sent:
    """The request of a recipe, by its base and its changes."""
    return Sent(Recipe(base, **changes)).ok()


def told(*steps: Step | Sent, edition: tuple[str, str] | None = None) -> History:
    """A history of ordinary steps and raw ones, each in a second of its own."""
    contract = contract_of() if edition is None else contract_of(edition)
    calls: list[Call] = []
    for step in steps:
        if not isinstance(step, Sent):
            calls += [replace(call, index=0) for call in story(step)]
            continue
        request = request_of(step.recipe, contract, f"{PREFIX}raw")
        call = Call(0, "", {}, 0.0, 0.5, step.outcome, request, step.response, "raw")
        operation, members = plain_call(reads(call, contract), contract)
        calls.append(replace(call, operation=operation, input=members))
    timed = (replace(call, index=n, start=float(n), end=n + 0.5) for n, call in enumerate(calls))
    return History(tuple(timed))


def _answer(status: int, members: dict[str, Any]) -> Response:
    return Response(status, (_JSON,), json.dumps(members).encode())
