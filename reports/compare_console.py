"""A comparison of runs for a terminal: who was compared, what differs, and how each target fared over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports.comparison import summary
from reports.quotation import legible
from reports.sheet import STYLES, Sheet, counted
from reports.verdicts import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["render"]

_PLAIN: Final = {"pass": "+", "fail": "x", "stale": "%", "warn": "!", "expected-fail": "~"}
_PLAIN_REST: Final = {"indeterminate": "?", "vacuous": "o", "unsupported": "-"}
_STYLES: Final = {"fail": "bold red", "stale": "bold red", "warn": "yellow", "pass": "green"}
_ABSENT: Final = " "
_CHANGES: Final = {"broken": "newly broken", "mended": "mended", "otherwise": "otherwise", "observations": "observed"}


def render(  # noqa: C901 - one part of the text after the other
    comparison: Mapping[str, Any],
    *,
    width: int = 100,
    color: bool = False,
    plain: bool = False,
    verbose: bool = False,
) -> str:
    """The comparison as text; a `verbose` one lists what is alike, too."""
    sheet = Sheet(width=width, color=color, plain=plain)
    shapes = {**_PLAIN, **_PLAIN_REST} if plain else {word: shape for word, (shape, _) in SHAPES.items()}
    sheet.line(summary(comparison), "bold")
    sheet.gap()
    sheet.columns(
        ("", "target", "verdict", "effort, seed", "calls", "begun"),
        [(_run(run), STYLES.get(run["verdict"], "")) for run in comparison["runs"]],
    )
    for note in comparison["notes"]:
        sheet.table([("note", legible(note))])
    letters = [run["letter"] for run in comparison["runs"]]
    laws, observations = comparison["laws"], comparison["observations"]
    if laws["differ"]:
        sheet.gap()
        _matrix(sheet, "laws that differ", laws["differ"], letters, shapes)
    if observations["differ"]:
        sheet.gap()
        sheet.line("observations that differ, none of them right or wrong", STYLES["label"])
        for row in observations["differ"]:
            _observation(sheet, row)
    if verbose and laws["same"]:
        sheet.gap()
        _matrix(sheet, "laws that are alike", laws["same"], letters, shapes)
    if verbose and observations["same"]:
        sheet.gap()
        sheet.line("observations that are alike", STYLES["label"])
        for row in observations["same"]:
            _observation(sheet, row)
    used = {word for part in laws.values() for row in part for word in row["verdicts"] if word is not None}
    sheet.gap()
    sheet.line("  ".join(f"{shapes[word]} {word}" for word in SHAPES if word in used), STYLES["label"])
    if not verbose:
        alike = f"{counted(len(laws['same']), 'law')} and {counted(len(observations['same']), 'observation')}"
        sheet.line(f"alike: {alike}; -v lists them", STYLES["label"])
    for trend in comparison["trends"]:
        if len(trend["steps"]) > 1:
            _trend(sheet, trend)
    return str(sheet)


def _run(run: Mapping[str, Any]) -> list[str]:
    begun = run["started"].replace("T", " ")[:16]
    how = f"{run['effort']}, {run['seed']}"
    return [run["letter"], run["name"], legible(run["verdict"]), how, f"{run['calls']:,}", legible(begun)]


def _matrix(
    sheet: Sheet,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    letters: Sequence[str],
    shapes: Mapping[str, str],
) -> None:
    sheet.matrix(
        [title, *letters],
        [
            (
                legible(row["id"]) + (" (in other ways)" if row["in_other_ways"] else ""),
                [
                    (_ABSENT, "") if word is None else (shapes.get(word, "?"), _STYLES.get(word, ""))
                    for word in row["verdicts"]
                ],
            )
            for row in rows
        ],
    )


def _observation(sheet: Sheet, row: Mapping[str, Any]) -> None:
    sheet.line(f"{legible(row['id'])}: {legible(row['sentence'])}")
    sheet.table(
        [
            (" ".join(group["runs"]), "(not seen)" if group["value"] is None else legible(group["value"]))
            for group in row["groups"]
        ],
        indent=4,
    )


def _trend(sheet: Sheet, trend: Mapping[str, Any]) -> None:
    sheet.gap()
    sheet.line(f"{trend['name']} from run to run", "bold")
    for step in trend["steps"]:
        counts = ", ".join(f"{number} {word}" for word, number in step["counts"].items())
        begun = legible(step["started"].replace("T", " ")[:16])
        sheet.line(f"{step['letter']}  {begun}  {legible(step['verdict'])}: {counts}")
        rows = [(word, legible(each)) for key, word in _CHANGES.items() for each in step[key]]
        if rows:
            sheet.table(rows, indent=4)
