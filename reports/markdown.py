"""A summary in Markdown, for a pull request's comment or the summary of a CI step: short, whatever was found.

What an endpoint said stands between backticks, in a fence that is longer than any run of backticks within it, so none
of it can become a heading, a link, a mention or HTML; everything has gone through `quotation` before that. At most so
many findings are told with their calls, and a comment has room for 65,536 characters: the rest is counted.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

from reports import expected
from reports.findings import named
from reports.judgement import judgement
from reports.quotation import legible
from reports.sheet import counted
from reports.transcript import Nicknames, transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["code", "plain", "render"]

_MARKS: Final = {"conforms": "✅", "broken": "❌"}
_TOLD: Final = 10
_NAMED: Final = 30
_CALLS: Final = 30
_LONGEST: Final = 400
_LONGEST_LINE: Final = 600
_BACKTICKS: Final = re.compile("`+")
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")


def render(results: Mapping[str, Any]) -> str:
    """The summary."""
    word = results["verdict"]
    lines = [f"## {_MARKS.get(word, '⚠️')} assay: {word}", "", plain(_sentence(results)), ""]
    trouble = results["trouble"]
    if trouble is not None and trouble["hint"]:
        lines += [f"Hint: {plain(trouble['hint'])}", ""]
    lines += _findings(results)
    lines += _known(expected.entries(results))
    lines += _table(results)
    return "\n".join([*lines, ""])


def _sentence(results: Mapping[str, Any]) -> str:
    sentence = judgement(results)
    return sentence[:1].upper() + sentence[1:] + "." if not sentence.startswith("http") else f"{sentence}."


def _findings(results: Mapping[str, Any]) -> Iterator[str]:
    found = {finding["id"]: finding for law in results["laws"] for finding in law["findings"]}
    laws = {law["id"]: law for law in results["laws"]}
    every = expected.unexpected([found[each] for each in results["findings"]])
    roots = [each for each in every if each["folded_under"] is None]
    for finding in roots[:_TOLD]:
        yield from _finding(finding, laws[finding["law"]])
    rest = [*roots[_TOLD:], *(each for each in every if each["folded_under"] is not None)]
    if rest:
        ids = list(dict.fromkeys(named(each) for each in rest))
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        yield f"Also broken: {', '.join(map(code, ids[:_NAMED]))}{more}."
        yield ""


def _finding(finding: Mapping[str, Any], law: Mapping[str, Any]) -> Iterator[str]:
    names = Nicknames(finding["history"])
    yield f"<details><summary><b>{finding['law']}</b>: {html.escape(legible(finding['sentence']))}</summary>"
    yield ""
    yield f"* **why**: {finding['force']}, {law['evidence']}: {_source(law['source'])}"
    yield f"* **expected**: {code(legible(names.put_into(finding['expected']), _LONGEST))}"
    yield f"* **actual**: {code(legible(names.put_into(finding['actual']), _LONGEST))}"
    yield ""
    lines = transcript(finding["history"], names, breaks_at=finding["breaks_at"])
    hidden = len(lines) - _CALLS
    shown = lines[-_CALLS:] if hidden > 0 else lines
    told = [f"  … {counted(hidden, 'line')} before"] if hidden > 0 else []
    told += [
        legible(f"{'>' if line.breaks else ' '} {line.number} {line.asked}", _LONGEST_LINE)
        + (f"\n      → {legible(line.came, _LONGEST_LINE)}" if line.came else "")
        for line in shown
    ]
    yield from _fenced("\n".join(told))
    yield ""
    yield f"Run it again: {code(legible(finding['reproducers']['assay']))}"
    yield ""
    yield "</details>"
    yield ""


def _known(known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The known failures: what somebody has to do something about stands open, the rest is counted and folded."""
    as_expected = [each for each in known if each["status"] == "expected-fail"]
    for each in [each for each in known if each not in as_expected][:_NAMED]:
        yield f"* **{each['status']}**: {code(expected.what(each))}: {plain(expected.words(each))}"
    if as_expected:
        yield ""
        yield f"<details><summary>{counted(len(as_expected), 'known failure')}, as expected</summary>"
        yield ""
        for each in as_expected[:_NAMED]:
            yield f"* {code(expected.what(each))}: {plain(expected.words(each))}"
        if len(as_expected) > _NAMED:
            yield f"* and {len(as_expected) - _NAMED} more"
        yield ""
        yield "</details>"
    if known:
        yield ""


def _table(results: Mapping[str, Any]) -> Iterator[str]:
    verdicts = [law["verdict"] for law in results["laws"]]
    calls, cleanup = results["calls"], results["cleanup"]
    left = len(cleanup["left_behind"])
    rows = [
        ("laws", ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(verdicts)) or "none"),
        ("calls", f"{calls['total']:,} in {results['duration_s']:.1f} s"),
        (
            "clean-up",
            f"{cleanup['created']:,} created, {cleanup['deleted']:,} deleted, {left or 'nothing'} left behind",
        ),
        ("run", f"effort {results['effort']}, seed {results['seed']}, assay {results['assay']['version']}"),
    ]
    yield "| | |"
    yield "|---|---|"
    for label, words in rows:
        yield f"| {label} | {plain(words)} |"


def _source(sources: Sequence[str]) -> str:
    first = sources[0]
    shown = f"<{first}>" if first.startswith("https://") and not re.search(r"[\s<>]", first) else plain(first)
    return shown + (f" and {len(sources) - 1} more" if len(sources) > 1 else "")


def plain(text: str) -> str:
    """Text of ours in which something of the endpoint's may stand: nothing in it means anything to Markdown.

    What GitHub makes of the finished text (a mention, a reference to an issue) takes an invisible space to prevent.
    """
    return _SPECIAL.sub(r"\\\1", legible(text)).replace("://", "\\://").replace("@", "@\u200b").replace("#", "#\u200b")


def code(text: str) -> str:
    """A text between backticks, more of them than it holds in a row."""
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    room = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{room}{text or ' '}{room}{fence}"


def _fenced(text: str) -> Iterator[str]:
    fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    yield f"{fence}text"
    yield text
    yield fence
