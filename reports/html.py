"""The results as one page of HTML, made to be shown: it needs no network, and no script for anything that matters.

The verdict stands first, then what broke, each finding with the smallest history as a sequence of calls between a
client and a server, then every law, then what was really exercised. Each verdict has a colour, a shape and a word, of
which any one suffices. What a script adds is convenience: search, copying, a remembered theme.

A run may have hundreds of findings and tens of thousands of calls, so the page has a budget: so many findings stand
open, so many exchanges are shown raw, the nearest to each breach first; the rest is counted, and stands in the results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports import expected, timeline
from reports.difference import difference
from reports.exchange import exchange_of
from reports.findings import named, seen
from reports.judgement import judgement, target_of
from reports.pages import environment, policy, script
from reports.quotation import legible
from reports.transcript import Nicknames, transcript
from reports.verdicts import OPEN, OUTCOMES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["render"]

_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "stale": ("↺", "broken"),
    "expired": ("▲", "warned"),
    "hidden": ("▲", "warned"),
    "not-exercised": ("○", "open"),
    "for another target": ("∅", "open"),
    "expected-fail": ("≈", "open"),
}
"""The same for what became of a known failure, in the order in which they are shown."""

_TOOLS: Final = {"assay": "assay", "python": "Python", "aws_cli": "AWS CLI", "curl": "curl"}
_NO_OPERATION: Final = "raw requests"
_OPEN: Final = 10
_ROWS: Final = 60
_EXCHANGES: Final = 1_500
_EXCHANGES_EACH: Final = 24
_LONGEST: Final = 600
_LEFT_BEHIND: Final = 200


def render(results: Mapping[str, Any]) -> str:
    """The page."""
    found = {finding["id"]: finding for law in results["laws"] for finding in law["findings"]}
    ordered = [found[each] for each in results["findings"]]
    laws = {law["id"]: law for law in results["laws"]}
    budget = _Budget(_EXCHANGES)
    code = script("report.js")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            results=results,
            sentence=judgement(results),
            target=target_of(results),
            shape=OUTCOMES.get(results["verdict"], OPEN),
            shapes=SHAPES,
            counts=_counts(results["laws"]),
            findings=[
                _finding(each, laws[each["law"]], ordered, expected.covering(results, each), budget) for each in ordered
            ],
            known=[_known(each) for each in expected.entries(results)],
            open_findings=_OPEN,
            nouns=_nouns(results["laws"]),
            coverage=_coverage(results.get("coverage")),
            left_behind=results["cleanup"]["left_behind"][:_LEFT_BEHIND],
            left_out=max(0, len(results["cleanup"]["left_behind"]) - _LEFT_BEHIND),
            script=code,
            policy=policy(code),
        )
    )


class _Budget:
    """How many exchanges the page still has room for."""

    def __init__(self, exchanges: int) -> None:
        self._left = exchanges

    def near(self, history: Sequence[Mapping[str, Any]], breaks_at: int) -> set[int]:
        """The numbers of the calls that are shown raw: those that are nearest to the breach."""
        room = min(self._left, _EXCHANGES_EACH)
        place = next((n for n, call in enumerate(history, start=1) if call["index"] == breaks_at), len(history))
        chosen = sorted(range(1, len(history) + 1), key=lambda number: abs(number - place))[:room]
        self._left -= len(chosen)
        return set(chosen)


def _finding(
    finding: Mapping[str, Any],
    law: Mapping[str, Any],
    every: Sequence[Mapping[str, Any]],
    known: Sequence[Mapping[str, Any]],
    budget: _Budget,
) -> dict[str, Any]:
    history, names = finding["history"], Nicknames(finding["history"])
    wanted, actual = difference(
        legible(names.put_into(finding["expected"]), _LONGEST), legible(names.put_into(finding["actual"]), _LONGEST)
    )
    raw = budget.near(history, finding["breaks_at"])
    first = next(each for each in every if each["law"] == finding["law"])
    also = [each for each in every if each["folded_under"] == finding["law"] and each is not finding]
    rows = list(_rows(finding, names, raw))
    return {
        "id": finding["id"],
        "name": named(finding),
        "law": law,
        "sentence": finding["sentence"],
        "force": finding["force"],
        "verdict": _verdict(finding, law),
        "under": finding["folded_under"],
        "expected": wanted,
        "actual": actual,
        "known": [_known(each) for each in known],
        "rows": rows[-_ROWS:],
        "rows_left_out": max(0, len(rows) - _ROWS),
        "raw_left_out": len(history) - sum(row["exchange"] is not None for row in rows[-_ROWS:]),
        "legend": names.legend(everything=True),
        "picture": timeline.svg(finding),
        "also": [(each["id"], named(each)) for each in also] if finding is first else [],
        "seen": seen(finding),
        "reproducers": [
            (name, _TOOLS.get(name, name), "\n".join(map(legible, finding["reproducers"][name].splitlines())))
            for name in dict.fromkeys([*_TOOLS, *finding["reproducers"]])
            if finding["reproducers"].get(name)
        ],
        "no_reproducers": _no_reproducers(finding),
    }


def _no_reproducers(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The tools for which there is no script, by why there is none; results of earlier releases do not say."""
    tools: dict[str, list[str]] = {}
    for name, reason in finding.get("no_reproducers", {}).items():
        tools.setdefault(legible(reason, _LONGEST), []).append(_TOOLS.get(name, legible(name)))
    return [(", ".join(each), reason) for reason, each in tools.items()]


