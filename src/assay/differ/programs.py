"""The programs of the suite's own tests, drawn for whoever wants to run them.

A test is a workload: it draws programs and hands each to `endpoint.check`. So it can be given another endpoint than
the one that judges. What a seed draws here is what it draws in a run.
"""

from __future__ import annotations

import importlib.util
import inspect
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from assay.differ.search import Stopped
from assay.drawing import set_up_hypothesis
from assay.errors import AssayError
from assay.in_force import put_in_force
from assay.items import named_in
from assay.program import Walk
from assay.suite import import_reports, tests_root

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from assay.contract import Contract
    from assay.program import Program

__all__ = ["draw_programs"]


class _Hearer:
    """What a test takes for its endpoint: it hears the programs, and remembers why it wants no more."""

    def __init__(self, check: Callable[[Program], None]) -> None:
        self._check = check
        self.ended: Exception | None = None

    def check(self, program: Program) -> None:
        """Pass a program on; what ends the search ends the test at once, and Hypothesis makes nothing of it."""
        try:
            self._check(_to_the_end(program))
        except (Stopped, AssayError) as error:
            self.ended = error
            raise SkipTest(str(error)) from error


def draw_programs(
    contract: Contract, check: Callable[[Program], None], *, laws: Collection[str], examples: int, seed: int
) -> None:
    """Hand the programs of every test of one of these laws to `check`, those they name first, until it raises.

    Raises:
        Stopped, AssayError: what `check` raised.

    """
    from hypothesis import seed as seeded  # noqa: PLC0415 - a slow import

    put_in_force(contract)
    set_up_hypothesis(examples)
    hearer = _Hearer(check)
    tests = list(_tests(contract.service, laws))
    for _, function in tests:
        for program in named_in(function):
            check(_to_the_end(program))
    for name, function in tests:
        try:
            seeded(zlib.crc32(f"{seed}/{name}".encode()))(function)(endpoint=hearer)
        except SkipTest:
            if hearer.ended is not None:
                raise hearer.ended from None


def _to_the_end(program: Program) -> Program:
    """The program with walks that are not broken off: how far they come hangs on how many are there besides."""
    steps = (replace(step, news=None) if isinstance(step, Walk) else step for step in program.steps)
    return program.with_steps(tuple(steps))


def _tests(service: str, wanted: Collection[str]) -> Iterator[tuple[str, Any]]:
    import_reports()  # puts the suite's own packages within reach
    for file in sorted(tests_root(service).glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"assay_workload_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if name.startswith("test_") and hasattr(function, "hypothesis"):
                laws = [mark.args[0] for mark in getattr(function, "pytestmark", ()) if mark.name == "law"]
                takes = set(inspect.signature(function).parameters)
                if takes == {"endpoint"} and any(law in wanted for law in laws):
                    yield name, function
