"""A run split over processes: pytest-xdist deals out the tests, and this makes one run of what becomes of them.

The process that leads starts the reference server, tells each worker what its share is, draws the one line of progress,
and puts the parts together. It sends nothing itself. A worker opens a session of its own: a probe, names and ledgers
under a prefix of its own, a part of the calls. When it has cleaned up it leaves its part in a folder that both know, so
that a part arrives whatever has become of the channel between them.

A wish to stop goes from the leader to every worker, once; so does the end of the search, by a file that they look for.
A worker that dies leaves no part, only its ledger: then the run is a fault of assay's, and `assay sweep` cleans up.
"""

from __future__ import annotations

import os
import pickle
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from assay.errors import HarnessError, UsageError
from assay.interrupts import held_back
from assay.parts import Part
from assay.share import Place, share_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from assay.run import Run
    from assay.settings import Settings

__all__ = ["Lead", "Lent", "Worker", "is_split", "refuse_to_split", "worker_of"]

_KEY: Final = "assay"
_STOP: Final = "stop"
_LOOK_S: Final = 0.02
_LAST_WORDS_S: Final = 10.0  # how long a worker may take after a second wish to stop
_NAMES: Final = 20_902


@dataclass(frozen=True, slots=True)
class Lent:
    """The reference server of the leader, as a worker has it: it is used, and neither started nor stopped."""

    endpoint_url: str
    ca_bundle: str | None

    def complaints(self) -> str:
        """The leader hears them."""
        return ""

    def stop(self) -> None:
        """The leader does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker is told: its settings and its place, the server that it may use, and where its part goes."""

    settings: Settings
    place: Place
    lent: Lent | None
    folder: str

    @property
    def is_over(self) -> bool:
        """Has the search ended, elsewhere?"""
        return Path(self.folder, _STOP).exists()

    def end_the_search(self) -> None:
        """Let no worker look any further."""
        with suppress(OSError):
            Path(self.folder, _STOP).touch()

    def begin(self) -> None:
        """Say which process this is, for the leader to tell it to stop; from now on it can be told."""
        Path(self.folder, f"{self.place.index}.pid").write_text(str(os.getpid()), encoding="ascii")
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def news(self, run: Run, law: str) -> dict[str, Any]:
        """What the leader draws its progress from, after a test."""
        book = run.session.search.book
        return {
            "worker": str(self.place.index),
            "calls": sum(book.calls_by_operation.values()),
            "found": [(finding.id, run.line_of(finding)) for finding in book.every()],
            "law": law,
        }

    def hand_in(self, part: Part) -> None:
        """Leave the part of this worker for the leader."""
        place = Path(self.folder, f"{self.place.index}.part")
        unfinished = place.with_suffix(".new")
        unfinished.parent.mkdir(parents=True, exist_ok=True)  # whoever took it away meanwhile
        unfinished.write_bytes(pickle.dumps(part))
        unfinished.replace(place)


def is_split(config: pytest.Config) -> bool:
    """Does this process lead others?"""
    return bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")


def refuse_to_split(settings: Settings) -> None:
    """Stop where several processes would only stand in each other's way.

    Raises:
        UsageError: the run is held to a plan, or a person has to be asked on the way.

    """
    if settings.is_planned:
        raise UsageError(
            "--workers splits what is slow for its computing, and this run is held to a plan and its pace",
            hint="leave out --workers",
        )
    if settings.handshake == "ask":
        raise UsageError("--handshake ask asks at one terminal, and --workers are several", hint="leave out --workers")


def worker_of(config: pytest.Config) -> Worker | None:
    """What this process was told as a worker; None where it is none."""
    told = getattr(config, "workerinput", {}).get(_KEY)
    worker = None if told is None else pickle.loads(told)  # noqa: S301 - from the process that started this one
    assert worker is None or isinstance(worker, Worker)
    return worker


class Lead:
    """The leader's side, as a plugin: it hears of workers and of their tests."""

    def __init__(self, run: Run) -> None:
        self._run = run
        place = Path(run.settings.report_dir)
        place.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=".parts-", dir=place)).resolve()
        self._offset = secrets.randbelow(_NAMES)
        self._nodes: list[Any] = []
        self._down: list[Any] = []
        self._calls: dict[str, int] = {}
        self._found: dict[str, None] = {}

    # -- xdist's hooks, and pytest's

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """Start the workers with SIGINT held back, until they know what to do with it."""
        with held_back():
            return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what it has to know."""
        run, reference = self._run, self._run.reference
        place = Place(
            index=len(self._nodes), of=node.workerinput["workercount"], origin=run.session.origin, offset=self._offset
        )
        worker = Worker(
            settings=share_of(run.settings, place),
            place=place,
            lent=None if reference is None else Lent(reference.endpoint_url, reference.ca_bundle),
            folder=str(self._folder),
        )
        self._nodes.append(node)
        node.workerinput[_KEY] = pickle.dumps(worker)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Hear how many tests there are."""
        self._run.tests = len(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Where a worker dies, what it found is lost: no other needs to look any further."""
        self._down.append(node)
        if error:
            (self._folder / _STOP).touch()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Draw the progress of all from what a worker says of its own."""
        said = getattr(report, "assay", None)
        if report.when != "call" or not isinstance(said, dict):
            return
        run = self._run
        run.tests_done += 1
        self._calls[said["worker"]] = said["calls"]
        for id_, line in said["found"]:
            if id_ not in self._found:
                self._found[id_] = None
                run.progress.line(line)
        run.progress.step(run.tests_done, run.tests, sum(self._calls.values()), len(self._found), said["law"])

    # -- the end

    def gather(self) -> list[Part]:
        """The parts of all workers, which are told to end where they have not."""
        run = self._run
        if run.interrupts.is_wished:
            (self._folder / _STOP).touch()
            self._tell_to_stop()
        for node in self._nodes:
            with suppress(OSError):
                node.shutdown()
        try:
            with run.interrupts.cleaning():
                self._wait(float("inf"))
        except KeyboardInterrupt:
            self._tell_to_stop()
            self._wait(_LAST_WORDS_S)
        parts = [self._part(index) for index in range(len(self._nodes))]
        missing = sum(part is None for part in parts)
        if missing and run.trouble is None:
            run.trouble = HarnessError(
                f"{missing} of {len(parts)} workers ended without a word",
                hint="if they had created anything, `assay sweep` removes it",
            )
        return [part for part in parts if part is not None]

    def close(self) -> None:
        """Remove what workers left for this process."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(map(self._is_awaited, range(len(self._nodes)))):
            time.sleep(_LOOK_S)

    def _is_awaited(self, index: int) -> bool:
        node = self._nodes[index]
        is_here = (self._folder / f"{index}.part").exists()
        return not (is_here or node in self._down or not node.gateway.hasreceiver())

    def _part(self, index: int) -> Part | None:
        try:
            part = pickle.loads((self._folder / f"{index}.part").read_bytes())  # noqa: S301 - our own worker's
        except OSError:
            return None
        assert isinstance(part, Part)
        return part

    def _tell_to_stop(self) -> None:
        for index in range(len(self._nodes)):
            with suppress(OSError, ValueError):
                if self._is_awaited(index):
                    os.kill(int((self._folder / f"{index}.pid").read_text(encoding="ascii")), signal.SIGINT)
