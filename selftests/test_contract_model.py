"""The contract held equal to the service model of its day, but for the differences that a table names with reasons.

The facts of the models are kept in `facts/`, taken by `facts/extract.py`. Both sides are brought to the same flat form,
path to value, and whatever differs has to be in `facts/differences.toml`, and the other way round.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.contract import Contract, available, load_contract
from selftests.facts import extract

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = Path(__file__).parent
_SPECS = _HERE.parent / "specs"
_CONTRACTS = [f"{service}/{edition}" for service, editions in available(_SPECS).items() for edition in editions]
_TYPES = {"object": "structure", "array": "list"}
_BOUNDS = {
    "minLength": "min",
    "minimum": "min",
    "minItems": "min",
    "maxLength": "max",
    "maximum": "max",
    "maxItems": "max",
}


@pytest.mark.parametrize("name", _CONTRACTS)
def test_the_contract_equals_the_model_but_for_the_differences_of_the_table(name: str) -> None:
    """Members, types, bounds, patterns, enumerations, errors and targets are the model's, or the table says why not."""
    service, edition = name.split("/")
    contract = load_contract(service, edition, specs=_SPECS)
    model = _flat(_translated(json.loads((_HERE / "facts" / f"{service}-{edition}.json").read_text(encoding="utf-8"))))
    ours = _flat(_facts_of(contract))
    model["answers.a null member"] = "of the wrong type"
    if not any(
        path.endswith(".status") for path in model
    ):  # where the model names none, the API reference's are the contract's
        ours = {path: value for path, value in ours.items() if not path.endswith(".status")}
    found = {
        path: (model.get(path), ours.get(path))
        for path in model.keys() | ours.keys()
        if model.get(path) != ours.get(path)
    }
    table = tomllib.loads((_HERE / "facts" / "differences.toml").read_text(encoding="utf-8"))["difference"]
    named = {row["path"]: (row["model"], row["contract"]) for row in table if name in row["contracts"]}
    assert found == named, "model and contract on the left, the table on the right"


def test_every_difference_has_a_reason_and_a_contract() -> None:
    """The table names contracts that there are, and says why for each row."""
    for row in tomllib.loads((_HERE / "facts" / "differences.toml").read_text(encoding="utf-8"))["difference"]:
        assert len(row["reason"]) > 40
        assert set(row["contracts"]) <= set(_CONTRACTS)


@pytest.mark.parametrize("service", extract.TODAY)
def test_the_copy_of_todays_facts_is_what_botocore_says(service: str) -> None:
    """Where botocore has another version than the copy, its facts must still be the same, or the service moved on."""
    edition = available(_SPECS)[service][-1]
    copy = json.loads((_HERE / "facts" / f"{service}-{edition}.json").read_text(encoding="utf-8"))
    today = extract.installed(service)
    said, kept = today.pop("botocore"), copy.pop("botocore")
    assert said != kept or today == copy, f"the copy of botocore {kept}'s facts was changed by hand; take it anew"
    assert today == copy, (
        f"botocore {said} says other things of {service} than {kept} did: the service moved on. "
        f"Make a new edition of it, take its facts with selftests/facts/extract.py, and leave {edition} as it is."
    )


@pytest.mark.parametrize("name", _CONTRACTS)
def test_the_statuses_of_a_service_without_statuses_in_its_model_are_400(name: str) -> None:
    """The API reference gives 400 to every modelled error; only codeconnections' model names others."""
    service, edition = name.split("/")
    contract = load_contract(service, edition, specs=_SPECS)
    statuses = {status for operation in contract.operations.values() for status in operation.errors.values()}
    assert statuses == ({400} if service == "codestar-connections" else {400, 404, 429})


def _facts_of(contract: Contract) -> dict[str, Any]:
    """A contract in the form of the facts."""
    errors = {error: status for operation in contract.operations.values() for error, status in operation.errors.items()}
    shapes: dict[str, Any] = {}
    for operation in contract.operations.values():
        for shape in (operation.input, operation.output, *operation.errors):
            for file, schema in contract.shapes.closure(shape, wanted_by="a test").items():
                shapes[file.removesuffix(".schema.json")] = _fact_of(schema)
    for error, status in errors.items():
        shapes[error] |= {"exception": True, "status": status}
    holder = contract.get.holder
    null = contract.output_validator(contract.get.name).problems({holder: {contract.resource.owner: None}})
    assert contract.targets["long"].endswith(f".{contract.targets['short']}")
    return {
        "metadata": {
            "apiVersion": contract.api_version,
            "endpointPrefix": contract.endpoint_prefix,
            "jsonVersion": contract.json_version,
            "signingName": contract.signing_name,
            "targetPrefix": contract.targets["long"],
        },
        "operations": {
            operation.name: {"input": operation.input, "output": operation.output, "errors": sorted(operation.errors)}
            for operation in contract.operations.values()
        },
        "shapes": shapes,
        "answers": {"a null member": "of the wrong type" if null else "absent"},
    }


def _fact_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    fact: dict[str, Any] = {"type": _TYPES.get(schema["type"], schema["type"])}
    fact |= {_BOUNDS[key]: value for key, value in schema.items() if key in _BOUNDS}
    fact |= {key: schema[key] for key in ("required", "pattern", "enum") if key in schema}
    if fact["type"] == "structure":
        fact["members"] = {member: _target(target) for member, target in schema.get("properties", {}).items()}
    if "items" in schema:
        fact["member"] = _target(schema["items"])
    return fact


def _target(schema: dict[str, Any]) -> str:
    return schema["$ref"].removesuffix(".schema.json") if "$ref" in schema else json.dumps(schema, sort_keys=True)


def _translated(facts: dict[str, Any]) -> dict[str, Any]:
    """The model's facts, its patterns as the contract writes them: matched as a whole, and read widely."""
    del facts["botocore"]
    for operation in facts["operations"].values():
        operation["errors"].sort()
    for shape in facts["shapes"].values():
        if "pattern" in shape:
            whole = shape["pattern"].removeprefix("^").removesuffix("$").replace(r"[\w]", r"[^\x00-/:-@\[-^`{-\x7f]")
            shape["pattern"] = r"^(?:" + re.sub(r"\.(?=[+*])", lambda _: r"[^\n]", whole) + r")$(?!\n)"
    return facts


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    flat: dict[str, Any] = {} if tree else {path: {}}
    for key, value in tree.items():
        flat |= _flat(value, f"{path}.{key}" if path else key)
    return flat
