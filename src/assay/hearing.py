"""What a run learns from the answers to its own calls: ARNs for its labels, tokens to ask with, and what it holds now.

The driver's other half: nothing here sends a call. Whatever an endpoint puts into an answer is taken as it comes: what
is not of the type that it should be is passed over, and is for the laws to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Refused, Unknown
from assay.program import Create, Delete, Get, List

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assay.contract import Contract
    from assay.history import Call
    from assay.holdings import Holdings
    from assay.knowledge import Knowledge
    from assay.program import Send, SingleStep
    from assay.symbols import Scope, Symbols

__all__ = ["Hearing"]


class Hearing:
    """Takes in what came of the calls in one account: into its holdings, its symbols, and the scope of a program.

    `room` is how many connections this run had there when it was told that there is no room for more; None before.
    """

    def __init__(
        self, contract: Contract, knowledge: Knowledge, holdings: Holdings, symbols: Symbols, caller: str
    ) -> None:
        self._contract, self._knowledge, self._caller = contract, knowledge, caller
        self._holdings, self._symbols = holdings, symbols
        self.room: int | None = None

    def adopt(self, calls: Iterable[Call]) -> None:
        """Take over what earlier calls of this run made, the probe's for instance."""
        identity = self._contract.resource.identity
        for call in calls:
            if not isinstance(call.outcome, Accepted):
                continue
            self.note_arns(call)
            made, deleted = call.outcome.output.get(identity), call.input.get(identity)
            if call.operation == self._contract.create.name and isinstance(made, str) and made:
                self._note_created(made, None)
            elif call.operation == self._contract.delete.name:
                self._holdings.note_deleted(deleted, call)

    def heard(self, step: SingleStep, attempts: Sequence[Call], scope: Scope) -> None:
        """Take in what came of a step; all its attempts, the last of which is the answer."""
        call = attempts[-1]
        match step:
            case Create():
                self._heard_of_create(step, attempts, scope)
            case Delete():
                deleted = call.input.get(self._contract.resource.identity)
                if isinstance(call.outcome, Accepted):
                    self._holdings.note_deleted(deleted, call)
                elif any(isinstance(attempt.outcome, Unknown) for attempt in attempts):
                    self._holdings.stubborn.add(str(deleted))
            case List():
                self.note_token(call, scope)
                self.note_arns(call, scope)
            case Get():
                if isinstance(call.outcome, Accepted):
                    self._holdings.note_read(call.input.get(self._contract.resource.identity), call)

    def heard_raw(self, step: Send, call: Call, scope: Scope, name: str | None) -> None:
        """Take in what came of a raw request, whatever it was taken for."""
        arn = call.outcome.output.get(self._contract.resource.identity) if isinstance(call.outcome, Accepted) else None
        if isinstance(arn, str) and arn:
            scope.arns[step.label] = arn
            self._note_created(arn, name)
        if call.operation == self._contract.delete.name and isinstance(call.outcome, Accepted):
            self._holdings.note_deleted(call.input.get(self._contract.resource.identity), call)
        if name is not None and not isinstance(call.outcome, Unknown):
            self._holdings.maybe_created.discard(name)

    def note_token(self, call: Call, scope: Scope) -> Any:
        """Remember the token that an answer gives; an empty one is no token: nothing can be asked with it."""
        pagination = self._contract.pagination
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

    def note_arns(self, call: Call, scope: Scope | None = None) -> set[str]:
        """The ARNs on a page, which are noted: those that nobody gave us are strangers'.

        While others create, whose it is can be said only when all of them have been answered.
        """
        shown = list(self.shown((call,)))
        arns = {arn for _, arn in shown}
        if scope is not None and scope.turn is not None:
            scope.pages.append(call)
            return arns
        self._holdings.recognize(shown)
        self._holdings.note_shown(arns, call)
        return arns

    def shown(self, calls: Iterable[Call]) -> Iterator[tuple[str | None, str]]:
        """Names and ARNs on pages, where they are text."""
        resource = self._contract.resource
        for call in calls:
            if call.operation == self._contract.list.name and isinstance(call.outcome, Accepted):
                for item in _items(call.outcome.output.get(self._contract.pagination.items)):
                    name, arn = item.get(resource.name), item.get(resource.identity)
                    if isinstance(arn, str):
                        yield name if isinstance(name, str) else None, arn

    def kinds_on(self, call: Call) -> Iterator[str]:
        """The provider types on a page."""
        if isinstance(call.outcome, Accepted):
            for item in _items(call.outcome.output.get(self._contract.pagination.items)):
                if isinstance(kind := item.get(self._contract.resource.kind), str):
                    yield kind

    def _heard_of_create(self, step: Create, attempts: Sequence[Call], scope: Scope) -> None:
        call = attempts[-1]
        name = call.input.get(self._contract.resource.name)
        name = name if isinstance(name, str) else None
        is_riddle = any(isinstance(attempt.outcome, Unknown) for attempt in attempts)
        match call.outcome:
            case Accepted(output):
                arn = output.get(self._contract.resource.identity)
                if isinstance(arn, str) and arn:
                    scope.arns[step.label] = arn
                    self._note_created(arn, name)
                else:
                    is_riddle = True
            case Refused() as refused:
                if refused.is_about_quota:
                    self.room = len(self._holdings.left_behind)
            case Unknown():
                pass
        self._holdings.ends(call.input.get(self._contract.resource.name), is_riddle=is_riddle)

    def _note_created(self, arn: str, name: str | None) -> None:
        """A Create gave this ARN: it is held, and others are made up in its likeness."""
        self._holdings.note_created(arn, name)
        self._symbols.prefix = self._knowledge.prefixes.get(self._caller, self._symbols.prefix)


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
