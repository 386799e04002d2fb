"""The recipes for CI are run as a CI would: scripts of the action and of the template under a shell, tox, pytest.

What needs a network is left to stand-ins (pip says what it would install); everything else is real: a server, `assay
run` in its process, the files and outputs that it leaves.
"""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

from assay.reference import BackgroundReference
from assay.target.endpoint import Endpoint
from assay.target.waiting import wait_for
from selftests.histories import NEWEST

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
FAULT, LAW = "name.duplicate-accepted", "connection.name.unique"
ONLY: Final = ["--law", "connection.name.*", "--seed", "1"]
_PYTHON = """#!/bin/sh
case "$1 $2" in
  "-m pip"|"-m venv") echo "$0 $*" >> "$SAID";;
  *) exec {python} "$@";;
esac
"""


def loaded(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))


def served(mutant: str | None) -> Iterator[str]:
    server = BackgroundReference(edition=NEWEST[1], mutant=mutant)
    server.start()
    try:
        yield server.endpoint_url
    finally:
        server.stop()


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    yield from served(None)


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    yield from served(FAULT)


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a runner: a python that installs nothing, assay as it would be installed, empty files."""
    tools = tmp_path / "temp" / "assay" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").write_text(_PYTHON.format(python=shlex.quote(sys.executable)), encoding="utf-8")
    (tools / "assay").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m assay "$@"\n', encoding="utf-8")
    for each in tools.iterdir():
        each.chmod(0o755)
    (tmp_path / "work").mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_", "ASSAY"))}
    return {
        **clean,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "SAID": str(tmp_path / "said"),
    }


def ran(script: str, environment: dict[str, str], *, shell: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, "-c", script],
        cwd=Path(environment["RUNNER_TEMP"]).parent / "work",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


# -- GitHub

BASH: Final = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
_GIVEN = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


def step(name: str) -> dict[str, Any]:
    return next(each for each in loaded("action.yml")["runs"]["steps"] if each["name"] == name)


def judged(runner: dict[str, str], **inputs: str) -> tuple[int, dict[str, str], str]:
    """The action's step that judges, run as a runner does: its exit code, its outputs, what it said."""
    rows = loaded("action.yml")["inputs"]
    this = step("Judge the endpoint")
    given = {name: rows[_GIVEN.fullmatch(value)[1]] for name, value in this["env"].items()}  # type: ignore[index]
    words = {name: inputs.get(name, str(row.get("default", ""))) for name, row in given.items()}
    ended = ran(this["run"], {**runner, **words}, shell=BASH)
    output = Path(runner["GITHUB_OUTPUT"])
    lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
    return ended.returncode, dict(line.split("=", 1) for line in lines), ended.stdout


