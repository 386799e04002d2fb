"""The log file of a run: every call and what came of it, for whoever has to look closer than the report does."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from assay.errors import UsageError
from assay.history import Accepted
from assay.laws.registry import said

if TYPE_CHECKING:
    from assay.history import Call

__all__ = ["LOG", "log_call", "log_to"]

LOG: Final = logging.getLogger("assay")


def log_to(place: str | None) -> None:
    """Let the log go to a file, where one is named."""
    if place is None:
        return
    try:
        handler = logging.FileHandler(place, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the log file {place} cannot be written: {error.strerror}") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.DEBUG)
    LOG.propagate = False


def log_call(call: Call) -> None:
    """Write a line for a call."""
    answer = "accepted" if isinstance(call.outcome, Accepted) else said(call)
    LOG.debug("call %d %s %s -> %s", call.index, call.operation, json.dumps(call.input, default=repr), answer)
