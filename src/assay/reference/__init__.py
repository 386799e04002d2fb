"""The reference: a careful server of CreateConnection, GetConnection, ListConnections and DeleteConnection.

It is what the suite is tried against, what mutants are made from, and a usable emulator: `assay serve`. It is written
from AWS's documentation and models (the reasons stand beside the rules), and imports nothing of the laws, the contract
or the target, so that where it and they agree, they agree for a reason.

    serve(port=4566)                         # blocks
    with BackgroundReference() as server:    # a process of its own on a free port
        boto3.client("codestar-connections", endpoint_url=server.endpoint_url, …)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.reference.background import BackgroundReference

if TYPE_CHECKING:
    from assay.reference.server import serve

__all__ = ["BackgroundReference", "serve"]


def __getattr__(name: str) -> object:
    """Load the server only where it is to run: whoever starts it in the background does not need it."""
    if name == "serve":
        from assay.reference.server import serve  # noqa: PLC0415

        return serve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
