"""How an outcome becomes an answer: status, header fields and the bytes of the body.

An answer is one JSON object with a fresh `x-amzn-RequestId`, success or refusal; a refusal differs by its status and by
what the object holds. Nothing here knows what was asked but the name of the operation, and that only for those who
replace this part.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from assay.reference.refusals import Refusal

__all__ = ["Answer", "Outcome", "encode", "render"]

_CONTENT_TYPE = (b"content-type", b"application/x-amz-json-1.0")

#: What came of a request: the members of a success, or a refusal.
Outcome: TypeAlias = Mapping[str, object] | Refusal

#: Members as AWS writes them: in the order of the alphabet, without a space, in UTF-8.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes out: names of header fields are small, as ASGI wants them; the length of the body is added later."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def render(operation: str, outcome: Outcome) -> Answer:  # noqa: ARG001 - a mutant's answer looks at the operation
    """The answer; `operation` is empty where the request did not get so far."""
    status, members = (outcome.status, outcome.body()) if isinstance(outcome, Refusal) else (200, outcome)
    request_id = (b"x-amzn-requestid", str(uuid.uuid4()).encode())
    return Answer(status=status, headers=(_CONTENT_TYPE, request_id), body=encode(members).encode())
