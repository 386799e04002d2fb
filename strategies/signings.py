"""Requests that are signed oddly, each with what shows whether it had its effect.

There are few of them, and every one is worth a try: an operation, a word of `assay.signings`, and a look around before
the next. So a strategy here is a choice among finitely many programs, and a run never sends more than those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from assay.program import Arn, Create, Delete, Get, List, Name, Program, Step, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["signed_programs"]


def signed_programs(signings: Sequence[str]) -> st.SearchStrategy[Program]:
    """Programs in which one call is signed in one of these ways, the operations in turn."""
    return st.builds(_program, st.sampled_from(("create", "delete", "get", "list")), st.sampled_from(list(signings)))


def _program(operation: str, signing: str) -> Program:
    """A connection is made, the odd call is sent, and the connection and the list are looked at."""
    odd: dict[str, Step] = {
        "create": Create(1, Name(1), signing=signing),
        "delete": Delete(Arn(0), signing=signing),
        "get": Get(Arn(0), signing=signing),
        "list": List(signing=signing),
    }
    return Program((Create(0, Name(0)), odd[operation], Get(Arn(0)), Walk()))
