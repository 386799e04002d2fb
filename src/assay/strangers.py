"""Strangers: connections that others made, and how long lists vouch for them.

A run cannot know when others create and delete. But as no ARN is given twice, what pages show before and behind existed
all the time between: so a list that leaves such a connection out is caught in an account that is not ours alone. No
more is concluded than is sure, since nobody can ask the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.contract import Resource
    from assay.walks import Walk

__all__ = ["Strangers"]

_UNDER_WAY_S: Final = 1.0  # that a write of others may take until it is answered
_BESIDE_A_HOST: Final = "beside a host"  # whose provider counts is written nowhere


@dataclass(slots=True)
class _Stranger:
    """A connection that somebody else made, as lists show it: it was there when `since` came, and when `until` went.

    Both are moments of pages that show it. `kinds` and `statuses` are all that they say of it, nulls left out.
    """

    arn: str
    since: float
    until: float
    kinds: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)


class Strangers:
    """The connections on the pages of walks whose ARNs are those of others, as `is_strange` says of an ARN.

    `lag` is in seconds: how long a page may not know of what was written; 0 where nobody says that any does.
    """

    def __init__(
        self, walks: Sequence[Walk], resource: Resource, *, is_strange: Callable[[str], bool], lag: float
    ) -> None:
        self._walks = walks
        self._resource = resource
        self._is_strange = is_strange
        # A write of others may be under way still, of which one page knows and the next does not.
        self._lag = lag or _UNDER_WAY_S

    def throughout(self, start: float, end: float, kind: str | None = None) -> Iterator[str]:
        """ARNs of those, or of those of one kind, that existed from `start` to `end`; no more than is sure.

        Pages show them far enough before and behind. Where somebody completed a handshake, a list may have moved it.
        """
        lag = self._lag
        for each in self._found if self._first_page + lag <= start and self._last_walk - lag >= end else ():
            is_of = kind is None or each.kinds == {kind}
            if each.since + lag <= start and each.until - lag >= end and is_of and len(each.statuses) <= 1:
                yield each.arn

    @cached_property
    def _first_page(self) -> float:
        return min((page.end for walk in self._walks for page in walk.pages), default=math.inf)

    @cached_property
    def _last_walk(self) -> float:
        return max((walk.start for walk in self._walks), default=-math.inf)

    @cached_property
    def _found(self) -> list[_Stranger]:
        identity, kind, status = self._resource.identity, self._resource.kind, self._resource.status
        found: dict[str, _Stranger] = {}
        for walk in self._walks:
            for page, item in walk.items:
                arn, end = item.get(identity), walk.pages[page - 1].end
                if not isinstance(arn, str) or not self._is_strange(arn):
                    continue
                # A token may stand for what there was when the walk began.
                each = found.setdefault(arn, _Stranger(arn, end, walk.start))
                each.since, each.until = min(each.since, end), max(each.until, walk.start)
                each.kinds.add(_BESIDE_A_HOST if "HostArn" in item else str(item.get(kind)))
                if status in item:
                    each.statuses.add(str(item[status]))
        return list(found.values())
