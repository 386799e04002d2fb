"""The items of a run: of every test first the programs that it names, then, test by test, those that it draws.

What a test names is where faults are likeliest, and costs little: most endpoints that are wrong are found out before
anything is drawn. Both rounds begin with what is cheap, so that a fault is seen early and a run that is cut short has
asked the most questions.
"""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from assay.fitting import worst_case
from assay.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from assay.workload import Endpoint

__all__ = ["NamedPrograms", "law_of", "named_in", "rounds"]


class NamedPrograms(pytest.Item):
    """The programs that one test names, run one after another."""

    def __init__(self, *, test: pytest.Item, endpoint: Callable[[pytest.Item], Endpoint], **others: Any) -> None:
        super().__init__(**others)
        self.programs = _named_by(test)
        self._test = test
        self._endpoint = endpoint
        self.own_markers.extend(test.iter_markers())

    def runtest(self) -> None:
        """Run them.

        Raises:
            LawBrokenError: the test's law is broken.

        """
        endpoint = self._endpoint(self)
        for program in self.programs:
            endpoint.check(program)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where the test stands that names them."""
        path, line, _ = self._test.reportinfo()
        return path, line, self.name


def rounds(
    tests: Iterable[pytest.Item], endpoint: Callable[[pytest.Item], Endpoint], *, draws: bool
) -> list[pytest.Item]:
    """The items to run: what tests name, and where the run draws, the tests themselves.

    A run that does not draw has calls for some of what is named only, so there it is the cheapest program that counts.
    """
    tests = list(tests)
    named = [
        NamedPrograms.from_parent(test.parent, name=f"{test.name}[named]", test=test, endpoint=endpoint)
        for test in tests
        if test.parent is not None and _named_by(test)
    ]
    price = sum if draws else min
    named.sort(key=lambda item: price(_costs(item.programs)))
    drawn = sorted(tests, key=lambda test: fmean(_costs(_named_by(test)) or [math.inf])) if draws else []
    return [*named, *drawn]


def named_in(function: Any) -> list[Program]:
    """The programs that a test's function names: its examples, which are where faults are likeliest."""
    examples = getattr(function, "hypothesis_explicit_examples", ())
    return [value for each in examples for value in each.kwargs.values() if isinstance(value, Program)]


def law_of(item: pytest.Item) -> str | None:
    """The law that a test is about."""
    marker = item.get_closest_marker("law")
    return marker.args[0] if marker is not None and marker.args else None


def _named_by(test: pytest.Item) -> list[Program]:
    return named_in(getattr(test, "obj", None))


def _costs(programs: Sequence[Program]) -> list[int]:
    return [worst_case(program) for program in programs]
