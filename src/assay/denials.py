"""What the caller may not do at AWS, and when its credentials are over: neither says anything about the contract.

IAM refuses before the service looks. So a history in which it did is judged by no law, programs that need what is
missing are not run any more, and the laws that only they exercise are `unsupported`, with the action to ask for. Where
Delete is what is missing, nothing may be created: nobody could clean it up.

IAM also refuses what is said of another account or Region, or of an ARN that is none: a policy names the connections of
one account. That is a refusal like any other, so a denial counts only where it is about a connection that could be
ours, or about none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.history import FIRST, Refused
from assay.program import Create, Delete, Fill, Get, Handshake, List, Parallel, Program, Send, Walk, steps_within
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assay.contract import Contract
    from assay.history import Call

__all__ = ["Denials"]

_SERVICES: Final = ("codestar-connections", "codeconnections")
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
_OVER: Final = frozenset(
    {
        *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidToken", "InvalidTokenException"),
        *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
    }
)


@dataclass(slots=True)
class Denials:
    """What was denied so far: IAM actions, by whom they were denied to and by operation.

    `accounts` are those of the callers. `over` is the code with which the credentials were refused.
    """

    contract: Contract
    accounts: Mapping[str, str | None]
    region: str
    actions: dict[tuple[str, str], str] = field(default_factory=dict)
    over: str | None = None

    def heard(self, calls: Iterable[Call]) -> bool:
        """Take in what calls were answered; was anything denied that the contract would have allowed?"""
        found = False
        for call in calls:
            if not isinstance(call.outcome, Refused) or call.leg == "raw" or call.signing != VALID:
                continue
            if call.outcome.code in _OVER:
                self.over = call.outcome.code
                found = True
            elif call.outcome.code in _DENIED and self._is_about_us(call):
                whose = "" if call.caller == FIRST else f" (of the {call.caller} account)"
                action = f"{self.contract.service}:{call.operation}{whose}"
                self.actions.setdefault((call.caller, call.operation), action)
                found = True
        return found

    @property
    def of_clean_up(self) -> str | None:
        """The action without which what was created stays: Delete, where it is denied to any of the callers."""
        return next((said for (_, name), said in self.actions.items() if name == self.contract.delete.name), None)

    def missing_for(self, program: Program) -> tuple[str, ...]:
        """The actions that a program needs and that are denied."""
        if not self.actions:
            return ()
        needed = dict.fromkeys(self._needed(program))
        return tuple(self.actions[each] for each in needed if each in self.actions)

    def _needed(self, program: Program) -> Iterator[tuple[str, str]]:
        contract = self.contract
        for step in steps_within(program):
            match step:
                case Create(caller=caller):
                    yield caller, contract.create.name
                    yield caller, contract.delete.name
                case Fill():
                    yield FIRST, contract.create.name
                    yield FIRST, contract.delete.name
                case Get(caller=caller):
                    yield caller, contract.get.name
                case Delete(caller=caller):
                    yield caller, contract.delete.name
                case List(caller=caller) | Walk(caller=caller):
                    yield caller, contract.list.name
                case Send(recipe=recipe):
                    yield from ((FIRST, contract.delete.name),) if recipe.base == "create" else ()
                    yield FIRST, {operation.role: name for name, operation in contract.operations.items()}[recipe.base]
                case Parallel() | Handshake():
                    pass

    def _is_about_us(self, call: Call) -> bool:
        identity = self.contract.resource.identity
        if identity not in call.input:
            return call.operation in self.contract.operations
        arn = call.input[identity]
        fields = arn.split(":", 5) if isinstance(arn, str) else ()
        if len(fields) != 6 or fields[2] not in _SERVICES:  # noqa: PLR2004 - an ARN
            return False
        whose = [self.region, self.accounts.get(call.caller)]
        return fields[3:5] == whose and fields[5].startswith(f"{self.contract.resource.noun}/")
