"""Known failures in every report: what is expected stands apart, what is not as expected is told to whoever looks."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import runs

from assay.expectations import Entry
from assay.suite import import_reports

reports = import_reports()
UNIQUE, EXACT, ENUM, EMPTY = (
    "connection.name.unique",
    "connection.name.exact",
    "connection.status.enum",
    "connection.delete.empty",
)
LINK = "https://example.org/issues/12"
HOSTILE = "<script>alert(1)</script> [x](javascript:0) \x1b[31m"


def known() -> dict[str, Any]:
    """A failure that is listed with all there is to say, one that is not, an entry that is stale, one that expired."""
    entries = (
        Entry(law=UNIQUE, reason="our index is late", owner="team-names", link=LINK, expires=date(2027, 3, 31)),
        Entry(law=ENUM, reason="it was so once"),
        Entry(law=EMPTY, reason="for a week only", expires=date(2026, 11, 1)),
    )
    return runs.results(runs.book(*map(runs.finding, (UNIQUE, EXACT, EMPTY))), expected=entries)


def hostile() -> dict[str, Any]:
    """An entry in which every word is hostile."""
    entry = Entry(law=UNIQUE, reason=HOSTILE, owner=HOSTILE, link="javascript:alert(1)")
    return runs.results(runs.book(runs.finding(UNIQUE)), expected=(entry,))


def rendered(name: str, file: str, results: dict[str, Any]) -> str:
    return str(reports.FORMATS[name][file](results))


def test_junit_skips_what_is_expected_and_fails_what_is_stale() -> None:
    """The message of the skipped case, which viewers show, has reason, owner, link and day."""
    tree = ET.fromstring(rendered("junit", "junit.xml", known()))
    cases = {case.get("name"): case for case in tree.iter("testcase")}
    (skipped,) = cases[UNIQUE].findall("skipped")
    assert skipped.get("message") == f"our index is late; owner team-names; see {LINK}; until 2027-03-31"
    assert "connection.name.unique" in str(cases[UNIQUE].findtext("system-out"))
    (stale,) = cases[ENUM].findall("failure")
    assert f"expected to fail, and did not: {ENUM}" in str(stale.get("message"))
    assert cases[EMPTY].find("failure") is not None
    assert "it expired on 2026-11-01" in str(cases[EMPTY].findtext("system-out"))


def test_junit_tells_no_expected_finding_as_a_failure() -> None:
    """Also where another finding of the same law fails the run."""
    listed = runs.finding("connection.create.provider", clause="other-edition", actual="expected words")
    other = runs.finding("connection.create.provider", actual="unexpected words")
    entry = Entry(law=listed.law, clause=listed.clause, reason="we are ahead")
    tree = ET.fromstring(rendered("junit", "junit.xml", runs.results(runs.book(listed, other), expected=(entry,))))
    (failure,) = tree.iter("failure")
    assert "unexpected words" in str(failure.get("message"))
    assert "actual:   expected words" not in str(failure.text)


def test_sarif_suppresses_what_is_expected_and_reports_what_is_stale() -> None:
    """With the reason as justification; all results say whether they are suppressed, and a stale entry is a result."""
    (run,) = json.loads(rendered("sarif", "assay.sarif", known()))["runs"]
    results = {each["ruleId"]: each for each in run["results"]}
    (suppression,) = results[UNIQUE]["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["status"] == "accepted"
    assert "our index is late" in suppression["justification"]
    assert suppression["properties"] == {
        "entry": UNIQUE,
        "owner": "team-names",
        "link": LINK,
        "expires": "2027-03-31",
    }
    assert [results[law]["suppressions"] for law in (EXACT, ENUM, EMPTY)] == [[], [], []]
    assert results[ENUM]["partialFingerprints"] == {"stale/v1": ENUM}
    assert results[ENUM]["level"] == "error"
    notes = [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("it expired on 2026-11-01" in note for note in notes)


def test_sarif_says_nothing_of_suppressions_where_nobody_expects_anything() -> None:
    """Unknown is not the same as none."""
    assert "suppressions" not in rendered("sarif", "assay.sarif", runs.results(runs.book(runs.finding(UNIQUE))))


def test_markdown_tells_what_is_not_as_expected_and_folds_the_rest() -> None:
    """No expected finding is told as a failure."""
    text = rendered("markdown", "summary.md", known())
    assert "<details><summary><b>connection.name.unique" not in text
    assert "<details><summary><b>connection.name.exact" in text
    assert re.search(r"^\* \*\*stale\*\*: `connection\.status\.enum`", text, re.MULTILINE)
    assert re.search(r"^\* \*\*expired\*\*: `connection\.delete\.empty`", text, re.MULTILINE)
    folded = text[text.index("1 known failure, as expected") :]
    assert "our index is late; owner team-names" in folded
    assert "until 2027-03-31" in folded


def test_the_page_has_a_part_for_known_failures() -> None:
    """Each entry with its status, owner, link and day; its finding stands there, too, and not among the broken."""
    page = rendered("html", "report.html", known())
    broken, _, rest = page.partition('<h2 id="known">')
    part = rest.partition("</section>")[0]
    assert [word in part for word in ("stale", "expired", "expected-fail")] == [True] * 3
    assert f'<a href="{LINK}" rel="noreferrer" class="said">{LINK}</a>' in part
    assert "owner <span" in part
    assert "until <span" in part
    finding = f'id="{runs.finding(UNIQUE).id}"'
    assert finding in part
    assert finding not in broken
    assert part.index("stale") < part.index("expected-fail")
    assert 'id="known"' not in rendered("html", "report.html", runs.results(runs.book(runs.finding(UNIQUE))))


def test_what_an_entry_says_is_data() -> None:
    """Its words are escaped, and only a link of the web is a link."""
    page = rendered("html", "report.html", hostile())
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    for name, file in (("html", "report.html"), ("junit", "junit.xml"), ("markdown", "summary.md")):
        assert "\x1b" not in rendered(name, file, hostile())
    text = rendered("markdown", "summary.md", hostile())
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "](javascript" not in text
