"""The contract as an OpenAPI document, for tools that know nothing else.

All four operations are `POST /`, and a document in OpenAPI needs a path for each: `/#CreateConnection`. Patterns stand
in it as the service model writes them, which are the ones that are quickly drawn from. The header X-Amz-Target is left
out: who sends a request reads the operation from the fragment, which no request carries.

`python -m assay.openapi` writes `openapi.yaml` beside the tables of every edition, from which it is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from assay.contract import available, load_contract
from assay.suite import specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.contract import Contract

__all__ = ["as_yaml", "document", "write"]

_HEADING: Final = "# The contract as OpenAPI, made by `python -m assay.openapi` from the tables beside it.\n"

_ABOUT_US = re.compile(r"\A\^\(\?:(.*)\)\$\(\?!\\n\)\Z", re.DOTALL)


def document(contract: Contract) -> dict[str, Any]:
    """The operations of a contract as OpenAPI 3.1, one path each."""
    media = contract.content_type
    refusal = {"type": "object", "required": ["__type"], "properties": {"__type": {"type": "string"}}}
    paths = {}
    for operation in contract.operations.values():
        taken = _plain(contract.shapes.resolved(operation.input, wanted_by=operation.name))
        given = _plain(contract.shapes.resolved(operation.output, wanted_by=operation.name))
        paths[f"/#{operation.name}"] = {
            "post": {
                "operationId": operation.name,
                "requestBody": {"required": True, "content": {media: {"schema": taken}}},
                "responses": {
                    "200": {"description": "accepted", "content": {media: {"schema": given}}},
                    "4XX": {"description": "refused", "content": {media: {"schema": refusal}}},
                },
            }
        }
    _link(contract, paths)
    return {"openapi": "3.1.0", "info": {"title": contract.service, "version": contract.edition}, "paths": paths}


def as_yaml(value: Mapping[str, Any]) -> str:
    """A document as YAML in blocks; texts and numbers stand in it as in JSON, which is YAML, too."""
    return _HEADING + "\n".join(_lines(value)) + "\n"


def write(specs: Path) -> Iterator[Path]:
    """Write the document of every edition of every service beside its tables, and tell where."""
    for service, editions in available(specs).items():
        for edition in editions:
            place = specs / service / edition / "openapi.yaml"
            place.write_text(as_yaml(document(load_contract(service, edition, specs=specs))), encoding="utf-8")
            yield place


def _lines(value: Any) -> Iterator[str]:
    """The lines of a mapping or a list that is not empty."""
    pairs = value.items() if isinstance(value, Mapping) else ((None, each) for each in value)
    for key, each in pairs:
        lead = "-" if key is None else f"{_scalar(key)}:"
        if isinstance(each, Mapping | list) and each:
            yield lead
            yield from (f"  {line}" for line in _lines(each))
        else:
            yield f"{lead} {_scalar(each)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _link(contract: Contract, paths: Mapping[str, Any]) -> None:
    """Say that what Create answers is what Get and Delete want, so that sequences are tried."""
    identity = contract.resource.identity
    paths[f"/#{contract.create.name}"]["post"]["responses"]["200"]["links"] = {
        operation.name: {"operationId": operation.name, "requestBody": {identity: f"$response.body#/{identity}"}}
        for operation in (contract.get, contract.delete)
    }


def _plain(schema: Any) -> Any:
    """A schema with its patterns as the service model writes them, which are the ones that are quickly drawn from."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    if isinstance(pattern := schema.get("pattern"), str) and (found := _ABOUT_US.match(pattern)):
        plain["pattern"] = f"^{found[1]}$"
        if found[1] in {r"[\s\S]*", ".*"}:
            del plain["pattern"]
    return plain


if __name__ == "__main__":
    for written in write(specs_root()):
        print(written)  # noqa: T201 - a script says what it did
