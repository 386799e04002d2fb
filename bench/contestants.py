"""The three that are compared: how each is started against an endpoint, and what it saw there.

Each is a process of its own that gets an URL and nothing else of the server, and is given the same seconds. What it
says is read from what it leaves behind: assay's results, the notes of Schemathesis' checks, the notes on the example
tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import schemathesis_run
from contest import Sighting
from desk import RunFailedError, fresh_desk

from assay.contract import load_contract
from assay.mutants import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["CONTESTANTS", "ContestantError", "Task", "of_results"]

_HERE: Final = Path(__file__).resolve().parent
_SPECS: Final = _HERE.parent / "specs"
_GRACE: Final = 45.0  # seconds after the budget in which a process must have ended: start-up, shrinking, clean-up
_CASES: Final = 100  # for each operation and round, Schemathesis' own default
_ENDS: Final = frozenset({0, 1, 4, 5})
_OTHERS: Final = ("AWS_", "PYTEST_", "ASSAY_")


class ContestantError(Exception):
    """A contestant could not be run, so nothing can be said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a contestant is asked to look at, and how long; `mutant` is None for the faultless reference.

    `is_first_enough` says that nothing is known to be wrong with the reference, so that one finding decides.
    """

    url: str
    mutant: str | None
    seconds: int
    seed: int
    cache: Path
    is_first_enough: bool = False


def _assay(task: Task) -> list[Sighting]:
    laws = ALL[task.mutant].caught_by if task.mutant is not None else ()
    with fresh_desk(cache=task.cache) as desk:
        try:
            run = desk.run(
                *("--endpoint-url", task.url, "--effort", "standard", "--seed", str(task.seed)),
                *("--time-limit", f"{task.seconds}s"),
                *(f"--until-broken={law}" for law in laws),
                timeout=task.seconds + _GRACE,
                codes=_ENDS,
            )
        except RunFailedError as error:
            raise ContestantError(str(error)) from error
    return of_results(run.results, laws=laws, clause=ALL[task.mutant].clause if task.mutant is not None else None)


def of_results(results: Mapping[str, Any], *, laws: Iterable[str], clause: str | None) -> list[Sighting]:
    """The findings of some laws, of all where none is named: of a `must` only what breaks it, or the clause named."""
    wanted = frozenset(laws)
    return [
        Sighting(law["id"], finding["found_at"]["call"])
        for law in results["laws"]
        for finding in law["findings"]
        if not wanted
        or (law["id"] in wanted and (finding["force"] == "must" or law["force"] == "should" or _is(finding, clause)))
    ]


def _is(finding: Mapping[str, Any], clause: str | None) -> bool:
    return clause is not None and finding["clause"] == clause


def _schemathesis(task: Task) -> list[Sighting]:
    contract = load_contract("codestar-connections", specs=_SPECS)
    limits = schemathesis_run.Limits(
        seconds=task.seconds,
        examples=_CASES,
        patience=task.seconds + _GRACE,
        is_first_enough=task.is_first_enough,
    )
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        try:
            notes = schemathesis_run.run(contract, task.url, Path(folder), limits=limits, seed=task.seed)
        except schemathesis_run.RivalError as error:
            raise ContestantError(str(error)) from error
    return [Sighting(note.what, note.call) for note in notes]


def _examples(task: Task) -> list[Sighting]:
    """Run the tests of `naive/`; those that hang are stopped when the time is over, and what failed before counts."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        notes = Path(folder, "notes.jsonl")
        command = [
            *(sys.executable, "-B", "-m", "pytest", str(_HERE / "naive"), "-p", "noted", "-p", "no:cacheprovider"),
            *("-q", "--tb=no", f"--rootdir={_HERE / 'naive'}", "-c", os.devnull),
        ]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
        environment |= {
            "AWS_ENDPOINT_URL": task.url,
            "ASSAY_BENCH_NOTES": str(notes),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_HERE), os.environ.get("PYTHONPATH")))),
        }
        try:
            ended = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=task.seconds + _GRACE, check=False
            )
        except subprocess.TimeoutExpired:
            pass
        else:
            if ended.returncode not in {0, 1}:
                raise ContestantError(f"the example tests ended with exit code {ended.returncode}")
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    return [Sighting(**json.loads(line)) for line in lines]


CONTESTANTS: Final[Mapping[str, Callable[[Task], list[Sighting]]]] = {
    "assay": _assay,
    "Schemathesis": _schemathesis,
    "example tests": _examples,
}
