"""What a book means: verdicts, exit codes, the order of findings, and a document that its schema describes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import runs
from jsonschema import Draft202012Validator

from assay.errors import AssayError, HarnessError, TargetError, UnsafeTargetError, UsageError
from assay.history import Accepted, Unknown
from assay.results.verdicts import verdict
from assay.suite import find_suite, import_reports

UNIQUE, EXACT = "connection.name.unique", "connection.name.exact"
LOST = TargetError("the endpoint stopped answering", hint="start it again")
INTERRUPTED: Any = "interrupted"


def verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {law["id"]: law["verdict"] for law in results["laws"]}


def validated(results: dict[str, Any]) -> dict[str, Any]:
    schema = json.loads((find_suite() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    written = json.loads(import_reports().json.render(results))
    Draft202012Validator(schema).validate(written)
    return written


@pytest.mark.parametrize(
    ("laws", "exercised", "trouble", "strict", "code", "word"),
    [
        ((), None, None, False, 0, "conforms"),
        ((EXACT,), None, None, False, 0, "conforms"),
        ((EXACT,), None, None, True, 1, "broken"),
        ((UNIQUE,), None, None, False, 1, "broken"),
        ((), (), None, False, 5, "nothing-exercised"),
        ((), (EXACT,), None, False, 0, "conforms"),
        ((), (), LOST, False, 4, "indeterminate"),
        ((), None, LOST, False, 4, "indeterminate"),
        ((UNIQUE,), (UNIQUE,), LOST, False, 1, "broken"),
        ((EXACT,), (EXACT,), LOST, False, 4, "indeterminate"),
        ((), None, INTERRUPTED, False, 4, "indeterminate"),
        ((UNIQUE,), None, INTERRUPTED, False, 1, "broken"),
        ((UNIQUE,), None, HarnessError("a bug"), False, 3, "error"),
        ((), (), UsageError("no credentials"), False, 2, "not-run"),
        ((), (), UnsafeTargetError("AWS"), False, 6, "not-run"),
    ],
)
def test_the_exit_code_follows_the_precedence_of_the_command_line(  # noqa: PLR0913 - a column each
    *, laws: tuple[str, ...], exercised: tuple[str, ...] | None, trouble: Any, strict: bool, code: int, word: str
) -> None:
    """2 and 6 before the run, then 3, 1, 4, 5, 0."""
    book = runs.book(*map(runs.finding, laws), exercised=exercised)
    interrupted = trouble is INTERRUPTED
    error: AssayError | None = None if interrupted else trouble
    results = validated(runs.results(book, trouble=error, strict=strict, interrupted=interrupted))
    assert (results["exit_code"], results["verdict"]) == (code, word)


def test_a_law_without_a_judge_is_unsupported_and_says_why() -> None:
    """Never passed, also where everything else is."""
    law = replace(runs.contract().laws["isolation.account"], since=None, pending="tomorrow")
    book = runs.book(exercised=(law.id,))
    how: dict[str, Any] = {"forces": (), "strict": False, "trouble": None, "limits": ()}
    assert verdict(law, book=book, **how) == ("unsupported", "tomorrow")
    assert verdict(replace(law, id="connection.new", pending=None), book=book, **how)[0] == "unsupported"


def test_a_broken_must_fails_and_a_broken_should_warns_unless_strict() -> None:
    """The force decides, and it is the run's own."""
    broken = runs.book(runs.finding(UNIQUE), runs.finding(EXACT))
    assert verdicts(runs.results(broken))[UNIQUE] == "fail"
    assert verdicts(runs.results(broken))[EXACT] == "warn"
    assert verdicts(runs.results(broken, strict=True))[EXACT] == "fail"
    relaxed = runs.results(runs.book(runs.finding(UNIQUE, force="should")), forces={UNIQUE: "should"})
    assert verdicts(relaxed)[UNIQUE] == "warn"
    assert relaxed["exit_code"] == 0


def test_a_law_that_nothing_exercised_is_vacuous_and_in_trouble_indeterminate() -> None:
    """Silence is never a pass."""
    some = runs.book(exercised=(EXACT,))
    assert verdicts(runs.results(some))[UNIQUE] == "vacuous"
    assert verdicts(runs.results(some, trouble=LOST))[UNIQUE] == "indeterminate"
    assert verdicts(runs.results(some, interrupted=True))[UNIQUE] == "indeterminate"
    limited = runs.results(some, limits=("max-calls",))
    assert "max-calls" in next(law["reason"] for law in limited["laws"] if law["id"] == UNIQUE)


@pytest.mark.parametrize(("unknown", "calls", "word"), [(0, 10, "pass"), (1, 10, "pass"), (2, 10, "indeterminate")])
def test_weather_above_one_call_in_a_thousand_leaves_server_errors_open(unknown: int, calls: int, word: str) -> None:
    """One call alone never does."""
    results = runs.results(runs.book(unknown=unknown, calls=calls))
    assert verdicts(results)["wire.no-server-error"] == word
    assert results["exit_code"] == (4 if word == "indeterminate" else 0)


