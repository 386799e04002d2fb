"""`assay report`: any format from a results file, and one line where that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import runs

from assay import cli
from assay.cli.options import FORMATS
from assay.suite import import_reports

reports = import_reports()


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    document = runs.results(runs.book(runs.finding("connection.name.unique")))
    (tmp_path / "results.json").write_text(reports.json.render(document), encoding="utf-8")
    return "results.json"


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "badge"])
def test_every_format_goes_to_standard_output(name: str, results: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And is what a run would have written."""
    assert cli.main(["report", results, "--format", name]) == 0
    ((_, render),) = reports.FORMATS[name].items()
    assert capsys.readouterr().out == render(json.loads(Path(results).read_text(encoding="utf-8")))


def test_a_file_is_written_where_it_is_wanted(results: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file by its name, a folder with the usual names, and both are told."""
    assert cli.main(["report", results, "--format", "junit", "--out", "other.xml"]) == 0
    assert (tmp_path / "other.xml").read_text(encoding="utf-8").startswith("<?xml")
    (tmp_path / "public").mkdir()
    assert cli.main(["report", results, "--format", "badge", "--out", "public"]) == 0
    assert sorted(each.name for each in (tmp_path / "public").iterdir()) == ["badge.json", "badge.svg"]
    assert cli.main(["report", results, "--format", "badge", "--out", "mine.svg"]) == 0
    assert (tmp_path / "mine.svg").read_text(encoding="utf-8").startswith("<svg")
    out = capsys.readouterr().out.split()
    assert out == ["junit", "other.xml", "badge", "public/badge.svg", "badge", "public/badge.json", "badge", "mine.svg"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--format", "pdf"], 2, "'pdf' is no format"),
        (["--format", "badge"], 2, "badge is badge.svg and badge.json"),
        (["--format", "badge", "--out", "badge.png"], 2, "is no folder"),
        (["--format", "html", "--out", "missing/report.html"], 3, "missing/report.html cannot be written"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_with_a_remedy(
    words: list[str], code: int, message: str, results: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never a trace."""
    assert cli.main(["report", results, *words]) == code
    said = capsys.readouterr().err
    assert message in said
    assert "hint:" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema_version": 99, "laws": []}', '{"schema_version": 1, "laws": []}']
)
def test_a_file_that_is_no_results_file_is_told(text: str, results: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that only begins like one."""
    Path(results).write_text(text, encoding="utf-8")
    assert cli.main(["report", results, "--format", "html"]) == 2
    assert results in capsys.readouterr().err
    assert cli.main(["report", "missing.json"]) == 2


def test_a_script_of_a_finding_can_be_taken_out(
    results: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the finding's id or law, the first where none is named; where there is none, it is said why."""
    document = json.loads(Path(results).read_text(encoding="utf-8"))
    (finding,) = [each for law in document["laws"] for each in law["findings"]]
    finding["reproducers"]["curl"] = "echo found\n"
    finding["no_reproducers"] = {"aws_cli": "the AWS CLI would not send it"}
    Path(results).write_text(json.dumps(document), encoding="utf-8")
    for named in ([], ["--finding", finding["id"]], ["--finding", finding["law"]]):
        assert cli.main(["report", results, "--script", "curl", *named]) == 0
        assert capsys.readouterr().out == "echo found\n"
    assert cli.main(["report", results, "--script", "curl", "--out", "finding.sh"]) == 0
    assert (tmp_path / "finding.sh").read_text(encoding="utf-8") == "echo found\n"
    for words, message in (
        (["--script", "perl"], "'perl' is no kind of script"),
        (["--script", "aws_cli"], "the AWS CLI would not send it"),
        (["--script", "curl", "--finding", "nothing"], "holds no finding nothing"),
        (["--finding", finding["id"]], "--finding is the finding of --script"),
    ):
        assert cli.main(["report", results, *words]) == 2
        said = capsys.readouterr().err
        assert message in said
        assert "hint:" in said
