"""Progress, for whoever waits: one line that changes on a terminal, plain lines in a pipe, nothing for the quiet.

It goes to standard error, so that standard output is the report and nothing else.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import IO, Final, Literal

__all__ = ["Mode", "Progress"]

Mode = Literal["auto", "lines", "none"]

_EVERY_S: Final = 10.0
_REDRAW_S: Final = 0.1


class Progress:
    """What a run tells about itself on the way."""

    def __init__(self, mode: Mode, stream: IO[str] | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = mode == "auto" and self._stream.isatty()
        self._silent = mode == "none"
        self._last = time.monotonic()
        self._drawn = 0

    def line(self, text: str) -> None:
        """A line that stays."""
        if not self._silent:
            self._wipe()
            self._write(f"assay: {text}\n")

    def step(self, done: int, of: int, calls: int, findings: int, law: str) -> None:
        """How far the run is: tests done, calls made, laws found broken, the law at hand."""
        now = time.monotonic()
        if self._silent or now - self._last < (_REDRAW_S if self._live else _EVERY_S):
            return
        self._last = now
        found = f"{findings} {'finding' if findings == 1 else 'findings'}"
        text = f"assay: {done}/{of} tests, {calls:,} calls, {found}, {law}"
        if self._live:
            width = max(20, shutil.get_terminal_size().columns - 1)
            text = text if len(text) <= width else f"{text[: width - 1]}…"
            self._write("\r" + text + " " * max(0, self._drawn - len(text)))
            self._drawn = len(text)
        else:
            self._write(text + "\n")

    def end(self) -> None:
        """Leave a clean line behind."""
        self._wipe()

    def _wipe(self) -> None:
        if self._drawn:
            self._write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._silent = True  # nobody is listening any more; the run goes on
        except UnicodeEncodeError:
            self._stream.write(text.encode("ascii", "replace").decode())
