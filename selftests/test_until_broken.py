"""`--until-broken`: a run that ends with the first finding it was made for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assay import cli

LAW = "connection.list.once"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def run(*words: str) -> tuple[int, dict[str, Any]]:
    # Time enough: on a busy machine a test's part of a minute may not last it, and the results would say so.
    code = cli.main(["run", "--effort", "quick", "--seed", "1", "--time-limit", "10m", "-q", *words])
    return code, json.loads(Path(".assay/results.json").read_text(encoding="utf-8"))


def test_the_run_ends_at_the_first_finding_of_the_law_and_is_no_broken_off_one() -> None:
    """What came after it was not exercised, and says why; the verdict stands."""
    code, results = run("--mutant", "list.first-item-repeated", "--until-broken", "connection.list.onc?")
    assert (code, results["interrupted"], results["limits_reached"]) == (1, False, ["until-broken"])
    verdicts = {law["id"]: law for law in results["laws"]}
    assert verdicts[LAW]["verdict"] == "fail"
    reasons = {law["reason"] for law in verdicts.values() if law["verdict"] == "vacuous"}
    assert reasons == {"until-broken cut the run short"}


def test_a_clause_that_warned_ends_no_search_for_the_law_itself() -> None:
    """Names counted in bytes: a name with odd characters is refused long before one that is merely long."""
    laws = ("--law", "connection.name.preserved", "--law", "connection.name.length")
    code, results = run("--mutant", "name.counted-in-bytes", *laws)
    (law,) = (law for law in results["laws"] if law["id"] == "connection.name.length")
    assert {finding["clause"] for finding in law["findings"]} == {None, "control-characters"}
    assert (code, law["verdict"]) == (1, "fail")


def test_a_law_that_nobody_has_heard_of_is_told_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """A typo would let every run go to its end."""
    assert cli.main(["run", "--until-broken", "connection.list.onse"]) == 2
    said = capsys.readouterr().err
    assert "--until-broken 'connection.list.onse'" in said
    assert f"did you mean {LAW}?" in said
