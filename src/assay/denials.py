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

from assay.history import Refused
from assay.program import Create, Delete, Fill, Get, Handshake, List, Parallel, Program, Send, Walk, steps_within
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    """What was denied so far: IAM actions by operation. `over` is the code with which the credentials were refused."""

    contract: Contract
    account: str
    region: str
    actions: dict[str, str] = field(default_factory=dict)
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
                self.actions.setdefault(call.operation, f"{self.contract.service}:{call.operation}")
                found = True
        return found

    @property
    def forbids_clean_up(self) -> bool:
        """Is Delete denied?"""
        return self.contract.delete.name in self.actions

    def missing_for(self, program: Program) -> tuple[str, ...]:
        """The actions that a program needs and that are denied."""
        if not self.actions:
            return ()
        needed = dict.fromkeys(self._needed(program))
        return tuple(self.actions[name] for name in needed if name in self.actions)

    def _needed(self, program: Program) -> Iterator[str]:
        contract = self.contract
        for step in steps_within(program):
            match step:
                case Create() | Fill():
                    yield contract.create.name
                    yield contract.delete.name
                case Get():
                    yield contract.get.name
                case Delete():
                    yield contract.delete.name
                case List() | Walk():
                    yield contract.list.name
                case Send(recipe=recipe):
                    yield from (contract.delete.name,) if recipe.base == "create" else ()
                    yield {operation.role: name for name, operation in contract.operations.items()}[recipe.base]
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
        return fields[3:5] == [self.region, self.account] and fields[5].startswith(f"{self.contract.resource.noun}/")
