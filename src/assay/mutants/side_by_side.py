"""Handlers side by side: one lock that keeps the careful parts whole, and windows in which it is let go.

No mutant stands here. A server in threads needs a lock, or the reference's tables would be torn in ways that no fault
was meant to have. So every handler holds one lock, and a fault is a place where the lock is let go for a while: between
a check and the write that relies on it. A window of microseconds is kept open by giving the processor away until it is
over, because a sleep takes fifty of them at least.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

__all__ = ["LONG", "SHORT", "SHORTEST", "Monitor", "watched"]

# How wide the windows of faults are, in seconds.
LONG: Final = 0.002
SHORT: Final = 0.0002
SHORTEST: Final = 0.00002

_SLEEPABLE = 0.001


class Monitor:
    """The lock, held by whoever is in a handler."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals = 0  # written to only under the lock

    def holding(self, handler: Handler) -> Handler:
        """The handler, with the lock held from its beginning to its end."""

        def handle(parts: Parts, call: Call) -> Mapping[str, object]:
            with self._lock:
                self._arrivals += 1
                return handler(parts, call)

        return handle

    def window(self, seconds: float) -> None:
        """Let the lock go for so long, and take it again."""
        self._lock.release()
        try:
            if seconds >= _SLEEPABLE:
                time.sleep(seconds)
                return
            until = time.perf_counter() + seconds
            time.sleep(0)
            while time.perf_counter() < until:
                time.sleep(0)
        finally:
            self._lock.acquire()

    def linger(self, seconds: float) -> None:
        """Let the lock go for so long where others come meanwhile, and for a millisecond where nobody does.

        Time enough for several calls of others, also on a busy machine, and no burden on who is alone.
        """
        arrivals = self._arrivals
        self.window(_SLEEPABLE)
        if self._arrivals > arrivals:
            self.window(seconds)


def watched(parts: Parts, monitor: Monitor, **replaced: Handler) -> Parts:
    """Parts with other handlers, all of which hold the lock."""
    handlers = {**parts.handlers, **replaced}
    return replace(parts, handlers={name: monitor.holding(handler) for name, handler in handlers.items()})
