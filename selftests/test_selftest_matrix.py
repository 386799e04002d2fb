"""What all runs show together: rows, laws that are tried alone, the document, and the exit code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import runs

from assay.selftest import Case, Judgement, build
from assay.selftest.judging import Alarm, First, Mark, Shrunk, Verdict
from assay.selftest.matrix import alone, kin, rows

UNIQUE, EXACT, ONCE = "connection.name.unique", "connection.name.exact", "connection.list.once"


def of_mutant(name: str, verdict: Verdict = "killed", *, seed: int = 1, calls: int = 10, **marks: Mark) -> Judgement:
    """A judgement of a mutant; marks by the last word of a law's id."""
    laws = {"unique": UNIQUE, "exact": EXACT, "once": ONCE, "schema": "wire.schema"}
    found = {laws[word]: mark for word, mark in marks.items()}
    named = tuple(law for law, mark in found.items() if mark in {"named", "missed"})
    return Judgement(
        case=Case(kind="mutant", name=name, story=f"{name} lies.", caught_by=named or (UNIQUE,), seed=seed),
        verdict=verdict,
        marks=found,
        first=First(law=UNIQUE, call=calls, second=0.5) if verdict != "survived" else None,
        shrunk=Shrunk(calls=3, steps=2, spent_calls=100, spent_seconds=0.2) if verdict == "killed" else None,
        calls=100,
    )


def of_liberty(name: str, verdict: Verdict = "clean", *alarms: Alarm, **members: Any) -> Judgement:
    case = Case(kind="liberty", name=name, story=f"{name} is legal.")
    return Judgement(case=case, verdict=verdict, alarms=alarms, **members)


def of_impostor(name: str, verdict: Verdict = "refused") -> Judgement:
    case = Case(kind="impostor", name=name, story=f"{name} is none.")
    return Judgement(case=case, verdict=verdict, said="broken: it is none", reason="it conforms")


ALARM = Alarm(law=ONCE, verdict="fail", expected="once", actual="twice", steps=("walk",))


def document(*judgements: Judgement, **facts: Any) -> dict[str, Any]:
    """The document of a trial."""
    laws = runs.contract().laws
    return build(
        judgements,
        laws=laws,
        **{
            "judged_laws": (UNIQUE, EXACT, ONCE),
            "effort": "quick",
            "seeds": (1,),
            "whole": True,
            "partial": False,
            "jobs": 2,
            "started": datetime(2026, 11, 22, 12, tzinfo=UTC),
            "duration_s": 12.5,
            "interrupted": False,
            **facts,
        },
    )


def test_a_mutant_that_was_killed_at_the_second_try_is_killed_and_counted() -> None:
    """In the summary and in its run; one that outlived both is none of them."""
    late = replace(of_mutant("name.late", unique="named"), missed_in="quick")
    alive = replace(of_mutant("name.alive", "survived", unique="missed"), missed_in="quick")
    found = document(late, alive, of_mutant("name.soon", unique="named"), again="standard")
    assert found["summary"]["mutants"]["killed"] == 2
    assert found["summary"]["mutants"]["killed_again"] == 1
    missed = {mutant["name"]: mutant["runs"][0]["missed_in"] for mutant in found["mutants"]}
    assert missed == {"name.late": "quick", "name.alive": "quick", "name.soon": None}
    assert (found["again"], found["exit_code"]) == ("standard", 1)
    assert document(late, again="standard")["exit_code"] == 0


def test_a_mutant_is_as_good_as_its_worst_run() -> None:
    """Killed by one seed and not by the next is not killed."""
    (row,) = rows(
        [
            of_mutant("name.some", seed=1, calls=10, unique="named"),
            of_mutant("name.some", "survived", seed=2, unique="missed"),
            of_mutant("name.some", "misnamed", seed=3, calls=40, unique="missed", once="besides"),
        ]
    )
    assert row.verdict == "survived"
    assert (row.cells[UNIQUE].mark, row.cells[UNIQUE].times, row.cells[UNIQUE].of) == ("named", 1, 3)
    assert row.cells[ONCE].mark == "besides"
    assert row.calls_to_first == 25


