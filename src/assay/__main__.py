"""`python -m assay`: the command line, where the `assay` script is not on the path."""

from __future__ import annotations

import sys

from assay.cli import main

if __name__ == "__main__":
    sys.exit(main())
