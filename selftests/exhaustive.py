"""A second opinion on linearizability: try the orders of whole calls, one after the other, with no memory and no parts.

It shares nothing with the suite's own search but the history: it reads the calls itself, keeps its own state, and takes
a page for the shows of its connections in any order. It answers True, False, or None where there are too many orders.
Histories are those of the notation: short ARNs, no strangers, no staleness.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.history import Accepted, Call, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["has_an_order", "has_an_order_among_all"]


@dataclass(frozen=True)
class _Deed:
    """A call, or what it shows of one connection."""

    verb: str
    about: Any
    arn: Any
    start: float
    end: float
    is_optional: bool = False


class _TooManyError(Exception):
    pass


def has_an_order(
    calls: Iterable[Call], *, unique: bool = True, reasons: bool = True, most: int = 20_000
) -> bool | None:
    """Is there an order? Found by going back and forth; `most` is how many deeds may be tried.

    What is left says what was done, and so what lives: no two ways to leave the same are tried.
    """
    deeds = _deeds(list(calls))
    tried = 0
    in_vain: set[tuple[int, ...]] = set()

    def go_on(left: list[_Deed], alive: dict[Any, Any]) -> bool:
        nonlocal tried
        key = tuple(map(id, left))
        if key in in_vain:
            return False
        if all(deed.is_optional for deed in left):
            return True
        for number, deed in enumerate(left):
            if any(other.end < deed.start for other in left if not other.is_optional):
                continue
            tried += 1
            if tried > most:
                raise _TooManyError
            after = _after(alive, deed, unique=unique, reasons=reasons)
            if after is not None and go_on(left[:number] + left[number + 1 :], after):
                return True
        in_vain.add(key)
        return False

    try:
        return go_on(deeds, {})
    except _TooManyError:
        return None


def has_an_order_among_all(calls: Iterable[Call], *, unique: bool = True, reasons: bool = True) -> bool:
    """The same by trying every permutation of every choice of the optional deeds: for the smallest histories."""
    deeds = _deeds(list(calls))
    sure = [deed for deed in deeds if not deed.is_optional]
    perhaps = [deed for deed in deeds if deed.is_optional]
    for size in range(len(perhaps) + 1):
        for some in itertools.combinations(perhaps, size):
            for order in itertools.permutations([*sure, *some]):
                if _is_in_time(order) and _is_explained(order, unique=unique, reasons=reasons):
                    return True
    return False


def _is_in_time(order: tuple[_Deed, ...]) -> bool:
    return not any(late.end < early.start for early, late in itertools.combinations(order, 2))


def _is_explained(order: tuple[_Deed, ...], *, unique: bool, reasons: bool) -> bool:
    alive: dict[Any, Any] | None = {}
    for deed in order:
        alive = _after(alive, deed, unique=unique, reasons=reasons)
        if alive is None:
            return False
    return True


def _after(alive: dict[Any, Any], deed: _Deed, *, unique: bool, reasons: bool) -> dict[Any, Any] | None:
    """The names of what lives, by ARN, after a deed."""
    is_held = deed.about in alive.values()
    lives = deed.arn in alive
    legal = {
        "make": not (unique and is_held),
        "refuse": is_held or not reasons,
        "remove": lives,
        "show": lives,
        "lack": not lives,
    }[deed.verb]
    if not legal:
        return None
    if deed.verb == "make":
        return {**alive, deed.arn: deed.about}
    if deed.verb == "remove":
        return {arn: name for arn, name in alive.items() if arn != deed.arn}
    return alive


def _deeds(calls: list[Call]) -> list[_Deed]:  # noqa: C901 - one line for each answer of each operation
    deeds: list[_Deed] = []
    tokens: dict[str, float] = {}
    ours = {call.outcome.output.get("ConnectionArn") for call in calls if isinstance(call.outcome, Accepted)}
    for call in calls:
        name, arn, outcome = call.input.get("ConnectionName"), call.input.get("ConnectionArn"), call.outcome
        verb = call.operation.removesuffix("s").removesuffix("Connection")
        if isinstance(outcome, Refused) and (outcome.throttled or outcome.is_about_quota):
            continue
        if isinstance(outcome, Refused) and not outcome.is_not_found and verb != "Create":
            continue
        forever = float("inf")
        match verb, outcome:
            case "Create", Accepted(output):
                arn = output["ConnectionArn"]
                about = name if ":us-east-1:" in arn else (name, arn.split(":")[3])  # a name is one in its Region
                deeds.append(_Deed("make", about, arn, call.start, call.end))
            case "Create", Refused():
                deeds.append(_Deed("refuse", name, None, call.start, call.end))
            case "Create", Unknown():
                deeds.append(_Deed("make", name, ("unknown", call.index), call.start, forever, is_optional=True))
            case "Delete", Accepted():
                deeds.append(_Deed("remove", None, arn, call.start, call.end))
            case "Delete", Unknown():
                deeds.append(_Deed("remove", None, arn, call.start, forever, is_optional=True))
            case ("Get" | "Delete"), Refused():
                deeds.append(_Deed("lack", None, arn, call.start, call.end))
            case "Get", Accepted():
                deeds.append(_Deed("show", None, arn, call.start, call.end))
            case "List", Accepted(output):
                token = call.input.get("NextToken")
                start = tokens.get(token, -forever) if token else call.start
                if output.get("NextToken"):
                    tokens[output["NextToken"]] = start
                shown = [arn for item in output["Connections"] if (arn := item["ConnectionArn"]) in ours]
                deeds.extend(_Deed("show", None, each, start, call.end) for each in shown)
    return deeds
