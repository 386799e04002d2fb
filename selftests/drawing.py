"""What a strategy draws, for tests of strategies and of whatever lives on their programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import seed as seeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["drawn", "every", "smallest"]

Thing = TypeVar("Thing")

_PLAIN = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
_FAST = settings(_PLAIN, max_examples=40)
_SEARCH = settings(_PLAIN, max_examples=2_000)


def drawn(strategy: SearchStrategy[Thing], number: int, *, seed: int = 0) -> list[Thing]:
    """So many things, the same ones every time."""
    seen: list[Thing] = []

    @seeded(seed)
    @settings(_PLAIN, max_examples=number, phases=[Phase.generate])
    @given(strategy)
    def draw(thing: Thing) -> None:
        seen.append(thing)

    draw()
    return seen


def every(strategy: SearchStrategy[Any], judge: Callable[[Any], object]) -> None:
    """What is drawn, all of it, is as `judge` says."""

    @_FAST
    @given(strategy)
    def draw(value: Any) -> None:
        assert judge(value), value

    draw()


def smallest(strategy: SearchStrategy[Any], where: Callable[[Any], Any] = lambda value: True) -> Any:
    """The first that one would write by hand, of those that are so."""
    return find(strategy, where, settings=_SEARCH)
