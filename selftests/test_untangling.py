"""A race is also tried in a row, so that what needs none is found to need none, and not by luck."""

from __future__ import annotations

from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk
from assay.untangling import untangled
from selftests.in_memory import Reference, finding_of, search_for

_LAW = "connection.list.complete"


def test_what_is_done_beside_a_walk_is_done_between_its_pages_behind_it_and_before_it() -> None:
    program = Program((Fill(100, 2), Parallel(((Walk(1),), (Delete(Arn(100)),))), List()))
    assert [each.steps for each in untangled(program)] == [
        (Fill(100, 2), Walk(1, between=((1, Delete(Arn(100))),)), List()),
        (Fill(100, 2), Walk(1), Delete(Arn(100)), List()),
        (Fill(100, 2), Delete(Arn(100)), Walk(1), List()),
    ]


def test_every_race_of_a_program_is_put_in_a_row() -> None:
    """One that has fewer ways than another is put in its last one."""
    twins = Parallel(((Create(0, Name(0)),), (Create(1, Name(0)),)))
    churn = Parallel(((Walk(1),), (Get(Arn(0)),)))
    assert [each.steps for each in untangled(Program((twins, churn)))] == [
        (Create(0, Name(0)), Create(1, Name(0)), Walk(1, between=((1, Get(Arn(0))),))),
        (Create(1, Name(0)), Create(0, Name(0)), Walk(1), Get(Arn(0))),
        (Create(1, Name(0)), Create(0, Name(0)), Get(Arn(0)), Walk(1)),
    ]


def test_a_program_without_a_race_has_nothing_to_untangle() -> None:
    assert not list(untangled(Program((Create(0), Walk()))))


def test_a_finding_is_explained_without_a_race_that_does_not_meet_it_again() -> None:
    """Whoever deletes before the walk begins is hardly ever in the middle of it: that must not decide."""
    search = search_for(Reference("list.offset-token"), [_LAW])
    search.examine(Program((Fill(100, 2), Walk(1, between=((1, Delete(Arn(100))),)))), search.budget)
    finding = finding_of(search, _LAW)
    finding.program = Program((Fill(100, 2), Parallel(((Delete(Arn(100)),), (Walk(1),)))))
    search.explain()
    assert not any(isinstance(step, Parallel) for step in finding.program.steps)
    assert finding.shows == (3, 3)
