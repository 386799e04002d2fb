"""Programs whose calls go through boto3.

boto3 takes many times as long for a call as the light leg does, and what it makes of an answer depends on the answer's
form more than on what came before: so these programs are short, and about as many different answers as there are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from assay.program import Fill, Handshake, Parallel, Program, Send, Walk
from strategies.programs import programs

if TYPE_CHECKING:
    from assay.program import Step

__all__ = ["sdk_programs"]

_THEMES: Final = ("statuses", "arns", "inputs", "filters", "removals")
_MOST_STEPS: Final = 4
_MOST_TO_BEGIN_WITH: Final = 6


def sdk_programs() -> st.SearchStrategy[Program]:
    """Short programs about members, errors and lists, with every call but those of a Fill made by boto3."""
    return st.one_of([programs(theme, max_steps=_MOST_STEPS) for theme in _THEMES]).map(_by_boto3)


def _by_boto3(program: Program) -> Program:
    return program.with_steps(tuple(map(_step_by_boto3, program.steps)))


def _step_by_boto3(step: Step) -> Any:
    match step:
        case Fill(count=count):
            return replace(step, count=min(count, _MOST_TO_BEGIN_WITH))
        case Parallel() | Send() | Handshake():
            return step
        case Walk(between=between):
            return replace(step, leg="sdk", between=tuple((page, _step_by_boto3(inner)) for page, inner in between))
        case _:
            return replace(step, leg="sdk")
