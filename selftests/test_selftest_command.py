"""`assay selftest` end to end: what it starts, what it says, and its exit codes."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assay import cli, mutants
from assay.mutants import Mutant
from assay.selftest import Case, Runner, judged

PLANTED = """\
import types
from assay import mutants

mutants.ALL = types.MappingProxyType({
    **mutants.ALL,
    "planted.harmless": mutants.Mutant(
        name="planted.harmless",
        caught_by=("connection.name.unique",),
        description="Do nothing.",
        apply=lambda parts: parts,
    ),
})
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def selftest(*words: str) -> int:
    return cli.main(["selftest", "--effort", "quick", "--jobs", "2", *words])


def _descendants(of: int | None) -> set[int]:
    """The processes that a process has started, and those that these have; of None, every process there is."""
    lines = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    parents = {int(row[0]): int(row[1]) for row in map(str.split, lines.splitlines()) if not row[2].startswith("Z")}
    if of is None:
        return set(parents)
    own = {pid for pid, parent in parents.items() if parent == of}
    return own.union(*(_descendants(each) for each in own))


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(".assay/selftest.json").read_text(encoding="utf-8"))
    return found


def test_two_mutants_and_a_liberty_are_judged_as_they_should_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the caller's own settings are: no run asks the endpoint that they name."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    Path("assay.toml").write_text('law = ["wire.schema"]\n', encoding="utf-8")
    words = ("--mutant", "status.active", "--mutant", "list.first-item-*", "--liberty", "order.by-name")
    assert selftest(*words, "--no-whole") == 0
    said = capsys.readouterr()
    assert "2 of 2 mutants killed, 0 false alarms in 1 legal server" in said.out
    assert ".assay/selftest.html" in said.out
    assert "assay: 3 runs in quick, 2 at a time" in said.err
    found = document()
    verdicts = {server["name"]: server["verdict"] for server in (*found["mutants"], *found["legal"])}
    assert verdicts == {"status.active": "killed", "list.first-item-repeated": "killed", "order.by-name": "clean"}
    assert found["exit_code"] == 0
    assert Path(".assay/selftest.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_mutant_that_nothing_can_catch_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trial that could not fail would be worth nothing."""
    (tmp_path / "sitecustomize.py").write_text(PLANTED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))
    planted = Mutant(
        name="planted.harmless",
        caught_by=("connection.name.unique",),
        description="Do nothing.",
        apply=lambda parts: parts,
    )
    monkeypatch.setattr(mutants, "ALL", {**mutants.ALL, planted.name: planted})
    assert selftest("--mutant", "planted.*") == 1
    said = capsys.readouterr()
    assert "0 of 1 mutant killed" in said.out
    assert "survived: no law objected (1)" in said.out
    assert "Do nothing." in said.out
    assert "assay: mutant planted.harmless, seed 1: survived" in said.err
    (mutant,) = document()["mutants"]
    assert (mutant["verdict"], mutant["runs"][0]["exit_code"]) == ("survived", 0)


