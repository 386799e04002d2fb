"""What compare and differ write is what their published schemas describe, and the schemas say something."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import runs
from in_memory import Reference, search_for
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from assay.budget import Budget
from assay.differ import Differ, Side, as_document
from assay.program import Arn, Create, Fill, Get, Name, Program, Walk
from assay.results import Cleanup, TargetFacts
from assay.suite import find_suite, import_reports

if TYPE_CHECKING:
    from collections.abc import Callable

reports = import_reports()
FACTS = {"effort": "quick", "seed": 7, "duration_s": 1.5, "limits_reached": ["time-limit"], "trouble": None}


def validator(name: str) -> Draft202012Validator:
    """The validator of a schema, with the one of results within reach, as it lies in one folder with it."""
    folder = find_suite() / "reports"
    schema = json.loads((folder / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    results = json.loads((folder / "results.schema.json").read_text(encoding="utf-8"))
    registry = Registry().with_resource(results["$id"], Resource.from_contents(results))
    return Draft202012Validator(schema, registry=registry)


def difference() -> dict[str, Any]:
    """Two servers that differ about a law, after two that differ in nothing but an open choice would not."""
    sides = [Side("A", search_for(Reference())), Side("B", search_for(Reference("name.duplicate-accepted")))]
    differ = Differ(sides[0], sides[1], Budget())
    differ.check(Program((Fill(100, 3), Walk(2), Create(0, Name(0)), Get(Arn(0)), Create(1, Name(0)))))
    targets = [TargetFacts(endpoint_url=f"http://127.0.0.1:456{n}", region="us-east-1") for n in (6, 7)]
    left = Cleanup(created=4, deleted=3, left_behind=(("arn:aws:x", None),))
    document: dict[str, Any] = as_document(differ, targets, [left, Cleanup()], FACTS)
    assert document["differences"]
    return document


def comparison() -> dict[str, Any]:
    """Three runs of two targets."""
    broken = runs.results(runs.book(runs.finding("connection.name.unique")), mutant="name.duplicate-accepted")
    lost = runs.results(runs.book(exercised=(), calls=0))
    kept = {**runs.results(runs.book()), "started": "2026-11-23T12:00:00+00:00"}
    made = [reports.comparison.summarised(each, place="results.json") for each in (broken, lost, kept)]
    document: dict[str, Any] = reports.comparison.compared(made)
    return document


@pytest.mark.parametrize(
    ("schema", "make"), [("differ.schema.json", difference), ("comparison.schema.json", comparison)]
)
def test_a_document_is_what_its_schema_describes(schema: str, make: Callable[[], dict[str, Any]]) -> None:
    """As it is written, every member told of; and where any one of them is gone, or is of another kind, it is not."""
    document = json.loads(json.dumps(make()))
    check = validator(schema)
    assert [f"{each.json_path}: {each.message}" for each in check.iter_errors(document)] == []
    assert set(document) == set(check.schema["properties"])
    for member in document:
        without = {key: value for key, value in document.items() if key != member}
        assert not check.is_valid(without), member
        odd = copy.deepcopy(document)
        odd[member] = {"of": ["another", "kind"]} if not isinstance(document[member], dict) else 7
        assert not check.is_valid(odd), member
