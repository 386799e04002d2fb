"""Is a connection that was made through one Region seen through another? An observation, and never a fault.

AWS replicates connections: List shows those of all Regions, and Get of one finds it through any. Since when, and how
soon, is documented nowhere, and the first release may have been another matter. So no law asks. One connection is made
through the Region of the run and looked for through the other, where nothing is written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from assay.budget import BudgetSpentError
from assay.cleaning import tidy
from assay.errors import TargetError
from assay.history import Accepted, Refused
from assay.observations.values import answer_in_words
from assay.program import Create
from assay.symbols import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.budget import Budget
    from assay.contract import Contract
    from assay.driver import Driver
    from assay.history import Call
    from assay.observations import Observations
    from assay.target import Target

    _Ask = Callable[[str, dict[str, Any]], Call]

__all__ = ["look_across"]

_MOST_PAGES: Final = 20


def look_across(driver: Driver, elsewhere: Target, budget: Budget, observations: Observations) -> list[Call]:
    """Make a connection, look for it through `elsewhere`, and delete it; the calls that were made.

    Where the budget or the endpoint ends it, nothing is noted.
    """
    scope = Scope()

    def ask(operation: str, members: dict[str, Any]) -> Call:
        budget.take(driver.owed)
        attempts = elsewhere.call(operation, members)
        budget.count(len(attempts) - 1)
        scope.calls.extend(attempts)
        return attempts[-1]

    try:
        with suppress(BudgetSpentError, TargetError):
            driver.take(Create(0), scope, budget)
            if (arn := scope.arns.get(0)) is not None:
                _look_for(arn, elsewhere.contract, ask, observations)
    finally:
        tidy(driver, scope.calls, budget)
    return scope.calls


def _look_for(arn: str, contract: Contract, ask: _Ask, observations: Observations) -> None:
    got = ask(contract.get.name, {contract.resource.identity: arn})
    outcome = got.outcome
    is_missing = isinstance(outcome, Refused) and outcome.is_not_found
    answer = "seen" if isinstance(outcome, Accepted) else answer_in_words(outcome)
    observations.note("region.get", f"not seen ({answer})" if is_missing else answer)
    members: dict[str, Any] = {}
    if contract.page_sizes.maximum is not None:
        members[contract.pagination.page_size] = contract.page_sizes.maximum
    for _ in range(_MOST_PAGES):
        page = ask(contract.list.name, members).outcome
        if not isinstance(page, Accepted):
            observations.note("region.list", answer_in_words(page))
            return
        items = page.output.get(contract.pagination.items)
        shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        if any(item.get(contract.resource.identity) == arn for item in shown):
            observations.note("region.list", "seen")
            return
        token = page.output.get(contract.pagination.token_out)
        if not token:
            observations.note("region.list", "not seen")
            return
        members[contract.pagination.token_in] = token