def _verdict(finding: Mapping[str, Any], law: Mapping[str, Any]) -> str:
    """The verdict that a finding stands for: its law may have others, which are graver or which nobody expects."""
    if expected.is_expected(finding):
        return "expected-fail"
    word = str(law["verdict"])
    return "warn" if finding["force"] != "must" and word == "fail" else word


def _known(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the known failures, ready to be shown; only a link that a browser may follow is one."""
    link = entry["link"]
    return {
        "status": entry["status"],
        "shape": _STATUSES[entry["status"]],
        "rank": list(_STATUSES).index(entry["status"]),
        "what": expected.what(entry),
        "about": entry["findings"][0] if entry["findings"] else f"law-{entry['law']}",
        "words": legible(entry["detail"] or entry["reason"]),
        "owner": legible(entry["owner"]) if entry["owner"] else None,
        "link": link if link and link.startswith(("https://", "http://")) else None,
        "link_words": legible(link) if link else None,
        "expires": legible(entry["expires"]) if entry["expires"] else None,
    }


def _rows(finding: Mapping[str, Any], names: Nicknames, raw: set[int]) -> Iterator[dict[str, Any]]:
    """The rows of the diagram: a call, or several alike."""
    history = finding["history"]
    for line in transcript(history, names, breaks_at=finding["breaks_at"]):
        number = int(line.number) if line.number.isdecimal() else None
        call = history[number - 1] if number is not None else None
        operation, _, members = line.asked.partition(" ")
        yield {
            "number": line.number,
            "operation": operation if call is not None else "",
            "members": members if call is not None else line.asked,
            "came": line.came,
            "kind": call["outcome"]["kind"] if call is not None else "many",
            "breaks": line.breaks,
            "exchange": exchange_of(call) if call is not None and number in raw else None,
            "took": f"{(call['end'] - call['start']) * 1_000:.1f} ms" if call is not None else "",
        }


def _counts(laws: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    words = [law["verdict"] for law in laws]
    return [(word, words.count(word)) for word in SHAPES if word in words]


def _nouns(laws: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The laws by what they are about."""
    nouns: dict[str, list[Mapping[str, Any]]] = {}
    for law in laws:
        nouns.setdefault(law["id"].rpartition(".")[0], []).append(law)
    return list(nouns.items())


def _coverage(coverage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What was exercised, by what it is about; None for results that do not tell."""
    if coverage is None:
        return None
    words = ("accepted", "refused", "unknown", "throttled")
    most = max((sum(row[word] for word in words) for row in coverage["operations"]), default=0) or 1
    errors: dict[str, list[Mapping[str, Any]]] = {}
    for each in coverage["errors"]:
        errors.setdefault(each["operation"] or _NO_OPERATION, []).append(each)
    values: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for each in coverage["values"]:
        values.setdefault((each["operation"] or _NO_OPERATION, each["where"], each["member"]), []).append(each)
    return {
        "operations": [
            {
                "name": row["operation"] or _NO_OPERATION,
                "calls": sum(row[word] for word in words),
                "parts": [(word, row[word], round(100 * row[word] / most, 2)) for word in words if row[word]],
            }
            for row in coverage["operations"]
        ],
        "errors": errors,
        "values": values,
        "page_sizes": coverage["page_sizes"],
        "pages": coverage["pages"],
        "names": coverage["names"],
    }
