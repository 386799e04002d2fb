"""One step of a program with no more than it needs: the shortest program that may get the same answer again.

What an endpoint cannot answer is asked three times before anything is said of it, so that a short question saves calls.
Only what one call says by itself is taken out of a program: not a walk, nor a token that an earlier page has given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.program import Arn, Create, Delete, Get, List, Program, Send

if TYPE_CHECKING:
    from assay.program import Step

__all__ = ["step_alone"]


def step_alone(program: Program, number: int) -> Program | None:
    """The step of this number behind the Creates of what it speaks of; None where it hangs on more than those."""
    step = program.steps[number]
    spoken_of = _spoken_of(step)
    if spoken_of is None:
        return None
    made = tuple(each for each in program.steps[:number] if isinstance(each, Create) and each.label in spoken_of)
    return Program((*made, step)) if {each.label for each in made} == spoken_of else None


def _spoken_of(step: Step) -> set[int] | None:
    """The labels of the connections that a step is about; None where it hangs on what others answered."""
    match step:
        case Create() | List(token=None) | Get(arn=None) | Delete(arn=None):
            return set()
        case Get(arn=Arn(of=of)) | Delete(arn=Arn(of=of)):
            return set() if of is None else {of}
        case Send(arn=Arn(of=of), recipe=recipe) if recipe.base not in {"create", "list"}:
            return set() if of is None else {of}
        case Send():
            return set()
        case _:
            return None
