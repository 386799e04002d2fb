"""A race is also tried in a row, so that what needs none is found to need none, and not by luck."""

from __future__ import annotations

from dataclasses import replace

from assay.explaining import Explainer
from assay.program import Arn, Create, Delete, Fill, Get, List, Name, Parallel, Program, Walk
from assay.untangling import untangled
from selftests import runs
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


def test_ways_that_are_the_same_are_one() -> None:
    once = Program((Create(0), Parallel(((Delete(Arn(0)),), (Delete(Arn(0)),)))))
    assert [each.steps for each in untangled(once)] == [(Create(0), Delete(Arn(0)), Delete(Arn(0)))]


def test_with_calls_for_little_more_than_itself_a_race_is_run_again_as_it_is_first() -> None:
    """A plan leaves 40 calls to explain one finding: in a row, three ways would take them all."""
    race = Program((Parallel(tuple((Create(n, Name(n)),) for n in range(8))),))
    finding = replace(runs.finding("concurrent.name.unique"), program=race)
    search = search_for(Reference(), ["concurrent.name.unique"])
    search.programs.append(race)
    assert next(iter(Explainer(search)._starts(finding))) != race
    search.explaining = (40, 120.0)
    assert next(iter(Explainer(search)._starts(finding))) == race


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
