"""Whoever sends the calls of a driver: `assay.target.Target`, or a stand-in in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from assay.signings import VALID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.history import Call, Leg, Outcome
    from assay.recipe import Recipe

__all__ = ["Caller"]

_MOST_ATTEMPTS = 8


class Caller(Protocol):
    """Whoever sends a call: `assay.target.Target`, or a stand-in."""

    @property
    def timeout(self) -> float:
        """How long one attempt may take, in seconds."""
        ...

    def call(  # noqa: PLR0913 - what a call can be told, by name
        self,
        operation: str,
        input: Mapping[str, Any],  # noqa: A002 - AWS says input
        *,
        leg: Leg = "light",
        give_up_at: float | None = None,
        max_attempts: int = _MOST_ATTEMPTS,
        signing: str = VALID,
    ) -> tuple[Call, ...]:
        """All attempts, the last of which is the answer."""
        ...

    def burst(
        self,
        requests: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        give_up_at: float | None = None,
        max_attempts: int = _MOST_ATTEMPTS,
    ) -> list[tuple[Call, ...]]:
        """All attempts of each request, where the requests are sent at once."""
        ...

    def send(
        self,
        recipe: Recipe,
        members: Mapping[str, Any],
        *,
        give_up_at: float | None = None,
        max_attempts: int = _MOST_ATTEMPTS,
    ) -> tuple[Call, ...]:
        """The attempts at the request of a recipe, whose base has these members; none where it is too late."""
        ...

    def beside(self, members: Mapping[str, Any], deed: Callable[[], Outcome]) -> Call:
        """Do something beside the API, and write it down between the calls: a handshake, and what came of it."""
        ...

    def twin(self, number: int) -> Caller:
        """Another caller on the same clock and numbering, for a thread of its own."""
        ...
