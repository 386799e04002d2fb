"""What a body may be: one JSON object in UTF-8 and not too long, or nothing.

The content type in front of it is not looked at, so that `curl -d` works. AWS does look.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from assay.reference.refusals import not_serializable, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAXIMUM_BODY", "check_type", "read_object"]

MAXIMUM_BODY: Final = 1024 * 1024


def check_type(content_type: bytes | None) -> None:
    """Refuse a content type; the careful server takes any, and mutants do not."""


def read_object(body: bytes) -> Mapping[str, object]:
    """The JSON object in a body; an empty one is an empty object, as the protocol wants it."""
    if len(body) > MAXIMUM_BODY:
        raise too_large(MAXIMUM_BODY)
    if not body:
        return {}
    try:
        given = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Not UTF-8, not JSON, an integer of thousands of digits, or nested beyond reason.
        raise not_serializable() from None
    if not isinstance(given, dict):
        raise not_serializable("Start of list found where not expected" if isinstance(given, list) else None)
    return given


def _refuse_constant(name: str) -> object:
    message = f"{name} is not JSON"
    raise ValueError(message)
