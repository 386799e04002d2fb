"""The wish to stop, in degrees: end the search, end the clean-up, and never lose the results."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Interrupts", "held_back"]

_SAME_WISH_S: Final = 0.5


class Interrupts:
    """The wish to stop, as a handler of signals: the first ends the search, a later one the clean-up.

    What follows the first within a moment is the same wish, told to every process of a group or by an impatient finger:
    it must not leave connections behind. The results are written whatever comes.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._is_cleaning = self._is_over = self._is_urgent = False

    def __call__(self, _number: int, _frame: object) -> None:
        """Hear a signal."""
        now = time.monotonic()
        if self._is_over:
            return
        if self._first is None:
            self._first = now
            if not self._is_cleaning:
                raise KeyboardInterrupt
        elif now - self._first >= _SAME_WISH_S:
            self._is_urgent = True
            if self._is_cleaning:
                raise KeyboardInterrupt

    @property
    def is_wished(self) -> bool:
        """Did anybody wish the run to end?"""
        return self._first is not None

    def insist(self) -> None:
        """Raise the first wish again, for where it was raised it may have been swallowed: in a callback, say."""
        if self._first is not None and not self._is_cleaning:
            raise KeyboardInterrupt

    @contextmanager
    def cleaning(self) -> Iterator[None]:
        """While the account is cleaned up, a second wish to stop is a KeyboardInterrupt; afterwards none is heard."""
        self._is_cleaning = True
        try:
            if self._is_urgent:
                raise KeyboardInterrupt
            yield
        finally:
            self._is_over = True


@contextmanager
def held_back() -> Iterator[None]:
    """What is started meanwhile begins with SIGINT blocked, until it knows what to do with it; Windows has no such."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
