"""Labelled paragraphs: a word on the left, what there is to say about it on the right, as wide as the terminal.

For the commands that print the contract. Everything they print is ours, so nothing has to be made harmless here.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["paragraph", "rows", "write"]

_WIDEST: Final = 110
_PIPE: Final = 100


def paragraph(text: str, *, indent: int = 0, label: str = "") -> str:
    """A text with every line indented, and a label in the indentation of the first."""
    width = min(_WIDEST, max(40, shutil.get_terminal_size((_PIPE, 24)).columns))
    margin = " " * indent
    first = label.ljust(indent) if label else margin
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )


def rows(pairs: Iterable[tuple[str, str]], *, indent: int = 0) -> str:
    """Labelled paragraphs below each other; a label that is repeated is shown once."""
    lines = list(pairs)
    room = max((len(label) for label, _ in lines), default=0) + 2
    shown = []
    before = None
    for label, text in lines:
        shown.append(paragraph(text, indent=indent + room, label=" " * indent + (label if label != before else "")))
        before = label
    return "\n".join(shown)


def write(text: str) -> None:
    """Print what a command is for."""
    sys.stdout.write(text + "\n")
