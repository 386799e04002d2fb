"""Renderers: one module a format, each a pure function from the results to text.

The results are what stands in `results.json` and `results.schema.json` describes. A renderer knows no endpoint, no
law and no clock; whatever it shows stands in the results. Text that came from an endpoint is data: each format says
in its module how it keeps it from being anything else. A new format is a module here and a line in `FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reports import console, json, lanes, replay, timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMATS", "console", "json", "lanes", "replay", "timeline"]

FORMATS: Final[Mapping[str, Callable[..., str]]] = {"console": console.render, "json": json.render}
"""Every format by its name; each takes the results and, where it has any, options by keyword."""
