"""Leave an account as it was: delete what a run made there, and look for what nobody told it of.

After each program what it made is deleted (`tidy`); at the end of a run everything is looked at once more (`clean_up`).
What stays all the same is in the driver's holdings, and is listed.
"""

from __future__ import annotations

from contextlib import suppress
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


def settle(driver: Driver, calls: list[Call], budget: Budget) -> None:
    """Look for connections whose Create was never answered, by their exact names, so that they can be deleted.

    A name that is not shown may be made yet, where its Create still waits its turn: that is for the last look.
    """
    wanted = {name for name in driver.holdings.maybe_created if driver.naming.prefix in name}
    if not wanted:
        return
    driver.holdings.claim(wanted, _seen_in_a_walk(driver, calls, budget))
    if calls and isinstance(calls[-1].outcome, Accepted):
        driver.holdings.looked_for(wanted)


def look_for_leftovers(driver: Driver, calls: list[Call], budget: Budget) -> None:
    """Walk once: delete what is shown still although its Delete was accepted, and what a refused Create left.

    Whoever did not mean the first Delete may mean the second; what is not seen to be gone then is listed.
    """
    held = driver.holdings
    if not (held.created or held.is_unsure):
        return
    first = len(calls)
    shown = _seen_in_a_walk(driver, calls, budget)
    still_there = held.still_there(shown, calls[first]) if first < len(calls) else {}
    if held.claim({name for name in driver.knowledge.names if driver.naming.prefix in name}, shown):
        tidy(driver, calls, budget, thorough=True)
    if still_there:
        held.left_behind.update(still_there)
        _delete_again(driver, still_there, calls, budget)
    if first < len(calls) and isinstance(calls[-1].outcome, Accepted):
        held.give_up_looking()


def _delete_again(driver: Driver, still_there: Mapping[str, str | None], calls: list[Call], budget: Budget) -> None:
    """Delete what lives although it was deleted, and look whether that helped."""
    tidy(driver, calls, budget, thorough=True)
    driver.wait_for_reads()
    before = len(calls)
    seen = {arn for _, arn in _seen_in_a_walk(driver, calls, budget)}
    has_looked = len(calls) > before and isinstance(calls[-1].outcome, Accepted)
    left = {arn: name for arn, name in still_there.items() if arn in seen or not has_looked}
    driver.holdings.left_behind.update(left)


def _seen_in_a_walk(driver: Driver, calls: list[Call], budget: Budget) -> list[tuple[str | None, str]]:
    """Names and ARNs of all that is there; a walk that the budget cuts off has shown something, too."""
    scope = Scope()
    try:
        with suppress(BudgetSpentError):
            driver.walk(Walk(driver.contract.page_sizes.maximum), scope, budget, most_pages=_EVERY_PAGE)
    finally:
        calls.extend(scope.calls)
    return list(driver.hearing.shown(scope.calls))
