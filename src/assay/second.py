"""The second account of a run: is it one, and may the run act from it?

What second credentials are worth, only the endpoint can say: it may not know them, and an emulator may keep one account
for all. So, where a Delete of nothing is let in, one connection is made with them and deleted again, and the account
that its ARN names is held against the first account's. Where the two are different, the drivers are joined and programs
act from both. Where they are not, nothing is wrong with the endpoint: the laws of isolation do not ask of it what it
does not set out to do, and the reason is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.budget import BudgetSpentError
from assay.history import Refused
from assay.laws.registry import said
from assay.program import Arn, Create, Delete, Program
from assay.target.probe import is_about_auth

if TYPE_CHECKING:
    from assay.budget import Budget
    from assay.driver import Driver
    from assay.history import Call

__all__ = ["NO_KEYS", "SAME", "meet"]

NO_KEYS: Final = (
    "there are no second credentials: "
    "give --second-profile, or ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY"
)
"""Why nothing is known of a second account where nobody named one."""

SAME: Final = "both access keys are of account {}: the endpoint does not tell accounts apart by them"
"""Why a run does not act from two accounts that are one."""


def meet(first: Driver, second: Driver, budget: Budget, calls: list[Call]) -> str | None:
    """Join two drivers if they act in two accounts; None where they do, else the reason why they were not joined.

    `calls` is filled with what was sent; what was made is deleted, or is in the drivers' care.
    """
    try:
        made: list[Call] = []
        try:
            second.run(Program((Delete(Arn(change="fresh"), caller=second.caller),)), budget, made)
        finally:
            calls.extend(made)
        if isinstance(made[0].outcome, Refused) and is_about_auth(made[0].outcome):  # so nobody could clean up there
            return f"{made[0].operation} with the second credentials is {said(made[0])}"
        for driver, whose in ((first, "first"), (second, "second")):
            if driver.holdings.account is not None:
                continue
            made = []
            try:
                driver.run(Program((Create(caller=driver.caller),)), budget, made)
            finally:
                calls.extend(made)
            if not driver.holdings.created:
                return f"{made[0].operation} with the {whose} credentials is {said(made[0])}"
            if driver.holdings.account is None:
                return "the endpoint's ARNs name no account"
    except BudgetSpentError:
        return "the budget was spent before anything was asked of a second account"
    if first.holdings.account == second.holdings.account:
        return SAME.format(first.holdings.account)
    first.join(second)
    return None
