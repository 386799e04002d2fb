"""Programs whose calls overlap and tell on each other: writes in one branch, in others reads that follow each other.

Two answers can be at odds only where one of them is surely older, while a write is under way beside both. So a branch
of readers asks twice or more, about a connection that was there before, and the writers are few. A burst (every branch
one call) has no older and newer answers, and is left to the strategies of races.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from assay.program import Arn, Create, Delete, Get, List, Name, Parallel, Program, Step, Walk

if TYPE_CHECKING:
    from assay.program import SingleStep

__all__ = ["overlapping_programs"]

_READS: Final[tuple[SingleStep, ...]] = (Get(Arn(0)), Get(Arn(0)), List())
_LABEL: Final = 10  # of what branches make; they do not know each other's


def overlapping_programs(*, max_reads: int = 4, max_readers: int = 2) -> st.SearchStrategy[Program]:
    """Programs that make a connection, write and read it in branches at once, and read it once more.

    `max_reads` is the most that one reader asks, `max_readers` how many readers there are besides the writers.

    Raises:
        ValueError: a reader that asks less than twice, or no reader, could see nothing.

    """
    if max_reads < 2 or max_readers < 1:  # noqa: PLR2004 - an older answer and a newer one
        raise ValueError("there must be a reader, and it must be able to ask twice")
    readers = st.lists(st.sampled_from(_READS), min_size=2, max_size=max_reads).map(tuple)
    return st.builds(
        _assembled,
        st.lists(st.sampled_from(_WRITERS), min_size=1, max_size=2),
        st.lists(readers, min_size=1, max_size=max_readers),
    )


_WRITERS: Final[tuple[tuple[SingleStep, ...], ...]] = (
    (Delete(Arn(0)),),
    (Delete(Arn(0)),),
    (Delete(Arn(0)), Get(Arn(0))),
    (Create(0, Name(0)), Get(Arn(0))),
    (Delete(Arn(0)), Create(0, Name(0))),
)


def _assembled(writers: list[tuple[SingleStep, ...]], readers: list[tuple[SingleStep, ...]]) -> Program:
    """One connection before, the branches, and a look at what is left; each branch labels what it makes by itself."""
    branches: list[tuple[SingleStep, ...]] = []
    for label, writer in enumerate(writers, start=_LABEL):
        branches.append(tuple(Create(label, step.name) if isinstance(step, Create) else step for step in writer))
    steps: tuple[Step, ...] = (Create(0), Parallel((*branches, *readers)), Get(Arn(0)), Walk())
    return Program(steps)
