"""Faults that only an SDK meets: a tolerant reader finds its way, and boto3 does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import sent_as
from assay.reference.answers import encode
from assay.reference.refusals import Refusal, unknown_operation

if TYPE_CHECKING:
    from assay.reference.answers import Answer, Outcome
    from assay.reference.parts import Parts

_MARK = b"\xef\xbb\xbf"


@mutant("sdk.byte-order-mark", caught_by=("wire.sdk",))
def byte_order_mark(parts: Parts) -> Parts:
    """Begin every answer with a byte order mark.

    A text encoder that was made for files on Windows writes one, and a browser does not show it.
    """
    return sent_as(parts, lambda _, answer: replace(answer, body=_MARK + answer.body))


@mutant("sdk.byte-order-mark-on-errors", caught_by=("wire.sdk",))
def byte_order_mark_on_errors(parts: Parts) -> Parts:
    """Begin errors with a byte order mark.

    The page of the error handler was saved with one.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        return replace(answer, body=_MARK + answer.body) if isinstance(outcome, Refusal) else answer

    return sent_as(parts, change)


@mutant("sdk.error-in-an-envelope", caught_by=("wire.sdk",))
def error_in_an_envelope(parts: Parts) -> Parts:
    """Put errors into `{"Output": …, "Version": "1.0"}`.

    The framework's oldest form of an error looks so, and was copied from an answer to a wrong content type.
    """

    def change(outcome: Outcome, answer: Answer) -> Answer:
        if not isinstance(outcome, Refusal):
            return answer
        return replace(answer, body=encode({"Output": json.loads(answer.body), "Version": "1.0"}).encode())

    return sent_as(parts, change)


@mutant("sdk.long-target-unknown", caught_by=("wire.sdk", "wire.target"))
def long_target_unknown(parts: Parts) -> Parts:
    """Know the operations by the short spelling of X-Amz-Target alone.

    The handlers are named as the newer SDKs spell the target, and boto3 spells it with a package before it.
    """
    careful = parts.admit

    def admit(**request: Any) -> None:
        if any(name == b"x-amz-target" and value.startswith(b"com.") for name, value in request["headers"]):
            raise unknown_operation()
        if careful is not None:
            careful(**request)

    return replace(parts, admit=admit)
