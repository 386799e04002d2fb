"""A badge: the verdict in a few words, as an SVG of our own and as the JSON that shields.io reads.

It says nothing that came from the endpoint, so there is nothing to escape. The widths are those of a common sans-serif
at eleven pixels; where a reader has another font, `textLength` keeps the words in their place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from reports.sheet import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render_endpoint", "render_svg"]

_GOOD, _BAD, _OPEN, _LABEL = "#10703f", "#b3261e", "#6b5900", "#3d444d"
_NAMES: Final = {_GOOD: "brightgreen", _BAD: "red", _OPEN: "yellow"}
_NARROW, _WIDE = "fijltrI.,:;'|!() 1", "mwMW%"
_PADDING: Final = 12


def render_svg(results: Mapping[str, Any]) -> str:
    """The badge as an SVG document."""
    label, (message, color) = _label(results), _message(results)
    left, right = _width(label) + _PADDING, _width(message) + _PADDING
    whole = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" '
        f'aria-label="{label}: {message}">\n'
        f"<title>{label}: {message}</title>\n"
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><path fill="{_LABEL}" d="M0 0h{left}v20H0z"/>'
        f'<path fill="{color}" d="M{left} 0h{right}v20H{left}z"/></g>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - _PADDING}">{label}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - _PADDING}">{message}</text></g>\n'
        "</svg>\n"
    )


def render_endpoint(results: Mapping[str, Any]) -> str:
    """The badge as the JSON of a shields.io endpoint."""
    message, color = _message(results)
    about = {"schemaVersion": 1, "label": _label(results), "message": message, "color": _NAMES[color]}
    return json.dumps({**about, "isError": results["verdict"] == "error"}) + "\n"


def _label(results: Mapping[str, Any]) -> str:
    return f"assay {results['service']}"


def _message(results: Mapping[str, Any]) -> tuple[str, str]:
    verdicts = [law["verdict"] for law in results["laws"]]
    match results["verdict"]:
        case "conforms":
            warned = verdicts.count("warn")
            kept = counted(verdicts.count("pass"), "law")
            return f"conforms, {kept}" + (f", {counted(warned, 'warning')}" if warned else ""), _GOOD
        case "broken":
            return f"{counted(verdicts.count('fail') + verdicts.count('stale'), 'law')} broken", _BAD
        case word:
            return str(word).replace("-", " "), _OPEN


def _width(text: str) -> int:
    return round(sum(4 if each in _NARROW else 10.5 if each in _WIDE else 7 for each in text))
