"""The page: all that the results tell is on it, in one file, and nothing that an endpoint said becomes anything."""

from __future__ import annotations

import base64
import hashlib
import importlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.history import Accepted
from assay.suite import import_reports
from selftests.test_reports_formats import ENUM, EXACT, HOSTILE, PENDING, UNIQUE, hostile, some

reports = import_reports()
difference = importlib.import_module("reports.difference").difference
exchange_of = importlib.import_module("reports.exchange").exchange_of
VOID = {"meta", "br", "input", "col", "link"}
BLOCKS = {"dt", "dd", "pre", "summary", "li", "th", "td", "p", "div", "h3"}
IN_PICTURES = {"line", "path"}


class Page(HTMLParser):
    """The tags, the attributes, the visible words and the script of a page; an unbalanced tag is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self.script = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        self.words = "".join(self._words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self._words.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in IN_PICTURES
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.script += data
        elif "style" not in self.open:
            self._words.append(data)

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.tags if attribute in attributes]


def page(results: dict[str, Any]) -> Page:
    return Page(str(reports.FORMATS["html"]["report.html"](results)))


ALL = (some, hostile, lambda: runs.results(runs.book()), lambda: runs.results(runs.book(exercised=(), calls=0)))


@pytest.mark.parametrize("make", ALL)
def test_the_page_is_whole_and_loads_nothing(make: Any) -> None:
    """Tags close, ids are unique, every link leads somewhere, and the only addresses are the laws' sources."""
    results = make()
    made = page(results)
    ids = made.all("id")
    assert len(ids) == len(set(ids))
    known = {f"#{each}" for each in ids} | {source for law in results["laws"] for source in law["source"]}
    assert set(made.all("href")) <= known
    assert made.all("src") == []
    assert {tag for tag, _ in made.tags} & {"link", "img", "iframe", "object", "form", "base"} == set()


