"""What a run holds in one account: what it was given there, what may have become its own, and what is a stranger's.

All of it is worked out from what calls have answered; nothing here sends one. One promise is kept here and nowhere
else: **Delete is sent no ARN that could be a stranger's** (`may_delete`).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from assay.accounts import account_of
from assay.symbols import split_arn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.contract import Contract
    from assay.history import Call
    from assay.knowledge import Knowledge
    from assay.program import Arn

__all__ = ["Holdings"]

_RANDOM_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class Holdings:
    """The connections of one account, by whose they are.

    `left_behind` maps the ARN of every connection that this run made and could not yet delete to its name; `undead` are
    those that are listed although their Delete was accepted. `disputed` maps ARNs that a Create gave although a List
    had shown them before: whoever they belong to, they are not deleted. `maybe_created` are names that may have become
    connections whose ARN nobody told: those of Creates that are under way, or that got no clear answer. `created` and
    `deleted` count what was made and what went. `lag` are the seconds by which a read was seen to be late at the most:
    it showed what was deleted before it began. `stubborn` are those whose Delete has failed, or got no clear answer;
    `recognized` maps ARNs to names that a page showed of them, and that a Create without an answer asked for.
    `creating` counts Creates that are under way. `beside` are the holdings of the run's other accounts.
    """

    def __init__(self, contract: Contract, knowledge: Knowledge, caller: str) -> None:
        self._contract, self._knowledge, self._caller = contract, knowledge, caller
        self.beside: tuple[Holdings, ...] = ()
        self.left_behind: dict[str, str | None] = {}
        self.undead: set[str] = set()
        self.disputed: dict[str, str | None] = {}
        self.maybe_created: set[str] = set()
        self.recognized: dict[str, str] = {}
        self.created = self.deleted = 0
        self.lag = 0.0
        self.stubborn: set[str] = set()
        self.creating = 0
        self._under_way: Counter[str] = Counter()
        self._riddles: set[str] = set()
        self._doubted: set[str] = set()
        self._unseen: set[str] = set()
        self._given: set[str] = set()
        self._deleted_at: dict[str, float] = {}
        self._strangers: set[str] = set()
        self._has_odd_arns = False

    @property
    def account(self) -> str | None:
        """The account that the ARNs of this run name; None until one was given."""
        return account_of(self._knowledge.prefixes.get(self._caller, ""))

    @property
    def alive(self) -> int:
        """How many connections of this account may be alive by this run's doing, whatever their Delete said."""
        surely = len(self.left_behind.keys() | self.undead | self._doubted) + len(self.disputed)
        return surely + max(self.creating, len(self.maybe_created))

    @property
    def may_be_left(self) -> dict[str, str | None]:
        """What could not be deleted, and what nobody could say whose it is: it is left to whoever reads the results."""
        return {**self.left_behind, **self.disputed, **self.recognized}

    # -- what is under way

    def begins(self, name: Any) -> None:
        """A Create of this name is about to be sent: whoever interrupts it leaves a connection behind."""
        self.creating += 1
        if isinstance(name, str):
            self.may_make(name)
            self._under_way[name] += 1

    def may_make(self, name: str) -> None:
        """Something is about to be sent that may make a connection of this name."""
        self._knowledge.names.add(name)
        self.maybe_created.add(name)

    def ends(self, name: Any, *, is_riddle: bool) -> None:
        """A Create of this name is under way no more; a riddle is one that may have made what nobody told."""
        self.creating -= 1
        if not isinstance(name, str):
            return
        self._under_way[name] -= 1
        if is_riddle:
            self._riddles.add(name)
        if self._under_way[name] <= 0:
            del self._under_way[name]
            if name not in self._riddles:
                self.maybe_created.discard(name)

    # -- what was heard

    def note_created(self, arn: str, name: str | None) -> None:
        """A Create gave this ARN."""
        self.created += 1
        if arn in self._strangers:
            self.disputed[arn] = name
            return
        self._given.add(arn)
        self._deleted_at.pop(arn, None)
        self.left_behind[arn] = name
        if self._is_forbidden(arn):
            self._has_odd_arns = True
            return
        head, id_ = split_arn(arn)
        if head and id_:
            self._knowledge.prefixes[self._caller] = head

    def note_deleted(self, arn: Any, call: Call) -> None:
        """A Delete of this ARN was accepted; nothing to note where it is not held here."""
        if arn in self.left_behind:
            self.deleted += arn not in self._deleted_at  # where it lived on, this is its second Delete
            self._deleted_at[arn] = call.end
            del self.left_behind[arn]

    def note_not_found(self, arn: str) -> None:
        """A Delete of this ARN is told that there is none: where no other Delete explains it, it may be there still."""
        del self.left_behind[arn]
        if arn not in self.stubborn:
            self._doubted.add(arn)

    def note_read(self, arn: Any, call: Call) -> None:
        """A read showed this ARN: late, where it is one that was deleted before the read began."""
        if isinstance(arn, str) and self._may_be_late(arn, call):
            self.lag = max(self.lag, call.start - self._deleted_at[arn])

    def note_shown(self, arns: set[str], call: Call) -> None:
        """A page showed these ARNs. Those that nobody gave us are strangers', those that we deleted are undead."""
        foreign = {arn for arn in arns - self._given if not self._is_given_elsewhere(arn)}
        self._has_odd_arns = self._has_odd_arns or any(map(self._is_forbidden, foreign - self._strangers))
        self._strangers |= foreign
        gone = (arns & self._given) - self.left_behind.keys()
        for arn in gone:
            self.note_read(arn, call)
        self.undead.update(arn for arn in gone if not self._may_be_late(arn, call))

    # -- what a look around has shown

    def recognize(self, shown: Iterable[tuple[str | None, str]]) -> None:
        """Note, on any page, what bears the name of a Create that nobody answered, and was on no page before.

        Left alone, it would stand in for a step in all that follows; it is taken in when a Get says the same of it.
        """
        prefix = self._knowledge.prefix
        lost = {name for name in self.maybe_created - self._under_way.keys() if prefix is not None and prefix in name}
        for name, arn in shown:
            if name is not None and name in lost and arn not in self._strangers | self._given:
                self.recognized[arn] = name

    def confirm(self, arn: str, *, is_so: bool) -> None:
        """A Get was asked whether what was recognized by its name has that name: only then it is the run's."""
        name = self.recognized.pop(arn, None)
        if is_so and name is not None and self.claim({name}, [(name, arn)]):
            self.maybe_created.discard(name)
            self._riddles.discard(name)

    def claim(self, names: set[str], shown: Iterable[tuple[str | None, str]]) -> bool:
        """Take in what nobody told us of but has exactly one of these names, which are this run's alone; was any?"""
        unknown = ((name, arn) for name, arn in shown if arn not in self._given and not self._is_given_elsewhere(arn))
        found = {arn: name for name, arn in unknown if name in names}
        self.created += len(found.keys() - self.disputed.keys())
        self._given.update(found)
        self.left_behind.update(found)
        self._strangers -= found.keys()
        for arn in found:
            self.recognized.pop(arn, None)
        for arn in found:
            self.disputed.pop(arn, None)
        return bool(found)

    @property
    def is_unsure(self) -> bool:
        """Is there a Create without a clear answer that one look around has not explained?"""
        return bool(self._unseen)

    def looked_for(self, names: set[str]) -> None:
        """A look around that was answered did not show what has not been claimed of these names: not yet, perhaps."""
        self._unseen = names.difference(name for name in self.left_behind.values() if name is not None)
        self.maybe_created -= names - self._unseen
        self._riddles -= names

    def give_up_looking(self) -> None:
        """A second look has not shown them either."""
        self.maybe_created -= self._unseen
        self._unseen = set()

    def still_there(self, shown: Iterable[tuple[str | None, str]], call: Call) -> dict[str, str | None]:
        """What was deleted and yet is among what a walk has shown that began with this call, with its names."""
        gone = self._given - self.left_behind.keys()
        return {arn: name for name, arn in shown if arn in gone and not self._may_be_late(arn, call)}

    # -- whose it is

    def knows_as_ours(self, arn: str) -> bool:
        """Was this ARN given to this run, or made up by it, at an endpoint whose ARNs are what the model says?"""
        is_ours = arn in self._given or arn in self._knowledge.invented
        return is_ours and bool(self._given) and not self._has_odd_arns

    def may_delete(self, arn: Arn, sent: str) -> bool:
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
        if self._is_given_elsewhere(sent):
            return account_of(sent) != self.account
        if sent in self._knowledge.invented or sent in self._knowledge.elsewhere:
            return True
        if arn.literal is None:
            id_ = split_arn(sent)[1]
            origin = id_[:-1] if arn.change == "extended" else id_ + "0" if arn.change == "cut" else id_
            return arn.change in {"cut", "extended", "case", "bare"} and _RANDOM_ID.fullmatch(origin) is not None
        return self._is_forbidden(sent) and bool(self._given) and not self._has_odd_arns

    def _is_given_elsewhere(self, arn: str) -> bool:
        return any(arn in other._given for other in self.beside)  # noqa: SLF001 - others of its kind

    def _may_be_late(self, arn: str, call: Call) -> bool:
        """May a read show this ARN still, because its Delete is no longer ago than a read may lag?"""
        deleted_at = self._deleted_at.get(arn)
        return deleted_at is not None and call.start - deleted_at < self._knowledge.staleness

    def _is_forbidden(self, arn: str) -> bool:
        """Does the model say that this is no ARN?"""
        longest = self._contract.identity_length.maximum
        if longest is not None and len(arn) > longest:
            return True
        return self._contract.identity_pattern.fullmatch(arn) is None
