"""Read a results file: the one way in for everything that takes one (replay, reports, comparisons).

A file may come from a stranger, from another release, or from a machine that ran out of disk; each is told in a line
and never with a trace. A file is read whole, and what it becomes in memory is some times its size, so there is a limit
to that size: what is larger is refused before it is parsed, and a pipe is read no further than the limit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assay.errors import UsageError
from assay.results.building import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST", "read_results"]

LARGEST: Final = 96_000_000
"""Bytes. A run writes some thousand for each finding; 50,000 calls of history are about 80 million."""

_HINT: Final = "give the results.json that `assay run` wrote"


def read_results(place: str, *, largest: int = LARGEST) -> Mapping[str, Any]:
    """The results in a file of at most `largest` bytes.

    Raises:
        UsageError: it cannot be read, is too large, is no results file, or was written by another release.

    """
    try:
        with Path(place).open("rb") as stream:
            content = stream.read(largest + 1)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}", hint=_HINT) from error
    if len(content) > largest:
        raise UsageError(
            f"{place}: is larger than {largest / 1e6:,.0f} MB, and is not read",
            hint="a results file is a few megabytes; run again with fewer laws (--law) if yours is one",
        )
    try:
        document = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: is not JSON", hint=_HINT) from error
    if not isinstance(document, dict) or "laws" not in document or "schema_version" not in document:
        raise UsageError(f"{place}: is not a results file of assay", hint=_HINT)
    if document["schema_version"] != SCHEMA_VERSION:
        raise UsageError(
            f"{place}: was written by another release: schema_version {ascii(document['schema_version'])[:20]}",
            hint=f"this release reads {SCHEMA_VERSION}",
        )
    return document
