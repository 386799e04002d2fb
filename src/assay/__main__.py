"""`python -m assay`: the command line, where the `assay` script is not on the path."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from assay.cli import main

        code = main()
    except KeyboardInterrupt:  # before the command line was there to hear it
        code = 4
    sys.exit(code)
