"""How a run hears that it shall stop: once, twice, and never too late."""

from __future__ import annotations

import signal

import pytest

from assay import interrupts
from assay.interrupts import Interrupts


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
