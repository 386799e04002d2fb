"""The first lines that the child of `assay run` executes: pytest, and quiet about a Ctrl-C that comes too early.

Between the start of an interpreter and the beginning of pytest's session lies a second of imports, in which an
interrupt would end as a traceback. Nothing has been sent by then, so the process just ends; once the session has
begun, pytest takes the interrupt, and the plugin cleans up.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

__all__ = ["INTERRUPTED", "main"]

INTERRUPTED: Final = 130


def _not_for_interrupts(unraisable: sys.UnraisableHookArgs) -> None:
    """A Ctrl-C that fell into a callback of the collector is no fault to be told of; everything else is."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


class _Interruptible:
    """A plugin that gives Ctrl-C back to pytest when its session begins."""

    def pytest_sessionstart(self) -> None:
        """From here on an interrupt is an exception."""
        signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> int:
    """Run pytest with the words of the command line."""
    signal.signal(signal.SIGINT, _end)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the parent held it back until now
    import pytest  # noqa: PLC0415 - a slow import, and what the handler is for

    sys.unraisablehook = _not_for_interrupts
    return int(pytest.main(["-p", "no:unraisableexception", *sys.argv[1:]], plugins=[_Interruptible()]))


def _end(_number: int, _frame: object) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
