"""`assay compare`: several runs side by side, what differs first, and one target over time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import runs

from assay import cli
from assay.suite import import_reports

reports = import_reports()
UNIQUE, EXACT, ENUM = "connection.name.unique", "connection.name.exact", "connection.status.enum"
HOSTILE = "</summary><script>alert(1)</script>\x1b[31m\u202e|`@a [l](http://x)"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def results(*broken: str, observed: dict[str, str] | None = None, **members: Any) -> dict[str, Any]:
    """The results of a run that found these laws broken and observed these values."""
    made = runs.results(runs.book(*map(runs.finding, broken)), mutant=members.pop("mutant", None))
    made["observations"] = [
        {"id": each, "sentence": f"{each} is", "value": value, "values": [], "calls": 1}
        for each, value in (observed or {}).items()
    ]
    return {**made, **members}


def compared(*documents: dict[str, Any], names: tuple[str | None, ...] = ()) -> dict[str, Any]:
    called = names or (None,) * len(documents)
    summaries = [reports.comparison.summarised(each, name=name) for each, name in zip(documents, called, strict=True)]
    return dict(reports.comparison.compared(summaries))


def written(place: str, document: Any) -> str:
    Path(place).write_text(json.dumps(document), encoding="utf-8")
    return place


def elsewhere(document: dict[str, Any], url: str = "http://127.0.0.1:9") -> dict[str, Any]:
    return {**document, "target": {**document["target"], "is_reference": False, "endpoint_url": url}}


def test_laws_with_other_verdicts_differ_the_gravest_first() -> None:
    """And those with the same verdict everywhere do not."""
    laws = compared(results(EXACT, UNIQUE), elsewhere(results(EXACT)))["laws"]
    assert [(row["id"], row["verdicts"]) for row in laws["differ"]] == [(UNIQUE, ["fail", "pass"])]
    assert EXACT in {row["id"] for row in laws["same"]}
    laws = compared(results(EXACT, UNIQUE), elsewhere(results()))["laws"]
    assert [row["id"] for row in laws["differ"]] == [UNIQUE, EXACT]


def test_a_law_broken_in_another_way_differs_though_its_verdict_does_not() -> None:
    """The finding has another id; one that both met, first or later, is the same way."""
    one, other = results(UNIQUE), elsewhere(results(UNIQUE))
    finding = next(law for law in other["laws"] if law["id"] == UNIQUE)["findings"][0]
    known, finding["id"] = finding["id"], "connection.name.unique-00000000"
    row = compared(one, other)["laws"]["differ"][0]
    assert row["id"] == UNIQUE
    assert row["in_other_ways"]
    finding["also"] = [known]
    assert not compared(one, other)["laws"]["differ"]


def test_observations_differ_where_two_values_do_and_not_where_one_saw_nothing() -> None:
    """What was not seen is no difference, and it is said."""
    one = results(observed={"a": "x", "b": "x", "c": None})
    other = elsewhere(results(observed={"a": "y", "b": "x", "c": "z"}))
    observations = compared(one, other)["observations"]
    assert [row["id"] for row in observations["differ"]] == ["a"]
    assert observations["differ"][0]["groups"] == [{"value": "x", "runs": ["A"]}, {"value": "y", "runs": ["B"]}]
    assert [row["id"] for row in observations["same"]] == ["b", "c"]


def test_runs_of_one_target_are_ordered_by_their_beginning_and_told_as_a_trend() -> None:
    """Also where the files come in another order; the reference has another port each time."""
    monday = results(UNIQUE, started="2026-11-16T12:00:00+00:00", observed={"a": "x"})
    tuesday = results(ENUM, started="2026-11-17T12:00:00+00:00", observed={"a": "y"})
    tuesday["target"]["endpoint_url"] = "http://127.0.0.1:1"
    comparison = compared(tuesday, elsewhere(results()), monday)
    assert [run["started"][:10] for run in comparison["runs"]] == ["2026-11-16", "2026-11-17", "2026-11-22"]
    first, second = comparison["trends"][0]["steps"]
    assert (first["broken"], first["mended"]) == ([], [])
    assert (second["broken"], second["mended"], second["observations"]) == ([ENUM], [UNIQUE], ["a"])
    assert len(comparison["trends"]) == 2


def test_a_name_says_which_runs_are_of_one_target() -> None:
    """Two emulators at one address are two targets where they are called so."""
    assert len(compared(results(), results())["trends"]) == 1
    comparison = compared(results(), results(), names=("ours", "theirs"))
    assert [run["name"] for run in comparison["runs"]] == ["ours", "theirs"]
    assert len(comparison["trends"]) == 2


def test_what_makes_runs_hard_to_compare_is_said() -> None:
    """Other releases, other contracts, other efforts, a run without an end."""
    other = elsewhere(results(edition="2019-12-19", effort="deep", verdict="indeterminate"))
    other["assay"] = {"version": "0", "suite_digest": "0" * 64}
    notes = compared(results(observed={"a": "x"}), other)["notes"]
    assert [
        any(word in note for note in notes)
        for word in ("releases", "contracts", "effort", "to the end", "observations")
    ] == [True] * 5


@pytest.mark.parametrize("format_", ["console", "markdown", "html", "json"])
def test_every_format_tells_what_differs(
    format_: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law, the observation, and both targets."""
    monkeypatch.setenv("COLUMNS", "120")  # in fewer, a long name is cut
    one = written("one.json", results(UNIQUE, mutant="name.duplicate-accepted", observed={"a.b": "x"}))
    other = written("other.json", results(observed={"a.b": "y"}))
    assert cli.main(["compare", one, other, "--format", format_]) == 0
    told = capsys.readouterr().out
    for word in (UNIQUE, "a.b", "reference: name.duplicate-accepted"):
        assert word in told.replace("\\", "")


