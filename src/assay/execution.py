"""One execution of a program: what came of it, and which shorter programs each of its calls is of.

What shows a breach is often far less than the program that met it: one of the programs that it was woven of, or a
single step. Which these are is read off here; to run them is for others.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.alone import step_alone
from assay.weaving import parts_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.history import Call, History
    from assay.program import Program
    from assay.weaving import Part

__all__ = ["Execution"]


@dataclass(frozen=True, slots=True)
class Execution:
    """A program and its history.

    `parts` are what the program is woven of, and `begun` says how many calls had been made when each of its steps
    began; without it, nobody knows which step a call is of.
    """

    program: Program
    history: History
    parts: Sequence[Part] = ()
    begun: Sequence[int] = ()

    def likely(self, call: Call) -> tuple[Program, ...]:
        """The programs, among those that this one is woven of, that a call is of; the shortest first."""
        step = self._step_of(call)
        return () if step is None else parts_with(self.parts, step)

    def alone(self, call: Call) -> tuple[Program, ...]:
        """The step that a call is of, by itself; nothing where that is no less than the program."""
        step = self._step_of(call)
        alone = None if step is None or step >= len(self.program.steps) else step_alone(self.program, step)
        return () if alone is None or len(alone.steps) == len(self.program.steps) else (alone,)

    def _step_of(self, call: Call) -> int | None:
        """The number of the step that a call is of; clean-up counts as the last step."""
        place = next((number for number, each in enumerate(self.history) if each.index == call.index), None)
        return None if place is None or not self.begun else bisect_right(self.begun, place) - 1
