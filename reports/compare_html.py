"""A comparison of runs as one page: differences first, the rest folded, readable on a phone and in the dark.

It is made of the same parts as the page of one run: the same colours, the same shapes, no network, and nothing that
runs but our own script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports.comparison import summary
from reports.pages import environment, policy, script
from reports.verdicts import OPEN, OUTCOMES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render"]

_CHANGES: Final = (
    ("broken", "newly broken", "broken"),
    ("mended", "mended", "kept"),
    ("otherwise", "otherwise", "open"),
    ("observations", "observed", "open"),
)


def render(comparison: Mapping[str, Any]) -> str:
    """The page."""
    runs, laws = comparison["runs"], comparison["laws"]
    shown = script("report.js")
    used = {word for rows in laws.values() for row in rows for word in row["verdicts"] if word is not None}
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            sentence=summary(comparison),
            runs=runs,
            outcomes=OUTCOMES,
            open_outcome=OPEN,
            shapes=SHAPES,
            legend=[word for word in SHAPES if word in used],
            parts=[(word, SHAPES[word][1]) for word in SHAPES],
            most=max((sum(run["counts"].values()) for run in runs), default=0) or 1,
            trends=[trend for trend in comparison["trends"] if len(trend["steps"]) > 1],
            changes=_CHANGES,
            script=shown,
            policy=policy(shown),
        )
    )
