"""Who finds which fault first: what counts as found, and what is counted. Pure functions of what was seen.

A contestant sees things at calls. What it also sees on the faultless reference says nothing about a fault, so the first
*true* finding is the first of whatever is left; and what was seen after the budget was over was not found within it.
Calls are numbered by the contestant, and the second at which a call was answered is the server's to tell, from the
moment when the contestant's process was started: start-up is part of what somebody waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Discovery", "Sighting", "Standing", "family", "first_true", "sampled", "standing"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a contestant objected to, in words that are the same each time, and at which of its calls."""

    what: str
    call: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """The first true finding: what it was, how many calls it took, how many seconds from the start of the process."""

    what: str
    call: int
    second: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contestant did on some faults: how many there were, how many it found; medians over those that it found."""

    faults: int
    found: int
    calls: float | None
    seconds: float | None


def first_true(
    sightings: Iterable[Sighting],
    *,
    known: Iterable[str],
    moments: Sequence[float],
    started: float,
    budget: float,
) -> Discovery | None:
    """The first thing that was seen within the budget and is not `known` from the faultless reference.

    `moments` are those at which the server had answered the first call, the second, and so on; a call that it never
    answered counts as answered with the last one.
    """
    old = frozenset(known)
    new = [sighting for sighting in sightings if sighting.what not in old]
    if not new or not moments:
        return None
    first = min(new, key=lambda sighting: sighting.call)
    second = moments[min(max(first.call, 1), len(moments)) - 1] - started
    return Discovery(first.what, first.call, round(second, 3)) if second <= budget else None


def family(fault: str) -> str:
    """What a fault is about: the first word of its name."""
    return fault.partition(".")[0]


def sampled(faults: Iterable[str], every: int) -> list[str]:
    """Every so-maniest fault of each family, by name, beginning with the first: the same ones each time."""
    by_family: dict[str, list[str]] = {}
    for fault in sorted(faults):
        by_family.setdefault(family(fault), []).append(fault)
    return [fault for members in by_family.values() for fault in members[::every]]


def standing(discoveries: Mapping[str, Discovery | None]) -> Standing:
    """Sum up by fault what a contestant discovered."""
    found = [discovery for discovery in discoveries.values() if discovery is not None]
    return Standing(
        faults=len(discoveries),
        found=len(found),
        calls=_middle(discovery.call for discovery in found),
        seconds=_middle(discovery.second for discovery in found),
    )


def _middle(figures: Iterable[float]) -> float | None:
    known = list(figures)
    return float(median(known)) if known else None
