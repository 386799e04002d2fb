"""Hypothesis as the suite uses it: it draws, and nothing else. Failures are found and made small by the search."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["set_up_hypothesis"]


def set_up_hypothesis(examples: int) -> None:
    """No deadline, no shrinking; old failures lie in `database`, what Hypothesis derives in the user's cache.

    The examples that tests name are not Hypothesis' to run: they have a round of their own, before anything is drawn.
    """
    from hypothesis import HealthCheck, Phase  # noqa: PLC0415 - a slow import, needed by no --help
    from hypothesis import settings as profile  # noqa: PLC0415
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415

    set_hypothesis_home_dir(_cache_dir())
    profile.register_profile(
        "assay",
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    profile.load_profile("assay")


def _cache_dir() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    return Path(home) / "assay" if home else Path.home() / ".cache" / "assay"
