"""Send a raw request: fill a recipe's ordinary input with what is fresh in this execution, and look after what comes.

The promise of the driver holds here, too: **Delete is sent no ARN that could be a stranger's.** A raw request may be
taken for more than it says, so a Delete is sent raw only with an ARN that this run was given or made up itself, and
with a recipe in which nothing else could be read as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.budget import BudgetSpentError
from assay.history import Unknown

if TYPE_CHECKING:
    from assay.budget import Budget
    from assay.driver import Driver
    from assay.program import Send
    from assay.recipe import Recipe
    from assay.symbols import Scope

__all__ = ["send_raw"]


def send_raw(driver: Driver, step: Send, scope: Scope, budget: Budget) -> None:
    """Carry out a raw step; it is passed over where its connection was never made, or where it must not be sent.

    Raises:
        BudgetSpentError: it was too late to send it.

    """
    resource, base = driver.contract.resource, step.recipe.base
    members: dict[str, Any] = {}
    name: str | None = None
    if base == "create":
        if not driver.may_create():
            return
        name = driver.symbols.name(step.name, scope)
        members = {resource.name: name, resource.kind: driver.contract.kinds[0]}
    elif base != "list":
        arn = driver.symbols.arn(step.arn, scope)
        if arn is None:
            return
        members = {resource.identity: arn}
        if base == "delete" and not (driver.holdings.knows_as_ours(arn) and _names_nothing_else(step.recipe)):
            return
    if base != "delete" and _may_be_a_delete(step.recipe, driver.contract.delete.name):
        return
    budget.take(driver.owed + (base == "create"))
    driver.begins_raw(name)
    give_up_at, most = driver.limits(budget)
    attempts = driver.target.send(step.recipe, members, give_up_at=give_up_at, max_attempts=most)
    if not attempts:
        raise BudgetSpentError
    scope.calls.extend(attempts)
    budget.count(len(attempts) - 1)
    for call in attempts:
        if isinstance(call.outcome, Unknown) and call.outcome.reason == "timeout":
            budget.forgive(call.end - call.start)  # else a test would end before it is known whether silence repeats
    driver.wrote(scope, budget)
    driver.hearing.heard_raw(step, attempts[-1], scope, name)


def _names_nothing_else(recipe: Recipe) -> bool:
    """Does a recipe say nothing of its own about what is to be deleted?"""
    return not recipe.members and not recipe.without and recipe.body in {None, "<object>"} and recipe.literal is None


def _may_be_a_delete(recipe: Recipe, delete: str) -> bool:
    """Does a recipe for another operation speak of a Delete?"""
    texts = [recipe.target or "", recipe.literal or "", recipe.path]
    texts += [value for _, value in (*recipe.headers, *recipe.more_headers)]
    return any(delete.lower() in text.lower() for text in texts)