def test_a_machine_without_ipv6_is_told_and_accuses_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever cannot listen on ::1 has tried everything else, and the trial ends with 0."""
    careful = socket.create_server

    def without_ipv6(address: Any, **options: Any) -> Any:
        if options.get("family") == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return careful(address, **options)

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    assert selftest("--liberty", "listen.ipv6", "--liberty", "order.by-name", "--pairs", "1") == 0
    said = capsys.readouterr()
    assert "0 false alarms in 1 legal server" in said.out
    assert "not runnable here" in said.out
    assert "assay: not runnable here: listen.ipv6: ::1 cannot be listened on: Cannot assign" in said.err
    found = document()
    assert [(each["kind"], each["name"]) for each in found["not_runnable"]] == [
        ("liberty", "listen.ipv6"),
        ("pair", "listen.ipv6 + order.by-name"),
    ]
    assert "Not runnable here, and counted nowhere" in Path(".assay/selftest.html").read_text(encoding="utf-8")
    assert cli.main(["selftest", "--liberty", "listen.ipv6"]) == 2
    assert "nothing of that can be tried on this machine" in capsys.readouterr().err


def test_what_survives_is_tried_again_with_the_effort_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And only that; what the second run says is what counts, and that there was a first one is told."""
    (tmp_path / "sitecustomize.py").write_text(PLANTED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))
    planted = Mutant(
        name="planted.harmless",
        caught_by=("connection.name.unique",),
        description="Do nothing.",
        apply=lambda parts: parts,
    )
    monkeypatch.setattr(mutants, "ALL", {**mutants.ALL, planted.name: planted})
    assert selftest("--mutant", "planted.*", "--mutant", "status.active", "--no-whole", "--again", "quick") == 1
    said = capsys.readouterr()
    assert "assay: 1 once more, in quick" in said.err
    assert "missed in quick planted.harmless" in said.out
    found = document()
    runs = [(mutant["name"], run["verdict"], run["missed_in"]) for mutant in found["mutants"] for run in mutant["runs"]]
    assert sorted(runs) == [("planted.harmless", "survived", "quick"), ("status.active", "killed", None)]
    assert found["again"] == "quick"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--effort", "medium"], "'medium' is not quick, standard or deep"),
        (["--again", "harder"], "--again: 'harder' is not quick, standard or deep"),
        (["--only", "mutant"], "'mutant' is no kind of server"),
        (["--only", "impostors", "--mutant", "*"], "contradict each other"),
        (["--only", "mutants", "--liberty", "*"], "contradict each other"),
        (["--seed", "1", "--seeds", "2"], "both say what to draw from"),
        (["--seed", "-1"], "'-1' is not a whole number"),
        (["--seeds", "1", "x"], "'x' is not a whole number"),
        (["--jobs", "0"], "'0' is not a whole number of 1 or more"),
        (["--pairs", "many"], "'many' is not a whole number"),
        (["--mutant", "nothing.*"], "--mutant 'nothing.*' matches nothing"),
        (["--liberty", "nothing.*"], "--liberty 'nothing.*' matches nothing"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_started(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, a remedy, exit code 2."""
    assert cli.main(["selftest", *words]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "hint: " in said.err
    assert not said.out


def test_the_help_says_what_it_is_for_and_gives_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """Three kinds of servers, four exit codes."""
    assert cli.main(["selftest", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("mutants have one fault", "liberties are legal", "impostors serve nothing"))
    assert all(f"\n  {code}  " in text for code in (0, 1, 2, 4))
    assert text.count("\n  assay selftest") == 6


@pytest.mark.skipif(sys.platform == "win32", reason="there, nobody can be asked to stop")
@pytest.mark.parametrize("is_in_background", [False, True])
def test_whoever_asks_it_to_stop_is_told_what_is_known(*, is_in_background: bool) -> None:
    """Soon, with all the files, and without a process that goes on, though a shell's background ignores interrupts."""
    shell = ("sh", "-c", 'trap "" INT; exec "$@"', "sh") if is_in_background else ()
    words = ("--effort", "deep", "--only", "reference", "--jobs", "2")
    with subprocess.Popen(
        [*shell, sys.executable, "-m", "assay", "selftest", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        time.sleep(1.0)
        runs = _descendants(process.pid)
        process.send_signal(signal.SIGTERM if is_in_background else signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert "3 runs in deep" in first
    assert len(runs) > 2
    assert not [each for each in runs if each in _descendants(None)]
    assert process.returncode == 4
    assert "it was stopped: 3 servers of these not tried" in out
    found = document()
    assert (found["interrupted"], found["verdict"]) == (True, "unfinished")
    assert {server["verdict"] for server in found["legal"]} == {"not-run"}


def test_a_run_that_takes_too_long_is_stopped() -> None:
    """A server that is wrong may also be endless."""
    runner = Runner(effort="deep", whole=True, jobs=1, bound_s=0.5)
    told: list[str] = []
    (ran,) = runner.run([Case(kind="reference", name="slow")], lambda each: told.append(each.end))
    assert (ran.end, told) == ("timeout", ["timeout"])
    assert ran.seconds < 15
    assert judged(ran).verdict == "unfinished"
