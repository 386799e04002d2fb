"""Leave an account as it was: delete what a run made there, and look for what nobody told it of.

After each program what it made is deleted (`tidy`); at the end of a run everything is looked at once more (`clean_up`).
What stays all the same is in the driver's holdings, and is listed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from assay.budget import MOST_ATTEMPTS, BudgetSpentError
from assay.errors import AssayError
from assay.history import Accepted, Refused, Unknown
from assay.program import Walk
from assay.symbols import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.budget import Budget
    from assay.driver import Driver
    from assay.history import Call

__all__ = ["clean_up", "look_for_leftovers", "settle", "tidy"]

_EVERY_PAGE: Final = 100_000  # where everything has to be seen, the patience alone ends a walk
_TRIES: Final = 3  # deletes that fail in one clean-up; whatever stays is tried again at the next one


def clean_up(driver: Driver, calls: list[Call], budget: Budget, *, is_lost: bool) -> None:
    """Do all that can be done at the end of a run; `is_lost` where the endpoint was given up before.

    What could not be deleted is listed; that the endpoint or the calls are gone was told before.
    """
    for look in (settle, partial(tidy, thorough=not is_lost), look_for_leftovers):
        with suppress(AssayError, BudgetSpentError):
            look(driver, calls, budget)
        if is_lost and calls and isinstance(calls[-1].outcome, Unknown):
            return  # it has not come back


def tidy(driver: Driver, calls: list[Call], budget: Budget, *, thorough: bool = False) -> None:
    """Delete what this run made and still lives, also when its time is over, but with no more calls than are left.

    What would not go before is tried last. Some failures end it, so that an endpoint that deletes nothing is not asked
    a hundred times after every program; the end of the run is `thorough` and lists what stays.
    """
    contract, held = driver.contract, driver.holdings
    _confirm(driver, calls, budget)
    failures = lost = 0
    for arn in sorted(held.left_behind, key=held.stubborn.__contains__):
        left = budget.calls_left
        if left is not None and left < 1:
            return
        most = MOST_ATTEMPTS if left is None else max(1, left - len(held.left_behind) + 1)
        attempts = driver.target.call(contract.delete.name, {contract.resource.identity: arn}, max_attempts=most)
        calls.extend(attempts)
        budget.count(len(attempts))
        match attempts[-1].outcome:
            case Accepted():
                held.note_deleted(arn, attempts[-1])
            case Refused() as refused if refused.is_not_found:
                if any(isinstance(attempt.outcome, Unknown) for attempt in attempts):
                    held.stubborn.add(arn)
                held.note_not_found(arn)
            case outcome:
                held.stubborn.add(arn)
                failures += 1
                lost += isinstance(outcome, Unknown) and outcome.reason in {"timeout", "connection"}
                if lost >= (_TRIES if thorough else 1) or (failures >= _TRIES and not thorough):
                    return


def _confirm(driver: Driver, calls: list[Call], budget: Budget) -> None:
    """Ask, of what a page showed under the name of a Create without an answer, whether it has that name.

    A list that mixes names up must not have strangers' connections deleted.
    """
    resource = driver.contract.resource
    for arn, name in list(driver.holdings.recognized.items()):
        left = budget.calls_left
        if left is not None and left - budget.calls_kept < 1 + len(driver.holdings.left_behind):
            return  # the last look takes in what is left
        attempts = driver.target.call(driver.contract.get.name, {resource.identity: arn}, max_attempts=1)
        calls.extend(attempts)
        budget.count(len(attempts))
        told, holder = attempts[-1].outcome, driver.contract.get.holder
        output = told.output if isinstance(told, Accepted) else {}
        shown = output.get(holder) if holder else output
        driver.holdings.confirm(arn, is_so=isinstance(shown, dict) and shown.get(resource.name) == name)


def settle(driver: Driver, calls: list[Call], budget: Budget) -> None:
    """Look for connections whose Create was never answered, by their exact names, so that they can be deleted.

    A name that is not shown may be made yet, where its Create still waits its turn: that is for the last look.
    """
    wanted = {name for name in driver.holdings.maybe_created if driver.naming.prefix in name}
    if not wanted:
        return
    look = _look(driver, calls, budget)
    driver.holdings.claim(wanted, look.shown)
    if look.is_whole:
        driver.holdings.looked_for(wanted)


def look_for_leftovers(driver: Driver, calls: list[Call], budget: Budget) -> None:
    """Walk once: delete what is shown still although its Delete was accepted, and what a refused Create left.

    Whoever did not mean the first Delete may mean the second; what is not seen to be gone then is listed.
    """
    held = driver.holdings
    if not (held.created or held.is_unsure or held.recognized):
        return
    known = set(held.left_behind)
    look = _look(driver, calls, budget)
    still_there = {} if look.first is None else held.still_there(look.shown, look.first)
    held.claim({name for name in driver.knowledge.names if driver.naming.prefix in name}, look.shown)
    if held.left_behind.keys() - known:
        tidy(driver, calls, budget, thorough=True)
    if still_there:
        held.left_behind.update(still_there)
        look = _delete_again(driver, still_there, calls, budget)
    if look.is_whole:
        held.give_up_looking()


def _delete_again(driver: Driver, still_there: Mapping[str, str | None], calls: list[Call], budget: Budget) -> _Look:
    """Delete what lives although it was deleted, and look whether that helped."""
    held = driver.holdings
    tidy(driver, calls, budget, thorough=True)
    driver.wait_for_reads()
    look = _look(driver, calls, budget)
    seen = {arn for _, arn in look.shown}
    left = {arn: name for arn, name in still_there.items() if arn in seen or not look.is_whole}
    if look.first is not None:
        left.update(held.still_there(look.shown, look.first))  # a Delete may have brought back what was gone by then
    held.left_behind.update(left)
    return look


@dataclass(frozen=True, slots=True)
class _Look:
    """Names and ARNs of all that a walk has shown, its first call, and whether it came to its end."""

    shown: list[tuple[str | None, str]]
    first: Call | None
    is_whole: bool


def _look(driver: Driver, calls: list[Call], budget: Budget) -> _Look:
    """Walk through all that is there; where the budget cuts that off, it has shown something, too."""
    scope, is_whole = Scope(), False
    try:
        with suppress(BudgetSpentError):
            driver.walk(Walk(driver.contract.page_sizes.maximum), scope, budget, most_pages=_EVERY_PAGE)
            is_whole = bool(scope.calls) and isinstance(scope.calls[-1].outcome, Accepted)
    finally:
        calls.extend(scope.calls)
    return _Look(list(driver.hearing.shown(scope.calls)), next(iter(scope.calls), None), is_whole)
