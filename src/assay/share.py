"""What one of several workers may do, so that all of them together do no more than one process would.

Calls and rate are dealt out. The time is the same for all: each holds its clock against the beginning of the run. Names
are a worker's own by their prefix; those that are too short for one are told apart by the worker's place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.settings import Settings

__all__ = ["ALONE", "Place", "share_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The `index`-th of so many processes of one run, counted from 0.

    `origin` is when the run began, on `time.perf_counter`, which all processes of a machine read alike; None for now.
    `offset` is where short names begin; None leaves it to chance.
    """

    index: int = 0
    of: int = 1
    origin: float | None = None
    offset: int | None = None


ALONE = Place()
"""The place of a run that is not split."""


def share_of(settings: Settings, place: Place) -> Settings:
    """The settings of a worker: its part of the rate, and of the calls; the first ones take what cannot be divided."""
    calls, rate = settings.max_calls, settings.rate
    return replace(
        settings,
        max_calls=None if calls is None else (calls + place.of - 1 - place.index) // place.of,
        rate=None if rate is None else rate / place.of,
    )
