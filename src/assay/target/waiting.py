"""Wait until somebody listens at an endpoint: a server that a CI job has just started needs its seconds.

A connection that is taken is enough; nothing is sent over it. What the server then says, or that it never came up, is
the probe's to tell, so nothing is raised here.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.target.endpoint import Endpoint

__all__ = ["wait_for"]

_BETWEEN_S: Final = 0.25
_ONE_TRY_S: Final = 2.0


def wait_for(
    endpoint: Endpoint,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Return as soon as the endpoint takes a connection, and at the latest after so many seconds; did it take one?"""
    until = clock() + seconds
    while True:
        try:
            socket.create_connection((endpoint.host, endpoint.port), min(_ONE_TRY_S, max(seconds, 0.1))).close()
        except OSError:
            if clock() + _BETWEEN_S >= until:
                return False
            sleep(_BETWEEN_S)
        else:
            return True