@pytest.mark.parametrize("format_", ["console", "markdown", "html"])
def test_words_of_an_endpoint_are_nothing_but_words(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No script, no escape, no link, in whatever member they come."""
    one = elsewhere(results(UNIQUE, observed={"a": HOSTILE, HOSTILE: "x"}), f"http://{HOSTILE}/")
    one |= {"verdict": HOSTILE, "effort": HOSTILE, "started": HOSTILE, "service": HOSTILE}
    one["laws"][0] |= {"sentence": HOSTILE, "id": HOSTILE, "verdict": HOSTILE}
    files = [written("one.json", one), written("two.json", {**one, "laws": one["laws"][:3], "observations": []})]
    assert cli.main(["compare", *files, "--format", format_]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    if format_ == "html":
        assert "<script>alert" not in told
        assert told.count("<script>") == 1
    if format_ == "markdown":
        outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", told.replace("\\`", ""))
        assert "<script>" not in outside
        assert "](http" not in outside


def test_the_page_needs_no_network_and_runs_nothing_but_its_own_script() -> None:
    """A content security policy says so."""
    page = reports.compare_html.render(compared(results(UNIQUE), elsewhere(results())))
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in page
    assert " src=" not in page
    assert "<link" not in page


def test_the_exit_code_tells_of_a_difference_where_it_is_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    """And only there."""
    one, other = written("one.json", results(UNIQUE)), written("other.json", results())
    assert cli.main(["compare", one, other]) == 0
    assert cli.main(["compare", one, other, "--fail-on-difference"]) == 1
    assert cli.main(["compare", one, one, "--fail-on-difference"]) == 0
    assert "no law and no observation differs" in capsys.readouterr().out


def test_the_ending_of_the_file_says_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    """A page for .html; the place is told."""
    one = written("one.json", results())
    assert cli.main(["compare", one, one, "--out", "page.html"]) == 0
    assert Path("page.html").read_text(encoding="utf-8").startswith("\n<!doctype html>".strip())
    assert "page.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["good.json"], "nothing to compare with"),
        (["good.json", "none.json"], "none.json: No such file"),
        (["good.json", "bad.json"], "bad.json: is not a results file"),
        (["good.json", "odd.json"], "odd.json: is not what this release writes"),
        (["good.json", "old.json"], "old.json: was written by another release"),
        (["good.json", "good.json", "--name", "one"], "--name is given 1 times, for 2 files"),
        (["good.json", "good.json", "--format", "pdf"], "is no format"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file's name, a hint, and exit code 2."""
    written("good.json", results())
    written("bad.json", [])
    written("odd.json", {**results(), "calls": 3})
    written("old.json", {**results(), "schema_version": 0})
    assert cli.main(["compare", *arguments]) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert "hint" in told
