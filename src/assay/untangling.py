"""The same steps without a race: what needs none shows every time, and any script can send it.

Calls at once meet a fault by luck even where the fault is of another kind: a page that loses what is deleted before the
next one loses it when a worker happens to delete it then. Such a program, run again, may miss it many times in a row.
So what was done at once is also tried one after the other, in each order that is likely to meet the same.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from assay.program import Create, Delete, Get, Parallel, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.program import Branch, Program, Step

__all__ = ["one_after_another", "untangled"]


def one_after_another(branches: tuple[Branch, ...]) -> Iterator[tuple[Step, ...]]:
    """The steps of a race in a row.

    What was done beside a walk is done between its first two pages; else a branch follows the other, from the first to
    the last and from the last to the first.
    """
    walks = [each for branch in branches for each in branch if isinstance(each, Walk)]
    others = tuple(each for branch in branches for each in branch if isinstance(each, Create | Get | Delete))
    if len(walks) == 1 and 1 + len(others) == sum(map(len, branches)):
        between = tuple((1, each) for each in others)
        yield (replace(walks[0], between=(*walks[0].between, *between)),)
    yield tuple(each for branch in branches for each in branch)
    if len(branches) > 1:
        yield tuple(each for branch in reversed(branches) for each in branch)


def untangled(program: Program) -> Iterator[Program]:
    """A program with all its races in a row, one program for each way that differs; none where it has no race."""
    ways = [
        tuple(one_after_another(step.branches)) if isinstance(step, Parallel) else ((step,),) for step in program.steps
    ]
    if not any(isinstance(step, Parallel) for step in program.steps):
        return
    seen = set[str]()
    # Where one race has fewer ways than another, its last one stands in.
    for rows in zip_longest(*ways):
        taken = (way[-1] if row is None else row for row, way in zip(rows, ways, strict=True))
        whole = program.with_steps(tuple(step for row in taken for step in row))
        if str(whole) not in seen:
            seen.add(str(whole))
            yield whole
