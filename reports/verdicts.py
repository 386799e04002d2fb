"""What a verdict looks like on a page: a shape, a word and a colour, of which any one suffices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OPEN", "OUTCOMES", "SHAPES"]

SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "fail": ("✗", "broken"),
    "stale": ("↺", "broken"),
    "warn": ("▲", "warned"),
    "expected-fail": ("≈", "open"),
    "pass": ("✓", "kept"),
    "indeterminate": ("?", "open"),
    "vacuous": ("○", "open"),
    "unsupported": ("∅", "open"),
}
"""The shape of each verdict, and the class of verdicts that it is shown with."""

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {"conforms": ("✓", "kept"), "broken": ("✗", "broken")}
"""The same for the verdict of a whole run; whatever is not in here is open."""

OPEN: Final = ("?", "open")
