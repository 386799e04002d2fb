"""The catalogue and the judges name the same laws and the same clauses."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import pytest

import assay.laws
from assay.laws import JUDGES
from selftests.histories import EDITIONS, contract_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def _clauses_by_law() -> dict[str, set[str]]:
    """The clauses that each judge writes down, read from its source."""
    found = {}
    for module in pkgutil.iter_modules(assay.laws.__path__):
        source = inspect.getsource(importlib.import_module(f"assay.laws.{module.name}"))
        for function in ast.walk(ast.parse(source)):
            if not isinstance(function, ast.FunctionDef):
                continue
            laws = [
                decorator.args[0].value
                for decorator in function.decorator_list
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", None) == "judge"
            ]
            for law in laws:
                found[law] = set(_clauses_within(function))
    return found


def _clauses_within(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        values = []
        if isinstance(node, ast.keyword) and node.arg == "clause":
            values = [node.value]
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                values += [value for name, value in pairs if getattr(name, "id", None) == "clause"]
        for value in values:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (
                branch.value
                for branch in branches
                if isinstance(branch, ast.Constant) and isinstance(branch.value, str)
            )


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_law_that_is_not_pending_has_a_judge(edition: tuple[str, str]) -> None:
    """What nobody judges is said to be pending, and why."""
    laws = contract_of(edition).laws
    assert {law.id for law in laws.values() if law.pending is None} == laws.keys() & JUDGES.keys()


def test_every_judge_has_a_law() -> None:
    """A judge without a sentence would accuse for nothing that can be read."""
    assert JUDGES.keys() == {law for edition in EDITIONS for law in contract_of(edition).laws} & JUDGES.keys()
    assert JUDGES.keys() == _clauses_by_law().keys()


def test_every_clause_that_a_judge_writes_down_is_in_the_catalogue_and_the_other_way_round() -> None:
    """A clause carries its own force, so one that is not known would be judged by the wrong one."""
    known = {law: set() for law in JUDGES}
    for edition in EDITIONS:
        for law in contract_of(edition).laws.values():
            if law.id in JUDGES:
                known[law.id] |= law.clauses.keys()
    assert _clauses_by_law() == known


@pytest.mark.parametrize("law", sorted(JUDGES))
def test_every_judge_says_in_one_line_what_it_judges(law: str) -> None:
    """Its docstring is what `--help` and readers see first."""
    assert JUDGES[law].__doc__
    assert JUDGES[law].__doc__.splitlines()[0].endswith(".")
