"""Take the branches of a parallel step at once: a burst of calls, or workers on threads.

What the driver knows (which connections are ours, what is left of the budget, which names may have become connections)
must be right whatever the branches do to each other. Three rules make it so:

* **One at a time.** A branch holds the turn while it thinks, and lets it go only while its call is under way. So no two
  threads are in the driver, and all of them are at the endpoint.
* **A branch knows what was known when it began**, and what it made itself. What another one makes at the same moment
  has no label here; so which calls a program sends does not depend on who is faster.
* **Whose an ARN is, is asked at the end.** A page may show a connection of ours before its Create is answered; it would
  pass for a stranger's. Pages are kept, and looked at when every branch has ended.

The calls of a step stand in the history in the order in which they were sent.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from assay.budget import BudgetSpentError
from assay.program import Create

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.budget import Budget
    from assay.driver import Driver
    from assay.program import Branch, Parallel, SingleStep
    from assay.symbols import Scope

__all__ = ["letting_go", "take_at_once"]

_Asked: TypeAlias = "tuple[SingleStep, tuple[str, Mapping[str, Any]]]"


def take_at_once(driver: Driver, step: Parallel, scope: Scope, budget: Budget) -> None:
    """Carry out a parallel step.

    Raises:
        BudgetSpentError: the budget ended on the way; the calls that were made stand in the scope.

    """
    if step.is_burst:
        _burst(driver, step, scope, budget)
    else:
        _workers(driver, step, scope, budget)


@contextmanager
def letting_go(turn: threading.Lock | None) -> Iterator[None]:
    """Let others think while a call is under way; nothing to do where there are none."""
    if turn is None:
        yield
        return
    turn.release()
    try:
        yield
    finally:
        turn.acquire()


def _burst(driver: Driver, step: Parallel, scope: Scope, budget: Budget) -> None:
    singles: list[SingleStep] = [branch[0] for branch in step.branches]  # type: ignore[misc] # it is a burst
    acting = driver.accounts.get(singles[0].caller) if singles else None  # a burst is of one account
    if acting is None:
        return
    driver = acting
    asked = [(single, given) for single in singles if (given := driver.asked(single, scope)) is not None]
    asked = _within_room(driver, asked)
    if not asked:
        return
    creates = 0
    for single, _ in asked:
        creates += isinstance(single, Create)
        budget.take(driver.owed + creates)
    for single, (_, members) in asked:
        driver.begins(single, members)
    give_up_at, most = driver.limits(budget)
    # Each of them may be tried again: what is left for that is dealt out evenly.
    answers = driver.target.burst(
        [given for _, given in asked], give_up_at=give_up_at, max_attempts=1 + (most - 1) // len(asked)
    )
    made = sorted((call for attempts in answers for call in attempts), key=lambda call: call.index)
    scope.calls.extend(made)
    if not all(answers):
        for single, (_, members) in asked:
            driver.was_not_sent(single, members)  # the time was over
        raise BudgetSpentError
    budget.count(len(made) - len(asked))
    # Creates first: what they made is no stranger's on a page, and a Delete of it can be noted.
    for (single, _), attempts in sorted(
        zip(asked, answers, strict=True), key=lambda pair: not isinstance(pair[0][0], Create)
    ):
        driver.hearing.heard(single, attempts, scope)


def _within_room(driver: Driver, asked: list[_Asked]) -> list[_Asked]:
    """Without the Creates for which there is no room beside the others."""
    kept: list[_Asked] = []
    creates = 0
    for pair in asked:
        is_create = isinstance(pair[0], Create)
        if is_create and not driver.may_create(creates):
            continue
        creates += is_create
        kept.append(pair)
    return kept


def _workers(driver: Driver, step: Parallel, scope: Scope, budget: Budget) -> None:
    turn = threading.Lock()
    stop = threading.Event()
    failures: list[BaseException] = []
    scopes = [scope.for_branch(number, turn) for number in range(len(step.branches))]

    def work(branch: Branch, own: Scope) -> None:
        with turn:
            try:
                for inner in branch:
                    if stop.is_set():
                        return
                    driver.take(inner, own, budget)
            except BaseException as failure:  # noqa: BLE001 - it is raised again, in the thread that waits
                failures.append(failure)
                stop.set()

    threads = [
        threading.Thread(target=work, args=pair, daemon=True) for pair in zip(step.branches, scopes, strict=True)
    ]
    try:
        _run_to_the_end(threads, stop)
    finally:
        _merge(driver, scopes, scope)
    if failures:
        raise failures[0]


def _run_to_the_end(threads: list[threading.Thread], stop: threading.Event) -> None:
    """Run threads; whoever is interrupted meanwhile stops them first, which takes no longer than a call."""
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        stop.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        raise


def _merge(driver: Driver, scopes: list[Scope], scope: Scope) -> None:
    """What the branches did becomes part of what was done."""
    scope.calls.extend(sorted((call for own in scopes for call in own.calls), key=lambda call: call.index))
    tokens, used = len(scope.tokens), len(scope.used_tokens)
    for own in scopes:
        scope.arns.update(own.arns)
        scope.tokens.extend(own.tokens[tokens:])
        scope.used_tokens.extend(own.used_tokens[used:])
        for page in own.pages:
            driver.hearing.note_arns(page)
