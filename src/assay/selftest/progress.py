"""How far the trial is, for whoever waits: a bar on a terminal, plain lines in a pipe, nothing when asked for quiet.

It goes to standard error. What is wrong is told at once, because the trial may take an hour.
"""

from __future__ import annotations

import sys
import time
from typing import IO, TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

    from assay.selftest.judging import Judgement

__all__ = ["Progress"]

_EVERY_S: Final = 15.0
_GOOD: Final = frozenset({"killed", "clean", "refused", "not-run"})


class Progress:
    """What a trial tells about itself on the way; a context manager."""

    def __init__(
        self, total: int, *, is_quiet: bool = False, has_color: bool = True, stream: IO[str] | None = None
    ) -> None:
        self._total = total
        self._stream = stream if stream is not None else sys.stderr
        self._is_quiet = is_quiet
        self._done = self._wrong = 0
        self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        if not is_quiet and self._stream.isatty():
            self._bar = _bar(self._stream, has_color=has_color)
            self._task = self._bar.add_task("", total=total, wrong="")

    def __enter__(self) -> Self:
        """Show the bar, where there is one."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave a clean line behind."""
        if self._bar is not None:
            self._bar.stop()

    def tell(self, judgement: Judgement) -> None:
        """One more run has ended."""
        self._done += 1
        case = judgement.case
        if judgement.verdict not in _GOOD:
            self._wrong += 1
            why = ", ".join(judgement.loud) if judgement.verdict == "accused" else judgement.reason
            self._line(f"{case.kind} {case.name}, seed {case.seed}: {judgement.verdict}" + (f" ({why})" if why else ""))
        if self._bar is not None:
            self._bar.update(self._task, advance=1, wrong=f"{self._wrong} wrong" if self._wrong else "")
        elif time.monotonic() - self._last >= _EVERY_S:
            self._line(
                f"{self._done} of {self._total} servers tried" + (f", {self._wrong} wrong" if self._wrong else "")
            )

    def say(self, text: str) -> None:
        """Say something that stays."""
        self._line(text)

    def _line(self, text: str) -> None:
        self._last = time.monotonic()
        if self._is_quiet:
            return
        line = "".join(each if each.isprintable() else "?" for each in f"assay: {text}")
        try:
            if self._bar is not None:
                self._bar.console.print(line, markup=False, highlight=False)
            else:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (OSError, ValueError):
            self._is_quiet = True  # nobody is listening any more; the trial goes on


def _bar(stream: IO[str], *, has_color: bool) -> Any:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    return Progress(
        TextColumn("servers tried"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[wrong]}", style="bold red"),
        console=Console(file=stream, no_color=not has_color),
        transient=True,
    )
