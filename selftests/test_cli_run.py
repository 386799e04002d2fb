"""`assay run`: what is refused before anything is sent, what is handed on, and what the exit code is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay import cli
from assay.cli import child
from assay.cli.child import Ended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SOURCE = str(Path(cli.__file__).parents[2])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options that the child would have been given; it is not started."""
    seen: list[str] = []

    def pretend(service: str, options: Sequence[str], *, report_dir: Path, shows_pytest: bool, **more: int) -> Ended:
        assert more == {"asks": False, "workers": 1}, "nobody is to be asked, and one process does it"
        seen.extend([service, str(report_dir), f"{shows_pytest=}", *options])
        return Ended(document={"exit_code": 5}, last_words=(), code=1)

    monkeypatch.setattr(child, "run_suite", pretend)
    return seen


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--endpoint-url", ""], 2, "--endpoint-url is empty"),
        (["--endpoint-url", "localhost:4566"], 2, "no scheme"),
        (["--endpoint-url", "ftp://127.0.0.1"], 2, "neither http nor https"),
        (["--endpoint-url", "https://codestar-connections.us-east-1.amazonaws.com"], 6, "is AWS itself"),
        (["--target", "aws", "--mutant", "status.active"], 2, "AWS is to be judged"),
        (["--target", "azure"], 2, "'azure' is not aws"),
        (["--target", "aws", "--endpoint-url", "http://127.0.0.1:1"], 2, "both say what to judge"),
        (["--law", "connection.list"], 2, "--law 'connection.list'"),
        (["--edition", "2026-11-11"], 2, "no edition '2026-11-11'"),
        (["--service", "codebuild"], 2, "no service 'codebuild'"),
        (["--effort", "medium"], 2, "'medium' is not quick, standard, deep or aws"),
        (["--seed", "1.5"], 2, "'1.5' is not a whole number"),
        (["--seed", "9" * 30], 2, "is not a whole number"),
        (["--max-calls", "0"], 2, "less than 1"),
        (["--time-limit", "0"], 2, "no time at all"),
        (["--time-limit", "9999h"], 2, "too long"),
        (["--timeout", "fast"], 2, "no length of time"),
        (["--region", "us east"], 2, "not the name of a Region"),
        (["--spelling", "tall"], 2, "'tall' is not long or short"),
        (["--mutant", "name.duplicate"], 2, "there is no mutant"),
        (["--mutant", "status.active", "--endpoint-url", "http://127.0.0.1:1"], 2, "a fault of the reference server"),
        (["--ca-bundle", "missing.pem"], 2, "--ca-bundle missing.pem"),
        (["--log-file", "missing/log"], 2, "--log-file missing/log"),
        (["--config", "missing.toml"], 2, "missing.toml: there is no such file"),
        (["-q", "-v"], 2, "contradict each other"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_sent(
    words: list[str], code: int, message: str, handed_on: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, a remedy, and no process is started."""
    assert cli.main(["run", *words]) == code
    told = capsys.readouterr().err.splitlines()
    assert message in told[0]
    assert told[1].startswith("  hint: ")
    assert len(told) == 2
    assert handed_on == []


def test_an_empty_variable_never_means_the_reference(
    monkeypatch: pytest.MonkeyPatch, handed_on: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever set it wanted something else to be judged."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert cli.main(["run"]) == 2
    assert "AWS_ENDPOINT_URL is empty" in capsys.readouterr().err
    assert handed_on == []


def test_a_folder_that_cannot_be_written_is_a_usage_error(
    handed_on: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Found out before the run, not after it."""
    Path("file").write_text("", encoding="utf-8")
    assert cli.main(["run", "--report-dir", "file/below"]) == 2
    told = capsys.readouterr().err
    assert "results cannot be written to file/below" in told
    assert "--report-dir" in told
    assert handed_on == []


def test_the_command_line_beats_the_file_and_the_file_the_environment(
    monkeypatch: pytest.MonkeyPatch, handed_on: list[str]
) -> None:
    """In that order, option by option."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    Path("assay.toml").write_text(
        'endpoint-url = "http://127.0.0.1:2"\nseed = 3\neffort = "deep"\n[laws]\n"connection.name.unique" = "should"\n',
        encoding="utf-8",
    )
    assert cli.main(["run", "--effort", "quick", "--law", "connection.list.*", "--law", "wire.*", "--strict"]) == 5
    assert {
        "--endpoint-url=http://127.0.0.1:2",
        "--assay-seed=3",
        "--assay-effort=quick",
        "--assay-law=connection.list.*",
        "--assay-law=wire.*",
        "--assay-force=connection.name.unique=should",
        "--assay-strict",
        "--assay-report-dir=.assay",
        "shows_pytest=False",
    } <= set(handed_on)
    handed_on.clear()
    cli.main(["run", "--endpoint-url", "http://127.0.0.1:3", "--time-limit", "2m"])
    assert {"--endpoint-url=http://127.0.0.1:3", "--assay-time-limit=120.0"} <= set(handed_on)


def test_the_environment_names_the_endpoint_as_for_boto3(monkeypatch: pytest.MonkeyPatch, handed_on: list[str]) -> None:
    """The variable of the service beats the general one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS", "http://127.0.0.1:2/")
    cli.main(["run"])
    assert "--endpoint-url=http://127.0.0.1:2" in handed_on


def test_a_seed_is_invented_where_none_is_given(handed_on: list[str]) -> None:
    """And handed on, so that the summary can tell it."""
    cli.main(["run", "-q"])
    assert any(option.startswith("--assay-seed=") for option in handed_on)
    assert {"--assay-verbosity=quiet", "--assay-progress=none"} <= set(handed_on)


def test_a_child_that_leaves_no_results_is_a_fault_of_our_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last words are kept in a file, and the results of an earlier run are not taken for this one's."""
    Path(".assay").mkdir()
    Path(".assay/results.json").write_text(json.dumps({"run_id": "earlier", "exit_code": 0}), encoding="utf-8")
    monkeypatch.setattr(child, "find_suite", lambda: Path("nowhere").absolute())
    assert cli.main(["run"]) == 3
    told = capsys.readouterr().err
    assert "this is a fault of assay's own: the run ended without results" in told
    (log,) = Path(".assay").glob("assay-*.log")
    assert log.name in told
    assert "exit code" in log.read_text(encoding="utf-8")


def environment(**more: str) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": SOURCE, **more}


def run(*words: str, **more: str) -> tuple[int, str, dict[str, Any]]:
    """`assay run` in a process of its own: its exit code, what it printed, and its results."""
    done = subprocess.run(
        [sys.executable, "-m", "assay", "run", *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(**more),
        check=False,
    )
    place = Path(".assay/results.json")
    return done.returncode, done.stdout + done.stderr, json.loads(place.read_text("utf-8")) if place.exists() else {}


def test_the_reference_conforms_whatever_the_callers_pytest_wants() -> None:
    """No PYTEST_ADDOPTS, no package of the current directory, no bytecode, nothing but ./.assay."""
    for room in ("reports", "strategies", "tests"):
        Path(room).mkdir()
        Path(room, "__init__.py").write_text("raise RuntimeError\n", encoding="utf-8")
    Path("conftest.py").write_text("raise RuntimeError\n", encoding="utf-8")
    before = set(Path().iterdir())
    code, text, results = run("--effort", "quick", "--law", "connection.get.*", PYTEST_ADDOPTS="--nonsense")
    assert code == 0, text
    assert text.startswith("conforms: the reference server at http://127.0.0.1:")
    assert results["verdict"] == "conforms"
    assert {law["id"] for law in results["laws"]} == {"connection.get.unknown", "connection.get.details"}
    assert {path.name for path in set(Path().iterdir()) - before} <= {".assay", ".cache"}


def test_a_mutant_is_found_told_and_can_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way: run, finding, replay with the fault, replay without."""
    code, text, results = run(
        "--effort", "quick", "--law", "connection.name.unique", "--mutant", "name.duplicate-accepted"
    )
    assert code == 1, text
    assert "1. connection.name.unique" in text
    (found,) = results["laws"][0]["findings"]
    assert len(found["history"]) <= 4
    assert cli.main(["replay", ".assay/results.json", found["id"]]) == 1
    assert "still breaks: connection.name.unique" in capsys.readouterr().out
    assert cli.main(["replay", ".assay/results.json", "--mutant", "none"]) == 0
    assert "fixed: connection.name.unique" in capsys.readouterr().out


def test_a_dead_endpoint_is_nobody_can_say() -> None:
    """Exit code 4, one line and a hint."""
    code, text, results = run("--endpoint-url", "http://127.0.0.1:9", "--effort", "quick")
    assert code == 4, text
    assert text.startswith("indeterminate: http://127.0.0.1:9 cannot be reached")
    assert results["verdict"] == "indeterminate"
    assert "Traceback" not in text


_TELLS_WHEN_IT_BEGINS = (
    "-c",
    "import runpy; print('here', flush=True); runpy.run_module('assay', run_name='__main__')",
)


def started(*words: str, runner: tuple[str, str] = ("-m", "assay")) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *runner, "run", "--effort", "deep", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop_cleans_up_and_tells(number: int) -> None:
    """Whether the signal comes from a keyboard or from kill."""
    with started("--log-file", "log") as process:
        deadline = time.monotonic() + 60
        while "call 50 " not in (Path("log").read_text("utf-8") if Path("log").exists() else ""):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 4, out + err
    results = json.loads(Path(".assay/results.json").read_text("utf-8"))
    assert results["interrupted"]
    assert results["calls"]["total"] >= 50
    assert results["cleanup"]["left_behind"] == []
    assert "Traceback" not in out + err


@posix
@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6, 0.9])
def test_a_run_that_is_stopped_before_it_began_ends_without_a_traceback(seconds: float) -> None:
    """Whoever sees a typo in the command presses Ctrl-C at once; what the interpreter says before us is its own."""
    with started(runner=_TELLS_WHEN_IT_BEGINS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    assert process.returncode in {4, -signal.SIGINT}  # the second is the interpreter's own, before a line of ours
    assert not Path(".assay/results.json").exists() or process.returncode == 4
