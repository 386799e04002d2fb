"""Which programs a planned run carries out: each once, woven together, and none that a permission is missing for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.budget import Budget
from assay.choice import Choice
from assay.denials import Denials
from assay.history import FIRST
from assay.in_force import put_in_force
from assay.plan import Plan
from assay.program import Arn, Create, Delete, Get, List, Name, Parallel, Program, Walk
from selftests.histories import NEWEST, contract_of
from selftests.in_memory import Account, driver_for

if TYPE_CHECKING:
    from collections.abc import Sequence

LISTED = Program((Create(0), Walk()))
DELETED = Program((Create(0), Delete(Arn(0)), Walk()))
TWICE = Program((Create(0), Create(1), List()))
LOOKED_AT = Program((Create(0), Get(Arn(0))))
GONE = Program((Create(0), Delete(Arn(0)), Get(Arn(0))))
NAMED = (
    ("connection.list.complete", (LISTED,)),
    ("connection.get.details", (LOOKED_AT, GONE)),
    ("connection.delete.removes", (DELETED, GONE)),
    ("connection.name.unique", (TWICE,)),
)


class _Run:
    """A run by a plan, on which permissions may be lost."""

    def __init__(self, calls: int = 200, named: Sequence[tuple[str, Sequence[Program]]] = NAMED) -> None:
        contract = contract_of(NEWEST)
        put_in_force(contract)
        plan = Plan.of(contract, max_calls=calls, rate=None, region="us-east-1")
        self.named, self.lost = named, Denials(contract, {FIRST: "123456789012"}, "us-east-1")
        self.choice = Choice(
            plan,
            driver_for(Account()),
            Budget(max_calls=plan.calls, kept=plan.kept),
            is_concurrent=False,
            is_exercised=lambda _: False,
            is_denied=lambda program: bool(self.lost.missing_for(program)),
        )
        self.choice.choose(named)

    def deny(self, operation: str) -> None:
        self.lost.actions[FIRST, operation] = f"codestar-connections:{operation}"

    def carried_out(self, *, denied_in_the_first: str | None = None) -> list[set[str]]:
        """What is woven into each program that the run carries out, in order."""
        all_of_them = []
        for program in (each for _, programs in self.named for each in programs):
            if self.choice.has_room_for(program):
                assert not self.lost.missing_for(self.choice.fitted(program)), "what is missing for it is known"
                all_of_them.append(self.parts_of(program))
                if denied_in_the_first is not None:
                    self.deny(denied_in_the_first)
        return all_of_them

    def parts_of(self, program: Program) -> set[str]:
        return {str(part.program) for part in self.choice.parts_of(program)} or {str(program)}


def _words(*programs: Program) -> set[str]:
    return set(map(str, programs))


def test_every_program_is_carried_out_once() -> None:
    """All at once, where they can be woven together."""
    assert _Run().carried_out() == [_words(LISTED, LOOKED_AT, GONE, DELETED, TWICE)]


def test_what_was_denied_spoils_no_program_that_does_without_it() -> None:
    """Nothing was judged of the first program, so what is left of it comes again."""
    first, *rest = _Run().carried_out(denied_in_the_first="GetConnection")
    assert first == _words(LISTED, LOOKED_AT, GONE, DELETED, TWICE)
    assert rest == [_words(LISTED, DELETED, TWICE)]


def test_what_was_denied_is_made_good_where_nothing_waits_any_more() -> None:
    """There is nothing else that could be woven anew."""
    named = ((NAMED[1][0], (LOOKED_AT,)), (NAMED[0][0], (LISTED,)))
    run = _Run(named=named)
    assert run.carried_out(denied_in_the_first="GetConnection") == [_words(LOOKED_AT, LISTED), _words(LISTED)]
    assert run.carried_out() == []


def test_what_was_judged_before_a_permission_was_lost_is_not_asked_again() -> None:
    """Only what was denied was in vain."""
    full = [Program(tuple(Create(n, Name(n), kind) for n in range(8))) for kind in ("Bitbucket", "GitHub", "GitLab")]
    last = Program((*full[2].steps, Get(Arn(7))))
    laws = ("connection.create.accepts", "connection.list.complete", "connection.get.details", "connection.arn.stable")
    run = _Run(named=tuple(zip(laws, ((full[0], LISTED), (full[1],), (last,), (DELETED, LOOKED_AT)), strict=True)))
    assert run.choice.has_room_for(LISTED)
    first = run.parts_of(LISTED)
    assert str(LOOKED_AT) in first
    assert run.choice.has_room_for(full[0])
    second = run.parts_of(full[0])
    run.deny("GetConnection")
    again = set().union(*run.carried_out())
    assert not again & (first | second)


def test_who_may_do_nothing_asks_nothing() -> None:
    """Without Create, none of these is left."""
    run = _Run()
    run.deny("CreateConnection")
    assert run.carried_out() == []


@pytest.mark.parametrize("calls", [20, 40])
def test_a_plan_with_little_room_takes_what_there_is_room_for(calls: int) -> None:
    """And what sends at once is nothing for a run that does not."""
    race = Program((Create(0), Parallel(((Get(Arn(0)),), (Get(Arn(0)),)))))
    run = _Run(calls, (*NAMED, ("concurrent.linearizable", (race,))))
    carried_out = run.carried_out()
    assert carried_out
    assert all(str(race) not in parts for parts in carried_out)
