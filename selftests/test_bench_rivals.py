"""The comparison with other tools: what counts as a true finding, and that the example tests are fair."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.reference import BackgroundReference

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).resolve().parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of `bench/`, which is no package."""
    monkeypatch.syspath_prepend(str(BENCH))

    def module(name: str) -> ModuleType:
        return importlib.import_module(name)

    return module


@pytest.fixture
def contest(bench: Any) -> Any:
    return bench("contest")


def first_true(contest: Any, *sightings: tuple[str, int], **changes: Any) -> Any:
    """Ten calls, answered at each second after the start at 100, and a budget of five seconds."""
    facts = {"known": (), "moments": [100.0 + call for call in range(1, 11)], "started": 100.0, "budget": 5.0}
    return contest.first_true([contest.Sighting(*each) for each in sightings], **{**facts, **changes})


def test_the_first_sighting_counts_at_the_moment_of_its_call(contest: Any) -> None:
    """Not the one that was noted first."""
    assert first_true(contest, ("late", 4), ("early", 2)) == contest.Discovery("early", 2, 2.0)


def test_what_is_seen_on_the_faultless_reference_too_is_no_true_finding(contest: Any) -> None:
    """Alone it is none; with another, that one counts."""
    assert first_true(contest, ("always", 1), known={"always"}) is None
    assert first_true(contest, ("always", 1), ("fault", 3), known={"always"}).what == "fault"


def test_what_is_seen_after_the_budget_is_not_found_within_it(contest: Any) -> None:
    """The fifth second still counts, the sixth does not."""
    assert first_true(contest, ("fault", 5)).second == 5.0
    assert first_true(contest, ("fault", 6)) is None


def test_silence_and_a_server_that_was_never_asked_give_nothing(contest: Any) -> None:
    """A failing fixture at no call at all counts as the first; without any answer there is no second to tell."""
    assert first_true(contest) is None
    assert first_true(contest, ("fault", 1), moments=[]) is None
    assert first_true(contest, ("fixture", 0)).second == 1.0
    assert first_true(contest, ("unanswered", 99), budget=60.0).second == 10.0


def test_medians_are_over_what_was_found(contest: Any) -> None:
    """Three of four, and of none there is no median."""
    found = {name: contest.Discovery("x", calls, calls / 10) for name, calls in (("a", 10), ("b", 30), ("c", 20))}
    assert contest.standing({**found, "d": None}) == contest.Standing(4, 3, 20.0, 2.0)
    assert contest.standing({"d": None}) == contest.Standing(1, 0, None, None)


def test_a_sample_holds_each_family(contest: Any) -> None:
    """Every third of each by name, whatever order they come in."""
    faults = ["list.d", "list.a", "name.a", "list.b", "list.c", "name.b"]
    assert contest.sampled(faults, 3) == ["list.a", "list.d", "name.a"]
    assert sorted(contest.sampled(faults, 1)) == sorted(faults)


def test_of_our_own_findings_only_those_of_a_named_law_count(bench: Any) -> None:
    """A `must` that only warned has not caught the fault, but for the clause that the fault names."""

    def law(name: str, force: str, *findings: tuple[str, str | None, int]) -> dict[str, Any]:
        told = [{"force": f, "clause": clause, "found_at": {"call": call}} for f, clause, call in findings]
        return {"id": name, "force": force, "findings": told}

    results = {
        "laws": [
            law("a", "must", ("should", "a.half", 3), ("must", None, 9)),
            law("b", "should", ("should", None, 5)),
            law("c", "must", ("must", None, 1)),
        ]
    }
    contestants = bench("contestants")

    def seen(*laws: str, clause: str | None = None) -> list[tuple[str, int]]:
        return [(each.what, each.call) for each in contestants.of_results(results, laws=laws, clause=clause)]

    assert seen("a", "b") == [("a", 9), ("b", 5)]
    assert seen("a", clause="a.half") == [("a", 3), ("a", 9)]
    assert len(seen()) == 4


def test_the_page_tells_what_was_found_and_what_was_not(bench: Any) -> None:
    """From made-up figures: one fault that all found, one that only assay did, one that nobody did."""

    def cell(call: int | None) -> dict[str, Any]:
        discovery = None if call is None else {"what": "x", "call": call, "second": call / 10}
        return {"discovery": discovery, "sightings": [], "calls": 99, "spent": 1.2, "trouble": None}

    names = ["assay", "Schemathesis", "example tests"]
    seen = {"list.a": (10, 40, 3), "list.b": (1_300, None, None), "name.a": (None, None, None)}
    figures = {
        "contestants": names,
        "catalogue": 238,
        "faults": list(seen),
        "chosen": "every 80th",
        "budget": 15,
        "seed": 1,
        "command": "python bench/rivals.py",
        "schemathesis": "4.32.0",
        "examples": 25,
        "machine": {"processors": 2, "system": "Linux on x86_64", "python": "3.11.7"},
        "load": [0.1, 0.2],
        "reference": {name: cell(None) for name in names},
        "attempts": {fault: dict(zip(names, map(cell, calls), strict=True)) for fault, calls in seen.items()},
    }
    text = bench("side_by_side").page(figures)
    assert "| list | 2 | 2 | 655 | 65.5 | 1 | 40 | 4.0 | 1 | 3 | 0.3 |" in text
    assert "| **all** | 3 | 2 |" in text
    assert "| `list.b` | 1,300 in 130.0 s | \N{EN DASH} | \N{EN DASH} |" in text
    assert "3 of the 238 faults were tried, every 80th" in text
    assert "* assay alone found 1 of them (`list.b`)." in text
    assert "* Schemathesis alone found 0 of them." in text
    assert "* None found 1 (`name.a`)." in text


def examples_against(url: str, notes: Path) -> int:
    """The exit code of the example tests against an endpoint."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    own = {
        "AWS_ENDPOINT_URL": url,
        "ASSAY_BENCH_NOTES": str(notes),
        "PYTHONPATH": str(BENCH),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(BENCH / "naive"), "-q", "-p", "noted", "-p", "no:cacheprovider"),
            *(f"--rootdir={BENCH / 'naive'}", "-c", os.devnull),
        ],
        env={**environment, **own},
        capture_output=True,
        timeout=120,
        check=False,
    ).returncode


def test_the_example_tests_pass_on_the_reference_and_note_where_they_fail(tmp_path: Path) -> None:
    """A rival that failed on a correct server would be none, nor would one that never failed."""
    notes = tmp_path / "notes.jsonl"
    with BackgroundReference() as server:
        assert examples_against(server.endpoint_url, notes) == 0
    assert not notes.exists()
    with BackgroundReference(mutant="status.active") as server:
        assert examples_against(server.endpoint_url, notes) == 1
    noted = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
    assert ["test_a_new_connection_is_pending" in each["what"] for each in noted] == [True]
    assert noted[0]["call"] > 10
