"""The child of a `BackgroundReference`: options come in, the URL goes out, and it ends when its input does.

For people there is `assay serve`.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from assay.errors import UsageError
from assay.reference.server import serve


def main() -> int:
    """Serve what the first line of standard input asks for."""
    options = json.loads(sys.stdin.readline() or "null")
    if options is None:
        print("assay.reference is started by assay itself; `assay serve` starts it for people", file=sys.stderr)  # noqa: T201
        return 2
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        serve(**options, announce=lambda url: _tell(endpoint_url=url), ignore_interrupts=True)
    except UsageError as error:
        _tell(error=error.message, hint=error.hint)
        return error.exit_code
    return 0


def _tell(**what: str | None) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the protocol with the parent


def _end_with_the_parent() -> None:
    while sys.stdin.read(4096):
        pass
    # At once: nobody is left to answer to, and what a state file should hold it has held since before each answer.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