@pytest.mark.parametrize(("file", "schema"), [("action.yml", "github-actions"), ("ci/gitlab.yml", "gitlab-ci")])
def test_a_recipe_is_what_the_published_schema_describes(file: str, schema: str) -> None:
    """Of GitHub's actions, and of GitLab's pipelines."""
    place = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{schema}.json"
    rules = json.loads(place.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(rules)
    assert [each.message for each in validator(rules).iter_errors(loaded(file))] == []


def test_no_script_of_the_action_has_an_input_in_its_text() -> None:
    """A value is an environment variable; in a script's text it would be a script. Every input is taken somewhere."""
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    for each in loaded("action.yml")["runs"]["steps"]:
        assert "${{" not in each.get("run", "")
    taken = set(re.findall(r"inputs\.([a-z-]+)", action))
    assert taken == set(loaded("action.yml")["inputs"])


def test_the_action_installs_the_release_that_it_belongs_to(runner: dict[str, str]) -> None:
    """Into a virtual environment of its own."""
    assert ran(step("Install assay")["run"], runner, shell=BASH).returncode == 0
    made, installed = Path(runner["SAID"]).read_text(encoding="utf-8").splitlines()
    assert made.endswith(f"-m venv {runner['RUNNER_TEMP']}/assay")
    assert installed.startswith(f"{runner['RUNNER_TEMP']}/assay/bin/python -m pip install")
    assert installed.endswith(f" {ROOT}")


def test_the_action_passes_where_the_endpoint_conforms(right: str, runner: dict[str, str]) -> None:
    """With every output that it promises, the summary of the step, and the files of the artifact."""
    code, outputs, said = judged(runner, ENDPOINT_URL=right, EFFORT="quick", ARGS="\n".join(ONLY))
    assert code == 0, said
    assert set(outputs) == set(loaded("action.yml")["outputs"])
    assert (outputs["verdict"], outputs["exit-code"], outputs["findings"]) == ("conforms", "0", "0")
    work = Path(runner["RUNNER_TEMP"]).parent / "work"
    for name in ("results", "report", "sarif", "badge"):
        assert (work / outputs[name]).stat().st_size > 0
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8").startswith("## ✅ assay: conforms")
    kept = step("Keep the reports")["with"]
    assert _GIVEN.fullmatch(kept["path"])[1] == "report-dir"  # type: ignore[index]
    assert kept["include-hidden-files"] is True  # .assay is one


def test_the_action_fails_where_a_law_is_broken_and_nobody_expects_it(wrong: str, runner: dict[str, str]) -> None:
    """And tells in its outputs and its summary; a value with quotes and a dollar in it is a value."""
    words = "\n".join([*ONLY, "--log-file", 'my "log" $(touch hacked)'])
    code, outputs, said = judged(runner, ENDPOINT_URL=wrong, EFFORT="quick", ARGS=words)
    assert (code, outputs["exit-code"], outputs["verdict"]) == (1, "1", "broken"), said
    assert int(outputs["findings"]) >= 1
    assert LAW in Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    work = Path(runner["RUNNER_TEMP"]).parent / "work"
    assert (work / 'my "log" $(touch hacked)').exists()
    assert not (work / "hacked").exists()


def test_the_action_says_what_was_wrong_with_its_inputs(runner: dict[str, str]) -> None:
    """An empty endpoint never means the reference server; a wrong word ends with 2, and the outputs say so."""
    code, outputs, said = judged(runner)
    assert (code, outputs) == (2, {})
    assert "::error::endpoint-url is empty" in said
    code, outputs, said = judged(runner, ENDPOINT_URL="http://127.0.0.1:9", EFFORT="much", WAIT="0")
    assert (code, outputs) == (2, {"exit-code": "2"})
    assert "--effort" in said


def test_the_page_about_ci_names_inputs_outputs_and_variables_that_there_are() -> None:
    """Its examples are YAML, and their words are those of the recipes."""
    action, job = loaded("action.yml"), loaded("ci/gitlab.yml")[".assay"]
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (workflow,) = (block for block in blocks if "jobs" in block)
    (used,) = (each for each in workflow["jobs"]["conformance"]["steps"] if each.get("id") == "assay")
    assert set(used["with"]) <= set(action["inputs"])
    assert set(re.findall(r"steps\.assay\.outputs\.([a-z-]+)", text)) <= set(action["outputs"])
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`([a-z-]+)`", row)} == set(action["inputs"])
    (pipeline,) = (block for block in blocks if "include" in block)
    assert set(pipeline["conformance"]["variables"]) <= set(job["variables"])
    assert f".{pipeline['conformance']['extends'].lstrip('.')}" in loaded("ci/gitlab.yml")


# -- GitLab


def test_the_template_of_gitlab_judges_and_leaves_its_reports(right: str, wrong: str, runner: dict[str, str]) -> None:
    """Its scripts, in the shell of a small image; JUnit lies where the job says that it does."""
    job = loaded("ci/gitlab.yml")[".assay"]
    asked = {"EFFORT": "quick", "ASSAY_ARGS": " ".join(ONLY).replace("*", "unique"), "ASSAY": "a-wheel.whl"}
    environment = {**runner, **job["variables"], **asked}
    script = "\n".join(["set -eo pipefail", *job["before_script"], *job["script"]])
    work = Path(runner["RUNNER_TEMP"]).parent / "work"
    place = work / job["artifacts"]["reports"]["junit"].replace("$REPORT_DIR", environment["REPORT_DIR"])
    for url, code in ((right, 0), (wrong, 1)):
        ended = ran(script, {**environment, "ENDPOINT_URL": url}, shell=("bash",))
        assert ended.returncode == code, ended.stdout
        assert (int(ET.parse(place).getroot().attrib["failures"]) > 0) is bool(code)
    assert "pip install --quiet a-wheel.whl" in Path(runner["SAID"]).read_text(encoding="utf-8")
    assert job["artifacts"]["when"] == "always"
    ended = ran(script, {**environment, "ENDPOINT_URL": ""}, shell=("bash",))
    assert ended.returncode != 0
    assert "say which endpoint to judge" in ended.stdout


# -- tox and pytest


def test_the_recipe_for_tox_judges_what_endpoint_url_names(wrong: str, runner: dict[str, str], tmp_path: Path) -> None:
    """As tox reads it: what it installs, and the command that it runs."""
    shutil.copy(ROOT / "ci" / "tox.ini", tmp_path / "tox.ini")
    asked = [sys.executable, "-m", "tox", "config", "-e", "conformance", "-k", "commands", "deps", "--", *ONLY]
    environment = {**runner, "ASSAY": "a-wheel.whl", "ENDPOINT_URL": wrong}
    told = subprocess.run(
        asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert re.search(r"^deps = .*a-wheel\.whl$", told, re.MULTILINE), told
    command = re.search(r"^commands = (assay run .*)$", told, re.MULTILINE)
    assert command is not None, told
    Path(re.search(r"--report-dir (\S+)", command[1])[1]).mkdir(parents=True)  # type: ignore[index]
    ended = ran(command[1] + " --effort quick", environment, shell=("sh",))
    assert ended.returncode == 1
    assert LAW in ended.stdout


_FOREIGN = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--endpoint-url", default="a stranger's option of the same name")
    parser.addoption("--assay-seed", default="and another")

@pytest.fixture(autouse=True)
def endpoint(request):
    return request.config.getoption("--endpoint-url")
"""


def test_the_recipe_for_pytest_lives_beside_a_foreign_conftest(
    right: str, wrong: str, runner: dict[str, str], tmp_path: Path
) -> None:
    """One test; it passes or fails with the findings, known failures beside it count, and no process is shared."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.copy(ROOT / "ci" / "test_conformance.py", theirs)
    (theirs / "conftest.py").write_text(_FOREIGN, encoding="utf-8")
    (theirs / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider --strict-markers\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--color=no"]
    assay = f"{shlex.quote(sys.executable)} -m assay"

    def tested(url: str) -> subprocess.CompletedProcess[str]:
        environment = {**runner, "ENDPOINT_URL": url, "ASSAY": assay}
        return subprocess.run(
            command, cwd=theirs, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    (theirs / "assay.toml").write_text('law = ["connection.name.*"]\nseed = 1\n', encoding="utf-8")
    passed = tested(right)
    assert passed.returncode == 0, passed.stdout
    assert "1 passed" in passed.stdout
    failed = tested(wrong)
    assert failed.returncode == 1
    assert "while a connection made through an account and Region exists" in failed.stdout
    assert "Traceback" not in failed.stdout
    entries = [f'[[expect]]\nlaw = "{law}"\nreason = "we know"\n' for law in broken(failed.stdout)]
    (theirs / "known-failures.toml").write_text("\n".join(entries), encoding="utf-8")
    assert "1 passed" in tested(wrong).stdout


def broken(said: str) -> list[str]:
    """The laws that a run says are broken, by the commands that run their findings again."""
    return sorted(set(re.findall(r"(connection\.[a-z.-]+)-[0-9a-f]{8}\b", said)))


# -- waiting


def test_a_run_waits_for_an_endpoint_that_is_not_up_yet(right: str) -> None:
    """As long as it was told, and no longer than the endpoint takes."""
    naps: list[float] = []
    now = iter(range(1_000))
    nobody = Endpoint.parse("http://127.0.0.1:9")
    assert not wait_for(nobody, 5, clock=lambda: float(next(now)), sleep=naps.append)
    assert 3 <= len(naps) <= 6
    assert wait_for(Endpoint.parse(right), 5, sleep=naps.append)
    assert len(naps) <= 6
