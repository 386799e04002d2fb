"""The report for a terminal: the verdict first, then what broke, then everything that a person should also know.

It has to be readable at sixty columns, without colours, and by somebody who has never heard of the suite; a reader in
a hurry stops after the first line and knows the answer. What an endpoint said has gone through `quotation`, and
nothing on a `Sheet` is interpreted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from reports import expected
from reports.findings import INDENT, named, seen, write_finding
from reports.judgement import judgement
from reports.quotation import legible
from reports.sheet import STYLES, Sheet
from reports.transcript import Nicknames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["render"]

_LEFT_BEHIND: Final = 20  # connections that are named; the rest is counted


def render(
    results: Mapping[str, Any],
    *,
    width: int = 80,
    color: bool = False,
    verbosity: str = "normal",
    plain: bool = False,
) -> str:
    """The report as text; `verbosity` is quiet (the verdict and a line for each finding), normal or verbose.

    With `plain`, pictures are drawn in ASCII.
    """
    sheet = Sheet(width=width, color=color, plain=plain)
    _Page(sheet, results, verbosity).write()
    return str(sheet)


class _Page:
    """One report on its way to a console."""

    def __init__(self, sheet: Sheet, results: Mapping[str, Any], verbosity: str) -> None:
        self._sheet = sheet
        self._results = results
        self._quiet, self._verbose = verbosity == "quiet", verbosity == "verbose"
        found = {finding["id"]: finding for law in results["laws"] for finding in law["findings"]}
        self._laws = {law["id"]: law for law in results["laws"]}
        self._findings: list[Mapping[str, Any]] = [found[each] for each in results["findings"]]

    def write(self) -> None:
        """Everything, from the verdict on."""
        self._verdict()
        if self._quiet:
            for finding in self._roots():
                actual = legible(Nicknames(finding["history"]).put_into(finding["actual"]), 300)
                self._sheet.line(f"{named(finding)}: {actual}", indent=INDENT)
            for each in expected.entries(self._results):
                if each["status"] != "expected-fail":
                    self._sheet.line(": ".join(expected.as_line(each)), indent=INDENT)
            return
        for number, finding in enumerate(self._roots(), start=1):
            self._sheet.gap()
            self._finding(number, finding)
        if self._is_over_before_it_began():
            return
        self._sheet.gap()
        if self._verbose:
            self._every_law()
        self._sheet.table([*self._classes(), *self._numbers()])

    def _is_over_before_it_began(self) -> bool:
        """Was there nothing to judge? Then the verdict has said it all, and a list of open laws would bury it."""
        results = self._results
        is_untouched = not any(law["examples"] for law in results["laws"]) and not results["cleanup"]["left_behind"]
        return results["trouble"] is not None and is_untouched and not self._verbose

    def _roots(self) -> list[Mapping[str, Any]]:
        return [
            finding
            for finding in self._findings
            if self._verbose or (finding["folded_under"] is None and not expected.is_expected(finding))
        ]

    # -- the verdict

    def _verdict(self) -> None:
        word = self._results["verdict"]
        self._sheet.line(f"{word}: {judgement(self._results)}", STYLES.get(word, "bold yellow"))
        trouble = self._results["trouble"]
        if trouble is not None and word == "broken":
            self._sheet.line(f"the run ended early: {legible(trouble['message'])}")
        if trouble is not None and trouble["hint"]:
            self._sheet.line(f"  hint: {legible(trouble['hint'])}")
        if self._results["interrupted"] and word == "broken":
            self._sheet.line("the run was interrupted: more may be broken")

    # -- findings

    def _finding(self, number: int, finding: Mapping[str, Any]) -> None:
        law = self._laws[finding["law"]]
        write_finding(self._sheet, f"{number}. {named(finding)}", finding, law, verbose=self._verbose)
        rest = [("seen", seen(finding))]
        same = [each for each in self._findings if each["law"] == finding["law"]]
        also = [each for each in self._findings if each["folded_under"] == finding["law"] and each is not finding]
        if also and finding is same[0]:
            rest.append(("also breaks", ", ".join(dict.fromkeys(map(named, also)))))
        rest.append(("run it again", legible(finding["reproducers"]["assay"])))
        self._sheet.table(rest, indent=INDENT)

    # -- the rest

    def _classes(self) -> Iterator[tuple[str, str]]:
        laws = self._results["laws"]
        verdicts = [law["verdict"] for law in laws]
        counts = ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(sorted(verdicts, key=_rank)))
        yield "laws", counts or "none"
        warned = [law["id"] for law in laws if law["verdict"] == "warn"]
        if warned:
            yield "warnings", ", ".join(warned)
        unsupported = Counter(law["id"].partition(".")[0] for law in laws if law["verdict"] == "unsupported")
        if unsupported and not self._verbose:
            nouns = ", ".join(f"{count} of {noun}.*" for noun, count in unsupported.items())
            yield "unsupported", f"{nouns}; -v says why"
        for each in expected.entries(self._results):
            yield expected.as_line(each)
        for word in ("indeterminate", "vacuous", *(("unsupported",) if self._verbose else ())):
            for reason, ids in _by_reason(laws, word).items():
                yield word, f"{', '.join(_grouped(ids, self._laws))}: {legible(reason)}"

    def _numbers(self) -> Iterator[tuple[str, str]]:
        results = self._results
        yield "calls", self._calls(results["calls"])
        cleanup = results["cleanup"]
        left = _left(cleanup["left_behind"])
        yield "clean-up", f"{cleanup['created']:,} created, {cleanup['deleted']:,} deleted, {left}"
        most = None if self._verbose else _LEFT_BEHIND
        for each in cleanup["left_behind"][:most]:
            name = f" ({legible(each['name'], 80)})" if each["name"] else ""
            yield "left behind", legible(each["arn"], 300) + name
        if most is not None and len(cleanup["left_behind"]) > most:
            rest = len(cleanup["left_behind"]) - most
            yield "left behind", f"and {rest:,} more: -v names them, results.json too"
        for limit in results["limits_reached"]:
            yield "limit", f"{legible(limit)} cut the run short"
        if results["lag_s"]:
            yield "lag", f"reads were up to {results['lag_s']:.2f} s behind"
        for note in results["notes"]:
            yield "note", legible(note)
        yield "run", f"effort {results['effort']}, seed {results['seed']}"
        yield "results", legible(results["results_file"])

    def _calls(self, calls: Mapping[str, Any]) -> str:
        text = f"{calls['total']:,} in {self._results['duration_s']:.1f} s"
        latency = calls["latency_ms"]
        if latency is not None:
            p50, p95, p99 = (f"{latency[each]:.1f}" for each in ("p50", "p95", "p99"))
            text += f"; half within {p50} ms, 95 % within {p95}, 99 % within {p99}"
        outcomes = calls["by_outcome"]
        unclear = [f"{outcomes[word]:,} {word}" for word in ("unknown", "throttled") if outcomes.get(word)]
        return "; ".join([text, *unclear])

    def _every_law(self) -> None:
        laws = sorted(self._laws.values(), key=lambda law: _rank(law["verdict"]))
        self._sheet.table(
            [(law["verdict"], f"{law['id']}: {law['examples']:,} examples, {law['calls']:,} calls") for law in laws]
        )
        self._sheet.gap()


def _rank(word: str) -> int:
    order = ("pass", "fail", "warn", "expected-fail", "stale", "indeterminate", "vacuous", "unsupported")
    return order.index(word)


def _by_reason(laws: Sequence[Mapping[str, Any]], word: str) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for law in laws:
        if law["verdict"] == word:
            reasons.setdefault(law["reason"] or "no reason was given", []).append(law["id"])
    return reasons


def _grouped(ids: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """The ids, but one pattern and their number for a noun whose laws are all among them."""
    named: list[str] = []
    for noun in dict.fromkeys(law.partition(".")[0] for law in ids):
        own = [law for law in ids if law.startswith(f"{noun}.")]
        whole = [law for law in known if law.startswith(f"{noun}.")]
        named += [f"{noun}.* ({len(own)})"] if len(own) == len(whole) > 1 else own
    return named


def _left(behind: Sequence[Any]) -> str:
    return "nothing left behind" if not behind else f"{len(behind):,} left behind"
