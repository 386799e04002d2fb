"""What every request passes on its way to AWS: is it in the plan, and is it its turn?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.budget import Meter
    from assay.history import Call
    from assay.pace import Pace

__all__ = ["Gate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A plan's meter, and the pace where there is one."""

    meter: Meter
    pace: Pace | None = None

    def admit(self, operation: str) -> None:
        """Wait for the turn of a call; what is no operation of the contract has any other name.

        Raises:
            BudgetSpentError: the plan has no room for it.

        """
        self.meter.count(operation)
        if self.pace is not None:
            self.pace.wait()

    def heard(self, call: Call) -> None:
        """Take in whether the call was turned away for its rate."""
        if self.pace is not None:
            self.pace.heard(is_throttled=call.is_retried)

    def pause(self, attempt: int, usual: float) -> float:
        """The longest pause after the `attempt`-th attempt, counted from 0, where it would otherwise be `usual`."""
        return usual if self.pace is None else self.pace.pause(attempt)
