"""The plugin: the book decides, not the tests' outcomes; and the conformance tests are what their README says.

A run of the conformance tests takes seconds, so there are few of them here: one that conforms, one that does not, one
whose endpoint is not there.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import socket
import subprocess
import sys
from collections import Counter
from functools import cache
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay import plugin
from assay.laws import JUDGES
from selftests.histories import EDITIONS, NEWEST, contract_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


def run_tests(tmp_path: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any] | None]:
    """What `pytest` says in a checkout, and the results that it wrote."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTEST_", "ASSAY_"))}
    environment |= {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    fixed = ["--assay-effort", "quick", "--assay-seed", "1", "--assay-report-dir", str(tmp_path / "report")]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *fixed, *options],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    results = tmp_path / "report" / "results.json"
    return ended, json.loads(results.read_text(encoding="utf-8")) if results.exists() else None


def verdicts(document: dict[str, Any] | None) -> dict[str, str]:
    assert document is not None
    return {law["id"]: law["verdict"] for law in document["laws"]}


# -- runs


def test_a_law_glob_chooses_tests_by_their_markers_and_laws_by_their_ids(tmp_path: Path) -> None:
    """Two laws, two tests, each first with what it names; exit code 0 where they hold, and no verdict on others."""
    wanted = {"connection.delete.empty", "connection.owner.account"}
    ended, document = run_tests(tmp_path, *(f"--assay-law={law[:-1]}?" for law in wanted))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    passed = re.findall(r"::(test_\w+)(\[named\])? PASSED", ended.stdout)
    assert {law_of(test) for name, test in conformance_tests().items() if name in dict(passed)} == wanted
    assert [named for _, named in passed] == ["[named]", "[named]", "", ""]
    assert "4 passed" in ended.stdout
    assert set(verdicts(document)) == wanted
    assert set(verdicts(document).values()) == {"pass"}
    assert document is not None
    assert document["exit_code"] == 0
    assert document["cleanup"]["left_behind"] == []


def test_what_tests_name_comes_before_what_they_draw_and_what_is_cheap_before_what_is_dear(tmp_path: Path) -> None:
    """Whatever file and letter they stand under; what is drawn waits for all that is named."""
    options = ("--assay-law=connection.delete.removes", "--assay-law=connection.status.enum", "--assay-effort=quick")
    ended, _ = run_tests(tmp_path, *options)
    dear, cheap = "test_a_deleted_connection_is_gone", "test_a_status_is_one_of_three_words"
    order = re.findall(r"::(test_\w+(?:\[named\])?) PASSED", ended.stdout)
    assert order == [f"{cheap}[named]", f"{dear}[named]", cheap, dear], ended.stdout


def test_a_broken_law_fails_its_test_with_the_finding_of_the_book(tmp_path: Path) -> None:
    """An ARN given again does not come again when Hypothesis looks: it is no less a finding, and never flaky."""
    options = ("--assay-law=connection.arn.never-reused", "--assay-law=connection.delete.empty")
    ended, document = run_tests(tmp_path, "--assay-mutant=arn.freed-given-again", *options)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "connection.arn.never-reused is broken\n  expected: " in ended.stdout
    assert "\n  actual:   " in ended.stdout
    assert "Flaky" not in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "4 failed, 2 passed" in ended.stdout, "both tests of the law fail, in both rounds, with its one finding"
    assert verdicts(document) == {"connection.arn.never-reused": "fail", "connection.delete.empty": "pass"}
    assert document is not None
    assert document["exit_code"] == 1


def test_known_failures_decide_in_plain_pytest_runs_as_well(tmp_path: Path) -> None:
    """Listed and failing, a test is an expected failure; listed and kept, the run fails, by nothing else."""
    known = tmp_path / "known.toml"
    laws = ("connection.delete.empty", "connection.owner.account")
    known.write_text("".join(f'[[expect]]\nlaw = "{law}"\nreason = "known"\n' for law in laws), encoding="utf-8")
    options = (*(f"--assay-law={law}" for law in laws), f"--assay-expect={known}")
    ended, document = run_tests(tmp_path, "--assay-mutant=delete.answers-with-arn", *options)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert Counter(re.findall("PASSED|FAILED|XFAIL", ended.stdout)) == {"PASSED": 2, "XFAIL": 2}
    assert verdicts(document) == dict(zip(laws, ("expected-fail", "stale"), strict=True))


