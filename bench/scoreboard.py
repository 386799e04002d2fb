"""What a bench shows: goals in rows, wanted and seen side by side, with how to see each again.

A figure in seconds means little without what else the machine had to do, so the load stands beside the sum.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Row", "as_json", "table"]


@dataclass(frozen=True, slots=True)
class Row:
    """One goal: what is wanted, what was seen and of what that is made, whether it is reached, how to see it again.

    `is_reached` is None where nothing could be seen.
    """

    name: str
    what: str
    wanted: str
    seen: str
    details: str
    is_reached: bool | None
    again: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def as_json(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows and their figures, for a machine to read."""
    return {"processors": os.cpu_count(), "load": _load(), "goals": [asdict(row) for row in rows]}


def table(rows: Sequence[Row]) -> str:
    """The rows as plain text: one line to compare, two to understand and repeat."""
    word = {True: "yes", False: "MISSED", None: "UNKNOWN"}
    cells = [("goal", "wanted", "seen", "reached")]
    cells += [(row.what, row.wanted, row.seen, word[row.is_reached]) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    head, *body = lines
    table = [head, "-" * (sum(widths) + 2 * len(widths) - 2)]
    for row, line in zip(rows, body, strict=True):
        table += [line, f"    {row.details}", f"    again: {row.again}"]
    reached = sum(row.is_reached is True for row in rows)
    return "\n".join([*table, "", f"{reached} of {len(rows)} reached; {os.cpu_count()} processors, load {_load()}"])


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
