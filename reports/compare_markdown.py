"""A comparison of runs in Markdown, for a pull request or a page of documentation: differences, and the rest folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.comparison import summary
from reports.markdown import code, plain
from reports.quotation import legible
from reports.verdicts import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["render"]


def render(comparison: Mapping[str, Any]) -> str:
    """The comparison."""
    return "\n".join([*_lines(comparison), ""])


def _lines(comparison: Mapping[str, Any]) -> Iterator[str]:
    laws, observations = comparison["laws"], comparison["observations"]
    letters = [run["letter"] for run in comparison["runs"]]
    yield "## assay: a comparison"
    yield ""
    yield f"{plain(summary(comparison))}."
    yield ""
    yield "| | target | verdict | effort, seed | calls | begun |"
    yield "|---|---|---|---|--:|---|"
    for run in comparison["runs"]:
        begun = plain(run["started"].replace("T", " ")[:16])
        yield (
            f"| {run['letter']} | {plain(run['name'])} | {plain(run['verdict'])} "
            f"| {plain(run['effort'])}, {run['seed']} | {run['calls']:,} | {begun} |"
        )
    yield ""
    for note in comparison["notes"]:
        yield f"* {plain(note)}"
    if comparison["notes"]:
        yield ""
    if laws["differ"]:
        yield "### Laws that differ"
        yield ""
        yield from _matrix(laws["differ"], letters)
    if observations["differ"]:
        yield "### Observations that differ"
        yield ""
        yield "None of them is right or wrong: the contract is silent."
        yield ""
        yield from _observations(observations["differ"])
    yield from _trends(comparison["trends"])
    if laws["same"] or observations["same"]:
        yield f"<details><summary>Alike: {len(laws['same'])} laws, {len(observations['same'])} observations</summary>"
        yield ""
        yield from _matrix(laws["same"], letters)
        yield from _observations(observations["same"])
        yield "</details>"


def _matrix(rows: Sequence[Mapping[str, Any]], letters: Sequence[str]) -> Iterator[str]:
    yield f"| law | {' | '.join(letters)} |"
    yield f"|---|{':-:|' * len(letters)}"
    for row in rows:
        cells = ["" if word is None else f"{_shape(word)} {plain(word)}" for word in row["verdicts"]]
        other = ", in other ways" if row["in_other_ways"] else ""
        yield f"| {code(legible(row['id']))}{other} | {' | '.join(cells)} |"
    yield ""


def _shape(word: str) -> str:
    return SHAPES[word][0] if word in SHAPES else "?"


def _observations(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"* {code(legible(row['id']))}: {plain(row['sentence'])}"
        for group in row["groups"]:
            value = "(not seen)" if group["value"] is None else code(legible(group["value"]))
            yield f"  * {', '.join(group['runs'])}: {value}"
    yield ""


def _trends(trends: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for trend in trends:
        if len(trend["steps"]) < 2:  # noqa: PLR2004 - one run is no trend
            continue
        yield f"### {plain(trend['name'])} from run to run"
        yield ""
        yield "| | begun | verdict | newly broken | mended | otherwise | observed |"
        yield "|---|---|---|---|---|---|---|"
        for step in trend["steps"]:
            changes = [", ".join(code(legible(each)) for each in step[key]) for key in _CHANGES]
            begun = plain(step["started"].replace("T", " ")[:16])
            yield f"| {step['letter']} | {begun} | {plain(step['verdict'])} | {' | '.join(changes)} |"
        yield ""


_CHANGES = ("broken", "mended", "otherwise", "observations")
