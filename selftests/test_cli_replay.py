"""`assay replay`: which file, which finding, which endpoint."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import runs
from in_memory import Reference, finding_of, search_for
from raw_client import RawClient

from assay import cli
from assay.budget import Budget
from assay.errors import UsageError
from assay.program import Arn, Create, Delete, Get, Program, Walk, repeated
from assay.reference.background import BackgroundReference
from assay.results.reading import LARGEST, read_results
from assay.suite import import_reports

UNIQUE = "connection.name.unique"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(results: dict[str, Any], place: str = "results.json") -> str:
    Path(place).write_text(import_reports().json.render(results), encoding="utf-8")
    return place


def test_results_without_a_finding_leave_nothing_to_replay(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is started for it."""
    assert cli.main(["replay", written(runs.results(runs.book()))]) == 0
    assert capsys.readouterr().out.startswith("there is nothing to replay")


def changed(**members: Any) -> dict[str, Any]:
    return {**runs.results(runs.book(runs.finding(UNIQUE))), **members}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "not json",
        "[" * 100_000,
        '{"schema_version": 1, "laws": 3, "findings": ["x"]}',
        json.dumps(changed(schema_version=2)),
        json.dumps(changed(findings=["x"])),
        json.dumps(changed(target=None)),
        json.dumps(changed(service="codebuild")),
        json.dumps(changed(laws=[{"findings": [{"id": 3}]}], findings=[3])),
    ],
)
def test_a_file_that_is_no_results_file_is_a_usage_error(content: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it holds: one line, a hint, no traceback."""
    Path("results.json").write_text(content, encoding="utf-8")
    assert cli.main(["replay", "results.json"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "fault of assay's own" not in told[0]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["missing.json"], 2, "missing.json: No such file"),
        (["."], 2, ".: Is a directory"),
        (["results.json", "connection.name.uniqe"], 2, "holds no finding 'connection.name.uniqe'"),
        (["results.json", "--endpoint-url", ""], 2, "the endpoint URL is empty"),
        (["results.json", "--endpoint-url", "https://x.amazonaws.com"], 6, "is AWS itself"),
        (["results.json", "--mutant", "xyzzy"], 2, "there is no mutant 'xyzzy'"),
        (["results.json", "--mutant", "none", "--endpoint-url", "http://127.0.0.1:9"], 2, "--mutant is a fault"),
        (["results.json", "--endpoint-url", "http://127.0.0.1:9"], 4, "cannot be reached"),
    ],
)
def test_what_cannot_be_replayed_is_told(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its own exit code."""
    written(changed())
    assert cli.main(["replay", *words]) == code
    assert message in capsys.readouterr().err


def test_an_endpoint_in_a_file_is_refused_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    """A results file may come from a stranger."""
    results = changed()
    results["target"] = {**results["target"], "is_reference": False, "endpoint_url": "https://x.api.aws"}
    assert cli.main(["replay", written(results)]) == 6
    assert "is AWS itself" in capsys.readouterr().err


def test_a_fault_for_which_a_server_has_to_be_warm_is_met_over_and_over(capsys: pytest.CaptureFixture[str]) -> None:
    """The run had a warm one, and it showed each time; a fresh one shows nothing before its sixth Delete."""
    mutant, law = "held.delete.tombstones-wear-out", "connection.list.truth"
    small = Program((Create(0), Delete(Arn(0)), Walk()))
    search = search_for(Reference(mutant), {law})
    search.examine(repeated(small, 9), Budget())
    finding = finding_of(search, law)
    finding.program, finding.shows = small, (3, 3)
    results = runs.results(runs.book(finding))
    for words, code, word in ((("--mutant", mutant), 1, "still breaks"), (("--mutant", "none"), 0, "fixed")):
        assert cli.main(["replay", written(results), *words]) == code
        assert f"{word}: {law}" in capsys.readouterr().out


@pytest.mark.parametrize(("shows", "code", "word"), [((1, 3), 0, "fixed"), ((0, 3), 4, "unclear")])
def test_what_never_showed_again_is_not_called_fixed(
    shows: tuple[int, int], code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its program kept the law while the fault was there, so that it says nothing by keeping it now."""
    search = search_for(Reference("status.active"))
    search.examine(Program((Create(0), Get(Arn(0)))), Budget())
    found = finding_of(search, "connection.status.enum")
    found.program, found.shows = Program((Create(0),)), shows
    assert cli.main(["replay", written(runs.results(runs.book(found))), "--mutant", "none"]) == code
    out = capsys.readouterr().out
    assert f"{word}: {found.id}" in out
    assert ("run the suite again" in out) == (word == "unclear")


def test_where_an_account_is_full_nothing_is_called_fixed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that can make nothing keeps every law."""
    search = search_for(Reference("status.active"))
    search.examine(Program((Create(0), Get(Arn(0)))), Budget())
    found = finding_of(search, "connection.status.enum")
    place = written(runs.results(runs.book(found)))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDFULL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with BackgroundReference(quota=1) as server:
        words = ["replay", place, "--endpoint-url", server.endpoint_url]
        assert cli.main(words) == 0
        assert f"fixed: {found.id}" in capsys.readouterr().out
        RawClient(server.endpoint_url, key="AKIDFULL").create("theirs")
        assert cli.main(words) == 4
        out = capsys.readouterr().out
        assert f"unclear: {found.id}" in out
        assert "no room" in out


def test_a_law_that_is_not_judged_cannot_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    """It was written by another release."""
    results = changed()
    for law in results["laws"]:
        for each in law["findings"]:
            each["law"] = "connection.colour"
    assert cli.main(["replay", written(results)]) == 2
    assert "no law that this release judges" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_refused_and_read_no_further(tmp_path: Path) -> None:
    """Whatever it holds, and in no more memory than the limit."""
    place = tmp_path / "large.json"
    with place.open("wb") as stream:
        stream.truncate(LARGEST + 4_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match="is larger than 96 MB, and is not read"):
            read_results(str(place))
        assert tracemalloc.get_traced_memory()[1] < 2.2 * LARGEST
    finally:
        tracemalloc.stop()
    place.write_text(json.dumps(changed()), encoding="utf-8")
    assert read_results(str(place))["schema_version"] == 1
    with pytest.raises(UsageError, match="is larger than"):
        read_results(str(place), largest=place.stat().st_size - 1)


@pytest.mark.parametrize(
    ("recorded", "mutant", "code", "word"),
    [
        ("status.available-at-once", "status.available-at-once", 1, "still breaks: connection.status.pending-"),
        ("status.available-at-once", "none", 0, "fixed: connection.status.pending-"),
        ("status.available-at-once", "status.active", 1, "changed: connection.status.pending-"),
    ],
)
def test_a_finding_still_breaks_has_changed_or_is_fixed(
    recorded: str, mutant: str, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the same program, against the server that it was found on, a right one, and one that is wrong otherwise."""
    search = search_for(Reference(recorded))
    search.examine(Program((Create(0), Get(Arn(0)))), Budget())
    found = finding_of(search, "connection.status.pending")
    place = written(runs.results(runs.book(found), mutant=recorded))
    assert cli.main(["replay", place, found.id, "--mutant", mutant]) == code
    assert word in capsys.readouterr().out
