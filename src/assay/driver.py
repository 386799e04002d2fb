"""Carry out a program against a target: symbols become names and ARNs, steps become calls, calls become a history.

The driver knows no law. It decides only what a careful person at the keyboard would: use fresh names, pass over a step
whose connection was never made, follow NextToken to the end but not for ever, make room when the account is full, and
delete what it made. What that is, and whose, is in its holdings; what answers tell is taken in by its hearing.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from assay.budget import MOST_ATTEMPTS, Budget, BudgetSpentError
from assay.cleaning import tidy
from assay.errors import HarnessError, TargetError
from assay.hearing import Hearing
from assay.history import FIRST, Accepted, Call, History, Refused, Unknown
from assay.holdings import Holdings
from assay.parallel import letting_go, take_at_once
from assay.program import (
    Create,
    Delete,
    Fill,
    Get,
    Handshake,
    List,
    Name,
    Parallel,
    Program,
    Send,
    SingleStep,
    Step,
    Walk,
)
from assay.sending import send_raw
from assay.signings import VALID
from assay.symbols import Scope, Symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.caller import Caller
    from assay.contract import Contract
    from assay.handshakes import Shaker
    from assay.knowledge import Knowledge
    from assay.naming import Naming

__all__ = ["Driver"]

_LONGEST_WALK: Final = (
    250  # pages beyond those that the largest page size takes; a walk that is cut off is judged by no law
)
_CROWD: Final = 1_000  # connections on a walk, from which on walks without a page size ask for the largest
_NOBODY: Final = "000000000000"  # the account of ARNs that are made up before this run was given one


class Driver:
    """Runs programs against one target and keeps the account tidy.

    `holdings` are what this run has in the account; a Create is passed over where it could make more than `most_alive`
    of all these, in all accounts. With `settles`, which sleeps, a program waits behind its writes for as long as reads
    may lag, so that what comes next can be judged.

    `begun` says of the last program how many calls had been made when each of its steps began; where `is_over`, no
    step is begun any more.

    A driver is one account's. Where it is joined by that of another, `accounts` has both by their callers: a step is
    taken by the driver of the account that it names, and passed over where there is none.

    In the branches of a parallel step a driver is used by several threads, one at a time: whoever sends a call lets the
    others go on until it is answered (`Scope.turn`).
    """

    def __init__(  # noqa: PLR0913 - all that a driver depends on enters here
        self,
        target: Caller,
        contract: Contract,
        knowledge: Knowledge,
        *,
        naming: Naming,
        region: str,
        sdk_leg: bool = False,
        account: str | None = None,
        most_alive: int | None = None,
        caller: str = FIRST,
        shaker: Shaker | None = None,
        settles: Callable[[float], None] | None = None,
    ) -> None:
        self.target = target
        self.caller = caller
        self.accounts: dict[str, Driver] = {caller: self}
        self.begun: list[int] = []
        self.is_over: Callable[[], bool] = lambda: False
        self.contract = contract
        self.knowledge = knowledge
        self.naming = naming
        self.sdk_leg = sdk_leg
        self.holdings = Holdings(contract, knowledge, caller)
        self.most_alive = most_alive
        self.shaker = shaker
        self._settles = settles
        self._crowd: Counter[str | None] = Counter()
        self.strangers = 0  # connections of others that the latest walk to a last page showed
        self.cut_off_after = 0  # pages of the walk in whose middle the latest program ended, as its budget did
        prefix = f"arn:aws:{contract.service}:{region}:{account or _NOBODY}:{contract.resource.noun}/"
        self.symbols = Symbols(naming, knowledge, prefix)
        self.hearing = Hearing(contract, knowledge, self.holdings, self.symbols, caller)

    def join(self, other: Driver) -> None:
        """Let programs act from the account of another driver as well; each keeps its own account tidy."""
        self.accounts[other.caller] = other
        other.accounts = self.accounts
        for driver in self.accounts.values():
            beside = (each for each in self.accounts.values() if each is not driver)
            driver.holdings.beside = tuple(each.holdings for each in beside)

    def run(self, program: Program, budget: Budget, calls: list[Call] | None = None) -> History:
        """Carry out a program, then delete what it made; the history holds both.

        `calls` is filled as they are made, for whoever has to know of them however this ends.

        Raises:
            BudgetSpentError: the budget ended on the way; what was made has been deleted.

        """
        scope = Scope(calls=[] if calls is None else calls)
        self.begun = []
        for driver in self.accounts.values():
            driver.cut_off_after = 0
        try:
            for step in program.steps:
                if self.is_over():
                    raise BudgetSpentError
                self.begun.append(len(scope.calls))
                self.take(step, scope, budget)
        finally:
            asked = [call for call in scope.calls[-2:] if not call.is_beside_the_api]
            last = asked[-1].outcome if asked else None
            if not (
                isinstance(last, Unknown) and last.reason == "timeout"
            ):  # else later, where it may not take as long
                for driver in self.accounts.values():
                    tidy(driver, scope.calls, budget)
        return History(tuple(scope.calls))

    def wait_for_reads(self) -> None:
        """Wait for as long as reads may lag, where that is wished for."""
        if self._settles is not None:
            self._settles(self.knowledge.staleness)

    def crowd(self, kind: str | None = None) -> int:
        """How many connections, or connections of a kind, a walk was seen to show at the most."""
        return self._crowd[kind]

    # -- steps

    def take(self, step: Step, scope: Scope, budget: Budget) -> None:
        """Carry out one step."""
        self._let_settle(step, scope, budget)
        match step:
            case Fill():
                self._fill(step, scope, budget)
            case Parallel():
                take_at_once(self, step, scope, budget)
                self.wrote(scope, budget)
            case Send():
                send_raw(self, step, scope, budget)
            case Walk():
                if (acting := self.accounts.get(step.caller)) is not None:
                    acting.walk(step, scope, budget)
            case Handshake():
                self._shake_hands(step, scope, budget)
            case _:
                if (acting := self.accounts.get(step.caller)) is not None:
                    acting._take_single(step, scope, budget)  # noqa: SLF001 - another of its kind

    def _let_settle(self, step: Step, scope: Scope, budget: Budget) -> None:
        """Where that is wished for, wait until a step must be told all that this program has written.

        Creates may follow each other; nothing waits within the branches of a parallel step.
        """
        is_one_more = isinstance(step, Create | Fill) and not scope.has_removed
        if self._settles is None or scope.written_at is None or is_one_more or scope.turn is not None:
            return
        now = budget.now()
        until = scope.written_at + self.knowledge.staleness
        if budget.ends_at is not None:
            until = min(until, budget.ends_at)
        if until > now:
            self._settles(until - now)
        scope.written_at, scope.has_removed = None, False

    def _take_single(self, step: SingleStep, scope: Scope, budget: Budget) -> Call | None:
        asked = None if isinstance(step, Create) and not self.may_create() else self.asked(step, scope)
        if asked is None:
            return None
        operation, members = asked
        budget.take(self.owed + isinstance(step, Create))
        self.begins(step, members)
        try:
            attempts = self._send(operation, members, step, scope, budget)
        except (BudgetSpentError, TargetError):
            self.was_not_sent(step, members)
            raise
        if isinstance(step, Create | Delete):
            self.wrote(scope, budget, removed=isinstance(step, Delete))
        self.hearing.heard(step, attempts, scope)
        return attempts[-1]

    def wrote(self, scope: Scope, budget: Budget, *, removed: bool = True) -> None:
        """Something was written: reads may lag behind it for a while."""
        scope.written_at, scope.has_removed = budget.now(), scope.has_removed or removed

    def _shake_hands(self, step: Handshake, scope: Scope, budget: Budget) -> None:
        """Have the handshake of a connection completed that this run made and that lives, where somebody does that."""
        arn = self.symbols.arn(step.arn, scope)
        if self.shaker is None or not self.shaker.is_willing or arn is None:
            return
        if arn not in self.holdings.left_behind:
            return
        left = None if budget.ends_at is None else max(0.0, budget.ends_at - budget.now())
        deed = partial(self.shaker.complete, arn, self.holdings.left_behind[arn], left)
        scope.calls.append(self.target.beside({self.contract.resource.identity: arn}, deed))
        self.wrote(scope, budget)

    def asked(self, step: SingleStep, scope: Scope) -> tuple[str, Mapping[str, Any]] | None:
        """The operation and the input of a step that is one call; None where it cannot be sent, or must not be."""
        resource = self.contract.resource
        members: dict[str, Any]
        match step:
            case Create(name=name, kind=kind):
                members = dict(step.members)
                if name is not None:
                    members[resource.name] = self.symbols.name(name, scope)
                if kind is not None:
                    members[resource.kind] = kind
                return self.contract.create.name, members
            case List(token=token):
                members = {**step.members, **self._list_members(step.page_size, step.kind)}
                if token is not None:
                    sent = self.symbols.token(token, scope)
                    if sent is None:
                        return None
                    members[self.contract.pagination.token_in] = sent
                return self.contract.list.name, members
            case Get(arn=arn) | Delete(arn=arn):
                operation = self.contract.get if isinstance(step, Get) else self.contract.delete
                if arn is None:
                    return operation.name, {}
                sent = self.symbols.arn(arn, scope)
                if sent is None or (isinstance(step, Delete) and not self.holdings.may_delete(arn, sent)):
                    return None
                return operation.name, {resource.identity: sent}

    def may_create(self, more: int = 0) -> bool:
        """May one more connection be made, and so many beside it?"""
        if self.most_alive is None:
            return True
        return sum(driver.holdings.alive for driver in self.accounts.values()) + more < self.most_alive

    def begins(self, step: SingleStep, members: Mapping[str, Any]) -> None:
        """A step is about to be sent."""
        if isinstance(step, Create):
            self.holdings.begins(members.get(self.contract.resource.name))

    def begins_raw(self, name: str | None) -> None:
        """A raw request is about to be sent that may make a connection of this name."""
        if name is not None:
            self.holdings.may_make(name)

    def was_not_sent(self, step: SingleStep, members: Mapping[str, Any]) -> None:
        """A step that was about to be sent was not."""
        if isinstance(step, Create):
            self.holdings.ends(members.get(self.contract.resource.name), is_riddle=False)

    @property
    def owed(self) -> int:
        """The calls that clean-up will take: one for what was made, and one for what is being made."""
        held = (driver.holdings for driver in self.accounts.values())
        return sum(len(each.left_behind) + each.creating for each in held)

    @property
    def everything_left(self) -> dict[str, str | None]:
        """What is left behind in any of the accounts."""
        if len(self.accounts) == 1:
            return self.holdings.left_behind
        held = (driver.holdings for driver in self.accounts.values())
        return {arn: name for each in held for arn, name in each.left_behind.items()}

    def _fill(self, step: Fill, scope: Scope, budget: Budget) -> None:
        for number in range(step.count):
            if self.hearing.room is not None and len(self.holdings.left_behind) >= self.hearing.room - 2:
                return
            label = step.label + number
            kind = step.kinds[number % len(step.kinds)] if step.kinds else None
            call = self._take_single(Create(label, Name(-1 - label), kind), scope, budget)
            if call is not None and isinstance(call.outcome, Refused) and call.outcome.is_about_quota:
                return

    def walk(self, step: Walk, scope: Scope, budget: Budget, most_pages: int | None = None) -> None:
        """Ask for one page after another until no token is given, nothing new is shown, or it goes on for too long.

        Or until it has shown as much as was asked for.
        """
        pagination = self.contract.pagination
        largest = self.contract.page_sizes.maximum or _CROWD
        is_crowded = self._crowd[None] > _CROWD
        size = largest if is_crowded and step.page_size is None else step.page_size
        members = {**step.members, **self._list_members(size, step.kind)}
        shown: set[str] = set()
        times: Counter[str] = Counter()
        kinds: Counter[Any] = Counter()
        stale = news = 0
        most = most_pages if most_pages is not None else _LONGEST_WALK + self._crowd[None] // largest
        for page in range(1, most + 1):
            try:
                budget.take(self.owed)
                call = self._send(self.contract.list.name, members, step, scope, budget)[-1]
            except BudgetSpentError:
                self.cut_off_after = page - 1
                raise
            token = self.hearing.note_token(call, scope)
            arns = self.hearing.note_arns(call, scope)
            for after, inner in step.between:
                if after == page:
                    self.take(inner, scope, budget)
            news += bool(arns - shown)
            stale = 0 if arns - shown else stale + 1
            shown |= arns
            times.update(arns)
            kinds.update(kind for kind in self.hearing.kinds_on(call) if step.kind in {None, kind})
            self._crowd |= Counter({**kinds, step.kind: len(shown)})
            if not isinstance(call.outcome, Accepted) or token is None:
                if step.kind is None and not step.members and isinstance(call.outcome, Accepted):
                    self.strangers = sum(not self.holdings.knows_as_ours(arn) for arn in shown)
                return
            if news == step.news:
                return
            if stale >= self.knowledge.patience or max(times.values(), default=0) >= self.knowledge.rounds:
                return
            members = {**members, pagination.token_in: token}

    def _list_members(self, page_size: Any, kind: str | None) -> dict[str, Any]:
        pagination = self.contract.pagination
        members: dict[str, Any] = {}
        if page_size is not None:
            members[pagination.page_size] = page_size
        if kind is not None:
            members[self._kind_filter()] = kind
        return members

    def _kind_filter(self) -> str:
        pagination = self.contract.pagination
        for member, filtered in pagination.filters.items():
            if filtered == self.contract.resource.kind:
                return member
        raise HarnessError(f"{self.contract.list.name} has no filter by {self.contract.resource.kind}")

    def _send(
        self, operation: str, members: Mapping[str, Any], step: SingleStep | Walk, scope: Scope, budget: Budget
    ) -> tuple[Call, ...]:
        give_up_at, most = self.limits(budget)
        caller = self.target if scope.branch is None else self.target.twin(scope.branch)
        with letting_go(scope.turn):
            attempts = caller.call(
                operation,
                members,
                leg=step.leg if self.sdk_leg and scope.branch is None else "light",
                give_up_at=give_up_at,
                max_attempts=most,
                signing=VALID if isinstance(step, Walk) else step.signing,
            )
        if not attempts:
            raise BudgetSpentError
        scope.calls.extend(attempts)
        if len(attempts) > 1:
            budget.count(len(attempts) - 1)
        return attempts

    def limits(self, budget: Budget) -> tuple[float | None, int]:
        """When to give up, and how often a call that has begun may be made."""
        latest, left = budget.ends_at, budget.calls_left
        # A call that was begun in time may take its time: cut off, it would be a riddle that we set ourselves.
        give_up_at = None if latest is None else max(latest, budget.now() + self.target.timeout)
        return give_up_at, MOST_ATTEMPTS if left is None else max(1, left - self.owed + 1)
