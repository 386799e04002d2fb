"""Histories of calls that race, drawn from a service that does one thing after the other: each has an order.

`raced` plays branches against a little account of its own: every call takes effect at one moment of its time, and is
answered by what the account is then. `altered` changes one answer, so that perhaps no order is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from assay.history import Accepted, Call, History, Outcome, Refused, Request, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Chance", "altered", "raced"]

_GONE = Refused("ResourceNotFoundException", 400)
_TAKEN = Refused("ValidationException", 400)


class Chance(Protocol):
    """Where choices come from: `random.Random`, or Hypothesis."""

    def randrange(self, stop: int, /) -> int: ...
    def choice(self, options: Sequence[Any], /) -> Any: ...


def raced(chance: Chance, *, calls: int, branches: int, names: int = 2, unknown: int = 12) -> History:
    """A history of so many calls in so many branches; one answer of `unknown` is lost (0: none)."""
    free_at = [0] * branches
    plans: list[tuple[int, int, int]] = []
    for number in range(calls):
        branch = number % branches
        start = free_at[branch] + 1 + chance.randrange(4)
        end = start + 1 + chance.randrange(12)
        free_at[branch] = end
        plans.append((start, end, start + chance.randrange(end - start + 1)))
    plans.sort()
    moments = sorted(range(calls), key=lambda number: plans[number][2])
    account = _Account(chance, names)
    asked: dict[int, tuple[str, dict[str, Any], Outcome]] = {}
    for number in moments:
        operation, given, outcome = account.answer(plans[number][0])
        if unknown and not chance.randrange(unknown):
            outcome = Unknown("timeout")
        asked[number] = operation, given, outcome
        account.hear(operation, outcome, plans[number][1])
    request = Request("http://race.invalid/", (), b"")
    return History(
        tuple(
            Call(number, asked[number][0], asked[number][1], float(start), float(end), asked[number][2], request)
            for number, (start, end, _) in enumerate(plans)
        )
    )


def altered(chance: Chance, history: History) -> History:
    """The same with one answer turned into its opposite, where there is one that can be."""
    calls = list(history)
    can = [number for number, call in enumerate(calls) if call.operation in {"GetConnection", "DeleteConnection"}]
    if not can:
        return history
    number = chance.choice(can)
    call = calls[number]
    if isinstance(call.outcome, Refused):
        arn = call.input["ConnectionArn"]
        output = {"Connection": {"ConnectionArn": arn}} if call.operation == "GetConnection" else {}
        calls[number] = replace(call, outcome=Accepted(output))
    else:
        calls[number] = replace(call, outcome=_GONE)
    return History(tuple(calls))


class _Account:
    """A few names, the connections that live, and the ARNs that a caller may know at a moment."""

    def __init__(self, chance: Chance, names: int) -> None:
        self._chance = chance
        self._names = [f"story-{number}" for number in range(names)]
        self._alive: dict[str, str] = {}
        self._known: list[tuple[int, str]] = []
        self._made = 0

    def answer(self, since: int) -> tuple[str, dict[str, Any], Outcome]:
        """Choose a call that somebody could send at that moment, and do it."""
        known = [arn for when, arn in self._known if when <= since]
        kind = self._chance.randrange(10) if known else 0
        if kind <= 2:
            name = self._chance.choice(self._names)
            given = {"ConnectionName": name, "ProviderType": "Bitbucket"}
            if name in self._alive.values():
                return "CreateConnection", given, _TAKEN
            self._made += 1
            arn = f"arn:aws:codestar-connections:us-east-1:123456789012:connection/{self._made:012}"
            self._alive[arn] = name
            return "CreateConnection", given, Accepted({"ConnectionArn": arn})
        if kind == 3:
            page = [{"ConnectionArn": arn} for arn in self._alive]
            return "ListConnections", {}, Accepted({"Connections": page})
        arn = self._chance.choice(known)
        given = {"ConnectionArn": arn}
        if kind <= 6:
            outcome: Outcome = _GONE if self._alive.pop(arn, None) is None else Accepted({})
            return "DeleteConnection", given, outcome
        found = Accepted({"Connection": {"ConnectionArn": arn}})
        return "GetConnection", given, found if arn in self._alive else _GONE

    def hear(self, operation: str, outcome: Outcome, end: int) -> None:
        """Remember what an answer told."""
        if operation == "CreateConnection" and isinstance(outcome, Accepted):
            self._known.append((end, outcome.output["ConnectionArn"]))
