"""The run's book: how often each law was exercised, and its first breach, written down before anything is raised.

Tests come and go, Hypothesis replays and shrinks as it likes, workers die: the verdict is the fold over what stands
here, never the tests' outcomes. A law (or a clause of one) that was found broken is muted for the rest of the search
and still counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assay.asked import is_lost
from assay.identity import finding_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.coverage import Coverage
    from assay.history import Call
    from assay.laws import Breach
    from assay.observations import Observations
    from assay.program import Program

__all__ = ["Book", "Finding", "Tally"]

_NO_OPERATION = "raw"  # what the calls of requests that plainly call no operation are counted under
_MOST_NOTES: Final = 20


@dataclass(slots=True)
class Tally:
    """How often a law was exercised: histories in which it spoke, calls that it spoke about, breaches, seconds.

    `undecided` says why it could not be judged in some history, where that was so; `cut_off` is the same, and counts
    only where it was judged in no other. `missing` are IAM actions without which programs of its test could not be run.
    """

    examples: int = 0
    calls: int = 0
    breaches: int = 0
    duration: float = 0.0
    undecided: str | None = None
    cut_off: str | None = None
    missing: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Finding:
    """A law broken, as it was first seen and, once explained, as small as it could be made.

    `calls` are the smallest history that breaks the law, without the clean-up behind it. `found_at` is the number of
    the call and the second of the run at which it showed itself. `shows` says how many of how many repetitions broke
    the law again. `likely` are programs of which the program was woven, and that may show it alone.
    """

    law: str
    clause: str | None
    force: str
    program: Program
    breach: Breach
    calls: tuple[Call, ...]
    found_at: tuple[int, float]
    first_steps: int
    earlier: int | None = None
    left_over: int = 0
    shrunk_calls: int = 0
    shrunk_seconds: float = 0.0
    shows: tuple[int, int] = (1, 1)
    explained: bool = False
    likely: tuple[Program, ...] = ()

    @property
    def id(self) -> str:
        """An id that the same fault gets in every run."""
        return finding_id(self.law, self.breach)


@dataclass(slots=True)
class Book:
    """What a run has found out so far.

    `findings` has the first of each law and clause, which mutes the rest. `expected` are the ids that are known
    failures by name; what has one of those stands in `known`, by its id, and mutes nothing but itself. `ways` are the
    ids of all ways in which a law and clause were seen broken, muted ones too.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    findings: dict[tuple[str, str | None], Finding] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()
    known: dict[str, Finding] = field(default_factory=dict)
    ways: dict[tuple[str, str | None], dict[str, None]] = field(default_factory=dict)
    programs: int = 0
    calls_by_operation: dict[str, int] = field(default_factory=dict)
    calls_by_outcome: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    lag: float = 0.0
    unknown: list[Call] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    coverage: Coverage | None = None
    observations: Observations | None = None

    def tally(self, law: str) -> Tally:
        """The tally of a law."""
        return self.tallies.setdefault(law, Tally())

    def broken(self, law: str) -> Finding | None:
        """The gravest finding of a law, if it was found broken in a way that is not expected by name."""
        found = [finding for (broken, _), finding in self.findings.items() if broken == law]
        return min(found, key=lambda finding: finding.force != "must", default=None)

    def write_down(self, finding: Finding) -> None:
        """Keep a finding that was just made, unless it or one that mutes it is there already."""
        if finding.id in self.expected:
            self.known.setdefault(finding.id, finding)
        else:
            self.findings.setdefault((finding.law, finding.clause), finding)

    def is_muted(self, law: str, breach: Breach) -> bool:
        """Would a finding of this breach tell nothing new? It is counted as a way of breaking the law at any rate."""
        way = finding_id(law, breach)
        self.ways.setdefault((law, breach.clause), {})[way] = None
        return way in self.known if way in self.expected else (law, breach.clause) in self.findings

    def every(self) -> list[Finding]:
        """Every finding, whether it was expected by name or not."""
        return [*self.findings.values(), *self.known.values()]

    def unexplained(self) -> Iterator[Finding]:
        """Findings that nobody has tried to make smaller."""
        for finding in self.every():
            if not finding.explained:
                yield finding

    def remark(self, text: str) -> None:
        """Note something that a reader should know, once, and no more of such things than a reader will read."""
        if text not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(text)

    def count(self, call: Call) -> None:
        """Count a call, whoever made it; what was done beside the API is none."""
        if call.is_beside_the_api:
            return
        outcome: Any = type(call.outcome).__name__.lower()
        if call.is_retried:
            outcome = "throttled"
        elif outcome == "unknown" and not is_lost(call):
            outcome = "unanswered"  # nobody owed an answer
        operation = call.operation or _NO_OPERATION
        self.calls_by_operation[operation] = self.calls_by_operation.get(operation, 0) + 1
        self.calls_by_outcome[outcome] = self.calls_by_outcome.get(outcome, 0) + 1
        self.latencies.append(call.end - call.start)
        if self.coverage is not None:
            self.coverage.add(call)
        if self.observations is not None:
            self.observations.add(call)
        if outcome == "unknown" and len(self.unknown) < 100:  # noqa: PLR2004 - a sample is enough to tell what went wrong
            self.unknown.append(call)
