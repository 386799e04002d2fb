"""How far to go back from the smallest program to one that shows its finding every time.

A fault that hangs on chance, or on what the server alone remembers, is lost on the way to the smallest program: each
step down was lucky once, and what is left shows nothing when it is run again. Such a program is no use to whoever wants
to see the fault. So where the smallest program never shows again, the way back is gone, in strides that double, until
one shows every time: a few steps more, and it replays.

A pure walk: how often a program shows is asked of whoever runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.program import Program
    from assay.rate import Rate

__all__ = ["steadiest"]


def steadiest(way: Sequence[Program], rated: Callable[[Program], Rate]) -> tuple[Program, Rate] | None:
    """The first program on the way back that shows every time, or else the one that shows most often; None for none.

    `way` has large programs first. `rated` runs one a few times, and raises where no more can be run; what was learnt
    by then is lost, so it should rather answer (0, 0).
    """
    best: tuple[Program, Rate] | None = None
    for program in _backwards(way):
        shown, tried = rated(program)
        if tried == 0:
            break
        if shown and (best is None or shown * best[1][1] > best[1][0] * tried):
            best = program, (shown, tried)
        if shown == tried:
            break
    return best


def _backwards(way: Sequence[Program]) -> Iterator[Program]:
    """From the last program to the first, in strides that double; the first one always."""
    place, stride = len(way) - 1, 1
    while place > 0:
        yield way[place]
        place, stride = place - stride, stride * 2
    yield from way[:1]
