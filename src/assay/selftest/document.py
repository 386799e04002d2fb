"""Write down what the trial showed, as the JSON values of `selftest.json`.

The one source of its reports, described by `reports/selftest.schema.json`. The exit code stands in it: 1 where a
mutant was not killed, a legal server was accused, an impostor was believed, or a run of any of them had no end of its
own; 4 where none of that happened and the trial was stopped before all were run; 0 else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from assay import __version__
from assay.selftest import matrix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from assay.contract import Law
    from assay.selftest.cases import Case
    from assay.selftest.judging import Judgement
    from assay.selftest.matrix import Row

__all__ = ["SCHEMA_VERSION", "build"]

SCHEMA_VERSION: Final = 1
_GOOD: Final = frozenset({"killed", "clean", "refused"})
_LEGAL: Final = ("reference", "liberty", "pair")


def build(  # noqa: PLR0913 - a document of everything, from everything
    judgements: Sequence[Judgement],
    *,
    laws: Mapping[str, Law],
    judged_laws: Iterable[str],
    effort: str,
    again: str | None = None,
    seeds: Sequence[int],
    whole: bool,
    partial: bool,
    jobs: int,
    started: datetime,
    duration_s: float,
    interrupted: bool,
    not_runnable: Iterable[Case] = (),
) -> dict[str, Any]:
    """The trial as JSON values.

    `laws` are those of the contract by which mutants were judged, in its order; `judged_laws` those that this release
    has a judge for. `partial` says that only some mutants were asked for, so that nothing follows from a law that none
    of them tried; `not_runnable` are the cases that this machine cannot have, which is nobody's fault.
    """
    rows = matrix.rows(judgements)
    mutants = [row for row in rows if row.runs[0].case.kind == "mutant"]
    legal = [row for row in rows if row.runs[0].case.kind in _LEGAL]
    impostors = [row for row in rows if row.runs[0].case.kind == "impostor"]
    order = {law: place for place, law in enumerate(laws)}
    mutants.sort(key=lambda row: min((order.get(law, len(order)) for law in row.runs[0].case.caught_by), default=0))
    nouns: dict[str, None] = dict.fromkeys(row.name.partition(".")[0] for row in mutants)
    mutants.sort(key=lambda row: list(nouns).index(row.name.partition(".")[0]))
    found = {row.name: [law for law, cell in row.cells.items() if cell.times] for row in mutants}
    implied_by = {law.id: law.implied_by for law in laws.values()}
    judges = frozenset(judged_laws)
    is_known = whole and bool(mutants) and not interrupted
    alone = {law: matrix.alone(law, found, implied_by) if is_known else () for law in laws}
    expected = [law for law in laws if law in judges]
    if partial:
        expected = [law for law in expected if any(law in row.runs[0].case.caught_by for row in mutants)]
    code = 1 if any(row.verdict not in {*_GOOD, "not-run"} for row in rows) else 4 if interrupted else 0
    return {
        "schema_version": SCHEMA_VERSION,
        "assay": {"version": __version__},
        "effort": effort,
        "again": again,
        "seeds": list(seeds),
        "whole": whole,
        "jobs": jobs,
        "started": started.isoformat(timespec="seconds"),
        "duration_s": round(duration_s, 3),
        "interrupted": interrupted,
        "verdict": {0: "strong", 1: "weak", 4: "unfinished"}[code],
        "exit_code": code,
        "summary": {
            "mutants": {
                "total": len(mutants),
                **_counted(mutants, "killed", "misnamed", "survived", "unfinished", "not-run"),
                "killed_again": sum(_needed_two(row) for row in mutants),
            },
            "legal": {
                "total": len(legal),
                "alarms": sum(len(_alarms(row)) for row in legal),
                **_counted(legal, "clean", "accused", "unfinished", "not-run"),
            },
            "impostors": {
                "total": len(impostors),
                **_counted(impostors, "refused", "believed", "unfinished", "not-run"),
            },
            "runs": sum(judgement.verdict != "not-run" for judgement in judgements),
        },
        "laws": [
            {
                "id": law.id,
                "sentence": law.sentence,
                "force": law.force,
                "group": _group(law.id),
                "is_judged": law.id in judges,
                "implied_by": list(law.implied_by),
                "caught": [name for name, broken in found.items() if law.id in broken],
                "alone": list(alone[law.id]),
            }
            for law in laws.values()
        ],
        "not_alone": [law for law in expected if not alone[law]] if is_known else None,
        "mutants": [_mutant(row) for row in mutants],
        "legal": [_legal(row) for row in legal],
        "impostors": [_impostor(row) for row in impostors],
        "not_runnable": [
            {"kind": kind, "name": name, "reason": reason}
            for kind, name, reason in dict.fromkeys((case.kind, case.name, case.obstacle) for case in not_runnable)
        ],
    }


def _needed_two(row: Row) -> bool:
    """Was a mutant killed, and in some run not before the second try?"""
    return row.verdict == "killed" and any(run.missed_in is not None for run in row.runs)


def _counted(rows: Sequence[Row], *words: str) -> dict[str, int]:
    counts = Counter(row.verdict for row in rows)
    return {word.replace("-", "_"): counts[word] for word in words}  # type: ignore[index]


def _group(law: str) -> str:
    """What a law is about, in as many words as leave one that tells it from the others."""
    return law.rpartition(".")[0]


def _mutant(row: Row) -> dict[str, Any]:
    case = row.runs[0].case
    return {
        "name": row.name,
        "noun": row.name.partition(".")[0],
        "story": case.story,
        "caught_by": list(case.caught_by),
        "verdict": row.verdict,
        "cells": {law: asdict(cell) for law, cell in row.cells.items()},
        "calls_to_first": row.calls_to_first,
        "runs": [
            {
                **_run(run),
                "missed_in": run.missed_in,
                "first": None if run.first is None else asdict(run.first),
                "shrunk": None if run.shrunk is None else asdict(run.shrunk),
            }
            for run in row.runs
        ],
    }


def _legal(row: Row) -> dict[str, Any]:
    case = row.runs[0].case
    open_laws = {
        word: sorted({law for run in row.runs for law in run.open.get(word, ())})
        for word in ("vacuous", "indeterminate")
    }
    return {
        "kind": case.kind,
        "name": row.name,
        "story": case.story,
        "verdict": row.verdict,
        "alarms": _alarms(row),
        "open": open_laws,
        "runs": [_run(run) for run in row.runs],
    }


def _impostor(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "story": row.runs[0].case.story,
        "verdict": row.verdict,
        "said": next((run.said for run in row.runs if run.verdict == row.verdict), ""),
        "runs": [_run(run) for run in row.runs],
    }


def _alarms(row: Row) -> list[dict[str, Any]]:
    """Each law that accused the server, once, with the finding of the first seed that showed it."""
    alarms: dict[str, dict[str, Any]] = {}
    for run in row.runs:
        for alarm in run.alarms:
            alarms.setdefault(alarm.law, {**asdict(alarm), "steps": list(alarm.steps), "seed": run.case.seed})
    return list(alarms.values())


def _run(run: Judgement) -> dict[str, Any]:
    return {
        "seed": run.case.seed,
        "verdict": run.verdict,
        "reason": run.reason,
        "exit_code": run.exit_code,
        "calls": run.calls,
        "duration_s": run.seconds,
    }
