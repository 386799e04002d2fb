"""A sheet of text for a terminal: lines, indented blocks and labelled rows, printed by rich into a string.

Nothing that is put on it is interpreted: every text is a `Text`, never markup, no word is highlighted and no emoji is
made of one; and neither the environment nor the real terminal is asked for anything, so that the same results give
the same text everywhere.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

__all__ = ["STYLES", "Sheet", "counted"]

_NARROWEST: Final = 40

STYLES: Final = {
    "conforms": "bold green",
    "fixed": "bold green",
    "broken": "bold red",
    "still breaks": "bold red",
    "must": "bold red",
    "should": "yellow",
    "label": "dim",
}
"""The style of each word that has one."""


class Sheet:
    """Text of a width, with or without colours; a `plain` one draws its pictures in ASCII."""

    def __init__(self, *, width: int, color: bool, plain: bool = False) -> None:
        from rich.console import Console  # noqa: PLC0415 - whoever wants another format need not load it

        self.width = max(width, _NARROWEST)
        self.plain = plain
        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            width=self.width,
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    def __str__(self) -> str:
        """What stands on it, each line ended."""
        return "".join(f"{line.rstrip()}\n" for line in self._out.getvalue().splitlines())

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def line(self, words: str, style: str = "", *, indent: int = 0) -> None:
        """A paragraph."""
        self._put(self._text(words, style), indent)

    def table(self, rows: Sequence[tuple[str, str]], *, indent: int = 0) -> None:
        """Labelled rows; a label that is repeated is shown once."""
        from rich.table import Table  # noqa: PLC0415 - as above

        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(no_wrap=True, min_width=max((len(label) for label, _ in rows), default=0))
        grid.add_column(overflow="fold")
        before = None
        for label, words in rows:
            grid.add_row(self._text(label if label != before else "", STYLES["label"]), self._text(words))
            before = label
        self._put(grid, indent)

    def numbered(self, rows: Sequence[tuple[str, str, str]], *, indent: int = 0) -> None:
        """Rows of a mark at the right of its column, a text, and the style of the mark."""
        from rich.table import Table  # noqa: PLC0415 - as above

        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(overflow="fold")
        for mark, words, style in rows:
            grid.add_row(self._text(mark, style), self._text(words))
        self._put(grid, indent)

    def matrix(self, heading: Sequence[str], rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """Rows of a label and narrow cells, each a text and its style; the first word of the heading is the labels'."""
        from rich.table import Table  # noqa: PLC0415 - as above

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(overflow="fold")
        for _ in heading[1:]:
            grid.add_column(justify="center", no_wrap=True)
        grid.add_row(*(self._text(word, STYLES["label"]) for word in heading))
        for label, cells in rows:
            grid.add_row(self._text(label), *(self._text(*cell) for cell in cells))
        self._put(grid, 0)

    def columns(self, heading: Sequence[str], rows: Sequence[tuple[Sequence[str], str]]) -> None:
        """Rows of as many texts as the heading has, each column as wide as it must be; and the style of each row."""
        from rich.table import Table  # noqa: PLC0415 - as above

        grid = Table.grid(padding=(0, 2, 0, 0))
        for _ in heading:
            grid.add_column(overflow="fold")
        grid.add_row(*(self._text(word, STYLES["label"]) for word in heading))
        for words, style in rows:
            grid.add_row(*(self._text(word, style) for word in words))
        self._put(grid, 0)

    def _text(self, words: str, style: str = "") -> RenderableType:
        from rich.text import Text  # noqa: PLC0415 - as above

        return Text(words, style=style, overflow="fold")

    def _put(self, part: RenderableType, indent: int) -> None:
        from rich.padding import Padding  # noqa: PLC0415 - as above

        self._console.print(Padding(part, (0, 0, 0, indent)) if indent else part)


def counted(number: int, word: str) -> str:
    """`1 law`, `2 laws`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