def test_kin_is_what_a_law_follows_from_and_what_follows_from_it() -> None:
    """Over any number of steps, and in no other direction: siblings are no kin."""
    implied_by = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",), "e": ()}
    assert kin("b", implied_by) == {"a", "b", "c"}
    assert kin("c", implied_by) == {"a", "b", "c"}
    assert kin("a", implied_by) == {"a", "b", "c", "d"}
    assert kin("e", implied_by) == {"e"}


def test_a_law_is_tried_alone_where_nothing_but_its_kin_broke() -> None:
    """A mutant that breaks everything tries nothing."""
    implied_by = {"a": (), "b": ("a",), "c": ()}
    broken = {"one": ["a"], "kin": ["a", "b"], "both": ["a", "c"], "none": []}
    assert alone("a", broken, implied_by) == ("one", "kin")
    assert alone("b", broken, implied_by) == ("kin",)
    assert alone("c", broken, implied_by) == ()


def test_a_trial_without_fault_is_strong() -> None:
    """Exit code 0."""
    found = document(of_mutant("name.some", unique="named"), of_liberty("order.some"), of_impostor("empty"))
    assert (found["verdict"], found["exit_code"]) == ("strong", 0)
    assert found["summary"]["mutants"]["killed"] == 1
    assert found["not_alone"] == [EXACT, ONCE]


@pytest.mark.parametrize(
    "wrong",
    [
        of_mutant("name.other", "survived", unique="missed"),
        of_mutant("name.other", "misnamed", unique="missed", once="besides"),
        of_mutant("name.other", "unfinished"),
        of_liberty("order.other", "accused", ALARM),
        of_liberty("order.other", "unfinished", reason="it crashed"),
        of_impostor("other", "believed"),
    ],
    ids=lambda judgement: f"{judgement.case.kind}-{judgement.verdict}",
)
def test_whatever_is_wrong_makes_it_weak(wrong: Judgement) -> None:
    """Exit code 1, also where it was stopped before the end."""
    good = of_mutant("name.some", unique="named")
    assert (document(good, wrong)["verdict"], document(good, wrong)["exit_code"]) == ("weak", 1)
    assert document(good, wrong, interrupted=True)["exit_code"] == 1


def test_a_trial_that_was_stopped_before_anything_went_wrong_is_unfinished() -> None:
    """Nobody can say: exit code 4, and nothing is said of laws that might yet have been tried."""
    left = of_mutant("name.other", "not-run")
    found = document(of_mutant("name.some", unique="named"), left, interrupted=True)
    assert (found["verdict"], found["exit_code"], found["not_alone"]) == ("unfinished", 4, None)
    assert found["summary"]["mutants"]["not_run"] == 1
    assert found["summary"]["runs"] == 1


def test_laws_that_no_mutant_tries_alone_are_known_only_from_whole_runs() -> None:
    """And of a part of the mutants, only for the laws that these name."""
    judgements = (of_mutant("name.some", unique="named", once="besides"),)
    assert document(*judgements, whole=False)["not_alone"] is None
    assert document(*judgements, partial=True)["not_alone"] == [UNIQUE]
    (law,) = [each for each in document(*judgements)["laws"] if each["id"] == UNIQUE]
    assert (law["caught"], law["alone"], law["is_judged"]) == (["name.some"], [], True)


def test_an_alarm_is_told_once_with_the_seed_that_showed_it() -> None:
    """Five seeds of the same alarm are one alarm."""
    accused = of_liberty("order.some", "accused", ALARM)
    found = document(accused, accused, seeds=(1, 2))
    assert found["summary"]["legal"] == {
        "total": 1,
        "alarms": 1,
        "clean": 0,
        "accused": 1,
        "unfinished": 0,
        "not_run": 0,
    }
    assert found["legal"][0]["alarms"][0]["seed"] == 1


def test_mutants_stand_in_the_order_of_the_laws_that_they_name() -> None:
    """So that what is well is a diagonal, noun by noun."""
    found = document(
        of_mutant("list.some", once="named"),
        of_mutant("name.twin", exact="named"),
        of_mutant("name.double", unique="named"),
    )
    assert [mutant["name"] for mutant in found["mutants"]] == ["name.double", "name.twin", "list.some"]
