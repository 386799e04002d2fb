"""The tables of docs/strength.md, from what `assay selftest` wrote: who is killed, how soon, and how small it gets.

    python bench/strength.py .assay/selftest.json [MORE.json …]

Several files are several seeds, or parts of the corpus. What is printed is Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_KILLED = ("killed", "killed-again")


def main() -> int:
    """Read the files and print the tables.

    Returns:
        0, or 1 where no file holds a trial of a mutant.

    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", nargs="+", type=Path, metavar="SELFTEST.json")
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in parser.parse_args().trials]
    runs = [
        (mutant, run) for document in documents for mutant in document["mutants"] for run in _runs(mutant, document)
    ]
    if not runs:
        print("no mutant was tried", file=sys.stderr)
        return 1
    for table in (_kills(runs), _soon(runs), _small(runs)):
        print("\n".join(table), end="\n\n")
    return 0


def _runs(mutant: dict[str, Any], document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return ({**run, "effort": document["effort"]} for run in mutant["runs"] if run["verdict"] != "not-run")


def _kills(runs: list[tuple[Any, Any]]) -> Iterable[str]:
    yield "| effort | seed | killed | others |"
    yield "|---|---|---|---|"
    groups: dict[tuple[str, int], list[tuple[Any, Any]]] = defaultdict(list)
    for mutant, run in runs:
        groups[run["effort"], run["seed"]].append((mutant, run))
    for (effort, seed), members in sorted(groups.items()):
        others = [f"`{mutant['name']}` ({run['verdict']})" for mutant, run in members if run["verdict"] not in _KILLED]
        yield f"| {effort} | {seed} | {len(members) - len(others)} of {len(members)} | {', '.join(others)} |"


def _soon(runs: list[tuple[Any, Any]]) -> Iterable[str]:
    yield "| mutants of | number | median | largest |"
    yield "|---|---|---|---|"
    firsts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for mutant, run in runs:
        if run["first"] is not None:
            firsts[mutant["noun"]][mutant["name"]].append(run["first"]["call"])
    middles = {noun: [median(calls) for calls in mutants.values()] for noun, mutants in firsts.items()}
    for noun, calls in sorted(middles.items()):
        yield f"| {noun} | {len(calls)} | {median(calls):,.0f} | {max(calls):,.0f} |"
    every = list(chain.from_iterable(middles.values()))
    yield f"| all | {len(every)} | {median(every):,.0f} | {max(every):,.0f} |"


def _small(runs: list[tuple[Any, Any]]) -> Iterable[str]:
    shrunk = [run["shrunk"] for _, run in runs if run["shrunk"] is not None]
    yield "| of the findings | calls | calls spent | seconds spent |"
    yield "|---|---|---|---|"
    rows = {"half at most": 50, "nine in ten at most": 90, "every one at most": 100}
    for words, percent in rows.items():
        figures = [_share([part[member] for part in shrunk], percent) for member in _MEMBERS]
        yield f"| {words} | {figures[0]:,.0f} | {figures[1]:,.0f} | {figures[2]:.2f} |"


_MEMBERS = ("calls", "spent_calls", "spent_seconds")


def _share(values: list[float], percent: int) -> float:
    return max(values) if percent == 100 else quantiles(values, n=100, method="inclusive")[percent - 1]  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
