"""What all runs show together: mutant by law, and which laws no mutant tries alone.

A mutant was run once for each seed, and it is as good as its worst run: killed only where every seed killed it. A law
is tried *alone* by a mutant if every law that the mutant broke is that law, follows from it, or is what it follows
from: then nothing but that law (and its kin, as the contract states it in `implied_by`) stands between the fault and a
green run. That can be said only of runs that went to their end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assay.selftest.judging import Judgement, Mark, Verdict

__all__ = ["Cell", "Row", "alone", "kin", "rows", "worst"]

_WORST_FIRST: Final[Sequence[Verdict]] = (
    "survived",
    "misnamed",
    "accused",
    "believed",
    "unfinished",
    "not-run",
    "killed",
    "clean",
    "refused",
)
_STRONGEST_FIRST: Final[Sequence[Mark]] = ("named", "warned", "besides", "follows", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A mutant and a law: the strongest mark of all seeds, and in how many of the runs the law spoke."""

    mark: Mark
    times: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A server and all its runs: the worst verdict, the laws, the median calls until something was found."""

    name: str
    runs: tuple[Judgement, ...]
    verdict: Verdict
    cells: Mapping[str, Cell]
    calls_to_first: float | None


def rows(judgements: Iterable[Judgement]) -> list[Row]:
    """One row for each server, in the order in which they were first seen."""
    by_name: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in judgements:
        by_name.setdefault((judgement.case.kind, judgement.case.name), []).append(judgement)
    return [_row(name, runs) for (_, name), runs in by_name.items()]


def worst(verdicts: Collection[Verdict]) -> Verdict:
    """The worst of some verdicts."""
    return min(verdicts, key=_WORST_FIRST.index)


def alone(
    law: str, broken: Mapping[str, Collection[str]], implied_by: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The mutants that try a law alone; `broken` are the laws that each mutant broke."""
    own = kin(law, implied_by)
    return tuple(name for name, laws in broken.items() if law in laws and own.issuperset(laws))


def kin(law: str, implied_by: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The law itself, every law from which it may follow, and every law that may follow from it."""
    causes = _causes(law, implied_by)
    return frozenset({law, *causes, *(other for other in implied_by if law in _causes(other, implied_by))})


def _causes(law: str, implied_by: Mapping[str, Collection[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(implied_by.get(law, ()))
    while ahead:
        cause = ahead.pop()
        if cause not in reached:
            reached.add(cause)
            ahead.extend(implied_by.get(cause, ()))
    return reached


def _row(name: str, runs: Sequence[Judgement]) -> Row:
    spoken = Counter(law for run in runs for law, mark in run.marks.items() if mark != "missed")
    marks: dict[str, Mark] = {}
    for run in runs:
        for law, mark in run.marks.items():
            marks[law] = min(marks.get(law, mark), mark, key=_STRONGEST_FIRST.index)
    firsts = [run.first.call for run in runs if run.first is not None]
    return Row(
        name=name,
        runs=tuple(runs),
        verdict=worst({run.verdict for run in runs}),
        cells={law: Cell(mark=mark, times=spoken[law], of=len(runs)) for law, mark in marks.items()},
        calls_to_first=median(firsts) if firsts else None,
    )
