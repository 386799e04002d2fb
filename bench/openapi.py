"""The contract as an OpenAPI document, for tools that know nothing else.

All four operations are `POST /`, and a document in OpenAPI needs a path for each: `/#CreateConnection`. Patterns stand
in it as the service model writes them, which are the ones that are quickly drawn from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.contract import Contract

__all__ = ["document"]

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