def test_an_endpoint_that_is_not_there_is_no_success(tmp_path: Path) -> None:
    """Under plain pytest the exit code is 0 or 1; the results' own tells what it was."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ended, document = run_tests(
        tmp_path, f"--endpoint-url=http://127.0.0.1:{port}", "--assay-law=connection.delete.empty"
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert document is not None
    assert document["exit_code"] == 4
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_suites_own_tests_start_no_reference(request: pytest.FixtureRequest) -> None:
    """They need no endpoint, so the plugin keeps out of their runs."""
    arguments = request.config.args
    if any(Path(str(argument).partition("::")[0]).resolve() in {ROOT, ROOT / "tests"} for argument in arguments):
        pytest.skip("this run asks for the conformance tests, too")
    assert plugin._RUN not in request.config.stash


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["tests"], True),
        (["tests/codestar_connections"], True),
        (["tests/codestar_connections/test_names.py::test_a_name_has_a_certain_length"], True),
        (["."], True),
        (["selftests"], False),
        (["selftests/test_plugin.py", "selftests/test_naming.py"], False),
        (["selftests", "tests/codestar_connections/test_names.py"], True),
        (["bench"], False),
        ([], False),
    ],
)
def test_the_plugin_asks_whether_the_conformance_tests_are_asked_for(arguments: list[str], *, asked: bool) -> None:
    """By the paths that pytest was given, a node id or a folder around them too."""

    class Config:
        args = arguments

        class invocation_params:  # noqa: N801 - pytest's name
            dir = ROOT

    assert plugin._asks_for_the_suite(Config()) is asked  # type: ignore[arg-type]


# -- the conformance tests


@cache
def conformance_tests() -> dict[str, Callable[..., None]]:
    """Every test function of `tests/`, by its name."""
    found: dict[str, Callable[..., None]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, value in runpy.run_path(str(path)).items():
            if name.startswith("test_"):
                assert name not in found, f"{name} stands in two modules"
                found[name] = value
    return found


def law_of(test: Callable[..., None]) -> str:
    (marker,) = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "law"]
    (law,) = marker.args
    return str(law)


def test_every_conformance_test_has_one_law_that_exists() -> None:
    """One marker, one id, known to the newest edition."""
    for name, test in conformance_tests().items():
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "law"]
        assert len(marks) == 1, name
        assert len(marks[0].args) == 1, name
        assert law_of(test) in contract_of(NEWEST).laws, name


def is_made_up_elsewhere(test: Any) -> bool:
    """Do its programs come from another generator, or go through another program, beside the law's own test?"""
    return any(mark.name in {"needs", "needs_command"} for mark in getattr(test, "pytestmark", []))


def test_every_conformance_test_is_a_sentence_with_a_requirement_and_an_example() -> None:
    """A name of words, a docstring of one line, and the edge cases where a reader sees them."""
    for name, test in conformance_tests().items():
        words = name.split("_")[1:]
        assert len(words) >= 4, name
        assert all(re.fullmatch(r"[a-z0-9]+", word) for word in words), name
        requirement = getdoc(test) or ""
        assert requirement.endswith("."), name
        assert "\n" not in requirement, name
        assert len(getattr(test, "hypothesis_explicit_examples", [])) >= 1 or is_made_up_elsewhere(test), name


def test_every_law_that_is_judged_has_a_test_that_exercises_it() -> None:
    """In every edition in which it holds; a law may have another, where calls are made at once or made up elsewhere."""
    tested = Counter(law_of(test) for test in conformance_tests().values())
    assert set(JUDGES) <= set(tested)
    one_by_one = [
        law_of(test)
        for name, test in conformance_tests().items()
        if "at_once" not in name and not is_made_up_elsewhere(test)
    ]
    assert len(one_by_one) == len(set(one_by_one))
    for edition in EDITIONS:
        assert set(JUDGES) & set(contract_of(edition).laws) <= set(tested)
