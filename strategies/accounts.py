"""Programs that act from two accounts: what one makes, the other looks for, takes the name of, and tries to delete.

Labels and slots mean the same in both accounts, so either can be handed the other's ARN, name or token. A connection is
looked at by its owner first now and then, since what an endpoint remembers of one caller's answer may reach another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from assay.history import CALLERS, FIRST, SECOND
from assay.program import Arn, Create, Delete, Get, List, Name, Program, Token, Walk
from strategies.provider_types import provider_types

if TYPE_CHECKING:
    from assay.program import Step

__all__ = ["cross_account_programs"]

_MOST_CONNECTIONS: Final = 3


@st.composite
def cross_account_programs(draw: st.DrawFn, *, max_looks: int = 6) -> Program:
    """Programs of connections in two accounts, and then up to `max_looks` looks and deeds of either.

    Raises:
        ValueError: without a look nothing could be seen.

    """
    if max_looks < 1:
        raise ValueError("there must be a look")
    creates = draw(st.lists(st.sampled_from(CALLERS), min_size=1, max_size=_MOST_CONNECTIONS))
    slots = st.integers(0, 1)
    steps: list[Step] = [
        Create(label, Name(draw(slots)), draw(provider_types()), caller=caller) for label, caller in enumerate(creates)
    ]
    labels = st.integers(0, len(creates) - 1)
    for _ in range(draw(st.integers(1, max_looks))):
        caller = draw(st.sampled_from((SECOND, FIRST)))
        step = draw(st.sampled_from((Get(), Get(), Walk(), List(1), List(1, token=Token()), Delete(), Create(9))))
        match step:
            case Get() | Delete():
                label = draw(labels)
                if draw(st.booleans()):
                    caller = _other(creates[label])
                steps.append(replace(step, arn=Arn(label), caller=caller))
            case Create():
                steps.append(Create(len(steps) + 10, Name(draw(slots)), caller=caller))
            case Walk():
                sizes = st.none() | st.integers(1, 2)
                kinds = st.none() | provider_types()
                steps.append(Walk(draw(sizes), draw(kinds), caller=caller))
            case List():
                steps.append(replace(step, caller=caller))
    return Program(tuple(steps))


def _other(caller: str) -> str:
    return SECOND if caller == FIRST else FIRST
