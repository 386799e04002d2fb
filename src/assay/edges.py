"""Values at the edges of what a schema allows: the last one within, and the first one beyond it, on either side.

A text is as long as the edge says, a list holds so many items, a number is the edge itself. Nothing at all (an empty
text, an empty list, the number 0) often has a meaning of its own, so where a schema allows it, that is an edge of its
own word, `zero`, and not the `least`.

A text fits the pattern of its schema wherever its length does; where none of the forms that are known here fits, there
is no value. None of them is the ARN of a connection that anybody has: the account is one that nobody was given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EDGES", "Edge", "edge_of", "figure_at", "filled"]

Edge: TypeAlias = Literal["below", "zero", "least", "most", "above"]

EDGES: Final[tuple[Edge, ...]] = get_args(Edge)
"""One under the least, nothing where that is allowed, the least where it is not, the most, and one over it."""

_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "maximum"),
}
_STEMS: Final = (
    "",
    "arn:aws:{service}:us-east-1:000000000000:connection/",
    "arn:aws:{service}:us-east-1:000000000000:host/",
)


def figure_at(schema: Mapping[str, Any], edge: Edge) -> int | None:
    """The length, the count or the number at an edge of a schema; None where it has no such edge."""
    keys = _KEYS.get(str(schema.get("type")))
    if keys is None:
        return None
    least, most = schema.get(keys[0]), schema.get(keys[1])
    if edge in {"most", "above"}:
        return None if most is None else int(most) + (edge == "above")
    if least is None:
        return None
    if edge == "below":
        return int(least) - 1 if least > 0 or schema["type"] == "integer" else None
    return int(least) if (least == 0) == (edge == "zero") else None


def edge_of(schema: Mapping[str, Any], edge: Edge, service: str) -> Any:
    """A value at an edge of a schema, `service` being the word in its ARNs; None where there is none."""
    figure = figure_at(schema, edge)
    if figure is None or schema["type"] == "integer":
        return figure
    if schema["type"] == "array":
        return [filled(schema["items"], service, number) for number in range(figure)]
    return _text(schema, figure, service)


def filled(schema: Mapping[str, Any], service: str, number: int = 0) -> Any:
    """An ordinary value of a schema: of an object its required members, of a text a few letters and the number."""
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {name: filled(properties[name], service, number) for name in schema.get("required", ())}
    return f"assay{number}" if schema.get("type") == "string" else number


def _text(schema: Mapping[str, Any], length: int, service: str) -> str | None:
    """A text of a length that is wrong in nothing else."""
    allowed = schema.get("maxLength", length)
    for stem in _STEMS:
        start = stem.format(service=service)
        fits = re.compile(schema.get("pattern", "")).match(start.ljust(max(len(start) + 1, min(length, allowed)), "x"))
        if fits and length >= len(start):
            return start.ljust(length, "x")
    return "" if length == 0 else None