def test_the_policy_lets_no_script_run_but_ours() -> None:
    """Should all escaping fail, a browser still runs nothing and sends nothing."""
    made = page(hostile())
    policy = next(value for value in made.all("content") if "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(made.script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}';" in policy
    assert [tag for tag, _ in made.tags].count("script") == 1


def test_nothing_that_an_endpoint_said_is_markup_or_moves_the_eye() -> None:
    """No tag, no attribute, no control character and no bidirectional control of its making."""
    text = str(reports.FORMATS["html"]["report.html"](hostile()))
    made = Page(text)
    assert "alert(1)" in made.words
    assert "alert" not in made.script
    assert not any("alert" in (value or "") for _, attributes in made.tags for value in attributes.values())
    assert not any(name.startswith("on") for _, attributes in made.tags for name in attributes)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert text.encode("utf-8")


@given(st.text(max_size=60))
@settings(max_examples=10, deadline=None)
def test_any_text_is_text(words: str) -> None:
    """Whatever an endpoint answers."""
    calls = (runs.call(1, name=words), runs.call(2, outcome=Accepted({words: words})))
    book = runs.book(runs.finding(UNIQUE, actual=words, expected=words, calls=calls))
    before = page(runs.results(runs.book(runs.finding(UNIQUE, actual="x", expected="x", calls=calls))))
    after = page(runs.results(book))
    assert [tag for tag, _ in after.tags] == [tag for tag, _ in before.tags]


def test_a_finding_is_told_with_all_that_is_needed_to_act_on_it() -> None:
    """The sentence, what was expected, what came, every call with its exchange, how to run it again."""
    results = runs.results(runs.book(runs.finding(UNIQUE, shows=(3, 3))))
    finding = results["laws"][0]["findings"][0]
    finding["reproducers"]["curl"] = "curl --version\necho 'two lines'"
    finding["no_reproducers"] = dict.fromkeys(("python", "aws_cli"), "it is <too> odd")
    made = page(results)
    words = " ".join(made.words.split())
    for expected in (
        "broken",
        results["laws"][0]["sentence"],
        "arn#1 keeps its name to itself",
        'CreateConnection ConnectionName="mine", ProviderType=Bitbucket',
        "accepted: ConnectionArn=arn#2 ◀ the law breaks here",
        "in 3 of 3 repetitions",
        f"assay replay .assay/results.json {results['findings'][0]}",
        "curl curl --version echo 'two lines'",
        "No script for Python, AWS CLI: it is <too> odd.",
        "POST http://127.0.0.1:4566/ X-Amz-Target: x {}",
    ):
        assert expected in words
    assert results["findings"][0] in made.all("id")


def test_what_follows_from_another_finding_stands_below_it_and_says_so() -> None:
    """One fault, one story; both ways can be gone."""
    made = page(some())
    words = " ".join(made.words.split())
    assert words.index("may follow from those") < words.index(f"may follow from {ENUM}")
    assert f"also breaks {PENDING}" in words
    assert f"#law-{ENUM}" in made.all("href")


def test_every_law_stands_on_it_with_its_verdict_in_words() -> None:
    """Colour is never alone, and the filter knows every verdict."""
    results = some()
    results["laws"][-1] |= {"verdict": "unsupported", "reason": "it has one account"}
    made = page(results)
    rows = [attributes for tag, attributes in made.tags if tag == "tr" and "law" in (attributes.get("class") or "")]
    assert [row["id"] for row in rows] == [f"law-{law['id']}" for law in results["laws"]]
    assert {row["class"] for row in rows} == {"law broken", "law warned", "law kept", "law open"}
    assert {"show-broken", "show-warned", "show-kept", "show-open"} <= set(made.all("id"))
    words = " ".join(made.words.split())
    for shape in ("✗ fail", "▲ warn", "✓ pass", "○ vacuous", "∅ unsupported"):
        assert shape in words


def test_what_was_never_exercised_is_told() -> None:
    """A dashed frame, and the word."""
    words = " ".join(page(some()).words.split())
    assert "LimitExceededException 400 never" in words
    assert "Page sizes asked for" in words
    results = some()
    del results["coverage"]
    assert "Page sizes" not in page(results).words  # an older results file does not tell


def test_hundreds_of_findings_and_thousands_of_calls_make_a_page_that_opens() -> None:
    """Most stand folded, most exchanges are only counted."""
    calls = tuple(
        runs.call(index, name=f"n{index}", outcome=runs.REFUSED if index % 2 else None) for index in range(100)
    )
    results = runs.results(runs.book(runs.finding(UNIQUE, calls=calls)))
    one = results["laws"][0]["findings"][0]
    results["laws"][0]["findings"] = [{**one, "id": f"{one['id']}{number}"} for number in range(100)]
    results["findings"] = [each["id"] for each in results["laws"][0]["findings"]]
    text = str(reports.FORMATS["html"]["report.html"](results))
    assert len(text) < 100 * 60_000
    assert text.count('<details class="finding"') == 100
    assert len(re.findall(r'<details class="finding" id="[^"]+" open>', text)) == 10
    assert text.count('<details class="raw">') <= 1_500


def test_the_same_results_make_the_same_page() -> None:
    """A pure function."""
    results = hostile()
    render = reports.FORMATS["html"]["report.html"]
    assert render(results) == render(results)


# -- its parts


def test_the_words_that_differ_are_marked_and_no_others() -> None:
    """Joined, the parts are the texts again."""
    expected, actual = difference("the status is PENDING in List", "the status is AVAILABLE in List")
    assert [text for marked, text in expected if marked] == ["PENDING"]
    assert [text for marked, text in actual if marked] == ["AVAILABLE"]
    assert "".join(text for _, text in expected) == "the status is PENDING in List"


def test_where_two_sentences_share_nothing_nothing_is_marked() -> None:
    """Marks everywhere would be none."""
    expected, actual = difference("the second Create is refused", "accepted: {}")
    assert not any(marked for marked, _ in (*expected, *actual))


@given(st.text(max_size=40), st.text(max_size=40))
@settings(deadline=None)
def test_a_comparison_loses_no_character(expected: str, actual: str) -> None:
    """Whatever is compared."""
    left, right = difference(expected, actual)
    assert "".join(text for _, text in left) == expected
    assert "".join(text for _, text in right) == actual


def test_an_exchange_is_told_whole_and_no_longer_than_a_person_reads() -> None:
    """Also where there was no answer, or one that is no text."""
    headers = [["X-Name", HOSTILE]] * 50
    call = {
        "request": {"url": "http://x/", "headers": [], "body": "z" * 5_000},
        "response": {"status": 200, "headers": headers, "body_base64": base64.b64encode(b"\xff{}").decode()},
        "outcome": {"kind": "accepted", "output": {}},
    }
    asked, came = exchange_of(call)
    assert asked.startswith("POST http://x/\n\n" + "z" * 4_000 + "\n(and 1,000 more characters)")
    assert "\\xff{}" in came
    assert "(and 10 more)" in came
    assert all(line.isprintable() for line in (*asked.split("\n"), *came.split("\n")))
    unanswered = {**call, "outcome": {"kind": "unknown", "reason": "timeout", "detail": "after 10 s"}}
    del unanswered["response"]
    assert exchange_of(unanswered)[1] == "no answer: timeout\nafter 10 s"


def test_a_law_that_warned_is_told_as_a_warning() -> None:
    """Not in the colour of what fails the run."""
    words = " ".join(page(runs.results(runs.book(runs.finding(EXACT)))).words.split())
    assert f"▲ should{EXACT}" in words
    assert re.search(r"conforms .*, with 1 warning", words)
