"""The project's own copy of a service model's constraints, without its prose: the facts that the contract is held to.

    python selftests/facts/extract.py                      today's, from the installed botocore
    python selftests/facts/extract.py MODEL VERSION NAME   from one service-2.json that was kept, of the first release

The model of the first release cannot be installed beside today's, so its facts were taken once, from botocore 1.13.43
(the first with the service). Today's are taken anew whenever the selftest says that the service moved on; look at the
difference before it is committed, since a change in the model is a new edition and never a correction of an old one.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = ("CreateConnection", "DeleteConnection", "GetConnection", "ListConnections")
TODAY = {"codestar-connections": "2019-12-01", "codeconnections": "2023-12-01"}
HERE = Path(__file__).parent

#: What a shape requires of a value; all else in the model is prose or code generation.
CONSTRAINTS = ("type", "required", "min", "max", "pattern", "enum")


def facts_of(model: dict[str, Any], version: str) -> dict[str, Any]:
    """What a model says of the four operations and of the shapes that they reach."""
    shapes: dict[str, Any] = {}
    operations = {}
    for name in OPERATIONS:
        operation = model["operations"][name]
        errors = [error["shape"] for error in operation.get("errors", ())]
        operations[name] = {
            "input": operation["input"]["shape"],
            "output": operation["output"]["shape"],
            "errors": errors,
        }
        for shape in (operation["input"]["shape"], operation["output"]["shape"], *errors):
            _reach(model["shapes"], shape, shapes)
    metadata = model["metadata"]
    return {
        "botocore": version,
        "metadata": {
            key: metadata[key] for key in ("apiVersion", "endpointPrefix", "jsonVersion", "signingName", "targetPrefix")
        },
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


def installed(service: str) -> dict[str, Any]:
    """The facts of the installed botocore."""
    import botocore

    folder = Path(botocore.__file__).parent / "data" / service / TODAY[service]
    packed = folder / "service-2.json.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    return facts_of(json.loads(text), botocore.__version__)


def _reach(model: dict[str, Any], name: str, found: dict[str, Any]) -> None:
    if name in found:
        return
    shape = model[name]
    facts = found[name] = {key: shape[key] for key in CONSTRAINTS if key in shape}
    if "members" in shape:
        facts["members"] = {member: target["shape"] for member, target in shape["members"].items()}
    if "member" in shape:
        facts["member"] = shape["member"]["shape"]
    if shape.get("exception"):
        facts["exception"] = True
    if "error" in shape:
        facts["status"] = shape["error"]["httpStatusCode"]
    for target in (*facts.get("members", {}).values(), *filter(None, [facts.get("member")])):
        _reach(model, target, found)


def _write(name: str, facts: dict[str, Any]) -> None:
    (HERE / f"{name}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        path, its_version, its_name = sys.argv[1:]
        _write(its_name, facts_of(json.loads(Path(path).read_bytes()), its_version))
    else:
        for each in TODAY:
            _write(f"{each}-2026-11-10", installed(each))
