"""Schemathesis against an endpoint, in the form that makes it work on an API of one path: our yardstick for speed.

All four operations are `POST /`, and a document in OpenAPI needs a path for each: `/#CreateConnection`. A fragment is
not sent, so the X-Amz-Target of a request is read from it where the request is signed. Only checks that raise no false
alarm on a correct server are on. What the rival gets is what makes it fast: plain patterns, no database, no reports, a
signer that costs next to nothing.

The module is also its own hooks file: Schemathesis imports it in the process that `run` starts, with the signing facts
in the environment.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.contract import Contract

__all__ = ["Limits", "RivalError", "document", "run", "version"]

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_OUR_ENVIRONMENT = "ASSAY_BENCH_RIVAL"
_ABOUT_US = re.compile(r"\A\^\(\?:(.*)\)\$\(\?!\\n\)\Z", re.DOTALL)


class RivalError(Exception):
    """The rival did not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long it goes on, in seconds or in cases for each operation, and how many seconds the process may take."""

    seconds: int
    examples: int
    patience: float


def version() -> str | None:
    """The release of Schemathesis that is installed; None where none is."""
    try:
        return importlib.metadata.version("schemathesis")
    except importlib.metadata.PackageNotFoundError:
        return None


def run(contract: Contract, url: str, folder: Path, *, limits: Limits, seed: int) -> None:
    """Run it until a limit is reached.

    Raises:
        RivalError: it did not run, or it objects to the endpoint, which would slow it down.

    """
    place = folder / "openapi.json"
    place.write_text(json.dumps(document(contract)), encoding="utf-8")
    facts = {"targets": contract.targets["long"], "signing_name": contract.signing_name}
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(place), f"--url={url}", f"--checks={_CHECKS}"),
            *(f"--max-time={limits.seconds}", f"--max-examples={limits.examples}", f"--seed={seed}"),
            *("--continue-on-failure", "--suppress-health-check=all", "--generation-database=none"),
            *("--no-color", "--warnings=off"),
        ],
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": Path(__file__).stem,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH")))),
            _OUR_ENVIRONMENT: json.dumps(facts),
        },
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=limits.patience,
        check=False,
    )
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
    if ended.returncode != 0:
        raise RivalError(f"Schemathesis ended with exit code {ended.returncode}: {' / '.join(said[-3:])}")


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


def _hook_in(facts: Mapping[str, str]) -> None:
    """Teach the Schemathesis of this process the protocol and the signature."""
    import schemathesis  # noqa: PLC0415 - only there
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415
    from requests.auth import AuthBase  # noqa: PLC0415

    from assay.target import HARMLESS  # noqa: PLC0415

    media = "application/x-amz-json-1.0"
    signer = SigV4Auth(
        Credentials(HARMLESS.access_key_id, HARMLESS.secret_access_key), facts["signing_name"], "us-east-1"
    )

    @schemathesis.serializer(media)
    def serialize(_: Any, value: Any) -> bytes:
        return json.dumps(value).encode()

    @schemathesis.deserializer(media)
    def deserialize(_: Any, response: Any) -> Any:
        return json.loads(response.content)

    class Signature(AuthBase):
        def __call__(self, request: Any) -> Any:
            url, _, operation = request.url.partition("#")
            request.headers["X-Amz-Target"] = f"{facts['targets']}.{operation}"
            signed = AWSRequest(request.method, url, {"X-Amz-Target": request.headers["X-Amz-Target"]}, request.body)
            signer.add_auth(signed)
            request.headers.update(signed.headers.items())
            return request

    schemathesis.auth.set_from_requests(Signature())


if _OUR_ENVIRONMENT in os.environ:
    _hook_in(json.loads(os.environ[_OUR_ENVIRONMENT]))
