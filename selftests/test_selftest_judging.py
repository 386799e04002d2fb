"""What one run shows of the suite: killed, misnamed, survived; clean, accused; refused, believed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest
import runs

from assay.selftest import Case, Judgement, Ran, judged

if TYPE_CHECKING:
    from assay.book import Finding

UNIQUE = "connection.name.unique"
FORM = "connection.arn.form"
ONCE = "connection.list.once"
LENGTH = "connection.name.length"


def ran(
    case: Case,
    *findings: Finding,
    end: Literal["ended", "timeout", "stopped"] = "ended",
    code: int | None = None,
    **options: Any,
) -> Ran:
    """A run of a case that found these things."""
    results = runs.results(runs.book(*findings, **{"exercised": None, **options}))
    return Ran(
        case=case,
        end=end,
        code=results["exit_code"] if code is None else code,
        results=results,
        said=("assay: found: something", "broken: the reference server"),
        seconds=2.5,
    )


def mutant(*caught_by: str) -> Case:
    return Case(kind="mutant", name="name.some", story="It lies.", caught_by=caught_by or (UNIQUE,))


LIBERTY = Case(kind="liberty", name="order.some")
IMPOSTOR = Case(kind="impostor", name="empty")


def verdict(judgement: Judgement) -> tuple[str, str | None]:
    return judgement.verdict, judgement.reason


def test_a_mutant_is_killed_by_any_law_that_it_names() -> None:
    """One of them is enough; what else objected is told."""
    judgement = judged(ran(mutant(UNIQUE, ONCE), runs.finding(UNIQUE), runs.finding("wire.schema")))
    assert verdict(judgement) == ("killed", None)
    assert judgement.marks == {UNIQUE: "named", "wire.schema": "besides", ONCE: "missed"}
    assert judgement.first is not None
    assert (judgement.first.call, judgement.seconds) == (18, 2.5)
    assert judgement.shrunk is not None
    assert judgement.shrunk.calls == 2


def test_a_mutant_that_no_law_objects_to_has_survived() -> None:
    """The suite is blind there."""
    judgement = judged(ran(mutant()))
    assert verdict(judgement) == ("survived", None)
    assert judgement.marks == {UNIQUE: "missed"}
    assert judgement.first is None


def test_a_mutant_that_only_other_laws_object_to_is_misnamed() -> None:
    """Somebody's expectation is wrong."""
    judgement = judged(ran(mutant(), runs.finding(ONCE)))
    assert verdict(judgement) == ("misnamed", f"caught by {ONCE}")
    assert judgement.marks == {ONCE: "besides", UNIQUE: "missed"}


def test_a_warning_catches_a_mutant_where_the_law_is_a_should() -> None:
    """It can do no more than that."""
    assert judged(ran(mutant(FORM), runs.finding(FORM))).verdict == "killed"


def test_a_must_that_only_warns_has_caught_nothing() -> None:
    """A clause of it that is a `should` lets a user's build stay green."""
    clause = next(iter(runs.contract().laws[LENGTH].clauses))
    judgement = judged(ran(mutant(LENGTH), runs.finding(LENGTH, clause=clause)))
    assert (judgement.verdict, judgement.marks) == ("misnamed", {LENGTH: "warned"})
    assert str(judgement.reason).startswith(f"{LENGTH} only warned")


def test_a_clause_that_a_mutant_names_catches_it() -> None:
    """The fault breaks no more than that."""
    clause = next(iter(runs.contract().laws[LENGTH].clauses))
    case = replace(mutant(LENGTH), clause=clause)
    assert judged(ran(case, runs.finding(LENGTH, clause=clause))).verdict == "killed"
    assert judged(ran(replace(case, clause="another"), runs.finding(LENGTH, clause=clause))).verdict == "misnamed"


def test_what_is_folded_under_another_law_follows_from_it() -> None:
    """Unless the mutant names it."""
    cause, effect = "connection.status.enum", "wire.schema"
    both = runs.finding(cause), runs.finding(effect)
    assert judged(ran(mutant(cause), *both)).marks == {cause: "named", effect: "follows"}
    assert judged(ran(mutant(effect), *both)).marks == {cause: "besides", effect: "named"}


def test_a_run_that_ended_with_the_first_finding_tells_nothing_of_silent_laws() -> None:
    """They had no time to speak."""
    case = mutant(UNIQUE, ONCE)
    results = runs.results(runs.book(runs.finding(UNIQUE)), limits=("until-broken",))
    assert judged(Ran(case=case, end="ended", code=1, results=results)).marks == {UNIQUE: "named"}


def test_a_legal_server_is_accused_by_any_fail_or_warn() -> None:
    """With the finding, because it has to be explained away or mended."""
    for law, word in ((UNIQUE, "fail"), (FORM, "warn")):
        judgement = judged(ran(LIBERTY, runs.finding(law)))
        assert verdict(judgement) == ("accused", None)
        assert [(alarm.law, alarm.verdict, alarm.actual) for alarm in judgement.alarms] == [(law, word, "accepted")]
        assert judgement.alarms[0].steps


def test_what_stays_open_on_a_legal_server_is_no_alarm() -> None:
    """It may be slow, or scarce."""
    judgement = judged(ran(LIBERTY, exercised=(UNIQUE,)))
    assert verdict(judgement) == ("clean", None)
    assert ONCE in judgement.open["vacuous"]
    assert judged(ran(LIBERTY, unknown=2, calls=10)).open["indeterminate"] == ("wire.no-server-error",)


def test_silence_is_no_proof_of_innocence() -> None:
    """A server of which nothing could be said was not judged."""
    assert verdict(judged(ran(LIBERTY, exercised=()))) == ("unfinished", "not one law was exercised")


def test_an_impostor_that_conforms_is_believed() -> None:
    """Any other end refuses it, with or without findings."""
    assert judged(ran(IMPOSTOR, code=0)).verdict == "believed"
    assert judged(ran(IMPOSTOR, code=4)).verdict == "refused"
    judgement = judged(ran(IMPOSTOR, runs.finding(UNIQUE)))
    assert (judgement.verdict, judgement.said) == ("refused", "broken: the reference server")
    assert judgement.alarms == ()


@pytest.mark.parametrize("case", [mutant(), LIBERTY, IMPOSTOR])
def test_a_run_without_an_end_is_no_verdict(case: Case) -> None:
    """Neither of a server nor of the suite."""
    late = judged(ran(case, end="timeout"))
    assert verdict(late) == ("unfinished", "it had no end of its own and was stopped")
    lost = judged(Ran(case=case, end="ended", code=3, said=("assay: this is a fault of assay's own",)))
    assert lost.verdict == "unfinished"
    assert "fault of assay's own" in str(lost.reason)


def test_a_run_that_was_stopped_with_everything_was_not_tried() -> None:
    """It says nothing against anybody."""
    assert judged(ran(mutant(), end="stopped")).verdict == "not-run"
    assert judged(Ran(case=LIBERTY, end="stopped")).verdict == "not-run"
