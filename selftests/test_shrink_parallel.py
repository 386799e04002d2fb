"""Programs of calls at once are made small although they do not fail every time, and how often they do is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.explaining import tries
from assay.history import Accepted
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk, steps_within
from selftests.in_memory import Account, Reference, finding_of, search_for

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNIQUE = "concurrent.name.unique"
_LARGE = Program(
    (
        Create(7, Name(7)),
        Parallel(
            (
                (Create(0, Name(0)), Get(Arn(0))),
                (Walk(1), List()),
                (Delete(Arn(7)),),
                *((Create(n, Name(0)),) for n in range(1, 5)),
            )
        ),
        Walk(),
    )
)


class _Racy(Account):
    """Accepts every second Create of a name that is taken, as if two had met."""

    met = 0

    def _create(self, members: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        status, answer = super()._create(members)
        if status == 400:
            self.met += 1
            if self.met % 2 == 0:
                self.minted += 1
                arn = self.mint(self.minted)
                self.ours[arn] = members["ConnectionName"]
                return 200, {"ConnectionArn": arn}
        return status, answer


def test_fewer_branches_and_fewer_calls_and_the_rate_at_which_it_shows() -> None:
    account = _Racy()
    search = search_for(account, [_UNIQUE])
    search.examine(
        Program((Create(7, Name(7)), Parallel(tuple((Create(n, Name(0)),) for n in range(6))), Walk())), search.budget
    )
    search.explain()
    finding = finding_of(search, _UNIQUE)
    parallel = [step for step in finding.program.steps if isinstance(step, Parallel)]
    assert [len(step.branches) for step in parallel] == [2]
    assert len(list(steps_within(finding.program))) == 3
    shown, of = finding.shows
    assert 0 < shown < of == 20
    assert all(isinstance(call.outcome, Accepted) for call in finding.calls)


def test_only_programs_of_calls_at_once_are_tried_more_than_once() -> None:
    assert tries(Program((Create(0), Walk()))) == 1
    assert tries(_LARGE) > 1


def test_a_fault_that_needs_no_race_is_shown_without_one() -> None:
    """Every time: what was deleted beside the walk is deleted between its pages."""
    search = search_for(Reference("list.offset-token"), ["connection.list.complete"])
    beside = Program((Fill(100, 2), Parallel(((Walk(1),), (Delete(Arn(100)),)))))
    for _ in range(1_000):  # whether a run shows it depends on who is first
        search.examine(beside, search.budget)
        if search.book.findings:
            break
    search.explain()
    finding = finding_of(search, "connection.list.complete")
    assert not any(isinstance(step, Parallel) for step in finding.program.steps)
    assert finding.shows == (3, 3)
