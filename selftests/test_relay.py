"""An endpoint behind a network that loses its head: no hang, no trace, no false accusation, nothing left untold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from assay.program import Arn, Create, Delete, Get, List, Name, Program, Walk
from bench import relay as trials
from bench.kill_and_sweep import connections, endpoint
from selftests.relay import KINDS, Fault, Relay, schedules
from strategies import programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selftests.relay import Kind, Schedule

trials.prepare()
WHOLE_LIFE = Program((Create(0, Name(0)), Create(1, Name(1)), Get(Arn(of=0)), Walk(1), Delete(Arn(of=0)), List()))
_PROBE = 9  # calls that go before the first one of a program


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[str, Any]]:
    with endpoint() as served:
        yield served


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_at_each_call_of_a_program(kind: Kind, behind: tuple[str, Any]) -> None:
    """One at a time, from the Create whose fate nobody knows to the Delete of the clean-up."""
    tally = trials.Tally()
    for place in (0, 3, 5):
        schedule = [Fault()] * (_PROBE + place) + [Fault(kind, 0.5)]
        trials.trial(*behind, schedule, [WHOLE_LIFE], tally)
    assert tally.is_good, tally
    assert tally.faults[kind] >= 2, "the fault was met"


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(schedule=schedules(), drawn=st.lists(st.sampled_from(trials.THEMES).flatmap(programs), min_size=1, max_size=2))
@example(schedule=[Fault()] * 12 + [Fault("hang")] * 3, drawn=[WHOLE_LIFE])
@example(schedule=[Fault()] * 10 + [Fault("away", 1.0)] * 3, drawn=[WHOLE_LIFE, WHOLE_LIFE])
@example(schedule=[Fault("cut-after")] * 40, drawn=[WHOLE_LIFE])
def test_drawn_schedules(schedule: Schedule, drawn: list[Program], behind: tuple[str, Any]) -> None:
    tally = trials.Tally()
    trials.trial(*behind, schedule, drawn, tally)
    assert tally.is_good, tally


@pytest.mark.parametrize(
    "schedule",
    [
        [Fault()] * 200
        + [Fault("hang")] * 2
        + [Fault("cut-during", 0.9), Fault("double-answer"), Fault("garbage", 0.3)],
        [Fault()] * 150 + [Fault("away", 1.0)] * 500,
    ],
    ids=["a few", "lost"],
)
def test_a_whole_run_ends_with_the_truth(schedule: Schedule, behind: tuple[str, Any], tmp_path: Path) -> None:
    """Exit code 0 or 4, in words; what is there afterwards is what the results list, or the ledger knows."""
    url, client = behind
    with Relay(url, schedule, hang_s=1.0, away_s=0.05) as relay:
        options = ["--effort=quick", "--timeout=500ms", "--law=connection.[cd]*", f"--report-dir={tmp_path}"]
        ended = subprocess.run(
            [sys.executable, "-m", "assay", "run", "--endpoint-url", relay.url, *options],
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        )
    document = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert ended.returncode in {0, 4}, ended.stdout + ended.stderr
    assert document["exit_code"] == ended.returncode
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not [law["id"] for law in document["laws"] if law["findings"]]
    listed = {each["arn"] for each in document["cleanup"]["left_behind"]}
    there = connections(client)
    known = "".join(place.read_text(encoding="utf-8") for place in (tmp_path / "ledger").glob("*.jsonl"))
    assert not [name for arn, name in there.items() if arn not in listed and json.dumps(name) not in known]
    for arn in there:
        client.delete_connection(ConnectionArn=arn)
