"""Carry out a program against a target: symbols become names and ARNs, steps become calls, calls become a history.

The driver knows no law. It decides only what a careful person at the keyboard would: use fresh names, pass over a step whose
connection was never made, follow NextToken to the end but not for ever, make room when the account is full, and delete what it made.
One promise is kept here and nowhere else: **Delete is sent no ARN that could be a stranger's** (`_may_delete`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from assay.contract import Contract
from assay.errors import HarnessError
from assay.history import Accepted, Call, History, Refused
from assay.knowledge import Knowledge
from assay.naming import Naming, fresh_id
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Program, Step, Token, Walk

__all__ = ["Budget", "BudgetSpentError", "Caller", "Driver"]

_LONGEST_WALK: Final = 400  # pages; a walk that is cut off here is judged by no law


class Caller(Protocol):
    """Whoever sends a call: `assay.target.Target`, or a stand-in."""

    def call(
        self, operation: str, input: Mapping[str, Any], *, leg: str = "light", give_up_at: float | None = None  # noqa: A002 - AWS says input
    ) -> tuple[Call, ...]:
        """All attempts, the last of which is the answer."""
        ...


class BudgetSpentError(Exception):
    """The calls or the seconds that were given are used up; what was created is still cleaned up."""


@dataclass(slots=True)
class Budget:
    """Calls and seconds, for a run or for a part of it.

    `deadline` is on the clock of `now`; `programs` counts what was run under it. `owed` calls are held back: one for each connection that still has to be deleted.
    """

    max_calls: int | None = None
    deadline: float | None = None
    spent: int = 0
    programs: int = 0
    within: Budget | None = None
    now: Callable[[], float] = time.perf_counter

    def take(self, owed: int) -> None:
        """Take one call out, or raise `BudgetSpentError`."""
        if not self.has_room(owed):
            raise BudgetSpentError
        self.count(1)

    def has_room(self, owed: int = 0) -> bool:
        """Is there room for one more call and for the calls that are owed?"""
        if self.max_calls is not None and self.spent + owed + 1 > self.max_calls:
            return False
        if self.deadline is not None and self.now() >= self.deadline:
            return False
        return self.within is None or self.within.has_room(owed)

    def count(self, calls: int) -> None:
        """Write down calls that were made."""
        self.spent += calls
        if self.within is not None:
            self.within.count(calls)


@dataclass(slots=True)
class _Scope:
    """What the symbols of one execution stand for."""

    arns: dict[int, str] = field(default_factory=dict)
    stems: dict[int, tuple[str, int]] = field(default_factory=dict)
    tokens: list[Any] = field(default_factory=list)
    used_tokens: list[Any] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


class Driver:
    """Runs programs against one target and keeps the account tidy.

    `left_behind` maps the ARN of every connection that this run made and could not yet delete to its name; `undead` are those that are
    listed although their Delete was accepted.
    """

    def __init__(
        self,
        target: Caller,
        contract: Contract,
        knowledge: Knowledge,
        *,
        naming: Naming,
        region: str,
        sdk_leg: bool = False,
    ) -> None:
        self.target = target
        self.contract = contract
        self.knowledge = knowledge
        self.naming = naming
        self.sdk_leg = sdk_leg
        self.left_behind: dict[str, str | None] = {}
        self.created = 0
        self.deleted = 0
        self.undead: set[str] = set()
        self.maybe_created: dict[str, Call] = {}
        self.room: int | None = None
        self._given: set[str] = set()
        self._prefix = f"arn:aws:{contract.service}:{region}:000000000000:{contract.resource.noun}/"

    def run(self, program: Program, budget: Budget) -> History:
        """Carry out a program, then delete what it made; the history holds both.

        Raises:
            BudgetSpentError: the budget ended on the way; what was made has been deleted, and nothing is judged.

        """
        scope = _Scope()
        try:
            for step in program.steps:
                self._take(step, scope, budget)
        finally:
            self.tidy(scope.calls, budget)
        return History(tuple(scope.calls))

    def tidy(self, calls: list[Call], budget: Budget) -> None:
        """Delete what this run made and still lives, whatever the budget says."""
        for arn in list(self.left_behind):
            attempts = self.target.call(self.contract.delete.name, {self.contract.resource.identity: arn})
            calls.extend(attempts)
            budget.count(len(attempts))
            match attempts[-1].outcome:
                case Accepted():
                    self.deleted += 1
                    del self.left_behind[arn]
                case Refused() as refused if refused.is_not_found:
                    del self.left_behind[arn]
                case _:
                    return  # the endpoint is not itself: the end of the run tries again, and lists what stays

    @property
    def account(self) -> str | None:
        """The account that the ARNs of this run name; None until one was given."""
        fields = self._prefix.split(":")
        return fields[4] if self._given and len(fields) > 4 else None  # noqa: PLR2004 - the fifth field of an ARN

    def adopt(self, calls: Iterable[Call]) -> None:
        """Take over what earlier calls of this run made, the probe's for instance."""
        identity = self.contract.resource.identity
        for call in calls:
            if not isinstance(call.outcome, Accepted):
                continue
            made, deleted = call.outcome.output.get(identity), call.input.get(identity)
            if call.operation == self.contract.create.name and isinstance(made, str) and made:
                self._remember(made, None)
            elif call.operation == self.contract.delete.name and deleted in self.left_behind:
                self.deleted += 1
                del self.left_behind[deleted]

    def look_for_leftovers(self, calls: list[Call], budget: Budget) -> None:
        """Walk once and list whatever of this run's connections is shown still, although its Delete was accepted."""
        if not self.created:
            return
        scope = _Scope()
        try:
            self._walk(Walk(), scope, budget)
        finally:
            calls.extend(scope.calls)
        for call in scope.calls:
            if isinstance(call.outcome, Accepted):
                for item in _items(call.outcome.output.get(self.contract.pagination.items)):
                    arn = item.get(self.contract.resource.identity)
                    if isinstance(arn, str) and arn in self._given and arn not in self.left_behind:
                        name = item.get(self.contract.resource.name)
                        self.left_behind[arn] = name if isinstance(name, str) else None

    def settle(self, budget: Budget, calls: list[Call]) -> None:
        """Look for connections whose Create was never answered, by their exact names, so that they can be deleted."""
        wanted = {name: call for name, call in self.maybe_created.items() if name.startswith(self.naming.prefix)}
        if not wanted:
            return
        scope = _Scope()
        self._walk(Walk(), scope, budget)
        calls.extend(scope.calls)
        resource = self.contract.resource
        for call in scope.calls:
            if isinstance(call.outcome, Accepted):
                for item in _items(call.outcome.output.get(self.contract.pagination.items)):
                    name, arn = item.get(resource.name), item.get(resource.identity)
                    if name in wanted and isinstance(arn, str) and arn not in self._given:
                        self._given.add(arn)
                        self.left_behind[arn] = name
        self.maybe_created.clear()

    # -- steps

    def _take(self, step: Step, scope: _Scope, budget: Budget) -> None:
        match step:
            case Create():
                self._create(step, scope, budget)
            case Fill():
                self._fill(step, scope, budget)
            case Get(arn=arn, leg=leg) | Delete(arn=arn, leg=leg):
                operation = self.contract.get if isinstance(step, Get) else self.contract.delete
                members: dict[str, Any] = {}
                if arn is not None:
                    sent = self._arn(arn, scope)
                    if sent is None or (isinstance(step, Delete) and not self._may_delete(arn, sent)):
                        return
                    members[self.contract.resource.identity] = sent
                budget.take(len(self.left_behind))
                call = self._send(operation.name, members, leg, scope.calls, budget)
                sent = members.get(self.contract.resource.identity)
                if isinstance(step, Delete) and isinstance(call.outcome, Accepted) and sent in self.left_behind:
                    self.deleted += 1
                    del self.left_behind[sent]
            case List():
                self._list(step, scope, budget)
            case Walk():
                self._walk(step, scope, budget)

    def _create(self, step: Create, scope: _Scope, budget: Budget) -> Call:
        resource = self.contract.resource
        members: dict[str, Any] = dict(step.members)
        if step.name is not None:
            members[resource.name] = self._name(step.name, scope)
        if step.kind is not None:
            members[resource.kind] = step.kind
        budget.take(len(self.left_behind) + 1)
        name = members.get(resource.name)
        if isinstance(name, str):
            self.knowledge.names.add(name)
        call = self._send(self.contract.create.name, members, step.leg, scope.calls, budget)
        match call.outcome:
            case Accepted(output):
                arn = output.get(resource.identity)
                if isinstance(arn, str) and arn:
                    scope.arns[step.label] = arn
                    self._remember(arn, name if isinstance(name, str) else None)
            case Refused() as refused if refused.is_about_quota:
                self.room = len(self.left_behind)
            case Refused():
                pass
            case _:
                if isinstance(name, str):
                    self.maybe_created[name] = call
        return call

    def _fill(self, step: Fill, scope: _Scope, budget: Budget) -> None:
        for number in range(step.count):
            if self.room is not None and len(self.left_behind) >= self.room - 2:
                return
            label = step.label + number
            kind = step.kinds[number % len(step.kinds)] if step.kinds else None
            call = self._create(Create(label, Name(-1 - label), kind), scope, budget)
            if isinstance(call.outcome, Refused) and call.outcome.is_about_quota:
                return

    def _list(self, step: List, scope: _Scope, budget: Budget) -> Call | None:
        pagination = self.contract.pagination
        members = self._list_members(step.page_size, step.kind)
        if step.token is not None:
            token = self._token(step.token, scope)
            if token is None:
                return None
            members[pagination.token_in] = token
        budget.take(len(self.left_behind))
        call = self._send(self.contract.list.name, members, step.leg, scope.calls, budget)
        self._note_token(call, scope)
        return call

    def _walk(self, step: Walk, scope: _Scope, budget: Budget) -> None:
        pagination = self.contract.pagination
        members = self._list_members(step.page_size, step.kind)
        shown: set[str] = set()
        stale = 0
        for page in range(1, _LONGEST_WALK + 1):
            budget.take(len(self.left_behind))
            call = self._send(self.contract.list.name, members, step.leg, scope.calls, budget)
            token = self._note_token(call, scope)
            for after, inner in step.between:
                if after == page:
                    self._take(inner, scope, budget)
            if not isinstance(call.outcome, Accepted) or token is None:
                return
            arns = {
                arn
                for item in _items(call.outcome.output.get(pagination.items))
                if isinstance(arn := item.get(self.contract.resource.identity), str)
            }
            self.undead.update(arn for arn in arns if arn in self._given and arn not in self.left_behind)
            stale = 0 if arns - shown else stale + 1
            shown |= arns
            if stale >= self.knowledge.patience:
                return
            members = {**members, pagination.token_in: token}

    # -- symbols

    def _list_members(self, page_size: Any, kind: str | None) -> dict[str, Any]:
        pagination = self.contract.pagination
        members: dict[str, Any] = {}
        if page_size is not None:
            members[pagination.page_size] = page_size
        if kind is not None:
            members[self._kind_filter()] = kind
        return members

    def _kind_filter(self) -> str:
        pagination = self.contract.pagination
        for member, filtered in pagination.filters.items():
            if filtered == self.contract.resource.kind:
                return member
        raise HarnessError(f"{self.contract.list.name} has no filter by {self.contract.resource.kind}")

    def _name(self, shape: Name, scope: _Scope) -> str:
        stem = scope.stems.get(shape.slot)
        if stem is None:
            stem = scope.stems[shape.slot] = self.naming.stem()
        return self.naming.realize(shape, stem)

    def _token(self, token: Token, scope: _Scope) -> Any:
        match token.kind:
            case "last":
                return scope.tokens[-1] if scope.tokens else None
            case "used":
                return scope.used_tokens[-1] if scope.used_tokens else None
            case "altered":
                last = scope.tokens[-1] if scope.tokens else None
                if not isinstance(last, str) or not last:
                    return None
                at = token.position % max(1, len(last) - 4)
                forged = last[:at] + ("A" if last[at] != "A" else "B") + last[at + 1 :]
            case _:
                forged = token.text
        self.knowledge.forged.add(forged)
        return forged

    def _note_token(self, call: Call, scope: _Scope) -> Any:
        """Remember the token that an answer gives; an empty one is no token: nothing can be asked with it."""
        pagination = self.contract.pagination
        sent = call.input.get(pagination.token_in)
        if sent is not None:
            scope.used_tokens.append(sent)
        if not isinstance(call.outcome, Accepted):
            return None
        token = call.outcome.output.get(pagination.token_out)
        if token is None or token == "":
            return None
        scope.tokens.append(token)
        return token

    def _arn(self, arn: Arn, scope: _Scope) -> str | None:
        if arn.literal is not None:
            return arn.literal
        if arn.of is None:
            return self._invent(arn.change)
        known = scope.arns.get(arn.of)
        if known is None:
            return None
        head, id_ = _split(known)
        match arn.change:
            case "exact":
                return known
            case "cut":
                return known[:-1] if len(id_) > 1 else None
            case "extended":
                return known + ("0" if not known.endswith("0") else "1")
            case "case":
                other = head + id_.swapcase()
                return other if other != known else None
            case _:
                return None

    def _invent(self, change: str) -> str:
        if change == "fresh":
            arn = self._prefix + fresh_id()
            self.knowledge.invented.add(arn)
            return arn
        fields = self._prefix.rstrip("/").split(":")
        match change:
            case "other-account":
                fields[4] = "999999999999" if fields[4] != "999999999999" else "888888888888"
            case "other-region":
                fields[3] = "eu-central-1" if fields[3] != "eu-central-1" else "us-west-2"
            case "other-service":
                fields[2] = "s3"
            case _:
                fields[5] = "host"
        arn = ":".join(fields) + "/" + fresh_id()
        self.knowledge.elsewhere.add(arn)
        return arn

    def _may_delete(self, arn: Arn, sent: str) -> bool:
        """Ours as it was given, made up with 128 random bits, ours but for its random part, or forbidden by the pattern."""
        if sent in self._given or sent in self.knowledge.invented or sent in self.knowledge.elsewhere:
            return True
        if arn.literal is None:
            return arn.of is not None
        longest = self.contract.identity_length.maximum
        return self.contract.identity_pattern.fullmatch(sent) is None or (longest is not None and len(sent) > longest)

    def _remember(self, arn: str, name: str | None) -> None:
        self.created += 1
        self._given.add(arn)
        self.left_behind[arn] = name
        head, id_ = _split(arn)
        if head and id_ and self.contract.identity_pattern.fullmatch(arn):
            self._prefix = head

    def _send(self, operation: str, members: Mapping[str, Any], leg: str, calls: list[Call], budget: Budget) -> Call:
        attempts = self.target.call(
            operation, members, leg=leg if self.sdk_leg else "light", give_up_at=_latest(budget)
        )
        if not attempts:
            raise BudgetSpentError
        calls.extend(attempts)
        if len(attempts) > 1:
            budget.count(len(attempts) - 1)
        return attempts[-1]


def _latest(budget: Budget) -> float | None:
    deadlines = []
    part: Budget | None = budget
    while part is not None:
        if part.deadline is not None:
            deadlines.append(part.deadline)
        part = part.within
    return min(deadlines, default=None)


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _split(arn: str) -> tuple[str, str]:
    """An ARN as everything up to the id, and the id."""
    for separator in "/:":
        head, found, id_ = arn.rpartition(separator)
        if found:
            return head + found, id_
    return "", arn
