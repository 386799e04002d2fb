"""Look at a connection once more, by Get: one fault that two reads show has one name.

A status that is stored wrong is told wrong by Get and by List, and which of them a search meets first is luck. So a
finding that was made at a List is looked at again: where Get shows the same, it is told of Get, in every run. What
List alone shows stays a finding of List.
"""

from __future__ import annotations

from typing import Final

from assay.program import Arn, Create, Fill, Get, Program, steps_within

__all__ = ["with_gets"]

_MOST: Final = 40  # Gets; a program that makes more connections stays as it is


def with_gets(program: Program) -> Program | None:
    """The program with a Get of every connection that it makes behind it; None where there are none, or too many."""
    labels: list[int] = []
    for step in steps_within(program):
        match step:
            case Create(label=label):
                labels.append(label)
            case Fill(label=label, count=count):
                labels += range(label, label + count)
            case _:
                pass
    if not 0 < len(labels) <= _MOST:
        return None
    return program.with_steps((*program.steps, *(Get(Arn(label)) for label in dict.fromkeys(labels))))