def test_two_unknown_calls_among_many_are_weather() -> None:
    """At or below one in a thousand the law passes."""
    assert verdicts(runs.results(runs.book(unknown=2, calls=2_000)))["wire.no-server-error"] == "pass"


def test_only_selected_laws_are_told_and_counted() -> None:
    """What was not asked for changes nothing."""
    results = runs.results(runs.book(runs.finding(UNIQUE)), selected={EXACT})
    assert [law["id"] for law in results["laws"]] == [EXACT]
    assert results["exit_code"] == 0
    assert results["findings"] == []


def test_causes_come_first_then_must_before_should_then_the_order_of_the_file() -> None:
    """A finding that follows from another broken law is folded under it, and told last."""
    consequence, cause = "connection.status.pending", "connection.status.enum"
    results = runs.results(
        runs.book(*map(runs.finding, ("connection.status.agrees", consequence, EXACT, cause, "connection.list.token")))
    )
    under = {each["law"]: each["folded_under"] for law in results["laws"] for each in law["findings"]}
    assert under[consequence] == cause
    assert under["connection.status.agrees"] == cause
    assert under[cause] is None
    told = [identity.rpartition("-")[0] for identity in results["findings"]]
    assert told == [cause, "connection.list.token", EXACT, consequence, "connection.status.agrees"]


def test_a_must_is_never_folded_under_a_should() -> None:
    """create.accepts follows from name.exact, but it is the graver."""
    results = runs.results(runs.book(runs.finding(EXACT), runs.finding("connection.create.accepts")))
    told = {each["law"]: each["folded_under"] for law in results["laws"] for each in law["findings"]}
    assert told == {EXACT: None, "connection.create.accepts": None}


def test_a_should_clause_is_folded_under_the_must_of_its_own_law() -> None:
    """One law, one story."""
    law = "connection.name.length"
    results = runs.results(runs.book(runs.finding(law), runs.finding(law, clause="control-characters")))
    told = {each["clause"]: each["folded_under"] for law in results["laws"] for each in law["findings"]}
    assert told == {None: None, "control-characters": law}


def test_a_finding_alone_in_a_clause_is_a_warning_with_the_clauses_sentence() -> None:
    """The law itself was kept."""
    law = "connection.name.length"
    results = runs.results(runs.book(runs.finding(law, clause="control-characters")))
    assert verdicts(results)[law] == "warn"
    (found,) = next(each["findings"] for each in results["laws"] if each["id"] == law)
    assert found["sentence"] == runs.contract().laws[law].clauses["control-characters"].sentence


def test_a_finding_tells_how_to_replay_it_where_the_results_lie() -> None:
    """The command can be pasted, also where the folder has a space."""
    results = runs.results(runs.book(runs.finding(UNIQUE)), report_dir="my reports")
    (identity,) = results["findings"]
    (found,) = next(law["findings"] for law in results["laws"] if law["id"] == UNIQUE)
    assert found["reproducers"] == {"assay": f"assay replay 'my reports/results.json' {identity}"}


def test_what_no_json_reader_takes_is_written_as_text() -> None:
    """Python reads NaN in an answer; JSON has no word for it, and a lone surrogate must not stop the report."""
    odd = runs.call(1, name="\ud800", outcome=Accepted({"ConnectionArn": math.nan, "More": [math.inf, {"x": 1.5}]}))
    results = validated(runs.results(runs.book(runs.finding(UNIQUE, calls=(odd,)))))
    (found,) = next(law["findings"] for law in results["laws"] if law["id"] == UNIQUE)
    assert found["history"][0]["outcome"]["output"] == {"ConnectionArn": "NaN", "More": ["Infinity", {"x": 1.5}]}


def test_every_kind_of_outcome_is_described_by_the_schema() -> None:
    """Accepted, refused, unknown; with an answer and without."""
    history = (runs.call(1), runs.call(2, outcome=runs.REFUSED), runs.call(3, outcome=Unknown("timeout", "10 s")))
    left = ((f"{runs.ARN}9", None),)
    results = validated(runs.results(runs.book(runs.finding(UNIQUE, calls=history)), left_behind=left))
    assert results["cleanup"]["left_behind"] == [{"arn": f"{runs.ARN}9", "name": None}]


def test_latencies_are_percentiles_in_milliseconds() -> None:
    """Nearest rank, and nothing where there was no call."""
    book = runs.book()
    book.latencies = [each / 1_000 for each in range(1, 101)]
    assert runs.results(book)["calls"]["latency_ms"] == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    book.latencies = []
    assert validated(runs.results(book))["calls"]["latency_ms"] is None
