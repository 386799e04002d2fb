"""Which calls of a history were under way at once, as bars in lanes: what a picture of it is drawn from.

A lane holds calls that followed each other; calls that overlapped stand in different lanes. Only the order of
beginnings and ends is kept, not how long anything took: in a burst all that matters happens within microseconds, and
which orders of the calls are possible depends on nothing else.

What came before the first overlap and after the last is left out, as there is nothing to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Bar", "Place", "bars_of", "overlaps", "placed"]

_ENDS, _BEGINS, _ENDS_AT_ONCE = range(3)  # at one moment, what is over makes room first


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A call in its lane: its number in the history (from 1, as a transcript counts), and whether it is the marked one.

    `has_end` is False where no clear answer came: the call may have had its effect at any time after its beginning.
    """

    number: int
    lane: int
    call: Mapping[str, Any]
    is_marked: bool = False

    @property
    def has_end(self) -> bool:
        """Is it known when the call was over?"""
        return bool(self.call["outcome"]["kind"] != "unknown")


@dataclass(frozen=True, slots=True)
class Place:
    """From where to where a bar goes, both included, in columns from 0."""

    start: int
    end: int


def overlaps(history: Sequence[Mapping[str, Any]]) -> bool:
    """Was any call of a history sent before an earlier one was answered?"""
    return bool(_overlapping(_in_time(history)))


def bars_of(history: Sequence[Mapping[str, Any]], marked: int) -> list[Bar]:
    """The bars, by their beginnings: from the first call that overlaps another to the last one or the marked one.

    `marked` is the `index` of the marked call. Without any overlap there is no bar.
    """
    calls = _in_time(history)
    drawn = _overlapping(calls)
    if not drawn:
        return []
    drawn |= {position for position, (_, call) in enumerate(calls) if call["index"] == marked}
    bars: list[Bar] = []
    busy_until: list[tuple[float, int]] = []
    for number, call in calls[min(drawn) : max(drawn) + 1]:
        begin = call["start"], _BEGINS
        lane = next((lane for lane, until in enumerate(busy_until) if until < begin), len(busy_until))
        busy_until[lane:] = [_end_of(call), *busy_until[lane + 1 :]]
        bars.append(Bar(number=number, lane=lane, call=call, is_marked=call["index"] == marked))
    return bars


def placed(bars: Sequence[Bar], length: Callable[[Bar], int]) -> list[Place]:
    """A place for each bar, at least `length` columns long, so that the order of all beginnings and ends is seen."""
    moments = sorted(
        moment
        for position, bar in enumerate(bars)
        for moment in ((bar.call["start"], _BEGINS, position), (*_end_of(bar.call), position))
    )
    starts, ends, column, before = [0] * len(bars), [0] * len(bars), -1, _ENDS_AT_ONCE
    for _, what, position in moments:
        column += 2 if (before, what) == (_ENDS, _BEGINS) else 1  # a gap between what followed each other
        before = what
        if what == _BEGINS:
            starts[position] = column
        else:
            ends[position] = column = max(column, starts[position] + length(bars[position]) - 1)
    return [Place(start, end) for start, end in zip(starts, ends, strict=True)]


def _end_of(call: Mapping[str, Any]) -> tuple[float, int]:
    return call["end"], _ENDS if call["end"] > call["start"] else _ENDS_AT_ONCE


def _in_time(history: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The calls with their numbers, by their beginnings."""
    return sorted(enumerate(history, start=1), key=lambda numbered: (numbered[1]["start"], numbered[0]))


def _overlapping(calls: Sequence[tuple[int, Mapping[str, Any]]]) -> set[int]:
    """Positions of the calls that were under way at once with another."""
    found: set[int] = set()
    latest, until = 0, float("-inf")
    for position, (_, call) in enumerate(calls):
        if call["start"] < until:
            found |= {latest, position}
        if call["end"] > until:
            latest, until = position, call["end"]
    return found
