"""The results as they are: one JSON document, ASCII only, so that no reader's encoding can harm it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render"]


def render(results: Mapping[str, Any]) -> str:
    """The text of `results.json`."""
    return json.dumps(results, ensure_ascii=True, allow_nan=False, indent=1) + "\n"
