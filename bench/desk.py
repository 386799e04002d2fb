"""`assay run` as a person starts it, timed from the outside: a process, a directory, a cache.

A desk is a fresh directory with a cache of its own, so that what a run leaves for the next (results, examples, what
Hypothesis derives once) is there for the desk's own runs and for no others, and nothing of the caller's is touched. The
AWS variables of the environment stay outside: a bench judges nobody's endpoint.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["Desk", "RunFailedError", "TimedRun", "fresh_desk"]

_OTHERS = ("AWS_", "PYTEST_", "ASSAY_")
_VERDICTS = frozenset({0, 1})


class RunFailedError(Exception):
    """A run came to no verdict."""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """A run that came to its end: seconds and processor seconds from start to exit, the exit code, the results."""

    seconds: float
    processor_seconds: float
    code: int
    results: Mapping[str, Any]

    @property
    def calls(self) -> int:
        """Every call of the run, by its own count."""
        total: int = self.results["calls"]["total"]
        return total


class Desk:
    """A directory to run assay in."""

    def __init__(self, place: Path, *, cache: Path | None = None) -> None:
        self.place = place
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
        self._environment["XDG_CACHE_HOME"] = str(cache or place / "cache")

    def run(self, *options: str, timeout: float, codes: Collection[int] = _VERDICTS) -> TimedRun:
        """Run assay with these options.

        Raises:
            RunFailedError: it ended with another of the exit codes, left no results, or did not end in time.

        """
        results = self.place / ".assay" / "results.json"
        results.unlink(missing_ok=True)
        command = [sys.executable, "-m", "assay", "run", "--quiet", *options]
        spent, started = _processor_seconds(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=self.place, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise RunFailedError(f"assay run {' '.join(options)} did not end within {timeout:.0f} s") from None
        except BaseException:
            _end(process)
            raise
        seconds = time.perf_counter() - started
        if process.returncode not in codes or not results.is_file():
            last = said.strip().splitlines()[-1:] or ["it said nothing"]
            raise RunFailedError(f"assay run {' '.join(options)}: exit code {process.returncode}: {last[0]}")
        document = json.loads(results.read_text(encoding="utf-8"))
        return TimedRun(seconds, _processor_seconds() - spent, process.returncode, document)


@contextmanager
def fresh_desk(*, cache: Path | None = None) -> Iterator[Desk]:
    """A desk where assay never ran, gone with the block; with a `cache`, by somebody who has run it elsewhere."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-", ignore_cleanup_errors=True) as place:
        yield Desk(Path(place), cache=cache)


def _processor_seconds() -> float:
    """What every child that ended has used, and its own children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _end(process: subprocess.Popen[str]) -> None:
    """Ask for the end, as a terminal would: the run deletes what it made, and takes its own children along."""
    for signum in (signal.SIGINT, signal.SIGINT):
        process.send_signal(signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=5)
            return
    process.kill()
    process.communicate()
