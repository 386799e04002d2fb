"""What a run knows beside the history at hand: what it made up, and what earlier histories of the same run have shown.

A law judges one history at a time, yet some promises are longer than a program: an ARN is *never* given again, a
deleted connection is gone *for good*. So each judged history leaves its facts here, and the next one is judged in their
light. All of it could have been worked out from the run's whole history; it is kept only so that judging stays linear
in the number of calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assay.history import FIRST

if TYPE_CHECKING:
    from assay.history import Call

__all__ = ["Knowledge", "Past"]


@dataclass(frozen=True, slots=True)
class Past:
    """A connection that an earlier history of this run made, and since when it is surely gone (None: it is not)."""

    name: str | None
    created: Call
    program: int
    gone_at: float | None = None


@dataclass(slots=True)
class Knowledge:
    """What a run knows.

    `prefix` is the prefix of the run's names (None where names were not ours to choose: recorded traffic). `invented`
    are ARNs with our prefix and an id of 128 fresh random bits; `elsewhere` the same under another account, Region,
    service or type; `forged` are tokens that no endpoint gave. `staleness` is in seconds; `patience` is the number of
    pages in a row without anything new after which a walk counts as endless, and `rounds` how often one connection is
    shown on a walk that does. `tokens` are the hashes of those given
    so far: a token that this run was given is no forged one, whoever made it up as well.

    `names` are those that Creates asked for, `seen` those of our prefix that answers showed: one that nobody asked for
    is told once, as it may stay there, and says nothing of later histories. `given_twice` are ARNs that a later
    history was given again: of these, nobody knows which connection they name.

    What was made up is made up for every account; `past` is that of one (`others` have the rest, by their caller).
    `prefixes` are what the ARNs of each caller's account are known to begin with.
    """

    prefix: str | None = None
    invented: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    forged: set[str] = field(default_factory=set)
    staleness: float = 0.0
    patience: int = 100
    rounds: int = 100
    past: dict[str, Past] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    given_twice: set[str] = field(default_factory=set)
    tokens: set[int] = field(default_factory=set)
    others: dict[str, dict[str, Past]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)

    def of(self, caller: str) -> Knowledge:
        """What is known in the account of a caller: the same, but for another past."""
        if caller == FIRST:
            return self
        return replace(self, past=self.others.setdefault(caller, {}), others={})

    def without_past(self) -> Knowledge:
        """The same, as if nothing had been seen before."""
        return replace(self, past={}, others={})
