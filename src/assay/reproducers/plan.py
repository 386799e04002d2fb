"""A smallest history as a plan: its calls, with names to be made fresh and what earlier answers gave put in by name.

What cannot be told in straight lines has no plan: calls that overlapped, requests whose bytes were not the plain form
of their input, and histories that are longer than anybody would paste. A handshake is a step like any other; how a
script has it done is the script's to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from assay.history import FIRST, SECOND, Accepted
from assay.reproducers.claim import Claim, claim_of
from assay.reproducers.looks import Look, look_of
from assay.reproducers.symbols import Ref, Symbols, Text
from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.book import Finding
    from assay.contract import Contract
    from assay.history import Call

__all__ = ["LONGEST", "Plan", "Step", "plan_of"]

LONGEST: Final = 80
"""Calls: nobody would paste more."""
_PLAIN_TYPES: Final = (str, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: its number from 1, and its input, texts taken apart. `gives` is what is kept of its answer.

    `breaks` marks the call at which the law is broken; `caller` is whose credentials sign it. A step that `is_beside`
    the API is the handshake of a connection.
    """

    number: int
    operation: str
    members: Mapping[str, Any]
    gives: Ref | None = None
    breaks: bool = False
    caller: str = FIRST
    is_beside: bool = False

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
    look: Look | None
    looked_at: Ref | None
    wanted: Text
    fits_the_sdk: bool
    fits_the_cli: bool

    @property
    def needs_two_accounts(self) -> bool:
        """Does it act from a second account?"""
        return any(step.caller == SECOND for step in self.steps)

    @property
    def needs_handshakes(self) -> bool:
        """Does somebody complete a handshake in the middle of it?"""
        return any(step.is_beside for step in self.steps)


def plan_of(finding: Finding, contract: Contract) -> Plan | None:
    """The plan of a finding; None where there is none."""
    calls = [call for call in finding.calls if not call.is_retried]
    claim = claim_of(finding)
    if not calls or len(calls) > LONGEST or not _are_plain(calls):
        return None
    symbols = Symbols(contract)
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
                caller=call.caller,
                is_beside=call.is_beside_the_api,
            )
        )
    if not any(step.breaks for step in steps):
        return None
    known = all(
        call.is_beside_the_api
        or (
            call.operation in contract.operations
            and call.input.keys() <= contract.operation(call.operation).members.keys()
            and all(type(value) in _PLAIN_TYPES for value in call.input.values())
        )
        for call in calls
    )
    sought = symbols.arn_in(claim.arn) if claim is not None and claim.arn is not None else None
    look = look_of(finding)
    looked_at = symbols.arn_in(look.arn) if look is not None and look.arn is not None else None
    law = contract.laws[finding.law]
    clause = law.clauses.get(finding.clause) if finding.clause is not None else None
    return Plan(
        law=finding.law,
        sentence=(clause or law).sentence,
        expected=symbols.told(finding.breach.expected),
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
        look=look if look is None or look.arn is None or looked_at is not None else None,
        looked_at=looked_at,
        wanted=symbols.in_text(look.value) if look is not None and isinstance(look.value, str) else (),
        fits_the_sdk=known,
        fits_the_cli=known and all(_passes_the_cli(call, contract) for call in calls),
    )


def _are_plain(calls: list[Call]) -> bool:
    """Did one follow the other, well signed, and was each input sent as the object that it is?"""
    for before, after in zip([None, *calls], calls, strict=False):
        if before is not None and after.start < before.end:
            return False
        if after.is_beside_the_api:
            if not isinstance(after.outcome, Accepted):  # what was not done, or perhaps, cannot be done again
                return False
            continue
        if after.signing != VALID or after.request.head is not None:
            return False
        try:
            if json.loads(after.request.body or b"{}") != dict(after.input):
                return False
        except (ValueError, RecursionError):
            return False
    return True


def _passes_the_cli(call: Call, contract: Contract) -> bool:
    """Would the AWS CLI send it? It looks for required members and for the least length or number itself."""
    if call.is_beside_the_api:
        return True
    operation = contract.operation(call.operation)
    return all(member in call.input for member in operation.required) and all(
        value != "" and not (isinstance(value, int) and value < 1) for value in call.input.values()
    )
