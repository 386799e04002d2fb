"""How a run hears that it shall stop: once, twice, and never too late."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assay import interrupts
from assay.interrupts import Interrupts

if TYPE_CHECKING:
    from pathlib import Path


def hear(wishes: Interrupts) -> None:
    wishes(signal.SIGINT, None)


def test_a_wish_that_was_swallowed_is_raised_again() -> None:
    """A callback may swallow what a handler of signals raises; the search asks before each program."""
    wishes = Interrupts()
    wishes.insist()
    with pytest.raises(KeyboardInterrupt):
        hear(wishes)
    with pytest.raises(KeyboardInterrupt):
        wishes.insist()


def test_two_signals_in_a_moment_are_one_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later one ends the clean-up, and one that comes after it nothing at all."""
    wishes = Interrupts()
    with pytest.raises(KeyboardInterrupt):
        hear(wishes)
    with pytest.raises(KeyboardInterrupt), wishes.cleaning():  # noqa: PT012 - the last of three wishes is the one
        hear(wishes)
        monkeypatch.setattr(interrupts, "_SAME_WISH_S", 0.0)
        hear(wishes)
    hear(wishes)


def test_the_clean_up_at_the_end_of_a_run_is_not_ended_by_one_wish() -> None:
    """It is what the person who interrupts would have wanted next."""
    wishes = Interrupts()
    with wishes.cleaning():
        hear(wishes)


_WHILE_A_REPORT_IS_MADE = """
import os, signal
from _pytest.reports import TestReport
made, report = [], TestReport.from_item_and_call.__func__
def interrupted(cls, item, call):
    made.append(item)
    if len(made) == 12:
        os.kill(os.getpid(), signal.SIGINT)
    return report(cls, item, call)
TestReport.from_item_and_call = classmethod(interrupted)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_wish_while_pytest_makes_a_report_is_no_fault(tmp_path: Path) -> None:
    """Hypothesis has a hook of the old style there, and pluggy warns where something is raised through it."""
    (tmp_path / "sitecustomize.py").write_text(_WHILE_A_REPORT_IS_MADE, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    words = ["run", "--effort", "quick", "--report-dir", str(tmp_path / "out")]
    ended = subprocess.run(
        [sys.executable, "-m", "assay", *words],
        env={**os.environ, "PYTHONPATH": path},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "the run was interrupted" in ended.stdout
