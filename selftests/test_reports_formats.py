"""The reports for machines: JUnit, Markdown, the badge and SARIF keep their formats, whatever an endpoint said."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import runs

from assay.cli import formats as writing
from assay.cli.options import FORMATS
from assay.errors import HarnessError, TargetError
from assay.history import Accepted, Refused, Unknown
from assay.suite import import_reports

if TYPE_CHECKING:
    from pathlib import Path

reports = import_reports()
UNIQUE, EXACT, ENUM, PENDING = (
    "connection.name.unique",
    "connection.name.exact",
    "connection.status.enum",
    "connection.status.pending",
)
HOSTILE = (
    "</summary><script>alert(1)</script> ]]> \x1b[31mred\x07 \x00 \u202eevil \ud800 \ufffe "
    "# heading\n```\n~~~\n@octocat [link](http://x) ![i](http://y) | cell | \\ {0} &amp; 'quotes\""
)


def rendered(name: str, file: str, results: dict[str, Any]) -> str:
    return str(reports.FORMATS[name][file](results))


def hostile() -> dict[str, Any]:
    """Results in which every word of the endpoint is hostile."""
    calls = (
        runs.call(1, name=HOSTILE, outcome=Accepted({HOSTILE: HOSTILE, "Connections": [HOSTILE, {"A": HOSTILE}]})),
        runs.call(2, outcome=Refused(HOSTILE, 400, HOSTILE)),
        runs.call(3, outcome=Unknown("connection", HOSTILE)),
    )
    book = runs.book(
        runs.finding(UNIQUE, calls=calls, expected=HOSTILE, actual=HOSTILE),
        runs.finding(EXACT, calls=calls, expected=HOSTILE, actual=HOSTILE),
    )
    return runs.results(book, trouble=TargetError(HOSTILE, hint=HOSTILE), left_behind=((HOSTILE, HOSTILE),))


def some() -> dict[str, Any]:
    """A must broken, a law that follows, a warning, laws that were not exercised."""
    exercised = [law for law in runs.contract().laws if law.startswith("connection.")]
    return runs.results(runs.book(*map(runs.finding, (ENUM, PENDING, EXACT)), exercised=exercised))


ALL = (some, hostile, lambda: runs.results(runs.book()), lambda: runs.results(runs.book(exercised=(), calls=0)))


def test_the_command_line_knows_every_format_that_there_is() -> None:
    """One list is written by hand, so that a usage error imports no renderer."""
    assert set(FORMATS) == set(reports.FORMATS)


# -- JUnit: what the published schema (the one that Jenkins validates with) allows where, and what it requires

_ALLOWED = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package"},
        {"name", "tests", "failures", "errors"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, {"name", "value"}),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name", "time", "classname", "group"},
        {"name"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


@pytest.mark.parametrize("make", ALL)
def test_junit_is_xml_that_the_schema_describes(make: Any) -> None:
    """Elements, attributes and their nesting; times are seconds."""
    root = ET.fromstring(rendered("junit", "junit.xml", make()).encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        children, attributes, required = _ALLOWED[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= attributes
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time", "0.000"))


def test_junit_has_a_case_for_each_law_and_counts_what_it_shows() -> None:
    """A failure, an error and a skip each where it belongs; a warning passes."""
    results = some()
    root = ET.fromstring(rendered("junit", "junit.xml", results))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    verdicts = {law["id"]: law["verdict"] for law in results["laws"]}
    assert list(cases) == list(verdicts)
    for law, word in verdicts.items():
        kind = next((child.tag for child in cases[law] if child.tag != "system-out"), None)
        assert kind == {"fail": "failure", "vacuous": "skipped", "unsupported": "skipped"}.get(word), (law, word)
    assert (root.get("tests"), root.get("failures")) == (str(len(verdicts)), "2")
    for suite in root:
        for attribute, tag in (
            ("failures", "failure"),
            ("skipped", "skipped"),
            ("errors", "error"),
            ("tests", "testcase"),
        ):
            assert int(suite.attrib[attribute]) == len(list(suite.iter(tag)))
    assert "expected: arn#1 keeps its name to itself" in (cases[ENUM].find("failure").text or "")
    assert EXACT in (cases[EXACT].find("system-out").text or "").partition("warn:")[2]


def test_junit_says_why_we_believe_a_law_and_how_often_it_was_exercised() -> None:
    """In the suite's properties, where the schema has room for them."""
    root = ET.fromstring(rendered("junit", "junit.xml", some()))
    properties = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert properties[f"{ENUM}.evidence"] == "modelled"
    assert properties[f"{ENUM}.calls"] == "12"
    assert properties[f"{ENUM}.verdict"] == "fail"


def test_a_law_that_nobody_could_judge_is_an_error_in_junit() -> None:
    """Neither passed nor failed."""
    lost = runs.results(runs.book(exercised=()), trouble=TargetError("it is gone"))
    root = ET.fromstring(rendered("junit", "junit.xml", lost))
    assert int(root.attrib["errors"]) == len(list(root.iter("error"))) > 30
    assert next(root.iter("error")).get("message") == "it is gone"


# -- Markdown


def test_markdown_is_short_whatever_was_found() -> None:
    """A comment has room for 65,536 characters."""
    calls = tuple(runs.call(index, name=f"{HOSTILE}{index}" * 20) for index in range(300))
    laws = [law for law in runs.contract().laws if law.startswith("connection.")]
    findings = [runs.finding(law, calls=calls, actual="x" * 9_000, expected="y" * 9_000) for law in laws]
    text = rendered("markdown", "summary.md", runs.results(runs.book(*findings)))
    assert len(text) < 65_536
    assert text.count("<details>") == 10


