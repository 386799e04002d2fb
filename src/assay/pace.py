"""How fast a run may send: a token bucket, that fills more slowly where the endpoint turns calls away.

The rate is the caller's wish; the endpoint may want less. Each call that is turned away halves the rate, each that is
served wins a tenth of the wish back: so a run finds the pace that it is given. Where that falls below the floor, a
sixteenth of the wish, there is nothing to be learnt any more, and going on would be hammering: the run ends, and what
was judged before stands.

The pauses between two attempts at one call are those of the SDKs' standard mode: up to a second, then up to two, four,
and so on up to twenty, drawn evenly from zero. They are a second long at the default rate of two calls a second, and
shrink with a higher one: who may send a hundred calls a second need not wait one.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assay.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AWS_RATE", "Pace"]

AWS_RATE: Final = 2.0
"""Calls a second at AWS, where the caller says nothing: its limits are published nowhere."""

_FLOOR: Final = 1 / 16
_RECOVERY: Final = 1 / 10
_LONGEST_PAUSE: Final = 20.0


@dataclass(slots=True)
class Pace:
    """A token bucket that holds one token; `rate` is in calls a second.

    Whoever calls `wait` sleeps until there is a token, in the order of arrival; several threads may.
    """

    rate: float
    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    now_at: float = field(init=False)
    is_hopeless: bool = field(init=False, default=False)
    _next: float = field(init=False, default=float("-inf"))
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin at the rate that is wished for."""
        self.now_at = self.rate

    def wait(self) -> None:
        """Sleep until one more call may be sent."""
        with self._lock:
            now = self.clock()
            due = max(now, self._next)
            self._next = due + 1 / self.now_at
        if due > now:
            self.sleep(due - now)

    def heard(self, *, is_throttled: bool) -> None:
        """A call was answered; never below the floor: clean-up goes on there."""
        if not is_throttled:
            self.now_at = min(self.rate, self.now_at + self.rate * _RECOVERY)
            return
        floor = self.rate * _FLOOR
        self.is_hopeless = self.is_hopeless or self.now_at / 2 < floor
        self.now_at = max(floor, self.now_at / 2)

    @property
    def trouble(self) -> TargetError | None:
        """Why it is no use to go on, where it is none."""
        if not self.is_hopeless:
            return None
        return TargetError(
            f"the endpoint turns so many calls away that fewer than {self.rate * _FLOOR:.2g} a second are left",
            hint="try again later, or with a lower --rate: others may be using the account's share",
        )

    def pause(self, attempt: int) -> float:
        """The longest pause after the `attempt`-th attempt, counted from 0, in seconds."""
        base = min(1.0, AWS_RATE / self.rate)
        return float(min(base * 2**attempt, _LONGEST_PAUSE))
