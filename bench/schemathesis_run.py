"""Schemathesis against an endpoint, in the form that makes it work on an API of one path: our yardstick.

All four operations are `POST /`, and the OpenAPI view of the contract (`openapi.py`) has a path for each:
`/#CreateConnection`. A fragment is not sent, so the X-Amz-Target of a request is read from it where the request is
signed. Only checks that raise no false alarm on a correct server are on. What the rival gets is what makes it fast: no
database, no reports, a signer that costs next to nothing.

The module is also its own hooks file: Schemathesis imports it in the process that `run` starts, with the signing facts
in the environment. There it notes, for whoever asks, at which of its calls a check failed.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay import openapi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.contract import Contract

__all__ = ["Limits", "Note", "RivalError", "run", "version"]

_CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
_OUR_ENVIRONMENT = "ASSAY_BENCH_RIVAL"
_NOTES = "notes.jsonl"
_FOUND = 1  # the exit code that says that a check failed


class RivalError(Exception):
    """The rival did not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long it goes on, in seconds or in cases for each operation, and how many seconds the process may take.

    With `is_first_enough` it ends with the first failed check.
    """

    seconds: int
    examples: int
    patience: float
    is_first_enough: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A failed check: which, of which operation, with what title, and at which call."""

    what: str
    call: int


def version() -> str | None:
    """The release of Schemathesis that is installed; None where none is."""
    try:
        return importlib.metadata.version("schemathesis")
    except importlib.metadata.PackageNotFoundError:
        return None


def run(contract: Contract, url: str, folder: Path, *, limits: Limits, seed: int) -> list[Note]:
    """Run it until a limit is reached, and tell at which calls it objected to the endpoint.

    Raises:
        RivalError: it did not run, or did not end in time.

    """
    place = folder / "openapi.json"
    place.write_text(json.dumps(openapi.document(contract)), encoding="utf-8")
    notes = folder / _NOTES
    facts = {
        "targets": contract.targets["long"],
        "signing_name": contract.signing_name,
        "media": contract.content_type,
        "notes": str(notes),
    }
    try:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(place), f"--url={url}"),
                *(f"--checks={','.join(_CHECKS)}", f"--max-time={limits.seconds}"),
                *(f"--max-examples={limits.examples}", f"--seed={seed}", "--suppress-health-check=all"),
                *("--generation-database=none", "--no-color", "--warnings=off"),
                "--max-failures=1" if limits.is_first_enough else "--continue-on-failure",
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
    except subprocess.TimeoutExpired:
        raise RivalError(f"Schemathesis did not end within {limits.patience:.0f} s") from None
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
    if ended.returncode not in {0, _FOUND} or (ended.returncode == _FOUND and not notes.exists()):
        raise RivalError(f"Schemathesis ended with exit code {ended.returncode}: {' / '.join(said[-3:])}")
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    return [Note(**json.loads(line)) for line in lines]


def _hook_in(facts: Mapping[str, str]) -> None:
    """Teach the Schemathesis of this process the protocol and the signature, and note where its checks fail."""
    import schemathesis  # noqa: PLC0415 - only there
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415
    from requests.auth import AuthBase  # noqa: PLC0415
    from schemathesis.checks import CHECKS, load_all_checks  # noqa: PLC0415

    from assay.target import HARMLESS  # noqa: PLC0415

    media = facts["media"]
    calls = 0
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
            nonlocal calls
            calls += 1
            url, _, operation = request.url.partition("#")
            request.headers["X-Amz-Target"] = f"{facts['targets']}.{operation}"
            signed = AWSRequest(request.method, url, {"X-Amz-Target": request.headers["X-Amz-Target"]}, request.body)
            signer.add_auth(signed)
            request.headers.update(signed.headers.items())
            return request

    schemathesis.auth.set_from_requests(Signature())

    def noting(check: Any) -> Any:
        @functools.wraps(check)
        def noted(context: Any, response: Any, case: Any) -> Any:
            try:
                return check(context, response, case)
            except BaseException as failure:
                for each in getattr(failure, "exceptions", [failure]):
                    title = getattr(each, "title", type(each).__name__)
                    what = f"{check.__name__} of {case.operation.definition.raw['operationId']}: {title}"
                    with Path(facts["notes"]).open("a", encoding="utf-8") as notes:
                        notes.write(json.dumps({"what": what, "call": calls}) + "\n")
                raise

        return noted

    load_all_checks()
    for name in _CHECKS:
        CHECKS.register(noting(CHECKS.get_one(name)))


if _OUR_ENVIRONMENT in os.environ:
    _hook_in(json.loads(os.environ[_OUR_ENVIRONMENT]))
