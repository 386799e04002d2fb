"""Renderers: one module a format, each a pure function from the results to text.

The results are what stands in `results.json` and `results.schema.json` describes. A renderer knows no endpoint, no
law and no clock; whatever it shows stands in the results. Text that came from an endpoint is data: each format says
in its module how it keeps it from being anything else. A new format is a module here and a line in `FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports import (
    badge,
    compare_console,
    compare_html,
    compare_markdown,
    comparison,
    console,
    differ,
    differ_html,
    html,
    json,
    junit,
    lanes,
    markdown,
    replay,
    sarif,
    timeline,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "FORMATS",
    "compare_console",
    "compare_html",
    "compare_markdown",
    "comparison",
    "console",
    "differ",
    "differ_html",
    "json",
    "lanes",
    "replay",
    "timeline",
]

FORMATS: Final[Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], str]]]] = {
    "console": {"report.txt": console.render},
    "json": {"results.json": json.render},
    "junit": {"junit.xml": junit.render},
    "html": {"report.html": html.render},
    "markdown": {"summary.md": markdown.render},
    "badge": {"badge.svg": badge.render_svg, "badge.json": badge.render_endpoint},
    "sarif": {"assay.sarif": sarif.render},
}
"""Every format by its name: the files that it consists of, and what renders each."""
