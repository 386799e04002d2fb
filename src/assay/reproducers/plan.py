"""A smallest history as a plan: its calls, with names to be made fresh and what earlier answers gave put in by name.

What cannot be told in straight lines has no plan: calls of two accounts, calls that overlapped, requests whose bytes
were not the plain form of their input, and histories that are longer than anybody would paste.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from assay.history import FIRST, Accepted, Call
from assay.reproducers.claim import Claim, claim_of
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.book import Finding
    from assay.contract import Contract

__all__ = ["Plan", "Ref", "Step", "Text", "plan_of"]

_LONGEST: Final = 80  # calls
_STEM: Final = re.compile("as[0-9a-z]{10}")
_PLAIN_TYPES: Final = (str, int)


@dataclass(frozen=True, slots=True)
class Ref:
    """What an earlier answer gave, or a fresh name: `arn`, `token` or `name`, and which; `change` is that of an ARN."""

    kind: str
    number: int
    change: str = "exact"

    @property
    def variable(self) -> str:
        """What it is called in a script."""
        return f"{self.kind}{self.number}"


Text: TypeAlias = tuple["str | Ref", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: its number from 1, and its input, texts taken apart. `gives` is what is kept of its answer.

    `breaks` marks the call at which the law is broken.
    """

    number: int
    operation: str
    members: Mapping[str, Any]
    gives: Ref | None = None
    breaks: bool = False

    @property
    def waits_for(self) -> Ref | None:
        """The token without which there is no such page."""
        texts = (part for value in self.members.values() if isinstance(value, tuple) for part in value)
        return next((part for part in texts if isinstance(part, Ref) and part.kind == "token"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a script is made of."""

    law: str
    sentence: str
    expected: str
    actual: str
    service: str
    target: str
    json_version: str
    create: str
    delete: str
    list: str
    identity: str
    token_in: str
    token_out: str
    steps: tuple[Step, ...]
    names: tuple[int, ...]
    claim: Claim | None
    sought: Ref | None
    fits_the_sdk: bool
    fits_the_cli: bool


def plan_of(finding: Finding, contract: Contract) -> Plan | None:
    """The plan of a finding; None where there is none."""
    calls = [call for call in finding.calls if not call.is_retried]
    claim = claim_of(finding)
    if not calls or len(calls) > _LONGEST or not _are_plain(calls):
        return None
    symbols = _Symbols(contract)
    steps = []
    for number, call in enumerate(calls, start=1):
        members = {key: symbols.symbolised(value) for key, value in call.input.items()}
        gives = symbols.given(number, call)
        steps.append(
            Step(
                number=number,
                operation=call.operation,
                members=members,
                gives=gives,
                breaks=call.index == finding.breach.call.index,
            )
        )
    if not any(step.breaks for step in steps):
        return None
    known = all(
        call.operation in contract.operations
        and call.input.keys() <= contract.operation(call.operation).members.keys()
        and all(type(value) in _PLAIN_TYPES for value in call.input.values())
        for call in calls
    )
    sought = symbols.arn_in(claim.arn) if claim is not None and claim.arn is not None else None
    law = contract.laws[finding.law]
    clause = law.clauses.get(finding.clause) if finding.clause is not None else None
    return Plan(
        law=finding.law,
        sentence=(clause or law).sentence,
        expected=finding.breach.expected,
        actual=finding.breach.actual,
        service=contract.service,
        target=contract.targets["long"],
        json_version=contract.json_version,
        create=contract.create.name,
        delete=contract.delete.name,
        list=contract.list.name,
        identity=contract.resource.identity,
        token_in=contract.pagination.token_in,
        token_out=contract.pagination.token_out,
        steps=tuple(steps),
        names=tuple(symbols.stems.values()),
        claim=claim if claim is None or claim.arn is None or sought is not None else None,
        sought=sought,
        fits_the_sdk=known,
        fits_the_cli=known and all(_passes_the_cli(call, contract) for call in calls),
    )


def _are_plain(calls: list[Call]) -> bool:
    """Did one follow the other, well signed and of one account, and was each input sent as the object that it is?"""
    if any(call.caller != FIRST for call in calls):
        return False
    for before, after in zip([None, *calls], calls, strict=False):
        if (before is not None and after.start < before.end) or after.signing != VALID:
            return False
        try:
            if json.loads(after.request.body or b"{}") != dict(after.input):
                return False
        except (ValueError, RecursionError):
            return False
    return True


def _passes_the_cli(call: Call, contract: Contract) -> bool:
    """Would the AWS CLI send it? It looks for required members and for the least length or number itself."""
    operation = contract.operation(call.operation)
    return all(member in call.input for member in operation.required) and all(
        value != "" and not (isinstance(value, int) and value < 1) for value in call.input.values()
    )


class _Symbols:
    """What a history was given so far, and the names that it made."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._arns: dict[str, Ref] = {}
        self._tokens: dict[str, Ref] = {}
        self.stems: dict[str, int] = {}

    def given(self, number: int, call: Call) -> Ref | None:
        """What the answer to a call gives, kept under a name; None for nothing."""
        contract = self._contract
        output = call.outcome.output if isinstance(call.outcome, Accepted) else {}
        if call.operation == contract.create.name:
            ref = Ref("arn", number)
            if isinstance(arn := output.get(contract.resource.identity), str) and arn:
                self._arns.setdefault(arn, ref)
            return ref
        if call.operation == contract.list.name:
            ref = Ref("token", number)
            if isinstance(token := output.get(contract.pagination.token_out), str) and token:
                self._tokens[token] = ref
            return ref
        return None

    def arn_in(self, arn: str) -> Ref | None:
        """The variable that holds an ARN."""
        return self._arns.get(arn)

    def symbolised(self, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of text
        """A text as parts, what earlier answers gave among them; anything else as it is."""
        if not isinstance(value, str):
            return value
        if value in self._tokens:
            return (self._tokens[value],)
        for arn, ref in self._arns.items():
            head, _, id_ = arn.rpartition("/")
            if value == arn:
                return (ref,)
            if value == arn[:-1]:
                return (Ref("arn", ref.number, "cut"),)
            if value.startswith(arn):
                return (ref, value[len(arn) :])
            if value == id_:
                return (Ref("arn", ref.number, "bare"),)
            if value == f"{head}/{id_.swapcase()}":
                return (Ref("arn", ref.number, "case"),)
        parts: list[str | Ref] = []
        end = 0
        for found in _STEM.finditer(value):
            parts += [value[end : found.start()]] if found.start() > end else []
            parts.append(Ref("name", self.stems.setdefault(found[0], len(self.stems) + 1)))
            end = found.end()
        return tuple([*parts, value[end:]] if end < len(value) or not parts else parts)
