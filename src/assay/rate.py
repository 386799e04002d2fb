"""How often a finding shows, and how often its program must be run before the finding counts as gone.

Most faults show every time. Some wait for a state that the server alone keeps (every fiftieth page, the second of two
workers), some for who is faster; their smallest program shows them now and then. So an explained finding is rated: its
program is run a few times, and some more where it missed one. What looks for it later (`assay replay`, known failures)
takes from the rate how many runs without it are no mere luck.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

__all__ = ["RATED_AT_LEAST", "RATED_AT_MOST", "Rate", "is_enough", "tries_for"]

Rate: TypeAlias = tuple[int, int]
"""So many times of so many runs."""

RATED_AT_LEAST: Final = 3
RATED_AT_MOST: Final = 20
_LUCK: Final = 0.001  # with what probability a finding that is there may be missed by all tries
_MOST: Final = 300
_DOUBT: Final = 2  # runs without it that are added to those that were seen, as a few runs may have been lucky ones


def is_enough(shown: int, tried: int) -> bool:
    """Do so many of so many runs tell how often a finding shows?"""
    return tried >= RATED_AT_MOST or shown == tried >= RATED_AT_LEAST


def tries_for(rate: Rate) -> int:
    """How many runs in a row without the finding say that it is gone: three at least, three hundred at most.

    One that never showed again was seen at least once before it was rated: that counts as half a time.
    """
    shown, tried = rate
    if shown >= tried:
        return RATED_AT_LEAST
    share = max(shown, 0.5) / (tried + _DOUBT)
    return max(RATED_AT_LEAST, min(_MOST, math.ceil(math.log(_LUCK) / math.log1p(-share))))
