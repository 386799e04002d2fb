"""Run the cases: an `assay run` for each, in a process of its own, in a folder of its own, several at a time.

What is tried is what a user types, so nothing of this process reaches a run but the words of its command line: no AWS
setting, no assay.toml. A run has bounded time, because a server that is wrong may also be endless; whoever outstays it
is asked to stop, then made to. The same happens to all of them when this process is told to stop, and what was learnt
until then is still returned.

What is read is results.json. The exit code is kept beside it, because for an impostor it is what counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from assay.settings import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from assay.selftest.cases import Case

__all__ = ["Ran", "Runner", "jobs_of_this_machine"]

_GRACE_S: Final = 60.0  # over the effort's own limit: start, shrinking, clean-up, and a busy machine
_PATIENCE_S: Final = 5.0  # between a wish to stop and the next, stronger one
_LAST_LINES: Final = 12
_WIDE: Final = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one run ended: its exit code, its results where it wrote any, what it said, and how long it took.

    `end` is `ended` for a run that came to its end, `timeout` for one that had to be stopped, `stopped` for one that
    was under way or had not begun when everything was stopped.
    """

    case: Case
    end: Literal["ended", "timeout", "stopped"]
    code: int | None = None
    results: Mapping[str, Any] | None = None
    said: tuple[str, ...] = ()
    seconds: float = 0.0


class Runner:
    """Runs cases, several at a time, until all are done or somebody says stop."""

    def __init__(self, *, effort: str, whole: bool, jobs: int, bound_s: float | None = None) -> None:
        self._effort = effort
        self._whole = whole
        self._jobs = max(1, jobs)
        self._bound_s = EFFORTS[effort].seconds + _GRACE_S if bound_s is None else bound_s
        self._stopping = threading.Event()

    def run(self, cases: Sequence[Case], on_end: Callable[[Ran], None]) -> list[Ran]:
        """Run the cases and tell of each when it has ended, from the calling thread; an interrupt stops them all.

        Returns:
            One for each case, in their order, also for those that did not come to run.

        """
        waiting: queue.SimpleQueue[tuple[int, Case]] = queue.SimpleQueue()
        for numbered in enumerate(cases):
            waiting.put(numbered)
        ended: queue.SimpleQueue[tuple[int, Ran]] = queue.SimpleQueue()
        done: dict[int, Ran] = {}
        with tempfile.TemporaryDirectory(prefix="assay-selftest-") as folder:
            workers = [
                threading.Thread(target=self._work, args=(waiting, ended, Path(folder)), daemon=True)
                for _ in range(min(self._jobs, len(cases)))
            ]
            with _interrupts_as(self.stop):
                for worker in workers:
                    worker.start()
                while len(done) < len(cases) and (any(worker.is_alive() for worker in workers) or not ended.empty()):
                    with contextlib.suppress(queue.Empty):
                        number, ran = ended.get(timeout=0.2)
                        done[number] = ran
                        on_end(ran)
                for worker in workers:
                    worker.join()
        return [done.get(number) or Ran(case=case, end="stopped") for number, case in enumerate(cases)]

    def stop(self) -> None:
        """Stop every run; `run` returns soon after."""
        self._stopping.set()

    @property
    def was_stopped(self) -> bool:
        """Did somebody say stop?"""
        return self._stopping.is_set()

    def _work(
        self,
        waiting: queue.SimpleQueue[tuple[int, Case]],
        ended: queue.SimpleQueue[tuple[int, Ran]],
        folder: Path,
    ) -> None:
        while not self._stopping.is_set():
            try:
                number, case = waiting.get_nowait()
            except queue.Empty:
                return
            place = folder / str(number)
            place.mkdir()
            ended.put((number, self._one(case, place)))
            shutil.rmtree(place, ignore_errors=True)

    def _one(self, case: Case, place: Path) -> Ran:
        began = time.monotonic()
        said = place / "said"
        with said.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own command
                self._command(case),
                cwd=place,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                process_group=None if sys.platform == "win32" else 0,  # a Ctrl-C of the terminal is for this process
            )
            end = self._waited_for(process, began + self._bound_s)
        return Ran(
            case=case,
            end=end,
            code=process.returncode,
            results=_results(place / ".assay" / "results.json"),
            said=tuple(said.read_text(encoding="utf-8", errors="replace").splitlines()[:_LAST_LINES]),
            seconds=round(time.monotonic() - began, 3),
        )

    def _command(self, case: Case) -> list[str]:
        until = [] if self._whole or case.kind != "mutant" else case.caught_by
        return [
            *(sys.executable, "-m", "assay", "run", *case.options),
            *("--effort", self._effort, "--seed", str(case.seed), "--quiet", "--no-color"),
            *(f"--until-broken={law}" for law in until),
        ]

    def _waited_for(self, process: subprocess.Popen[bytes], deadline: float) -> Literal["ended", "timeout", "stopped"]:
        while not self._stopping.is_set():
            try:
                process.wait(min(0.5, max(0.01, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                if time.monotonic() >= deadline:
                    _end(process)
                    return "timeout"
            else:
                return "ended"
        if process.poll() is None:
            _end(process)
            return "stopped"
        return "ended"


def jobs_of_this_machine() -> int:
    """How many runs to have at a time: one for each core that this process may use, and one for a run that waits.

    Some legal servers are slow on purpose, and a run against one of those leaves a core idle for a minute.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return cores + 1


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a run to stop, which cleans up behind it; ask again, which ends its child; then end it.

    Not by an interrupt: a shell has those ignored in what it starts in the background, and a run would inherit that.
    """
    for _ in range(2):
        with contextlib.suppress(OSError):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
            return
    process.kill()
    process.wait()


def _environment() -> dict[str, str]:
    """The caller's environment without what would lead a run elsewhere, or make it look different."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ASSAY_", "PYTEST_"))
    }
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**environment, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": _WIDE, "NO_COLOR": "1"}


def _results(place: Path) -> Mapping[str, Any] | None:
    try:
        results = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return results if isinstance(results, dict) else None


class _interrupts_as:  # noqa: N801 - used as a function, in a with statement
    """Within it, the signals that ask to stop call a function; only the main thread can be asked."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in self._numbers():
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, lambda *_: self._stop())

    def __exit__(self, *_: object) -> None:
        for number, earlier in self._before.items():
            signal.signal(number, earlier)

    @staticmethod
    def _numbers() -> Iterable[int]:
        found = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        return [number for number in found if number is not None]
