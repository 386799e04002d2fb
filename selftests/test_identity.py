"""The id of a finding: the same for one fault in every run, another for another fault of the same law."""

from __future__ import annotations

from dataclasses import replace

import pytest
import runs
from in_memory import Reference, finding_of, search_for

from assay.history import Accepted, Refused, Unknown
from assay.identity import Fault, finding_id, shape_of
from assay.laws import Breach
from assay.program import Arn, Create, Get, List, Name, Program, Walk

LAW = "connection.name.unique"
BREACH = Breach(call=runs.call(7), expected="one", actual="two")


def test_what_luck_decides_is_not_in_an_id() -> None:
    """Not names, ARNs, numbers or times, nor the program, nor the words of a sentence."""
    other = Breach(call=runs.call(99, name="other"), expected="three", actual="four", earlier=3)
    assert finding_id(LAW, BREACH) == finding_id(LAW, other)
    assert runs.finding(LAW).id == replace(runs.finding(LAW), found_at=(9, 9.9), first_steps=2).id


def test_another_fault_has_another_id() -> None:
    """Another law, clause, operation, answer or aspect."""
    others = [
        ("connection.name.exact", BREACH),
        (LAW, replace(BREACH, clause="clause")),
        (LAW, replace(BREACH, aspect="long")),
        (LAW, replace(BREACH, call=runs.call(7, operation="GetConnection"))),
        (LAW, replace(BREACH, call=runs.call(7, outcome=Refused("A", 400)))),
        (LAW, replace(BREACH, call=runs.call(7, outcome=Refused("B", 400)))),
        (LAW, replace(BREACH, call=runs.call(7, outcome=Unknown("timeout")))),
    ]
    ids = [finding_id(*each) for each in [(LAW, BREACH), *others]]
    assert len(set(ids)) == len(ids)


def test_a_shape_that_is_not_known_is_any() -> None:
    """Results of earlier releases tell none."""
    assert Fault(LAW).is_shown_by(BREACH)
    assert Fault.of(LAW, BREACH).is_shown_by(BREACH)
    assert not Fault.of(LAW, BREACH).is_shown_by(replace(BREACH, call=runs.call(7, outcome=Refused("A", 400))))
    assert not Fault(LAW, "clause").is_shown_by(BREACH)
    assert shape_of(replace(BREACH, call=runs.call(7, outcome=Accepted({})))) == ("CreateConnection", "accepted")


def test_of_a_law_about_any_answer_the_operation_is_no_part() -> None:
    """A header that is missing everywhere is one fault."""
    general = replace(BREACH, is_general=True, aspect="missing")
    elsewhere = replace(general, call=runs.call(7, operation="GetConnection", outcome=Refused("A", 400)))
    assert finding_id(LAW, general) == finding_id(LAW, elsewhere)
    assert finding_id(LAW, general) != finding_id(LAW, replace(general, aspect="twice"))


@pytest.mark.parametrize(
    ("mutant", "law", "operation"),
    [
        ("status.available-at-once", "connection.status.pending", "GetConnection"),
        ("name.escaped-in-list", "connection.name.preserved", "ListConnections"),
    ],
)
def test_what_two_reads_show_is_one_finding_and_what_one_shows_stays_its_own(
    mutant: str, law: str, operation: str
) -> None:
    """Which read a search meets first is luck, so where Get shows it too, the finding is of Get."""
    found = []
    for read in (Get(Arn(0)), List()):
        search = search_for(Reference(mutant), {law})
        search.examine(Program((Create(0, Name(0, after='"<&')), read, Walk())), search.budget)
        search.explain()
        found.append(finding_of(search, law))
    assert {finding.breach.call.operation for finding in found} == {operation}
    assert len({finding.id for finding in found}) == 1