def test_nothing_that_an_endpoint_said_is_markdown() -> None:
    """Outside of code there is no tag, heading, link or mention of its making; no fence of ours can be closed."""
    text = rendered("markdown", "summary.md", hostile())
    fences, outside, within = [], [], False
    for line in text.split("\n"):
        if re.fullmatch(r"`{3,}(text)?", line):
            within = not within
            fences.append(line)
        elif not within:
            outside.append(re.sub(r"(`+) ?.*? ?(?<!`)\1(?!`)", "", line))
    assert not within
    words = "\n".join(outside)
    assert "alert" in words  # it is told, as text
    assert re.findall(r"(?<!\\)<(?!/?(?:details|summary|b)>|https://docs)", words) == []
    assert re.findall(r"@\w|#\w|(?<!\\)\]\(|(?<!\\)://x", words) == []
    assert [line for line in outside if line.startswith("#")] == ["## ❌ assay: broken"]
    assert all(character == "\n" or character.isprintable() or character == "\u200b" for character in text)


@pytest.mark.parametrize("make", ALL)
def test_markdown_begins_with_the_verdict_and_ends_with_the_numbers(make: Any) -> None:
    """And a table has as many cells in each row as in its head."""
    results = make()
    lines = rendered("markdown", "summary.md", results).splitlines()
    assert lines[0].endswith(f"assay: {results['verdict']}")
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")} == {3}
    assert lines[-1].startswith("| run | effort quick, seed 7")


# -- the badge


@pytest.mark.parametrize(
    ("make", "message", "color"),
    [
        (some, "2 laws broken", "red"),
        (lambda: runs.results(runs.book()), "conforms, {kept} laws", "brightgreen"),
        (lambda: runs.results(runs.book(runs.finding(EXACT))), "conforms, {kept} laws, 1 warning", "brightgreen"),
        (lambda: runs.results(runs.book(exercised=())), "nothing exercised", "yellow"),
        (lambda: runs.results(runs.book(exercised=()), trouble=TargetError(HOSTILE)), "indeterminate", "yellow"),
    ],
)
def test_the_badge_says_the_verdict_in_a_few_words(make: Any, message: str, color: str) -> None:
    """As an SVG, and as the JSON that shields.io reads."""
    results = make()
    message = message.format(kept=sum(law["verdict"] == "pass" for law in results["laws"]))
    endpoint = json.loads(rendered("badge", "badge.json", results))
    assert endpoint == {
        "schemaVersion": 1,
        "label": "assay codestar-connections",
        "message": message,
        "color": color,
        "isError": False,
    }
    root = ET.fromstring(rendered("badge", "badge.svg", results))
    assert root.get("aria-label") == f"assay codestar-connections: {message}"


# -- SARIF


def read_sarif(results: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(rendered("sarif", "assay.sarif", results)))


@pytest.mark.parametrize("make", ALL)
def test_sarif_keeps_the_rules_of_its_schema(make: Any) -> None:
    """Those that it requires of what we write: versions, levels, indices, URIs, one region for each place."""
    results = make()
    log = read_sarif(results)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [law["id"] for law in results["laws"]]
    assert len({rule["name"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in {"error", "warning"}
        assert re.fullmatch(r"https://[!-~]+", rule.get("helpUri", "https://x"))
    assert len(run["results"]) == len(results["findings"])
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        assert result["partialFingerprints"]["finding/v1"] in results["findings"]
        (place,) = result["locations"]
        assert re.fullmatch(r"[!-~]+", place["physicalLocation"]["artifactLocation"]["uri"])
        ((flow,),) = ([each["threadFlows"] for each in result["codeFlows"]],)
        assert any(each["importance"] == "essential" for each in flow[0]["locations"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run["invocations"][0]["startTimeUtc"])


def test_what_an_endpoint_said_is_no_link_and_no_placeholder_in_sarif() -> None:
    """Brackets and braces are escaped, control characters written out."""
    run = read_sarif(hostile())["runs"][0]
    for result in run["results"]:
        text = result["message"]["text"]
        assert re.search(r"(?<!\\)[\[\]]", text) is None
        assert re.search(r"(?<!\{)\{(?!\{)", text) is None
        assert text.isprintable()


def test_a_warning_is_a_warning_in_sarif_and_a_broken_must_an_error() -> None:
    """The levels that decide whether a check fails."""
    run = read_sarif(some())["runs"][0]
    assert {each["ruleId"]: each["level"] for each in run["results"]} == {
        ENUM: "error",
        PENDING: "error",
        EXACT: "warning",
    }


# -- the files


def test_files_are_written_and_told_and_the_step_summary_is_added_to(tmp_path: Path) -> None:
    """Console and json are there anyway."""
    summary = tmp_path / "step.md"
    summary.write_text("before\n", encoding="utf-8")
    environ = {writing.STEP_SUMMARY: str(summary)}
    wanted = ("console", "json", "markdown", "badge", "markdown")
    places = writing.write_reports(some(), wanted, str(tmp_path), environ=environ)
    assert [name for name, _ in places] == ["markdown", "markdown", "badge", "badge"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["badge.json", "badge.svg", "step.md", "summary.md"]
    written = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8") == f"before\n{written}"


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """The run is over; its results are whole."""
    with pytest.raises(HarnessError, match=r"missing/junit.xml cannot be written"):
        writing.write_reports(some(), ("junit",), str(tmp_path / "missing"), environ={})
