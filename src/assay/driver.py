"""Carry out a program against a target: symbols become names and ARNs, steps become calls, calls become a history.

The driver knows no law. It decides only what a careful person at the keyboard would: use fresh names, pass over a step
whose connection was never made, follow NextToken to the end but not for ever, make room when the account is full, and
delete what it made. One promise is kept here and nowhere else: **Delete is sent no ARN that could be a stranger's**
(`_may_delete`).
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from assay.accounts import account_of
from assay.budget import Budget, BudgetSpentError
from assay.errors import HarnessError, TargetError
from assay.history import FIRST, Accepted, Call, History, Refused, Unknown
from assay.parallel import letting_go, take_at_once
from assay.program import (
    Arn,
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
from assay.symbols import Scope, Symbols, split_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
_EVERY_PAGE: Final = 100_000  # where everything has to be seen, the patience alone ends a walk
_MOST_ATTEMPTS: Final = 8  # of a call that is turned away for its rate
_TRIES: Final = 3  # deletes that fail in one clean-up; whatever stays is tried again at the next one
_NOBODY: Final = "000000000000"  # the account of ARNs that are made up before this run was given one
_RANDOM_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class Driver:
    """Runs programs against one target and keeps the account tidy.

    `left_behind` maps the ARN of every connection that this run made and could not yet delete to its name; `undead` are
    those that are listed although their Delete was accepted. `disputed` maps ARNs that a Create gave although a List
    had shown them before: whoever they belong to, they are not deleted. `maybe_created` are names that may have become
    connections whose ARN nobody told: those of Creates that are under way, or that got no clear answer. A Create is
    passed over where it could make more than `most_alive` of all these, in all accounts. `lag` are the seconds by which
    a read was seen to be late at the most: it showed what was deleted before it began. With `settles`, which sleeps, a
    program waits behind its writes for as long as reads may lag, so that what comes next can be judged.

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
        self.contract = contract
        self.knowledge = knowledge
        self.naming = naming
        self.sdk_leg = sdk_leg
        self.left_behind: dict[str, str | None] = {}
        self.created = 0
        self.deleted = 0
        self.undead: set[str] = set()
        self.disputed: dict[str, str | None] = {}
        self.maybe_created: set[str] = set()
        self.room: int | None = None
        self.most_alive = most_alive
        self.shaker = shaker
        self._settles = settles
        self.lag = 0.0
        self._creating = 0
        self._under_way: Counter[str] = Counter()
        self._riddles: set[str] = set()
        self._unseen: set[str] = set()
        self._given: set[str] = set()
        self._deleted_at: dict[str, float] = {}
        self._strangers: set[str] = set()
        self._stubborn: set[str] = set()
        self._has_odd_arns = False
        self._crowd = 0
        prefix = f"arn:aws:{contract.service}:{region}:{account or _NOBODY}:{contract.resource.noun}/"
        self.symbols = Symbols(naming, knowledge, prefix)

    def join(self, other: Driver) -> None:
        """Let programs act from the account of another driver as well; each keeps its own account tidy."""
        self.accounts[other.caller] = other
        other.accounts = self.accounts

    def run(self, program: Program, budget: Budget, calls: list[Call] | None = None) -> History:
        """Carry out a program, then delete what it made; the history holds both.

        `calls` is filled as they are made, for whoever has to know of them however this ends.

        Raises:
            BudgetSpentError: the budget ended on the way; what was made has been deleted, and nothing is judged.

        """
        scope = Scope(calls=[] if calls is None else calls)
        try:
            for step in program.steps:
                self.take(step, scope, budget)
        finally:
            asked = [call for call in scope.calls[-2:] if not call.is_beside_the_api]
            last = asked[-1].outcome if asked else None
            if not (
                isinstance(last, Unknown) and last.reason == "timeout"
            ):  # else later, where it may not take as long
                for driver in self.accounts.values():
                    driver.tidy(scope.calls, budget)
        return History(tuple(scope.calls))

    def tidy(self, calls: list[Call], budget: Budget, *, thorough: bool = False) -> None:
        """Delete what this run made and still lives, also when its time is over, but with no more calls than are left.

        What would not go before is tried last. Some failures end it, so that an endpoint that deletes nothing is not
        asked a hundred times after every program; the end of the run is `thorough` and lists what stays.
        """
        failures = lost = 0
        for arn in sorted(self.left_behind, key=self._stubborn.__contains__):
            left = budget.calls_left
            if left is not None and left < 1:
                return
            most = _MOST_ATTEMPTS if left is None else max(1, left - len(self.left_behind) + 1)
            attempts = self.target.call(
                self.contract.delete.name, {self.contract.resource.identity: arn}, max_attempts=most
            )
            calls.extend(attempts)
            budget.count(len(attempts))
            match attempts[-1].outcome:
                case Accepted():
                    self._note_deleted(arn, attempts[-1])
                case Refused() as refused if refused.is_not_found:
                    del self.left_behind[arn]
                case outcome:
                    self._stubborn.add(arn)
                    failures += 1
                    lost += isinstance(outcome, Unknown) and outcome.reason in {"timeout", "connection"}
                    if lost >= (_TRIES if thorough else 1) or (failures >= _TRIES and not thorough):
                        return

    @property
    def account(self) -> str | None:
        """The account that the ARNs of this run name; None until one was given."""
        return account_of(self.knowledge.prefixes.get(self.caller, ""))

    @property
    def crowd(self) -> int:
        """How many connections a walk was seen to show at the most."""
        return self._crowd

    def adopt(self, calls: Iterable[Call]) -> None:
        """Take over what earlier calls of this run made, the probe's for instance."""
        identity = self.contract.resource.identity
        for call in calls:
            if not isinstance(call.outcome, Accepted):
                continue
            self.note_arns(call)
            made, deleted = call.outcome.output.get(identity), call.input.get(identity)
            if call.operation == self.contract.create.name and isinstance(made, str) and made:
                self._remember(made, None)
            elif call.operation == self.contract.delete.name and deleted in self.left_behind:
                self._note_deleted(deleted, call)

    def look_for_leftovers(self, calls: list[Call], budget: Budget) -> None:
        """Walk once: list what is shown still although its Delete was accepted, delete what a refused Create left."""
        if not (self.created or self._unseen):
            return
        first = len(calls)
        shown = self._seen_in_a_walk(calls, budget)
        known = {arn for arn in self._given if first < len(calls) and not self._may_be_late(arn, calls[first])}
        if self._adopt({name for name in self.knowledge.names if self.naming.prefix in name}, shown):
            self.tidy(calls, budget, thorough=True)
        for name, arn in shown:
            if arn in known and arn not in self.left_behind:
                self.left_behind[arn] = name
        if first < len(calls) and isinstance(calls[-1].outcome, Accepted):
            self.maybe_created -= self._unseen
            self._unseen = set()

    def settle(self, calls: list[Call], budget: Budget) -> None:
        """Look for connections whose Create was never answered, by their exact names, so that they can be deleted.

        A name that is not shown may be made yet, where its Create still waits its turn: that is for the last look.
        """
        wanted = {name for name in self.maybe_created if self.naming.prefix in name}
        if not wanted:
            return
        self._adopt(wanted, self._seen_in_a_walk(calls, budget))
        if calls and isinstance(calls[-1].outcome, Accepted):
            self._unseen = wanted.difference(name for name in self.left_behind.values() if name is not None)
            self.maybe_created -= wanted - self._unseen
            self._riddles -= wanted

    def _seen_in_a_walk(self, calls: list[Call], budget: Budget) -> list[tuple[str | None, str]]:
        """Names and ARNs of all that is there; a walk that the budget cuts off has shown something, too."""
        scope = Scope()
        try:
            with suppress(BudgetSpentError):
                self._walk(Walk(self.contract.page_sizes.maximum), scope, budget, most_pages=_EVERY_PAGE)
        finally:
            calls.extend(scope.calls)
        return list(self._shown(scope.calls))

    def _adopt(self, names: set[str], shown: Iterable[tuple[str | None, str]]) -> bool:
        """Take in what nobody told us of but has exactly one of these names, which are this run's alone."""
        unknown = ((name, arn) for name, arn in shown if arn not in self._given and not self.is_given_elsewhere(arn))
        found = {arn: name for name, arn in unknown if name in names}
        self._given.update(found)
        self.left_behind.update(found)
        self._strangers -= found.keys()
        for arn in found:
            self.disputed.pop(arn, None)
        return bool(found)

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
                    acting._walk(step, scope, budget)  # noqa: SLF001 - another of its kind
            case Handshake():
                self._shake_hands(step, scope, budget)
            case _:
                if (acting := self.accounts.get(step.caller)) is not None:
                    acting._take_single(step, scope, budget)  # noqa: SLF001 - as above

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
            self.ends(step, members, is_riddle=False)  # it was not sent
            raise
        if isinstance(step, Create | Delete):
            self.wrote(scope, budget, removed=isinstance(step, Delete))
        self.heard(step, attempts, scope)
        return attempts[-1]

    def wrote(self, scope: Scope, budget: Budget, *, removed: bool = True) -> None:
        """Something was written: reads may lag behind it for a while."""
        scope.written_at, scope.has_removed = budget.now(), scope.has_removed or removed

    def _shake_hands(self, step: Handshake, scope: Scope, budget: Budget) -> None:
        """Have the handshake of a connection completed that this run made and that lives, where somebody does that."""
        arn = self.symbols.arn(step.arn, scope)
        if self.shaker is None or not self.shaker.is_willing or arn is None or arn not in self.left_behind:
            return
        left = None if budget.ends_at is None else max(0.0, budget.ends_at - budget.now())
        deed = partial(self.shaker.complete, arn, self.left_behind[arn], left)
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
                if sent is None or (isinstance(step, Delete) and not self._may_delete(arn, sent)):
                    return None
                return operation.name, {resource.identity: sent}

    def may_create(self, more: int = 0) -> bool:
        """May one more connection be made, and so many beside it?"""
        if self.most_alive is None:
            return True
        return sum(driver.alive for driver in self.accounts.values()) + more < self.most_alive

    @property
    def alive(self) -> int:
        """How many connections of this account may be alive by this run's doing."""
        return len(self.left_behind) + len(self.disputed) + max(self._creating, len(self.maybe_created))

    def begins(self, step: SingleStep, members: Mapping[str, Any]) -> None:
        """A step is about to be sent: whoever interrupts a Create leaves a connection behind."""
        if not isinstance(step, Create):
            return
        self._creating += 1
        name = members.get(self.contract.resource.name)
        if isinstance(name, str):
            self.knowledge.names.add(name)
            self.maybe_created.add(name)
            self._under_way[name] += 1

    def begins_raw(self, name: str | None) -> None:
        """A raw request is about to be sent that may make a connection of this name."""
        if name is not None:
            self.knowledge.names.add(name)
            self.maybe_created.add(name)

    def heard_raw(self, step: Send, call: Call, scope: Scope, name: str | None) -> None:
        """Take in what came of a raw request, whatever it was taken for."""
        arn = call.outcome.output.get(self.contract.resource.identity) if isinstance(call.outcome, Accepted) else None
        if isinstance(arn, str) and arn:
            scope.arns[step.label] = arn
            self._remember(arn, name)
        gone = call.input.get(self.contract.resource.identity)
        is_deleted = call.operation == self.contract.delete.name and isinstance(call.outcome, Accepted)
        if is_deleted and gone in self.left_behind:
            self._note_deleted(gone, call)
        if name is not None and not isinstance(call.outcome, Unknown):
            self.maybe_created.discard(name)

    def knows_as_ours(self, arn: str) -> bool:
        """Was this ARN given to this run, or made up by it, at an endpoint whose ARNs are what the model says?"""
        return (arn in self._given or arn in self.knowledge.invented) and bool(self._given) and not self._has_odd_arns

    def ends(self, step: SingleStep, members: Mapping[str, Any], *, is_riddle: bool) -> None:
        """A step that began is under way no more; a riddle is a Create that may have made what nobody told."""
        if not isinstance(step, Create):
            return
        self._creating -= 1
        name = members.get(self.contract.resource.name)
        if not isinstance(name, str):
            return
        self._under_way[name] -= 1
        if is_riddle:
            self._riddles.add(name)
        if self._under_way[name] <= 0:
            del self._under_way[name]
            if name not in self._riddles:
                self.maybe_created.discard(name)

    @property
    def owed(self) -> int:
        """The calls that clean-up will take: one for what was made, and one for what is being made."""
        return sum(len(driver.left_behind) + driver._creating for driver in self.accounts.values())  # noqa: SLF001 - others of its kind

    @property
    def everything_left(self) -> dict[str, str | None]:
        """What is left behind in any of the accounts."""
        if len(self.accounts) == 1:
            return self.left_behind
        return {arn: name for driver in self.accounts.values() for arn, name in driver.left_behind.items()}

    def is_given_elsewhere(self, arn: str) -> bool:
        """Was this ARN given to this run in another of its accounts?"""
        others = (driver for driver in self.accounts.values() if driver is not self)
        return any(arn in driver._given for driver in others)  # noqa: SLF001 - as above

    def heard(self, step: SingleStep, attempts: Sequence[Call], scope: Scope) -> None:
        """Take in what came of a step; all its attempts, the last of which is the answer."""
        call = attempts[-1]
        match step:
            case Create():
                self._heard_of_create(step, attempts, scope)
            case Delete():
                sent = call.input.get(self.contract.resource.identity)
                if isinstance(call.outcome, Accepted) and sent in self.left_behind:
                    self._note_deleted(sent, call)
            case List():
                self._note_token(call, scope)
                self.note_arns(call, scope)
            case Get():
                if isinstance(call.outcome, Accepted):
                    self._note_lag(call.input.get(self.contract.resource.identity), call)

    def _heard_of_create(self, step: Create, attempts: Sequence[Call], scope: Scope) -> None:
        call = attempts[-1]
        name = call.input.get(self.contract.resource.name)
        name = name if isinstance(name, str) else None
        is_riddle = any(isinstance(attempt.outcome, Unknown) for attempt in attempts)
        match call.outcome:
            case Accepted(output):
                arn = output.get(self.contract.resource.identity)
                if isinstance(arn, str) and arn:
                    scope.arns[step.label] = arn
                    self._remember(arn, name)
                else:
                    is_riddle = True
            case Refused() as refused:
                if refused.is_about_quota:
                    self.room = len(self.left_behind)
            case Unknown():
                pass
        self.ends(step, call.input, is_riddle=is_riddle)

    def _fill(self, step: Fill, scope: Scope, budget: Budget) -> None:
        for number in range(step.count):
            if self.room is not None and len(self.left_behind) >= self.room - 2:
                return
            label = step.label + number
            kind = step.kinds[number % len(step.kinds)] if step.kinds else None
            call = self._take_single(Create(label, Name(-1 - label), kind), scope, budget)
            if call is not None and isinstance(call.outcome, Refused) and call.outcome.is_about_quota:
                return

    def _walk(self, step: Walk, scope: Scope, budget: Budget, most_pages: int | None = None) -> None:
        pagination = self.contract.pagination
        largest = self.contract.page_sizes.maximum or _CROWD
        is_crowded = self._crowd > _CROWD
        size = largest if is_crowded and step.page_size is None else step.page_size
        members = {**step.members, **self._list_members(size, step.kind)}
        shown: set[str] = set()
        stale = 0
        most = most_pages if most_pages is not None else _LONGEST_WALK + self._crowd // largest
        for page in range(1, most + 1):
            budget.take(self.owed)
            call = self._send(self.contract.list.name, members, step, scope, budget)[-1]
            token = self._note_token(call, scope)
            arns = self.note_arns(call, scope)
            for after, inner in step.between:
                if after == page:
                    self.take(inner, scope, budget)
            stale = 0 if arns - shown else stale + 1
            shown |= arns
            self._crowd = max(self._crowd, len(shown))
            if not isinstance(call.outcome, Accepted) or token is None:
                return
            if stale >= self.knowledge.patience:
                return
            members = {**members, pagination.token_in: token}

    # -- symbols

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

    def _note_token(self, call: Call, scope: Scope) -> Any:
        """Remember the token that an answer gives; an empty one is no token: nothing can be asked with it."""
        pagination = self.contract.pagination
        sent = call.input.get(pagination.token_in)
        if sent is not None:
            scope.used_tokens.append(sent)
        if not isinstance(call.outcome, Accepted):
            return None
        token = call.outcome.output.get(pagination.token_out)
        if token is None or token == "":
            return None
        scope.tokens.append(token)
        return token

    def note_arns(self, call: Call, scope: Scope | None = None) -> set[str]:
        """The ARNs on a page. Those that nobody gave us are strangers', those that we deleted before it are undead.

        While others create, whose it is can be said only when all of them have been answered.
        """
        arns = {arn for _, arn in self._shown((call,))}
        if scope is not None and scope.turn is not None:
            scope.pages.append(call)
            return arns
        foreign = {arn for arn in arns - self._given if not self.is_given_elsewhere(arn)}
        self._has_odd_arns = self._has_odd_arns or any(map(self._is_forbidden, foreign - self._strangers))
        self._strangers |= foreign
        gone = (arns & self._given) - self.left_behind.keys()
        for arn in gone:
            self._note_lag(arn, call)
        self.undead.update(arn for arn in gone if not self._may_be_late(arn, call))
        return arns

    def _note_deleted(self, arn: str, call: Call) -> None:
        """A Delete was accepted."""
        self.deleted += 1
        self._deleted_at[arn] = call.end
        del self.left_behind[arn]

    def _note_lag(self, arn: Any, call: Call) -> None:
        if isinstance(arn, str) and self._may_be_late(arn, call):
            self.lag = max(self.lag, call.start - self._deleted_at[arn])

    def _may_be_late(self, arn: str, call: Call) -> bool:
        """May a read show this ARN still, because its Delete is no longer ago than a read may lag?"""
        deleted_at = self._deleted_at.get(arn)
        return deleted_at is not None and call.start - deleted_at < self.knowledge.staleness

    def _shown(self, calls: Iterable[Call]) -> Iterator[tuple[str | None, str]]:
        """Names and ARNs on pages, where they are text."""
        resource = self.contract.resource
        for call in calls:
            if call.operation == self.contract.list.name and isinstance(call.outcome, Accepted):
                for item in _items(call.outcome.output.get(self.contract.pagination.items)):
                    name, arn = item.get(resource.name), item.get(resource.identity)
                    if isinstance(arn, str):
                        yield name if isinstance(name, str) else None, arn

    def _may_delete(self, arn: Arn, sent: str) -> bool:
        """Ours as given, made up with 128 random bits, ours but for its random part, or forbidden by the pattern.

        What was given in another account of this run is ours as well, where it names that account: so it cannot be what
        this account calls a stranger's connection.

        None of it counts where it is, or could be, what this endpoint calls a stranger's connection: where ids are
        counted, `…/12` cut is `…/1`; and where ARNs are not what the model says, what the model forbids may be one.
        So nothing of the kind is sent before this endpoint has given us an ARN.
        """
        if sent in self._given:
            return True
        if sent in self._strangers or sent in self.disputed:
            return False
        if self.is_given_elsewhere(sent):
            return account_of(sent) != self.account
        if sent in self.knowledge.invented or sent in self.knowledge.elsewhere:
            return True
        if arn.literal is None:
            id_ = split_arn(sent)[1]
            origin = id_[:-1] if arn.change == "extended" else id_ + "0" if arn.change == "cut" else id_
            return arn.change in {"cut", "extended", "case", "bare"} and _RANDOM_ID.fullmatch(origin) is not None
        return self._is_forbidden(sent) and bool(self._given) and not self._has_odd_arns

    def _is_forbidden(self, arn: str) -> bool:
        """Does the model say that this is no ARN?"""
        longest = self.contract.identity_length.maximum
        if longest is not None and len(arn) > longest:
            return True
        return self.contract.identity_pattern.fullmatch(arn) is None

    def _remember(self, arn: str, name: str | None) -> None:
        self.created += 1
        if arn in self._strangers:
            self.disputed[arn] = name
            return
        self._given.add(arn)
        self.left_behind[arn] = name
        if self._is_forbidden(arn):
            self._has_odd_arns = True
            return
        head, id_ = split_arn(arn)
        if head and id_:
            self.symbols.prefix = self.knowledge.prefixes[self.caller] = head

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
        return give_up_at, _MOST_ATTEMPTS if left is None else max(1, left - self.owed + 1)


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
