"""Choices about signatures: whether they are looked at, and how who signs badly is told so.

They show in a server that checks signatures, as the one behind `assay run` does.
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from assay.liberties.catalogue import liberty
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.answers import Answer, Outcome
    from assay.reference.constraints import Member, Members
    from assay.reference.parts import Parts

_AT_THE_GATE = frozenset(
    {
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
    }
)
_FORBIDDEN, _UNAUTHORIZED = 403, 401
_FORMS = ("auth.forbidden", "auth.unauthorized")


def _answered_with(parts: Parts, status: int, body: dict[str, Any] | None) -> Parts:
    def answer(operation: str, outcome: Outcome) -> Answer:
        careful = parts.answer(operation, outcome)
        if not isinstance(outcome, Refusal) or outcome.code not in _AT_THE_GATE:
            return careful
        return replace(careful, status=status, body=careful.body if body is None else json.dumps(body).encode())

    return replace(parts, answer=answer)


@liberty("auth.unchecked", because="an endpoint need not look at signatures", excludes=(*_FORMS, "auth.five-minutes"))
def unchecked(parts: Parts) -> Parts:
    """Look at no signature."""
    return replace(parts, admit=None)


@liberty("auth.forbidden", because="which status a bad signature gets is not documented", excludes=_FORMS)
def forbidden(parts: Parts) -> Parts:
    """Refuse who signs badly with 403, as SQS does."""
    return _answered_with(parts, _FORBIDDEN, None)


@liberty("auth.unauthorized", because="neither is how the refusal is written", excludes=_FORMS)
def unauthorized(parts: Parts) -> Parts:
    """Refuse who signs badly with 401, and a body of a gateway that names no type."""
    return _answered_with(parts, _UNAUTHORIZED, {"message": "Unauthorized"})


@liberty("auth.five-minutes", because="AWS's guide speaks of a few minutes")
def five_minutes(parts: Parts) -> Parts:
    """Take a signature for five minutes, not for fifteen."""
    if parts.admit is None:
        return parts
    return replace(parts, admit=replace(parts.admit, tolerance=timedelta(minutes=5)))  # type: ignore[type-var]


@liberty("auth.looked-at-last", because="whether a body or its signature is looked at first is not documented")
def looked_at_last(parts: Parts) -> Parts:
    """Look at a signature when target, body and members are found to be right, and not before."""
    careful = parts.admit
    if careful is None:
        return parts
    waiting = threading.local()

    def admit(**request: Any) -> None:
        waiting.request = request

    def check(operation: str, table: tuple[Member, ...], given: Mapping[str, object]) -> Members:
        members = parts.check(operation, table, given)
        careful(**waiting.request)
        return members

    return replace(parts, admit=admit, check=check)
